//! Who objects, by the newest delivery, and when the lists were last checked.

use std::collections::{BTreeMap, BTreeSet};

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{Int32Type, TimestampSecondType},
};

use crate::{
    day::{Day, Instant},
    error::Result,
    history::{
        View,
        archive::Archive,
        bucket::BUCKETS,
        ledger::Ledger,
        order::in_order,
        read::Reader,
        records::{Objection, PersonKey},
    },
    objections::{
        Kind,
        trust::{ListState, Lists},
    },
};

/// Everybody whose newest entry of some kind is a dissent, with these kinds; of two entries of one moment the dissent
/// counts.
pub type Objectors = BTreeMap<PersonKey, BTreeSet<Kind>>;

/// Who objects, by the settled list.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when a segment cannot be read.
pub fn objectors(archive: &Archive, ledger: &Ledger, threads: usize) -> Result<Objectors> {
    let now = Day(i32::MAX - 1);
    let view = View { index_date: now, known_by: now, agreements: BTreeMap::new() };
    let of_buckets = in_order(threads, BUCKETS, |bucket| {
        let people = &archive.people[bucket];
        let reader = Reader { archive, suppliers: &ledger.suppliers, bucket, view: &view, only: None };
        let mut newest: BTreeMap<(u32, Kind), (Instant, bool)> = BTreeMap::new();
        reader.rows::<Objection>(&vec![true; people.len()], |number, rows| {
            for row in rows.drain(..) {
                let Some(kind) = Kind::from_code(row.objection.as_str()) else { continue };
                let now = (row.recorded_at, row.is_dissent);
                let latest = newest.entry((number, kind)).or_insert(now);
                *latest = now.max(*latest);
            }
        })?;
        let dissenting = newest.into_iter().filter(|(_, (_, is_dissent))| *is_dissent);
        Ok(dissenting.map(|((number, kind), _)| (people[number as usize], kind)).collect::<Vec<_>>())
    })?;
    let mut objectors = Objectors::new();
    for (person, kind) in of_buckets.into_iter().flatten() {
        objectors.entry(person).or_default().insert(kind);
    }
    Ok(objectors)
}

/// The lists as they stand, given when each was last checked.
pub fn lists(objectors: &Objectors, checked: &BTreeMap<Kind, Day>) -> Lists {
    let mut lists: Lists =
        checked.iter().map(|(kind, day)| (*kind, ListState { dissents: 0, checked_on: Some(*day) })).collect();
    for kind in objectors.values().flatten() {
        lists.entry(*kind).or_default().dissents += 1;
    }
    lists
}

/// Takes from rows of `opt_outs` when the list of each kind was last checked at its source.
pub fn learn_checks(rows: &RecordBatch, checked: &mut BTreeMap<Kind, Day>) {
    let column = |name: &str| rows.column_by_name(name).expect("a column that is read");
    let kinds = column("objection").as_dictionary::<Int32Type>();
    let words = kinds.values().as_string::<i32>();
    let at = column("checked_at").as_primitive::<TimestampSecondType>();
    for row in (0..rows.num_rows()).filter(|row| at.is_valid(*row) && kinds.is_valid(*row)) {
        let Some(kind) = Kind::from_code(words.value(kinds.keys().value(row) as usize)) else { continue };
        let day = Day::of(Instant(at.value(row)));
        let newest = checked.entry(kind).or_insert(day);
        *newest = day.max(*newest);
    }
}
