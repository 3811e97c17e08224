//! One pass over the rows for several lines at once, cell by cell.

use std::ops::Range;

use super::Problem;
use crate::cells::Cells;
use crate::number::risk_from_log_odds;
use crate::stripes::{in_order, stripes};

/// What each cell adds to the log-odds of each line.
pub(super) struct Weights<const L: usize> {
    cells: Vec<[f64; L]>,
    functions: Vec<[f64; L]>,
    usual: [f64; L],
}

impl<const L: usize> Weights<L> {
    /// From lines in terms of functions; the last number of each is the log-odds of the usual row.
    pub(super) fn of(cells: &Cells, lines: [&Vec<f64>; L]) -> Weights<L> {
        let functions: Vec<[f64; L]> = (0..=cells.n_functions()).map(|part| lines.map(|line| line[part])).collect();
        let weight = |cell: usize| {
            let mut sum = [0.0; L];
            for height in cells.heights(cell) {
                add(&mut sum, &functions[height.function as usize], height.height);
            }
            sum
        };
        Weights { cells: (0..cells.n_cells()).map(weight).collect(), usual: functions[cells.n_functions()], functions }
    }

    /// The log-odds of a row by each line.
    pub(super) fn log_odds(&self, cells: &Cells, row: usize) -> [f64; L] {
        let mut sum = self.usual;
        for cell in cells.of_row(row) {
            add(&mut sum, &self.cells[*cell as usize], 1.0);
        }
        for height in cells.loose(row) {
            add(&mut sum, &self.functions[height.function as usize], height.height);
        }
        sum
    }
}

/// The gradient of the loss of each line over the rows that it sees; the last number of each is that of the intercept.
pub(super) fn gradients<const L: usize>(
    problem: &Problem,
    weights: &Weights<L>,
    left_out: &[Option<usize>; L],
) -> [Vec<f64>; L] {
    let cells = problem.cells;
    let excess = |row: usize| {
        let (log_odds, event) = (weights.log_odds(cells, row), f64::from(problem.events[row]));
        let fold = Some(problem.folds[row]);
        std::array::from_fn(
            |lane| if fold == left_out[lane] { 0.0 } else { risk_from_log_odds(log_odds[lane]) - event },
        )
    };
    totals(problem, excess, |height| height)
}

/// The sums over the rows of a number of each row, times a function of the height of each function in the row.
///
/// A number goes to the row's cells, and from there to the functions when all rows have been seen. That is exact where
/// `of_height` is 0 at 0, since a cell says what is not at its usual height.
pub(super) fn totals<const L: usize>(
    problem: &Problem,
    of_row: impl Fn(usize) -> [f64; L] + Sync,
    of_height: impl Fn(f64) -> f64 + Sync,
) -> [Vec<f64>; L] {
    let cells = problem.cells;
    let total = |rows: Range<usize>| {
        let mut by_cell = vec![[0.0; L]; cells.n_cells()];
        let mut by_function = vec![[0.0; L]; cells.n_functions() + 1];
        for row in rows {
            let number = of_row(row);
            for cell in cells.of_row(row) {
                add(&mut by_cell[*cell as usize], &number, 1.0);
            }
            for height in cells.loose(row) {
                add(&mut by_function[height.function as usize], &number, of_height(height.height));
            }
            add(&mut by_function[cells.n_functions()], &number, 1.0);
        }
        for (cell, sum) in by_cell.iter().enumerate() {
            for height in cells.heights(cell) {
                add(&mut by_function[height.function as usize], sum, of_height(height.height));
            }
        }
        by_function
    };
    let stripes = stripes(cells.n_rows());
    let parts = in_order(stripes.len(), problem.threads, |stripe| total(stripes[stripe].clone()));
    std::array::from_fn(|lane| {
        (0..=cells.n_functions()).map(|function| parts.iter().map(|part| part[function][lane]).sum()).collect()
    })
}

/// Writes the log-odds of the rows that the line has not seen.
pub(super) fn write_log_odds(problem: &Problem, weights: &Weights<1>, left_out: Option<usize>, into: &mut [f64]) {
    let stripes = stripes(into.len());
    let is_unseen = |row: &usize| Some(problem.folds[*row]) == left_out;
    let parts = in_order(stripes.len(), problem.threads, |stripe| {
        let unseen = stripes[stripe].clone().filter(is_unseen);
        unseen.map(|row| (row, weights.log_odds(problem.cells, row)[0])).collect::<Vec<(usize, f64)>>()
    });
    for (row, log_odds) in parts.into_iter().flatten() {
        into[row] = log_odds;
    }
}

fn add<const L: usize>(sum: &mut [f64; L], more: &[f64; L], times: f64) {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum += more * times;
    }
}
