//! Each way to take a value, and what counts for each view.

use super::support::{ALL_FEEDS, Life, ago, index_date};
use crate::{
    cohort::stay::StayKind::*,
    features::{Feeds, Value, build, model_columns, model_row},
    history::records::ShortCode,
};

#[test]
fn stays_count_by_their_kind() {
    let life = Life::new()
        .stay(Emergency, "2026-05-03", "2026-05-09", "J440")
        .stay(Emergency, "2026-06-01", "2026-06-01", "R074")
        .stay(Elective, "2026-02-10", "2026-02-13", "M170")
        .stay(DayCase, "2026-03-01", "2026-03-01", "H269")
        .stay(RegularAttender, "2026-03-02", "2026-03-02", "N185")
        .stay(SameDayEmergencyCare, "2026-03-05", "2026-03-05", "R074")
        .stay(Maternity, "2020-03-05", "2020-03-06", "O800");
    let expected = [
        ("emergency_admissions_n_365d", 2),
        ("emergency_admissions_zero_day_n_365d", 1),
        ("bed_days_emergency_365d", 6),
        ("days_since_last_emergency_admission", 172),
        ("elective_admissions_n_365d", 1),
        ("bed_days_elective_365d", 3),
        ("days_since_last_elective_admission", 283),
        ("day_cases_n_365d", 1),
        ("days_since_last_day_case", 264),
        ("regular_attendances_n_365d", 1),
        ("other_stays_n_365d", 1),
        ("other_stays_n_1095d", 1),
        ("bed_days_other_1095d", 0),
        ("emergency_admission_conditions_n_1095d", 1),
    ];
    for (feature, value) in expected {
        assert_eq!(life.number(feature), value, "{feature}");
    }
}

#[test]
fn sensitive_stays_are_told_apart_for_the_model() {
    let life = Life::new()
        .stay(Emergency, "2026-05-03", "2026-05-09", "T391 X609") // an overdose, on purpose
        .stay(Emergency, "2026-06-03", "2026-06-09", "F102")
        .stay(Elective, "2026-07-03", "2026-07-09", "M170")
        .under_mental_health();
    assert_eq!(life.number("self_harm_admissions_n_365d"), 1);
    assert_eq!(life.number("alcohol_or_drug_admissions_n_365d"), 1);
    assert_eq!(life.number("psychiatric_admissions_n_365d"), 2, "the F code, and the mental health specialty");
    assert_eq!(life.number("days_since_last_psychiatric_admission"), 140);
    let dementia = Life::new().stay(Emergency, "2026-05-03", "2026-05-09", "F03 F171");
    assert_eq!(dementia.number("psychiatric_admissions_n_365d"), 0, "dementia is no psychiatric admission");
    assert_eq!(dementia.number("alcohol_or_drug_admissions_n_365d"), 0, "nor is tobacco a drug");
}

#[test]
fn attendances_count_unless_planned_and_same_day_emergency_care_counts_apart() {
    let (ambulance, left) = (1_048_031_000_000_100, 1_066_321_000_000_107);
    let life = Life::new()
        .attendance_by("2026-10-01", "01", "1", ambulance, 0)
        .attendance_by("2026-10-02", "03", "2", 0, left)
        .attendance("2026-10-03", "04", "4")
        .attendance("2026-10-04", "05", "1");
    assert_eq!(life.number("ae_attendances_n_90d"), 2);
    assert_eq!(life.number("ae_attendances_by_ambulance_n_90d"), 1);
    assert_eq!(life.number("ae_attendances_left_before_treatment_n_90d"), 1);
    assert_eq!(life.number("same_day_emergency_care_n_90d"), 1);
    assert_eq!(life.number("days_since_last_ae_attendance"), 49);
}

#[test]
fn conditions_are_flags_with_the_days_since_their_first_record() {
    let life = Life::new()
        .condition("copd", "2026-11-10")
        .condition("smi", "2010-01-01")
        .condition("frailty_marker", "2026-01-01");
    assert_eq!(life.number("has_copd"), 1);
    assert_eq!(life.number("days_since_first_copd"), 10);
    assert_eq!(life.number("has_asthma"), 0);
    assert_eq!(life.row().get("days_since_first_asthma"), Value::Never);
    assert_eq!(life.number("has_smi"), 1);
    assert_eq!(life.number("conditions_n"), 2, "a marker of frailty is no condition");
}

#[test]
fn prescriptions_count_by_section_and_altogether() {
    let life = Life::new()
        .prescription("2026-01-01", "0301011R0AAAAAA")
        .prescription("2026-02-01", "0301011R0AAAAAA")
        .prescription("2026-03-01", "2202")
        .prescription("2026-04-01", "0202")
        .prescription("2026-05-01", "");
    for (feature, value) in [
        ("bnf_0301_items_n_365d", 2),
        ("bnf_22_items_n_365d", 1),
        ("bnf_0202_items_n_365d", 1),
        ("bnf_0212_items_n_365d", 0),
        ("prescriptions_n_365d", 5),
        ("bnf_sections_n_365d", 3),
        ("days_since_last_prescription", 203),
    ] {
        assert_eq!(life.number(feature), value, "{feature}");
    }
}

