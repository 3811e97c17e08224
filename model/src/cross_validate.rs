//! Cross-validation: the log-odds of every row from a line that has not seen the row's person.

use crate::calibrate::Calibration;
use crate::error::Result;
use crate::number::{log_loss, risk_from_log_odds};
use crate::solver::{self, Fit, Problem, Tolerance};
use crate::stripes::in_order;

/// A millionth of the log-odds: far below what tells one penalty from another, and all that a line without a fold may keep
/// of the line with it, from which it starts. Of 900,000 rows the two were a hundredth apart.
const ROUGH: Tolerance = Tolerance(1e-12);

/// The penalty that cross-validation prefers, and what its lines say about rows they have not seen.
pub(crate) struct Choice {
    pub(crate) l2: f64,
    pub(crate) log_odds: Vec<f64>,
    /// The line on all rows, as rough as the others.
    pub(crate) whole: Fit,
    loss: f64,
}

/// Chooses among penalties, given from strong to weak, by the log loss out of fold.
///
/// The line on all rows starts from that of the stronger penalty before it, and those without a fold follow. The search
/// ends at the first penalty that does worse: weaker ones overfit still more and take longest.
///
/// # Errors
/// When the solver fails.
pub(crate) fn choose(problem: &Problem, l2: &[f64]) -> Result<Choice> {
    let mut whole = Fit::at_rate(problem);
    let mut fits: Vec<Fit> = (0..n_folds(problem.folds)).map(|fold| whole.without(fold)).collect();
    let mut best: Option<Choice> = None;
    for strength in l2 {
        let before = whole.clone();
        whole.descend(problem, *strength, ROUGH)?;
        for fit in &mut fits {
            fit.follow(problem, &before, &whole);
            fit.descend(problem, *strength, ROUGH)?;
        }
        let log_odds = solver::unseen_log_odds(problem, &fits);
        let loss = log_odds.iter().zip(problem.events).map(|(l, event)| log_loss(*l, *event)).sum();
        if best.as_ref().is_some_and(|best| best.loss <= loss) {
            break;
        }
        best = Some(Choice { l2: *strength, log_odds, whole: whole.clone(), loss });
    }
    Ok(best.expect("checked parameters hold at least one penalty"))
}

/// The calibration of log-odds out of fold, and risks of every row by calibrations on the other folds, so that the metrics
/// of the calibration are honest too.
pub(crate) fn calibrate(log_odds: &[f64], events: &[bool], folds: &[usize], threads: usize) -> (Calibration, Vec<f64>) {
    // The last leaves out a fold that nobody is in.
    let mut calibrations = in_order(n_folds(folds) + 1, threads, |fold| {
        let others: Vec<usize> = (0..folds.len()).filter(|row| folds[*row] != fold).collect();
        Calibration::fit(&pick(log_odds, &others), &pick(events, &others))
    });
    let whole = calibrations.pop().expect("there is one more than there are folds");
    let risk = |(log_odds, fold): (&f64, &usize)| risk_from_log_odds(calibrations[*fold].apply(*log_odds));
    (whole, log_odds.iter().zip(folds).map(risk).collect())
}

fn n_folds(folds: &[usize]) -> usize {
    folds.iter().max().map_or(0, |last| last + 1)
}

fn pick<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|row| values[*row]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solver::tests::Table;
    use ndarray::Array2;

    /// 80 rows in two folds. The function tells the truth in one fold and the opposite in the other.
    fn contradiction() -> (Array2<f64>, Vec<bool>, Vec<usize>) {
        let folds: Vec<usize> = (0..80).map(|row| row % 2).collect();
        let events: Vec<bool> = (0..80).map(|row| row % 4 < 2).collect();
        let side = |row: usize| f64::from(events[row] == (folds[row] == 0));
        (Array2::from_shape_fn((80, 1), |(row, _)| side(row)), events.clone(), folds)
    }

    fn choice(x: Array2<f64>, events: &[bool], folds: &[usize], l2: &[f64]) -> Choice {
        Table::of_flags(x).solve(events, folds, |problem| choose(problem, l2).unwrap())
    }

    #[test]
    fn a_row_is_judged_by_the_line_of_the_other_fold() {
        let (x, events, folds) = contradiction();
        let choice = choice(x, &events, &folds, &[1.0]);
        // Everybody is told the opposite of what happened, which nobody who had seen the row would say.
        assert!(choice.log_odds.iter().zip(&events).all(|(log_odds, event)| (*log_odds > 0.0) != *event));
    }

    #[test]
    fn where_functions_mislead_the_strongest_penalty_wins_and_where_they_help_the_weakest() {
        let (x, events, folds) = contradiction();
        assert_eq!(choice(x, &events, &folds, &[1000.0, 10.0, 0.1]).l2, 1000.0);
        let honest = Array2::from_shape_fn((80, 1), |(row, _)| f64::from(events[row] == (row % 16 > 1)));
        assert_eq!(choice(honest, &events, &folds, &[1000.0, 10.0, 1.0]).l2, 1.0);
    }

    #[test]
    fn a_fold_is_calibrated_without_its_own_outcomes() {
        let folds = [0, 0, 0, 0, 1, 1, 1, 1];
        let events = [true, false, false, false, true, true, true, false];
        let (whole, risks) = calibrate(&[0.0; 8], &events, &folds, 2);
        // The rate of the other fold: 3 of 4 for the first, 1 of 4 for the second.
        let expected = [0.75, 0.75, 0.75, 0.75, 0.25, 0.25, 0.25, 0.25];
        assert!(risks.iter().zip(expected).all(|(risk, rate)| (risk - rate).abs() < 1e-9), "{risks:?}");
        assert_eq!(whole, Calibration::fit(&[0.0; 8], &events));
    }
}
