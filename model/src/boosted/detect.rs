//! Which pairs of columns tell something together that neither tells alone.
//!
//! What the curves leave over is looked at in every pair, in coarse bins. For each way to cut both columns in two, the four
//! quarters are asked how far they are from what two separate cuts could say: the contrast of their means, against its
//! variance. Best is the pair with the largest. After FAST of Lou, Caruana, Gehrke and Hooker (2013), with the contrast in
//! place of the loss so that a curve that is not quite right yet doesn't pass for a pair.

use super::state::Sums;
use super::step::{BEND_MIN, minus, plus};
use super::term::Side;
use crate::stripes::in_order;

/// Two columns and how much they tell together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pair {
    pub(super) sides: [usize; 2],
    pub(super) gain: f64,
}

/// All pairs of columns that tell anything together, from the one that tells most. `slopes` are slope and bend of the loss
/// of each row.
pub(super) fn pairs(sides: &[Option<Side>], slopes: &[[f32; 2]], l2: f64, threads: usize) -> Vec<Pair> {
    let cells = RowCells::of(sides, slopes.len());
    let found = in_order(sides.len(), threads, |first| match &sides[first] {
        Some(side) => with_later(sides, first, side, &cells, slopes, l2),
        None => Vec::new(),
    });
    let mut pairs: Vec<Pair> = found.into_iter().flatten().filter(|pair| pair.gain > 0.0).collect();
    // A stable sort: equals stay in the order of their columns.
    pairs.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    pairs
}

/// Per row, its cells: where a column is not as usual.
struct RowCells {
    starts: Vec<usize>,
    /// In the order of their columns.
    cells: Vec<u32>,
    /// The first cell of each column, and after the last one the number of cells.
    offsets: Vec<usize>,
}

impl RowCells {
    fn of(sides: &[Option<Side>], n_rows: usize) -> RowCells {
        let mut offsets = vec![0];
        for side in sides {
            offsets.push(offsets[offsets.len() - 1] + side.as_ref().map_or(0, |side| side.n));
        }
        let mut rows = RowCells { starts: vec![0], cells: Vec::new(), offsets };
        for row in 0..n_rows {
            for (side, offset) in sides.iter().zip(&rows.offsets) {
                if let Some(side) = side
                    && usize::from(side.places[row]) != side.commonest
                {
                    rows.cells.push((offset + usize::from(side.places[row])) as u32);
                }
            }
            rows.starts.push(rows.cells.len());
        }
        rows
    }

    /// The cells of a row from a number on.
    fn from(&self, row: usize, first: usize) -> &[u32] {
        let cells = &self.cells[self.starts[row]..self.starts[row + 1]];
        &cells[cells.partition_point(|cell| (*cell as usize) < first)..]
    }
}

/// The pairs of a column with those after it.
fn with_later(
    sides: &[Option<Side>],
    first: usize,
    side: &Side,
    cells: &RowCells,
    slopes: &[[f32; 2]],
    l2: f64,
) -> Vec<Pair> {
    let offset = cells.offsets[first + 1];
    let width = cells.offsets[sides.len()] - offset;
    let mut both = vec![[0.0; 2]; side.n * width];
    let mut alone = vec![[0.0; 2]; side.n];
    let mut others = vec![[0.0; 2]; width];
    for (row, slope) in slopes.iter().enumerate() {
        let slope = slope.map(f64::from);
        let bin = usize::from(side.places[row]);
        alone[bin] = plus(alone[bin], slope);
        let sums = if bin == side.commonest { &mut others[..] } else { &mut both[bin * width..(bin + 1) * width] };
        for cell in cells.from(row, offset) {
            let sum = &mut sums[*cell as usize - offset];
            *sum = plus(*sum, slope);
        }
    }
    let later = sides.iter().enumerate().skip(first + 1);
    let pair = |(second, other): (usize, &Option<Side>)| {
        let other = other.as_ref()?;
        let at = cells.offsets[second] - offset;
        let mut table = vec![[0.0; 2]; side.n * other.n];
        for bin in 0..side.n {
            let from = if bin == side.commonest { &others[at..] } else { &both[bin * width + at..] };
            let row = &mut table[bin * other.n..(bin + 1) * other.n];
            row.copy_from_slice(&from[..other.n]);
            row[other.commonest] = [0.0; 2];
            row[other.commonest] = row.iter().fold(alone[bin], |rest, cell| minus(rest, *cell));
        }
        Some(Pair { sides: [first, second], gain: contrast(&table, side.n, other.n, l2) })
    };
    later.filter_map(pair).collect()
}

/// The largest contrast of four quarters of a table.
pub(super) fn contrast(table: &[Sums], rows: usize, columns: usize, l2: f64) -> f64 {
    let mut best = 0.0_f64;
    let mut above = vec![[0.0; 2]; columns];
    let mut below = vec![[0.0; 2]; columns];
    for row in table.chunks_exact(columns) {
        below.iter_mut().zip(row).for_each(|(sum, cell)| *sum = plus(*sum, *cell));
    }
    let total = |row: &[Sums]| row.iter().fold([0.0; 2], |sum, cell| plus(sum, *cell));
    for row in table.chunks_exact(columns).take(rows - 1) {
        for (place, cell) in row.iter().enumerate() {
            above[place] = plus(above[place], *cell);
            below[place] = minus(below[place], *cell);
        }
        let totals = [total(&above), total(&below)];
        let mut left = [[0.0; 2]; 2];
        for column in 0..columns - 1 {
            left = [plus(left[0], above[column]), plus(left[1], below[column])];
            let quarters = [left[0], minus(totals[0], left[0]), left[1], minus(totals[1], left[1])];
            best = best.max(contrast_of(quarters, l2));
        }
    }
    best
}

/// How much the loss falls if four quarters may contrast, held back.
fn contrast_of(quarters: [Sums; 4], l2: f64) -> f64 {
    if quarters.iter().any(|quarter| quarter[1] < BEND_MIN) {
        return 0.0;
    }
    let mean = |quarter: Sums| quarter[0] / quarter[1];
    let difference = mean(quarters[0]) - mean(quarters[1]) - mean(quarters[2]) + mean(quarters[3]);
    let variance: f64 = quarters.iter().map(|quarter| 1.0 / quarter[1]).sum();
    difference * difference / (variance * (1.0 + variance * l2))
}
