//! What rules across tables need to know: the persons and the practices seen so far.

use std::collections::BTreeMap;

use arrow::array::{ArrayRef, AsArray, StringArray, TypedDictionaryArray};
use arrow::datatypes::{Date32Type, Int32Type};
use arrow::record_batch::RecordBatch;

use crate::day::Day;
use crate::history::person_map::PersonMap;
use crate::history::records::{PersonKey, ShortCode};

/// Persons and practices known so far: from the settled history, then from the delivery that is being read.
///
/// A person stays known once seen, also when a later full delivery of `patients` leaves them out.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// Each person's month of birth (V07, V10). Only looked up, never walked.
    pub births: PersonMap<Day>,
    /// Whether a practice shares its records (V05).
    pub sharing: BTreeMap<ShortCode, bool>,
}

impl Registry {
    /// Takes in accepted rows of `patients` or `reference_practices`; other tables teach it nothing.
    pub(crate) fn learn(&mut self, table: &str, rows: &RecordBatch) {
        let text = |name: &str| coded(rows.column_by_name(name)?);
        match table {
            "patients" => {
                let births = rows.column_by_name("birth_month").map(|column| column.as_primitive::<Date32Type>());
                let (persons, births) = text("person_id").zip(births).expect("columns of the table");
                for (person, birth) in persons.into_iter().zip(births) {
                    let person = person.and_then(PersonKey::parse).expect("mandatory, and checked (V04)");
                    self.births.insert(person, Day(birth.expect("mandatory")));
                }
            }
            "reference_practices" => {
                let sharing = rows.column_by_name("sharing_agreement").map(|column| column.as_boolean());
                let (practices, sharing) = text("practice_code").zip(sharing).expect("columns of the table");
                for (practice, shares) in practices.into_iter().zip(sharing) {
                    let practice = ShortCode::new(practice.expect("mandatory"));
                    self.sharing.insert(practice, shares.expect("mandatory"));
                }
            }
            _ => {}
        }
    }
}

fn coded(column: &ArrayRef) -> Option<TypedDictionaryArray<'_, Int32Type, StringArray>> {
    column.as_dictionary::<Int32Type>().downcast_dict()
}
