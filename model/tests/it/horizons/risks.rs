//! The risks: in order for everybody, true at every horizon, and at the leading one a sum of contributions.

use earlycall_model::metrics::Metrics;
use earlycall_model::{Error, Rows, Score, Training};
use ndarray::{Array2, Axis};
use proptest::prelude::*;

use super::{DAYS, boosted, cohort, columns, model};

/// Any values whatever.
fn row() -> impl Strategy<Value = Array2<f64>> {
    let value = prop_oneof![4 => -5.0..100.0, 2 => (0_u8..6).prop_map(f64::from), 1 => prop::num::f64::ANY];
    prop::collection::vec(value, 5).prop_map(|values| Array2::from_shape_vec((1, 5), values).unwrap())
}

fn risks(x: &Array2<f64>) -> Vec<f64> {
    model().risks(&Rows { columns: &columns(), x: x.view() }).unwrap().row(0).to_vec()
}

proptest! {
    #[test]
    fn horizons_cross_for_nobody(x in row()) {
        let risks = risks(&x);
        prop_assert_eq!(risks.len(), 4);
        prop_assert!(risks.is_sorted() && risks[0] > 0.0 && risks[3] < 1.0, "{:?}", risks);
    }

    #[test]
    fn the_risk_of_the_leading_horizon_is_the_sum_of_its_contributions(x in row()) {
        let columns = columns();
        let rows = Rows { columns: &columns, x: x.view() };
        let contributions = model().lead().contributions(&rows, 0).unwrap();
        prop_assert_eq!(Score::of_log_odds(contributions.log_odds()).risk, risks(&x)[2]);
    }

    #[test]
    fn more_admissions_lower_the_risk_at_no_horizon(x in row(), n in 0_u8..6, more in 1_u8..6) {
        let mut x = x;
        x[[0, 2]] = f64::from(n);
        let before = risks(&x);
        x[[0, 2]] += f64::from(more);
        for (before, after) in before.into_iter().zip(risks(&x)) {
            prop_assert!(after >= before * (1.0 - 1e-12), "{} {}", before, after);
        }
    }
}

#[test]
fn as_many_are_expected_as_will_be_admitted_at_every_horizon() {
    let unseen = cohort(50_000, 2);
    let risks = model().risks(&unseen.rows()).unwrap();
    for (place, days) in DAYS.into_iter().enumerate() {
        let truth: f64 = unseen.true_risks.iter().map(|risks| risks[place]).sum();
        let ratio = risks.column(place).sum() / truth;
        assert!((ratio - 1.0).abs() < 0.05, "{days} days: {ratio}");
    }
}

#[test]
fn every_horizon_is_as_good_as_a_model_of_that_horizon_alone() {
    let (seen, unseen) = (cohort(20_000, 1), cohort(50_000, 3));
    let risks = model().risks(&unseen.rows()).unwrap();
    for (place, days) in DAYS.into_iter().enumerate() {
        let (events, later) = (seen.events(days), unseen.events(days));
        let training = Training { rows: seen.rows(), events: &events, persons: &seen.persons };
        let alone = boosted().check().unwrap().fit(&training).unwrap().score(&unseen.rows()).unwrap();
        let alone: Vec<f64> = alone.iter().map(|score| score.risk).collect();
        let truth: Vec<f64> = unseen.true_risks.iter().map(|risks| risks[place]).collect();
        let joined = risks.column(place).to_vec();
        let [of_joined, of_alone, of_truth] =
            [&joined, &alone, &truth].map(|risks| Metrics::of(risks, &later).unwrap());
        assert!(of_joined.log_loss < of_alone.log_loss + 3e-4, "{days} days: {of_joined:?} {of_alone:?}");
        assert!(of_joined.auroc.unwrap() > of_truth.auroc.unwrap() - 0.01, "{days} days: {of_joined:?}");
        // The discharged and the dying, whose risk is early or ends early, are expected as often.
        for flag in 0..2 {
            let sum =
                |risks: &[f64]| -> f64 { unseen.x.column(flag).iter().zip(risks).map(|(is_so, r)| is_so * r).sum() };
            let ratio = sum(&joined) / sum(&alone);
            assert!((ratio - 1.0).abs() < 0.1, "{days} days: {ratio}");
        }
    }
}

#[test]
fn whoever_was_just_discharged_is_at_risk_soon_and_whoever_is_old_later() {
    // Age 60 and discharged, or age 85 and not; no admissions. Real risks within 30 and 180 days: 9.9% and 21.4%, and 3.7% and 17.8%.
    let x = Array2::from_shape_vec((2, 5), vec![1.0, 0.0, 0.0, 60.0, 5.0, 0.0, 0.0, 0.0, 85.0, 5.0]).unwrap();
    let risks = model().risks(&Rows { columns: &columns(), x: x.view() }).unwrap();
    assert!(risks[[0, 0]] > 1.5 * risks[[1, 0]], "{risks}");
    assert!(risks[[0, 2]] < 1.4 * risks[[1, 2]], "{risks}");
}

#[test]
fn other_columns_and_other_widths_are_refused_and_threads_make_no_difference() {
    let people = cohort(70_000, 4);
    let mut others = columns();
    others.swap(0, 1);
    let refused = model().risks(&Rows { columns: &others, x: people.x.view() }).unwrap_err();
    assert!(matches!(refused, Error::ColumnsDiffer { position: 1, .. }));
    let narrow = people.x.column(0).insert_axis(Axis(1));
    assert!(matches!(model().risks_of(narrow, 1), Err(Error::Length { .. })));
    assert_eq!(model().risks_of(people.x.view(), 3).unwrap(), model().risks(&people.rows()).unwrap());
}
