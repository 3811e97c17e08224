//! The curves and surfaces of one bag, pure and centred; and the mean of all bags.

use super::bins::MISSING;
use super::grow::Growth;
use super::ordered::settle;
use super::params::Shape;
use super::purify::{place, purify, purify_apart};
use super::table::Binned;
use super::term::Side;

/// What was grown: which columns have a term, and which pairs.
pub(super) struct Plan<'a> {
    pub(super) columns: &'a [Binned],
    /// The columns with a curve, in the order of their terms.
    pub(super) curves: &'a [usize],
    pub(super) sides: &'a [Option<Side>],
    /// The pairs with a surface, in the order of their terms, after the curves.
    pub(super) pairs: &'a [[usize; 2]],
}

/// Heights of everything.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sketch {
    pub(super) base: f64,
    /// By column and bin.
    pub(super) curves: Vec<Vec<f64>>,
    /// By pair and cell.
    pub(super) surfaces: Vec<Vec<f64>>,
}

impl Plan<'_> {
    fn pair(&self, pair: usize) -> [&Side; 2] {
        self.pairs[pair].map(|column| self.sides[column].as_ref().expect("a pair has two sides"))
    }

    /// How many training rows are in each cell of a surface.
    pub(super) fn counts(&self, pair: usize) -> Vec<f64> {
        let [a, b] = self.pair(pair);
        let mut counts = vec![0.0; a.n * b.n];
        for (a, b_bin) in a.places.iter().zip(&b.places) {
            counts[usize::from(*a) * b.n + usize::from(*b_bin)] += 1.0;
        }
        counts
    }

    /// Whether a cell of a surface is for a feed that did not come, where nothing is said.
    fn is_silent(&self, pair: usize, cell: usize) -> bool {
        let sides = self.pair(pair);
        let size = sides.map(|side| side.n);
        (0..2).any(|side| place(cell, size, side) == MISSING && !sides[side].learns_missing)
    }

    /// The heights of a bag, every surface pure, everything centred on the training rows.
    pub(super) fn sketch(&self, growth: &Growth, counts: &[Vec<f64>]) -> Sketch {
        let mut curves: Vec<Vec<f64>> = self.columns.iter().map(|column| vec![0.0; column.bins.n()]).collect();
        let (of_curves, of_surfaces) = growth.heights.split_at(self.curves.len());
        for (column, heights) in self.curves.iter().zip(of_curves) {
            curves[*column].clone_from(heights);
        }
        let mut sketch = Sketch { base: growth.base, curves, surfaces: of_surfaces.to_vec() };
        for (pair, counts) in counts.iter().enumerate() {
            self.purify(pair, counts, &mut sketch);
        }
        // What follows keeps the order: the same for all bins, a mean over bags, a scale.
        for (column, heights) in self.columns.iter().zip(&mut sketch.curves) {
            settle(column.shape, &mut heights[MISSING + 1..]);
        }
        self.centre(counts, &mut sketch);
        sketch
    }

    fn purify(&self, pair: usize, counts: &[f64], sketch: &mut Sketch) {
        let sides = self.pair(pair);
        let size = sides.map(|side| side.n);
        let heights = &mut sketch.surfaces[pair];
        let heard: Vec<f64> = counts
            .iter()
            .enumerate()
            .map(|(cell, rows)| if self.is_silent(pair, cell) { 0.0 } else { *rows })
            .collect();
        let is_free = sides.iter().all(|side| side.shape == Shape::Free);
        let given = if is_free { purify } else { purify_apart }(heights, size, &heard);
        for (side, (column, given)) in self.pairs[pair].iter().zip(&given.to_curves).enumerate() {
            for (bin, height) in sketch.curves[*column].iter_mut().enumerate() {
                *height += given[usize::from(sides[side].coarse[bin])];
            }
        }
        for (cell, height) in heights.iter_mut().enumerate() {
            if self.is_silent(pair, cell) {
                *height = 0.0;
            }
        }
    }

    fn centre(&self, counts: &[Vec<f64>], sketch: &mut Sketch) {
        for (column, heights) in self.columns.iter().zip(&mut sketch.curves) {
            let counts: Vec<f64> = column.counts.iter().map(|n| f64::from(*n)).collect();
            let silent = |bin: usize| bin == MISSING && !column.learns_missing;
            sketch.base += centre(heights, &counts, silent);
        }
        for (pair, heights) in sketch.surfaces.iter_mut().enumerate() {
            sketch.base += centre(heights, &counts[pair], |cell| self.is_silent(pair, cell));
        }
    }
}

/// Takes the mean over the rows from the heights, and puts silent ones at 0.
fn centre(heights: &mut [f64], counts: &[f64], silent: impl Fn(usize) -> bool) -> f64 {
    let (mut sum, mut rows) = (0.0, 0.0);
    for (place, (height, n)) in heights.iter().zip(counts).enumerate() {
        if !silent(place) {
            (sum, rows) = (sum + n * height, rows + n);
        }
    }
    let mean = if rows > 0.0 { sum / rows } else { 0.0 };
    for (place, height) in heights.iter_mut().enumerate() {
        *height = if silent(place) { 0.0 } else { *height - mean };
    }
    mean
}

/// The mean of all sketches, and how far they lie apart: the standard deviation of every height.
pub(super) fn mean(sketches: &[Sketch]) -> (Sketch, Sketch) {
    let first = sketches.first().expect("there are two bags at least");
    let each = |of: &dyn Fn(&Sketch) -> f64| {
        let values: Vec<f64> = sketches.iter().map(of).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (mean, (squares / (n - 1.0)).sqrt())
    };
    let heights = |of: &dyn Fn(&Sketch) -> &Vec<Vec<f64>>| -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
        let lengths = of(first).iter().map(Vec::len);
        lengths.enumerate().map(|(term, n)| (0..n).map(|place| each(&|sketch| of(sketch)[term][place])).unzip()).unzip()
    };
    let (base, base_band) = each(&|sketch| sketch.base);
    let (curves, curve_bands) = heights(&|sketch| &sketch.curves);
    let (surfaces, surface_bands) = heights(&|sketch| &sketch.surfaces);
    let bands = Sketch { base: base_band, curves: curve_bands, surfaces: surface_bands };
    (Sketch { base, curves, surfaces }, bands)
}
