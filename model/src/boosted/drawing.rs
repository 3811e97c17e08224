//! Curves and surfaces as they are written down: scaled, tidy, with their bands.

use super::formula::{StepCurve, Surface};
use super::sketch::{Plan, Sketch};
use crate::column::Column;
use crate::number::tidy;

/// The mean of all bags, on its way to a formula.
pub(super) struct Drawing<'a> {
    pub(super) plan: &'a Plan<'a>,
    /// How many training rows are in each cell of each surface.
    pub(super) counts: &'a [Vec<f64>],
    /// That of the calibration.
    pub(super) scale: f64,
    pub(super) heights: &'a Sketch,
    pub(super) bands: &'a Sketch,
}

impl Drawing<'_> {
    /// One curve per column.
    pub(super) fn curves(&self, columns: &[Column]) -> Vec<StepCurve> {
        let curve = |(place, column): (usize, &Column)| {
            let binned = &self.plan.columns[place];
            let heights = self.scaled(&self.heights.curves[place]);
            let counts: Vec<f64> = binned.counts.iter().map(|n| f64::from(*n)).collect();
            StepCurve {
                column: column.clone(),
                shape: binned.shape,
                mean_absolute: mean_absolute(&heights, &counts),
                bins: binned.bins.clone(),
                heights,
                bands: self.scaled(&self.bands.curves[place]),
            }
        };
        columns.iter().enumerate().map(curve).collect()
    }

    /// The surfaces that say anything, the one that says most first.
    pub(super) fn surfaces(&self) -> Vec<Surface> {
        let surface = |(place, pair): (usize, &[usize; 2])| {
            let heights = self.scaled(&self.heights.surfaces[place]);
            let groups = |column: usize| {
                let side = self.plan.sides[column].as_ref().expect("a pair has two sides");
                side.coarse.iter().map(|bin| usize::from(*bin)).collect()
            };
            Surface {
                columns: *pair,
                mean_absolute: mean_absolute(&heights, &self.counts[place]),
                groups: pair.map(groups),
                heights,
                bands: self.scaled(&self.bands.surfaces[place]),
            }
        };
        let mut surfaces: Vec<Surface> = self.plan.pairs.iter().enumerate().map(surface).collect();
        surfaces.retain(|surface| surface.mean_absolute > 0.0);
        // A stable sort: equals stay as they were found.
        surfaces.sort_by(|a, b| b.mean_absolute.total_cmp(&a.mean_absolute));
        surfaces
    }

    fn scaled(&self, values: &[f64]) -> Vec<f64> {
        values.iter().map(|value| tidy(self.scale * value)).collect()
    }
}

fn mean_absolute(heights: &[f64], counts: &[f64]) -> f64 {
    let rows: f64 = counts.iter().sum();
    tidy(heights.iter().zip(counts).map(|(height, n)| n * height.abs()).sum::<f64>() / rows.max(1.0))
}
