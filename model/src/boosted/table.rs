//! The training rows as bins, column by column.

use std::collections::BTreeMap;

use ndarray::{ArrayView2, Axis, Slice};

use super::bins::{Bins, MISSING, ROWS_MIN};
use super::params::Shape;
use crate::census;
use crate::column::Column;
use crate::stripes::in_order;

/// Columns that one task reads together, so that a row's values come along with each other from memory.
const TOGETHER: usize = 16;

/// One column of the training rows.
pub(super) struct Binned {
    pub(super) bins: Bins,
    pub(super) shape: Shape,
    /// Whether a missing value is a finding. It is where training has met as many as a bin must hold, and values as well;
    /// elsewhere it is a feed that did not come, or an oversight in a row or two.
    pub(super) learns_missing: bool,
    /// The bin of each row.
    pub(super) places: Vec<u16>,
    /// How many rows are in each bin.
    pub(super) counts: Vec<u32>,
}

impl Binned {
    /// The bin that most rows are in; of equally full ones the first.
    pub(super) fn commonest(&self) -> usize {
        let most = self.counts.iter().max().expect("there is a bin for missing values");
        self.counts.iter().position(|n| n == most).expect("the largest is among them")
    }

    /// Whether all rows with a value are in one bin, and so nothing can be learnt.
    pub(super) fn says_nothing(&self) -> bool {
        let met = self.counts.iter().enumerate().filter(|(bin, n)| **n > 0 && (*bin != MISSING || self.learns_missing));
        met.count() < 2
    }
}

/// Puts every column into bins. The number of threads makes no difference.
pub(super) fn bin(
    columns: &[Column],
    x: ArrayView2<f64>,
    shapes: &BTreeMap<String, Shape>,
    most: usize,
    threads: usize,
) -> Vec<Binned> {
    let tasks = columns.len().div_ceil(TOGETHER);
    let parts = in_order(tasks, threads, |task| {
        let mine = task * TOGETHER..columns.len().min((task + 1) * TOGETHER);
        let x = x.slice_axis(Axis(1), Slice::from(mine.clone()));
        let mut binned: Vec<Binned> = census::take(x, 1)
            .iter()
            .zip(&columns[mine.clone()])
            .map(|(census, column)| {
                let shape = shapes.get(&column.name).copied().unwrap_or_default();
                let bins = match shape {
                    Shape::Levels => Bins::levels(census, most),
                    _ => Bins::cuts(census, most),
                };
                let counts = vec![0; bins.n()];
                Binned { bins, shape, learns_missing: false, places: Vec::with_capacity(x.nrows()), counts }
            })
            .collect();
        for row in x.rows() {
            for (x, column) in row.iter().zip(&mut binned) {
                let bin = column.bins.of(*x);
                column.places.push(bin as u16);
                column.counts[bin] += 1;
            }
        }
        for binned in &mut binned {
            let missing = binned.counts[MISSING];
            binned.learns_missing = missing >= ROWS_MIN && (missing as usize) < x.nrows();
        }
        binned
    });
    parts.into_iter().flatten().collect()
}
