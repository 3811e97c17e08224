//! V30: a record that may mix two people. Nobody is hidden for it: who is on dialysis comes three times a week, and these
//! come as regular attenders, which are not counted.

use std::collections::BTreeSet;

use super::{
    Limits,
    oddity::{Oddities, Oddity},
};
use crate::{cohort::stay::Spell, day::Day, history::records::Attendance};

/// A year, in days.
const YEAR_DAYS: i32 = 365;
/// The class of an ordinary admission.
const ORDINARY: &str = "1";

/// Notes what one person can hardly have done; `stays` are those that ended or may well be going on.
pub(super) fn more_than_one_can(
    stays: &[Spell],
    attendances: &[Attendance],
    on: Day,
    limits: &Limits,
    found: &mut Oddities,
) {
    let ordinary: Vec<&Spell> = stays.iter().filter(|stay| stay.patient_classification.as_str() == ORDINARY).collect();
    let admitted: Vec<Day> = ordinary.iter().map(|stay| stay.admission_date).collect();
    let is_ae = |visit: &&Attendance| matches!(visit.department_type.as_str(), "01" | "02" | "03" | "04");
    let arrived: Vec<Day> = attendances.iter().filter(is_ae).map(|visit| visit.date).collect();
    for (oddity, is_found) in [
        (Oddity::ManyStays, are_more_in_a_year(admitted, limits.stays_max)),
        (Oddity::ManyAttendances, are_more_in_a_year(arrived, limits.attendances_max)),
        (Oddity::TwoPlacesAtOnce, are_in_two_places(&ordinary, on, limits.dates_max)),
    ] {
        found.note(oddity, u64::from(is_found));
    }
}

/// Whether more than so many days lie within some year.
fn are_more_in_a_year(mut days: Vec<Day>, most: usize) -> bool {
    days.sort_unstable();
    days.iter().zip(days.iter().skip(most)).any(|(first, last)| *last - *first < YEAR_DAYS)
}

/// Whether two providers had the person overnight on more than so many dates. A transfer is in both places for a day and
/// for no night.
fn are_in_two_places(ordinary: &[&Spell], on: Day, most: usize) -> bool {
    let end = |stay: &Spell| stay.discharge_date.unwrap_or(on);
    let mut dates: BTreeSet<Day> = BTreeSet::new();
    for (n, stay) in ordinary.iter().enumerate() {
        // By admission: none of the rest begins before the first that begins after this one ends.
        let others = ordinary[n + 1..].iter().take_while(|other| other.admission_date < end(stay));
        for other in others.filter(|other| other.provider != stay.provider) {
            let nights = other.admission_date.0..end(stay).min(end(other)).0;
            dates.extend(nights.map(Day));
            if dates.len() > most {
                return true;
            }
        }
    }
    false
}
