use super::*;
use crate::{catalogue::catalogue, codelists::conditions};

fn all() -> Vec<Stage> {
    let coached: Vec<String> =
        conditions().iter().filter(|known| known.is_coached).map(|known| known.id.clone()).collect();
    stages("2026-11-20", &[("gp_prescriptions", 3)], 18, &coached)
}

fn sql_of(name: &str) -> String {
    all().into_iter().find(|stage| stage.name == name).unwrap().sql
}

#[test]
fn every_feature_is_a_column() {
    let sql = sql_of("features");
    for feature in catalogue().features() {
        assert_eq!(sql.matches(&format!("AS INTEGER) AS \"{}\"", feature.name)).count(), 1, "{}", feature.name);
    }
}

#[test]
fn an_entry_becomes_a_filtered_aggregate() {
    let sql = sql_of("features");
    for line in [
        "count(*) FILTER (is_emergency AND is_zero_day AND day > getvariable('t') - 90) AS \"emergency_admissions_zero_day_n_90d\"",
        "getvariable('t') - max(day) FILTER (is_emergency AND day > getvariable('t') - 1095) AS \"days_since_last_emergency_admission\"",
        "sum(n_365d) FILTER (item = 0) AS \"bnf_0101_items_n_365d\"",
    ] {
        assert!(sql.contains(line), "{line}");
    }
}

#[test]
fn the_lag_of_a_table_moves_what_was_known() {
    let sql = sql_of("corrections");
    assert!(sql.contains("issue_date <= getvariable('t') - 3"));
    assert!(sql.contains("event_date <= getvariable('t') - 0"));
}

#[test]
#[should_panic(expected = "an index date is written YYYY-MM-DD")]
fn nothing_but_a_date_becomes_part_of_the_script() {
    stages("2026-11-20'; DROP TABLE person; --", &[], 18, &[]);
}
