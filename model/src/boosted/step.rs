//! The next step of a term: a few levels over its cells, from the slopes and bends of the loss.

use super::bins::MISSING;
use super::grid;
use super::ordered;
use super::params::Shape;
use super::state::Sums;
use super::term::{Form, Term};

/// The least bend of a level: some forty rows at a risk of one in forty.
pub(super) const BEND_MIN: f64 = 1.0;

/// How steps are taken.
#[derive(Clone, Copy)]
pub(super) struct Stride {
    /// The share of a step that is gone.
    pub(super) learning_rate: f64,
    /// The most levels of a step of a curve.
    pub(super) leaves: usize,
    /// A term whose step gains as much for each level that was free steps again.
    pub(super) eager: f64,
}

/// How many levels of a step are free: one less than those that rows can share, for what all share is the base's. The more
/// there are, the more chance alone gains.
pub(super) fn freedom(term: &Term, leaves: usize) -> f64 {
    let levels = match &term.form {
        Form::Line { learns_missing, .. } => leaves + usize::from(*learns_missing),
        Form::Levels { learns_missing } => term.n_cells - usize::from(!learns_missing),
        Form::Grid(_) => grid::LEVELS,
    };
    levels as f64 - 1.0
}

/// Finds the step of a term from the heights of its cells, and says how much the loss would fall by a whole one; 0 where
/// there is none to take.
pub(super) fn find(term: &Term, heights: &[f64], sums: &[Sums], stride: Stride, step: &mut Vec<f64>) -> f64 {
    step.clear();
    step.resize(sums.len(), 0.0);
    let gain = match &term.form {
        Form::Line { shape, learns_missing } => {
            let gain = line(&sums[1..], term.l2, stride.leaves, &mut step[1..]);
            let kept = ordered::hold(*shape, stride.learning_rate, &heights[1..], &sums[1..], &mut step[1..]);
            kept * gain + missing(sums, *learns_missing, term.l2, step)
        }
        Form::Levels { learns_missing } => {
            let mut gain = missing(sums, *learns_missing, term.l2, step);
            for (step, sums) in step.iter_mut().zip(sums).skip(1) {
                *step = newton(*sums, term.l2);
                gain += gain_of(*sums, term.l2);
            }
            gain
        }
        Form::Grid(form) => grid::find(form, sums, term.l2, step),
    };
    // Rows that are not listed can't be moved; the others move by as much less.
    let still = term.usual.map_or(0.0, |usual| step[usual]);
    step.iter_mut().for_each(|height| *height = stride.learning_rate * (*height - still));
    if let Form::Line { learns_missing: false, .. } | Form::Levels { learns_missing: false } = term.form {
        step[MISSING] = 0.0;
    }
    gain
}

/// The step of the bin of missing values.
fn missing(sums: &[Sums], learns: bool, l2: f64, step: &mut [f64]) -> f64 {
    if !learns || sums[MISSING][1] < BEND_MIN {
        return 0.0;
    }
    step[MISSING] = newton(sums[MISSING], l2);
    gain_of(sums[MISSING], l2)
}

/// Newton's step, held back.
pub(super) fn newton([slope, bend]: Sums, l2: f64) -> f64 {
    if bend + l2 > 0.0 { -slope / (bend + l2) } else { 0.0 }
}

/// Twice what the loss falls by, held back.
pub(super) fn gain_of([slope, bend]: Sums, l2: f64) -> f64 {
    if bend + l2 > 0.0 { slope * slope / (bend + l2) } else { 0.0 }
}

pub(super) fn plus(a: Sums, b: Sums) -> Sums {
    [a[0] + b[0], a[1] + b[1]]
}

pub(super) fn minus(a: Sums, b: Sums) -> Sums {
    [a[0] - b[0], a[1] - b[1]]
}

/// Neighbouring bins that move together.
struct Leaf {
    from: usize,
    to: usize,
    /// The best place to divide it, and what that gains.
    cut: Option<(f64, usize)>,
}

