//! A fitted model: a base plus one curve per column, and what follows from that: scores and contributions.

use std::collections::BTreeMap;

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

use crate::calibrate::Calibration;
use crate::column::{Column, Rows};
use crate::curve::Curve;
use crate::error::{Error, Result};
use crate::metrics::Metrics;
use crate::number::risk_from_log_odds;

/// All that is needed to compute a score: `log_odds = base + the sum of the curves in column order`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Formula {
    /// Log-odds of the average training row.
    pub base: f64,
    /// The scale and shift that the base and the coefficients already contain, for the record.
    pub calibration: Calibration,
    /// The L2 strength that cross-validation chose, for the record.
    pub l2: f64,
    /// How many curves there are.
    pub n_columns: usize,
    /// One curve per column, in column order.
    pub curves: Vec<Curve>,
}

/// The estimate for one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Calibrated log-odds of the event within the horizon.
    pub log_odds: f64,
    /// Probability of the event within the horizon, strictly between 0 and 1.
    pub risk: f64,
}

/// Where the log-odds of one row come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributions {
    /// Log-odds of the average training row.
    pub base: f64,
    /// What each column adds, compared with the average training row, in column order.
    pub by_column: Vec<f64>,
}

impl Contributions {
    /// The base plus all contributions: exactly the log-odds of the score, since both add in the same order.
    pub fn log_odds(&self) -> f64 {
        self.by_column.iter().fold(self.base, |sum, contribution| sum + contribution)
    }
}

/// A fitted, calibrated risk model.
#[derive(Clone, Debug, PartialEq)]
pub struct RiskModel {
    columns: Vec<Column>,
    formula: Formula,
    horizon_days: u32,
    metrics: Metrics,
}

impl RiskModel {
    /// A model from its parts.
    pub(crate) fn assemble(formula: Formula, horizon_days: u32, metrics: Metrics) -> RiskModel {
        let columns = formula.curves.iter().map(|curve| curve.column.clone()).collect();
        RiskModel { columns, formula, horizon_days, metrics }
    }

    /// The columns that every row to be scored must have, in this order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The length of the prediction window in days.
    pub fn horizon_days(&self) -> u32 {
        self.horizon_days
    }

    /// The scale and shift of the log-odds; already contained in every score and contribution.
    pub fn calibration(&self) -> Calibration {
        self.formula.calibration
    }

    /// How good the model was on people it had not seen: out of fold, calibrated on the other folds.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The numbers of the model: base and curves.
    pub fn formula(&self) -> &Formula {
        &self.formula
    }

    /// The columns that said nothing in training, being constant or missing in all rows. They contribute 0.
    pub fn unused(&self) -> Vec<&Column> {
        self.formula.curves.iter().filter(|curve| curve.terms.is_empty()).map(|curve| &curve.column).collect()
    }

    /// The score of every row. No value can make it fail.
    ///
    /// # Errors
    /// [`Error::ColumnsDiffer`] unless the columns are those of the model: same names, order and kinds.
    /// [`Error::Length`] unless there is a value for every column.
    pub fn score(&self, rows: &Rows) -> Result<Vec<Score>> {
        self.check_columns(rows)?;
        Ok(rows.x.rows().into_iter().map(|row| self.score_row(row)).collect())
    }

    /// Where the score of one row comes from; rows are counted from 0.
    ///
    /// # Errors
    /// As [`score`](RiskModel::score), and [`Error::NoSuchRow`].
    pub fn contributions(&self, rows: &Rows, row: usize) -> Result<Contributions> {
        self.check_columns(rows)?;
        if row >= rows.x.nrows() {
            return Err(Error::NoSuchRow { row, rows: rows.x.nrows() });
        }
        let by_column = self.formula.curves.iter().zip(rows.x.row(row)).map(|(curve, x)| curve.at(*x)).collect();
        Ok(Contributions { base: self.formula.base, by_column })
    }

    /// The contributions summed by statement: the one that raises the risk most comes first, equals by name.
    ///
    /// # Panics
    /// When the contributions are those of a model with another number of columns.
    pub fn by_statement(&self, contributions: &Contributions) -> Vec<(String, f64)> {
        assert_eq!(contributions.by_column.len(), self.columns.len(), "the contributions are of another model");
        let mut sums = BTreeMap::new();
        for (column, contribution) in self.columns.iter().zip(&contributions.by_column) {
            *sums.entry(&column.statement).or_insert(0.0) += contribution;
        }
        let mut told: Vec<(String, f64)> = sums.into_iter().map(|(name, sum)| (name.clone(), sum)).collect();
        // A stable sort of a list that is sorted by name: equals stay in the order of their names.
        told.sort_by(|a, b| b.1.total_cmp(&a.1));
        told
    }

    /// The score of one row whose values stand in the model's order.
    pub(crate) fn score_row(&self, row: ArrayView1<f64>) -> Score {
        let curves = self.formula.curves.iter().zip(row);
        let log_odds = curves.fold(self.formula.base, |sum, (curve, x)| sum + curve.at(*x));
        Score { log_odds, risk: risk_from_log_odds(log_odds) }
    }

    /// Whether the rows have the model's columns.
    fn check_columns(&self, rows: &Rows) -> Result<()> {
        for position in 0..self.columns.len().max(rows.columns.len()) {
            let (expected, found) = (self.columns.get(position), rows.columns.get(position));
            let same = expected.zip(found).is_some_and(|(e, f)| e.name == f.name && e.kind == f.kind);
            if !same {
                let told = |column: Option<&Column>| match column {
                    Some(column) => format!("{} ({})", column.name, column.kind),
                    None => "absent".to_owned(),
                };
                return Err(Error::ColumnsDiffer {
                    position: position + 1,
                    expected: told(expected),
                    found: told(found),
                });
            }
        }
        rows.check_shape()
    }
}
