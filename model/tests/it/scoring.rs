//! Scoring: no value can make it fail, and every score comes apart exactly.

use earlycall_model::{Column, ColumnKind, Error, Rows, Score};
use ndarray::{Array2, Axis, array};
use proptest::prelude::*;

use crate::simulate::{columns, model, people};

/// Any cell that could arrive: ordinary, absurd, missing.
pub fn cell() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..200.0,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![0.0, -0.0, 1.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN]),
    ]
}

/// A row of any cells.
pub fn row() -> impl Strategy<Value = Array2<f64>> {
    let n = columns().len();
    prop::collection::vec(cell(), n).prop_map(move |cells| Array2::from_shape_vec((1, n), cells).unwrap())
}

proptest! {
    #[test]
    fn every_score_is_a_risk_and_the_sum_of_its_contributions(x in row()) {
        let columns = columns();
        let rows = Rows { columns: &columns, x: x.view() };
        let score = model().score(&rows).unwrap()[0];
        prop_assert!(score.log_odds.is_finite() && score.risk > 0.0 && score.risk < 1.0);

        let contributions = model().contributions(&rows, 0).unwrap();
        prop_assert_eq!(contributions.log_odds(), score.log_odds);
        let told: f64 = model().by_statement(&contributions).iter().map(|(_, sum)| sum).sum();
        prop_assert!((contributions.base + told - score.log_odds).abs() < 1e-12);
    }

    #[test]
    fn columns_without_a_curve_do_not_matter(x in row(), constant in cell(), never_fed in cell()) {
        let columns = columns();
        let mut other = x.clone();
        (other[[0, 7]], other[[0, 8]]) = (constant, never_fed);
        let score = |x: &Array2<f64>| model().score(&Rows { columns: &columns, x: x.view() }).unwrap()[0];
        prop_assert_eq!(score(&x), score(&other));
    }

    #[test]
    fn a_row_is_scored_alike_in_any_company(x in row(), neighbour in row()) {
        let columns = columns();
        let both = ndarray::concatenate(Axis(0), &[neighbour.view(), x.view()]).unwrap();
        let alone = model().score(&Rows { columns: &columns, x: x.view() }).unwrap()[0];
        prop_assert_eq!(model().score(&Rows { columns: &columns, x: both.view() }).unwrap()[1], alone);
    }
}

#[test]
fn other_columns_are_refused_by_name_order_and_kind() {
    let x = Array2::zeros((1, columns().len()));
    let refusal = |change: &dyn Fn(&mut Vec<Column>)| {
        let mut columns = columns();
        change(&mut columns);
        model().score(&Rows { columns: &columns, x: x.view() }).unwrap_err().to_string()
    };
    assert_eq!(
        refusal(&|columns| columns[0].name = "has_asthma".to_owned()),
        "column 1 should be has_copd (flag), but is has_asthma (flag)"
    );
    assert_eq!(
        refusal(&|columns| columns.swap(1, 2)),
        "column 2 should be admissions_n (count), but is bed_days (amount)"
    );
    assert_eq!(
        refusal(&|columns| columns[4].kind = ColumnKind::Count),
        "column 5 should be age_years (measure), but is age_years (count)"
    );
    assert_eq!(refusal(&|columns| drop(columns.pop())), "column 9 should be never_fed (amount), but is absent");
    assert_eq!(
        refusal(&|columns| columns.push(Column::new("more", "more", ColumnKind::Flag))),
        "column 10 should be absent, but is more (flag)"
    );
    // A statement is only a word for the reader: it may change without a new model.
    let mut columns = columns();
    columns[0].statement = "breathing".to_owned();
    assert!(model().score(&Rows { columns: &columns, x: x.view() }).is_ok());
}

#[test]
fn a_matrix_of_another_width_and_a_row_that_is_not_there_are_refused() {
    let columns = columns();
    let narrow = Array2::zeros((1, 3));
    assert!(matches!(model().score(&Rows { columns: &columns, x: narrow.view() }), Err(Error::Length { .. })));
    let x = Array2::zeros((2, columns.len()));
    let refused = model().contributions(&Rows { columns: &columns, x: x.view() }, 2).unwrap_err();
    assert_eq!(refused.to_string(), "row 2 does not exist: there are 2");
}

