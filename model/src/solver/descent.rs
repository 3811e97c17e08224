//! The way of one line to its optimum.

use std::sync::Arc;

use super::cholesky::Factor;
use super::memory::{Memory, dot};
use super::{Fit, Problem, Tolerance, curvature, pass};
use crate::error::{Error, Result};

/// A bound on the work; a fit needs three to twenty steps.
const STEPS_MAX: usize = 500;

/// How often a step is shortened at most; few are at all.
const SHORTER_MAX: usize = 60;

/// Far from the optimum the curvature is worked out anew when a step leaves more than this much of the distance.
const SLOW: f64 = 0.4;

/// Closer than this to the optimum the curvature hardly changes any more, so it is worked out once, finely.
const NEAR: Tolerance = Tolerance(5e-3);

/// Rows for the curvature at a place where the line will not stay.
const COARSE: usize = 1 << 14;

/// Rows for the curvature near the optimum: the more there are, the fewer steps are needed.
const FINE: usize = 1 << 17;

/// The curvature that a fit goes by.
#[derive(Debug)]
pub(super) struct Bend {
    /// What the rows say; kept from one penalty to the next.
    curvature: Vec<f64>,
    is_fine: bool,
    l2: f64,
    /// With the penalty.
    factor: Factor,
}

impl Bend {
    fn of(curvature: Vec<f64>, is_fine: bool, size: usize, l2: f64) -> Arc<Bend> {
        let factor = Factor::of(&curvature, size, l2);
        Arc::new(Bend { curvature, is_fine, l2, factor })
    }
}

impl Fit {
    /// Moves the line to the greatest penalised likelihood of the rows that it sees, which need some with and some without
    /// the event. Where the line stands before decides how long it takes.
    ///
    /// # Errors
    /// [`Error::Solver`] when it takes unreasonably long.
    pub(crate) fn descend(&mut self, problem: &Problem, l2: f64, tolerance: Tolerance) -> Result<()> {
        let within = |gain: f64, tolerance: Tolerance| gain <= tolerance.0 * problem.cells.n_rows() as f64;
        if let Some(bend) = self.bend.as_ref().filter(|bend| bend.l2 != l2) {
            self.bend = Some(Bend::of(bend.curvature.clone(), bend.is_fine, self.line.len(), l2));
        }
        let mut gradient = penalised(problem, &self.line, self.left_out, l2);
        let (mut memory, mut gain_before) = (Memory::default(), f64::INFINITY);
        for _ in 0..STEPS_MAX {
            let (step, gain) = self.aim(&gradient, &memory);
            if within(gain, tolerance) {
                return Ok(());
            }
            let is_near = within(gain, NEAR);
            let is_lost = match &self.bend {
                Some(bend) if is_near => !bend.is_fine,
                Some(_) => gain > SLOW * SLOW * gain_before,
                None => true,
            };
            if is_lost {
                let sample = if is_near { FINE } else { COARSE };
                let curvature = curvature::of(problem, &self.line, self.left_out, sample);
                (self.bend, self.share) = (Some(Bend::of(curvature, is_near, self.line.len(), l2)), 1.0);
                (memory, gain_before) = (Memory::default(), f64::INFINITY);
            } else {
                let (way, slope) = self.go(problem, step, gain, l2)?;
                memory.remember(way, slope.iter().zip(&gradient).map(|(after, before)| after - before).collect());
                (gradient, gain_before) = (slope, gain);
            }
        }
        Err(Error::Solver(format!("no optimum after {STEPS_MAX} steps")))
    }

    /// The step to where the optimum seems to be, and twice what it promises to gain: a square of the distance.
    fn aim(&self, gradient: &[f64], memory: &Memory) -> (Vec<f64>, f64) {
        let Some(bend) = &self.bend else { return (Vec::new(), f64::INFINITY) };
        let step = memory.step(gradient, &bend.factor, self.share);
        let gain = -dot(gradient, &step);
        (step, gain)
    }

    /// Goes a step, or as much of it as helps. Returns the way gone and the gradient there.
    fn go(&mut self, problem: &Problem, mut step: Vec<f64>, mut gain: f64, l2: f64) -> Result<(Vec<f64>, Vec<f64>)> {
        for _ in 0..SHORTER_MAX {
            let candidate: Vec<f64> = self.line.iter().zip(&step).map(|(at, step)| at + step).collect();
            let gradient = penalised(problem, &candidate, self.left_out, l2);
            // The loss is convex: where it climbs less steeply behind the lowest point of the way than it fell before, the
            // candidate is better than the start, or hardly worse.
            let climb = dot(&gradient, &step);
            if climb <= 0.5 * gain {
                self.line = candidate;
                return Ok((step, gradient));
            }
            // To the lowest point, if the slope changes evenly on the way.
            let share = (gain / (gain + climb)).max(0.1);
            step.iter_mut().for_each(|part| *part *= share);
            gain *= share;
        }
        Err(Error::Solver(format!("no lower point in {SHORTER_MAX} tries")))
    }
}

/// The gradient of the penalised loss.
fn penalised(problem: &Problem, line: &[f64], left_out: Option<usize>, l2: f64) -> Vec<f64> {
    let mut gradient = pass::gradient(problem, line, left_out);
    for (slope, weight) in gradient.iter_mut().zip(&line[..line.len() - 1]) {
        *slope += l2 * weight;
    }
    gradient
}
