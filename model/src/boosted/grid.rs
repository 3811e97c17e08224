//! The next step of a surface: divided once in one direction, and each half once more in the other.

use super::params::Shape;
use super::state::Sums;
use super::step::{BEND_MIN, allowed, gain_of, minus, newton, plus};
use super::term::Grid;

/// The most levels of a step: two in each of two halves.
pub(super) const LEVELS: usize = 4;

/// Sums over all rectangles from the first corner, so that those over any rectangle are four look-ups.
struct Corners<'a> {
    sums: Vec<Sums>,
    size: [usize; 2],
    /// Whether the directions have changed places.
    is_turned: bool,
    shapes: [Shape; 2],
    l2: f64,
    form: &'a Grid,
}

/// A half, and where the other direction divides it.
#[derive(Clone, Copy)]
struct Half {
    gain: f64,
    cut: usize,
    /// The height before the cut and after it.
    heights: [f64; 2],
}

/// A way to divide the surface: where in the first direction, and the halves.
struct Division {
    gain: f64,
    at: usize,
    halves: [Half; 2],
}

/// Finds the step, and what it gains.
pub(super) fn find(form: &Grid, sums: &[Sums], l2: f64, step: &mut [f64]) -> f64 {
    let straight = Corners::of(form, sums, l2, false);
    let turned = Corners::of(form, sums, l2, true);
    let (one, other) = (straight.divide(), turned.divide());
    let (corners, best) = if other.gain > one.gain { (turned, other) } else { (straight, one) };
    corners.fill(&best, step);
    best.gain
}

impl Corners<'_> {
    fn of<'a>(form: &'a Grid, sums: &[Sums], l2: f64, is_turned: bool) -> Corners<'a> {
        let [rows, columns] = form.size;
        let size = if is_turned { [columns, rows] } else { [rows, columns] };
        let shapes = if is_turned { [form.shapes[1], form.shapes[0]] } else { form.shapes };
        let mut corners = Corners { sums: Vec::new(), size, is_turned, shapes, l2, form };
        corners.sums = vec![[0.0; 2]; (size[0] + 1) * (size[1] + 1)];
        let width = size[1] + 1;
        for a in 0..size[0] {
            let mut row = [0.0; 2];
            for b in 0..size[1] {
                row = plus(row, sums[corners.cell(a, b)]);
                corners.sums[(a + 1) * width + b + 1] = plus(row, corners.sums[a * width + b + 1]);
            }
        }
        corners
    }

    /// The cell of the surface at a place.
    fn cell(&self, a: usize, b: usize) -> usize {
        if self.is_turned { b * self.form.size[1] + a } else { a * self.form.size[1] + b }
    }

    /// The sums from one place of the first direction to another, and in the second direction up to a place.
    fn up_to(&self, from: usize, to: usize, b: usize) -> Sums {
        let width = self.size[1] + 1;
        minus(self.sums[to * width + b], self.sums[from * width + b])
    }

    /// The best way to divide, which may be not at all.
    fn divide(&self) -> Division {
        let n = self.size[0];
        let whole = self.half(0, n);
        let mut best = Division { gain: whole.gain, at: n, halves: [whole, whole] };
        for at in 1..n {
            let halves = [self.half(0, at), self.half(at, n)];
            let gain = halves[0].gain + halves[1].gain;
            if gain > best.gain && self.is_enough(at) && self.rises(&halves) {
                best = Division { gain, at, halves };
            }
        }
        best
    }

    fn is_enough(&self, at: usize) -> bool {
        let width = self.size[1];
        self.up_to(0, at, width)[1] >= BEND_MIN && self.up_to(at, self.size[0], width)[1] >= BEND_MIN
    }

    /// Whether the second half may follow the first wherever they meet.
    fn rises(&self, halves: &[Half; 2]) -> bool {
        let [left, right] = halves;
        left.heights.iter().all(|l| right.heights.iter().all(|r| allowed(self.shapes[0], *l, *r)))
    }

    /// The best cut in the second direction of what lies between two places of the first.
    fn half(&self, from: usize, to: usize) -> Half {
        let width = self.size[1];
        let all = self.up_to(from, to, width);
        let height = newton(all, self.l2);
        let mut best = Half { gain: gain_of(all, self.l2), cut: width, heights: [height; 2] };
        for cut in 1..width {
            let left = self.up_to(from, to, cut);
            let right = minus(all, left);
            if left[1] < BEND_MIN || right[1] < BEND_MIN {
                continue;
            }
            let gain = gain_of(left, self.l2) + gain_of(right, self.l2);
            if gain > best.gain {
                let heights = [newton(left, self.l2), newton(right, self.l2)];
                if allowed(self.shapes[1], heights[0], heights[1]) {
                    best = Half { gain, cut, heights };
                }
            }
        }
        best
    }

    fn fill(&self, division: &Division, step: &mut [f64]) {
        let still = if self.is_turned { [1, 0] } else { [0, 1] }.map(|side: usize| &self.form.still[side]);
        for a in 0..self.size[0] {
            let half = &division.halves[usize::from(a >= division.at)];
            for b in 0..self.size[1] {
                if !still[0][a] && !still[1][b] {
                    step[self.cell(a, b)] = half.heights[usize::from(b >= half.cut)];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten rows to a cell with bend 0.25 each, of which so many had the event; all stand at even odds.
    fn step(size: [usize; 2], shapes: [Shape; 2], events: &[f64]) -> Vec<f64> {
        let sums: Vec<Sums> = events.iter().map(|events| [5.0 - events, 2.5]).collect();
        let form = Grid { size, shapes, still: size.map(|n| vec![false; n]) };
        let mut step = vec![0.0; sums.len()];
        find(&form, &sums, 0.0, &mut step);
        step
    }

    const FREE: [Shape; 2] = [Shape::Free; 2];

    #[test]
    fn what_only_two_columns_together_tell_is_found() {
        // Neither direction tells anything alone.
        assert_eq!(step([2, 2], FREE, &[8.0, 2.0, 2.0, 8.0]), [1.2, -1.2, -1.2, 1.2]);
    }

    #[test]
    fn each_half_is_divided_in_its_own_place() {
        let events = [9.0, 5.0, 5.0, 1.0, 1.0, 9.0];
        // First row after one cell, second row after two; or the turned way, whichever gains more.
        assert_eq!(step([2, 3], FREE, &events), [1.6, 0.0, 0.0, -1.6, -1.6, 1.6]);
    }

    #[test]
    fn a_surface_that_must_rise_one_way_does() {
        for shapes in [[Shape::Rising, Shape::Free], [Shape::Rising, Shape::Rising]] {
            for events in [[8.0, 2.0, 2.0, 8.0], [1.0, 9.0, 5.0, 6.0], [3.0, 1.0, 9.0, 2.0]] {
                let step = step([2, 2], shapes, &events);
                assert!(step[0] <= step[2] && step[1] <= step[3], "{events:?}");
                assert!(shapes[1] == Shape::Free || (step[0] <= step[1] && step[2] <= step[3]), "{events:?}");
            }
        }
    }

    #[test]
    fn still_cells_do_not_move() {
        let form = Grid { size: [2, 2], shapes: FREE, still: [vec![true, false], vec![true, false]] };
        let mut step = vec![0.0; 4];
        find(&form, &[[0.0; 2], [0.0; 2], [0.0; 2], [-3.0, 2.0]], 1.0, &mut step);
        assert_eq!(step, [0.0, 0.0, 0.0, 1.0]);
    }
}
