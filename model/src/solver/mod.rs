//! Penalised logistic regression by Newton's method, several fits side by side over the same rows.
//!
//! Each step needs the gradient over all rows, which [`pass`] finds in one pass for all fits at once, and the curvature,
//! for which a fixed sample of the rows is enough: it shapes the way to the optimum, and the gradient alone decides where
//! the optimum is. Nothing depends on the number of threads.

mod cholesky;
mod curvature;
mod pass;
#[cfg(test)]
pub(crate) mod tests;

use crate::cells::Cells;
use crate::error::{Error, Result};
use cholesky::Factor;
use pass::Weights;

/// Fits that share a pass over the rows.
const SIDE_BY_SIDE: usize = 5;

/// A bound on the work; a fit needs five to twenty passes.
const PASSES_MAX: usize = 500;

/// The curvature is worked out anew when a step leaves more than this much of the distance.
const SLOW: f64 = 0.4;

/// Log-odds of the event as a straight line in the standardised functions.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Log-odds where every function is at its mean.
    pub(crate) intercept: f64,
    /// Log-odds per spread of each function.
    pub(crate) weights: Vec<f64>,
}

/// What is to be fitted: rows, what happened to each, and the fold of each.
pub(crate) struct Problem<'a, 'x> {
    pub(crate) cells: &'a Cells<'x>,
    pub(crate) events: &'a [bool],
    pub(crate) folds: &'a [usize],
    pub(crate) threads: usize,
}

/// How close to the optimum a fit must come: the mean square by which the log-odds of a row may still be wrong, weighted
/// by how much the row tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tolerance(pub(crate) f64);

/// One of several fits: to the rows of all folds but one.
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    /// The fold that the line doesn't see; none if it sees all.
    left_out: Option<usize>,
    /// A weight for each function, and the log-odds of the usual row.
    line: Vec<f64>,
    /// What the rows say about the curvature; kept from one penalty to the next.
    curvature: Option<Vec<f64>>,
}

impl Fit {
    /// Starts at the rate of events, where nobody differs from anybody.
    pub(crate) fn at_rate(problem: &Problem, left_out: Option<usize>) -> Fit {
        let mut line = vec![0.0; problem.cells.n_functions() + 1];
        let seen = || problem.events.iter().zip(problem.folds).filter(|(_, fold)| Some(**fold) != left_out);
        let events = seen().filter(|(event, _)| **event).count() as f64;
        *line.last_mut().expect("a line has an intercept") = (events / (seen().count() as f64 - events)).ln();
        Fit { left_out, line, curvature: None }
    }

    /// Starts at the mean of other lines, and sees all rows.
    pub(crate) fn on_all(fits: &[Fit]) -> Fit {
        let mean = |part: usize| fits.iter().map(|fit| fit.line[part]).sum::<f64>() / fits.len() as f64;
        Fit { left_out: None, line: (0..fits[0].line.len()).map(mean).collect(), curvature: None }
    }

    /// The line in terms of the means instead of the usual heights.
    pub(crate) fn line(&self, cells: &Cells) -> Line {
        let (intercept, weights) = self.line.split_last().expect("a line has an intercept");
        let usual: f64 = weights.iter().zip(cells.usual()).map(|(weight, height)| weight * height).sum();
        Line { intercept: intercept - usual, weights: weights.to_vec() }
    }
}

/// Moves every line to the greatest penalised likelihood of the rows that it sees, which need some with and some without
/// the event. Where the lines stand before decides how long it takes.
///
/// # Errors
/// [`Error::Solver`] when it takes unreasonably long.
pub(crate) fn fit(problem: &Problem, fits: &mut [Fit], l2: f64, tolerance: Tolerance) -> Result<()> {
    for fits in fits.chunks_mut(SIDE_BY_SIDE) {
        match fits {
            [_] => fit_lanes::<1>(problem, fits, l2, tolerance)?,
            [_, _] => fit_lanes::<2>(problem, fits, l2, tolerance)?,
            [_, _, _] => fit_lanes::<3>(problem, fits, l2, tolerance)?,
            [_, _, _, _] => fit_lanes::<4>(problem, fits, l2, tolerance)?,
            _ => fit_lanes::<SIDE_BY_SIDE>(problem, fits, l2, tolerance)?,
        }
    }
    Ok(())
}

/// The log-odds of every row from the line that has not seen its fold.
pub(crate) fn unseen_log_odds(problem: &Problem, fits: &[Fit]) -> Vec<f64> {
    let mut log_odds = vec![0.0; problem.cells.n_rows()];
    for fit in fits {
        let weights = Weights::of(problem.cells, [&fit.line]);
        pass::write_log_odds(problem, &weights, fit.left_out, &mut log_odds);
    }
    log_odds
}

