//! Defects of `ed_attendances`.

use crate::day::Instant;

use crate::synth::{
    attendances::ADMITTED,
    dirt::{
        days::{far, long_ago, unknown},
        draft::{Draft, Value},
        kind::{Kind, Site, Sown, words},
        reference::OUT_OF_AREA,
        snomed::with_wrong_check_digit,
    },
};

/// How long after an attendance it is sent once more: within the ten minutes in which that is a copy.
const COPIED_AFTER_SECONDS: i64 = 240;
const TWO_DAYS_SECONDS: i64 = 2 * 86_400;

pub(super) const KINDS: &[Kind] = &[
    Kind::twice("attendance_id", 300),
    Kind::newer("attendance_id", 100, "acuity", "1077251000000100"),
    Kind::stranger(100),
    Kind::empty("department_type", 20),
    Kind::raw("TYPE", "arrival_at", 20, "yesterday"),
    Kind::moment("V08", "arrival_at", 20, unknown),
    Kind::moment("V09", "arrival_at", 20, far),
    Kind::moment("V10", "arrival_at", 20, long_ago),
    Kind::code("V20", "arrival_mode", 30, with_wrong_check_digit),
    Kind::code("V20", "diagnoses", 200, with_wrong_check_digit),
    Kind::text("V22", "provider_code", 20, "R1H-"),
    Kind::text("V22", "provider_code", 20, OUT_OF_AREA),
    Kind::cell("V27", "departure_at", 100, |_, row| {
        row.moment("arrival_at").map(|at| Value::Moment(Some(Instant(at.0 - TWO_DAYS_SECONDS))))
    }),
    Kind::rows("V27", "arrival_at", 200, copied),
    // Same day emergency care and a planned follow-up among the emergencies.
    Kind::cell("V28", "department_type", 100, |_, row| went_home_from_a_and_e(row).then(|| words("05"))),
    Kind::cell("V28", "attendance_category", 50, |_, row| went_home_from_a_and_e(row).then(|| words("4"))),
    Kind::text("CODE", "department_type", 20, "09"),
];

/// The same visit once more under another id, a few minutes later.
fn copied(_: &Site, row: Draft) -> Vec<Sown> {
    let id = words(&format!("{}c", row.text("attendance_id")));
    let later = row.moment("arrival_at").map(|at| Instant(at.0 + COPIED_AFTER_SECONDS));
    let copy = row.clone().with("attendance_id", id).with("arrival_at", Value::Moment(later));
    vec![Sown::sound(row), Sown::defect(copy)]
}

fn went_home_from_a_and_e(row: &Draft) -> bool {
    let is_emergency = row.text("department_type") != "05" && row.text("attendance_category") != "4";
    is_emergency && row.text("discharge_destination") != ADMITTED
}
