//! The boosted model as its users meet it.

mod artefact;
mod calibration;
mod fit;
mod scoring;
mod shapes;

use std::sync::LazyLock;

use earlycall_model::boosted::{BoostedModel, BoostedParams, Shape};
use earlycall_model::{Column, ColumnKind, Rows, Training};
use ndarray::Array2;

use crate::simulate::{People, Random, people};

/// Settings for a few thousand people.
pub fn params() -> BoostedParams {
    BoostedParams::new().bags(4).l2(5.0).pair_l2(5.0).pairs(3).learning_rate(0.1)
}

/// A model of 3,000 people, of whom the old are the more at risk the more often they were admitted and the young are not;
/// admissions and bed days never lower its risk. Fitted once for all tests.
pub fn model() -> &'static BoostedModel {
    static MODEL: LazyLock<BoostedModel> = LazyLock::new(|| {
        let mut people = people(3000, 1);
        let mut random = Random(2);
        for (row, event) in people.x.rows().into_iter().zip(&mut people.events) {
            let (admissions, age) = (row[1], row[4]);
            if admissions >= 2.0 {
                *event = random.chance(if age >= 60.0 { 0.8 } else { 0.1 });
            }
        }
        let shapes = params().shape("admissions_n", Shape::Rising).shape("bed_days", Shape::Rising);
        shapes.check().unwrap().fit(&people.training()).unwrap()
    });
    &MODEL
}

/// People of six columns of which `left` and `right` only tell something together, and `alone` by itself.
pub fn together(n: usize, seed: u64) -> People {
    let names = ["noise_a", "left", "alone", "noise_b", "right", "noise_c"];
    let columns: Vec<Column> = names.iter().map(|name| Column::new(*name, *name, ColumnKind::Measure)).collect();
    let mut random = Random(seed);
    let x = Array2::from_shape_simple_fn((n, 6), || (20.0 * random.share()).floor());
    let log_odds = |row: ndarray::ArrayView1<f64>| {
        let apart = (row[1] >= 10.0) != (row[4] >= 10.0);
        -1.0 + 0.1 * (row[2] - 9.5) + if apart { 0.8 } else { -0.8 }
    };
    let true_log_odds: Vec<f64> = x.rows().into_iter().map(log_odds).collect();
    let events = true_log_odds.iter().map(|l| random.chance(1.0 / (1.0 + (-l).exp()))).collect();
    People { columns, x, true_log_odds, events, persons: (0..n as u64).collect() }
}

/// A model fitted to rows of measurements, one person each.
pub fn fitted(params: BoostedParams, columns: &[Column], x: &Array2<f64>, events: &[bool]) -> BoostedModel {
    let persons: Vec<u64> = (0..events.len() as u64).collect();
    let rows = Rows { columns, x: x.view() };
    params.check().unwrap().fit(&Training { rows, events, persons: &persons }).unwrap()
}
