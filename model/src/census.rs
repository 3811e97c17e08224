//! How often each value occurs in a column. Everything about a column that doesn't depend on the outcomes follows.

use ndarray::{ArrayView1, ArrayView2, Axis};

use crate::number::place;
use crate::stripes::in_order;

/// Whole numbers below this are counted in a table; others are collected and sorted.
const TABLE: usize = 4096;

/// The distinct values of a column and their numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Census {
    /// Distinct values in ascending order; infinity may be among them, NaN is not.
    pub(crate) values: Vec<f64>,
    /// How many rows have each.
    pub(crate) counts: Vec<u32>,
    /// How many rows have none (NaN).
    pub(crate) missing: u32,
}

impl Census {
    /// How many rows have a value.
    pub(crate) fn present(&self) -> usize {
        self.counts.iter().map(|n| *n as usize).sum()
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        self.present() + self.missing as usize
    }

    /// The value at a place, from 0, among the rows that have one, in ascending order.
    pub(crate) fn nth(&self, place: usize) -> Option<f64> {
        let mut before = 0;
        let reaches = |n: &u32| {
            before += *n as usize;
            before > place
        };
        self.counts.iter().position(reaches).map(|position| self.values[position])
    }

    /// What most rows have, NaN where that is nothing; of equally common values the smallest.
    pub(crate) fn commonest(&self) -> f64 {
        let most = self.counts.iter().copied().max().unwrap_or(0);
        match self.counts.iter().position(|n| *n == most) {
            Some(position) if most >= self.missing => self.values[position],
            _ => f64::NAN,
        }
    }
}

/// The census of every column. Whole numbers are added up, so the number of threads makes no difference.
pub(crate) fn take(x: ArrayView2<f64>, threads: usize) -> Vec<Census> {
    let rows_each = x.nrows().div_ceil(threads.max(1)).max(1);
    let parts: Vec<ArrayView2<f64>> = x.axis_chunks_iter(Axis(0), rows_each).collect();
    let tallies = in_order(parts.len(), threads, |part| {
        let mut tallies = vec![Tally::default(); x.ncols()];
        for row in parts[part].rows() {
            tally(row, &mut tallies);
        }
        tallies
    });
    let mut columns = vec![Tally::default(); x.ncols()];
    for tallies in tallies {
        columns.iter_mut().zip(tallies).for_each(|(column, part)| column.add(part));
    }
    columns.into_iter().map(Tally::census).collect()
}

fn tally(row: ArrayView1<f64>, tallies: &mut [Tally]) {
    for (x, tally) in row.iter().zip(tallies) {
        tally.count(*x);
    }
}

/// A census on the way: a table of small whole numbers, and the rest one by one.
#[derive(Clone, Default)]
struct Tally {
    whole: Vec<u32>,
    infinite: u32,
    missing: u32,
    others: Vec<f64>,
}

impl Tally {
    fn count(&mut self, x: f64) {
        let place = place(x);
        if place < self.whole.len() {
            self.whole[place] += 1;
        } else if place < TABLE {
            self.whole.resize((place + 1).next_power_of_two(), 0);
            self.whole[place] += 1;
        } else if x == f64::INFINITY {
            self.infinite += 1;
        } else if x.is_nan() {
            self.missing += 1;
        } else {
            self.others.push(x);
        }
    }

    fn add(&mut self, other: Tally) {
        self.whole.resize(self.whole.len().max(other.whole.len()), 0);
        self.whole.iter_mut().zip(other.whole).for_each(|(n, more)| *n += more);
        self.infinite += other.infinite;
        self.missing += other.missing;
        self.others.extend(other.others);
    }

    fn census(mut self) -> Census {
        let whole = self.whole.iter().enumerate().filter(|(_, n)| **n > 0).map(|(place, n)| (place as f64, *n));
        let mut pairs: Vec<(f64, u32)> = whole.collect();
        self.others.sort_unstable_by(f64::total_cmp);
        pairs.extend(self.others.chunk_by(|a, b| a == b).map(|equal| (equal[0], equal.len() as u32)));
        if self.infinite > 0 {
            pairs.push((f64::INFINITY, self.infinite));
        }
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let (values, counts) = pairs.into_iter().unzip();
        Census { values, counts, missing: self.missing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::*;

    fn census(column: &[f64]) -> Census {
        let x = Array2::from_shape_vec((column.len(), 1), column.to_vec()).unwrap();
        take(x.view(), 1).remove(0)
    }

    #[test]
    fn every_value_is_counted_once_in_its_order() {
        let (nan, inf) = (f64::NAN, f64::INFINITY);
        let census = census(&[3.0, inf, 0.5, nan, -0.0, 0.0, 5000.0, 3.0, inf, 0.5, 3.0]);
        assert_eq!(census.values, [0.0, 0.5, 3.0, 5000.0, inf]);
        assert_eq!(census.counts, [2, 2, 3, 1, 2]);
        assert_eq!((census.missing, census.present(), census.rows()), (1, 10, 11));
        assert_eq!(census.commonest(), 3.0);
        assert_eq!([0, 1, 2, 6, 7, 9, 10].map(|place| census.nth(place)), {
            [Some(0.0), Some(0.0), Some(0.5), Some(3.0), Some(5000.0), Some(inf), None]
        });
    }

    #[test]
    fn where_most_is_missing_nothing_is_commonest() {
        assert!(census(&[1.0, f64::NAN, f64::NAN]).commonest().is_nan());
        assert!(census(&[]).commonest().is_nan());
        assert_eq!(census(&[2.0, 1.0, f64::NAN]).commonest(), 1.0);
    }

    proptest! {
        #[test]
        fn threads_make_no_difference(cells in prop::collection::vec((0_u8..9).prop_map(|n| f64::from(n) / 2.0), 60)) {
            let x = Array2::from_shape_vec((20, 3), cells).unwrap();
            prop_assert_eq!(take(x.view(), 1), take(x.view(), 7));
        }
    }
}
