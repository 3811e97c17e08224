//! Attendances at emergency care as facts.

use earlycall_schemas::{
    catalogue::{BY_AMBULANCE, IS_AE, IS_MAJOR, IS_SAME_DAY_EMERGENCY_CARE, LEFT_BEFORE_TREATMENT, View},
    codelists,
};

use crate::{
    features::fact::Fact,
    history::records::{Attendance, Person},
};

/// One fact per unplanned attendance, on its day of arrival.
///
/// Source: specification 2.4. Planned follow-ups (category 4) are no sign of trouble and make no fact.
pub(super) fn attendances(person: &Person, give: &mut impl FnMut(View, Fact)) {
    let is_unplanned = |row: &&Attendance| matches!(row.attendance_category.as_str(), "1" | "2" | "3");
    for row in person.attendances.iter().filter(is_unplanned) {
        give(View::EmergencyCare, Fact { tests: tests(row), ..Fact::on(row.date) });
    }
}

fn tests(row: &Attendance) -> u64 {
    let kind = row.department_type.as_str();
    let tests = [
        (IS_AE, matches!(kind, "01" | "02" | "03" | "04")),
        (IS_SAME_DAY_EMERGENCY_CARE, kind == "05"),
        (IS_MAJOR, kind == "01"),
        (BY_AMBULANCE, codelists::is_ambulance_arrival(row.arrival_mode)),
        (LEFT_BEFORE_TREATMENT, codelists::left_before_treatment(row.discharge_status)),
    ];
    tests.into_iter().filter(|(_, holds)| *holds).fold(0, |all, (bit, _)| all | bit)
}
