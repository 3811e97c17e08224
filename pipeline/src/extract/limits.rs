//! How much a delivery may hold: the limits of rule V01, which keep what is broken or hostile from filling the memory or
//! the night.

use arrow::array::{Array, OffsetSizeTrait, StringArray};
use arrow::buffer::OffsetBuffer;
use earlycall_schemas::rules::rule;
use earlycall_schemas::table::ColumnSpec;

use crate::error::{Error, Result};
use crate::extract::manifest::{FileEntry, Manifest};
use crate::extract::raw::{Cells, RawBatch};
use crate::extract::refusal::broken;
use crate::settings::Rules;

/// The limits of rule V01, as a service has them.
#[derive(Clone, Debug, Default)]
pub(super) struct Limits(Rules);

impl Limits {
    pub fn of(rules: &Rules) -> Limits {
        Limits(rules.clone())
    }

    /// A limit, by the name under which it is declared.
    pub fn most(&self, name: &str) -> u64 {
        self.0.limit("V01", name) as u64
    }

    /// # Errors
    /// There is more than the limit allows.
    pub fn hold(&self, name: &'static str, n: u64) -> Result<()> {
        if n > self.most(name) { Err(self.exceeded(name)) } else { Ok(()) }
    }

    /// The refusal of what exceeds a limit.
    pub fn exceeded(&self, name: &'static str) -> Error {
        let declared = &rule("V01").and_then(|rule| rule.limits.get(name)).expect("a declared limit").means;
        let message = format!("exceeds the limit `{name}` = {} ({})", self.most(name), declared.trim_end_matches('.'));
        broken(message, format!("if it is what was meant, raise `[rules.V01] {name}`; else have it sent again"))
    }

    /// # Errors
    /// The manifest names more files, or more rows of a file, than the limits allow.
    pub fn hold_manifest(&self, manifest: &Manifest) -> Result<()> {
        self.hold("files", manifest.files.len() as u64)?;
        let hold = |file: &FileEntry| self.hold("rows", file.row_count).map_err(|error| error.also(&file.file));
        manifest.files.iter().try_for_each(hold)
    }

    /// Holds the cells of a batch, one for each of `specs`, against the limits.
    ///
    /// # Errors
    /// A cell, or a list in one, is longer than it may be: the first row of the batch with one, from 0, its column, and why.
    pub fn hold_cells<'a>(
        &self,
        specs: impl Iterator<Item = &'a ColumnSpec>,
        batch: &RawBatch,
    ) -> Result<(), (usize, &'a ColumnSpec, Error)> {
        let (cell_bytes, list_elements) = (self.most("cell_bytes"), self.most("list_elements"));
        let mut first: Option<(usize, &ColumnSpec, &str)> = None;
        for (spec, cells) in specs.zip(&batch.columns) {
            if let Cells::Ids(ids) = cells {
                let is_long = |text: &str| text.len() as u64 > cell_bytes;
                let row = ids.texts.as_ref().and_then(|pieces| pieces.texts().position(is_long));
                let row = row.filter(|row| first.is_none_or(|(first, ..)| *row < first));
                first = row.map(|row| (row, spec, "cell_bytes")).or(first);
                continue;
            }
            let (texts, place): (&StringArray, &dyn Fn(usize) -> Option<usize>) = match cells {
                Cells::Text(texts) => (texts, &Some),
                // A long value may be left over from an earlier batch, and no row of this one have it.
                Cells::Coded(coded) => {
                    (coded.values().as_any().downcast_ref().expect("the values are text"), &|value| {
                        coded.keys().iter().position(|key| key == Some(value as i32))
                    })
                }
                _ => continue,
            };
            let mut note = |value: usize, name| {
                let row = place(value).filter(|row| first.is_none_or(|(first, ..)| *row < first));
                first = row.map(|row| (row, spec, name)).or(first);
            };
            longer_than(cell_bytes, texts.offsets()).for_each(|value| note(value, "cell_bytes"));
            if spec.list {
                // More elements than this need as many bytes, which next to no cell has.
                longer_than(list_elements, texts.offsets())
                    .filter(|&value| texts.value(value).split('|').count() as u64 > list_elements)
                    .for_each(|value| note(value, "list_elements"));
            }
        }
        first.map_or(Ok(()), |(row, spec, name)| Err((row, spec, self.exceeded(name))))
    }
}

/// Which texts have as many bytes or more.
fn longer_than<O: OffsetSizeTrait>(bytes: u64, ends: &OffsetBuffer<O>) -> impl Iterator<Item = usize> {
    let lengths = || ends.windows(2).map(|ends| (ends[1] - ends[0]).as_usize() as u64);
    // The longest of all is found many at a time; next to never is it too long.
    let is_any = lengths().fold(0, u64::max) > bytes;
    let looked_at = if is_any { ends.len() - 1 } else { 0 };
    lengths().enumerate().take(looked_at).filter(move |(_, length)| *length > bytes).map(|(at, _)| at)
}
