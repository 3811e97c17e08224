//! Figures with intervals: how much of what was measured is chance.

use serde::Serialize;

use super::{BINS, Cut, agreement, decision, ranking, sorted};
use crate::calibrate::{intercept, slope_and_intercept};
use crate::error::Result;
use crate::number::{log_odds_from_risk, mix, tidy};
use crate::stripes;

/// Of so many resamples in a thousand, an interval leaves out the lowest, and as many of the highest: 95% are inside.
const LEFT_OUT_OF_1000: usize = 25;

/// Something to measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Chance that a row with the event has a higher risk than one without.
    Auroc,
    /// Mean precision over the rows with the event.
    AveragePrecision,
    /// Mean squared difference between risk and outcome.
    Brier,
    /// Mean of minus the log of the probability given to what happened.
    LogLoss,
    /// What would have to be added to all log-odds; 0 is ideal.
    CalibrationIntercept,
    /// Slope of the outcomes on the log-odds; 1 is ideal.
    CalibrationSlope,
    /// Mean absolute difference of mean risk and observed rate in 20 bins of equal size; 0 is ideal, and out of reach.
    BinError,
    /// Events divided by the sum of the risks; 1 is ideal.
    ObservedToExpected,
    /// Share of the rows above a cut that had the event.
    Ppv(Cut),
    /// Share of all events that were above a cut.
    Sensitivity(Cut),
    /// Net benefit of acting on every risk from this one on.
    NetBenefit(f64),
}

/// A figure as measured, with a 95% interval.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// What is measured.
    pub figure: Figure,
    /// As measured; absent where it does not exist, such as an AUROC without events.
    pub value: Option<f64>,
    /// The lower end.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// How intervals are found: rows are drawn with replacement, as many as there are, and measured again.
#[derive(Clone, Copy, Debug)]
pub struct Bootstrap {
    /// How often. None gives no intervals.
    pub resamples: usize,
    /// Decides what is drawn.
    pub seed: u64,
    /// At most so many at a time; the result is the same on any number.
    pub threads: usize,
}

/// Measures some figures, with percentile intervals (Efron 1979). Rows must be people, each once: an interval knows
/// nothing of rows that belong together.
///
/// # Errors
/// As for [`Metrics::of`](super::Metrics::of).
///
/// # Example
/// ```
/// use earlycall_model::metrics::{Bootstrap, Figure, estimates};
/// let risks: Vec<f64> = (0..200).map(|row| f64::from(row) / 200.0).collect();
/// let events: Vec<bool> = (0..200).map(|row| row % 3 == 0 || row > 150).collect();
/// let bootstrap = Bootstrap { resamples: 100, seed: 1, threads: 2 };
/// let auroc = &estimates(&risks, &events, &[Figure::Auroc], bootstrap).unwrap()[0];
/// assert!(auroc.low < auroc.value && auroc.value < auroc.high);
/// assert!(estimates(&[1.5], &[true], &[Figure::Auroc], bootstrap).is_err());
/// ```
pub fn estimates(risks: &[f64], events: &[bool], figures: &[Figure], bootstrap: Bootstrap) -> Result<Vec<Estimate>> {
    let all = Sample::of(sorted(risks, events)?);
    let resampled = stripes::in_order(bootstrap.resamples, bootstrap.threads, |n| {
        let sample = all.resampled(mix(bootstrap.seed ^ mix(n as u64)));
        figures.iter().map(|figure| sample.measure(*figure)).collect::<Vec<Option<f64>>>()
    });
    let estimate = |(at, figure): (usize, &Figure)| {
        let values: Option<Vec<f64>> = resampled.iter().map(|of_one| of_one[at]).collect();
        let interval = values.and_then(interval);
        let value = all.measure(*figure).map(tidy);
        Estimate { figure: *figure, value, low: interval.map(|(low, _)| low), high: interval.map(|(_, high)| high) }
    };
    Ok(figures.iter().enumerate().map(estimate).collect())
}

/// The bin error that 95 of 100 perfectly calibrated models would stay below on rows with these risks: chance alone. The
/// outcomes are drawn anew so many times, each as likely as its risk says.
///
/// # Errors
/// As for [`Metrics::of`](super::Metrics::of), and for no draws at all.
pub fn bin_error_of_the_perfect(risks: &[f64], bootstrap: Bootstrap) -> Result<f64> {
    let all = sorted(risks, &vec![false; risks.len()])?;
    let mut errors = stripes::in_order(bootstrap.resamples.max(1), bootstrap.threads, |n| {
        let mut lots = Lots(mix(bootstrap.seed ^ mix(n as u64)));
        let drawn: Vec<(f64, bool)> = all.iter().map(|(risk, _)| (*risk, lots.share() < *risk)).collect();
        agreement::bin_error(&agreement::bins(&drawn, BINS))
    });
    errors.sort_by(f64::total_cmp);
    Ok(tidy(errors[(errors.len() * 95).div_ceil(100) - 1]))
}

/// The ends of the middle 95% of some values; none of none.
fn interval(mut values: Vec<f64>) -> Option<(f64, f64)> {
    values.sort_by(f64::total_cmp);
    let left_out = values.len() * LEFT_OUT_OF_1000 / 1000;
    let (low, high) = (values.get(left_out)?, values.get(values.len().checked_sub(1 + left_out)?)?);
    Some((tidy(*low), tidy(*high)))
}

/// Rows sorted by risk, as the figures need them.
struct Sample {
    sorted: Vec<(f64, bool)>,
    log_odds: Vec<f64>,
    events: Vec<bool>,
}

