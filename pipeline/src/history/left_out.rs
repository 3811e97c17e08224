//! What a full delivery leaves out: tables of providers that came with the rest of it the time before. Their rows stand, for
//! a full delivery replaces what it brings and nothing else; and nobody would notice that they grow old.

use std::collections::BTreeSet;

use crate::{
    day::{Day, Instant},
    extract::manifest::{FileEntry, Manifest, Mode},
    history::ledger::Ledger,
};

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

    /// Everything that is left out, by table and provider.
    pub fn left_out(&self) -> impl Iterator<Item = LeftOut<'_>> {
        self.supplies.iter().filter_map(|(key, supply)| {
            let (table, provider) = key.split_once('/')?;
            let newest = Day::of(Instant::parse(&supply.newest)?);
            Some(LeftOut { table, provider, on: supply.left_out_on?, newest })
        })
    }
}
