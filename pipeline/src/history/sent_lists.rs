//! What a delivery says of the lists of objections, beside what the same suppliers have said before.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    day::Day,
    error::Result,
    extract::Accepted,
    history::{
        View,
        archive::Archive,
        bucket::BUCKETS,
        decode::SuppliedObjection,
        ledger::Ledger,
        objectors::{Newest, learn_checks},
        order::in_order,
        read::Reader,
        records::PersonKey,
    },
    objections::{
        Kind,
        sent::{Named, SentLists},
    },
};

/// The lists of one supplier as they arrive.
#[derive(Debug)]
pub struct ArrivingLists {
    supplier: String,
    is_full: bool,
    people: BTreeMap<Kind, BTreeSet<PersonKey>>,
    /// When each was last checked at its source.
    checked: BTreeMap<Kind, Day>,
}

/// Of whom each supplier has an entry that stands, by its number and the kind.
#[derive(Debug)]
pub struct Standing(BTreeMap<(u32, Kind), BTreeSet<PersonKey>>);

impl ArrivingLists {
    /// The lists in accepted rows of `opt_outs`, of which these are the newest entries.
    pub fn of(accepted: &Accepted, newest: &Newest) -> ArrivingLists {
        let mut people: BTreeMap<Kind, BTreeSet<PersonKey>> = BTreeMap::new();
        for (person, kind) in newest.keys() {
            people.entry(*kind).or_default().insert(*person);
        }
        let mut checked = BTreeMap::new();
        accepted.rows.iter().for_each(|rows| learn_checks(rows, &mut checked));
        ArrivingLists { supplier: accepted.provider.clone(), is_full: accepted.is_full, people, checked }
    }

    /// Their numbers, beside what stood before they came.
    pub fn beside(self, standing: &Standing, ledger: &Ledger) -> SentLists {
        let nobody = BTreeSet::new();
        let number = ledger.supplier_of(&self.supplier).expect("the delivery's suppliers are noted before");
        let named = |(kind, people): (&Kind, &BTreeSet<PersonKey>)| {
            let known = standing.0.get(&(number, *kind)).unwrap_or(&nobody);
            let named = Named {
                people: people.len() as u64,
                again: people.intersection(known).count() as u64,
                known: known.len() as u64,
                checked_on: self.checked.get(kind).copied(),
            };
            (*kind, named)
        };
        let kinds = self.people.iter().map(named).collect();
        SentLists { supplier: self.supplier, is_full: self.is_full, kinds }
    }
}

/// When the list of each kind was last checked, of those that a delivery has.
pub fn checked(lists: &[ArrivingLists]) -> BTreeMap<Kind, Day> {
    let mut checked: BTreeMap<Kind, Day> = BTreeMap::new();
    for (kind, day) in lists.iter().flat_map(|list| &list.checked) {
        let newest = checked.entry(*kind).or_insert(*day);
        *newest = (*day).max(*newest);
    }
    checked
}

impl Standing {
    /// Reads what is settled.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a segment cannot be read.
    pub fn of(archive: &Archive, ledger: &Ledger, threads: usize) -> Result<Standing> {
        let now = Day(i32::MAX - 1);
        let view = View { index_date: now, known_by: now, agreements: BTreeMap::new() };
        let of_buckets = in_order(threads, BUCKETS, |bucket| {
            let people = &archive.people[bucket];
            let reader = Reader { archive, suppliers: &ledger.suppliers, bucket, view: &view, only: None };
            let mut entries = Vec::new();
            reader.rows::<SuppliedObjection>(&vec![true; people.len()], |number, rows| {
                let of_kind = rows.drain(..).filter_map(|SuppliedObjection(supplier, kind)| {
                    Some(((supplier, Kind::from_code(kind.as_str())?), people[number as usize]))
                });
                entries.extend(of_kind);
            })?;
            Ok(entries)
        })?;
        let mut standing: BTreeMap<(u32, Kind), BTreeSet<PersonKey>> = BTreeMap::new();
        for (of, person) in of_buckets.into_iter().flatten() {
            standing.entry(of).or_default().insert(person);
        }
        Ok(Standing(standing))
    }
}
