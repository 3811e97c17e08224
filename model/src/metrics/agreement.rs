//! How well risks agree with what happened: squared error, log loss, and a table of bins.

use serde::{Deserialize, Serialize};

use super::ranking::ties;
use crate::number::tidy;

/// Rows of neighbouring risks: what was forecast and what happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bin {
    /// How many rows.
    pub rows: u64,
    /// How many of them had the event.
    pub events: u64,
    /// Mean of the risks.
    pub mean_risk: f64,
    /// Share with the event.
    pub observed_rate: f64,
}

/// Mean squared difference between risk and outcome.
pub(super) fn brier(sorted: &[(f64, bool)]) -> f64 {
    let squares: f64 = sorted.iter().map(|(risk, event)| (risk - f64::from(*event)).powi(2)).sum();
    squares / sorted.len() as f64
}

/// Mean of minus the log of the probability given to what happened; a probability of 0 counts as 10^-15.
pub(super) fn mean_log_loss(sorted: &[(f64, bool)]) -> f64 {
    let given = |(risk, event): &(f64, bool)| if *event { *risk } else { 1.0 - risk };
    sorted.iter().map(|row| -given(row).max(1e-15).ln()).sum::<f64>() / sorted.len() as f64
}

/// Mean over the bins of the absolute difference of mean risk and observed rate.
pub(super) fn bin_error(bins: &[Bin]) -> f64 {
    bins.iter().map(|bin| (bin.mean_risk - bin.observed_rate).abs()).sum::<f64>() / bins.len() as f64
}

/// Events divided by the sum of the risks; none if that is 0.
pub(super) fn observed_to_expected(sorted: &[(f64, bool)]) -> Option<f64> {
    let expected: f64 = sorted.iter().map(|(risk, _)| risk).sum();
    let observed = sorted.iter().filter(|(_, event)| *event).count();
    (expected > 0.0).then(|| observed as f64 / expected)
}

/// Bins of equal size from the lowest risks to the highest. Equal risks stay together, in the bin of their middle
/// row, so there can be fewer bins.
pub(super) fn bins(sorted: &[(f64, bool)], n_bins: usize) -> Vec<Bin> {
    let mut members: Vec<Vec<(f64, bool)>> = vec![Vec::new(); n_bins];
    let mut before = 0;
    for group in ties(sorted) {
        let twice_middle = 2 * before + group.len();
        // The middle of the last group can be the very end only for no rows at all, so the index is in range.
        members[twice_middle * n_bins / (2 * sorted.len())].extend_from_slice(group);
        before += group.len();
    }
    members.retain(|bin| !bin.is_empty());
    members.iter().map(|bin| summarise(bin)).collect()
}

/// One line of the calibration table.
fn summarise(bin: &[(f64, bool)]) -> Bin {
    let events = bin.iter().filter(|(_, event)| *event).count();
    let rows = bin.len() as f64;
    Bin {
        rows: bin.len() as u64,
        events: events as u64,
        mean_risk: tidy(bin.iter().map(|(risk, _)| risk).sum::<f64>() / rows),
        observed_rate: tidy(events as f64 / rows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn errors_by_hand() {
        // Squares 0.01 and 0.09; logs of 0.9 and 0.7.
        let rows = [(0.1, false), (0.7, true)];
        assert!((brier(&rows) - 0.05).abs() < 1e-15);
        assert!((mean_log_loss(&rows) + (0.9_f64.ln() + 0.7_f64.ln()) / 2.0).abs() < 1e-15);
        assert!((mean_log_loss(&[(0.0, true)]) - 15.0 * 10.0_f64.ln()).abs() < 1e-9);
    }

    #[test]
    fn agreement_by_hand() {
        let rows = [(0.1, false), (0.2, true), (0.3, false), (0.5, true)];
        // Mean risks 0.15 and 0.4 beside a half each; 2 events where 1.1 were expected.
        assert!((bin_error(&bins(&rows, 2)) - (0.35 + 0.1) / 2.0).abs() < 1e-15);
        assert!((observed_to_expected(&rows).unwrap() - 2.0 / 1.1).abs() < 1e-15);
        assert_eq!(observed_to_expected(&[(0.0, true)]), None);
    }

    #[test]
    fn bins_by_hand() {
        let rows = [(0.1, false), (0.2, true), (0.3, false), (0.5, true)];
        let lower = Bin { rows: 2, events: 1, mean_risk: 0.15, observed_rate: 0.5 };
        let upper = Bin { rows: 2, events: 1, mean_risk: 0.4, observed_rate: 0.5 };
        assert_eq!(bins(&rows, 2), [lower, upper]);
        // Three equal risks are not torn apart.
        let rows = [(0.1, false), (0.1, true), (0.1, false), (0.5, true)];
        assert_eq!(bins(&rows, 2).iter().map(|bin| bin.rows).collect::<Vec<u64>>(), [3, 1]);
    }

    proptest! {
        #[test]
        fn every_row_is_in_one_bin(mut rows in prop::collection::vec((0.0..=1.0, any::<bool>()), 1..200)) {
            rows.sort_by(|a: &(f64, bool), b| a.0.total_cmp(&b.0));
            let table = bins(&rows, 20);
            prop_assert_eq!(table.iter().map(|bin| bin.rows).sum::<u64>() as usize, rows.len());
            let events = rows.iter().filter(|(_, event)| *event).count();
            prop_assert_eq!(table.iter().map(|bin| bin.events).sum::<u64>() as usize, events);
            prop_assert!(table.is_sorted_by(|a, b| a.mean_risk < b.mean_risk));
        }
    }
}
