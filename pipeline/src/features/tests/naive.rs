//! On random lives: a second, plain implementation of some features, and rings that add up to their window.

use std::collections::BTreeSet;

use earlycall_schemas::catalogue::catalogue;
use proptest::prelude::*;

use super::support::{Life, ago, index_date};
use crate::{
    cohort::stay::StayKind::{self, DayCase, Elective, Emergency, Other},
    features::{Value, model_columns, model_row},
};

const SECTIONS: [&str; 5] = ["0301", "0302", "0205", "0401", "22"];

fn kind() -> impl Strategy<Value = StayKind> {
    prop_oneof![Just(Emergency), Just(Elective), Just(DayCase), Just(Other)]
}

prop_compose! {
    fn life()(
        stays in prop::collection::vec((kind(), 0..1500i32, prop::option::of(0..60i32)), 0..12),
        visits in prop::collection::vec((0..1500i32, 1..6u8, 1..5u8), 0..12),
        items in prop::collection::vec((0..1500i32, 0..SECTIONS.len()), 0..20),
    ) -> Life {
        let mut life = Life::new();
        for (kind, from, nights) in stays {
            let from = index_date() - from;
            let until = nights.map(|nights| from + nights).filter(|until| *until <= index_date());
            life = life.stay_on(kind, from, until, "J440");
        }
        for (day, department, category) in visits {
            life = life.attendance(&ago(day), &format!("0{department}"), &category.to_string());
        }
        for (day, section) in items {
            life = life.prescription(&ago(day), SECTIONS[section]);
        }
        life
    }
}

/// Looks at each day of a window in turn.
fn over_days(window: i32, mut of_day: impl FnMut(crate::day::Day) -> usize) -> i64 {
    (0..window).map(|days_ago| of_day(index_date() - days_ago) as i64).sum()
}

fn plain(life: &Life, feature: &str) -> Value {
    let emergencies = || life.cips.iter().filter(|cip| cip.kind == Emergency);
    match feature {
        "emergency_admissions_n_365d" => {
            Value::Known(over_days(365, |day| emergencies().filter(|cip| cip.admission_date == day).count()))
        }
        "bed_days_emergency_180d" => Value::Known(over_days(180, |morning| {
            let slept = |from, until: Option<_>| from < morning && until.is_none_or(|until| morning <= until);
            emergencies().filter(|cip| slept(cip.admission_date, cip.discharge_date)).count()
        })),
        "ae_attendances_n_1095d" => Value::Known(over_days(1095, |day| {
            let visits = life.person.attendances.iter().filter(|row| row.date == day);
            visits.filter(|row| row.department_type.as_str() != "05" && row.attendance_category.as_str() != "4").count()
        })),
        "days_since_last_elective_admission" => {
            let days = (0..1095).find(|days| {
                life.cips.iter().any(|cip| cip.kind == Elective && cip.admission_date == index_date() - *days)
            });
            days.map_or(Value::Never, |days| Value::Known(i64::from(days)))
        }
        "bnf_sections_n_365d" => {
            let recent = life.person.prescriptions.iter().filter(|row| index_date() - row.date < 365);
            Value::Known(recent.map(|row| row.medicine.bnf).collect::<BTreeSet<_>>().len() as i64)
        }
        other => panic!("{other} has no second implementation"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plain_second_implementation_agrees(life in life()) {
        let row = life.row();
        for feature in [
            "emergency_admissions_n_365d",
            "bed_days_emergency_180d",
            "ae_attendances_n_1095d",
            "days_since_last_elective_admission",
            "bnf_sections_n_365d",
        ] {
            prop_assert_eq!(row.get(feature), plain(&life, feature), "{}", feature);
        }
    }

    #[test]
    fn nights_are_the_bed_days_of_the_stays(life in life()) {
        for window in [30, 90, 180, 365, 1095] {
            let emergencies = life.cips.iter().filter(|cip| cip.kind == Emergency);
            let bed_days = emergencies.map(|cip| cip.bed_days_within(index_date() - window, index_date())).sum::<i32>();
            prop_assert_eq!(life.number(&format!("bed_days_emergency_{window}d")), i64::from(bed_days));
        }
    }

    #[test]
    fn the_rings_of_an_entry_add_up_to_its_widest_window(life in life()) {
        let (row, columns) = (life.row(), model_columns());
        let numbers = model_row(&row);
        prop_assert_eq!(numbers.len(), columns.len());
        for (position, entry) in catalogue().entries().iter().enumerate().filter(|(_, entry)| entry.take.adds_up()) {
            let range = catalogue().features_of(position);
            let Value::Known(widest) = row.values[range.end - 1] else { continue };
            let rings: f64 = numbers[range].iter().sum();
            prop_assert_eq!(rings, widest as f64 / entry.scale as f64, "{}", &entry.name);
        }
    }

    #[test]
    fn the_order_of_the_rows_makes_no_difference(life in life(), seed in any::<u64>()) {
        let mut shuffled = life.clone();
        let turn = |n: usize| (seed as usize).checked_rem(n).unwrap_or(0);
        shuffled.cips.rotate_left(turn(life.cips.len()));
        shuffled.person.prescriptions = life.person.prescriptions.iter().rev().cloned().collect::<Vec<_>>().into();
        shuffled.person.attendances.rotate_left(turn(life.person.attendances.len()));
        prop_assert_eq!(life.row(), shuffled.row());
        prop_assert_eq!(life.told(), shuffled.told());
    }
}
