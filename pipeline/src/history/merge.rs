//! Merged records: whose rows must move to another bucket when two records become one, or one becomes two again.

use std::collections::{BTreeMap, BTreeSet};

use arrow::{
    array::{ArrayRef, AsArray, RecordBatch},
    datatypes::Int32Type,
};

use crate::history::{bucket::bucket_of, mergers::Mergers, person_map::PersonMap, records::PersonKey};

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

/// Somebody who changes their bucket.
#[derive(Debug)]
pub struct Mover {
    /// Their number in the bucket that they leave.
    pub number: u32,
    /// Who.
    pub person: PersonKey,
    /// The bucket they go to.
    pub to: usize,
}

/// Who changes their bucket: by the bucket they leave, in the order of their numbers there.
#[derive(Debug, Default)]
pub struct Moves(BTreeMap<usize, Vec<Mover>>);

impl Moves {
    /// Who must move when these mergers take the place of others: whoever has another survivor now, because the merger is
    /// new or taken back, or because the survivor was sent only now or is sent no longer. `people` are those who live in
    /// each bucket, by number.
    pub fn between(before: &Mergers, now: &Mergers, people: &[Vec<PersonKey>]) -> Moves {
        let concerned: BTreeSet<PersonKey> = before.superseded().into_iter().chain(now.superseded()).collect();
        let mut targets: BTreeMap<usize, PersonMap<usize>> = BTreeMap::new();
        for person in concerned {
            let (from, to) = (bucket_of(before.survivor(person)), bucket_of(now.survivor(person)));
            if from != to {
                targets.entry(from).or_default().insert(person, to);
            }
        }
        let of_bucket = |(from, targets): (usize, PersonMap<usize>)| {
            let known = (0..).zip(&people[from]);
            let movers = known.filter_map(|(number, person)| targets.get(person).map(|to| (number, *person, *to)));
            (from, movers.map(|(number, person, to)| Mover { number, person, to }).collect())
        };
        let movers = targets.into_iter().map(of_bucket);
        Moves(movers.filter(|(_, movers): &(usize, Vec<Mover>)| !movers.is_empty()).collect())
    }

    /// The buckets that somebody leaves, and who does.
    pub fn leaving(&self) -> impl Iterator<Item = (usize, &[Mover])> {
        self.0.iter().map(|(from, movers)| (*from, movers.as_slice()))
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
