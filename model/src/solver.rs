//! The one place that calls linfa's logistic regression, with its habits dealt with.

use std::cmp::Ordering;

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, ArrayView1, ArrayView2};

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

/// The penalised line of greatest likelihood. A line of the same rows under another penalty is a good start.
/// Needs rows with and rows without the event.
///
/// # Errors
/// [`Error::Solver`] when linfa's line search fails.
pub(crate) fn fit(z: ArrayView2<f64>, events: &[bool], l2: f64, start: Option<&Line>) -> Result<Line> {
    // linfa models the commoner of the two classes; of equally common ones the class of the first row.
    let n_events = events.iter().filter(|event| **event).count();
    let models_event = match (2 * n_events).cmp(&events.len()) {
        Ordering::Equal => events[0],
        more => more.is_gt(),
    };
    let sign = if models_event { 1.0 } else { -1.0 };
    // linfa's parameters: the weights, then the intercept.
    let params = match start {
        Some(line) => line.weights.iter().chain([&line.intercept]).map(|weight| sign * weight).collect(),
        None => Array1::zeros(z.ncols() + 1),
    };
    let fitted = LogisticRegression::default()
        .alpha(l2)
        .gradient_tolerance(GRADIENT_PER_ROW * z.nrows() as f64)
        .max_iterations(ITERATIONS_MAX)
        .initial_params(params)
        .fit(&DatasetBase::new(z, ArrayView1::from(events)))
        .map_err(|error| Error::Solver(error.to_string()))?;
    assert_eq!(fitted.labels().pos.class, models_event, "linfa's choice of the class it models is as documented here");
    Ok(Line { intercept: sign * fitted.intercept(), weights: fitted.params() * sign })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    /// 40 rows, half with the function at 1 and half at -1, and events in so many of each half.
    fn halves(events_high: usize, events_low: usize) -> (Array2<f64>, Vec<bool>) {
        let z = Array2::from_shape_fn((40, 1), |(row, _)| if row < 20 { 1.0 } else { -1.0 });
        let events = (0..40).map(|row| if row < 20 { row < events_high } else { row - 20 < events_low }).collect();
        (z, events)
    }

    #[test]
    fn without_a_penalty_the_line_gives_the_observed_rates() {
        // 15 of 20 and 5 of 20 are log-odds ln 3 and -ln 3. Events are rarer, commoner and as common as the others.
        for (high, low) in [(15, 5), (5, 15), (5, 1), (19, 15), (1, 1)] {
            let (z, events) = halves(high, low);
            let line = fit(z.view(), &events, 1e-6, None).unwrap();
            let observed = |n: usize| (n as f64 / (20 - n) as f64).ln();
            assert!((line.intercept + line.weights[0] - observed(high)).abs() < 1e-2, "{high} {low}");
            assert!((line.intercept - line.weights[0] - observed(low)).abs() < 1e-2, "{high} {low}");
        }
    }

    #[test]
    fn a_penalty_shrinks_and_the_start_hardly_matters() {
        for (high, low) in [(15, 5), (10, 2), (18, 12)] {
            let (z, events) = halves(high, low);
            let strong = fit(z.view(), &events, 100.0, None).unwrap();
            let weak = fit(z.view(), &events, 1.0, None).unwrap();
            assert!(0.0 < strong.weights[0] && strong.weights[0] < weak.weights[0]);
            let again = fit(z.view(), &events, 1.0, Some(&strong)).unwrap();
            assert!((again.weights[0] - weak.weights[0]).abs() < 1e-3, "{again:?} {weak:?}");
            assert!((again.intercept - weak.intercept).abs() < 1e-3, "{again:?} {weak:?}");
        }
    }

    #[test]
    fn without_functions_the_line_is_the_rate() {
        let line = fit(Array2::zeros((4, 0)).view(), &[true, false, false, false], 1.0, None).unwrap();
        assert!((line.intercept + 3.0_f64.ln()).abs() < 1e-3);
        assert_eq!(line.log_odds(Array2::zeros((2, 0)).view()), [line.intercept; 2]);
    }
}
