//! What is said beside each bar of a person's page, by the state of the record.

use super::support::{Life, day};
use crate::{
    cohort::stay::StayKind::*,
    features::{Known, Stated},
};

fn said(life: &Life, statement: &str) -> Option<Stated> {
    life.stated().remove(statement)
}

#[test]
fn a_fact_is_told_in_its_sentence_and_its_absence_over_the_longest_window_that_counts() {
    let none = said(&Life::new(), "emergency_admissions").unwrap();
    assert_eq!(none.about, "Emergency admissions");
    assert_eq!(none.known, Known::Nothing("None in the last 3 years".to_owned()));
    let once = Life::new().stay(Emergency, "2026-05-03", "2026-05-09", "J440");
    let sentence = "1 emergency admission in the last 12 months, on 3 May 2026 for COPD";
    assert_eq!(said(&once, "emergency_admissions").unwrap().known, Known::Fact(sentence.to_owned()));
}

#[test]
fn what_nobody_measured_is_no_data_and_never_a_usual_value() {
    let egfr = |life: &Life| said(life, "egfr_ml_per_min_latest").unwrap().known;
    let missing = "No data: counted as for other people without it";
    assert_eq!(egfr(&Life::new()), Known::Missing(missing.to_owned()));
    let usual = Life::new().result("2026-05-03", 1_011_481_000_000_105, 85_000);
    assert_eq!(egfr(&usual), Known::Nothing("The latest is within the usual range".to_owned()));
    let low = Life::new().result("2026-05-03", 1_011_481_000_000_105, 45_000);
    assert!(matches!(egfr(&low), Known::Fact(sentence) if sentence.contains("low: 45")));
}

#[test]
fn what_is_scored_from_an_age_on_says_so_before_that_age_and_is_no_reason() {
    let known = |life: &Life| said(life, "hfrs_points").unwrap().known;
    assert_eq!(known(&Life::new()), Known::Nothing("None in the last 2 years".to_owned()));
    // Confused, and falling often: 6.8 points.
    let mut frail = Life::new().stay(Emergency, "2026-05-03", "2026-05-09", "J440 F051 R296");
    assert_eq!(known(&frail), Known::Fact(frail.sentence("hfrs_points").unwrap()));
    frail.birth_month = day("1951-12-01");
    let words = "Not scored below 75 years: counted as for others below that age";
    assert_eq!(known(&frail), Known::Missing(words.to_owned()));
    assert_eq!(frail.sentence("hfrs_points"), None, "74 years old");
}

#[test]
fn nothing_is_said_of_what_is_sensitive_nor_that_there_is_nothing_where_something_is_left_unnamed() {
    let life = Life::new().condition("smi", "2020-01-01");
    assert_eq!(said(&life, "has_smi"), None);
    assert_eq!(said(&life, "conditions_n"), None, "one condition, which may not be named");
    let known = said(&Life::new(), "conditions_n").unwrap().known;
    assert_eq!(known, Known::Nothing("Not on record".to_owned()));
}
