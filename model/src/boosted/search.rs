//! The bins of many values of one column at once.

use super::bins::{Bins, MISSING};
use crate::table::place_in_table;

/// Whole numbers up to this stand in a table at most: eleven years of days.
const WHOLE_MAX: f64 = 4095.0;

/// The bin of something that isn't in a table.
const ASK: u16 = u16::MAX;

/// Finds the bins of many values of one column at once.
#[derive(Clone, PartialEq)]
pub(super) enum Search {
    /// Below and above one cut: a flag, as most columns are.
    Once(f64),
    /// The bin of every small whole number, and [`ASK`] after them; how many there are; and what to ask about others. For
    /// counts and days, whose cuts lie between whole numbers.
    Table { whole: Vec<u16>, beyond: f64, bins: Bins },
    /// By halving: the cuts or levels, and endless numbers after them so that there is one less than a power of two; how
    /// many there are without those; and whether only the very value of an end is in its bin.
    Halving { ends: Vec<f64>, n: u16, are_levels: bool },
}

impl Search {
    pub(super) fn of(bins: &Bins) -> Search {
        match bins {
            Bins::Cuts(cuts) if cuts.len() == 1 => Search::Once(cuts[0]),
            Bins::Cuts(ends) | Bins::Levels(ends) if ends.iter().all(|end| (2.0 * end).fract() == 0.0) => {
                let beyond = ends.last().map_or(0.0, |last| last.ceil()).clamp(0.0, WHOLE_MAX) + 1.0;
                let mut whole: Vec<u16> = (0..beyond as u32).map(|n| bins.of(f64::from(n)) as u16).collect();
                whole.push(ASK);
                Search::Table { whole, beyond, bins: bins.clone() }
            }
            Bins::Cuts(ends) | Bins::Levels(ends) => {
                let n = u16::try_from(ends.len()).expect("a column has about a thousand bins at most");
                let mut ends = ends.clone();
                ends.resize((ends.len() + 1).next_power_of_two() - 1, f64::INFINITY);
                Search::Halving { ends, n, are_levels: matches!(bins, Bins::Levels(_)) }
            }
        }
    }

    /// The same as [`Bins::of`] of each value.
    pub(super) fn bins<T: Copy + Into<f64>>(&self, values: &[T], into: &mut [u16]) {
        match self {
            Search::Once(cut) => {
                for (bin, x) in into.iter_mut().zip(values) {
                    let x: f64 = (*x).into();
                    *bin = u16::from(x < *cut) + 2 * u16::from(x >= *cut);
                }
            }
            Search::Table { whole, beyond, bins } => {
                // Two loops: the processor works out several places at once, and can then look them up one by one.
                for (bin, x) in into.iter_mut().zip(values) {
                    *bin = place_in_table((*x).into(), *beyond) as u16;
                }
                for (bin, x) in into.iter_mut().zip(values) {
                    let found = whole[usize::from(*bin)];
                    *bin = if found == ASK { bins.of((*x).into()) as u16 } else { found };
                }
            }
            Search::Halving { ends, n, are_levels } => halve(ends, *n, *are_levels, values, into),
        }
    }
}

fn halve<T: Copy + Into<f64>>(ends: &[f64], n: u16, are_levels: bool, values: &[T], into: &mut [u16]) {
    into.fill(0);
    for halvings in (0..ends.len().trailing_ones()).rev() {
        let step = 1 << halvings;
        for (bin, x) in into.iter_mut().zip(values) {
            let is_above = ends[usize::from(*bin) + step - 1] <= (*x).into();
            // No branch, which would be taken or not as it happens.
            *bin += u16::from(is_above) << halvings;
        }
    }
    // So many ends are not above the value.
    for (bin, x) in into.iter_mut().zip(values) {
        let x: f64 = (*x).into();
        *bin = if are_levels {
            let is_level = *bin > 0 && *bin <= n && ends[usize::from(*bin) - 1] == x;
            if is_level { *bin } else { MISSING as u16 }
        } else if x.is_nan() {
            MISSING as u16
        } else {
            1 + (*bin).min(n)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_way_finds_the_bin_that_looking_at_each_end_finds(
            ends in prop::collection::btree_set(-20_i8..80, 0..40_usize),
            values in prop::collection::vec(prop_oneof![
                (-90_i8..90).prop_map(|quarter| f64::from(quarter) / 4.0),
                prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::MAX, 4096.0]),
            ], 1..100),
            parts in prop::sample::select(vec![1.0, 2.0, 3.0]),
            are_levels: bool,
        ) {
            // Whole numbers and halves have a table, others have none.
            let ends: Vec<f64> = ends.into_iter().map(|end| f64::from(end) / parts).collect();
            let bins = if are_levels { Bins::Levels(ends) } else { Bins::Cuts(ends) };
            let mut found = vec![u16::MAX; values.len()];
            Search::of(&bins).bins(&values, &mut found);
            let expected: Vec<u16> = values.iter().map(|x| bins.of(*x) as u16).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