#[test]
fn contributions_are_told_by_statement_from_the_one_that_raises_most() {
    let contributions =
        earlycall_model::Contributions { base: -2.0, by_column: vec![0.25, 0.5, 0.5, 0.25, -0.5, 0.0, 0.0, 0.0, 0.0] };
    let told = model().by_statement(&contributions);
    let expected = [
        ("hospital", 1.0),
        ("lungs", 0.25),
        ("recent", 0.25),
        ("constant", 0.0),
        ("diabetes", 0.0),
        ("never_fed", 0.0),
        ("noise", 0.0),
        ("age", -0.5),
    ];
    assert_eq!(told, expected.map(|(name, sum)| (name.to_owned(), sum)));
}

#[test]
fn more_of_what_raises_the_risk_raises_it() {
    let columns = columns();
    let nan = f64::NAN;
    let x = array![
        [0.0, 0.0, 0.0, f64::INFINITY, 40.0, 40.0, 0.0, 1.0, nan],
        [1.0, 0.0, 0.0, f64::INFINITY, 40.0, 40.0, 0.0, 1.0, nan],
        [1.0, 2.0, 9.0, 20.0, 40.0, 40.0, 0.0, 1.0, nan],
        [1.0, 2.0, 9.0, 20.0, 90.0, 40.0, 0.0, 1.0, nan],
    ];
    let scores = model().score(&Rows { columns: &columns, x: x.view() }).unwrap();
    assert!(scores.is_sorted_by(|a, b| a.risk < b.risk), "{scores:?}");
}

#[test]
fn the_fixture_is_a_useful_model() {
    // Guards the properties above against a model whose curves are all flat.
    assert!(model().metrics().auroc.unwrap() > 0.65);
    assert_eq!(people(1500, 1).events.iter().filter(|event| **event).count() as u64, model().metrics().events);
}

#[test]
fn a_block_gives_the_bits_of_one_row_after_the_other() {
    let people = people(21, 5);
    let n = model().statements().len();
    let (mut log_odds, mut sums) = (vec![f64::NAN; 21], vec![f64::NAN; 21 * n]);
    model().explain_block(people.x.view(), &mut log_odds, &mut sums).unwrap();
    let scores = model().score(&people.rows()).unwrap();
    for row in 0..21 {
        assert_eq!(Score::of_log_odds(log_odds[row]), scores[row]);
        let contributions = model().contributions(&people.rows(), row).unwrap();
        assert_eq!(contributions.log_odds(), log_odds[row]);
        for (statement, sum) in model().by_statement(&contributions) {
            let place = model().statements().binary_search(&statement).unwrap();
            assert_eq!(sums[row * n + place], sum, "{statement}");
        }
    }
}

#[test]
fn a_block_of_short_numbers_or_of_turned_rows_is_scored_alike() {
    let people = people(9, 6);
    let of = |log_odds: &mut [f64]| log_odds.iter().map(|l| l.to_bits()).collect::<Vec<u64>>();
    let (mut long, mut short, mut turned) = ([0.0; 9], [0.0; 9], [0.0; 9]);
    model().score_block(people.x.view(), &mut long).unwrap();
    model().score_block(people.x.mapv(|x| x as f32).view(), &mut short).unwrap();
    let by_column = people.x.t().to_owned();
    model().score_block(by_column.t(), &mut turned).unwrap();
    assert_eq!(of(&mut long), of(&mut short));
    assert_eq!(of(&mut long), of(&mut turned));
}

#[test]
fn a_block_without_the_right_room_is_refused() {
    let people = people(3, 5);
    let n = model().statements().len();
    let refusal = |places: usize, sums: usize| {
        let refused = model().explain_block(people.x.view(), &mut vec![0.0; places], &mut vec![0.0; sums]);
        refused.unwrap_err().to_string()
    };
    assert_eq!(refusal(2, 3 * n), "there are 2 places for log-odds, but 3 are needed");
    assert_eq!(refusal(3, n), format!("there are {n} places for sums, but {} are needed", 3 * n));
    let narrow = people.x.column(0).insert_axis(Axis(1));
    assert!(matches!(model().score_block(narrow, &mut [0.0; 3]), Err(Error::Length { .. })));
}
