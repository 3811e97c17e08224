//! Calibration: a scale and a shift of the log-odds, so that contributions stay exact.
//!
//! A straight line is the only map of a sum that leaves it a sum of the same terms, each times one factor for everybody. Any
//! other would rescale the contributions of each person differently, and no curve could be drawn of what they add up to.

use serde::{Deserialize, Serialize};

use crate::number::{risk_from_log_odds, tidy};

/// The largest scale that is believed. Out-of-fold log-odds that separate the events would ask for infinity.
const SCALE_MAX: f64 = 10.0;

/// Newton squares the distance with every step, so after one this small nothing is left to gain.
const LAST_STEP: f64 = 1e-7;

/// Calibrated log-odds are `scale * log_odds + shift`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Below 1 where the fit was too sure of itself; never negative.
    pub scale: f64,
    /// Added after scaling.
    pub shift: f64,
}

impl Calibration {
    /// The calibrated log-odds.
    pub fn apply(&self, log_odds: f64) -> f64 {
        self.scale * log_odds + self.shift
    }

    /// The calibration under which the events are most likely, from log-odds that have not seen them.
    /// There must be events and non-events.
    pub(crate) fn fit(log_odds: &[f64], events: &[bool]) -> Calibration {
        // Where all log-odds are equal no scale can be told from another, so it stays 1.
        let scale = slope_and_intercept(log_odds, events).map_or(1.0, |(slope, _)| slope);
        let scale = tidy(scale.clamp(0.0, SCALE_MAX));
        let scaled: Vec<f64> = log_odds.iter().map(|l| scale * l).collect();
        let shift = intercept(&scaled, events).expect("the folds hold events and non-events");
        Calibration { scale, shift: tidy(shift) }
    }
}

/// The number that, added to all log-odds, makes the mean risk the observed rate: calibration in the large.
/// Nothing where all or none had the event.
pub(crate) fn intercept(log_odds: &[f64], events: &[bool]) -> Option<f64> {
    let n_events = events.iter().filter(|event| **event).count();
    if n_events == 0 || n_events == events.len() {
        return None;
    }
    // Newton, kept inside a bracket that halves where Newton would leave it. Excess risk grows with the shift.
    let (mut low, mut high, mut shift) = (-100.0, 100.0, 0.0);
    for _ in 0..200 {
        let (mut expected, mut information) = (0.0, 0.0);
        for risk in log_odds.iter().map(|l| risk_from_log_odds(l + shift)) {
            expected += risk;
            information += risk * (1.0 - risk);
        }
        let excess = expected - n_events as f64;
        if excess > 0.0 {
            high = shift
        } else {
            low = shift
        }
        let newton = shift - excess / information;
        let next = if low < newton && newton < high { newton } else { 0.5 * (low + high) };
        if (next - shift).abs() < 1e-13 {
            break;
        }
        shift = next;
    }
    Some(shift)
}

/// Slope and intercept of the logistic regression of the events on the log-odds, by damped Newton.
/// Nothing where the log-odds don't differ or all or none had the event; where the log-odds separate the events
/// the slope is merely large.
pub(crate) fn slope_and_intercept(log_odds: &[f64], events: &[bool]) -> Option<(f64, f64)> {
    let first = *log_odds.first()?;
    if log_odds.iter().all(|l| *l == first) {
        return None;
    }
    // Around their mean the two parameters hardly interfere, which keeps the 2 by 2 system well conditioned.
    let mean = log_odds.iter().sum::<f64>() / log_odds.len() as f64;
    let centred: Vec<f64> = log_odds.iter().map(|l| l - mean).collect();
    let shift = intercept(log_odds, events)? + mean;
    let mut line = (1.0, shift);
    let (mut gradient, mut step) = newton(&centred, events, line);
    for _ in 0..100 {
        if step.0.abs() + step.1.abs() < LAST_STEP {
            line = (line.0 - step.0, line.1 - step.1);
            break;
        }
        // Halve the step until the loss climbs less steeply at its end than half as it fell at its start: being convex, it
        // is lower there, or hardly higher. When no step does, this is the minimum.
        let along = |gradient: (f64, f64)| gradient.0 * step.0 + gradient.1 * step.1;
        let mut tried = (0..30).map(|halvings| 0.5_f64.powi(halvings)).map(|part| {
            let candidate = (line.0 - part * step.0, line.1 - part * step.1);
            (candidate, newton(&centred, events, candidate))
        });
        match tried.find(|(_, (there, _))| along(*there) >= -0.5 * along(gradient)) {
            Some((better, there)) => (line, (gradient, step)) = (better, there),
            None => break,
        }
    }
    Some((line.0, line.1 - line.0 * mean))
}