impl Sample {
    fn of(sorted: Vec<(f64, bool)>) -> Sample {
        let log_odds = sorted.iter().map(|(risk, _)| log_odds_from_risk(*risk)).collect();
        let events = sorted.iter().map(|(_, event)| *event).collect();
        Sample { sorted, log_odds, events }
    }

    /// As many rows, drawn with replacement: each is repeated in its place, so that nothing is sorted again.
    fn resampled(&self, seed: u64) -> Sample {
        let n = self.sorted.len();
        let (mut lots, mut times) = (Lots(seed), vec![0_u32; n]);
        (0..n).for_each(|_| times[lots.below(n)] += 1);
        let rows = || (0..n).flat_map(|row| std::iter::repeat_n(row, times[row] as usize));
        Sample {
            sorted: rows().map(|row| self.sorted[row]).collect(),
            log_odds: rows().map(|row| self.log_odds[row]).collect(),
            events: rows().map(|row| self.events[row]).collect(),
        }
    }

    fn measure(&self, figure: Figure) -> Option<f64> {
        let Sample { sorted, log_odds, events } = self;
        match figure {
            Figure::Auroc => ranking::auroc(sorted),
            Figure::AveragePrecision => ranking::average_precision(sorted),
            Figure::Brier => Some(agreement::brier(sorted)),
            Figure::LogLoss => Some(agreement::mean_log_loss(sorted)),
            Figure::CalibrationIntercept => intercept(log_odds, events),
            Figure::CalibrationSlope => slope_and_intercept(log_odds, events).map(|(slope, _)| slope),
            Figure::BinError => Some(agreement::bin_error(&agreement::bins(sorted, BINS))),
            Figure::ObservedToExpected => agreement::observed_to_expected(sorted),
            Figure::Ppv(cut) => Some(ranking::top(sorted, cut).ppv),
            Figure::Sensitivity(cut) => ranking::top(sorted, cut).sensitivity,
            Figure::NetBenefit(threshold) => Some(decision::net_benefit(sorted, threshold)),
        }
    }
}

/// Numbers by lot, one after another.
struct Lots(u64);

impl Lots {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(1);
        mix(self.0)
    }

    fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// From 0 to below 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOOTSTRAP: Bootstrap = Bootstrap { resamples: 400, seed: 7, threads: 2 };

    #[test]
    fn an_interval_leaves_out_five_in_a_hundred() {
        let hundred: Vec<f64> = (0..200).rev().map(f64::from).collect();
        assert_eq!(interval(hundred), Some((5.0, 194.0)));
        assert_eq!(interval(vec![]), None);
    }

    #[test]
    fn the_interval_of_a_share_is_as_wide_as_theory_says() {
        // 400 rows at 0.25, of which 100 had the event: O / E is 1, its standard error sqrt(0.25 * 0.75 / 400) / 0.25.
        let events: Vec<bool> = (0..400).map(|row| row % 4 == 0).collect();
        let found = estimates(&[0.25; 400], &events, &[Figure::ObservedToExpected], BOOTSTRAP).unwrap();
        let (low, high) = (found[0].low.unwrap(), found[0].high.unwrap());
        let expected = 1.96 * (0.25_f64 * 0.75 / 400.0).sqrt() / 0.25;
        assert_eq!(found[0].value, Some(1.0));
        assert!(((high - low) / 2.0 - expected).abs() < 0.1 * expected, "{low} to {high}");
    }

    #[test]
    fn what_does_not_exist_has_no_interval() {
        let found = estimates(&[0.1, 0.2], &[false, false], &[Figure::Auroc, Figure::Brier], BOOTSTRAP).unwrap();
        assert_eq!((found[0].value, found[0].low), (None, None));
        assert!(found[1].value.is_some() && found[1].high.is_some());
    }

    #[test]
    fn a_model_that_draws_its_own_outcomes_stays_below_the_perfect_in_most_draws() {
        // 2,000 rows at 0.05 to 0.45, in bins of 100: a mean error of about 0.8 times sqrt(p q / 100), 0.034.
        let risks: Vec<f64> = (0..2000).map(|row| 0.05 + 0.4 * f64::from(row) / 2000.0).collect();
        let most = bin_error_of_the_perfect(&risks, BOOTSTRAP).unwrap();
        assert!((0.034..0.05).contains(&most), "{most}");
        let drawn = |seed| {
            let mut lots = Lots(seed);
            risks.iter().map(|risk| lots.share() < *risk).collect::<Vec<bool>>()
        };
        let error = |events: &[bool]| {
            let nothing_more = Bootstrap { resamples: 0, ..BOOTSTRAP };
            estimates(&risks, events, &[Figure::BinError], nothing_more).unwrap()[0].value.unwrap()
        };
        let within = (0..100).filter(|seed| error(&drawn(mix(seed + 1_000_000))) <= most).count();
        assert!((88..=100).contains(&within), "{within}");
    }

    proptest! {
        #[test]
        fn threads_and_the_order_of_rows_make_no_difference(
            rows in prop::collection::vec((0.01..0.99, any::<bool>()), 2..60),
        ) {
            let measure = |rows: &[(f64, bool)], threads| {
                let (risks, events): (Vec<f64>, Vec<bool>) = rows.iter().copied().unzip();
                let figures = [Figure::Auroc, Figure::CalibrationSlope, Figure::Ppv(Cut::Rows(3))];
                estimates(&risks, &events, &figures, Bootstrap { resamples: 20, seed: 1, threads }).unwrap()
            };
            let backwards: Vec<(f64, bool)> = rows.iter().rev().copied().collect();
            prop_assert_eq!(measure(&rows, 1), measure(&backwards, 3));
        }
    }
}
