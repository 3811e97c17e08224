//! Which bin a value of one column falls into.

use serde::{Deserialize, Serialize};

use crate::census::Census;
use crate::number::tidy;

/// A bin holds at least this many training rows, so that no height tells of a single patient.
pub(super) const ROWS_MIN: u32 = 10;

/// The bin of a missing value, and of a level that training has not met.
pub(super) const MISSING: usize = 0;

/// How the values of a column are put into bins. Bin 0 is for what has no value; the others follow from 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Bins {
    /// Bins between ascending cuts; a value at a cut lies above it.
    Cuts(Vec<f64>),
    /// A bin for each of these ascending values, whose order means nothing. Any other value is unknown: bin 0.
    Levels(Vec<f64>),
}

impl Bins {
    /// How many bins there are, that of missing values included.
    pub fn n(&self) -> usize {
        match self {
            Bins::Cuts(cuts) => cuts.len() + 2,
            Bins::Levels(levels) => levels.len() + 1,
        }
    }

    /// The bin of a value, from 0; every value has one.
    pub fn of(&self, x: f64) -> usize {
        if x.is_nan() {
            return MISSING;
        }
        match self {
            Bins::Cuts(cuts) => 1 + cuts.partition_point(|cut| *cut <= x),
            Bins::Levels(levels) => levels.iter().position(|level| *level == x).map_or(MISSING, |place| place + 1),
        }
    }

    /// Up to `most` bins of about as many rows each, never dividing equal values.
    pub(super) fn cuts(census: &Census, most: usize) -> Bins {
        let edges = edges(&census.counts, most);
        // A cut between the two values, finite also where the upper one is "never".
        let between = |edge: usize| match (census.values[edge - 1].max(-1e15), census.values[edge].min(1e15)) {
            (below, above) if below < 0.5 * (below + above) => tidy(0.5 * (below + above)),
            (_, above) => tidy(above),
        };
        let mut cuts: Vec<f64> = edges.into_iter().map(between).collect();
        cuts.dedup();
        Bins::Cuts(cuts)
    }

    /// A bin for each of the commonest values, `most` of them at most; the others count as unknown.
    pub(super) fn levels(census: &Census, most: usize) -> Bins {
        let mut common: Vec<(u32, f64)> = census.counts.iter().copied().zip(census.values.iter().copied()).collect();
        common.retain(|(n, level)| *n >= ROWS_MIN && level.is_finite() && tidy(*level) == *level);
        common.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.total_cmp(&b.1)));
        common.truncate(most);
        let mut levels: Vec<f64> = common.into_iter().map(|(_, level)| level).collect();
        levels.sort_by(f64::total_cmp);
        Bins::Levels(levels)
    }
}

/// The places, from 1, where a new group of neighbours starts, so that groups hold about as much as each other and as many
/// as `ROWS_MIN`, and there are at most `most` of them.
pub(super) fn edges(counts: &[u32], most: usize) -> Vec<usize> {
    let mut left: u64 = counts.iter().map(|n| u64::from(*n)).sum();
    let mut groups_left = most as u64;
    let mut edges = Vec::new();
    let mut held = 0;
    let few = counts.len() <= most;
    for (place, n) in counts.iter().enumerate() {
        let share = if few { 0 } else { left.div_ceil(groups_left) };
        let wanted = share.max(u64::from(ROWS_MIN));
        // A group is full, or would be much too full with the next value.
        let full = held >= wanted || (held >= u64::from(ROWS_MIN) && held + u64::from(*n) / 2 > wanted);
        if full && groups_left > 1 {
            edges.push(place);
            left -= held;
            (groups_left, held) = (groups_left - 1, 0);
        }
        held += u64::from(*n);
    }
    if held < u64::from(ROWS_MIN) {
        edges.pop();
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::census;
    use ndarray::Array2;

    fn census_of(values: &[(f64, usize)]) -> Census {
        let column: Vec<f64> = values.iter().flat_map(|(value, n)| vec![*value; *n]).collect();
        let x = Array2::from_shape_vec((column.len(), 1), column).unwrap();
        census::take(x.view(), 1).remove(0)
    }

    #[test]
    fn few_values_get_a_bin_each_and_a_cut_lies_between_them() {
        let bins = Bins::cuts(&census_of(&[(0.0, 50), (1.0, 30), (3.0, 20)]), 255);
        assert_eq!(bins, Bins::Cuts(vec![0.5, 2.0]));
        let places = [f64::NAN, f64::NEG_INFINITY, 0.0, 0.5, 1.0, 2.0, f64::INFINITY].map(|x| bins.of(x));
        assert_eq!(places, [0, 1, 1, 2, 2, 3, 3]);
        assert_eq!(bins.n(), 4);
    }

    #[test]
    fn a_value_of_a_single_patient_shares_a_bin() {
        assert_eq!(Bins::cuts(&census_of(&[(0.0, 50), (1.0, 30), (40.0, 1), (90.0, 1)]), 255), Bins::Cuts(vec![0.5]));
        assert_eq!(Bins::cuts(&census_of(&[(0.0, 200), (1.0, 9)]), 255), Bins::Cuts(vec![]));
    }

    #[test]
    fn many_values_are_shared_out_evenly_and_a_common_one_stands_alone() {
        let even: Vec<(f64, usize)> = (0..100).map(|value| (f64::from(value), 10)).collect();
        assert_eq!(Bins::cuts(&census_of(&even), 4), Bins::Cuts(vec![24.5, 49.5, 74.5]));
        let mut skewed = even.clone();
        skewed[0].1 = 3000;
        assert_eq!(Bins::cuts(&census_of(&skewed), 4), Bins::Cuts(vec![0.5, 33.5, 66.5]));
    }

    #[test]
    fn never_lies_above_the_last_cut() {
        let bins = Bins::cuts(&census_of(&[(10.0, 20), (f64::INFINITY, 20)]), 255);
        assert_eq!([10.0, 4000.0, f64::INFINITY].map(|x| bins.of(x)), [1, 1, 2]);
    }

    #[test]
    fn levels_have_no_neighbours_and_rare_ones_are_unknown() {
        let bins = Bins::levels(&census_of(&[(3.0, 20), (7.0, 30), (8.0, 2)]), 255);
        assert_eq!(bins, Bins::Levels(vec![3.0, 7.0]));
        assert_eq!([3.0, 7.0, 8.0, 5.0, f64::NAN].map(|x| bins.of(x)), [1, 2, 0, 0, 0]);
    }
}
