//! Scores and reasons of many rows at a time, into buffers that are used again.

use ndarray::ArrayView2;

use crate::column::{Column, check_same};
use crate::error::{Error, Result};
use crate::model::RiskModel;

/// Rows that are added up together: the sum of one row is a chain of additions, of which the processor can follow several
/// at once.
const TOGETHER: usize = 4;

impl RiskModel {
    /// The log-odds of every row of a block; [`Score::of_log_odds`](crate::Score::of_log_odds) makes risks of them.
    ///
    /// The values may be `f64` or `f32`, in the model's columns and order, for which
    /// [`check_columns`](RiskModel::check_columns) stands. The same bits as [`score`](RiskModel::score) gives.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a value for every column and a place for every row.
    pub fn score_block<T: Copy + Into<f64>>(&self, x: ArrayView2<T>, log_odds: &mut [f64]) -> Result<()> {
        self.explain_block(x, log_odds, &mut [])
    }

    /// The log-odds of every row of a block, and the contributions to them, summed by statement.
    ///
    /// `by_statement` gets one row after the other, one sum per statement in the order of
    /// [`statements`](RiskModel::statements); the same bits as [`by_statement`](RiskModel::by_statement) gives. Without
    /// any place in it only the log-odds are worked out.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a value for every column and a place for every result.
    ///
    /// # Example
    /// ```
    /// # fn example(model: &earlycall_model::RiskModel, rows: ndarray::ArrayView2<f32>) -> Result<(), earlycall_model::Error> {
    /// let mut log_odds = vec![0.0; rows.nrows()];
    /// let mut by_statement = vec![0.0; rows.nrows() * model.statements().len()];
    /// model.explain_block(rows, &mut log_odds, &mut by_statement)?;
    /// // No place for the last row:
    /// assert!(model.explain_block(rows, &mut log_odds[1..], &mut by_statement).is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn explain_block<T: Copy + Into<f64>>(
        &self,
        x: ArrayView2<T>,
        log_odds: &mut [f64],
        by_statement: &mut [f64],
    ) -> Result<()> {
        self.check_width(x.ncols())?;
        check_length("places for log-odds", log_odds.len(), x.nrows())?;
        let n_statements = if by_statement.is_empty() { 0 } else { self.statements().len() };
        check_length("places for sums", by_statement.len(), x.nrows() * n_statements)?;
        // Rows that don't stand one after the other in memory are copied so that they do.
        let x = x.as_standard_layout();
        let values = x.as_slice().expect("standard layout is one slice");
        let width = x.ncols();
        let mut room = Room { places: vec![0; width], contributions: vec![0.0; TOGETHER * width] };
        for (group, log_odds) in log_odds.chunks_mut(TOGETHER).enumerate() {
            let row = group * TOGETHER;
            let values = &values[row * width..(row + log_odds.len()) * width];
            self.contribute(values, &mut room);
            room.add_up(self.formula().base, log_odds);
            if n_statements > 0 {
                let sums = &mut by_statement[row * n_statements..(row + log_odds.len()) * n_statements];
                room.group(self.statement_of(), n_statements, sums);
            }
        }
        Ok(())
    }

    /// The contributions of a few rows, column by column.
    fn contribute<T: Copy + Into<f64>>(&self, values: &[T], room: &mut Room) {
        let width = self.columns().len().max(1);
        let rows = values.chunks_exact(width).zip(room.contributions.chunks_exact_mut(width));
        for (values, contributions) in rows {
            self.tables().row(&self.formula().curves, values, &mut room.places, contributions);
        }
    }

    /// Whether rows of these columns can be scored by this model: same names, order and kinds.
    ///
    /// # Errors
    /// [`Error::ColumnsDiffer`] names the first column that differs.
    pub fn check_columns(&self, columns: &[Column]) -> Result<()> {
        check_same(self.columns(), columns)
    }

    fn check_width(&self, found: usize) -> Result<()> {
        check_length("columns of values", found, self.columns().len())
    }
}

fn check_length(what: &'static str, found: usize, expected: usize) -> Result<()> {
    if found == expected { Ok(()) } else { Err(Error::Length { what, found, expected }) }
}

/// Room for a few rows, used again and again.
struct Room {
    places: Vec<u32>,
    contributions: Vec<f64>,
}

impl Room {
    /// The log-odds of each row: the base, and then its contributions in column order.
    fn add_up(&self, base: f64, log_odds: &mut [f64]) {
        let (a, rest) = self.contributions.split_at(self.places.len());
        let (b, rest) = rest.split_at(self.places.len());
        let (c, d) = rest.split_at(self.places.len());
        let mut sums = [base; TOGETHER];
        for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
            sums = [sums[0] + a, sums[1] + b, sums[2] + c, sums[3] + d];
        }
        // The last group of a block may have fewer rows; what is left of earlier ones in their place is not taken.
        log_odds.copy_from_slice(&sums[..log_odds.len()]);
    }

    /// The sums of each row by statement.
    fn group(&self, statement_of: &[usize], n_statements: usize, sums: &mut [f64]) {
        sums.fill(0.0);
        let rows = sums.chunks_exact_mut(n_statements).zip(self.contributions.chunks_exact(statement_of.len()));
        for (sums, contributions) in rows {
            for (statement, contribution) in statement_of.iter().zip(contributions) {
                sums[*statement] += contribution;
            }
        }
    }
}
