//! How a model is to be fitted: a builder that anybody may fill in, and its checked form, which alone can fit.

use linfa::ParamGuard;

use crate::error::{Error, Result};

/// Unchecked settings of a fit, in the way of linfa: fill in, [`check`](RiskModelParams::check), fit.
///
/// # Example
/// ```
/// use earlycall_model::RiskModelParams;
/// assert!(RiskModelParams::new().horizon_days(365).folds(10).check().is_ok());
/// let refused = RiskModelParams::new().folds(1).check().unwrap_err();
/// assert_eq!(refused.to_string(), "folds must be between 2 and 20");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RiskModelParams(RiskModelValidParams);

/// Settings of a fit that have passed [`RiskModelParams::check`].
#[derive(Clone, Debug, PartialEq)]
pub struct RiskModelValidParams {
    pub(crate) horizon_days: u32,
    pub(crate) folds: usize,
    pub(crate) l2: Vec<f64>,
    pub(crate) seed: u64,
    pub(crate) threads: usize,
}

impl RiskModelParams {
    /// 180 days, five folds, L2 strengths from 30 to 3000, seed 0, one thread.
    #[expect(clippy::new_without_default, reason = "linfa's way is `new`, and one way is enough")]
    pub fn new() -> RiskModelParams {
        RiskModelParams(RiskModelValidParams {
            horizon_days: 180,
            folds: 5,
            l2: vec![30.0, 100.0, 300.0, 1000.0, 3000.0],
            seed: 0,
            threads: 1,
        })
    }

    /// The length of the prediction window in days: 1 to 3650. It is only written down; the events decide.
    pub fn horizon_days(mut self, horizon_days: u32) -> RiskModelParams {
        self.0.horizon_days = horizon_days;
        self
    }

    /// How many folds the cross-validation has: 2 to 20.
    pub fn folds(mut self, folds: usize) -> RiskModelParams {
        self.0.folds = folds;
        self
    }

    /// The L2 strengths to choose from by cross-validated log loss: at least one, each positive and
    /// at most 10^15. Tried from strong to weak until one does worse than the one before.
    ///
    /// A strength of s says: expect a standardised coefficient of about the square root of 1/s.
    pub fn l2(mut self, candidates: &[f64]) -> RiskModelParams {
        self.0.l2 = candidates.to_vec();
        self
    }

    /// Decides which people share a fold; nothing else is random.
    pub fn seed(mut self, seed: u64) -> RiskModelParams {
        self.0.seed = seed;
        self
    }

    /// How many threads may work: 1 to 1024. Any number gives the same model.
    pub fn threads(mut self, threads: usize) -> RiskModelParams {
        self.0.threads = threads;
        self
    }

    /// The checked settings.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the first parameter that is outside its range.
    pub fn check(self) -> Result<RiskModelValidParams> {
        ParamGuard::check(self)
    }
}

impl ParamGuard for RiskModelParams {
    type Checked = RiskModelValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&RiskModelValidParams> {
        let params = &self.0;
        let refuse = |name, rule| Err(Error::Parameter { name, rule });
        if !(1..=3650).contains(&params.horizon_days) {
            return refuse("horizon_days", "between 1 and 3650");
        }
        if !(2..=20).contains(&params.folds) {
            return refuse("folds", "between 2 and 20");
        }
        if !(1..=1024).contains(&params.threads) {
            return refuse("threads", "between 1 and 1024");
        }
        if params.l2.is_empty() || !params.l2.iter().all(|l2| *l2 > 0.0 && *l2 <= 1e15) {
            return refuse("l2", "one or more positive numbers up to 10^15");
        }
        Ok(params)
    }

    fn check(self) -> Result<RiskModelValidParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(params: RiskModelParams, expected: Result<(), &str>) {
        assert_eq!(params.check().map(|_| ()).map_err(|error| error.to_string()), expected.map_err(str::to_owned));
    }

    #[test]
    fn every_parameter_has_its_range() {
        let new = RiskModelParams::new;
        check(new(), Ok(()));
        check(new().horizon_days(3650).folds(20).l2(&[1e-9]).seed(u64::MAX), Ok(()));
        check(new().horizon_days(0), Err("horizon_days must be between 1 and 3650"));
        check(new().threads(0), Err("threads must be between 1 and 1024"));
        check(new().folds(1), Err("folds must be between 2 and 20"));
        for l2 in [vec![], vec![1.0, 0.0], vec![f64::NAN], vec![f64::INFINITY]] {
            check(new().l2(&l2), Err("l2 must be one or more positive numbers up to 10^15"));
        }
    }
}
