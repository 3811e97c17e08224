//! Curves worked out beforehand, since most values are small whole numbers: flags, counts, days.

use std::fmt;

use crate::curve::{Basis, Curve};

/// Whole numbers up to this stand in a table at most: eleven years of days.
const WHOLE_MAX: f64 = 4095.0;

/// From 2^52 to 2^53 the floating numbers are the whole ones: what is added to this shows in the lowest bits, rounded.
const BASE: f64 = 4_503_599_627_370_496.0;

/// A number that is not whole, to stand for all numbers below 0.
const BELOW: f64 = -0.25;

/// What every curve of a model gives for small whole numbers; the same bits as [`Curve::at`] gives.
#[derive(Clone, PartialEq)]
pub(crate) struct Tables {
    /// The tables, one after the other; infinite where something else must be asked.
    contributions: Vec<f64>,
    /// Where the table of each curve starts.
    starts: Vec<u32>,
    /// How long each table is: the place after the last whole number, for everything that isn't in the table.
    beyond: Vec<f64>,
    besides: Vec<Beside>,
}

/// What is beside the table of one curve.
#[derive(Clone, PartialEq)]
struct Beside {
    missing: f64,
    /// The curve is flat from here on; infinite where it never is.
    flat_from: f64,
    flat: f64,
}

impl Tables {
    pub(crate) fn of(curves: &[Curve]) -> Tables {
        let (contributions, starts) = (Vec::new(), Vec::new());
        let mut tables = Tables { contributions, starts, beyond: Vec::new(), besides: Vec::new() };
        for curve in curves {
            let flat_from = curve.terms.iter().map(|term| flat_from(term.basis)).fold(f64::NEG_INFINITY, f64::max);
            let places = if curve.terms.is_empty() { 1.0 } else { flat_from.ceil().clamp(0.0, WHOLE_MAX) + 1.0 };
            tables.starts.push(tables.contributions.len() as u32);
            tables.beyond.push(places);
            tables.besides.push(Beside { missing: curve.at(f64::NAN), flat_from, flat: curve.at(f64::INFINITY) });
            tables.contributions.extend((0..places as u32).map(|whole| curve.at(f64::from(whole))));
            tables.contributions.push(f64::INFINITY);
        }
        tables
    }

    /// The contribution of each value of a row by the curves that the tables were made of. `places` is only room to work
    /// in, as long as the row.
    pub(crate) fn row<T: Copy + Into<f64>>(&self, curves: &[Curve], x: &[T], places: &mut [u32], into: &mut [f64]) {
        // Two loops: the processor works out several places at once, and can then look them up one by one.
        for (((place, x), start), beyond) in places.iter_mut().zip(x).zip(&self.starts).zip(&self.beyond) {
            *place = start.wrapping_add(place_in_table((*x).into(), *beyond));
        }
        for (column, (contribution, place)) in into.iter_mut().zip(places).enumerate() {
            let found = self.contributions[*place as usize];
            *contribution =
                if found < f64::INFINITY { found } else { self.besides[column].at(x[column].into(), &curves[column]) };
        }
    }
}

/// The place of a small whole number, and `beyond` for everything else. Without a branch, so that it is done for several
/// values at once.
#[inline]
pub(crate) fn place_in_table(x: f64, beyond: f64) -> u32 {
    // Written so that NaN takes the second way.
    let x = if x < beyond { x } else { beyond };
    let x = if x > BELOW { x } else { BELOW };
    let shifted = x + BASE;
    let whole = if shifted - BASE == x { shifted } else { beyond + BASE };
    whole.to_bits() as u32
}

impl Beside {
    fn at(&self, x: f64, curve: &Curve) -> f64 {
        if x >= self.flat_from {
            self.flat
        } else if x.is_nan() {
            self.missing
        } else {
            curve.at(x)
        }
    }
}

/// Thousands of numbers would tell nobody anything.
impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables").field("places", &self.contributions.len()).finish_non_exhaustive()
    }
}

/// From where a function doesn't change any more.
fn flat_from(basis: Basis) -> f64 {
    match basis {
        Basis::Ramp { to, .. } => to,
        Basis::Log1p { most } => most,
        Basis::Decay { .. } => f64::INFINITY,
        Basis::Missing => f64::NEG_INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Column, ColumnKind};
    use crate::curve::Term;
    use proptest::prelude::*;

    fn basis() -> impl Strategy<Value = Basis> {
        prop_oneof![
            (-50.0..50.0, 1e-3..5000.0).prop_map(|(from, width)| Basis::Ramp { from, to: from + width }),
            (1.0..6000.0).prop_map(|most| Basis::Log1p { most }),
            (1.0..500.0).prop_map(|days| Basis::Decay { days }),
            Just(Basis::Missing),
        ]
    }

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            (0_u16..8000).prop_map(f64::from),
            -100.0..6000.0,
            any::<f64>(),
            prop::sample::select(vec![0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX]),
        ]
    }

    proptest! {
        #[test]
        fn the_table_gives_the_bits_of_the_curve(
            terms in prop::collection::vec((basis(), 0.0..1.0, -2.0..2.0), 0..4),
            values in prop::collection::vec(value(), 40),
        ) {
            let term = |(basis, centre, coefficient)| Term { basis, centre, coefficient };
            let column = Column::new("a", "a", ColumnKind::Measure);
            let curve = Curve { column, mean_absolute: 0.0, terms: terms.into_iter().map(term).collect() };
            // Twice the same curve, so that the second one's table doesn't start at the first place.
            let curves = [curve.clone(), curve.clone()];
            let tables = Tables::of(&curves);
            for x in values {
                let mut found = [0.0; 2];
                tables.row(&curves, &[x, x], &mut [0; 2], &mut found);
                prop_assert_eq!(found.map(f64::to_bits), [curve.at(x).to_bits(); 2], "{}", x);
            }
        }
    }
}
