//! On random lives: without one optional table, or with what came late of it, no feature of any other changes.

use earlycall_schemas::{
    catalogue::{View, catalogue},
    table::{TableSpec, Tier, table, tables},
};
use proptest::prelude::*;

use super::support::{ALL_FEEDS, Life, index_date};
use crate::{
    cohort::stay::StayKind::Emergency,
    features::{FeatureRow, Feeds, Value, build},
    history::records::FeedRow,
};

/// The optional tables of which there are features.
fn optional() -> impl Iterator<Item = &'static TableSpec> {
    let is_fed = |table: &&TableSpec| catalogue().entries().iter().any(|entry| entry.feeds.contains(&table.name));
    tables().iter().filter(|table| table.tier == Tier::Optional).filter(is_fed)
}

fn views() -> Vec<View> {
    let is_of_optional = |view: &View| table(view.name()).is_some_and(|table| table.tier == Tier::Optional);
    View::ALL.into_iter().filter(is_of_optional).collect()
}

prop_compose! {
    fn row()(
        view in prop::sample::select(views()),
        age_days in -9..800i32,
        ends_after in prop::option::of(0..60i32),
        amount in prop::option::of(-50..9_000i64),
        item in prop::option::of(0..20u16),
        tests in any::<u64>(),
    ) -> FeedRow {
        let day = index_date() - age_days;
        let n_items = view.items().map_or(0, |items| items.items().len() as u16);
        FeedRow {
            view,
            moment: i64::from(day.0),
            day,
            end: ends_after.map(|days| day + days),
            amount,
            item: item.filter(|_| n_items > 0).map(|item| item % n_items),
            tests,
        }
    }
}

prop_compose! {
    fn life()(mut rows in prop::collection::vec(row(), 0..60)) -> Life {
        rows.sort_unstable();
        let mut life = Life::new().stay_on(Emergency, index_date() - 90, Some(index_date() - 80), "J440");
        life.person.feeds = rows;
        life
    }
}

/// The life as far as the rows of a table are these.
fn keeping(life: &Life, table: &str, keeps: impl Fn(&FeedRow) -> bool) -> Life {
    let mut kept = life.clone();
    kept.person.feeds.retain(|row| row.view.name() != table || keeps(row));
    kept
}

/// Whether features of which a table is no source are the same, bit by bit, and those of it alone are missing where it is.
fn only_its_own_change(
    table: &str,
    is_missing: bool,
    whole: &FeatureRow,
    without: &FeatureRow,
) -> Result<(), TestCaseError> {
    for (feature, (whole, without)) in catalogue().features().iter().zip(whole.values.iter().zip(&without.values)) {
        let feeds = &catalogue().entries()[feature.entry].feeds;
        if !feeds.iter().any(|feed| feed == table) {
            prop_assert_eq!(whole, without, "{} without {}", &feature.name, table);
        } else if is_missing && feeds.len() == 1 {
            prop_assert_eq!(*without, Value::Missing, "{} without {}", &feature.name, table);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn without_an_optional_table_its_features_are_missing_and_no_other_changes_by_a_bit(life in life()) {
        let whole = build(&life.subject(), index_date(), &Feeds::new(ALL_FEEDS));
        for TableSpec { name, .. } in optional() {
            let feeds = Feeds::new(ALL_FEEDS.into_iter().filter(|feed| feed != name));
            // Switched off, nothing of it is read; stopped too long ago, what came before is.
            for kept in [keeping(&life, name, |_| false), life.clone()] {
                only_its_own_change(name, true, &whole, &build(&kept.subject(), index_date(), &feeds))?;
            }
        }
    }

    #[test]
    fn what_an_optional_table_brings_late_changes_no_feature_but_its_own(life in life(), late_days in 0..40i32) {
        let whole = build(&life.subject(), index_date(), &Feeds::new(ALL_FEEDS));
        for TableSpec { name, .. } in optional() {
            let late = keeping(&life, name, |row| row.day <= index_date() - late_days);
            only_its_own_change(name, false, &whole, &build(&late.subject(), index_date(), &Feeds::new(ALL_FEEDS)))?;
        }
    }
}

#[test]
fn ten_optional_tables_have_features() {
    assert_eq!(optional().count(), 10);
    assert_eq!(views().len(), 10);
}
