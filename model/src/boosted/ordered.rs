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

#[cfg(test)]
mod tests {
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
    fn a_bin_without_rows_goes_with_its_neighbours() {
        let sums = [[-1.0, 1.0], [0.0; 2], [0.0; 2]];
        assert_eq!(held(Shape::Rising, [0.0; 3], sums, [1.0, 0.0, 0.0]), ([1.0; 3], 1.0));
    }
}
