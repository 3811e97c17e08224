//! Scoring many rows at a time: column by column, and without a branch that depends on a value.

use std::fmt;

use ndarray::{ArrayView2, Axis, Slice};

use super::formula::{BoostedFormula, StepCurve};
use super::search::Search;

/// Rows that are scored together: so many that a column's values come along with each other from memory, and so few that
/// what is worked out about them stays in the processor's nearest memory.
const ROWS: usize = 512;

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
    sides: Vec<(usize, Vec<u8>)>,
}

/// Two sides and the heights of their cells.
#[derive(Clone, PartialEq)]
struct Pair {
    sides: [usize; 2],
    width: u8,
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
        let short = |group: usize| u8::try_from(group).expect("a side has at most 65 groups");
        let mut pairs = Vec::new();
        for surface in &formula.surfaces {
            let sides = [0, 1].map(|one| side(surface.columns[one], &surface.groups[one]));
            pairs.push(Pair { sides, width: short(surface.width()), heights: surface.heights.clone() });
        }
        let column = |(place, curve): (usize, &StepCurve)| {
            let heights = if curve.is_flat() { Vec::new() } else { curve.heights.clone() };
            let mine = sides.iter().enumerate().filter(|(_, (column, _))| *column == place);
            let mine = mine
                .map(|(number, (_, groups))| (number, groups.iter().map(|group| short(*group)).collect()))
                .collect();
            Column { place, search: Search::of(&curve.bins), heights, sides: mine }
        };
        let columns = formula.curves.iter().enumerate().map(column);
        let columns = columns.filter(|column| !(column.heights.is_empty() && column.sides.is_empty())).collect();
        Lookup { base: formula.base, columns, n_sides: sides.len(), pairs }
    }

    /// The log-odds of every row.
    pub(super) fn add_up<T: Copy + Into<f64>>(&self, x: ArrayView2<T>, log_odds: &mut [f64]) {
        log_odds.fill(self.base);
        let mut room = Room { values: Vec::new(), bins: [0; ROWS], groups: vec![[0; ROWS]; self.n_sides] };
        for (block, sums) in log_odds.chunks_mut(ROWS).enumerate() {
            let rows = block * ROWS..block * ROWS + sums.len();
            for column in &self.columns {
                let values = x.column(column.place);
                match values.as_slice() {
                    Some(values) => column.add_up(&values[rows.clone()], &mut room.bins, &mut room.groups, sums),
                    None => {
                        let values = values.slice_axis(Axis(0), Slice::from(rows.clone()));
                        room.values.clear();
                        room.values.extend(values.iter().map(|x| (*x).into()));
                        column.add_up(&room.values, &mut room.bins, &mut room.groups, sums);
                    }
                }
            }
            for pair in &self.pairs {
                pair.add_up(&room.groups, sums);
            }
        }
    }
}

/// Room that is used again for all rows. Of the last rows there may be fewer, and no more are looked at.
struct Room {
    values: Vec<f64>,
    bins: Each<u16>,
    groups: Vec<Each<u8>>,
}

impl Pair {
    /// Adds the height of its cell to the sum of each row.
    fn add_up(&self, groups: &[Each<u8>], sums: &mut [f64]) {
        let [first, second] = self.sides.map(|side| &groups[side]);
        let (width, heights) = (usize::from(self.width), self.heights.as_slice());
        for ((sum, first), second) in sums.iter_mut().zip(first).zip(second) {
            *sum += heights[usize::from(*first) * width + usize::from(*second)];
        }
    }
}

impl Column {
    /// Adds the height of each value to the sum of its row, and notes its groups.
    fn add_up<T: Copy + Into<f64>>(
        &self,
        values: &[T],
        bins: &mut Each<u16>,
        groups: &mut [Each<u8>],
        sums: &mut [f64],
    ) {
        if let Search::Once(cut) = self.search {
            return self.add_up_once(cut, values, groups, sums);
        }
        let bins = &mut bins[..values.len()];
        self.search.bins(values, bins);
        if !self.heights.is_empty() {
            for (sum, bin) in sums.iter_mut().zip(&*bins) {
                *sum += self.heights[usize::from(*bin)];
            }
        }
        for (side, group_of) in &self.sides {
            for (group, bin) in groups[*side].iter_mut().zip(&*bins) {
                *group = group_of[usize::from(*bin)];
            }
        }
    }

    /// The same where there is one cut. Nothing is looked up: a height is that of a missing value, with the bits turned in
    /// which the right one differs, which the processor does for several rows at once.
    fn add_up_once<T: Copy + Into<f64>>(&self, cut: f64, values: &[T], groups: &mut [Each<u8>], sums: &mut [f64]) {
        if let [missing, below, above] = self.heights[..] {
            let missing = missing.to_bits();
            let [if_below, if_above] = [below, above].map(|height| height.to_bits() ^ missing);
            for (sum, x) in sums.iter_mut().zip(values) {
                let x: f64 = (*x).into();
                let [is_below, is_above] = [x < cut, x >= cut].map(|is_so| 0_u64.wrapping_sub(u64::from(is_so)));
                *sum += f64::from_bits(missing ^ (is_below & if_below) ^ (is_above & if_above));
            }
        }
        for (side, group_of) in &self.sides {
            let (missing, if_below, if_above) = (group_of[0], group_of[1] ^ group_of[0], group_of[2] ^ group_of[0]);
            for (group, x) in groups[*side].iter_mut().zip(values) {
                let x: f64 = (*x).into();
                let [is_below, is_above] = [x < cut, x >= cut].map(|is_so| 0_u8.wrapping_sub(u8::from(is_so)));
                *group = missing ^ (is_below & if_below) ^ (is_above & if_above);
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
