//! The pairs that get a surface: those that tell most, but for the shadows of others.
//!
//! Two columns that tell much together make others that go together with one of them look as if they told something with
//! the other. So what a pair tells is taken away once it is chosen, and whoever is next must keep some of what it told.

use super::detect::{Pair, contrast};
use super::purify::purify;
use super::state::Sums;
use super::step::{BEND_MIN, newton, plus};
use super::term::Side;

/// A pair that keeps less than this share of what it told is another's shadow.
const SHADOW: f64 = 0.1;

/// Up to `most` of the pairs that were found, in their order. `slopes` are slope and bend of the loss of each row.
pub(super) fn choose(
    found: Vec<Pair>,
    sides: &[Option<Side>],
    mut slopes: Vec<[f32; 2]>,
    most: usize,
    l2: f64,
) -> Vec<[usize; 2]> {
    let mut chosen = Vec::new();
    for pair in found {
        if chosen.len() == most {
            break;
        }
        let table = Table::of(pair.sides.map(|column| sides[column].as_ref().expect("a pair has two sides")), &slopes);
        if table.contrast(l2) >= SHADOW * pair.gain {
            table.take_away(&mut slopes);
            chosen.push(pair.sides);
        }
    }
    chosen
}

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

    /// Moves every row by what its cell tells beyond what either column tells alone, as far as one step goes. A step that
    /// is held back as much as that of a surface would leave a large shadow where there are few rows.
    fn take_away(&self, slopes: &mut [[f32; 2]]) {
        let mut heights: Vec<f64> = self.sums.iter().map(|sums| newton(*sums, BEND_MIN)).collect();
        let bends: Vec<f64> = self.sums.iter().map(|sums| sums[1]).collect();
        let width = self.sides[1].n;
        purify(&mut heights, self.sides.map(|side| side.n), &bends);
        for ((a, b), slope) in self.sides[0].places.iter().zip(&self.sides[1].places).zip(slopes) {
            slope[0] += slope[1] * heights[usize::from(*a) * width + usize::from(*b)] as f32;
        }
    }
}
