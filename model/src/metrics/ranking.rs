//! How well risks rank: the chance of a right order, precision along the list, and the yield of its top.
//!
//! Every function takes (risk, event) pairs sorted by ascending risk, and treats equal risks as one group.

use serde::{Deserialize, Serialize};

use crate::number::tidy;

/// Where a list ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// After this share of all rows, rounded up.
    Share(f64),
    /// After so many rows, or all.
    Rows(u64),
}

impl Cut {
    fn rows(self, n: usize) -> usize {
        match self {
            Cut::Share(share) => (share * n as f64).ceil() as usize,
            Cut::Rows(rows) => usize::try_from(rows).unwrap_or(n).min(n),
        }
    }
}

/// The yield of the rows with the highest risks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Top {
    /// Share of all rows that are taken, from the highest risk down.
    pub fraction: f64,
    /// How many rows that is, rounded up.
    pub rows: u64,
    /// Positive predictive value: share of the taken rows that had the event. Where the cut falls into equal risks,
    /// as expected when drawing among them at random.
    pub ppv: f64,
    /// Share of all events that were among the taken rows. Absent where none had the event.
    pub sensitivity: Option<f64>,
}

/// Chance that a row with the event has the higher risk of two, by counting ranks in integers.
pub(super) fn auroc(sorted: &[(f64, bool)]) -> Option<f64> {
    let (mut with, mut without, mut twice_won) = (0_u128, 0_u128, 0_u128);
    for group in ties(sorted) {
        let group_with = group.iter().filter(|(_, event)| *event).count() as u128;
        let group_without = group.len() as u128 - group_with;
        twice_won += group_with * (2 * without + group_without);
        with += group_with;
        without += group_without;
    }
    let pairs = with * without;
    (pairs > 0).then(|| twice_won as f64 / (2 * pairs) as f64)
}

/// Sum over thresholds of precision times the gain in recall.
pub(super) fn average_precision(sorted: &[(f64, bool)]) -> Option<f64> {
    let n_events = sorted.iter().filter(|(_, event)| *event).count();
    let (mut taken, mut hits, mut sum) = (0, 0, 0.0);
    let groups: Vec<&[(f64, bool)]> = ties(sorted).collect();
    for group in groups.into_iter().rev() {
        let group_hits = group.iter().filter(|(_, event)| *event).count();
        taken += group.len();
        hits += group_hits;
        sum += hits as f64 / taken as f64 * group_hits as f64;
    }
    (n_events > 0).then(|| sum / n_events as f64)
}

/// The yield of the rows above a cut, which leaves at least one.
pub(super) fn top(sorted: &[(f64, bool)], cut: Cut) -> Top {
    let rows = cut.rows(sorted.len()).max(1);
    let n_events = sorted.iter().filter(|(_, event)| *event).count();
    let (mut open, mut hits) = (rows, 0.0);
    let groups: Vec<&[(f64, bool)]> = ties(sorted).collect();
    for group in groups.into_iter().rev() {
        let taken = open.min(group.len());
        let group_hits = group.iter().filter(|(_, event)| *event).count();
        hits += group_hits as f64 * taken as f64 / group.len() as f64;
        open -= taken;
    }
    Top {
        fraction: match cut {
            Cut::Share(share) => share,
            Cut::Rows(_) => tidy(rows as f64 / sorted.len() as f64),
        },
        rows: rows as u64,
        ppv: tidy(hits / rows as f64),
        sensitivity: (n_events > 0).then(|| tidy(hits / n_events as f64)),
    }
}

/// Groups of equal risk, in ascending order.
pub(super) fn ties(sorted: &[(f64, bool)]) -> impl Iterator<Item = &[(f64, bool)]> {
    sorted.chunk_by(|a, b| a.0 == b.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Risks 0.1 to 0.5; one group of two ties at 0.3.
    const FIVE: [(f64, bool); 5] = [(0.1, false), (0.3, false), (0.3, true), (0.4, false), (0.5, true)];

    #[test]
    fn auroc_by_hand() {
        // Events at 0.3 and 0.5, others at 0.1, 0.3, 0.4: won 1, 0.5, 0 and 1, 1, 1 of six.
        assert_eq!(auroc(&FIVE), Some(4.5 / 6.0));
        assert_eq!(auroc(&[(0.1, true), (0.2, false)]), Some(0.0));
        assert_eq!(auroc(&[(0.1, true)]), None);
    }

    #[test]
    fn average_precision_by_hand() {
        // At 0.5: precision 1 for the first event; at 0.3: two events among four rows for the second.
        assert_eq!(average_precision(&FIVE), Some((1.0 + 0.5) / 2.0));
        assert_eq!(average_precision(&[(0.5, false)]), None);
    }

    #[test]
    fn the_top_by_hand() {
        // The upper two of five: 0.5 (event) and 0.4 (none).
        let upper = top(&FIVE, Cut::Share(0.4));
        assert_eq!((upper.rows, upper.ppv, upper.sensitivity), (2, 0.5, Some(0.5)));
        // The upper three cut the two ties at 0.3, one of which had the event: expected 1.5 events.
        let upper = top(&FIVE, Cut::Share(0.6));
        assert_eq!((upper.rows, upper.ppv, upper.sensitivity), (3, 0.5, Some(0.75)));
        // The same, counted in rows; and all, where fewer are there than are asked for.
        assert_eq!(top(&FIVE, Cut::Rows(3)), upper);
        assert_eq!(top(&FIVE, Cut::Rows(9)).rows, 5);
    }

    /// Few distinct risks, so that ties are common.
    fn sorted_rows() -> impl Strategy<Value = Vec<(f64, bool)>> {
        prop::collection::vec((0_u8..8, any::<bool>()), 1..80).prop_map(|mut rows| {
            rows.sort();
            rows.into_iter().map(|(risk, event)| (f64::from(risk) / 8.0, event)).collect()
        })
    }

    proptest! {
        #[test]
        fn auroc_is_the_share_of_pairs_won(rows in sorted_rows()) {
            let (mut pairs, mut won) = (0.0, 0.0);
            for (high, _) in rows.iter().filter(|(_, event)| *event) {
                for (low, _) in rows.iter().filter(|(_, event)| !*event) {
                    pairs += 1.0;
                    won += if high > low { 1.0 } else if high == low { 0.5 } else { 0.0 };
                }
            }
            match auroc(&rows) {
                Some(auroc) => prop_assert!((auroc - won / pairs).abs() < 1e-12),
                None => prop_assert_eq!(pairs, 0.0),
            }
        }

        #[test]
        fn average_precision_is_the_mean_precision_at_events(rows in sorted_rows()) {
            let at_or_above = |risk: f64| rows.iter().filter(move |row| row.0 >= risk);
            let precisions: Vec<f64> = rows.iter().filter(|(_, event)| *event).map(|(risk, _)| {
                at_or_above(*risk).filter(|row| row.1).count() as f64 / at_or_above(*risk).count() as f64
            }).collect();
            match average_precision(&rows) {
                Some(area) => prop_assert!((area - precisions.iter().sum::<f64>() / precisions.len() as f64).abs() < 1e-12),
                None => prop_assert!(precisions.is_empty()),
            }
        }

        #[test]
        fn taking_all_rows_finds_all_events(rows in sorted_rows()) {
            let all = top(&rows, Cut::Share(1.0));
            prop_assert_eq!(all.rows as usize, rows.len());
            if let Some(sensitivity) = all.sensitivity {
                prop_assert!((sensitivity - 1.0).abs() < 1e-12);
            }
        }
    }
}
