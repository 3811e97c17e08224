//! The functions that every column is given, and the way from their weights back to curves.

use crate::calibrate::Calibration;
use crate::census::Census;
use crate::column::{Column, ColumnKind};
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Standard {
    /// Which column, from 0.
    pub(crate) position: usize,
    basis: Basis,
    centre: f64,
    spread: f64,
}

impl Standard {
    /// How many spreads above the mean the function is at a value; a missing value stands at the mean.
    pub(crate) fn height(&self, x: f64) -> f64 {
        let height = self.basis.at(x);
        if height.is_nan() { 0.0 } else { (height - self.centre) / self.spread }
    }
}

/// What the solver weighs: every function of every column, standardised.
///
/// Knots, means and spreads come from all training rows, also for cross-validation: they never look at outcomes.
#[derive(Clone, Debug)]
pub(crate) struct Design {
    /// The functions, those of one column next to each other, in the order of the columns.
    pub(crate) standards: Vec<Standard>,
}

impl Design {
    /// Gives every column its functions; those that are constant over the rows are left out.
    pub(crate) fn of(columns: &[Column], censuses: &[Census]) -> Design {
        let mut standards = Vec::new();
        for (position, (column, census)) in columns.iter().zip(censuses).enumerate() {
            for basis in bases(column.kind, census) {
                if let Some((centre, spread)) = mean_and_spread(basis, census) {
                    standards.push(Standard { position, basis, centre, spread });
                }
            }
        }
        Design { standards }
    }

    /// The curves of a line fitted to this design, on the calibrated scale and in raw units.
    pub(crate) fn curves(
        &self,
        columns: &[Column],
        censuses: &[Census],
        line: &Line,
        calibration: Calibration,
    ) -> Vec<Curve> {
        let empty = |column: &Column| Curve { column: column.clone(), mean_absolute: 0.0, terms: Vec::new() };
        let mut curves: Vec<Curve> = columns.iter().map(empty).collect();
        for (standard, weight) in self.standards.iter().zip(&line.weights) {
            curves[standard.position].terms.push(Term {
                basis: standard.basis,
                centre: standard.centre,
                coefficient: tidy(calibration.scale * weight / standard.spread),
            });
        }
        for (curve, census) in curves.iter_mut().zip(censuses) {
            let sizes = census.values.iter().zip(&census.counts).map(|(x, n)| f64::from(*n) * curve.at(*x).abs());
            let total = sizes.sum::<f64>() + f64::from(census.missing) * curve.at(f64::NAN).abs();
            curve.mean_absolute = tidy(total / census.rows() as f64);
        }
        curves
    }
}

/// The functions that a column of this kind is given; knots and ends come from its training values.
fn bases(kind: ColumnKind, census: &Census) -> Vec<Basis> {
    let none_to_any = Basis::Ramp { from: 0.0, to: 1.0 };
    let present = census.present();
    // The largest value that ten rows reach. Below 1 the curve would be flat from the start.
    let Some(reached) = census.nth(present - TAIL_ROWS.min(present)) else { return Vec::new() };
    let most = tidy(reached.max(1.0));
    match kind {
        ColumnKind::Flag => vec![none_to_any],
        ColumnKind::Count => vec![none_to_any, Basis::Log1p { most }],
        ColumnKind::Amount => vec![Basis::Log1p { most }],
        ColumnKind::DaysSince => DECAY_DAYS.map(|days| Basis::Decay { days }).to_vec(),
        ColumnKind::Measure => ramps(census).into_iter().chain([Basis::Missing]).collect(),
    }
}

/// Straight pieces between the distinct knots of the values; none where too few were measured.
fn ramps(census: &Census) -> Vec<Basis> {
    let n = census.present();
    if n < 2 * TAIL_ROWS {
        return Vec::new();
    }
    let knot = |quantile: f64| {
        let nearest = (quantile * (n - 1) as f64).round() as usize;
        tidy(census.nth(nearest.clamp(TAIL_ROWS - 1, n - TAIL_ROWS)).expect("a place below the number of values"))
    };
    let mut knots = KNOT_QUANTILES.map(knot).to_vec();
    knots.dedup();
    knots.windows(2).map(|pair| Basis::Ramp { from: pair[0], to: pair[1] }).collect()
}

/// Tidy mean of the function where it has a number, and the spread over all rows with the others at the mean; nothing
/// if it is constant.
fn mean_and_spread(basis: Basis, census: &Census) -> Option<(f64, f64)> {
    let known = census.values.iter().zip(&census.counts).map(|(x, n)| (basis.at(*x), f64::from(*n)));
    let missing = (basis.at(f64::NAN), f64::from(census.missing));
    let heights: Vec<(f64, f64)> = known.chain([missing]).filter(|(height, n)| *n > 0.0 && !height.is_nan()).collect();
    let first = heights.first()?.0;
    if heights.iter().all(|(height, _)| *height == first) {
        return None;
    }
    let present: f64 = heights.iter().map(|(_, n)| n).sum();
    let mean = heights.iter().map(|(height, n)| n * height).sum::<f64>() / present;
    let squares: f64 = heights.iter().map(|(height, n)| n * (height - mean).powi(2)).sum();
    Some((tidy(mean), (squares / census.rows() as f64).sqrt().max(SPREAD_MIN)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::census;
    use ndarray::{Array2, array};

    const NAN: f64 = f64::NAN;

    fn bases_of(kind: ColumnKind, values: &[f64]) -> Vec<Basis> {
        bases(kind, &census_of(values))
    }

    fn census_of(values: &[f64]) -> Census {
        let x = Array2::from_shape_vec((values.len(), 1), values.to_vec()).unwrap();
        census::take(x.view(), 1).remove(0)
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
        assert_eq!(ramps(&census_of(&values)), expected);
        assert_eq!(ramps(&census_of(&values[..19])), []);
        assert_eq!(ramps(&census_of(&[5.0; 100])), []);
    }

    #[test]
    fn missing_values_stand_at_the_mean_and_constants_are_left_out() {
        let columns = [
            Column::new("constant", "s", ColumnKind::Flag),
            Column::new("flag", "s", ColumnKind::Flag),
            Column::new("never_fed", "s", ColumnKind::Count),
        ];
        let x = array![[1.0, 0.0, NAN], [1.0, 1.0, NAN], [1.0, NAN, NAN]];
        let censuses = census::take(x.view(), 1);
        let design = Design::of(&columns, &censuses);
        // Mean one half of two; squares 1/4 + 1/4 over three rows.
        let spread = (0.5_f64 / 3.0).sqrt();
        assert_eq!(design.standards.len(), 1);
        assert_eq!([0.0, 1.0, NAN].map(|x| design.standards[0].height(x)), [-0.5 / spread, 0.5 / spread, 0.0]);

        let line = Line { intercept: 0.0, weights: vec![2.0 * spread] };
        let curves = design.curves(&columns, &censuses, &line, Calibration { scale: 0.5, shift: 0.0 });
        assert_eq!(curves[1].terms[0].coefficient, 1.0);
        assert_eq!((curves[1].at(0.0), curves[1].at(1.0), curves[1].at(NAN)), (-0.5, 0.5, 0.0));
        assert!((curves[1].mean_absolute - 1.0 / 3.0).abs() < 1e-14);
        assert!(curves[0].terms.is_empty() && curves[2].terms.is_empty());
    }
}
