//! Who objects, by the newest delivery, and when the lists were last checked.

use std::collections::BTreeMap;

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
        self, Kind, keep_newest,
        trust::{ListState, Lists},
    },
};

/// Of each person and kind the newest entry, as [`keep_newest`] has it.
pub type Newest = objections::Newest<(PersonKey, Kind)>;

/// The newest entries of the settled list.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when a segment cannot be read.
pub fn settled(archive: &Archive, ledger: &Ledger, threads: usize) -> Result<Newest> {
    let now = Day(i32::MAX - 1);
    let view = View { index_date: now, known_by: now, agreements: BTreeMap::new() };
    let of_buckets = in_order(threads, BUCKETS, |bucket| {
        let people = &archive.people[bucket];
        let reader = Reader { archive, suppliers: &ledger.suppliers, bucket, view: &view, only: None };
        let mut newest: objections::Newest<(u32, Kind)> = BTreeMap::new();
        reader.rows::<Objection>(&vec![true; people.len()], |number, rows| {
            for row in rows.drain(..) {
                let Some(kind) = Kind::from_code(row.objection.as_str()) else { continue };
                keep_newest(&mut newest, (number, kind), (row.recorded_at, row.is_dissent));
            }
        })?;
        let keyed = newest.into_iter().map(|((number, kind), entry)| ((people[number as usize], kind), entry));
        let mut keyed: Vec<_> = keyed.collect();
        keyed.sort_unstable_by_key(|(of, _)| *of);
        Ok(keyed)
    })?;
    // Buckets are in the order of keys, so that mostly all are in order now: a map of them is made at once. Whoever moved
    // with a merged record is known in two buckets, and has rows that count in one.
    let mut all = of_buckets.concat();
    all.sort_by_key(|(of, _)| *of);
    all.dedup_by(|(of, said), (kept, latest)| {
        let is_same = of == kept;
        *latest = if is_same { *said.max(latest) } else { *latest };
        is_same
    });
    Ok(all.into_iter().collect())
}

/// Of two lists of newest entries those that are the newest of both.
pub fn together(one: Newest, other: Newest) -> Newest {
    let (mut newest, shorter) = if one.len() < other.len() { (other, one) } else { (one, other) };
    shorter.into_iter().for_each(|(of, said)| keep_newest(&mut newest, of, said));
    newest
}

/// The newest entries among rows of `opt_outs` that arrive.
pub fn arriving(rows: &[RecordBatch]) -> Newest {
    let mut newest = Newest::new();
    for rows in rows {
        let words = |name: &str| {
            let column = rows.column_by_name(name).expect("a column of the table").as_dictionary::<Int32Type>();
            let (at, values) = (column.keys(), column.values().as_string::<i32>());
            move |row: usize| values.value(at.value(row) as usize)
        };
        let (person_id, objection, status) = (words("person_id"), words("objection"), words("status"));
        let recorded_at = rows.column_by_name("recorded_at").expect("a column of the table");
        let recorded_at = recorded_at.as_primitive::<TimestampSecondType>();
        for row in 0..rows.num_rows() {
            let (Some(person), Some(kind)) = (PersonKey::parse(person_id(row)), Kind::from_code(objection(row))) else {
                continue;
            };
            let said = (Instant(recorded_at.value(row)), status(row) != "withdrawn");
            keep_newest(&mut newest, (person, kind), said);
        }
    }
    newest
}

/// The lists as they stand, given when each was last checked. A kind without an entry has no list.
pub fn lists(newest: &Newest, checked: &BTreeMap<Kind, Day>) -> Lists {
    let mut lists = Lists::new();
    for ((_, kind), (_, is_dissent)) in newest {
        let list =
            lists.entry(*kind).or_insert_with(|| ListState { dissents: 0, checked_on: checked.get(kind).copied() });
        list.dissents += u64::from(*is_dissent);
    }
    lists
}

/// How many people of each kind dissented before and do so no more, though no later entry takes it back. Whoever was merged
/// into another record dissents where that one does, or where the one does into which all of theirs were merged.
pub fn vanished(before: &Newest, now: &Newest, ledger: &Ledger) -> BTreeMap<Kind, u64> {
    let mut vanished = BTreeMap::new();
    for ((person, kind), (said_at, _)) in before.iter().filter(|(_, (_, is_dissent))| *is_dissent) {
        let merged = &ledger.merged;
        let records = [*person, merged.survivor(*person), merged.group(*person), merged.last_named(*person)];
        let entries = records.map(|of| now.get(&(of, *kind)));
        let is_told = |(at, is_dissent): &(Instant, bool)| *is_dissent || at > said_at;
        if !entries.into_iter().flatten().any(is_told) {
            *vanished.entry(*kind).or_default() += 1;
        }
    }
    vanished
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_of_two_lists_is_the_newest_of_both_whichever_is_the_longer() {
        let person = |n: u8| PersonKey::parse(&format!("{n:064x}")).unwrap();
        let list = |entries: &[(u8, i64, bool)]| -> Newest {
            entries.iter().map(|(n, at, said)| ((person(*n), Kind::Type1), (Instant(*at), *said))).collect()
        };
        let (short, long) = (list(&[(1, 20, true)]), list(&[(1, 10, false), (2, 10, true)]));
        let both = list(&[(1, 20, true), (2, 10, true)]);
        assert_eq!(together(short.clone(), long.clone()), both);
        assert_eq!(together(long, short), both);
    }
}