#[test]
fn the_latest_result_counts_and_none_is_missing() {
    let bmi = 60_621_009;
    let life = Life::new().result("2025-01-01", bmi, 31_000).result("2026-01-01", bmi, 29_500);
    assert_eq!(life.number("bmi_kg_per_m2_latest"), 29_500);
    assert_eq!(life.row().get("egfr_ml_per_min_latest"), Value::Missing);
}

#[test]
fn charlson_groups_count_once_and_yield_to_their_severer_sister() {
    let two_stays = Life::new().stay(Emergency, "2026-01-01", "2026-01-02", "I210 E119").stay(
        Emergency,
        "2026-02-01",
        "2026-02-02",
        "I219 E112",
    ); // a heart attack again; diabetes now with complications
    assert_eq!(two_stays.number("charlson_points_730d"), 1 + 2);
    let spread = Life::new().stay(Elective, "2026-01-01", "2026-01-02", "C349 C787");
    assert_eq!(spread.number("charlson_points_730d"), 6);
}

#[test]
fn frailty_points_are_tenths_by_distinct_code_from_75_on() {
    let mut life = Life::new().stay(Emergency, "2026-01-01", "2026-01-02", "J440 F051").stay(
        Emergency,
        "2026-03-01",
        "2026-03-02",
        "F059 R296 J440",
    );
    assert_eq!(life.number("hfrs_points_730d"), 32 + 36, "F05 has 3.2 points and R29 3.6");
    life.birth_month = super::support::day("1951-12-01");
    assert_eq!(life.row().get("hfrs_points_730d"), Value::Missing, "74 years old");
    life.birth_month = super::support::day("1951-11-01");
    assert_eq!(life.number("hfrs_points_730d"), 68, "75 years old");
}

#[test]
fn what_is_not_known_about_a_person_is_missing() {
    let mut life = Life::new();
    for feature in ["imd_decile", "care_home_resident", "housebound"] {
        assert_eq!(life.row().get(feature), Value::Missing, "{feature}");
    }
    assert_eq!(life.number("is_male"), 0);
    life.person.patient.sex = ShortCode::new("9");
    assert_eq!(life.row().get("is_male"), Value::Missing);
    life.imd_decile = Some(2);
    life.person.patient.care_home_resident = Some(false);
    life.registered_since = Some(index_date() - 364);
    assert_eq!(life.number("imd_decile"), 2);
    assert_eq!(life.number("care_home_resident"), 0);
    assert_eq!(life.number("newly_registered_365d"), 1);
}

#[test]
fn a_missing_feed_is_missing_and_a_silent_one_is_zero_or_never() {
    let life = Life::new().stay(Emergency, &ago(3), &ago(1), "J440");
    let feeds = Feeds::new(ALL_FEEDS.into_iter().filter(|feed| *feed != "gp_prescriptions" && *feed != "gp_events"));
    let row = build(&life.subject(), index_date(), &feeds);
    for (feature, value) in [
        ("prescriptions_n_365d", Value::Missing),
        ("days_since_last_prescription", Value::Missing),
        ("bmi_kg_per_m2_latest", Value::Missing),
        ("ae_attendances_n_365d", Value::Known(0)),
        ("days_since_last_ae_attendance", Value::Never),
        ("has_copd", Value::Known(0)), // hospital stays can still tell
    ] {
        assert_eq!(row.get(feature), value, "{feature}");
    }
    let numbers = model_row(&row);
    let of = |name: &str| numbers[model_columns().iter().position(|column| column.column.name == name).unwrap()];
    assert!(of("prescriptions_n_0_30d").is_nan());
    assert_eq!(of("days_since_last_ae_attendance"), f64::INFINITY);
    assert_eq!(of("emergency_admissions_n_0_30d"), 1.0);
    assert_eq!(of("emergency_admissions_n_31_90d"), 0.0);
}

/// A night knows its feeds from the newest event of each clinical table; people and areas have no events.
#[test]
fn what_is_known_of_the_person_is_no_missing_feed() {
    let mut life = Life::new();
    life.imd_decile = Some(2);
    let row = build(&life.subject(), index_date(), &Feeds::new(["gp_events", "apc_episodes"]));
    assert_ne!(row.get("age_years"), Value::Missing);
    assert_eq!(row.get("imd_decile"), Value::Known(2));
    assert_eq!(row.get("newly_registered_365d"), Value::Missing); // registrations are clinical
}

#[test]
fn the_model_gets_values_in_their_unit() {
    let life = Life::new().result("2026-01-01", 60_621_009, 29_500).stay(Emergency, "2026-01-01", "2026-01-02", "F051");
    let numbers = model_row(&life.row());
    let of = |name: &str| numbers[model_columns().iter().position(|column| column.column.name == name).unwrap()];
    assert_eq!(of("bmi_kg_per_m2_latest"), 29.5);
    assert_eq!(of("hfrs_points_730d"), 3.2);
}
