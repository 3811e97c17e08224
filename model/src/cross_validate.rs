//! Cross-validation: the log-odds of every row from a line that has not seen the row's person.

use ndarray::{Array2, ArrayView1, Axis};

use crate::calibrate::Calibration;
use crate::design::Design;
use crate::error::Result;
use crate::number::{log_loss, risk_from_log_odds};
use crate::solver;

/// Out-of-fold log-odds per L2 strength and row. Folds run side by side; each is deterministic on its own.
///
/// # Errors
/// When the solver fails.
pub(crate) fn out_of_fold(design: &Design, events: &[bool], folds: &[usize], l2: &[f64]) -> Result<Vec<Vec<f64>>> {
    let n_folds = folds.iter().max().map_or(0, |last| last + 1);
    let parts = std::thread::scope(|scope| {
        let running: Vec<_> =
            (0..n_folds).map(|fold| scope.spawn(move || one_fold(design, events, folds, fold, l2))).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, _>| thread.join().expect("a fold does not panic");
        running.into_iter().map(join).collect::<Result<Vec<Vec<Vec<f64>>>>>()
    })?;
    let mut out = vec![vec![0.0; folds.len()]; l2.len()];
    for (fold, part) in parts.iter().enumerate() {
        let held_out = rows_where(folds, |f| f == fold);
        for (all, of_fold) in out.iter_mut().zip(part) {
            for (row, log_odds) in held_out.iter().zip(of_fold) {
                all[*row] = *log_odds;
            }
        }
    }
    Ok(out)
}

/// The strength with the least log loss, and its out-of-fold log-odds; the first of equals.
pub(crate) fn best(out_of_fold: Vec<Vec<f64>>, events: &[bool]) -> (usize, Vec<f64>) {
    let loss = |all: &Vec<f64>| all.iter().zip(events).map(|(l, event)| log_loss(*l, *event)).sum::<f64>();
    out_of_fold
        .into_iter()
        .enumerate()
        .min_by(|(_, a), (_, b)| loss(a).total_cmp(&loss(b)))
        .expect("checked parameters hold at least one strength")
}

/// Risks of every row, calibrated on the other folds, so that the metrics of the calibration are honest too.
pub(crate) fn calibrated_risks(out_of_fold: &[f64], events: &[bool], folds: &[usize]) -> Vec<f64> {
    let n_folds = folds.iter().max().map_or(0, |last| last + 1);
    let calibrations: Vec<Calibration> = (0..n_folds)
        .map(|fold| {
            let others = rows_where(folds, |f| f != fold);
            let log_odds: Vec<f64> = others.iter().map(|row| out_of_fold[*row]).collect();
            let events: Vec<bool> = others.iter().map(|row| events[*row]).collect();
            Calibration::fit(&log_odds, &events)
        })
        .collect();
    let risk = |(log_odds, fold): (&f64, &usize)| risk_from_log_odds(calibrations[*fold].apply(*log_odds));
    out_of_fold.iter().zip(folds).map(risk).collect()
}

/// Fits on the other folds and gives the log-odds of this one, per strength.
fn one_fold(design: &Design, events: &[bool], folds: &[usize], fold: usize, l2: &[f64]) -> Result<Vec<Vec<f64>>> {
    let others = rows_where(folds, |f| f != fold);
    let held_out = rows_where(folds, |f| f == fold);
    let seen: Vec<bool> = others.iter().map(|row| events[*row]).collect();
    let lines = solver::path(rows_of(&design.z, &others).view(), ArrayView1::from(&seen), l2)?;
    let unseen = rows_of(&design.z, &held_out);
    Ok(lines.iter().map(|line| line.log_odds(unseen.view())).collect())
}

/// The rows whose fold passes.
fn rows_where(folds: &[usize], passes: impl Fn(usize) -> bool) -> Vec<usize> {
    (0..folds.len()).filter(|row| passes(folds[*row])).collect()
}

/// A copy of some rows, one function after the other in memory like the original.
fn rows_of(z: &Array2<f64>, rows: &[usize]) -> Array2<f64> {
    z.t().select(Axis(1), rows).reversed_axes()
}
