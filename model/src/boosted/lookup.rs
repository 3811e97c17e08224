//! Scoring many rows at a time: column by column, and without a branch that depends on a value.

use std::fmt;

use ndarray::{ArrayView1, ArrayView2, Axis, Slice};

use super::bins::{Bins, MISSING};
use super::formula::BoostedFormula;

/// Rows that are scored together. What is worked out about them stays in the processor's nearest memory.
const ROWS: usize = 64;

/// Something about each of these rows.
type Each<T> = [T; ROWS];

/// What is needed to score quickly; the same bits as the curves and surfaces give, added in their order.
#[derive(Clone, PartialEq)]
pub(super) struct Lookup {
    base: f64,
    /// The columns that say anything, in their order.
    columns: Vec<Column>,
    /// How many columns stand on a side of a surface, each divided in its way.
    n_sides: usize,
    pairs: Vec<Pair>,
}

/// A column that says something.
#[derive(Clone, PartialEq)]
struct Column {
    place: usize,
    search: Search,
    /// The height of each bin; none where the curve is flat.
    heights: Vec<f64>,
    /// Where it stands on sides of surfaces: the number of the side, and the group of each bin.
    sides: Vec<(usize, Vec<usize>)>,
}

/// Two sides and the heights of their cells.
#[derive(Clone, PartialEq)]
struct Pair {
    sides: [usize; 2],
    width: usize,
    heights: Vec<f64>,
}

impl Lookup {
    pub(super) fn of(formula: &BoostedFormula) -> Lookup {
        let mut sides: Vec<(usize, &Vec<usize>)> = Vec::new();
        let mut side = |column: usize, groups| {
            let known = sides.iter().position(|side| *side == (column, groups));
            known.unwrap_or_else(|| {
                sides.push((column, groups));
                sides.len() - 1
            })
        };
        let mut pairs = Vec::new();
        for surface in &formula.surfaces {
            let sides = [0, 1].map(|one| side(surface.columns[one], &surface.groups[one]));
            pairs.push(Pair { sides, width: surface.width(), heights: surface.heights.clone() });
        }
        let column = |(place, curve): (usize, &super::formula::StepCurve)| {
            let heights = if curve.is_flat() { Vec::new() } else { curve.heights.clone() };
            let mine = sides.iter().enumerate().filter(|(_, (column, _))| *column == place);
            let mine = mine.map(|(number, (_, groups))| (number, groups.to_vec())).collect();
            Column { place, search: Search::of(&curve.bins), heights, sides: mine }
        };
        let columns = formula.curves.iter().enumerate().map(column);
        let columns = columns.filter(|column| !(column.heights.is_empty() && column.sides.is_empty())).collect();
        Lookup { base: formula.base, columns, n_sides: sides.len(), pairs }
    }

    /// The log-odds of every row.
    pub(super) fn add_up<T: Copy + Into<f64>>(&self, x: ArrayView2<T>, log_odds: &mut [f64]) {
        let mut room = Room { values: [0.0; ROWS], bins: [0; ROWS], groups: vec![[0; ROWS]; self.n_sides] };
        for (block, log_odds) in log_odds.chunks_mut(ROWS).enumerate() {
            let first = block * ROWS;
            let mut sums = [self.base; ROWS];
            for column in &self.columns {
                // Of the last rows there may be fewer; what earlier ones left in the place of the others is not taken.
                take(x.column(column.place), first, &mut room.values[..log_odds.len()]);
                column.search.bins(&room.values, &mut room.bins);
                if !column.heights.is_empty() {
                    for (sum, bin) in sums.iter_mut().zip(&room.bins) {
                        *sum += column.heights[*bin];
                    }
                }
                for (side, group_of) in &column.sides {
                    for (group, bin) in room.groups[*side].iter_mut().zip(&room.bins) {
                        *group = group_of[*bin];
                    }
                }
            }
            for pair in &self.pairs {
                let [first, second] = pair.sides.map(|side| &room.groups[side]);
                for ((sum, first), second) in sums.iter_mut().zip(first).zip(second) {
                    *sum += pair.heights[first * pair.width + second];
                }
            }
            log_odds.copy_from_slice(&sums[..log_odds.len()]);
        }
    }
}

/// Room that is used again for all rows.
struct Room {
    values: Each<f64>,
    bins: Each<usize>,
    groups: Vec<Each<usize>>,
}

/// Some values of a column, wherever they stand in memory.
fn take<T: Copy + Into<f64>>(column: ArrayView1<T>, first: usize, into: &mut [f64]) {
    match column.as_slice() {
        Some(column) => into.iter_mut().zip(&column[first..]).for_each(|(into, x)| *into = (*x).into()),
        None => {
            let rows = column.slice_axis(Axis(0), Slice::from(first..first + into.len()));
            into.iter_mut().zip(&rows).for_each(|(into, x)| *into = (*x).into());
        }
    }
}

/// Finds the bins of many values of one column at once, by halving.
#[derive(Clone, PartialEq)]
struct Search {
    /// The cuts or levels, and endless numbers after them so that there is one less than a power of two.
    ends: Vec<f64>,
    n: usize,
    /// Whether only the very value of an end is in its bin.
    are_levels: bool,
}

impl Search {
    fn of(bins: &Bins) -> Search {
        let (Bins::Cuts(ends) | Bins::Levels(ends)) = bins;
        let n = ends.len();
        let mut ends = ends.clone();
        ends.resize((n + 1).next_power_of_two() - 1, f64::INFINITY);
        Search { ends, n, are_levels: matches!(bins, Bins::Levels(_)) }
    }

    /// The same as [`Bins::of`] of each value.
    fn bins(&self, values: &Each<f64>, bins: &mut Each<usize>) {
        bins.fill(0);
        let mut step = self.ends.len().div_ceil(2);
        // At first there is one end that all values are held against.
        if let Some(middle) = self.ends.get(step.wrapping_sub(1)) {
            for (bin, x) in bins.iter_mut().zip(values) {
                *bin = step * usize::from(*middle <= *x);
            }
            step /= 2;
        }
        while step > 0 {
            for (bin, x) in bins.iter_mut().zip(values) {
                *bin += step * usize::from(self.ends[*bin + step - 1] <= *x);
            }
            step /= 2;
        }
        // So many ends are not above the value.
        if self.are_levels {
            for (bin, x) in bins.iter_mut().zip(values) {
                let is_level = *bin > 0 && self.ends[*bin - 1] == *x && *bin <= self.n;
                *bin = if is_level { *bin } else { MISSING };
            }
        } else {
            for (bin, x) in bins.iter_mut().zip(values) {
                *bin = if x.is_nan() { MISSING } else { 1 + (*bin).min(self.n) };
            }
        }
    }
}

/// Thousands of numbers would tell nobody anything.
impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup").field("columns", &self.columns.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn halving_finds_the_bin_that_looking_at_each_end_finds(
            ends in prop::collection::btree_set(-20_i8..20, 0..40),
            values in prop::collection::vec(prop_oneof![
                (-50_i8..50).prop_map(|half| f64::from(half) / 2.0),
                prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::MAX]),
            ], ROWS),
            are_levels: bool,
        ) {
            let ends: Vec<f64> = ends.into_iter().map(f64::from).collect();
            let bins = if are_levels { Bins::Levels(ends) } else { Bins::Cuts(ends) };
            let values: Each<f64> = values.try_into().unwrap();
            let mut found = [usize::MAX; ROWS];
            Search::of(&bins).bins(&values, &mut found);
            prop_assert_eq!(found, values.map(|x| bins.of(x)));
        }
    }
}
