//! A window of w days is (T - w, T]: it holds the index date and the w - 1 days before it.

use super::support::{Life, ago, index_date};
use crate::{cohort::stay::StayKind::Emergency, features::Value};

#[test]
fn a_count_starts_on_the_day_after_t_minus_w_and_ends_on_t() {
    let windows = [30, 90, 180, 365, 1095];
    for w in windows {
        for (days_ago, counted) in [(0, 1), (1, 1), (w - 1, 1), (w, 0), (w + 1, 0), (-1, 0)] {
            let life = Life::new().stay(Emergency, &ago(days_ago), &ago(days_ago), "J440");
            let feature = format!("emergency_admissions_n_{w}d");
            assert_eq!(life.number(&feature), counted, "{feature}, {days_ago} days ago");
        }
    }
}

#[test]
fn nights_are_those_that_end_within_the_window() {
    // Admitted, discharged (days ago), nights of the last 30 days.
    let cases = [
        (5, 3, 2),    // two nights, both inside
        (3, 3, 0),    // same day
        (40, 28, 2),  // nights that end 29 and 28 days ago; the one that ends 30 days ago lies outside
        (30, 29, 1),  // ends 29 days ago
        (31, 30, 0),  // ends 30 days ago
        (60, 40, 0),  // long over
        (400, 0, 30), // through the whole window
    ];
    for (from, until, nights) in cases {
        let life = Life::new().stay(Emergency, &ago(from), &ago(until), "J440");
        assert_eq!(life.number("bed_days_emergency_30d"), nights, "from {from} to {until} days ago");
    }
    let still_there = Life::new().stay(Emergency, &ago(12), "", "J440");
    assert_eq!(still_there.number("bed_days_emergency_30d"), 12);
}

#[test]
fn a_flag_and_a_latest_result_have_the_same_edges() {
    for (days_ago, flag) in [(0, 1), (29, 1), (30, 0)] {
        let life = Life::new().stay(Emergency, &ago(days_ago + 4), &ago(days_ago), "J440");
        assert_eq!(life.number("discharged_from_emergency_stay_30d"), flag);
    }
    let hba1c = 999_791_000_000_106;
    let measured = |days_ago| Life::new().result(&ago(days_ago), hba1c, 48_000).row().get("hba1c_mmol_per_mol_latest");
    assert_eq!(measured(0), Value::Known(48_000));
    assert_eq!(measured(1094), Value::Known(48_000));
    assert_eq!(measured(1095), Value::Missing);
}

#[test]
fn both_scores_look_back_730_days() {
    for (days_ago, charlson, frailty) in [(0, 1, 71), (729, 1, 71), (730, 0, 0)] {
        let life = Life::new().stay(Emergency, &ago(days_ago), &ago(days_ago), "F001");
        assert_eq!(life.number("charlson_points_730d"), charlson, "dementia, {days_ago} days ago");
        assert_eq!(life.number("hfrs_points_730d"), frailty, "F00 has 7.1 points, {days_ago} days ago");
    }
}

#[test]
fn a_birthday_changes_the_age_on_its_day() {
    let mut life = Life::new();
    for (born, age) in [("1942-12-01", 83), ("1942-11-01", 84), ("1925-01-01", 101)] {
        life.birth_month = super::support::day(born);
        assert_eq!(life.number("age_years"), age, "born {born}, on {}", index_date());
    }
}
