//! The one place that calls linfa's logistic regression, with its habits dealt with.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, ArrayView1, ArrayView2, Axis, concatenate};

use crate::error::{Error, Result};

/// The solver stops when the gradient, per row, is this small: far below what a fold can tell apart.
const GRADIENT_PER_ROW: f64 = 1e-5;

/// A bound on the work; with the penalties in use the solver needs a tenth of it.
const ITERATIONS_MAX: u64 = 500;

/// Log-odds of the event as a straight line in the standardised functions.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Log-odds where every function is at its mean.
    pub(crate) intercept: f64,
    /// Log-odds per spread of each function.
    pub(crate) weights: Array1<f64>,
}

impl Line {
    /// The log-odds of every row.
    pub(crate) fn log_odds(&self, z: ArrayView2<f64>) -> Vec<f64> {
        (z.dot(&self.weights) + self.intercept).to_vec()
    }
}

/// One line per L2 strength, in the order given. From strong to weak is fast, since each starts where the one
/// before ended. Needs rows with and rows without the event.
///
/// # Errors
/// [`Error::Solver`] when linfa's line search fails.
pub(crate) fn path(z: ArrayView2<f64>, events: ArrayView1<bool>, l2: &[f64]) -> Result<Vec<Line>> {
    let dataset = DatasetBase::new(z, events);
    let mut start = Array1::zeros(z.ncols() + 1);
    let mut lines = Vec::new();
    for strength in l2 {
        let fitted = LogisticRegression::default()
            .alpha(*strength)
            .gradient_tolerance(GRADIENT_PER_ROW * z.nrows() as f64)
            .max_iterations(ITERATIONS_MAX)
            .initial_params(start)
            .fit(&dataset)
            .map_err(|error| Error::Solver(error.to_string()))?;
        let intercept = Array1::from_elem(1, fitted.intercept());
        start = concatenate(Axis(0), &[fitted.params().view(), intercept.view()]).expect("both have one axis");
        // linfa models the commoner of the two classes, whichever that is.
        let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
        lines.push(Line { intercept: sign * fitted.intercept(), weights: fitted.params() * sign });
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    /// 40 rows, half with the function at 1 and half at -1, and events in so many of each half.
    fn line(events_high: usize, events_low: usize) -> Line {
        let z = Array2::from_shape_fn((40, 1), |(row, _)| if row < 20 { 1.0 } else { -1.0 });
        let events = Array1::from_shape_fn(40, |row| if row < 20 { row < events_high } else { row < 20 + events_low });
        path(z.view(), events.view(), &[10.0, 1e-6]).unwrap().pop().unwrap()
    }

    #[test]
    fn without_a_penalty_the_line_gives_the_observed_rates() {
        // 15 of 20 and 5 of 20: log-odds ln 3 and -ln 3. Then 5 of 20 and 1 of 20, and the reverse of both.
        for (high, low) in [(15, 5), (5, 15), (5, 1), (19, 15)] {
            let line = line(high, low);
            let observed = |n: usize| (n as f64 / (20 - n) as f64).ln();
            assert!((line.intercept + line.weights[0] - observed(high)).abs() < 1e-3, "{high} {low}");
            assert!((line.intercept - line.weights[0] - observed(low)).abs() < 1e-3, "{high} {low}");
        }
    }

    #[test]
    fn a_penalty_shrinks_and_no_functions_leave_the_rate() {
        let z = Array2::zeros((4, 0));
        let events = Array1::from(vec![true, false, false, false]);
        let lines = path(z.view(), events.view(), &[1.0]).unwrap();
        assert!((lines[0].intercept + 3.0_f64.ln()).abs() < 1e-3);

        let z = Array2::from_shape_fn((40, 1), |(row, _)| if row < 20 { 1.0 } else { -1.0 });
        let events = Array1::from_shape_fn(40, |row| row % 20 < if row < 20 { 15 } else { 5 });
        let lines = path(z.view(), events.view(), &[1000.0, 10.0, 0.1]).unwrap();
        let weights: Vec<f64> = lines.iter().map(|line| line.weights[0]).collect();
        assert!(0.0 < weights[0] && weights[0] < weights[1] && weights[1] < weights[2]);
    }
}
