//! Cross-validation: the log-odds of every row from a line that has not seen the row's person.

use std::thread::ScopedJoinHandle;

use ndarray::{Array2, Axis};

use crate::calibrate::Calibration;
use crate::error::Result;
use crate::number::{log_loss, risk_from_log_odds};
use crate::solver::{self, Line};

/// The penalty that cross-validation prefers, and what its lines say about rows they have not seen.
pub(crate) struct Choice {
    pub(crate) l2: f64,
    pub(crate) log_odds: Vec<f64>,
    loss: f64,
}

/// Chooses among penalties, given from strong to weak, by the log loss out of fold.
///
/// Every fit starts from the line of the stronger penalty before it, and the search ends at the first penalty that
/// does worse: weaker ones overfit still more and take longest. Folds run side by side, each on its own rows, so the
/// result doesn't depend on how.
///
/// # Errors
/// When the solver fails.
pub(crate) fn choose(z: &Array2<f64>, events: &[bool], folds: &[usize], l2: &[f64]) -> Result<Choice> {
    let parts: Vec<Part> = (0..n_folds(folds)).map(|fold| Part::of(z, events, folds, fold)).collect();
    let mut lines: Vec<Option<Line>> = vec![None; parts.len()];
    let mut best: Option<Choice> = None;
    for strength in l2 {
        lines = fit_all(&parts, *strength, &lines)?;
        let log_odds = out_of_fold(&parts, &lines, events.len());
        let loss = log_odds.iter().zip(events).map(|(l, event)| log_loss(*l, *event)).sum();
        if best.as_ref().is_some_and(|best| best.loss <= loss) {
            break;
        }
        best = Some(Choice { l2: *strength, log_odds, loss });
    }
    Ok(best.expect("checked parameters hold at least one penalty"))
}

/// Risks of every row, calibrated on the other folds, so that the metrics of the calibration are honest too.
pub(crate) fn calibrated_risks(log_odds: &[f64], events: &[bool], folds: &[usize]) -> Vec<f64> {
    let calibrate = |fold: usize| {
        let others = rows_where(folds, |f| f != fold);
        Calibration::fit(&pick(log_odds, &others), &pick(events, &others))
    };
    let calibrations: Vec<Calibration> = (0..n_folds(folds)).map(calibrate).collect();
    let risk = |(log_odds, fold): (&f64, &usize)| risk_from_log_odds(calibrations[*fold].apply(*log_odds));
    log_odds.iter().zip(folds).map(risk).collect()
}

/// One fold: what its line is fitted to, and the rows it is kept from.
struct Part {
    seen: Array2<f64>,
    seen_events: Vec<bool>,
    unseen: Array2<f64>,
    unseen_rows: Vec<usize>,
}

impl Part {
    fn of(z: &Array2<f64>, events: &[bool], folds: &[usize], fold: usize) -> Part {
        let (seen_rows, unseen_rows) = (rows_where(folds, |f| f != fold), rows_where(folds, |f| f == fold));
        // One function after the other in memory, like the original.
        let rows_of = |rows: &[usize]| z.t().select(Axis(1), rows).reversed_axes();
        let (seen, unseen) = (rows_of(&seen_rows), rows_of(&unseen_rows));
        Part { seen, seen_events: pick(events, &seen_rows), unseen, unseen_rows }
    }
}

/// The line of every fold under one penalty, each starting from its line before.
fn fit_all(parts: &[Part], l2: f64, starts: &[Option<Line>]) -> Result<Vec<Option<Line>>> {
    std::thread::scope(|scope| {
        let fit = |(part, start): (&Part, &Option<Line>)| {
            solver::fit(part.seen.view(), &part.seen_events, l2, start.as_ref()).map(Some)
        };
        let running: Vec<_> = parts.iter().zip(starts).map(|pair| scope.spawn(move || fit(pair))).collect();
        let join = |fold: ScopedJoinHandle<'_, _>| fold.join().expect("a fold reports failure instead of panicking");
        running.into_iter().map(join).collect()
    })
}

/// The log-odds of every row from the line of its own fold.
fn out_of_fold(parts: &[Part], lines: &[Option<Line>], n_rows: usize) -> Vec<f64> {
    let mut out = vec![0.0; n_rows];
    for (part, line) in parts.iter().zip(lines.iter().flatten()) {
        for (row, log_odds) in part.unseen_rows.iter().zip(line.log_odds(part.unseen.view())) {
            out[*row] = log_odds;
        }
    }
    out
}

fn n_folds(folds: &[usize]) -> usize {
    folds.iter().max().map_or(0, |last| last + 1)
}

/// The rows whose fold passes.
fn rows_where(folds: &[usize], passes: impl Fn(usize) -> bool) -> Vec<usize> {
    (0..folds.len()).filter(|row| passes(folds[*row])).collect()
}

fn pick<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|row| values[*row]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 80 rows in two folds. The function tells the truth in one fold and the opposite in the other.
    fn contradiction() -> (Array2<f64>, Vec<bool>, Vec<usize>) {
        let folds: Vec<usize> = (0..80).map(|row| row % 2).collect();
        let events: Vec<bool> = (0..80).map(|row| row % 4 < 2).collect();
        let side = |row: usize| if events[row] == (folds[row] == 0) { 1.0 } else { -1.0 };
        (Array2::from_shape_fn((80, 1), |(row, _)| side(row)), events.clone(), folds)
    }

    #[test]
    fn a_row_is_judged_by_the_line_of_the_other_fold() {
        let (z, events, folds) = contradiction();
        let choice = choose(&z, &events, &folds, &[1.0]).unwrap();
        // Everybody is told the opposite of what happened, which nobody who had seen the row would say.
        assert!(choice.log_odds.iter().zip(&events).all(|(log_odds, event)| (*log_odds > 0.0) != *event));
    }

    #[test]
    fn where_functions_mislead_the_strongest_penalty_wins_and_where_they_help_the_weakest() {
        let (z, events, folds) = contradiction();
        assert_eq!(choose(&z, &events, &folds, &[1000.0, 10.0, 0.1]).unwrap().l2, 1000.0);
        let honest = Array2::from_shape_fn((80, 1), |(row, _)| if events[row] == (row % 16 > 1) { 1.0 } else { -1.0 });
        assert_eq!(choose(&honest, &events, &folds, &[1000.0, 10.0, 1.0]).unwrap().l2, 1.0);
    }

    #[test]
    fn a_fold_is_calibrated_without_its_own_outcomes() {
        let folds = [0, 0, 0, 0, 1, 1, 1, 1];
        let events = [true, false, false, false, true, true, true, false];
        let risks = calibrated_risks(&[0.0; 8], &events, &folds);
        // The rate of the other fold: 3 of 4 for the first, 1 of 4 for the second.
        let expected = [0.75, 0.75, 0.75, 0.75, 0.25, 0.25, 0.25, 0.25];
        assert!(risks.iter().zip(expected).all(|(risk, rate)| (risk - rate).abs() < 1e-9), "{risks:?}");
    }
}
