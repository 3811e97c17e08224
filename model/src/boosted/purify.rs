//! What one column tells belongs to its curve: surfaces keep only what two columns tell together.
//!
//! After Lengerich, Tan, Chang, Hooker and Caruana (2020): the mean of every row and column of a surface, over the training
//! rows, is moved to the curve of its column until none is left. The sum doesn't change anywhere.

/// Means below this are none.
const NOTHING: f64 = 1e-14;

/// Far more passes than any surface has needed.
const PASSES_MAX: usize = 500;

/// What a surface gives up.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Given {
    /// To the curves of its columns, by row and by column of the surface.
    pub(super) to_curves: [Vec<f64>; 2],
}

/// Takes from a surface what one column tells, by the number of training rows in each cell.
pub(super) fn purify(heights: &mut [f64], size: [usize; 2], counts: &[f64]) -> Given {
    let mut given = Given { to_curves: size.map(|n| vec![0.0; n]) };
    for _ in 0..PASSES_MAX {
        let rows = give(heights, size, counts, 0, &mut given);
        let columns = give(heights, size, counts, 1, &mut given);
        if rows.max(columns) < NOTHING {
            break;
        }
    }
    given
}

/// The same as if the columns were independent of each other, which takes one pass.
///
/// Where a surface rises along a column for every value of the other, so does then what its curve is given; by the numbers
/// in the cells it needn't, if those to the right hold other values of the other column.
pub(super) fn purify_apart(heights: &mut [f64], size: [usize; 2], counts: &[f64]) -> Given {
    let by = |side: usize| {
        let mut sums = vec![0.0; size[side]];
        counts.iter().enumerate().for_each(|(cell, n)| sums[place(cell, size, side)] += n);
        sums
    };
    let alone = [by(0), by(1)];
    let apart: Vec<f64> =
        (0..counts.len()).map(|cell| alone[0][place(cell, size, 0)] * alone[1][place(cell, size, 1)]).collect();
    let mut given = Given { to_curves: size.map(|n| vec![0.0; n]) };
    give(heights, size, &apart, 0, &mut given);
    give(heights, size, &apart, 1, &mut given);
    given
}

/// Where a cell is in one direction.
pub(super) fn place(cell: usize, size: [usize; 2], side: usize) -> usize {
    if side == 0 { cell / size[1] } else { cell % size[1] }
}

/// Moves the means along one direction to its curve, and says how large the largest was.
fn give(heights: &mut [f64], size: [usize; 2], weights: &[f64], side: usize, given: &mut Given) -> f64 {
    let mut sums = vec![(0.0, 0.0); size[side]];
    for (cell, (height, weight)) in heights.iter().zip(weights).enumerate() {
        let sum = &mut sums[place(cell, size, side)];
        *sum = (sum.0 + weight * height, sum.1 + weight);
    }
    let means: Vec<f64> = sums.iter().map(|(sum, weight)| if *weight > 0.0 { sum / weight } else { 0.0 }).collect();
    for (cell, height) in heights.iter_mut().enumerate() {
        *height -= means[place(cell, size, side)];
    }
    given.to_curves[side].iter_mut().zip(&means).for_each(|(to, mean)| *to += mean);
    means.iter().fold(0.0, |largest: f64, mean| largest.max(mean.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_surface_that_is_two_curves_is_given_away_whole() {
        // Heights 1 and 3 by row, 0 and 10 by column.
        let mut heights = [1.0, 11.0, 3.0, 13.0];
        let given = purify(&mut heights, [2, 2], &[10.0, 20.0, 30.0, 40.0]);
        assert!(heights.iter().all(|height| height.abs() < 1e-12), "{heights:?}");
        assert!((given.to_curves[0][1] - given.to_curves[0][0] - 2.0).abs() < 1e-12);
        assert!((given.to_curves[1][1] - given.to_curves[1][0] - 10.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn the_sum_stays_and_no_mean_is_left(
            before in prop::collection::vec(-2.0..2.0, 12),
            counts in prop::collection::vec(0_u8..9, 12),
            apart: bool,
        ) {
            let counts: Vec<f64> = counts.into_iter().map(f64::from).collect();
            let mut after = before.clone();
            let given = if apart { purify_apart } else { purify }(&mut after, [3, 4], &counts);
            for cell in 0..12 {
                let sum = after[cell] + given.to_curves[0][cell / 4] + given.to_curves[1][cell % 4];
                prop_assert!((sum - before[cell]).abs() < 1e-12);
            }
            for row in 0..3 {
                let mean: f64 = (0..4).map(|column| counts[row * 4 + column] * after[row * 4 + column]).sum();
                prop_assert!(apart || mean.abs() < 1e-9, "{mean}");
            }
        }

        #[test]
        fn what_rises_for_every_value_of_the_other_rises_when_given_apart(
            steps in prop::collection::vec(0.0..1.0, 12),
            counts in prop::collection::vec(0_u8..9, 12),
        ) {
            let mut heights = steps;
            (4..12).for_each(|cell| heights[cell] += heights[cell - 4]);
            let counts: Vec<f64> = counts.into_iter().map(|n| f64::from(n) + 1.0).collect();
            let given = purify_apart(&mut heights, [3, 4], &counts);
            prop_assert!(given.to_curves[0].is_sorted(), "{:?}", given.to_curves[0]);
        }
    }
}
