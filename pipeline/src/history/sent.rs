//! Sent: whether `patients` has a row of a record that mergers name, once a delivery is settled. A survivor that it does
//! not have stands for nobody.

use std::collections::{BTreeSet, HashSet};

use crate::{
    day::Day,
    error::Result,
    extract::Accepted,
    history::{
        View, archive::Archive, bucket::BUCKETS, decode::Supplied, ledger::Ledger, merge::Keys, order::in_order,
        person_map::PersonSet, read::Reader, records::PersonKey,
    },
};

/// Of some records, those of which `patients` has a row once these rows have arrived: one that arrives, or one that is
/// settled and that no full list replaces. `ledger` is that of before, with the delivery's suppliers.
///
/// A row that is withheld because its person objects counts as sent: of its group nobody is called in any case.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when a segment cannot be read.
pub fn sent(
    records: &PersonSet,
    arriving: &[&Accepted],
    archive: &Archive,
    ledger: &Ledger,
    threads: usize,
) -> Result<PersonSet> {
    let full = arriving.iter().filter(|accepted| accepted.is_full);
    let replaced: BTreeSet<u32> = full.filter_map(|accepted| ledger.supplier_of(&accepted.provider)).collect();
    let settled = settled(records, archive, ledger, threads)?.into_iter();
    let mut sent: PersonSet =
        settled.filter(|(_, supplier)| !replaced.contains(supplier)).map(|(person, _)| person).collect();
    for rows in arriving.iter().flat_map(|accepted| &accepted.rows) {
        let persons = Keys::of(rows, "person_id");
        sent.extend((0..rows.num_rows()).filter_map(|row| persons.get(row)).filter(|person| records.contains(person)));
    }
    Ok(sent)
}

/// Who has sent settled rows of these records that count.
fn settled(records: &PersonSet, archive: &Archive, ledger: &Ledger, threads: usize) -> Result<Vec<(PersonKey, u32)>> {
    let now = Day(i32::MAX - 1);
    let view = View { index_date: now, known_by: now, agreements: Default::default() };
    let of_buckets = in_order(threads, BUCKETS, |bucket| {
        let people = &archive.people[bucket];
        let is_wanted = |person: &PersonKey| records.contains(person) && ledger.lives_in(*person, bucket);
        let wanted: HashSet<u32> =
            (0..).zip(people).filter(|(_, person)| is_wanted(person)).map(|(number, _)| number).collect();
        let mut found = Vec::new();
        if !wanted.is_empty() {
            let reader = Reader { archive, suppliers: &ledger.suppliers, bucket, view: &view, only: Some(&wanted) };
            reader.rows::<Supplied>(&vec![true; people.len()], |number, rows| {
                found.extend(rows.drain(..).map(|Supplied(supplier, _)| (people[number as usize], supplier)));
            })?;
        }
        Ok(found)
    })?;
    Ok(of_buckets.concat())
}
