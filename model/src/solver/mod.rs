//! Penalised logistic regression by Newton's method.
//!
//! Each step needs the gradient over all rows, which [`pass`] finds in one pass, and the curvature, for which a fixed
//! sample of the rows is enough, with what the steps themselves tell ([`memory`]): it shapes the way to the optimum, and
//! the gradient alone decides where the optimum is. Nothing depends on the number of threads.

mod cholesky;
mod curvature;
mod descent;
mod memory;
mod pass;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use crate::cells::Cells;
use descent::Bend;
use pass::Weights;

/// Log-odds of the event as a straight line in the standardised functions.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Log-odds where every function is at its mean.
    pub(crate) intercept: f64,
    /// Log-odds per spread of each function.
    pub(crate) weights: Vec<f64>,
}

/// What is to be fitted: rows, what happened to each, and the fold of each.
pub(crate) struct Problem<'a> {
    pub(crate) cells: &'a Cells,
    pub(crate) events: &'a [bool],
    pub(crate) folds: &'a [usize],
    pub(crate) threads: usize,
}

impl Problem<'_> {
    fn sees(&self, left_out: Option<usize>, row: usize) -> bool {
        Some(self.folds[row]) != left_out
    }
}

/// How close to the optimum a fit must come: the mean square by which the log-odds of a row may still be wrong, weighted
/// by how much the row tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tolerance(pub(crate) f64);

/// A fit to the rows of all folds, or of all but one.
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    /// The fold that the line doesn't see; none if it sees all.
    left_out: Option<usize>,
    /// A weight for each function, and the log-odds of the usual row.
    line: Vec<f64>,
    bend: Option<Arc<Bend>>,
    /// How many rows it sees for each that the curvature is of.
    share: f64,
}

impl Fit {
    /// Sees all rows, and starts at the rate of events, where nobody differs from anybody.
    pub(crate) fn at_rate(problem: &Problem) -> Fit {
        let mut line = vec![0.0; problem.cells.n_functions() + 1];
        let events = problem.events.iter().filter(|event| **event).count() as f64;
        *line.last_mut().expect("a line has an intercept") = (events / (problem.events.len() as f64 - events)).ln();
        Fit { left_out: None, line, bend: None, share: 1.0 }
    }

    /// Starts where this one stands, and doesn't see a fold.
    pub(crate) fn without(&self, fold: usize) -> Fit {
        Fit { left_out: Some(fold), ..self.clone() }
    }

    /// Goes the way that another went, who sees all rows, and takes over its curvature: fits that share most of their rows
    /// move alike.
    pub(crate) fn follow(&mut self, problem: &Problem, before: &Fit, after: &Fit) {
        for (part, (before, after)) in self.line.iter_mut().zip(before.line.iter().zip(&after.line)) {
            *part += after - before;
        }
        let seen = (0..problem.folds.len()).filter(|row| problem.sees(self.left_out, *row)).count();
        (self.bend, self.share) = (after.bend.clone(), seen as f64 / problem.folds.len() as f64);
    }

    /// The line in terms of the means instead of the usual heights.
    pub(crate) fn line(&self, cells: &Cells) -> Line {
        let (intercept, weights) = self.line.split_last().expect("a line has an intercept");
        let usual: f64 = weights.iter().zip(cells.usual()).map(|(weight, height)| weight * height).sum();
        Line { intercept: intercept - usual, weights: weights.to_vec() }
    }
}

/// The log-odds of every row from the line that has not seen its fold; one fit for each fold, in order.
pub(crate) fn unseen_log_odds(problem: &Problem, fits: &[Fit]) -> Vec<f64> {
    let weights: Vec<Weights> = fits.iter().map(|fit| Weights::of(problem.cells, &fit.line)).collect();
    pass::log_odds(problem, &weights)
}
