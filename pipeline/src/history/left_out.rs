//! What a full delivery leaves out: tables of providers that came with the rest of it the time before. Their rows stand, for
//! a full delivery replaces what it brings and nothing else; and nobody would notice that they grow old.

use std::collections::BTreeSet;

use earlycall_schemas::table::TableKind;

use crate::{
    day::{Day, Instant},
    extract::{
        Admitted,
        manifest::{FileEntry, Manifest, Mode},
    },
    history::ledger::Ledger,
};

/// The count of beds.
const BEDS: &str = "inpatients_now";

/// A table of a provider that full deliveries leave out, and of which nothing has been sent since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut<'a> {
    /// The table.
    pub table: &'a str,
    /// Whose rows they are.
    pub provider: &'a str,
    /// The day of the first full delivery without them.
    pub on: Day,
    /// The day of the newest extract that had some.
    pub newest: Day,
}

impl Ledger {
    /// Notes what a delivery leaves out, and what it brings that others had left out. To be called once its supplies are
    /// noted.
    ///
    /// Several senders may have deliveries of their own, so a full delivery is held only against those that brought what
    /// it brings: what came in one with it is expected again. A file that is refused has been sent.
    pub fn note_left_out(&mut self, manifest: &Manifest) {
        let key = |file: &FileEntry| format!("{}/{}", file.table, manifest.provider_of(file));
        let sent: BTreeSet<String> = manifest.files.iter().map(key).collect();
        let supplies = || sent.iter().filter_map(|key| self.supplies.get(key));
        let before: BTreeSet<String> = supplies().filter_map(|supply| supply.full_in.clone()).collect();
        let is_full = manifest.delivery == Mode::Full;
        for (key, supply) in &mut self.supplies {
            let is_sent = sent.contains(key);
            let came_with_it = supply.full_in.as_ref().is_some_and(|id| before.contains(id)) && supply.full_rows > 0;
            if is_sent {
                supply.left_out_on = None;
            } else if is_full && came_with_it {
                supply.left_out_on.get_or_insert(Day::of(manifest.extracted_at));
            }
            if is_full && (is_sent || came_with_it) {
                supply.full_in = Some(manifest.extract_id.clone());
            }
        }
    }

    /// Tables of providers that begin with rows that only add, in the order of a delivery's tables: of whoever has never sent
    /// any of a table about persons, what was before is known to nobody. A list of objections may be one of changes alone,
    /// beds are counted anew every day, and of a feed that was refused before it is known that it is lacking.
    pub fn founded_on_nothing(&self, tables: &[Admitted]) -> Vec<(String, String)> {
        let is_known = |table: &str, provider: &str| {
            let is_lacking = self.gaps.iter().any(|gap| (&*gap.table, &*gap.provider) == (table, provider));
            is_lacking || self.supply(table, provider).is_some()
        };
        let begins = |admitted: &&Admitted| {
            let Admitted { table, provider, is_full, is_history, .. } = *admitted;
            let has_past = matches!(table.kind, TableKind::State | TableKind::Clinical) && table.name != BEDS;
            has_past && !is_full && !is_history && !is_known(&table.name, provider)
        };
        tables.iter().filter(begins).map(|of| (of.table.name.clone(), of.provider.clone())).collect()
    }

    /// Everything that is left out, by table and provider.
    pub fn left_out(&self) -> impl Iterator<Item = LeftOut<'_>> {
        self.supplies.iter().filter_map(|(key, supply)| {
            let (table, provider) = key.split_once('/')?;
            let newest = Day::of(Instant::parse(&supply.newest)?);
            Some(LeftOut { table, provider, on: supply.left_out_on?, newest })
        })
    }
}
