//! Same day emergency care: an admission of no night while the trust records it as one, an attendance of its own kind
//! since. The day of the switch differs from trust to trust.

use std::borrow::Cow;

use crate::day::Day;

use super::{
    hospital_rows::{AttendanceRow, EpisodeRow},
    person::Person,
    rows::Known,
};

/// Trusts and the day on which each moved this care to the emergency care data set: mandated for July 2024, put off to
/// July 2025. Own design values.
const SWITCHES: [(&str, &str); 3] = [("R1H", "2025-01-20"), ("RF4", "2024-07-01"), ("RQX", "2025-07-01")];

/// What people are seen for: chest pain, cellulitis, clots, infections.
const REASONS: [&str; 7] = ["R074", "L031", "I802", "N390", "R55", "J189", "R104"];

/// Whether a trust records same day emergency care as an admission on a day.
fn is_admission(provider: &str, day: Day) -> bool {
    let switch = SWITCHES.iter().find(|(trust, _)| *trust == provider);
    switch.is_some_and(|(_, date)| day < Day::parse(date).expect("a day of the calendar"))
}

/// The episode as which an attendance for same day emergency care is recorded before the switch.
pub(crate) fn episode(person: &Person, attendance: AttendanceRow) -> EpisodeRow {
    let day = Day::of(attendance.arrival);
    EpisodeRow {
        // Admissions come in later than attendances, for somebody has to code them.
        known: Known::from(attendance.known.from + 4),
        spell: format!("d{}", attendance.id),
        order: 1,
        is_last: true,
        provider: attendance.provider,
        site: attendance.site,
        admitted: day,
        method: "24",
        source: "19",
        classification: "1",
        discharged: day,
        discharge_method: "1",
        destination: "19",
        start: day,
        end: day,
        kind: "1",
        treatment_function: "300",
        diagnoses: vec![Cow::Borrowed(REASONS[day.0 as usize % REASONS.len()])],
        is_well_baby: false,
        is_sdec: true,
        practice: person.practice_on(day),
    }
}

/// Whether an attendance is recorded as an admission instead.
pub(crate) fn is_recorded_as_admission(attendance: &AttendanceRow) -> bool {
    attendance.department == "05" && is_admission(attendance.provider, Day::of(attendance.arrival))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trust_switches_on_a_day_of_its_own() {
        let on = |provider, day| is_admission(provider, Day::parse(day).unwrap());
        assert!(on("RF4", "2024-06-30") && !on("RF4", "2024-07-01"));
        assert!(on("R1H", "2024-07-01") && on("RQX", "2025-06-30") && !on("RQX", "2025-07-01"));
    }
}
