//! From raw columns to the matrix that the solver sees, and from its coefficients back to curves.

use ndarray::{Array2, ArrayView1};

use crate::calibrate::Calibration;
use crate::column::{Column, ColumnKind, Rows};
use crate::curve::{Basis, Curve, Term};
use crate::number::tidy;
use crate::solver::Line;

/// The end of a curve is held by at least this many training rows, so that no single person shapes it
/// or can be read off it.
const TAIL_ROWS: usize = 10;

/// Where a measurement's curve may bend: quantiles of the measured training values.
const KNOT_QUANTILES: [f64; 7] = [0.01, 0.10, 0.25, 0.50, 0.75, 0.90, 0.99];

/// How fast an event is forgotten, in days.
const DECAY_DAYS: [f64; 3] = [30.0, 120.0, 480.0];

/// The least spread a function is standardised by. A flag that 1 in 10,000 carries would otherwise be blown up a
/// hundredfold and escape the penalty; so whatever is rarer than 1 in 100 is penalised as if it were 1 in 100.
const SPREAD_MIN: f64 = 0.1;

/// One function of one column, with the mean and the spread that standardise it.
struct Standard {
    position: usize,
    basis: Basis,
    centre: f64,
    spread: f64,
}

/// The training rows as the solver sees them: every function standardised, missing values at the mean, 0.
///
/// Knots, means and spreads come from all training rows, also for cross-validation: they never look at outcomes.
pub(crate) struct Design {
    standards: Vec<Standard>,
    /// Rows by functions, one function after the other in memory, which is how the solver reads it fastest.
    pub(crate) z: Array2<f64>,
}

impl Design {
    /// Expands every column; functions that are constant over the rows are left out.
    pub(crate) fn of(rows: &Rows) -> Design {
        let mut standards = Vec::new();
        let mut z = Vec::new();
        for (position, column) in rows.columns.iter().enumerate() {
            let values = rows.x.column(position);
            for basis in bases(column.kind, values) {
                let heights: Vec<f64> = values.iter().map(|x| basis.at(*x)).collect();
                if let Some((centre, spread)) = mean_and_spread(&heights) {
                    z.extend(heights.iter().map(|height| standardise(*height, centre, spread)));
                    standards.push(Standard { position, basis, centre, spread });
                }
            }
        }
        let z = Array2::from_shape_vec((standards.len(), rows.x.nrows()), z).expect("one height per function and row");
        Design { standards, z: z.reversed_axes() }
    }

    /// The curves of a line fitted to this design, on the calibrated scale and in raw units.
    pub(crate) fn curves(&self, rows: &Rows, line: &Line, calibration: Calibration) -> Vec<Curve> {
        let empty = |column: &Column| Curve { column: column.clone(), mean_absolute: 0.0, terms: Vec::new() };
        let mut curves: Vec<Curve> = rows.columns.iter().map(empty).collect();
        for (standard, weight) in self.standards.iter().zip(&line.weights) {
            curves[standard.position].terms.push(Term {
                basis: standard.basis,
                centre: standard.centre,
                coefficient: tidy(calibration.scale * weight / standard.spread),
            });
        }
        for (position, curve) in curves.iter_mut().enumerate() {
            let total: f64 = rows.x.column(position).iter().map(|x| curve.at(*x).abs()).sum();
            curve.mean_absolute = tidy(total / rows.x.nrows() as f64);
        }
        curves
    }
}

/// The functions that a column of this kind is given; knots and ends come from its training values.
fn bases(kind: ColumnKind, values: ArrayView1<f64>) -> Vec<Basis> {
    let none_to_any = Basis::Ramp { from: 0.0, to: 1.0 };
    let mut present: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
    if present.is_empty() {
        return Vec::new();
    }
    present.sort_by(f64::total_cmp);
    // The largest value that ten rows reach. Below 1 the curve would be flat from the start.
    let most = tidy(present[present.len() - TAIL_ROWS.min(present.len())].max(1.0));
    match kind {
        ColumnKind::Flag => vec![none_to_any],
        ColumnKind::Count => vec![none_to_any, Basis::Log1p { most }],
        ColumnKind::Amount => vec![Basis::Log1p { most }],
        ColumnKind::DaysSince => DECAY_DAYS.map(|days| Basis::Decay { days }).to_vec(),
        ColumnKind::Measure => ramps(&present).into_iter().chain([Basis::Missing]).collect(),
    }
}

