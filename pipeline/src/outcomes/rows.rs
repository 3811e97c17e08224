//! The settled rows of which outcomes are counted: referrals to social prescribing, and appointments.

use std::sync::LazyLock;

use arrow::{array::AsArray, datatypes::UInt32Type};
use earlycall_schemas::table::table;

use crate::{
    day::Day,
    history::{Cells, Decode, PERSON, View, records::ShortCode},
};

/// What a referral may name as a need, as the table declares it.
pub static NEEDS: LazyLock<&'static [String]> = LazyLock::new(|| {
    let referrals = table(Referral::TABLE).expect("the table is declared");
    &referrals.column("needs").expect("the column is declared").one_of
});

/// A row of `social_prescribing_referrals`, as its newest version has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referral {
    /// The day of the referral.
    pub on: Day,
    /// The link worker's organisation; empty where nobody says.
    pub provider: String,
    /// How far it has come.
    pub status: String,
    /// Places of what it names among [`NEEDS`], each once, ascending.
    pub needs: Vec<u8>,
    /// How often the two have met.
    pub sessions: Option<u32>,
    /// How far each of the four scores of wellbeing has moved, where all were asked twice.
    pub wellbeing: Option<[i32; 4]>,
}

/// A row of `gp_appointments` that was kept or missed, and the practice.
pub struct GpAppointment(pub ShortCode, pub Appointment);

/// A row of `outpatient_appointments` that was kept or missed, and the trust.
pub struct ClinicAppointment(pub ShortCode, pub Appointment);

/// An appointment that was kept or missed. Those that are booked or were cancelled are neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appointment {
    /// The day.
    pub on: Day,
    /// Whether the person did not attend.
    pub is_missed: bool,
}

impl Decode for Referral {
    const TABLE: &'static str = "social_prescribing_referrals";

    fn decode(cells: &Cells, rows: impl Iterator<Item = usize>, view: &View, mut take: impl FnMut(u32, Self)) {
        let persons = cells.column(PERSON).as_primitive::<UInt32Type>().values();
        let (referred_at, provider, status) =
            (cells.days("referred_at"), cells.text("provider_id"), cells.coded("status"));
        let (needs, sessions) = (cells.text("needs"), cells.ints("sessions"));
        let (before, after) = (cells.text("ons4_before"), cells.text("ons4_after"));
        for row in rows {
            let Some(on) = referred_at.get(row).filter(|day| *day <= view.index_date) else { continue };
            let referral = Referral {
                on,
                provider: provider.get(row).to_owned(),
                status: status.get(row).to_owned(),
                needs: places(needs.list(row)),
                sessions: sessions.get(row).and_then(|n| u32::try_from(n).ok()),
                wellbeing: moved(before.list(row), after.list(row)),
            };
            take(persons[row], referral);
        }
    }
}

impl Decode for GpAppointment {
    const TABLE: &'static str = "gp_appointments";

    fn decode(cells: &Cells, rows: impl Iterator<Item = usize>, view: &View, mut take: impl FnMut(u32, Self)) {
        let persons = cells.column(PERSON).as_primitive::<UInt32Type>().values();
        let practices = cells.coded("practice_code");
        let may_be_used = practices.judged(|practice| view.shares(practice));
        let (start_at, status) = (cells.instants("start_at"), cells.coded("status"));
        for row in rows.filter(|row| may_be_used[*row]) {
            let is_missed = match status.get(row) {
                "attended" => false,
                "did_not_attend" => true,
                _ => continue,
            };
            if let Some(on) = start_at.get(row).map(Day::of).filter(|day| *day <= view.index_date) {
                take(persons[row], GpAppointment(practices.short(row), Appointment { on, is_missed }));
            }
        }
    }
}

impl Decode for ClinicAppointment {
    const TABLE: &'static str = "outpatient_appointments";

    fn decode(cells: &Cells, rows: impl Iterator<Item = usize>, view: &View, mut take: impl FnMut(u32, Self)) {
        let persons = cells.column(PERSON).as_primitive::<UInt32Type>().values();
        let (date, attended) = (cells.days("appointment_date"), cells.coded("attended"));
        let providers = cells.coded("provider_code");
        for row in rows {
            let is_missed = match attended.get(row) {
                "5" | "6" => false,
                "3" | "7" => true,
                _ => continue,
            };
            if let Some(on) = date.get(row).filter(|day| *day <= view.index_date) {
                take(persons[row], ClinicAppointment(providers.short(row), Appointment { on, is_missed }));
            }
        }
    }
}

/// Places among [`NEEDS`].
fn places<'a>(needs: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let place = |need: &str| NEEDS.iter().position(|one| one == need).map(|place| place as u8);
    let mut places: Vec<u8> = needs.filter_map(place).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// The differences of four scores; none unless there are four of each.
fn moved<'a>(before: impl Iterator<Item = &'a str>, after: impl Iterator<Item = &'a str>) -> Option<[i32; 4]> {
    let [before, after] = [before.collect::<Vec<_>>(), after.collect()];
    let scores = |texts: &[&str]| -> Option<[i32; 4]> {
        let scores: Option<Vec<i32>> = texts.iter().map(|text| text.parse().ok()).collect();
        scores?.try_into().ok()
    };
    let (before, after) = (scores(&before)?, scores(&after)?);
    Some(std::array::from_fn(|nth| after[nth] - before[nth]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_wellbeing_needs_four_scores_twice() {
        let of = |before: &'static str, after: &'static str| moved(before.split_whitespace(), after.split_whitespace());
        assert_eq!(of("3 4 5 8", "5 4 7 6"), Some([2, 0, 2, -2]));
        assert_eq!(of("3 4 5", "5 4 7"), None);
        assert_eq!(of("3 4 5 8", ""), None);
        assert_eq!(of("3 4 5 8 1", "5 4 7 6 1"), None);
    }

    #[test]
    fn a_need_counts_once_and_only_if_it_is_declared() {
        let names = |text: &'static str| -> Vec<&str> {
            places(text.split('|')).into_iter().map(|place| NEEDS[usize::from(place)].as_str()).collect()
        };
        assert_eq!(names("money|loneliness|money|yacht"), ["loneliness", "money"]);
    }
}
