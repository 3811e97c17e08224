//! Defects of `patients`. What costs a row is put into rows of people who have nothing else: a person without a row
//! would lose all others (V07).

use crate::day::Day;

use crate::synth::{
    calendar::month_start,
    dirt::{
        days::far,
        draft::{Draft, Value},
        kind::{Kind, Site, Sown, words},
    },
    person::person_id,
};

pub(super) const KINDS: &[Kind] = &[
    Kind::twice("person_id", 300),
    Kind::newer("person_id", 100, "ethnic_category", "Z"),
    Kind::beside("NULL", "birth_month", 20, |_, _| Some(Value::Day(None))),
    Kind::beside("TYPE", "birth_month", 20, |_, row| Some(Value::Day(Some(row.day("birth_month")? + 1)))),
    Kind::beside("RANGE", "birth_month", 20, |_, _| Some(Value::Day(Day::parse("1899-12-01")))),
    Kind::beside("V09", "birth_month", 20, |site, _| Some(Value::Day(Some(month_start(far(site)))))),
    Kind::beside("CODE", "sex", 20, |_, _| Some(words("male"))),
    Kind::rows("V37", "superseded_by", 30, merged_in_a_circle),
    Kind::text("V23", "lsoa21", 100, "E0100001"),
    Kind::text("CODE", "ethnic_category", 100, "Y"),
    // Traced, not verified, or missing: no rule of a row.
    Kind::cell("", "nhs_number_status", 500, |site, _| {
        Some(words(["03", "04", "05", "07", ""][site.number as usize % 5]))
    }),
];

/// Two more records, each of which is said to be merged into the other.
fn merged_in_a_circle(site: &Site, row: Draft) -> Vec<Sown> {
    let (one, other) = (site.stranger(), site.stranger() + (1 << 30));
    let merged = |from: u32, into: u32| row.clone().of_person(from).with("superseded_by", words(&person_id(into)));
    vec![Sown::sound(row.clone()), Sown::defect(merged(one, other)), Sown::defect(merged(other, one))]
}
