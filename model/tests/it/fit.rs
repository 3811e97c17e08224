//! Fitting: what is refused, what is left out, and that nothing is left to chance.

use earlycall_model::{Column, ColumnKind, Error, RiskModelParams, Rows, Training};
use ndarray::{Array2, Axis};
use proptest::prelude::*;

use crate::scoring::cell;
use crate::simulate::{People, model, people};

fn params() -> RiskModelParams {
    RiskModelParams::new().folds(3).l2(&[100.0])
}

fn refusal(training: &Training) -> String {
    params().check().unwrap().fit(training).unwrap_err().to_string()
}

#[test]
fn training_data_that_do_not_fit_together_are_refused() {
    let people = people(100, 2);
    let whole = people.training();
    assert_eq!(
        refusal(&Training { events: &people.events[1..], ..whole }),
        "there are 99 outcomes, but 100 are needed"
    );
    assert_eq!(
        refusal(&Training { persons: &people.persons[..10], ..whole }),
        "there are 10 persons, but 100 are needed"
    );
    let rows = Rows { columns: &people.columns[1..], ..whole.rows };
    assert_eq!(refusal(&Training { rows, ..whole }), "there are 9 columns of values, but 8 are needed");
    let mut columns = people.columns.clone();
    columns[3].name = columns[1].name.clone();
    let rows = Rows { columns: &columns, ..whole.rows };
    assert_eq!(refusal(&Training { rows, ..whole }), "column admissions_n is named twice");
    assert_eq!(
        refusal(&Training { events: &[false; 100], ..whole }),
        "only 0 people had the event, and at least 3 are needed"
    );
}

#[test]
fn columns_that_say_nothing_stay_and_are_named() {
    let unused: Vec<&str> = model().unused().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(unused, ["constant", "never_fed"]);
    assert_eq!(model().columns(), people(10, 0).columns);
}

#[test]
fn without_any_information_everybody_has_the_rate() {
    let columns = [Column::new("nothing", "nothing", ColumnKind::Count)];
    let x = Array2::from_elem((100, 1), f64::NAN);
    let events: Vec<bool> = (0..100).map(|row| row % 4 == 0).collect();
    let persons: Vec<u64> = (0..100).collect();
    let rows = Rows { columns: &columns, x: x.view() };
    let model = params().check().unwrap().fit(&Training { rows, events: &events, persons: &persons }).unwrap();
    for score in model.score(&rows).unwrap() {
        assert!((score.risk - 0.25).abs() < 1e-6);
    }
}

#[test]
fn a_missing_feed_contributes_nothing_and_a_curve_averages_to_nothing() {
    let people = people(1500, 1);
    for (position, curve) in model().formula().curves.iter().enumerate() {
        if curve.column.kind != ColumnKind::Measure {
            assert_eq!(curve.at(f64::NAN), 0.0, "{}", curve.column.name);
        }
        let sum: f64 = people.x.column(position).iter().map(|x| curve.at(*x)).sum();
        assert!((sum / 1500.0).abs() < 1e-9, "{} averages to {sum}", curve.column.name);
    }
}

#[test]
fn the_same_input_gives_the_same_model() {
    let fit = || params().check().unwrap().fit(&people(800, 3).training()).unwrap();
    assert_eq!(fit(), fit());
}

#[test]
fn the_order_of_rows_and_candidates_hardly_matters() {
    let straight = people(800, 3);
    let order: Vec<usize> = (0..800).rev().collect();
    let reversed = People {
        columns: straight.columns.clone(),
        x: straight.x.select(Axis(0), &order),
        true_log_odds: Vec::new(),
        events: order.iter().map(|row| straight.events[*row]).collect(),
        persons: order.iter().map(|row| straight.persons[*row]).collect(),
    };
    let l2 = |candidates: &[f64]| params().l2(candidates).check().unwrap();
    let one = l2(&[300.0, 30.0]).fit(&straight.training()).unwrap();
    let two = l2(&[30.0, 300.0]).fit(&reversed.training()).unwrap();
    assert_eq!(one.formula().l2, two.formula().l2);
    let (one, two) = (one.score(&straight.rows()).unwrap(), two.score(&straight.rows()).unwrap());
    for (a, b) in one.iter().zip(&two) {
        assert!((a.risk - b.risk).abs() < 1e-4, "{} {}", a.risk, b.risk);
    }
}

#[test]
fn checked_parameters_are_needed() {
    assert!(matches!(params().l2(&[]).check(), Err(Error::Parameter { name: "l2", .. })));
}

proptest! {
    #[test]
    fn any_data_with_enough_events_give_a_model(
        kinds in prop::collection::vec(0_usize..5, 4),
        cells in prop::collection::vec(cell(), 4 * 60),
        events in prop::collection::vec(any::<bool>(), 54),
        l2 in 1e-3..1e4,
    ) {
        use ColumnKind::{Amount, Count, DaysSince, Flag, Measure};
        let kind = |number: usize| [Flag, Count, Amount, DaysSince, Measure][number];
        let columns: Vec<Column> =
            kinds.iter().enumerate().map(|(n, k)| Column::new(format!("column_{n}"), "s", kind(*k))).collect();
        let x = Array2::from_shape_vec((60, 4), cells).unwrap();
        let events: Vec<bool> = [true, false].repeat(3).into_iter().chain(events).collect();
        let persons: Vec<u64> = (0..60).collect();
        let rows = Rows { columns: &columns, x: x.view() };
        let training = Training { rows, events: &events, persons: &persons };
        let model = params().l2(&[l2, 10.0 * l2]).check().unwrap().fit(&training).unwrap();
        let scores = model.score(&rows).unwrap();
        prop_assert!(scores.iter().all(|score| score.risk > 0.0 && score.risk < 1.0), "{:?}", scores);
    }
}
