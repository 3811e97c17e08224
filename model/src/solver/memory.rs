//! What steps have told about the curvature: L-BFGS, on top of a curvature that is known already (Nocedal, 1980).

use std::collections::VecDeque;

use super::cholesky::Factor;

/// How many steps are remembered. Older ones tell of places that the line has left.
const STEPS: usize = 10;

/// The last steps, and how the gradient changed over each.
#[derive(Default)]
pub(super) struct Memory(VecDeque<Step>);

struct Step {
    way: Vec<f64>,
    change: Vec<f64>,
    /// Of the two; the curvature along the way.
    product: f64,
}

impl Memory {
    /// Remembers a step, unless rounding hides what it tells.
    pub(super) fn remember(&mut self, way: Vec<f64>, change: Vec<f64>) {
        let product = dot(&way, &change);
        if product > 0.0 {
            self.0.truncate(STEPS - 1);
            self.0.push_front(Step { way, change, product });
        }
    }

    /// The step to where the gradient is expected to be zero, if the curvature is so many times that of the factor.
    pub(super) fn step(&self, gradient: &[f64], factor: &Factor, times: f64) -> Vec<f64> {
        let mut left: Vec<f64> = gradient.iter().map(|slope| -slope).collect();
        let mut shares = Vec::new();
        for step in &self.0 {
            let share = dot(&step.way, &left) / step.product;
            add(&mut left, &step.change, -share);
            shares.push(share);
        }
        let mut to: Vec<f64> = factor.solve(&left).iter().map(|part| part / times).collect();
        for (step, share) in self.0.iter().zip(shares).rev() {
            let told = dot(&step.change, &to) / step.product;
            add(&mut to, &step.way, share - told);
        }
        to
    }
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(sum: &mut [f64], more: &[f64], times: f64) {
    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += times * more);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_a_bowl_two_steps_tell_the_whole_curvature() {
        // The bowl (x^2 + 9 y^2) / 2, of which the factor knows nothing.
        let factor = Factor::of(&[1.0, 0.0, 0.0, 1.0], 2, 0.0);
        let mut memory = Memory::default();
        assert_eq!(memory.step(&[1.0, 9.0], &factor, 1.0), [-1.0, -9.0]);
        assert_eq!(memory.step(&[1.0, 9.0], &factor, 9.0), [-1.0 / 9.0, -1.0]);
        memory.remember(vec![1.0, 0.0], vec![1.0, 0.0]);
        memory.remember(vec![0.0, 1.0], vec![0.0, 9.0]);
        assert_eq!(memory.step(&[1.0, 9.0], &factor, 1.0), [-1.0, -1.0]);
        memory.remember(vec![0.0, 1.0], vec![0.0, 0.0]);
        assert_eq!(memory.0.len(), 2);
    }
}
