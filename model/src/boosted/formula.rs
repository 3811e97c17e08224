//! The numbers of a boosted model: a base, a curve per column, a surface per pair.

use serde::{Deserialize, Serialize};

use super::bins::Bins;
use super::params::Shape;
use super::settings::Settings;
use crate::calibrate::Calibration;
use crate::column::Column;

/// All that is needed to compute a score:
/// `log_odds = base + the sum of the curves in column order + the sum of the surfaces in their order`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoostedFormula {
    /// Log-odds of the average training row.
    pub base: f64,
    /// The scale and shift that base, curves and surfaces already contain, for the record.
    pub calibration: Calibration,
    /// What was asked of the fit, for the record.
    pub settings: Settings,
    /// How many rounds each bag took, for the record.
    pub rounds: Vec<u64>,
    /// How many curves there are.
    pub n_columns: usize,
    /// One curve per column, in column order.
    pub curves: Vec<StepCurve>,
    /// How many surfaces there are.
    pub n_pairs: usize,
    /// One surface per pair that tells something together, the one that tells most first.
    pub surfaces: Vec<Surface>,
}

/// How one column moves the log-odds, compared with the average training row: a height for each bin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepCurve {
    /// The column.
    pub column: Column,
    /// What was known of the curve beforehand.
    pub shape: Shape,
    /// Mean absolute contribution over the training rows: how much the curve matters.
    pub mean_absolute: f64,
    /// Which values share a height.
    pub bins: Bins,
    /// The height of each bin, in log-odds; the first is that of missing values.
    pub heights: Vec<f64>,
    /// The standard deviation of each height over the bags.
    pub bands: Vec<f64>,
}

impl StepCurve {
    /// The contribution of a value in log-odds. Its mean over the training rows is 0.
    ///
    /// A missing value contributes exactly 0, unless training has met ten or more beside values of the column.
    pub fn at(&self, x: f64) -> f64 {
        self.heights[self.bins.of(x)]
    }

    /// Whether the curve says nothing.
    pub fn is_flat(&self) -> bool {
        self.heights.iter().all(|height| *height == 0.0)
    }
}

/// How two columns move the log-odds together, beyond what each does alone: a height for each cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surface {
    /// The two columns by their places, from 0; the smaller first.
    pub columns: [usize; 2],
    /// Mean absolute contribution over the training rows.
    pub mean_absolute: f64,
    /// For each bin of either column, its row or column of cells.
    pub groups: [Vec<usize>; 2],
    /// The height of each cell, in log-odds, row after row.
    pub heights: Vec<f64>,
    /// The standard deviation of each height over the bags.
    pub bands: Vec<f64>,
}

impl Surface {
    /// The contribution of a bin of the first column and one of the second.
    pub fn at(&self, bins: [usize; 2]) -> f64 {
        self.heights[self.groups[0][bins[0]] * self.width() + self.groups[1][bins[1]]]
    }

    /// How many cells stand in a row.
    pub fn width(&self) -> usize {
        width(&self.groups[1])
    }

    /// How many rows of cells there are.
    pub fn rows(&self) -> usize {
        width(&self.groups[0])
    }
}

fn width(groups: &[usize]) -> usize {
    groups.iter().max().map_or(0, |last| last + 1)
}
