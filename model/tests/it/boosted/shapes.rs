//! What is known of a curve beforehand holds in the fitted one.

use earlycall_model::boosted::Shape;
use earlycall_model::{Column, ColumnKind, Rows};
use ndarray::{Array2, Axis};

use super::{fitted, params};
use crate::simulate::Random;

/// People with a count whose risk falls where it should rise, and a second column that it goes together with.
fn contrary(n: usize) -> (Vec<Column>, Array2<f64>, Vec<bool>) {
    let mut random = Random(31);
    let columns = ["count", "other"].map(|name| Column::new(name, name, ColumnKind::Measure)).to_vec();
    let mut x = Array2::zeros((n, 2));
    let mut events = Vec::new();
    for mut row in x.rows_mut() {
        let count = (8.0 * random.share()).floor();
        let other = (4.0 * random.share()).floor() + count / 4.0;
        (row[0], row[1]) = (count, other.floor());
        let log_odds = -1.0 + 0.8 * f64::from(count >= 2.0) - 0.7 * f64::from(count >= 5.0 && other < 3.0);
        events.push(random.chance(1.0 / (1.0 + (-log_odds).exp())));
    }
    (columns, x, events)
}

#[test]
fn a_curve_that_must_rise_does_with_all_its_surfaces() {
    let (columns, x, events) = contrary(4000);
    let grid = Array2::from_shape_fn((8 * 6, 2), |(row, column)| if column == 0 { row / 6 } else { row % 6 } as f64);
    for (shape, sign) in [(Shape::Rising, 1.0), (Shape::Falling, -1.0)] {
        let model = fitted(params().shape("count", shape), &columns, &x, &events);
        assert_eq!(model.formula().n_pairs, 1);
        let heights = &model.formula().curves[0].heights;
        assert!(heights[1..].is_sorted_by(|a, b| sign * a <= sign * b), "{heights:?}");
        let scores = model.score(&Rows { columns: &columns, x: grid.view() }).unwrap();
        for (place, score) in scores.iter().enumerate().skip(6) {
            let rise = sign * (score.log_odds - scores[place - 6].log_odds);
            assert!(rise >= -1e-12, "{shape:?}, row {place}: {rise}");
        }
    }
    // Left free it follows the people, so the shape above is no accident.
    let free = fitted(params(), &columns, &x, &events);
    assert!(!free.formula().curves[0].heights[1..].is_sorted());
}

#[test]
fn the_order_of_levels_means_nothing() {
    let mut random = Random(32);
    let columns = [Column::new("ward", "ward", ColumnKind::Measure)];
    let x = Array2::from_shape_simple_fn((3000, 1), || (6.0 * random.share()).floor());
    let events: Vec<bool> =
        x.iter().map(|ward| random.chance([0.1, 0.5, 0.1, 0.5, 0.1, 0.5][*ward as usize])).collect();
    let levels = |x: &Array2<f64>| fitted(params().shape("ward", Shape::Levels), &columns, x, &events);
    let renamed = x.mapv(|ward| [40.0, 7.0, 19.0, 3.0, 88.0, 21.0][ward as usize]);
    let (one, two) = (levels(&x), levels(&renamed));
    let risks = |model: &earlycall_model::boosted::BoostedModel, x: &Array2<f64>| {
        let rows = x.select(Axis(0), &[0, 1, 2, 3, 4, 5, 6, 7]);
        model.score(&Rows { columns: &columns, x: rows.view() }).unwrap().iter().map(|s| s.risk).collect::<Vec<f64>>()
    };
    for (a, b) in risks(&one, &x).iter().zip(risks(&two, &renamed)) {
        assert!((a - b).abs() < 1e-9, "{a} {b}");
    }
    let curve = &one.formula().curves[0];
    assert!(curve.at(1.0) - curve.at(0.0) > 1.5 && curve.at(2.0) - curve.at(1.0) < -1.5);
    // A level that nobody had tells nothing that was learnt.
    assert_eq!(curve.at(99.0), curve.at(f64::NAN));
}
