//! Scores and reasons of many rows at a time, into buffers that are used again.

use ndarray::ArrayView2;

use crate::column::Column;
use crate::curve::Curve;
use crate::error::{Error, Result};
use crate::model::RiskModel;
use crate::table::Table;

/// Rows that go through the curves together: the sum of one row is a chain of additions, of which the processor can
/// follow several at once.
const TOGETHER: usize = 8;

/// One column as the inner loop needs it.
struct Step<'a> {
    table: &'a Table,
    curve: &'a Curve,
    statement: usize,
}

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
        by_statement.fill(0.0);
        let steps = self.steps();
        // Rows that don't stand one after the other in memory are copied so that they do.
        let x = x.as_standard_layout();
        let values = x.as_slice().expect("standard layout is one slice");
        let mut rest = by_statement;
        let (width, base) = (x.ncols(), self.formula().base);
        for (block, log_odds) in log_odds.chunks_mut(TOGETHER).enumerate() {
            let values = &values[block * TOGETHER * width..][..log_odds.len() * width];
            let sums;
            (sums, rest) = rest.split_at_mut(log_odds.len() * n_statements);
            match <&mut [f64; TOGETHER]>::try_from(&mut *log_odds) {
                Ok(log_odds) => explain::<TOGETHER, T>(&steps, base, values, log_odds, sums),
                Err(_) => {
                    for (row, log_odds) in log_odds.iter_mut().enumerate() {
                        let values = &values[row * width..][..width];
                        let sums = &mut sums[row * n_statements..][..n_statements];
                        explain::<1, T>(&steps, base, values, std::array::from_mut(log_odds), sums);
                    }
                }
            }
        }
        Ok(())
    }

    fn steps(&self) -> Vec<Step<'_>> {
        let curves = self.formula().curves.iter().zip(self.tables()).zip(self.statement_of());
        curves.map(|((curve, table), statement)| Step { table, curve, statement: *statement }).collect()
    }

    /// Whether rows of these columns can be scored by this model: same names, order and kinds.
    ///
    /// # Errors
    /// [`Error::ColumnsDiffer`] names the first column that differs.
    pub fn check_columns(&self, columns: &[Column]) -> Result<()> {
        for position in 0..self.columns().len().max(columns.len()) {
            let (expected, found) = (self.columns().get(position), columns.get(position));
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
        Ok(())
    }

    fn check_width(&self, found: usize) -> Result<()> {
        check_length("columns of values", found, self.columns().len())
    }
}

fn check_length(what: &'static str, found: usize, expected: usize) -> Result<()> {
    if found == expected { Ok(()) } else { Err(Error::Length { what, found, expected }) }
}

/// `N` rows, one after the other in `values`, column by column; their sums likewise, or none at all.
fn explain<const N: usize, T: Copy + Into<f64>>(
    steps: &[Step],
    base: f64,
    values: &[T],
    log_odds: &mut [f64; N],
    sums: &mut [f64],
) {
    let rows: [&[T]; N] = std::array::from_fn(|row| &values[row * steps.len()..][..steps.len()]);
    let n_statements = sums.len() / N;
    *log_odds = [base; N];
    for (column, step) in steps.iter().enumerate() {
        let contributions = rows.map(|row| step.table.at(row[column].into(), step.curve));
        for (log_odds, contribution) in log_odds.iter_mut().zip(contributions) {
            *log_odds += contribution;
        }
        if n_statements > 0 {
            for (sums, contribution) in sums.chunks_exact_mut(n_statements).zip(contributions) {
                sums[step.statement] += contribution;
            }
        }
    }
}
