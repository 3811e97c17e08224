//! Continuous inpatient spells: spells of one person linked across providers and transfers.

use earlycall_schemas::codelists::{is_transfer_destination, is_transfer_method, is_transfer_source};

use crate::{
    cohort::stay::{Cip, Spell},
    day::Day,
    history::records::Episode,
};

/// Longest gap in days between a discharge and the admission that continues it.
const GAP_DAYS_MAX: i32 = 2;

/// A person's continuous inpatient spells, by admission.
///
/// A spell may continue any earlier one, not only the last: a dialysis or a day case elsewhere, in the middle of a stay,
/// must not part the stay from the transfer that ends it.
pub fn cips(episodes: &[Episode]) -> Vec<Cip> {
    let mut chains: Vec<Vec<Spell>> = Vec::new();
    for spell in super::spells::spells(episodes) {
        let mut newest_first = chains.iter_mut().rev();
        match newest_first.find(|chain| chain.iter().any(|before| continues(before, &spell))) {
            Some(chain) => chain.push(spell),
            None => chains.push(vec![spell]),
        }
    }
    chains.iter().map(|chain| joined(chain)).collect()
}

/// Whether spell `b` continues spell `a`.
///
/// 0 to 2 days after its discharge, and one of them says "transfer"; but not when `a` ended at home and `b` came through
/// A&E. Regular attenders never link.
/// Source: specification 2.2.
fn continues(a: &Spell, b: &Spell) -> bool {
    // Most pairs are far apart; the rest is asked of few.
    let is_near = |discharged: Day| (0..=GAP_DAYS_MAX).contains(&(b.admission_date - discharged));
    if !a.discharge_date.is_some_and(is_near) {
        return false;
    }
    let is_transfer = is_transfer_destination(a.discharge_destination.as_str())
        || is_transfer_source(b.admission_source.as_str())
        || is_transfer_method(b.admission_method.as_str());
    let went_home_and_came_back = a.discharge_destination.as_str() == "19"
        && b.admission_source.as_str() == "51"
        && b.admission_method.as_str() == "21";
    // By class and not by kind: a maternity method doesn't make a link of one of a series.
    let is_regular = |spell: &Spell| matches!(spell.patient_classification.as_str(), "3" | "4");
    is_transfer && !went_home_and_came_back && !is_regular(a) && !is_regular(b)
}

fn joined(spells: &[Spell]) -> Cip {
    let (first, last) = (&spells[0], spells.iter().map(|spell| spell.discharge_date).max_by_key(open_last));
    let mut diagnoses = first.diagnoses.clone();
    for code in spells[1..].iter().flat_map(|spell| &spell.diagnoses) {
        if !diagnoses.contains(code) {
            diagnoses.push(*code);
        }
    }
    Cip {
        admission_date: first.admission_date,
        discharge_date: last.flatten(),
        kind: first.kind,
        first_provider: first.provider,
        primary: first.primary,
        diagnoses,
        is_mental_health: first.is_mental_health,
        died: spells.iter().any(has_died),
    }
}

/// Orders days of discharge, with a stay that isn't over after all others.
fn open_last(discharged: &Option<Day>) -> (bool, Option<Day>) {
    (discharged.is_none(), *discharged)
}