/// Gradient of the log loss at a line, and inverse Hessian times gradient.
fn newton(centred: &[f64], events: &[bool], (slope, shift): (f64, f64)) -> ((f64, f64), (f64, f64)) {
    let (mut g_slope, mut g_shift) = (0.0, 0.0);
    // A trace of ridge: separated events would otherwise leave nothing to divide by.
    let (mut h_slope, mut h_both, mut h_shift) = (1e-9, 0.0, 1e-9);
    for (l, event) in centred.iter().zip(events) {
        let risk = risk_from_log_odds(slope * l + shift);
        let (excess, weight) = (risk - f64::from(*event), risk * (1.0 - risk));
        g_slope += excess * l;
        g_shift += excess;
        h_slope += weight * l * l;
        h_both += weight * l;
        h_shift += weight;
    }
    let determinant = h_slope * h_shift - h_both * h_both;
    let step =
        ((h_shift * g_slope - h_both * g_shift) / determinant, (h_slope * g_shift - h_both * g_slope) / determinant);
    ((g_slope, g_shift), step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::log_odds_from_risk;
    use proptest::prelude::*;

    /// Two groups of 100 at log-odds -1 and 1, with so many events each.
    fn two_groups(low: usize, high: usize) -> (Vec<f64>, Vec<bool>) {
        let log_odds = (0..200).map(|row| if row < 100 { -1.0 } else { 1.0 }).collect();
        let events = (0..200).map(|row| if row < 100 { row < low } else { row < 100 + high }).collect();
        (log_odds, events)
    }

    #[test]
    fn two_groups_are_calibrated_to_their_rates() {
        // 20% and 50% of 100: log-odds -ln 4 and 0, so scale ln 4 / 2 and shift -ln 4 / 2.
        let (log_odds, events) = two_groups(20, 50);
        let half_ln_4 = 2.0_f64.ln();
        let calibration = Calibration::fit(&log_odds, &events);
        assert!((calibration.scale - half_ln_4).abs() < 1e-9);
        assert!((calibration.shift + half_ln_4).abs() < 1e-9);
        assert!((risk_from_log_odds(calibration.apply(-1.0)) - 0.2).abs() < 1e-9);
    }

    #[test]
    fn hopeless_cases_keep_the_rate() {
        // Upside down: better to say nothing than the opposite. 40 of 200 is the log-odds -ln 4.
        let (log_odds, events) = two_groups(30, 10);
        let calibration = Calibration::fit(&log_odds, &events);
        assert_eq!(calibration.scale, 0.0);
        assert!((calibration.shift + 4.0_f64.ln()).abs() < 1e-9);
        // All alike: only the rate is learnt.
        let calibration = Calibration::fit(&[0.5; 4], &[true, false, false, false]);
        assert_eq!(calibration.scale, 1.0);
        assert!((calibration.apply(0.5) + 3.0_f64.ln()).abs() < 1e-9);
        // Separated: the largest scale that is believed.
        let (log_odds, events) = two_groups(0, 100);
        assert_eq!(Calibration::fit(&log_odds, &events).scale, SCALE_MAX);
    }

    /// The root of a function that never falls, by halving alone.
    fn root(rising: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            if rising(middle) > 0.0 { high = middle } else { low = middle }
        }
        0.5 * (low + high)
    }

    /// The same slowly: for each scale the shift that makes as many events expected as there were, and the scale at which
    /// the log-odds of those events are as high as was to be expected.
    fn slow(log_odds: &[f64], events: &[bool]) -> Calibration {
        let excess = |scale: f64, shift: f64, weight: fn(f64) -> f64| -> f64 {
            let of_row =
                |(l, event): (&f64, &bool)| weight(*l) * (risk_from_log_odds(scale * l + shift) - f64::from(*event));
            log_odds.iter().zip(events).map(of_row).sum()
        };
        let shift_at = |scale: f64| root(|shift| excess(scale, shift, |_| 1.0), -100.0, 100.0);
        let scale = root(|scale| excess(scale, shift_at(scale), |l| l), 0.0, SCALE_MAX);
        Calibration { scale, shift: shift_at(scale) }
    }

    #[test]
    fn one_sided_outcomes_have_no_intercept() {
        assert_eq!(intercept(&[0.0, 1.0], &[true, true]), None);
        assert_eq!(intercept(&[], &[]), None);
        assert_eq!(slope_and_intercept(&[0.0, 1.0], &[false, false]), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn a_slow_search_finds_the_same_scale_and_shift(
            rows in prop::collection::vec((-4.0..4.0_f64, 0.0..1.0_f64), 50..100),
        ) {
            // Every row's risk is what its log-odds say, drawn by a lot of its own; the ends keep the events from being apart.
            let mut log_odds: Vec<f64> = rows.iter().map(|(l, _)| *l).collect();
            let mut events: Vec<bool> = rows.iter().map(|(l, lot)| *lot < risk_from_log_odds(*l)).collect();
            log_odds.extend([-4.0, 4.0]);
            events.extend([true, false]);
            let (found, slow) = (Calibration::fit(&log_odds, &events), slow(&log_odds, &events));
            prop_assert!((found.scale - slow.scale).abs() < 1e-6 && (found.shift - slow.shift).abs() < 1e-6);
        }

        #[test]
        fn after_calibration_the_mean_risk_is_the_rate(
            rows in prop::collection::vec((0.001..0.999, any::<bool>()), 20..100),
        ) {
            let log_odds: Vec<f64> = rows.iter().map(|(risk, _)| log_odds_from_risk(*risk)).collect();
            let mut events: Vec<bool> = rows.iter().map(|(_, event)| *event).collect();
            (events[0], events[1]) = (true, false);
            let calibration = Calibration::fit(&log_odds, &events);
            let risks: f64 = log_odds.iter().map(|l| risk_from_log_odds(calibration.apply(*l))).sum();
            let observed = events.iter().filter(|event| **event).count() as f64;
            prop_assert!((risks - observed).abs() < 1e-6);
        }
    }
}
