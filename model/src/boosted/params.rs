//! How a boosted model is to be fitted: a builder that anybody may fill in, and its checked form, which alone can fit.

use std::collections::BTreeMap;

use linfa::ParamGuard;
use serde::{Deserialize, Serialize};

use super::settings::Settings;
use crate::error::{Error, Result};

/// What is known of a curve before any data are seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Nothing.
    #[default]
    Free,
    /// A larger value never lowers the risk, whatever the other columns say.
    Rising,
    /// A larger value never raises the risk, whatever the other columns say.
    Falling,
    /// Values are levels, whose order means nothing.
    Levels,
}

/// Unchecked settings of a fit, in the way of linfa: fill in, [`check`](BoostedParams::check), fit.
///
/// # Example
/// ```
/// use earlycall_model::boosted::{BoostedParams, Shape};
/// assert!(BoostedParams::new().pairs(30).shape("admissions_n", Shape::Rising).check().is_ok());
/// let refused = BoostedParams::new().bags(1).check().unwrap_err();
/// assert_eq!(refused.to_string(), "bags must be between 2 and 50");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BoostedParams(BoostedValidParams);

/// Settings of a fit that have passed [`BoostedParams::check`].
#[derive(Clone, Debug, PartialEq)]
pub struct BoostedValidParams {
    pub(super) horizon_days: Option<u32>,
    pub(super) settings: Settings,
    pub(super) shapes: BTreeMap<String, Shape>,
    pub(crate) threads: usize,
}

impl BoostedParams {
    /// 8 bags, 10 pairs, seed 0, one thread, no horizon; the rest was chosen by cross-validation.
    #[expect(clippy::new_without_default, reason = "linfa's way is `new`, and one way is enough")]
    pub fn new() -> BoostedParams {
        BoostedParams(BoostedValidParams {
            horizon_days: None,
            settings: Settings {
                bags: 8,
                bins: 255,
                pairs: 10,
                pair_bins: 16,
                learning_rate: 0.1,
                l2: 100.0,
                pair_l2: 3.0,
                eager: 2.0,
                leaves: 2,
                rounds: 2000,
                patience: 10,
                seed: 0,
            },
            shapes: BTreeMap::new(),
            threads: 1,
        })
    }

    /// The length of the prediction window in days, where the outcome has one: 1 to 3650. It is only written down; the
    /// events decide.
    pub fn horizon_days(mut self, horizon_days: u32) -> BoostedParams {
        self.0.horizon_days = Some(horizon_days);
        self
    }

    /// Into how many bags people are dealt: 2 to 50. As many models are fitted, each held back by the bag that it does not
    /// learn from, and averaged.
    pub fn bags(mut self, bags: usize) -> BoostedParams {
        self.0.settings.bags = bags;
        self
    }

    /// The most bins of a column, beside that of missing values: 2 to 1000.
    pub fn bins(mut self, bins: usize) -> BoostedParams {
        self.0.settings.bins = bins;
        self
    }

    /// How many pairs of columns get a surface: 0 to 1000. Fewer do where there are fewer to be had.
    pub fn pairs(mut self, pairs: usize) -> BoostedParams {
        self.0.settings.pairs = pairs;
        self
    }

    /// The most bins of a column on a surface: 2 to 64.
    pub fn pair_bins(mut self, bins: usize) -> BoostedParams {
        self.0.settings.pair_bins = bins;
        self
    }

    /// The share of a step that is gone: above 0, up to 1.
    pub fn learning_rate(mut self, share: f64) -> BoostedParams {
        self.0.settings.learning_rate = share;
        self
    }

    /// How much every step of a curve is held back: 0 or more, in rows with an even chance times a quarter.
    pub fn l2(mut self, strength: f64) -> BoostedParams {
        self.0.settings.l2 = strength;
        self
    }

    /// How much every step of a surface is held back.
    pub fn pair_l2(mut self, strength: f64) -> BoostedParams {
        self.0.settings.pair_l2 = strength;
        self
    }

    /// A curve or surface whose step gains as much for each of its levels but one steps again in the same round, up to ten
    /// times: above 0 and at most 10^9, as twice the log-likelihood, of which chance gains 1 on average where it may not
    /// choose what to divide.
    pub fn eager(mut self, gain: f64) -> BoostedParams {
        self.0.settings.eager = gain;
        self
    }

    /// The most levels of one step of a curve: 2 to 16.
    pub fn leaves(mut self, leaves: usize) -> BoostedParams {
        self.0.settings.leaves = leaves;
        self
    }

