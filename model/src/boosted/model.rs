//! A fitted boosted model: scores, and where they come from.

use std::collections::BTreeMap;

use ndarray::{ArrayView2, Axis, Slice};

use super::formula::BoostedFormula;
use super::lookup::Lookup;
use crate::column::{Column, Rows};
use crate::error::{Error, Result};
use crate::metrics::Metrics;
use crate::model::Score;
use crate::stripes::{in_order, stripes};

/// Where the log-odds of one row come from.
#[derive(Clone, Debug, PartialEq)]
pub struct PairedContributions {
    /// Log-odds of the average training row.
    pub base: f64,
    /// What each column adds by itself, in column order.
    pub by_column: Vec<f64>,
    /// What each pair adds beyond that, in the order of the surfaces.
    pub by_pair: Vec<f64>,
}

impl PairedContributions {
    /// The base plus all contributions: exactly the log-odds of the score, since both add in the same order.
    pub fn log_odds(&self) -> f64 {
        self.by_column.iter().chain(&self.by_pair).fold(self.base, |sum, contribution| sum + contribution)
    }
}

/// A fitted, calibrated model of curves and surfaces.
#[derive(Clone, Debug, PartialEq)]
pub struct BoostedModel {
    columns: Vec<Column>,
    formula: BoostedFormula,
    lookup: Lookup,
    horizon_days: Option<u32>,
    metrics: Metrics,
}

impl BoostedModel {
    /// A model from its parts.
    pub(crate) fn assemble(formula: BoostedFormula, horizon_days: Option<u32>, metrics: Metrics) -> BoostedModel {
        let columns = formula.curves.iter().map(|curve| curve.column.clone()).collect();
        let lookup = Lookup::of(&formula);
        BoostedModel { columns, formula, lookup, horizon_days, metrics }
    }

    /// The columns that every row to be scored must have, in this order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The length of the prediction window in days, where the outcome has one.
    pub fn horizon_days(&self) -> Option<u32> {
        self.horizon_days
    }

    /// How good the model was on people it had not seen: each judged by the bag that did not learn from them, calibrated
    /// on the other bags.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The numbers of the model: base, curves and surfaces.
    pub fn formula(&self) -> &BoostedFormula {
        &self.formula
    }

    /// The score of every row. No value can make it fail.
    ///
    /// # Errors
    /// [`Error::ColumnsDiffer`] unless the columns are those of the model: same names, order and kinds.
    /// [`Error::Length`] unless there is a value for every column.
    pub fn score(&self, rows: &Rows) -> Result<Vec<Score>> {
        self.check_columns(rows.columns)?;
        Ok(self.log_odds(rows.x, 1)?.into_iter().map(Score::of_log_odds).collect())
    }

    /// The log-odds of every row, worked out by up to so many threads; [`Score::of_log_odds`] makes risks of them.
    ///
    /// The values may be `f64` or `f32`, row after row or column after column in memory (the faster way), in the model's
    /// columns and order, for which [`check_columns`](BoostedModel::check_columns) stands. The same bits as
    /// [`score`](BoostedModel::score) gives.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a value for every column.
    pub fn log_odds<T: Copy + Into<f64> + Sync>(&self, x: ArrayView2<T>, threads: usize) -> Result<Vec<f64>> {
        let parts = stripes(x.nrows());
        let scored = in_order(parts.len(), threads, |part| {
            let x = x.slice_axis(Axis(0), Slice::from(parts[part].clone()));
            let mut log_odds = vec![0.0; x.nrows()];
            self.score_block(x, &mut log_odds).map(|()| log_odds)
        });
        Ok(scored.into_iter().collect::<Result<Vec<Vec<f64>>>>()?.concat())
    }

    /// The log-odds of every row of a block, into places that are there already; as
    /// [`log_odds`](BoostedModel::log_odds), on this thread.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a value for every column and a place for every row.
    pub fn score_block<T: Copy + Into<f64>>(&self, x: ArrayView2<T>, log_odds: &mut [f64]) -> Result<()> {
        let length = |what, found, expected| {
            if found == expected { Ok(()) } else { Err(Error::Length { what, found, expected }) }
        };
        length("columns of values", x.ncols(), self.columns.len())?;
        length("places for log-odds", log_odds.len(), x.nrows())?;
        self.lookup.add_up(x, log_odds);
        Ok(())
    }

    /// Where the score of one row comes from; rows are counted from 0.
    ///
    /// # Errors
    /// As [`score`](BoostedModel::score), and [`Error::NoSuchRow`].
    pub fn contributions(&self, rows: &Rows, row: usize) -> Result<PairedContributions> {
        self.check_columns(rows.columns)?;
        rows.check_shape()?;
        if row >= rows.x.nrows() {
            return Err(Error::NoSuchRow { row, rows: rows.x.nrows() });
        }
        let curves = &self.formula.curves;
        let bins: Vec<usize> = curves.iter().zip(rows.x.row(row)).map(|(curve, x)| curve.bins.of(*x)).collect();
        let by_column = curves.iter().zip(&bins).map(|(curve, bin)| curve.heights[*bin]).collect();
        let by_pair =
            self.formula.surfaces.iter().map(|surface| surface.at(surface.columns.map(|c| bins[c]))).collect();
        Ok(PairedContributions { base: self.formula.base, by_column, by_pair })
    }

    /// The contributions summed by statement: the one that raises the risk most comes first, equals by name. With the base
    /// they add up to the log-odds, but for rounding.
    ///
    /// What a pair contributes belongs half to each of its two columns, which is exact: half of a floating number is one.
    ///
    /// # Panics
    /// When the contributions are those of a model with other columns or pairs.
    pub fn by_statement(&self, contributions: &PairedContributions) -> Vec<(String, f64)> {
        let surfaces = &self.formula.surfaces;
        let found = (contributions.by_column.len(), contributions.by_pair.len());
        assert_eq!(found, (self.columns.len(), surfaces.len()), "the contributions are of another model");
        let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
        let mut add = |column: usize, part: f64| *sums.entry(&self.columns[column].statement).or_default() += part;
        for (column, contribution) in contributions.by_column.iter().enumerate() {
            add(column, *contribution);
        }
        for (surface, contribution) in surfaces.iter().zip(&contributions.by_pair) {
            surface.columns.into_iter().for_each(|column| add(column, 0.5 * contribution));
        }
        let mut told: Vec<(String, f64)> = sums.into_iter().map(|(name, sum)| (name.to_owned(), sum)).collect();
        // A stable sort of a list that is sorted by name: equals stay in the order of their names.
        told.sort_by(|a, b| b.1.total_cmp(&a.1));
        told
    }

    /// Whether rows of these columns can be scored by this model: same names, order and kinds.
    ///
    /// # Errors
    /// [`Error::ColumnsDiffer`] names the first column that differs.
    pub fn check_columns(&self, columns: &[Column]) -> Result<()> {
        crate::column::check_same(&self.columns, columns)
    }
}
