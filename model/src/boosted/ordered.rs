//! Curves that must rise or fall: a step goes as far as the curve stays in order.
//!
//! The curve must be in order, and not every step of it: one that may only ever rise could never take back what another
//! column turns out to say better, and columns that say much the same would together say it too loudly.

use super::params::Shape;
use super::state::Sums;

/// Neighbouring bins at one height: what they weigh, the height, and where they end.
struct Pool {
    weight: f64,
    height: f64,
    to: usize,
}

/// Shortens a whole step, of which a share is gone, so that the curve it leads to is in order: of all such curves the
/// nearest to the one that was aimed at, where a bin counts by its bend. Returns which part is left of what the step would
/// gain.
pub(super) fn hold(shape: Shape, share: f64, heights: &[f64], sums: &[Sums], step: &mut [f64]) -> f64 {
    let sign = match shape {
        Shape::Rising => 1.0,
        Shape::Falling => -1.0,
        Shape::Free | Shape::Levels => return 1.0,
    };
    let gain = |step: &[f64]| -> f64 { sums.iter().zip(step).map(|(sums, step)| -sums[0] * step).sum() };
    let aimed_at = gain(step);
    let mut pools: Vec<Pool> = Vec::new();
    for (at, (height, step)) in heights.iter().zip(&*step).enumerate() {
        // A bin without rows has no say, and needs a height all the same.
        let weight = sums[at][1].max(f64::MIN_POSITIVE);
        let mut pool = Pool { weight, height: sign * (height + share * step), to: at + 1 };
        while let Some(before) = pools.pop_if(|before| before.height > pool.height) {
            let weight = before.weight + pool.weight;
            pool.height = (before.weight * before.height + pool.weight * pool.height) / weight;
            pool.weight = weight;
        }
        pools.push(pool);
    }
    let mut from = 0;
    for Pool { height, to, .. } in pools {
        for at in from..to {
            step[at] = (sign * height - heights[at]) / share;
        }
        from = to;
    }
    if aimed_at > 0.0 { (gain(step) / aimed_at).clamp(0.0, 1.0) } else { 0.0 }
}

/// Puts a curve exactly in order that is so but for what its numbers are rounded by: a height on the wrong side of those
/// before it comes to the one before.
pub(super) fn settle(shape: Shape, heights: &mut [f64]) {
    let further: fn(f64, f64) -> f64 = match shape {
        Shape::Rising => f64::max,
        Shape::Falling => f64::min,
        Shape::Free | Shape::Levels => return,
    };
    for at in 1..heights.len() {
        heights[at] = further(heights[at], heights[at - 1]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVEN: [Sums; 3] = [[-1.0, 1.0], [0.0, 1.0], [1.0, 1.0]];

    /// The step that is left of one that half is gone of, and of its gain.
    fn held(shape: Shape, heights: [f64; 3], sums: [Sums; 3], mut step: [f64; 3]) -> ([f64; 3], f64) {
        let kept = hold(shape, 0.5, &heights, &sums, &mut step);
        (step, kept)
    }

    #[test]
    fn a_step_that_leaves_the_curve_in_order_is_taken_whole_though_it_falls_itself() {
        let step = [1.0, 0.0, -1.0];
        assert_eq!(held(Shape::Rising, [0.0, 1.0, 2.0], EVEN, step), (step, 1.0));
        assert_eq!(held(Shape::Free, [0.0, 0.0, 0.0], EVEN, step), (step, 1.0));
    }

    #[test]
    fn of_bins_that_would_change_their_order_all_come_to_one_height() {
        // Half of it leads to 0.5, 0 and 3; where the second weighs thrice, both come to 0.125.
        let sums = [[-1.0, 1.0], [0.0, 3.0], [0.0, 1.0]];
        assert_eq!(held(Shape::Rising, [0.0, 0.0, 3.0], sums, [1.0, 0.0, 0.0]), ([0.25, 0.25, 0.0], 0.25));
        assert_eq!(held(Shape::Falling, [0.0; 3], EVEN, [1.0, 2.0, 0.0]), ([1.5, 1.5, 0.0], 1.0));
    }

    #[test]
    fn a_step_against_a_curve_that_is_level_is_none() {
        assert_eq!(held(Shape::Rising, [0.0; 3], EVEN, [1.0, 0.0, -1.0]), ([0.0; 3], 0.0));
    }

    #[test]
    fn only_a_curve_that_must_be_in_order_is_put_there() {
        let settled = |shape| {
            let mut heights = [0.25, 0.5, 0.375, 0.5];
            settle(shape, &mut heights);
            heights
        };
        assert_eq!(settled(Shape::Rising), [0.25, 0.5, 0.5, 0.5]);
        assert_eq!(settled(Shape::Falling), [0.25; 4]);
        assert_eq!([Shape::Free, Shape::Levels].map(settled), [[0.25, 0.5, 0.375, 0.5]; 2]);
    }

    proptest! {
        #[test]
        fn after_any_steps_a_curve_is_in_order_but_for_rounding_and_settled_it_is(
            steps in prop::collection::vec(prop::collection::vec((-2.0..2.0, 0.0..9.0), 8), 1..40),
            rises: bool,
        ) {
            let (shape, sign) = if rises { (Shape::Rising, 1.0) } else { (Shape::Falling, -1.0) };
            let share = 0.1;
            let mut heights = vec![0.0; 8];
            for aims in steps {
                // Newton's step of each bin; some have no rows.
                let sums: Vec<Sums> = aims.iter().map(|(aim, bend): &(f64, f64)| [-aim * bend, *bend]).collect();
                let mut step: Vec<f64> = aims.iter().map(|(aim, _)| *aim).collect();
                hold(shape, share, &heights, &sums, &mut step);
                heights.iter_mut().zip(&step).for_each(|(height, step)| *height += share * step);
            }
            let before = heights.clone();
            settle(shape, &mut heights);
            prop_assert!(heights.is_sorted_by(|a, b| sign * a <= sign * b), "{heights:?}");
            for (settled, height) in heights.iter().zip(&before) {
                prop_assert!((settled - height).abs() < 1e-13, "{heights:?} of {before:?}");
            }
        }
    }

    #[test]
    fn a_bin_without_rows_goes_with_its_neighbours() {
        let sums = [[-1.0, 1.0], [0.0; 2], [0.0; 2]];
        assert_eq!(held(Shape::Rising, [0.0; 3], sums, [1.0, 0.0, 0.0]), ([1.0; 3], 1.0));
    }
}
