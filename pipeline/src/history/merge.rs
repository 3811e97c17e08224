//! Merged records: whose rows must move to another bucket when two records become one, or one becomes two again.

use std::collections::{BTreeMap, BTreeSet};

use arrow::{
    array::{Array, AsArray, BooleanArray, RecordBatch, StringArray},
    compute::filter_record_batch,
};

use crate::history::{bucket::bucket_of, ledger::Ledger, records::PersonKey};

/// Rows that change their bucket: by the bucket they leave, the persons and the bucket they go to.
#[derive(Debug, Default)]
pub struct Moves(BTreeMap<usize, BTreeMap<PersonKey, usize>>);

impl Moves {
    /// Takes the mergers of the newest deliveries' `patients` into the ledger, and tells who must move.
    pub fn learn<'a>(ledger: &mut Ledger, patients: impl Iterator<Item = &'a RecordBatch>) -> Moves {
        let before = ledger.clone();
        for rows in patients {
            let text = |name: &str| rows.column_by_name(name).expect("declared for patients").as_string::<i32>();
            let (persons, survivors) = (text("person_id"), text("superseded_by"));
            let key = |of: &StringArray, row| PersonKey::parse(of.value(row)).expect("the checks refuse malformed ids");
            for row in 0..rows.num_rows() {
                let person = key(persons, row);
                match survivors.is_valid(row) {
                    true => ledger.merged.insert(person, key(survivors, row)),
                    false => ledger.merged.remove(&person),
                };
            }
        }
        let concerned: BTreeSet<PersonKey> = before.merged.keys().chain(ledger.merged.keys()).copied().collect();
        let mut moves = Moves::default();
        for person in concerned {
            let (from, to) = (bucket_of(before.survivor(person)), bucket_of(ledger.survivor(person)));
            if from != to {
                moves.0.entry(from).or_default().insert(person, to);
            }
        }
        moves
    }

    /// The rows of a bucket's table that stay in it.
    pub fn staying(&self, bucket: usize, rows: RecordBatch) -> RecordBatch {
        match self.0.get(&bucket) {
            None => rows,
            Some(leaving) => keep(&rows, |person| !leaving.contains_key(&person)),
        }
    }

    /// The buckets from which rows come to a bucket.
    pub fn sources(&self, to: usize) -> impl Iterator<Item = usize> {
        self.0.iter().filter(move |(_, leaving)| leaving.values().any(|&target| target == to)).map(|(from, _)| *from)
    }

    /// The rows of another bucket's table that come to this one.
    pub fn coming(&self, from: usize, to: usize, rows: &RecordBatch) -> RecordBatch {
        keep(rows, |person| self.0.get(&from).is_some_and(|leaving| leaving.get(&person) == Some(&to)))
    }

    /// Whether a bucket loses or gains rows.
    pub fn touches(&self, bucket: usize) -> bool {
        self.0.contains_key(&bucket) || self.sources(bucket).next().is_some()
    }
}

/// The rows of the persons for whom `wanted` holds.
fn keep(rows: &RecordBatch, wanted: impl Fn(PersonKey) -> bool) -> RecordBatch {
    let flags: BooleanArray = persons(rows).map(|person| Some(wanted(person))).collect();
    filter_record_batch(rows, &flags).expect("one flag per row")
}

/// The person of each row.
pub fn persons(rows: &RecordBatch) -> impl Iterator<Item = PersonKey> {
    let ids = rows.column_by_name("person_id").expect("rows about persons name them").as_string::<i32>();
    (0..rows.num_rows()).map(|row| PersonKey::parse(ids.value(row)).expect("the checks refuse malformed person ids"))
}
