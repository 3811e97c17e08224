//! A fitted model: a base plus one curve per column, and what follows from that: scores and contributions.

use crate::calibrate::Calibration;
use crate::column::{Column, Rows};
use crate::curve::Curve;
use crate::error::{Error, Result};
use crate::metrics::Metrics;
use crate::number::risk_from_log_odds;
use crate::table::Tables;

/// All that is needed to compute a score: `log_odds = base + the sum of the curves in column order`.
#[derive(Clone, Debug, PartialEq)]
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

impl Score {
    /// The score that belongs to calibrated log-odds.
    pub fn of_log_odds(log_odds: f64) -> Score {
        Score { log_odds, risk: risk_from_log_odds(log_odds) }
    }
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
    /// The statements of the columns, in alphabetical order.
    statements: Vec<String>,
    /// The place of each column's statement.
    statement_of: Vec<usize>,
    formula: Formula,
    /// The curves of the formula, worked out.
    tables: Tables,
    horizon_days: u32,
    metrics: Metrics,
}

impl RiskModel {
    /// A model from its parts.
    pub(crate) fn assemble(formula: Formula, horizon_days: u32, metrics: Metrics) -> RiskModel {
        let columns: Vec<Column> = formula.curves.iter().map(|curve| curve.column.clone()).collect();
        let mut statements: Vec<String> = columns.iter().map(|column| column.statement.clone()).collect();
        statements.sort_unstable();
        statements.dedup();
        let place = |column: &Column| statements.binary_search(&column.statement).expect("every statement is listed");
        let statement_of = columns.iter().map(place).collect();
        let tables = Tables::of(&formula.curves);
        RiskModel { columns, statements, statement_of, formula, tables, horizon_days, metrics }
    }

    /// The columns that every row to be scored must have, in this order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The statements that contributions are told under, in alphabetical order, each once.
    pub fn statements(&self) -> &[String] {
        &self.statements
    }

    /// The place of each column's statement among the statements.
    pub(crate) fn statement_of(&self) -> &[usize] {
        &self.statement_of
    }

    /// The curves worked out.
    pub(crate) fn tables(&self) -> &Tables {
        &self.tables
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
        self.check_columns(rows.columns)?;
        let mut log_odds = vec![0.0; rows.x.nrows()];
        self.score_block(rows.x, &mut log_odds)?;
        Ok(log_odds.into_iter().map(Score::of_log_odds).collect())
    }

    /// Where the score of one row comes from; rows are counted from 0.
    ///
    /// # Errors
    /// As [`score`](RiskModel::score), and [`Error::NoSuchRow`].
    pub fn contributions(&self, rows: &Rows, row: usize) -> Result<Contributions> {
        self.check_columns(rows.columns)?;
        rows.check_shape()?;
        if row >= rows.x.nrows() {
            return Err(Error::NoSuchRow { row, rows: rows.x.nrows() });
        }
        let mut by_column = vec![0.0; self.columns.len()];
        self.tables.row(&self.formula.curves, &rows.x.row(row).to_vec(), &mut vec![0; by_column.len()], &mut by_column);
        Ok(Contributions { base: self.formula.base, by_column })
    }

    /// The contributions summed by statement: the one that raises the risk most comes first, equals by name.
    ///
    /// # Panics
    /// When the contributions are those of a model with another number of columns.
    pub fn by_statement(&self, contributions: &Contributions) -> Vec<(String, f64)> {
        assert_eq!(contributions.by_column.len(), self.columns.len(), "the contributions are of another model");
        let mut sums = vec![0.0; self.statements.len()];
        for (statement, contribution) in self.statement_of.iter().zip(&contributions.by_column) {
            sums[*statement] += contribution;
        }
        let mut told: Vec<(String, f64)> = self.statements.iter().cloned().zip(sums).collect();
        // A stable sort of a list that is sorted by name: equals stay in the order of their names.
        told.sort_by(|a, b| b.1.total_cmp(&a.1));
        told
    }
}
