//! Scoring: no value can make it fail, and every score comes apart exactly.

use earlycall_model::{Error, Rows, Score};
use ndarray::{Array2, Axis};
use proptest::prelude::*;

use super::model;
use crate::scoring::row;
use crate::simulate::{columns, people};

proptest! {
    #[test]
    fn every_score_is_a_risk_and_the_sum_of_its_contributions(x in row()) {
        let columns = columns();
        let rows = Rows { columns: &columns, x: x.view() };
        let score = model().score(&rows).unwrap()[0];
        prop_assert!(score.log_odds.is_finite() && score.risk > 0.0 && score.risk < 1.0);
        let contributions = model().contributions(&rows, 0).unwrap();
        prop_assert_eq!(contributions.log_odds(), score.log_odds);
        prop_assert_eq!(contributions.by_pair.len(), model().formula().n_pairs);
    }

    #[test]
    fn more_admissions_and_more_bed_days_never_lower_the_risk(x in row(), more in 0.0..50.0, column in 1_usize..3) {
        let columns = columns();
        let mut higher = x.clone();
        higher[[0, column]] += more;
        prop_assume!(!x[[0, column]].is_nan() && !higher[[0, column]].is_nan());
        let log_odds = |x: &Array2<f64>| model().score(&Rows { columns: &columns, x: x.view() }).unwrap()[0].log_odds;
        prop_assert!(log_odds(&higher) >= log_odds(&x) - 1e-12);
    }
}

#[test]
fn what_is_shown_and_what_is_not_add_up_to_the_score() {
    let people = people(500, 7);
    for row in 0..500 {
        let contributions = model().contributions(&people.rows(), row).unwrap();
        let told = model().by_statement(&contributions);
        assert!(told.is_sorted_by(|a, b| a.1 >= b.1));
        let sum = |part: &[(String, f64)]| part.iter().map(|(_, contribution)| contribution).sum::<f64>();
        let (shown, unshown) = told.split_at(4);
        let score = model().score(&people.rows()).unwrap()[row].log_odds;
        assert!((contributions.base + sum(shown) + sum(unshown) - score).abs() < 1e-12);
        // Admissions and bed days, columns 1 and 2, are both told under "hospital": so of what either of them tells together
        // with a third column half is told there, and all of what they tell together.
        let hospital = &told.iter().find(|(name, _)| name == "hospital").unwrap().1;
        let share = |columns: [usize; 2]| columns.iter().filter(|column| [1, 2].contains(*column)).count() as f64 / 2.0;
        let surfaces = model().formula().surfaces.iter().zip(&contributions.by_pair);
        let of_pairs: f64 = surfaces.map(|(surface, height)| share(surface.columns) * height).sum();
        let of_columns = contributions.by_column[1] + contributions.by_column[2];
        assert!((hospital - of_columns - of_pairs).abs() < 1e-12);
    }
    assert!(model().formula().surfaces.iter().any(|surface| surface.columns != [1, 2]));
}

#[test]
fn a_block_gives_the_bits_of_one_row_after_the_other_in_any_form() {
    // More rows than are worked on together, and some left over.
    let people = people(1300, 5);
    let alone = |row: usize| model().contributions(&people.rows(), row).unwrap().log_odds();
    let expected: Vec<f64> = (0..1300).map(alone).collect();
    let (mut long, mut short) = (vec![f64::NAN; 1300], vec![f64::NAN; 1300]);
    model().score_block(people.x.view(), &mut long).unwrap();
    model().score_block(people.x.mapv(|x| x as f32).view(), &mut short).unwrap();
    let by_column = people.x.t().as_standard_layout().into_owned();
    let turned = model().log_odds(by_column.t(), 1).unwrap();
    assert_eq!([&long, &short, &turned], [&expected; 3]);
    let risks: Vec<f64> = model().score(&people.rows()).unwrap().iter().map(|score| score.risk).collect();
    assert_eq!(risks, expected.iter().map(|log_odds| Score::of_log_odds(*log_odds).risk).collect::<Vec<f64>>());
}

#[test]
fn any_number_of_threads_gives_the_same_log_odds() {
    let people = people(70_000, 6);
    let one = model().log_odds(people.x.view(), 1).unwrap();
    assert_eq!(one.len(), 70_000);
    assert_eq!(model().log_odds(people.x.view(), 3).unwrap(), one);
}

#[test]
fn the_fixture_is_a_useful_model() {
    // Guards the properties above against a model whose curves are all flat.
    assert!(model().metrics().auroc.unwrap() > 0.65);
    // And without the surfaces of columns that must rise, where that is hardest.
    let surfaces = &model().formula().surfaces;
    assert!(surfaces.iter().any(|surface| surface.columns[0] == 1 || surface.columns.contains(&2)), "{surfaces:?}");
}

#[test]
fn other_columns_other_widths_and_rows_that_are_not_there_are_refused() {
    let x = Array2::zeros((2, columns().len()));
    let mut others = columns();
    others.swap(1, 2);
    let refused = model().score(&Rows { columns: &others, x: x.view() }).unwrap_err();
    assert_eq!(refused.to_string(), "column 2 should be admissions_n (count), but is bed_days (amount)");
    let narrow = x.column(0).insert_axis(Axis(1));
    assert!(matches!(model().score_block(narrow, &mut [0.0; 2]), Err(Error::Length { .. })));
    assert!(matches!(model().score_block(x.view(), &mut [0.0; 3]), Err(Error::Length { .. })));
    let refused = model().contributions(&Rows { columns: &columns(), x: x.view() }, 2).unwrap_err();
    assert_eq!(refused.to_string(), "row 2 does not exist: there are 2");
}
