//! One pass over the rows, cell by cell.

use std::ops::Range;

use super::Problem;
use crate::cells::{Cells, Height};
use crate::number::risk_from_log_odds;
use crate::stripes::{in_order, stripes};

/// What each cell adds to the log-odds of a line.
pub(super) struct Weights<'a> {
    cells: Vec<f64>,
    functions: &'a [f64],
    usual: f64,
}

impl Weights<'_> {
    /// From a line in terms of functions; the last number is the log-odds of the usual row.
    pub(super) fn of<'a>(cells: &Cells, line: &'a [f64]) -> Weights<'a> {
        let (usual, functions) = line.split_last().expect("a line has an intercept");
        let weigh = |height: &Height| functions[height.function as usize] * height.height;
        let weights = (0..cells.n_cells()).map(|cell| cells.heights(cell).iter().map(weigh).sum());
        Weights { cells: weights.collect(), functions, usual: *usual }
    }

    /// The log-odds of a row.
    pub(super) fn log_odds(&self, cells: &Cells, row: usize) -> f64 {
        // Four sums side by side, so that no addition waits for the one before.
        let (fours, rest) = cells.of_row(row).as_chunks::<4>();
        let mut sums = [0.0; 4];
        for four in fours {
            sums.iter_mut().zip(four).for_each(|(sum, cell)| *sum += self.cells[*cell as usize]);
        }
        sums.iter_mut().zip(rest).for_each(|(sum, cell)| *sum += self.cells[*cell as usize]);
        let loose = cells.loose(row).map(|height| self.functions[height.function as usize] * height.height);
        self.usual + sums.iter().sum::<f64>() + loose.sum::<f64>()
    }
}

/// The gradient of the loss of a line over the rows of all folds but one; the last number is that of the intercept.
pub(super) fn gradient(problem: &Problem, line: &[f64], left_out: Option<usize>) -> Vec<f64> {
    let weights = Weights::of(problem.cells, line);
    let excess = |row: usize| risk_from_log_odds(weights.log_odds(problem.cells, row)) - f64::from(problem.events[row]);
    totals(problem, left_out, excess, |height| height)
}

/// The sums over the rows that a fit sees of a number of each row, times a function of the height of each function in the
/// row.
///
/// A number goes to the row's cells, and from there to the functions when all rows have been seen. That is exact where
/// `of_height` is 0 at 0, since a cell says what is not at its usual height.
pub(super) fn totals(
    problem: &Problem,
    left_out: Option<usize>,
    of_row: impl Fn(usize) -> f64 + Sync,
    of_height: impl Fn(f64) -> f64 + Sync,
) -> Vec<f64> {
    let cells = problem.cells;
    let total = |rows: Range<usize>| {
        let mut by_cell = vec![0.0; cells.n_cells()];
        let mut by_function = vec![0.0; cells.n_functions() + 1];
        for row in rows.filter(|row| problem.sees(left_out, *row)) {
            let number = of_row(row);
            for cell in cells.of_row(row) {
                by_cell[*cell as usize] += number;
            }
            for height in cells.loose(row) {
                by_function[height.function as usize] += number * of_height(height.height);
            }
            by_function[cells.n_functions()] += number;
        }
        for (cell, sum) in by_cell.iter().enumerate() {
            for height in cells.heights(cell) {
                by_function[height.function as usize] += sum * of_height(height.height);
            }
        }
        by_function
    };
    let stripes = stripes(cells.n_rows());
    let parts = in_order(stripes.len(), problem.threads, |stripe| total(stripes[stripe].clone()));
    (0..=cells.n_functions()).map(|function| parts.iter().map(|part| part[function]).sum()).collect()
}

/// The log-odds of every row by the line of the row's fold.
pub(super) fn log_odds(problem: &Problem, by_fold: &[Weights]) -> Vec<f64> {
    let stripes = stripes(problem.cells.n_rows());
    let of_row = |row: usize| by_fold[problem.folds[row]].log_odds(problem.cells, row);
    in_order(stripes.len(), problem.threads, |stripe| stripes[stripe].clone().map(of_row).collect::<Vec<f64>>())
        .concat()
}
