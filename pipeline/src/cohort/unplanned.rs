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

/// The last day on which somebody had unplanned care.
pub fn last(person: &Person, cips: &[Cip]) -> Option<Day> {
    let admitted = admissions(cips).next_back().map(|cip| cip.admission_date);
    admitted.max(attendances(person).next_back().map(|visit| visit.date))
}
