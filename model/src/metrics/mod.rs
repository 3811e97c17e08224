//! How good risks are: how well they rank, and how well they agree with what happened.

mod agreement;
mod decision;
mod estimates;
mod gain;
mod ranking;

use serde::{Deserialize, Serialize};

use crate::calibrate::{intercept, slope_and_intercept};
use crate::error::{Error, Result};
use crate::number::{log_odds_from_risk, tidy};
pub use agreement::Bin;
pub use estimates::{Bootstrap, Estimate, Figure, bin_error_of_the_perfect, estimates};
pub use gain::{Gain, auroc_gain};
pub use ranking::{Cut, Top};

/// The shares of all rows whose yield is reported.
pub const TOP_SHARES: [f64; 5] = [0.005, 0.01, 0.02, 0.05, 0.10];

/// Bins of the calibration table.
const BINS: usize = 20;

/// What can be said about risks once the outcomes are known. Does not depend on the order of the rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// How many rows.
    pub rows: u64,
    /// How many of them had the event.
    pub events: u64,
    /// Share of rows with the event.
    pub observed_rate: f64,
    /// Mean of the risks; equal to the observed rate when calibrated in the large.
    pub mean_risk: f64,
    /// Chance that a row with the event has a higher risk than one without, ties counting half.
    /// Absent where all or none had the event.
    pub auroc: Option<f64>,
    /// Area under the precision-recall curve, as average precision: the mean precision over the rows with the event.
    /// Absent where none had the event.
    pub average_precision: Option<f64>,
    /// Mean squared difference between risk and outcome.
    pub brier: f64,
    /// Mean of minus the log of the probability given to what happened.
    pub log_loss: f64,
    /// What would have to be added to all log-odds for the mean risk to be right; 0 is ideal.
    pub calibration_intercept: Option<f64>,
    /// Slope of the outcomes on the log-odds; below 1 the risks are too extreme; 1 is ideal.
    pub calibration_slope: Option<f64>,
    /// Yield of the rows with the highest risks.
    pub top: Vec<Top>,
    /// Mean risk and observed rate in up to 20 bins of equal size, from the lowest risks to the highest.
    pub bins: Vec<Bin>,
}

impl Metrics {
    /// Measures risks against what happened.
    ///
    /// # Errors
    /// [`Error::Length`] without rows or when the lengths differ, [`Error::NotARisk`] for a risk outside 0 to 1.
    ///
    /// # Example
    /// ```
    /// use earlycall_model::metrics::Metrics;
    /// let metrics = Metrics::of(&[0.1, 0.2, 0.4], &[false, true, true]).unwrap();
    /// assert_eq!(metrics.auroc, Some(1.0));
    /// assert!(Metrics::of(&[1.5], &[true]).is_err());
    /// ```
    pub fn of(risks: &[f64], events: &[bool]) -> Result<Metrics> {
        let sorted = sorted(risks, events)?;
        let log_odds: Vec<f64> = sorted.iter().map(|(risk, _)| log_odds_from_risk(*risk)).collect();
        let events: Vec<bool> = sorted.iter().map(|(_, event)| *event).collect();
        let n_events = events.iter().filter(|event| **event).count();
        let rows = sorted.len() as f64;
        Ok(Metrics {
            rows: sorted.len() as u64,
            events: n_events as u64,
            observed_rate: tidy(n_events as f64 / rows),
            mean_risk: tidy(sorted.iter().map(|(risk, _)| risk).sum::<f64>() / rows),
            auroc: ranking::auroc(&sorted).map(tidy),
            average_precision: ranking::average_precision(&sorted).map(tidy),
            brier: tidy(agreement::brier(&sorted)),
            log_loss: tidy(agreement::mean_log_loss(&sorted)),
            calibration_intercept: intercept(&log_odds, &events).map(tidy),
            calibration_slope: slope_and_intercept(&log_odds, &events).map(|(slope, _)| tidy(slope)),
            top: TOP_SHARES.iter().map(|share| ranking::top(&sorted, Cut::Share(*share))).collect(),
            bins: agreement::bins(&sorted, BINS),
        })
    }
}

/// Net benefit of acting on everybody at a threshold, which a model should exceed; acting on nobody has none.
///
/// # Errors
/// As for [`Metrics::of`].
pub fn net_benefit_of_all(risks: &[f64], events: &[bool], threshold: f64) -> Result<f64> {
    Ok(tidy(decision::net_benefit_of_all(&sorted(risks, events)?, threshold)))
}

/// Rows by risk and then outcome, so that no sum depends on the order in which they came.
fn sorted(risks: &[f64], events: &[bool]) -> Result<Vec<(f64, bool)>> {
    if risks.is_empty() || risks.len() != events.len() {
        return Err(Error::Length { what: "risks", found: risks.len(), expected: events.len().max(1) });
    }
    if let Some(position) = risks.iter().position(|risk| !(0.0..=1.0).contains(risk)) {
        return Err(Error::NotARisk(position));
    }
    let mut sorted: Vec<(f64, bool)> = risks.iter().copied().zip(events.iter().copied()).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    Ok(sorted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_perfect_forecast_of_groups_is_calibrated() {
        // 10 rows at 0.2 with 2 events, 10 rows at 0.5 with 5.
        let risks: Vec<f64> = (0..20).map(|row| if row < 10 { 0.2 } else { 0.5 }).collect();
        let events: Vec<bool> = (0..20).map(|row| row < 2 || (10..15).contains(&row)).collect();
        let metrics = Metrics::of(&risks, &events).unwrap();
        assert_eq!((metrics.rows, metrics.events), (20, 7));
        assert!((metrics.observed_rate - 0.35).abs() < 1e-12 && (metrics.mean_risk - 0.35).abs() < 1e-12);
        assert!(metrics.calibration_intercept.unwrap().abs() < 1e-9);
        assert!((metrics.calibration_slope.unwrap() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_cannot_be_measured_is_refused_or_absent() {
        assert!(matches!(Metrics::of(&[], &[]), Err(Error::Length { .. })));
        assert!(matches!(Metrics::of(&[0.5], &[true, false]), Err(Error::Length { .. })));
        assert!(matches!(Metrics::of(&[0.5, f64::NAN], &[true, false]), Err(Error::NotARisk(1))));
        let nobody = Metrics::of(&[0.5, 0.6], &[false, false]).unwrap();
        assert_eq!((nobody.auroc, nobody.average_precision), (None, None));
        assert_eq!((nobody.calibration_intercept, nobody.calibration_slope), (None, None));
        assert_eq!(nobody.top[0].sensitivity, None);
    }

    proptest! {
        #[test]
        fn the_order_of_rows_does_not_matter(rows in prop::collection::vec((0.0..=1.0, any::<bool>()), 1..60)) {
            let measure = |rows: &[(f64, bool)]| {
                let (risks, events): (Vec<f64>, Vec<bool>) = rows.iter().copied().unzip();
                Metrics::of(&risks, &events).unwrap()
            };
            let backwards: Vec<(f64, bool)> = rows.iter().rev().copied().collect();
            prop_assert_eq!(measure(&rows), measure(&backwards));
        }
    }
}
