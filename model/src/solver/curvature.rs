//! The curvature of the loss: how much the functions vary together among the rows that tell something.

use super::{Problem, pass};
use crate::number::{mix, risk_from_log_odds};
use crate::stripes::in_order;

/// Pieces of the sample that are summed up apart, whatever the number of threads.
const PIECES: usize = 16;

/// The curvature at a line without the penalty, over the rows of all folds but one: one row per function and one for the
/// intercept, of which the part from the diagonal on is filled.
///
/// How much each function varies is summed over all rows, since a sample may miss the few who carry a rare flag; how the
/// functions vary together comes from a sample of about so many rows. If there are no more, it is exact.
pub(super) fn of(problem: &Problem, line: &[f64], left_out: Option<usize>, sample: usize) -> Vec<f64> {
    let cells = problem.cells;
    let weights = pass::Weights::of(cells, line);
    let information = |row: usize| {
        let risk = risk_from_log_odds(weights.log_odds(cells, row));
        risk * (1.0 - risk)
    };
    let one_in = cells.n_rows().div_ceil(sample).max(1) as u64;
    let is_drawn = |row: &usize| mix(*row as u64).is_multiple_of(one_in) && problem.sees(left_out, *row);
    let rows: Vec<usize> = (0..cells.n_rows()).filter(is_drawn).collect();
    let parts = in_order(PIECES, problem.threads, |piece| {
        together(problem, &rows[piece * rows.len() / PIECES..(piece + 1) * rows.len() / PIECES], &information)
    });
    let mut products = sum(&parts);
    if one_in > 1 {
        rescale(&mut products, &pass::totals(problem, left_out, information, |height| height * height));
    }
    products
}

/// The sum over rows of the products of every two functions, weighted by what the row tells.
fn together(problem: &Problem, rows: &[usize], information: &(impl Fn(usize) -> f64 + Sync)) -> Vec<f64> {
    let size = problem.cells.n_functions() + 1;
    let mut sum = vec![0.0; size * size];
    let mut heights = Vec::new();
    for row in rows {
        let weight = information(*row);
        problem.cells.expand(*row, &mut heights);
        for (nth, one) in heights.iter().enumerate() {
            let line = &mut sum[one.function as usize * size..][..size];
            let weighted = weight * one.height;
            for other in &heights[nth..] {
                line[other.function as usize] += weighted * other.height;
            }
            line[size - 1] += weighted;
        }
        sum[size * size - 1] += weight;
    }
    sum
}

fn sum(parts: &[Vec<f64>]) -> Vec<f64> {
    let mut sum = vec![0.0; parts[0].len()];
    for part in parts {
        sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
    }
    sum
}

/// Gives the matrix another diagonal and leaves the correlations as they are. A function that the sample never met keeps
/// to itself.
fn rescale(products: &mut [f64], diagonal: &[f64]) {
    let size = diagonal.len();
    let scale = |function: usize| {
        let sampled = products[function * size + function];
        if sampled > 0.0 { (diagonal[function] / sampled).sqrt() } else { 0.0 }
    };
    let scales: Vec<f64> = (0..size).map(scale).collect();
    for one in 0..size {
        for other in one + 1..size {
            products[one * size + other] *= scales[one] * scales[other];
        }
        products[one * size + one] = diagonal[one];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_diagonal_keeps_the_correlations() {
        // Correlation 0.5 between the first two; the third was never met.
        let mut products = [4.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0];
        rescale(&mut products, &[16.0, 9.0, 2.0]);
        assert_eq!(products, [16.0, 6.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 2.0]);
    }
}
