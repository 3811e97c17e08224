//! Where a risk stands among all who were scored: percentile and band.

use super::{change::points, line::Band};

/// The risks of everybody who was scored, ready to place one among them.
///
/// # Example
/// ```
/// use earlycall::worklist::standing::Standings;
/// let all = Standings::new(vec![0.1, 0.2, 0.2, 0.4]);
/// assert_eq!(all.percentile(0.1), 0.0);
/// assert_eq!(all.percentile(0.2), 50.0); // one below, one above
/// assert_eq!(all.percentile(0.4), 100.0);
/// ```
#[derive(Clone, Debug)]
pub struct Standings {
    ascending: Vec<f64>,
    /// By band but the last, the risk above which somebody is in its share; none where everybody is.
    edges: [f64; BANDS_OF_SHARES.len()],
}

/// The bands that are shares of all, and how many of a thousand people each and those above it may hold.
const BANDS_OF_SHARES: [(Band, usize); 4] =
    [(Band::VeryHigh, 5), (Band::High, 20), (Band::Rising, 50), (Band::Moderate, 200)];

impl Standings {
    /// Takes the risks in any order; they are finite.
    pub fn new(mut risks: Vec<f64>) -> Standings {
        risks.sort_unstable_by(f64::total_cmp);
        // Those with at least a risk above that of whoever is next are so many at most.
        let next = |per_mille: usize| risks.len().checked_sub(per_mille * risks.len() / 1000 + 1);
        let edges = BANDS_OF_SHARES.map(|(_, per_mille)| next(per_mille).map_or(f64::NEG_INFINITY, |at| risks[at]));
        Standings { ascending: risks, edges }
    }

    /// 0 for the lowest risk to 100 for the highest: 100 × below / (below + above), where `below` counts the people
    /// with a strictly lower risk and `above` those with a strictly higher one.
    ///
    /// Equal risks have equal percentiles. Where nobody differs, as with one person only, it is 100.
    pub fn percentile(&self, risk: f64) -> f64 {
        let (below, above) = (self.below(risk), self.above(risk));
        if below + above == 0 { 100.0 } else { 100.0 * below as f64 / (below + above) as f64 }
    }

    /// The band of a risk, given the same person's risk on the night before, if there was one.
    ///
    /// Somebody is in the top share of N people when those with at least their risk, themselves included, are at most
    /// that share of N: very high 0.5%, high 2%, rising 5%, moderate 20%, else low. So a band is never fuller than its
    /// share; people who tie across an edge are all below it; and nobody is very high among fewer than 200. A rise of
    /// 5 points or more, as told in words, lifts a moderate or low person to rising.
    pub fn band(&self, risk: f64, before: Option<f64>) -> Band {
        let of_share = BANDS_OF_SHARES.iter().zip(&self.edges).find(|(_, edge)| risk > **edge);
        let of_share = of_share.map_or(Band::Low, |((band, _), _)| *band);
        let rose = before.is_some_and(|before| points(risk, before) >= 5);
        if rose { of_share.max(Band::Rising) } else { of_share }
    }

    /// Whether fewer than a share of all, in percent, have a higher risk. The highest risk is in every share.
    pub fn is_in_top(&self, risk: f64, percent: f64) -> bool {
        (self.above(risk) as f64) * 100.0 < percent * self.ascending.len() as f64
    }

    fn below(&self, risk: f64) -> usize {
        self.ascending.partition_point(|&other| other < risk)
    }

    fn above(&self, risk: f64) -> usize {
        self.ascending.len() - self.ascending.partition_point(|&other| other <= risk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn thousand() -> Standings {
        Standings::new((1..=1000).map(|n| f64::from(n) / 2000.0).collect())
    }

    #[test]
    fn bands_of_a_thousand_people_hold_5_15_30_150_and_800() {
        let all = thousand();
        let count = |band| (1..=1000).filter(|&n| all.band(f64::from(n) / 2000.0, None) == band).count();
        assert_eq!(Band::ALL.map(count), [5, 15, 30, 150, 800]);
    }

    #[test]
    fn five_points_up_is_rising_unless_it_is_higher_already() {
        let all = thousand();
        assert_eq!(all.band(0.10, Some(0.05)), Band::Rising);
        assert_eq!(all.band(0.10, Some(0.06)), Band::Low);
        assert_eq!(all.band(0.50, Some(0.10)), Band::VeryHigh);
    }

    #[test]
    fn people_who_tie_across_an_edge_are_all_below_it() {
        let mut risks = vec![0.1; 998];
        risks.extend([0.9; 2]);
        assert_eq!(Standings::new(risks.clone()).band(0.9, None), Band::VeryHigh);
        risks.extend([0.9; 4]);
        assert_eq!(Standings::new(risks.clone()).band(0.9, None), Band::High);
    }

    #[test]
    fn the_top_share_of_a_thousand_is_as_many_as_it_says_and_of_a_few_at_least_the_highest() {
        let n_in_top = |percent| (1..=1000).filter(|&n| thousand().is_in_top(f64::from(n) / 2000.0, percent)).count();
        assert_eq!([0.1, 5.0, 100.0].map(n_in_top), [1, 50, 1000]);
        let few = Standings::new(vec![0.1, 0.2, 0.2]);
        assert_eq!([0.1, 0.2].map(|risk| few.is_in_top(risk, 5.0)), [false, true]);
    }

    #[test]
    fn a_tiny_cohort_has_no_very_high_people() {
        assert_eq!(Standings::new(vec![0.9]).band(0.9, None), Band::Low);
        assert_eq!(Standings::new(vec![0.9]).percentile(0.9), 100.0);
        let ten: Vec<f64> = (1..=10).map(|n| f64::from(n) / 20.0).collect();
        let bands: Vec<Band> = ten.iter().map(|&risk| Standings::new(ten.clone()).band(risk, None)).collect();
        assert_eq!(bands[7..], [Band::Low, Band::Moderate, Band::Moderate]);
    }

    proptest! {
        #[test]
        fn a_band_holds_whoever_is_among_so_many_of_a_thousand(risks in prop::collection::vec(0u8..50, 1..1500), one in 0u8..50) {
            let of = |n: &u8| f64::from(*n) / 50.0;
            let at_least = risks.iter().filter(|other| **other >= one).count();
            let is_in_top = |per_mille| at_least * 1000 <= per_mille * risks.len();
            let expected = [(5, Band::VeryHigh), (20, Band::High), (50, Band::Rising), (200, Band::Moderate)];
            let expected = expected.into_iter().find(|(per_mille, _)| is_in_top(*per_mille)).map_or(Band::Low, |(_, band)| band);
            prop_assert_eq!(Standings::new(risks.iter().map(of).collect()).band(of(&one), None), expected);
        }

        #[test]
        fn percentiles_run_from_0_to_100_in_the_order_of_risks(mut risks in prop::collection::vec(0u8..20, 2..60)) {
            risks.sort_unstable();
            let risks: Vec<f64> = risks.into_iter().map(|n| f64::from(n) / 20.0).collect();
            let all = Standings::new(risks.clone());
            let placed: Vec<f64> = risks.iter().map(|&risk| all.percentile(risk)).collect();
            prop_assert_eq!(placed[placed.len() - 1], 100.0);
            prop_assert!(risks[0] == risks[risks.len() - 1] || placed[0] == 0.0);
            for (pair, risk) in placed.windows(2).zip(risks.windows(2)) {
                prop_assert_eq!(pair[0] < pair[1], risk[0] < risk[1]);
                prop_assert_eq!(pair[0] == pair[1], risk[0] == risk[1]);
            }
        }
    }
}
