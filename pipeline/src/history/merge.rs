//! Merged records: whose rows must move to another bucket when two records become one, or one becomes two again.

use std::collections::{BTreeMap, BTreeSet};

use arrow::{
    array::{ArrayRef, AsArray, RecordBatch},
    datatypes::Int32Type,
};

use crate::history::{bucket::bucket_of, mergers::Mergers, records::PersonKey};

/// Takes in the mergers that rows of `patients` tell of.
pub fn learn<'a>(merged: &mut Mergers, patients: impl Iterator<Item = &'a RecordBatch>) {
    for rows in patients {
        let (persons, survivors) = (Keys::of(rows, "person_id"), Keys::of(rows, "superseded_by"));
        for row in 0..rows.num_rows() {
            let person = persons.get(row).expect("mandatory");
            match survivors.get(row) {
                Some(survivor) => merged.insert(person, survivor),
                None => merged.remove(person),
            };
        }
    }
}

/// Who changes their bucket: by the bucket they leave, the persons and the bucket they go to.
#[derive(Debug, Default)]
pub struct Moves(BTreeMap<usize, BTreeMap<PersonKey, usize>>);

impl Moves {
    /// Who must move when these mergers take the place of others: whoever has another survivor now, because the merger is
    /// new or taken back, or because the survivor was sent only now or is sent no longer.
    pub fn between(before: &Mergers, now: &Mergers) -> Moves {
        let concerned: BTreeSet<PersonKey> = before.superseded().into_iter().chain(now.superseded()).collect();
        let mut moves = Moves::default();
        for person in concerned {
            let (from, to) = (bucket_of(before.survivor(person)), bucket_of(now.survivor(person)));
            if from != to {
                moves.0.entry(from).or_default().insert(person, to);
            }
        }
        moves
    }

    /// Whether somebody leaves a bucket.
    pub fn is_leaving(&self, bucket: usize, person: PersonKey) -> bool {
        self.0.get(&bucket).is_some_and(|leaving| leaving.contains_key(&person))
    }

    /// Who comes to a bucket, and from where.
    pub fn coming(&self, to: usize) -> impl Iterator<Item = (usize, PersonKey)> {
        let of = move |(from, leaving): (&usize, &BTreeMap<PersonKey, usize>)| {
            let from = *from;
            leaving
                .iter()
                .filter(move |(_, target)| **target == to)
                .map(|(person, _)| (from, *person))
                .collect::<Vec<_>>()
        };
        self.0.iter().flat_map(of)
    }

    /// Whether a bucket loses or gains rows.
    pub fn touches(&self, bucket: usize) -> bool {
        self.0.contains_key(&bucket) || self.coming(bucket).next().is_some()
    }
}

/// A column of person ids; each distinct one is read once.
pub struct Keys {
    at: Vec<Option<i32>>,
    values: Vec<Option<PersonKey>>,
}

impl Keys {
    /// A column of rows of `patients`.
    pub fn of(rows: &RecordBatch, name: &str) -> Keys {
        let column: &ArrayRef = rows.column_by_name(name).expect("declared for patients");
        let coded = column.as_dictionary::<Int32Type>();
        let values = coded.values().as_string::<i32>();
        Keys {
            at: coded.keys().iter().collect(),
            values: values.iter().map(|text| text.and_then(PersonKey::parse)).collect(),
        }
    }

    /// The person of a row, if the cell is not empty.
    pub fn get(&self, row: usize) -> Option<PersonKey> {
        self.at[row].map(|at| self.values[at as usize].expect("the checks refuse malformed person ids"))
    }
}