/// Discharge method 4 or destination 79; either says so (V17).
fn has_died(spell: &Spell) -> bool {
    spell.discharge_method.as_str() == "4" || spell.discharge_destination.as_str() == "79"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cohort::stay::StayKind,
        history::records::{Code, ShortCode},
    };

    /// `spell provider admitted discharged method source classification destination diagnoses`, `-` for none.
    fn episodes(table: &str) -> Vec<Episode> {
        let rows = table.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate();
        rows.map(|(n, line)| {
            let cells: Vec<&str> = line.split_whitespace().map(|cell| if cell == "-" { "" } else { cell }).collect();
            let day = |text: &str| Day::parse(&format!("2026-{text}"));
            Episode {
                episode_id: n.to_string(),
                spell_id: cells[0].to_owned(),
                provider: Code::new(cells[1]),
                admission_date: day(cells[2]).unwrap(),
                admission_method: Code::new(cells[4]),
                admission_source: Code::new(cells[5]),
                patient_classification: Code::new(cells[6]),
                discharge_date: day(cells[3]),
                discharge_method: Code::new("1"),
                discharge_destination: Code::new(cells[7]),
                episode_start: day(cells[2]).unwrap(),
                episode_end: day(cells[3]),
                episode_order: 1,
                episode_type: Code::new("1"),
                treatment_function: Code::new("300"),
                diagnoses: cells[8].split('|').map(ShortCode::new).collect(),
                is_sdec: false,
                is_well_baby: false,
            }
        })
        .collect()
    }

    /// Kind, admission and discharge of each CIP.
    #[track_caller]
    fn check(table: &str, expected: &[(StayKind, &str, &str)]) {
        let found: Vec<(StayKind, String, String)> = cips(&episodes(table))
            .iter()
            .map(|cip| {
                let month_day = |day: Day| day.to_string()[5..].to_owned();
                (cip.kind, month_day(cip.admission_date), cip.discharge_date.map_or("-".to_owned(), month_day))
            })
            .collect();
        let expected: Vec<(StayKind, String, String)> =
            expected.iter().map(|(kind, from, to)| (*kind, (*from).to_owned(), (*to).to_owned())).collect();
        assert_eq!(found, expected);
    }

    use StayKind::{DayCase, Elective, Emergency, Maternity, Other, RegularAttender};

    #[test]
    fn a_transfer_to_another_trust_is_one_stay_and_one_admission() {
        check(
            "s1 R1H 05-01 05-03 21 19 1 51 J440
             s2 RF4 05-03 05-09 2B 51 1 19 J440",
            &[(Emergency, "05-01", "05-09")],
        );
    }

    #[test]
    fn a_second_admission_from_home_is_a_second_stay_even_on_the_same_day() {
        check(
            "s1 R1H 05-01 05-03 21 19 1 19 J440
             s2 R1H 05-03 05-04 21 19 1 19 I500",
            &[(Emergency, "05-01", "05-03"), (Emergency, "05-03", "05-04")],
        );
    }

    #[test]
    fn home_and_back_through_the_door_of_another_trust_is_no_transfer() {
        check(
            "s1 R1H 05-01 05-03 21 19 1 19 J440
             s2 RF4 05-04 05-05 21 51 1 19 J440",
            &[(Emergency, "05-01", "05-03"), (Emergency, "05-04", "05-05")],
        );
    }

    #[test]
    fn a_gap_of_three_days_is_too_long() {
        check(
            "s1 R1H 05-01 05-03 21 19 1 51 J440
             s2 RF4 05-06 05-09 81 51 1 19 J440",
            &[(Emergency, "05-01", "05-03"), (Other, "05-06", "05-09")],
        );
    }

    #[test]
    fn an_emergency_transfer_counts_only_when_its_sending_spell_is_missing() {
        check("s2 RF4 05-03 05-09 2B 51 1 19 J440", &[(Emergency, "05-03", "05-09")]);
        check(
            "s1 R1H 05-01 05-02 11 19 1 51 K400
             s2 RF4 05-03 05-09 2B 51 1 19 K400",
            &[(Elective, "05-01", "05-09")],
        );
    }

    #[test]
    fn dialysis_in_the_middle_of_a_stay_does_not_part_it_from_its_transfer() {
        check(
            "s1 R1H 05-01 05-10 21 19 1 51 J440
             s2 RF4 05-08 05-08 13 51 3 19 N185
             s3 RF4 05-10 05-12 2B 51 1 19 J440",
            &[(Emergency, "05-01", "05-12"), (RegularAttender, "05-08", "05-08")],
        );
    }

    #[test]
    fn regular_attenders_never_link_whatever_their_kind() {
        check(
            "s1 R1H 05-01 05-03 21 19 1 51 J440
             s2 RF4 05-03 05-03 31 51 3 19 Z34",
            &[(Emergency, "05-01", "05-03"), (Maternity, "05-03", "05-03")],
        );
    }

    #[test]
    fn a_stay_is_under_the_specialty_of_its_own_first_spell_and_of_no_other() {
        let under = |spell: &str, function: &str| {
            let mut both = episodes(
                "s1 R1H 05-01 05-03 21 19 1 19 J440
                 s2 R1H 05-01 05-01 12 19 2 19 F200",
            );
            both.iter_mut().find(|row| row.spell_id == spell).unwrap().treatment_function = Code::new(function);
            cips(&both).iter().map(|cip| cip.is_mental_health).collect::<Vec<_>>()
        };
        // Sorted by discharge: the day case comes first.
        assert_eq!(under("s1", "710"), [false, true]);
        assert_eq!(under("s2", "727"), [true, false]);
        assert_eq!(under("s2", "728"), [false, false]);
    }

    #[test]
    fn day_cases_and_dialysis_are_not_emergencies_whatever_their_method() {
        check(
            "s1 R1H 05-01 05-01 21 19 2 19 K400
             s2 R1H 05-02 05-02 21 19 3 51 N185
             s3 R1H 05-03 05-03 13 51 3 19 N185",
            &[(DayCase, "05-01", "05-01"), (RegularAttender, "05-02", "05-02"), (RegularAttender, "05-03", "05-03")],
        );
    }

    #[test]
    fn two_episodes_of_a_spell_are_one_admission_with_both_diagnoses() {
        let table = "s1 R1H 05-01 05-09 21 19 1 19 R07|I10
                     s1 R1H 05-01 05-09 21 19 1 19 I21";
        check(table, &[(Emergency, "05-01", "05-09")]);
        let cip = cips(&episodes(table)).remove(0);
        assert_eq!(format!("{:?}", cip.diagnoses), "[R07, I10, I21]");
        assert_eq!(cip.primary, Some(ShortCode::new("R07")));
    }

    #[test]
    fn an_open_stay_stays_open_and_its_nights_last_until_the_index_date() {
        let cip = cips(&episodes("s1 R1H 05-01 - 21 19 1 - J440")).remove(0);
        assert_eq!(cip.discharge_date, None);
        let day = |text| Day::parse(text).unwrap();
        assert_eq!(cip.bed_days_within(day("2026-04-01"), day("2026-05-04")), 3);
        assert_eq!(cip.bed_days_within(day("2026-05-02"), day("2026-05-04")), 2);
    }
}
