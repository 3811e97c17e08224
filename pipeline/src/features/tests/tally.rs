//! On random lives: one walk over all facts gives what taking each feature from its own facts gives.

use earlycall_schemas::{catalogue::catalogue, feeds::feeds};
use proptest::prelude::*;

use super::support::{ALL_FEEDS, Life, ago, index_date};
use crate::{
    cohort::stay::StayKind::{self, DayCase, Elective, Emergency, Maternity, RegularAttender, SameDayEmergencyCare},
    features::{Feeds, Tally, Value, Views, build, take::take},
    history::records::FeedRow,
};

const DIAGNOSES: [&str; 8] = ["J440", "I210 E119", "E112 F051", "F329", "X609", "F102 T510", "C787 R296", "Z999"];
const SECTIONS: [&str; 6] = ["0301", "0302", "0205", "0401", "22", "9999"];
const CONDITIONS: [&str; 5] = ["copd", "asthma", "smi", "frailty_marker", "diabetes"];
/// HbA1c, BMI, and something that is no result.
const CONCEPTS: [u64; 3] = [999_791_000_000_106, 60_621_009, 13_645_005];

fn kind() -> impl Strategy<Value = StayKind> {
    prop::sample::select(vec![Emergency, Elective, DayCase, Maternity, RegularAttender, SameDayEmergencyCare])
}

prop_compose! {
    /// A row of any optional table, that passes any tests.
    fn feed_row()(
        feed in 0..feeds().len(),
        ago in -3..200i32,
        lasts in prop::option::of(0..60i32),
        amount in prop::option::of(-9_000..200_000i64),
        item in 0..64usize,
        tests in any::<u64>(),
    ) -> FeedRow {
        let (view, day) = (feeds()[feed].view, index_date() - ago);
        let n_items = view.items().map(|list| list.items().len());
        FeedRow {
            view,
            moment: i64::from(day.0),
            day,
            end: lasts.map(|days| day + days).filter(|day| *day <= index_date()),
            amount,
            item: n_items.map(|n| (item % n) as u16),
            tests,
        }
    }
}

prop_compose! {
    fn life()(
        stays in prop::collection::vec((kind(), -9..1500i32, prop::option::of(0..60i32), 0..DIAGNOSES.len()), 0..8),
        visits in prop::collection::vec((-9..1500i32, 1..6u8, 1..5u8), 0..8),
        items in prop::collection::vec((-9..1500i32, 0..SECTIONS.len()), 0..20),
        results in prop::collection::vec((-9..1500i32, 0..CONCEPTS.len(), 1..90_000i64), 0..12),
        conditions in prop::collection::vec((0..5000i32, 0..CONDITIONS.len()), 0..4),
        rows in prop::collection::vec(feed_row(), 0..40),
        born in 0..36_000i32,
    ) -> Life {
        let mut life = Life::new();
        life.birth_month = (index_date() - born).month_start();
        for (kind, from, nights, codes) in stays {
            let from = index_date() - from;
            life = life.stay_on(kind, from, nights.map(|nights| from + nights), DIAGNOSES[codes]);
        }
        for (day, department, category) in visits {
            life = life.attendance(&ago(day), &format!("0{department}"), &category.to_string());
        }
        for (day, section) in items {
            life = life.prescription(&ago(day), SECTIONS[section]);
        }
        for (day, concept, value) in results {
            life = life.result(&ago(day), CONCEPTS[concept], value);
        }
        for (day, id) in conditions {
            life = life.condition(CONDITIONS[id], &ago(day));
        }
        life.person.feeds = rows;
        life.person.feeds.sort_unstable();
        life
    }
}

/// Every feature, each from the facts of its own entry.
fn one_by_one(life: &Life, feeds: &Feeds) -> Vec<Value> {
    let views = Views::of(&life.subject(), index_date());
    let age = life.subject().age_years(index_date());
    let values = catalogue().features().iter().map(|feature| {
        let entry = &catalogue().entries()[feature.entry];
        if !feeds.answer(feature.entry) || entry.from_age_years.is_some_and(|from| age < i64::from(from)) {
            return Value::Missing;
        }
        take(entry, views.of_entry(entry), feature.within_days, index_date())
    });
    values.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_walk_agrees_with_taking_each_feature_by_itself(life in life(), n_feeds in 0..=ALL_FEEDS.len()) {
        let feeds = Feeds::new(ALL_FEEDS.into_iter().take(n_feeds));
        let (row, expected) = (build(&life.subject(), index_date(), &feeds), one_by_one(&life, &feeds));
        for (feature, (value, expected)) in catalogue().features().iter().zip(row.values.iter().zip(expected)) {
            prop_assert_eq!(*value, expected, "{}", &feature.name);
        }
    }

    #[test]
    fn whoever_came_before_leaves_nothing_behind(first in life(), second in life()) {
        let feeds = Feeds::new(ALL_FEEDS);
        let mut tally = Tally::new(index_date(), &feeds);
        tally.values(&first.subject());
        prop_assert_eq!(tally.values(&second.subject()), &second.row().values[..]);
    }
}