/// The best step of bins in order: up to `leaves` levels, divided where it gains most.
fn line(sums: &[Sums], l2: f64, leaves: usize, step: &mut [f64]) -> f64 {
    let mut before = Vec::with_capacity(sums.len() + 1);
    before.push([0.0; 2]);
    for bin in sums {
        before.push(plus(*before.last().expect("there is a first"), *bin));
    }
    let within = |from: usize, to: usize| minus(before[to], before[from]);
    let leaf = |from: usize, to: usize| {
        let whole = gain_of(within(from, to), l2);
        let mut cut: Option<(f64, usize)> = None;
        for at in from + 1..to {
            let (left, right) = (within(from, at), within(at, to));
            if left[1] < BEND_MIN || right[1] < BEND_MIN {
                continue;
            }
            let gain = gain_of(left, l2) + gain_of(right, l2) - whole;
            if gain > cut.map_or(0.0, |(best, _)| best) {
                cut = Some((gain, at));
            }
        }
        Leaf { from, to, cut }
    };
    let mut grown = vec![leaf(0, sums.len())];
    while grown.len() < leaves {
        let gain = |leaf: &Leaf| leaf.cut.map_or(0.0, |(gain, _)| gain);
        let Some((place, (_, at))) = (0..grown.len())
            .max_by(|a, b| gain(&grown[*a]).total_cmp(&gain(&grown[*b])).then(b.cmp(a)))
            .and_then(|place| Some((place, grown[place].cut?)))
        else {
            break;
        };
        let Leaf { from, to, .. } = grown[place];
        grown.splice(place..=place, [leaf(from, at), leaf(at, to)]);
    }
    let mut gain = 0.0;
    for Leaf { from, to, .. } in grown {
        let sums = within(from, to);
        step[from..to].fill(newton(sums, l2));
        gain += gain_of(sums, l2);
    }
    // What one level for all would gain is the base's to take.
    gain - gain_of(within(0, sums.len()), l2)
}

/// Whether a level may be followed by another.
pub(super) fn allowed(shape: Shape, left: f64, right: f64) -> bool {
    match shape {
        Shape::Rising => left <= right,
        Shape::Falling => left >= right,
        Shape::Free | Shape::Levels => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::term::{Cells, Grid};
    use super::*;

    /// Ten rows to a bin, each with bend 0.25, of which so many had the event; all stand at even odds.
    fn bins(events: &[f64]) -> Vec<Sums> {
        events.iter().map(|events| [5.0 - events, 2.5]).collect()
    }

    fn step(events: &[f64], leaves: usize) -> Vec<f64> {
        let mut step = vec![0.0; events.len()];
        line(&bins(events), 0.0, leaves, &mut step);
        step
    }

    #[test]
    fn a_step_is_newtons_in_each_of_its_levels() {
        // 2 of 20 and 8 of 10: slopes 8 and -3 over bends 5 and 2.5.
        assert_eq!(step(&[1.0, 1.0, 8.0], 2), [-1.6, -1.6, 1.2]);
        assert_eq!(step(&[1.0, 5.0, 9.0], 3), [-1.6, 0.0, 1.6]);
    }

    #[test]
    fn a_step_is_held_back_and_says_what_it_gains() {
        let mut step = [0.0; 2];
        // Slopes 4 and -4, bends 2.5, held back by 5.5: a half each way, and 2 * 16 / 8 gained.
        let gain = line(&bins(&[1.0, 9.0]), 5.5, 2, &mut step);
        assert_eq!((step, gain), ([-0.5, 0.5], 4.0));
    }

    #[test]
    fn what_differs_too_little_to_say_is_not_divided() {
        assert_eq!(step(&[5.0, 5.0], 3), [0.0, 0.0]);
        let mut step = [0.0; 2];
        assert_eq!(line(&[[0.5, 0.9], [-3.0, 3.1]], 0.0, 2, &mut step), 0.0);
    }

    #[test]
    fn a_surface_has_to_gain_three_times_what_a_curve_of_two_levels_has_to() {
        let of =
            |n_cells, form| freedom(&Term { n_cells, rows: None, cells: Cells::One(0), usual: None, form, l2: 0.0 }, 2);
        let line = |learns_missing| of(256, Form::Line { shape: Shape::Free, learns_missing });
        assert_eq!([line(false), line(true)], [1.0, 2.0], "missing values have a level of their own");
        let levels = |learns_missing| of(6, Form::Levels { learns_missing });
        assert_eq!([levels(false), levels(true)], [4.0, 5.0], "the first cell is that of missing values");
        let grid = Grid { size: [16, 16], shapes: [Shape::Free; 2], still: [vec![false; 16], vec![false; 16]] };
        assert_eq!(of(256, Form::Grid(grid)), 3.0);
    }
}