    /// The most rounds over all curves: 1 to 100,000.
    pub fn rounds(mut self, rounds: usize) -> BoostedParams {
        self.0.settings.rounds = rounds;
        self
    }

    /// After how many rounds that don't help unseen people it stops: 1 to 10,000.
    pub fn patience(mut self, rounds: usize) -> BoostedParams {
        self.0.settings.patience = rounds;
        self
    }

    /// What is known of the curve of a column.
    pub fn shape(mut self, column: impl Into<String>, shape: Shape) -> BoostedParams {
        self.0.shapes.insert(column.into(), shape);
        self
    }

    /// Decides which people share a bag; nothing else is random.
    pub fn seed(mut self, seed: u64) -> BoostedParams {
        self.0.settings.seed = seed;
        self
    }

    /// How many threads may work: 1 to 1024. Any number gives the same model; more than bags are of no use.
    pub fn threads(mut self, threads: usize) -> BoostedParams {
        self.0.threads = threads;
        self
    }

    /// The checked settings.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the first parameter that is outside its range.
    pub fn check(self) -> Result<BoostedValidParams> {
        ParamGuard::check(self)
    }
}

impl ParamGuard for BoostedParams {
    type Checked = BoostedValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&BoostedValidParams> {
        let params = &self.0;
        let settings = &params.settings;
        let strength = |l2: f64| (0.0..=1e9).contains(&l2);
        let rules = [
            ("horizon_days", params.horizon_days.is_none_or(|days| (1..=3650).contains(&days)), "between 1 and 3650"),
            ("bags", (2..=50).contains(&settings.bags), "between 2 and 50"),
            ("bins", (2..=1000).contains(&settings.bins), "between 2 and 1000"),
            ("pairs", settings.pairs <= 1000, "at most 1000"),
            ("pair_bins", (2..=64).contains(&settings.pair_bins), "between 2 and 64"),
            ("learning_rate", settings.learning_rate > 0.0 && settings.learning_rate <= 1.0, "above 0 and at most 1"),
            ("l2", strength(settings.l2), "a number from 0 to 10^9"),
            ("pair_l2", strength(settings.pair_l2), "a number from 0 to 10^9"),
            ("eager", settings.eager > 0.0 && settings.eager <= 1e9, "above 0 and at most 10^9"),
            ("leaves", (2..=16).contains(&settings.leaves), "between 2 and 16"),
            ("rounds", (1..=100_000).contains(&settings.rounds), "between 1 and 100,000"),
            ("patience", (1..=10_000).contains(&settings.patience), "between 1 and 10,000"),
            ("threads", (1..=1024).contains(&params.threads), "between 1 and 1024"),
        ];
        match rules.into_iter().find(|(_, kept, _)| !kept) {
            Some((name, _, rule)) => Err(Error::Parameter { name, rule }),
            None => Ok(params),
        }
    }

    fn check(self) -> Result<BoostedValidParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(params: BoostedParams, expected: Result<(), &str>) {
        assert_eq!(params.check().map(|_| ()).map_err(|error| error.to_string()), expected.map_err(str::to_owned));
    }

    #[test]
    fn every_parameter_has_its_range() {
        let new = BoostedParams::new;
        check(new(), Ok(()));
        check(new().horizon_days(3650).bags(50).bins(1000).pairs(0).learning_rate(1.0).l2(0.0), Ok(()));
        check(new().horizon_days(0), Err("horizon_days must be between 1 and 3650"));
        check(new().bins(1), Err("bins must be between 2 and 1000"));
        check(new().pairs(1001), Err("pairs must be at most 1000"));
        check(new().pair_bins(65), Err("pair_bins must be between 2 and 64"));
        for rate in [0.0, 1.1, f64::NAN] {
            check(new().learning_rate(rate), Err("learning_rate must be above 0 and at most 1"));
        }
        check(new().l2(-1.0), Err("l2 must be a number from 0 to 10^9"));
        check(new().pair_l2(f64::NAN), Err("pair_l2 must be a number from 0 to 10^9"));
        for gain in [0.0, f64::INFINITY] {
            check(new().eager(gain), Err("eager must be above 0 and at most 10^9"));
        }
        check(new().leaves(1), Err("leaves must be between 2 and 16"));
        check(new().rounds(0), Err("rounds must be between 1 and 100,000"));
        check(new().patience(0), Err("patience must be between 1 and 10,000"));
        check(new().threads(0), Err("threads must be between 1 and 1024"));
    }
}
