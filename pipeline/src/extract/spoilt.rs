//! Columns of a file of which much could not be read: what a spreadsheet, or another coding system, leaves of them
//! (SPOILT).

use std::collections::BTreeSet;

use arrow::array::{Array, ArrayRef};
use earlycall_schemas::rules::{Action, form_rule};
use earlycall_schemas::table::{ColumnSpec, Presence};

use crate::extract::Admitted;
use crate::extract::raw::RawBatch;
use crate::quality::faults::Faults;
use crate::quality::finding::{Finding, percent};
use crate::quality::report::{FileQuality, Unread};
use crate::quality::tally::Rule;
use crate::settings::Settings;

const RULE: Rule = "SPOILT";

/// The cells of the columns of a file, counted batch by batch.
pub(super) struct Cells {
    specs: Vec<&'static ColumnSpec>,
    counts: Vec<Count>,
}

#[derive(Clone, Copy, Default)]
struct Count {
    read: u64,
    unread: u64,
    /// The rule that the first cell breaks that could not be read.
    rule: Option<Rule>,
}

impl Cells {
    pub fn of(specs: &[&'static ColumnSpec]) -> Cells {
        Cells { specs: specs.to_vec(), counts: vec![Count::default(); specs.len()] }
    }

    /// Counts a batch as it was sent and as it was read, before any other rule empties a cell.
    pub fn count(&mut self, sent: &RawBatch, read: &[ArrayRef], faults: &Faults) {
        for (count, column) in self.counts.iter_mut().zip(read) {
            count.read += (column.len() - column.null_count()) as u64;
        }
        // Of a list, several elements may be at fault.
        let mut seen = BTreeSet::new();
        for (row, fault) in faults.of_cells() {
            let Some(at) = self.specs.iter().position(|spec| spec.name == fault.column) else { continue };
            let is_of_form = fault.rule == form_rule(self.specs[at]).id || fault.rule == "RANGE";
            // An empty cell costs its row where there must be one, unless something else stands for it: then it counts here.
            let is_empty = fault.rule == "NULL" && self.specs[at].otherwise.is_some();
            let is_lost = (is_empty || is_of_form && sent.columns[at].is_filled(row)) && read[at].is_null(row);
            if is_lost && seen.insert((at, row)) {
                self.counts[at].unread += 1;
                self.counts[at].rule.get_or_insert(fault.rule);
            }
        }
    }

    /// The columns with cells that could not be read; `name_of` says how the supplier calls one.
    pub fn unread(&self, name_of: impl Fn(&'static str) -> &'static str) -> Vec<Unread> {
        let columns = self.specs.iter().zip(&self.counts);
        let unread = columns.filter_map(|(spec, count)| {
            Some(Unread {
                column: name_of(&spec.name),
                rule: count.rule?,
                filled: count.read + count.unread,
                unread: count.unread,
                is_needed: spec.used && stays_without(spec),
            })
        });
        unread.collect()
    }
}

/// Whether a row stays that has a cell of the column which cannot be read.
fn stays_without(spec: &ColumnSpec) -> bool {
    let is_emptied = spec.list || form_rule(spec).action_in(spec.presence) == Action::Fix;
    spec.otherwise.is_some() || (is_emptied && spec.presence != Presence::M)
}

/// A file of which a column is spoilt: the one that weighs most, and how many more there are.
pub(super) fn finding(admitted: &Admitted, settings: &Settings) -> Option<Finding> {
    let limit = |name| settings.rules.limit(RULE, name);
    let (said, refused) = (limit("said_share"), limit("refused_share"));
    let are_many = |column: &Unread| column.unread as f64 >= limit("cells_min");
    // A few cells are no share to refuse by. That not one of them can be read is worth a word all the same.
    let is_whole = |column: &Unread| column.unread == column.filled && column.unread as f64 >= limit("whole_min");
    let refuses = |column: &Unread| column.is_needed && are_many(column) && column.share() > refused;
    let is_spoilt = |column: &Unread| (are_many(column) || is_whole(column)) && column.share() > said;
    let mut spoilt: Vec<(&str, &Unread)> = Vec::new();
    for FileQuality { file, unread, .. } in &admitted.files {
        spoilt.extend(unread.iter().filter(|column| is_spoilt(column)).map(|column| (file.as_str(), column)));
    }
    // The sort is stable: of equals the first in the order of the files stands.
    spoilt.sort_by(|(_, a), (_, b)| (refuses(b), b.share()).partial_cmp(&(refuses(a), a.share())).expect("no NaN"));
    let (file, worst) = spoilt.first()?;
    let above = if refuses(worst) { refused } else { said };
    // A refusal ends with what the rule says to do; a warning must say it itself.
    let what_to_do = if refuses(worst) { "" } else { "; ask for the file again with this column as text" };
    let Unread { column, rule, filled, .. } = worst;
    let share = percent(worst.share());
    let more = match spoilt.len() {
        1 => String::new(),
        2 => "; so is 1 more column".to_owned(),
        n => format!("; so are {} more columns", n - 1),
    };
    Some(Finding {
        rule: RULE,
        action: if refuses(worst) { Action::File } else { Action::Warn },
        table: admitted.table.name.clone(),
        provider: Some(admitted.provider.clone()),
        message: format!(
            "{column} is spoilt in {file}: {share} of its {filled} cells cannot be read ({rule}), \
             more than {}{more}{what_to_do}",
            percent(above)
        ),
    })
}
