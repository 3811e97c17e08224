//! The optimum by other ways: rates by hand, a gradient in plain code, and linfa's solver.

use linfa::DatasetBase;
use linfa::traits::Fit as _;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2, ArrayView1};

use super::*;
use crate::census::{self, Census};
use crate::column::{Column, ColumnKind};
use crate::design::Design;
use crate::number::mix;

const CLOSE: Tolerance = Tolerance(1e-20);

/// A small table with all that a solver needs to know about it.
pub(crate) struct Table {
    x: Array2<f64>,
    censuses: Vec<Census>,
    design: Design,
}

impl Table {
    fn of(x: Array2<f64>, kinds: &[ColumnKind]) -> Table {
        let column = |(number, kind): (usize, &ColumnKind)| Column::new(format!("column_{number}"), "s", *kind);
        let columns: Vec<Column> = kinds.iter().enumerate().map(column).collect();
        let censuses = census::take(x.view(), 1);
        let design = Design::of(&columns, &censuses);
        Table { x, censuses, design }
    }

    pub(crate) fn of_flags(x: Array2<f64>) -> Table {
        let kinds = vec![ColumnKind::Flag; x.ncols()];
        Table::of(x, &kinds)
    }

    pub(crate) fn solve<T>(&self, events: &[bool], folds: &[usize], work: impl FnOnce(&Problem) -> T) -> T {
        let cells = Cells::of(self.x.view(), &self.design, &self.censuses, 1);
        work(&Problem { cells: &cells, events, folds, threads: 1 })
    }

    /// The line on all rows.
    fn line(&self, events: &[bool], l2: f64, threads: usize) -> Line {
        self.solve(events, &vec![0; events.len()], |problem| {
            let problem = Problem { threads, ..*problem };
            let mut fit = Fit::at_rate(&problem);
            fit.descend(&problem, l2, CLOSE).unwrap();
            fit.line(problem.cells)
        })
    }

    /// Every function of every row in full, without cells.
    fn dense(&self) -> Array2<f64> {
        let standards = &self.design.standards;
        Array2::from_shape_fn((self.x.nrows(), standards.len()), |(row, function)| {
            standards[function].height(self.x[[row, standards[function].position]])
        })
    }
}

/// 40 rows, half with the flag, and events in so many of each half.
fn halves(events_high: usize, events_low: usize) -> (Table, Vec<bool>) {
    let x = Array2::from_shape_fn((40, 1), |(row, _)| f64::from(row < 20));
    let events = (0..40).map(|row| if row < 20 { row < events_high } else { row - 20 < events_low }).collect();
    (Table::of_flags(x), events)
}

/// Rows of all kinds, with columns of few and of many values, some missing, and events that depend on them.
fn mixed(n_rows: usize) -> (Table, Vec<bool>) {
    let share = |row: usize, column: usize| (mix(mix(row as u64) ^ column as u64) >> 11) as f64 / (1_u64 << 53) as f64;
    let x = Array2::from_shape_fn((n_rows, 6), |(row, column)| {
        let share = share(row, column);
        match column {
            0 => f64::from(share < 0.2),
            1 => (1.0 / (0.1 + share)).floor() - 1.0,
            2 if share < 0.5 => f64::INFINITY,
            2 => (2000.0 * share).floor() - 1000.0,
            3 if share < 0.3 => f64::NAN,
            3 => (500.0 * share).floor() / 10.0,
            4 if share < 0.05 => f64::NAN,
            _ => 80.0 * share,
        }
    });
    let events = (0..n_rows).map(|row| {
        let recent = if x[[row, 2]] < 100.0 { 1.0 } else { 0.0 };
        let log_odds = -2.0 + x[[row, 0]] + 0.3 * x[[row, 1]] + recent + 0.01 * x[[row, 5]];
        share(row, 9) < 1.0 / (1.0 + (-log_odds).exp())
    });
    let events = events.collect();
    use ColumnKind::{Amount, Count, DaysSince, Flag, Measure};
    (Table::of(x, &[Flag, Count, DaysSince, Measure, Amount, Measure]), events)
}

#[test]
fn without_a_penalty_the_line_gives_the_observed_rates() {
    // 15 of 20 and 5 of 20 are log-odds ln 3 and -ln 3. Events are rarer, commoner and as common as the others.
    for (high, low) in [(15, 5), (5, 15), (5, 1), (19, 15), (1, 1)] {
        let (table, events) = halves(high, low);
        let line = table.line(&events, 1e-9, 1);
        let observed = |n: usize| (n as f64 / (20 - n) as f64).ln();
        assert!((line.intercept + line.weights[0] - observed(high)).abs() < 1e-6, "{high} {low}");
        assert!((line.intercept - line.weights[0] - observed(low)).abs() < 1e-6, "{high} {low}");
    }
}

