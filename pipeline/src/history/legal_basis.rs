//! Optional tables without a legal basis (R4): what a delivery brings of them is not opened, and what was settled while
//! there was one is gone with the next generation.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::table::tables;

use crate::{extract::delivery::DeliveryFolder, history::ledger::Ledger, settings::LegalBases};

impl Ledger {
    /// Forgets the tables that may not be read: their segments are none of this generation's any more, and nothing is
    /// expected of whoever sent them. Tells how many rows of each counted.
    pub fn withdraw(&mut self, bases: &LegalBases) -> BTreeMap<String, u64> {
        let mut withdrawn = BTreeMap::new();
        for name in tables().iter().filter(|table| !bases.allow(table)).map(|table| &table.name) {
            let segments = self.segments.remove(name).unwrap_or_default();
            let rows = self.rows.remove(name).unwrap_or(0);
            if !segments.is_empty() {
                withdrawn.insert(name.clone(), rows);
            }
            let of_table = format!("{name}/");
            self.supplies.retain(|key, _| !key.starts_with(&of_table));
            self.gaps.retain(|gap| gap.table != *name);
            self.part_read.retain(|one| one.table != *name);
            self.withheld.remove(name);
            for brought in [&mut self.brought, &mut self.founded].into_iter().flatten() {
                brought.remove(name);
            }
        }
        withdrawn
    }
}

/// What is not read of deliveries, in one sentence, and what is read no longer, one for each table.
pub fn in_words<'a>(
    folders: impl Iterator<Item = &'a DeliveryFolder>,
    withdrawn: &BTreeMap<String, u64>,
) -> Vec<String> {
    let entries = folders.flat_map(|folder| &folder.unread);
    let tables: BTreeSet<&str> = entries.map(|entry| entry.table.as_str()).collect();
    let unread = tables.first().map(|first| {
        let names = tables.iter().copied().collect::<Vec<_>>().join(", ");
        let (is, them) = if tables.len() == 1 { ("is", "it") } else { ("are", "them") };
        format!(
            "{names} came with the delivery and {is} not read: no legal basis for {them} stands in [feeds]; where there is \
             one, name it under [feeds.{first}], else have nothing of the kind sent"
        )
    });
    let withdrawn = withdrawn.iter().map(|(table, n)| {
        format!(
            "{table} is read no longer, for its legal basis is gone from [feeds]: its {n} rows count no more, and the next \
             night that is published removes them"
        )
    });
    unread.into_iter().chain(withdrawn).collect()
}
