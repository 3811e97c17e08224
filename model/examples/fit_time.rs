//! How long a fit and a score take: 8,000 people, 120 columns. Run with `--release`.

use std::time::Instant;

use earlycall_model::artefact::Artefact;
use earlycall_model::{Column, ColumnKind, Error, RiskModelParams, Rows, Training};
use ndarray::Array2;

const PEOPLE: usize = 8_000;
const KINDS: [(ColumnKind, usize); 5] = [
    (ColumnKind::Flag, 40),
    (ColumnKind::Count, 50),
    (ColumnKind::Amount, 8),
    (ColumnKind::DaysSince, 12),
    (ColumnKind::Measure, 10),
];

fn main() -> Result<(), Error> {
    let kinds = KINDS.iter().flat_map(|(kind, n)| std::iter::repeat_n(*kind, *n));
    let columns: Vec<Column> = kinds
        .enumerate()
        .map(|(number, kind)| Column::new(format!("column_{number}"), format!("statement_{}", number / 3), kind))
        .collect();
    let (x, events) = simulate(&columns);
    let persons: Vec<u64> = (0..PEOPLE as u64).collect();
    let rows = Rows { columns: &columns, x: x.view() };

    let start = Instant::now();
    let model = RiskModelParams::new().check()?.fit(&Training { rows, events: &events, persons: &persons })?;
    println!("fit, {PEOPLE} rows x {} columns: {:.2} s", columns.len(), start.elapsed().as_secs_f64());

    let start = Instant::now();
    let scores = model.score(&rows)?;
    println!("score: {:.1} µs per row", start.elapsed().as_secs_f64() * 1e6 / scores.len() as f64);

    let functions: usize = model.formula().curves.iter().map(|curve| curve.terms.len()).sum();
    println!("functions: {functions}, L2 {}, {:?}", model.formula().l2, model.calibration());
    println!("events: {}, AUROC out of fold: {:?}", model.metrics().events, model.metrics().auroc);
    println!("artefact: {} bytes", Artefact::of(model).to_json().len());
    Ok(())
}

/// Correlated columns, as records of illness are: a hidden frailty moves all of them and the event.
fn simulate(columns: &[Column]) -> (Array2<f64>, Vec<bool>) {
    let mut state = 7_u64;
    let mut share = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut x = Array2::zeros((PEOPLE, columns.len()));
    let mut events = Vec::new();
    for mut row in x.rows_mut() {
        let frailty = share();
        for (number, (cell, column)) in row.iter_mut().zip(columns).enumerate() {
            let often = 0.05 + 0.4 * frailty * (1.0 + (number % 5) as f64) / 5.0;
            let happened = share() < often;
            *cell = match column.kind {
                ColumnKind::Flag => f64::from(happened),
                ColumnKind::Count | ColumnKind::Amount => {
                    if happened {
                        (1.0 / (0.05 + share())).floor()
                    } else {
                        0.0
                    }
                }
                ColumnKind::DaysSince => {
                    if happened {
                        (1000.0 * share()).floor()
                    } else {
                        f64::INFINITY
                    }
                }
                ColumnKind::Measure => {
                    if happened {
                        f64::NAN
                    } else {
                        40.0 + 60.0 * frailty * share()
                    }
                }
            };
        }
        events.push(share() < 0.02 + 0.3 * frailty * frailty);
    }
    (x, events)
}