#[test]
fn a_penalty_shrinks_and_the_start_does_not_matter() {
    for (high, low) in [(15, 5), (10, 2), (18, 12)] {
        let (table, events) = halves(high, low);
        let (strong, weak) = (table.line(&events, 100.0, 1), table.line(&events, 1.0, 1));
        assert!(0.0 < strong.weights[0] && strong.weights[0] < weak.weights[0]);
        let again = table.solve(&events, &[0; 40], |problem| {
            let mut fit = Fit::at_rate(problem);
            fit.descend(problem, 100.0, CLOSE).unwrap();
            fit.descend(problem, 1.0, CLOSE).unwrap();
            fit.line(problem.cells)
        });
        assert!((again.weights[0] - weak.weights[0]).abs() < 1e-8, "{again:?} {weak:?}");
        assert!((again.intercept - weak.intercept).abs() < 1e-8, "{again:?} {weak:?}");
    }
}

#[test]
fn without_functions_the_line_is_the_rate() {
    let table = Table::of_flags(Array2::zeros((4, 0)));
    let line = table.line(&[true, false, false, false], 1.0, 1);
    assert!((line.intercept + 3.0_f64.ln()).abs() < 1e-12);
}

#[test]
fn at_the_optimum_the_gradient_is_zero() {
    // More rows than the samples of the curvature have, and columns of more values than have cells.
    let (table, events) = mixed(140_000);
    let (line, z) = (table.line(&events, 10.0, 1), table.dense());
    let log_odds = z.dot(&Array1::from(line.weights.clone())) + line.intercept;
    let excess: Array1<f64> =
        log_odds.iter().zip(&events).map(|(l, event)| 1.0 / (1.0 + (-l).exp()) - f64::from(*event)).collect();
    let slope = z.t().dot(&excess) + 10.0 * Array1::from(line.weights.clone());
    assert!(excess.sum().abs() < 1e-5, "{}", excess.sum());
    assert!(slope.iter().all(|slope| slope.abs() < 1e-5), "{slope}");
    assert!(line.weights.iter().any(|weight| weight.abs() > 0.1), "nothing was learnt");
}

#[test]
fn linfa_finds_the_same_line() {
    let (table, events) = mixed(500);
    for l2 in [1.0, 30.0] {
        let (ours, z) = (table.line(&events, l2, 1), table.dense());
        let theirs = LogisticRegression::default()
            .alpha(l2)
            .gradient_tolerance(1e-7)
            .max_iterations(10_000)
            .fit(&DatasetBase::new(z.view(), ArrayView1::from(&events)))
            .unwrap();
        let sign = if theirs.labels().pos.class { 1.0 } else { -1.0 };
        assert!((ours.intercept - sign * theirs.intercept()).abs() < 1e-5);
        for (our, their) in ours.weights.iter().zip(theirs.params()) {
            assert!((our - sign * their).abs() < 1e-5, "{our} {their}");
        }
    }
}

#[test]
fn a_fit_sees_all_rows_but_those_of_its_fold() {
    let (table, mut events) = mixed(3000);
    let folds: Vec<usize> = (0..3000).map(|row| row % 7).collect();
    let weights = |events: &[bool]| {
        table.solve(events, &folds, |problem| {
            let mut whole = Fit::at_rate(problem);
            whole.descend(problem, 10.0, CLOSE).unwrap();
            let weights = |fold: usize| {
                let mut fit = whole.without(fold);
                fit.descend(problem, 10.0, CLOSE).unwrap();
                fit.line(problem.cells).weights
            };
            (0..7).map(weights).collect::<Vec<_>>()
        })
    };
    let before = weights(&events);
    events.iter_mut().zip(&folds).filter(|(_, fold)| **fold == 6).for_each(|(event, _)| *event = !*event);
    let after = weights(&events);
    let moved = |fold: usize| before[fold].iter().zip(&after[fold]).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!((0..6).all(|fold| moved(fold) > 1e-3) && moved(6) < 1e-6);
}

#[test]
fn threads_make_no_difference_to_a_bit() {
    let (table, events) = mixed(70_000);
    let bits = |threads: usize| table.line(&events, 30.0, threads).weights.iter().map(|w| w.to_bits()).collect();
    let one: Vec<u64> = bits(1);
    assert_eq!(one, bits(3));
}