/// Straight pieces between the distinct knots of sorted values; none where too few were measured.
fn ramps(sorted: &[f64]) -> Vec<Basis> {
    let n = sorted.len();
    if n < 2 * TAIL_ROWS {
        return Vec::new();
    }
    let knot = |quantile: f64| {
        let nearest = (quantile * (n - 1) as f64).round() as usize;
        tidy(sorted[nearest.clamp(TAIL_ROWS - 1, n - TAIL_ROWS)])
    };
    let mut knots = KNOT_QUANTILES.map(knot).to_vec();
    knots.dedup();
    knots.windows(2).map(|pair| Basis::Ramp { from: pair[0], to: pair[1] }).collect()
}

/// Tidy mean of the heights that are there, and the spread of all with the others at the mean; nothing if constant.
fn mean_and_spread(heights: &[f64]) -> Option<(f64, f64)> {
    let present = || heights.iter().filter(|height| !height.is_nan());
    let first = *present().next()?;
    if present().all(|height| *height == first) {
        return None;
    }
    let mean = present().sum::<f64>() / present().count() as f64;
    let squares: f64 = present().map(|height| (height - mean).powi(2)).sum();
    Some((tidy(mean), (squares / heights.len() as f64).sqrt().max(SPREAD_MIN)))
}

/// How many spreads above the mean; a missing value stands at the mean.
fn standardise(height: f64, centre: f64, spread: f64) -> f64 {
    if height.is_nan() { 0.0 } else { (height - centre) / spread }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, array};

    const NAN: f64 = f64::NAN;

    fn bases_of(kind: ColumnKind, values: &[f64]) -> Vec<Basis> {
        bases(kind, ArrayView1::from(values))
    }

    #[test]
    fn a_kind_decides_the_functions() {
        let any = Basis::Ramp { from: 0.0, to: 1.0 };
        assert_eq!(bases_of(ColumnKind::Flag, &[0.0, 1.0]), [any]);
        assert_eq!(bases_of(ColumnKind::Count, &[7.0; 30]), [any, Basis::Log1p { most: 7.0 }]);
        assert_eq!(bases_of(ColumnKind::Amount, &[0.0; 30]), [Basis::Log1p { most: 1.0 }]);
        assert_eq!(bases_of(ColumnKind::DaysSince, &[f64::INFINITY]).len(), 3);
        assert_eq!(bases_of(ColumnKind::Count, &[NAN, NAN]), []);
    }

    #[test]
    fn one_extreme_row_does_not_move_the_end_of_a_curve() {
        let mut counts: Vec<f64> = (0..100).map(|row| f64::from(row % 5)).collect();
        counts[0] = 1e6;
        assert_eq!(bases_of(ColumnKind::Amount, &counts), [Basis::Log1p { most: 4.0 }]);
    }

    #[test]
    fn knots_are_training_quantiles_that_ten_rows_lie_beyond() {
        let values: Vec<f64> = (0..101).map(f64::from).collect();
        let knots = [9.0, 10.0, 25.0, 50.0, 75.0, 90.0, 91.0];
        let expected: Vec<Basis> = knots.windows(2).map(|k| Basis::Ramp { from: k[0], to: k[1] }).collect();
        assert_eq!(ramps(&values), expected);
        assert_eq!(ramps(&values[..19]), []);
        assert_eq!(ramps(&[5.0; 100]), []);
    }

    #[test]
    fn missing_values_stand_at_the_mean_and_constants_are_left_out() {
        let columns = [
            Column::new("constant", "s", ColumnKind::Flag),
            Column::new("flag", "s", ColumnKind::Flag),
            Column::new("never_fed", "s", ColumnKind::Count),
        ];
        let x = array![[1.0, 0.0, NAN], [1.0, 1.0, NAN], [1.0, NAN, NAN]];
        let rows = Rows { columns: &columns, x: x.view() };
        let design = Design::of(&rows);
        // Mean one half of two; squares 1/4 + 1/4 over three rows.
        let spread = (0.5_f64 / 3.0).sqrt();
        assert_eq!(design.z, array![[-0.5 / spread], [0.5 / spread], [0.0]]);

        let line = Line { intercept: 0.0, weights: Array1::from_elem(1, 2.0 * spread) };
        let curves = design.curves(&rows, &line, Calibration { scale: 0.5, shift: 0.0 });
        assert_eq!(curves[1].terms[0].coefficient, 1.0);
        assert_eq!((curves[1].at(0.0), curves[1].at(1.0), curves[1].at(NAN)), (-0.5, 0.5, 0.0));
        assert!((curves[1].mean_absolute - 1.0 / 3.0).abs() < 1e-14);
        assert!(curves[0].terms.is_empty() && curves[2].terms.is_empty());
    }
}
