//! Unplanned care: emergency admissions, and A&E attendances that were not planned (specification 2.3 and 2.4).

use crate::{
    cohort::stay::{Cip, StayKind},
    day::Day,
    history::records::{Attendance, Person},
};

/// Unplanned A&E attendances, in order: categories 1 to 3 at departments of types 1 to 4.
pub fn attendances(person: &Person) -> impl DoubleEndedIterator<Item = &Attendance> {
    person.attendances.iter().filter(|visit| {
        matches!(visit.attendance_category.as_str(), "1" | "2" | "3")
            && matches!(visit.department_type.as_str(), "01" | "02" | "03" | "04")
    })
}

/// Emergency admissions, in order.
pub fn admissions(cips: &[Cip]) -> impl DoubleEndedIterator<Item = &Cip> {
    cips.iter().filter(|cip| cip.kind == StayKind::Emergency)
}

/// Whether somebody had unplanned care after a day.
pub fn was_after(day: Day, person: &Person, cips: &[Cip]) -> bool {
    admissions(cips).next_back().is_some_and(|cip| cip.admission_date > day)
        || attendances(person).next_back().is_some_and(|visit| visit.date > day)
}
