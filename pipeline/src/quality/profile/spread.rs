//! How often each result of a measurement was had.

use std::{collections::HashMap, hash::BuildHasherDefault};

use super::Part;
use crate::{history::person_map::RandomAlready, quality::hashes::mix};

/// Hundredths that have a counter of their own: up to 655.35, as most results are.
const COUNTED_IN_A_LIST: usize = 1 << 16;

/// How often each result was had, in thousandths.
#[derive(Default)]
pub(super) struct Spread {
    /// Whether there is a list: it may take a quarter of a megabyte, which the map of a few results does not.
    has_list: bool,
    /// By whole hundredths.
    hundredths: Vec<u32>,
    /// Of all others, by a hash of the result.
    others: HashMap<u64, u32, BuildHasherDefault<RandomAlready>>,
}

impl Spread {
    pub fn new(has_list: bool) -> Spread {
        Spread { has_list, ..Spread::default() }
    }

    pub fn add(&mut self, thousandths: i64) {
        let hundredths = thousandths / 10;
        let n = match usize::try_from(hundredths) {
            Ok(at) if self.has_list && at < COUNTED_IN_A_LIST && 10 * hundredths == thousandths => {
                if at >= self.hundredths.len() {
                    self.hundredths.resize((at + 1).next_power_of_two(), 0);
                }
                &mut self.hundredths[at]
            }
            // Mixed, for results are whole numbers more often than not, and the map takes its keys for random.
            _ => self.others.entry(mix(0, thousandths.cast_unsigned())).or_default(),
        };
        *n = n.saturating_add(1);
    }

    /// Results, and of these the commonest; none where there were none.
    pub fn commonest(&self) -> Option<Part> {
        // Sums and maxima alone: the order of the map cannot show.
        let counts = || self.hundredths.iter().chain(self.others.values()).map(|n| u64::from(*n));
        let of = counts().sum();
        (of > 0).then(|| Part { of, n: counts().max().unwrap_or(0) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted_wherever_their_counter_is() {
        let commonest = |results: &[i64]| {
            let [with_list, without] = [true, false].map(|has_list| {
                let mut spread = Spread::new(has_list);
                results.iter().for_each(|thousandths| spread.add(*thousandths));
                spread.commonest().map(|part| (part.n, part.of))
            });
            assert_eq!(with_list, without);
            with_list
        };
        assert_eq!(commonest(&[]), None);
        // 7.4 twice; 7.401, which is no hundredth, once.
        assert_eq!(commonest(&[7_400, 7_401, 7_400]), Some((2, 3)));
        // 655.35 has the last counter of the list; 655.36 and what is below zero have none there.
        assert_eq!(commonest(&[655_350, 655_360, 655_360, -10, 0]), Some((2, 5)));
        assert_eq!(commonest(&[i64::MIN, i64::MAX, i64::MIN]), Some((2, 3)));
    }
}
