//! The pairs that get a surface: one after the other, each for what those before it leave over.
//!
//! Two columns that tell much together make others that go together with one of them look as if they told something with
//! the other. So what a pair tells is taken away before the next is chosen, and the next is judged by what is left.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::detect::{Pair, contrast};
use super::purify::purify;
use super::state::Sums;
use super::step::{newton, plus};
use super::term::Side;

/// Up to `most` of the pairs that were found, in the order in which they are chosen. `slopes` are slope and bend of the
/// loss of each row.
pub(super) fn choose(
    found: Vec<Pair>,
    sides: &[Option<Side>],
    mut slopes: Vec<[f32; 2]>,
    most: usize,
    l2: f64,
) -> Vec<[usize; 2]> {
    let mut waiting: BinaryHeap<Waiting> = found.into_iter().map(|pair| Waiting { pair, judged: 0 }).collect();
    let mut chosen = Vec::new();
    while chosen.len() < most
        && let Some(Waiting { pair, judged }) = waiting.pop()
    {
        let table = Table::of(pair.sides.map(|column| sides[column].as_ref().expect("a pair has two sides")), &slopes);
        if judged == chosen.len() {
            table.take_away(&mut slopes, l2);
            chosen.push(pair.sides);
            continue;
        }
        // What a pair tells hardly ever grows when another is taken away: only those at the top need to be judged anew.
        let gain = table.contrast(l2);
        if gain > 0.0 {
            waiting.push(Waiting { pair: Pair { gain, ..pair }, judged: chosen.len() });
        }
    }
    chosen
}

/// A pair that may be chosen, and how many were when it was judged.
struct Waiting {
    pair: Pair,
    judged: usize,
}

impl Ord for Waiting {
    /// The greatest is next: the one that gains most, of equals the one with the first columns.
    fn cmp(&self, other: &Waiting) -> Ordering {
        self.pair.gain.total_cmp(&other.pair.gain).then_with(|| other.pair.sides.cmp(&self.pair.sides))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Waiting) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Waiting) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Waiting {}

/// Slope and bend of the loss in every cell of two columns.
struct Table<'a> {
    sides: [&'a Side; 2],
    sums: Vec<Sums>,
}

impl<'a> Table<'a> {
    fn of(sides: [&'a Side; 2], slopes: &[[f32; 2]]) -> Table<'a> {
        let mut sums = vec![[0.0; 2]; sides[0].n * sides[1].n];
        for ((a, b), slope) in sides[0].places.iter().zip(&sides[1].places).zip(slopes) {
            let sum = &mut sums[usize::from(*a) * sides[1].n + usize::from(*b)];
            *sum = plus(*sum, slope.map(f64::from));
        }
        Table { sides, sums }
    }

    fn contrast(&self, l2: f64) -> f64 {
        contrast(&self.sums, self.sides[0].n, self.sides[1].n, l2)
    }

    /// Moves every row by what its cell tells beyond what either column tells alone, as far as one step goes.
    fn take_away(&self, slopes: &mut [[f32; 2]], l2: f64) {
        let mut heights: Vec<f64> = self.sums.iter().map(|sums| newton(*sums, l2)).collect();
        let bends: Vec<f64> = self.sums.iter().map(|sums| sums[1]).collect();
        let width = self.sides[1].n;
        purify(&mut heights, self.sides.map(|side| side.n), &bends);
        for ((a, b), slope) in self.sides[0].places.iter().zip(&self.sides[1].places).zip(slopes) {
            slope[0] += slope[1] * heights[usize::from(*a) * width + usize::from(*b)] as f32;
        }
    }
}