/// Where the search of one fit stands.
struct Search {
    /// Of the penalised loss, where the line is.
    gradient: Vec<f64>,
    /// Where Newton would go from there.
    step: Vec<f64>,
    /// How much of the step is tried next.
    length: f64,
    /// Twice what the step promises to gain.
    gain: f64,
    factor: Option<Factor>,
    /// Whether the curvature was worked out since the line moved.
    is_fresh: bool,
    is_done: bool,
}

fn fit_lanes<const L: usize>(problem: &Problem, fits: &mut [Fit], l2: f64, tolerance: Tolerance) -> Result<()> {
    let enough = tolerance.0 * problem.cells.n_rows() as f64;
    let size = problem.cells.n_functions() + 1;
    let start = |fit: &Fit| Search {
        gradient: Vec::new(),
        step: vec![0.0; size],
        length: 0.0,
        gain: f64::INFINITY,
        factor: fit.curvature.as_ref().map(|curvature| Factor::of(curvature, size, l2)),
        is_fresh: false,
        is_done: false,
    };
    let mut searches: Vec<Search> = fits.iter().map(start).collect();
    let left_out: [Option<usize>; L] = std::array::from_fn(|lane| fits[lane].left_out);
    for _ in 0..PASSES_MAX {
        let candidates: [Vec<f64>; L] = std::array::from_fn(|lane| searches[lane].candidate(&fits[lane].line));
        let gradients = pass::gradients(problem, &Weights::of(problem.cells, candidates.each_ref()), &left_out);
        let mut is_slow = false;
        for (lane, (candidate, gradient)) in candidates.into_iter().zip(gradients).enumerate() {
            if !searches[lane].is_done {
                is_slow |= searches[lane].judge(&mut fits[lane].line, candidate, gradient, l2, enough);
            }
        }
        if searches.iter().all(|search| search.is_done) {
            return Ok(());
        }
        if is_slow {
            bend(problem, fits, &mut searches, &left_out, l2);
        }
    }
    Err(Error::Solver(format!("no optimum after {PASSES_MAX} passes over the rows")))
}

/// Works out the curvature anew, at the mean of the lines: they are much alike, since they share most of their rows.
fn bend<const L: usize>(
    problem: &Problem,
    fits: &mut [Fit],
    searches: &mut [Search],
    left_out: &[Option<usize>; L],
    l2: f64,
) {
    let curvatures = curvature::of(problem, &Fit::on_all(fits).line, left_out);
    for ((fit, search), curvature) in fits.iter_mut().zip(searches).zip(curvatures) {
        if !search.is_done {
            search.factor = Some(Factor::of(&curvature, fit.line.len(), l2));
            search.is_fresh = true;
            search.aim();
        }
        fit.curvature = Some(curvature);
    }
}

impl Search {
    fn candidate(&self, line: &[f64]) -> Vec<f64> {
        line.iter().zip(&self.step).map(|(at, step)| at + self.length * step).collect()
    }

    /// Takes the candidate, or tries a shorter step. Returns whether another look at the curvature would help.
    fn judge(
        &mut self,
        line: &mut Vec<f64>,
        candidate: Vec<f64>,
        mut gradient: Vec<f64>,
        l2: f64,
        enough: f64,
    ) -> bool {
        for (slope, weight) in gradient.iter_mut().zip(&candidate[..candidate.len() - 1]) {
            *slope += l2 * weight;
        }
        // The loss is convex: where it climbs less steeply behind the lowest point of the way than it fell before, the
        // candidate is better than the start, or hardly worse.
        if self.length > 0.0 && dot(&gradient, &self.step) > 0.5 * self.gain {
            self.length *= 0.5;
            return !self.is_fresh;
        }
        (*line, self.gradient) = (candidate, gradient);
        let gain_before = std::mem::replace(&mut self.gain, f64::INFINITY);
        self.is_fresh &= self.length == 0.0;
        if self.factor.is_none() {
            return true;
        }
        self.aim();
        self.is_done = self.gain <= enough;
        // The gain is a square of the distance.
        !self.is_done && self.gain > SLOW * SLOW * gain_before
    }

    /// Newton's step from where the line is.
    fn aim(&mut self) {
        let factor = self.factor.as_ref().expect("the curvature was worked out before the first step");
        self.step = factor.solve(&self.gradient).iter().map(|part| -part).collect();
        self.gain = -dot(&self.gradient, &self.step);
        self.length = 1.0;
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
