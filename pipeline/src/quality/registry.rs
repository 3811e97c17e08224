//! What rules across tables need to know: the persons and the practices seen so far.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, TypedDictionaryArray};
use arrow::datatypes::{Date32Type, Int32Type};
use arrow::record_batch::RecordBatch;

use crate::codelists::RestrictedCodes;
use crate::day::Day;
use crate::history::person_map::PersonMap;
use crate::history::records::{PersonKey, ShortCode};
use crate::quality::ten_digits::Recently;

/// The number of somebody whom nobody has spoken of.
pub const STRANGER: u32 = u32::MAX;

/// The code of male sex.
pub(crate) const MALE: &str = "1";

/// Somebody of a history, by number.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known {
    /// Who; nobody where the number belongs to a record that lives elsewhere.
    pub person: Option<PersonKey>,
    /// What `patients` says of them, if they are there.
    pub patient: Option<Patient>,
    /// Whether another record was merged into theirs.
    pub is_survivor: bool,
}

/// What rules on rows must know of somebody in `patients`.
#[derive(Clone, Copy, Debug)]
pub struct Patient {
    /// The month of birth (V10).
    pub birth: Day,
    /// Whether they are of male sex (V16).
    pub is_male: bool,
}

/// Persons and practices known so far: from the settled history, then from the delivery that is being read. And the
/// concepts that the law keeps out, and what columns have shown in recent deliveries.
///
/// Each person has a number, so that whatever is known of them is looked up once. A person stays known once seen, also
/// when a later full delivery of `patients` leaves them out.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// Only looked up, never walked.
    numbers: PersonMap<u32>,
    /// By number; none for whoever is not in `patients` (V07).
    patients: Vec<Option<Patient>>,
    /// Into whose records others were merged, by number: a death of theirs is no stranger's (V07).
    survivors: BTreeSet<u32>,
    /// Whether a practice shares its records (V05).
    pub sharing: BTreeMap<ShortCode, bool>,
    /// Concepts that the law keeps out (V38).
    pub restricted: RestrictedCodes,
    /// What columns have shown in recent deliveries (V03).
    pub shown: Recently,
}

impl Registry {
    /// The persons of a history by number; a number may be nobody's.
    pub fn of(persons: impl ExactSizeIterator<Item = Known>) -> Registry {
        let mut registry = Registry::default();
        registry.numbers.reserve(persons.len());
        for (number, Known { person, patient, is_survivor }) in (0..).zip(persons) {
            if let Some(person) = person {
                registry.numbers.insert(person, number);
            }
            registry.patients.push(patient);
            if is_survivor {
                registry.survivors.insert(number);
            }
        }
        registry
    }

    /// Per value of the persons of some rows, the person's number, or [`STRANGER`].
    pub(crate) fn numbers_in(&self, ids: &StringArray) -> Arc<[u32]> {
        // First the keys, then the numbers: each look into so large a map waits for memory, and several wait at once where
        // nothing lies between them.
        let keys: Vec<Option<PersonKey>> = ids.iter().map(|id| id.and_then(PersonKey::parse)).collect();
        let number = |person| self.numbers.get(&person).copied();
        keys.into_iter().map(|key| key.and_then(number).unwrap_or(STRANGER)).collect()
    }

    /// What `patients` says of a person, if they are there.
    pub(crate) fn patient(&self, number: u32) -> Option<Patient> {
        *self.patients.get(number as usize)?
    }

    /// Whether another record was merged into a person's.
    pub(crate) fn is_survivor(&self, number: u32) -> bool {
        self.survivors.contains(&number)
    }

    /// Takes in the survivors that accepted rows of `patients` name, whether or not `patients` has them; with their
    /// numbers.
    pub(crate) fn learn_survivors(&mut self, rows: &RecordBatch) -> Vec<(PersonKey, u32)> {
        let ids = rows.column_by_name("superseded_by").and_then(coded).expect("a column of the table");
        let named: BTreeSet<&str> = ids.into_iter().flatten().collect();
        let named = named.into_iter().map(|id| PersonKey::parse(id).expect("checked (V04)"));
        named.map(|person| (person, self.learn_survivor(person))).collect()
    }

    fn learn_survivor(&mut self, person: PersonKey) -> u32 {
        let next = self.patients.len() as u32;
        let number = *self.numbers.entry(person).or_insert(next);
        if number == next {
            self.patients.push(None);
        }
        self.survivors.insert(number);
        number
    }

    /// Makes room for so many persons at once, as a feed has: a map that grows is there twice while it does.
    pub(crate) fn make_room(&mut self, n_persons: usize) {
        self.numbers.reserve(n_persons.saturating_sub(self.numbers.len()));
    }

    /// Takes in accepted rows of `patients`, `opt_outs` or `reference_practices`; other tables teach it nothing. Gives,
    /// per value of the persons of these rows, the person's number.
    pub(crate) fn learn(&mut self, table: &str, rows: &RecordBatch) -> Arc<[u32]> {
        match table {
            "patients" => {
                let births = rows.column_by_name("birth_month").expect("a column of the table");
                let births = births.as_primitive::<Date32Type>().clone();
                let sexes = rows.column_by_name("sex").and_then(coded).expect("a column of the table");
                let sex =
                    |row| sexes.keys().is_valid(row).then(|| sexes.values().value(sexes.keys().value(row) as usize));
                let patient = |row| Patient { birth: Day(births.value(row)), is_male: sex(row) == Some(MALE) };
                self.learn_persons(rows, |row| Some(patient(row)))
            }
            "opt_outs" => self.learn_persons(rows, |_| None),
            "reference_practices" => {
                let sharing = rows.column_by_name("sharing_agreement").map(|column| column.as_boolean());
                let practices = rows.column_by_name("practice_code").and_then(coded);
                let (practices, sharing) = practices.zip(sharing).expect("columns of the table");
                for (practice, shares) in practices.into_iter().zip(sharing) {
                    let practice = ShortCode::new(practice.expect("mandatory"));
                    self.sharing.insert(practice, shares.expect("mandatory"));
                }
                Arc::default()
            }
            _ => Arc::default(),
        }
    }

    fn learn_persons(&mut self, rows: &RecordBatch, patient: impl Fn(usize) -> Option<Patient>) -> Arc<[u32]> {
        let ids = rows.column_by_name("person_id").and_then(coded).expect("a column of the table");
        let mut numbers = vec![STRANGER; ids.values().len()];
        for (row, &at) in ids.keys().values().iter().enumerate() {
            let person = PersonKey::parse(ids.values().value(at as usize)).expect("mandatory, and checked (V04)");
            let next = self.patients.len() as u32;
            let number = *self.numbers.entry(person).or_insert(next);
            if number == next {
                self.patients.push(None);
            }
            self.patients[number as usize] = patient(row).or(self.patients[number as usize]);
            numbers[at as usize] = number;
        }
        numbers.into()
    }
}

fn coded(column: &ArrayRef) -> Option<TypedDictionaryArray<'_, Int32Type, StringArray>> {
    column.as_dictionary::<Int32Type>().downcast_dict()
}
