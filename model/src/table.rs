//! A curve worked out beforehand, since most values are small whole numbers: flags, counts, days.

use std::fmt;

use crate::curve::{Basis, Curve};
use crate::number::place;

/// Whole numbers up to this stand in the table at most: eleven years of days.
const PLACES_MAX: f64 = 4095.0;

/// What a curve gives for small whole numbers, for nothing, and from where it is flat; the same bits as [`Curve::at`].
#[derive(Clone, PartialEq)]
pub(crate) struct Table {
    whole: Vec<f64>,
    missing: f64,
    /// The curve is flat from here on; infinite where it never is.
    flat_from: f64,
    flat: f64,
}

impl Table {
    pub(crate) fn of(curve: &Curve) -> Table {
        let flat_from = curve.terms.iter().map(|term| flat_from(term.basis)).fold(f64::NEG_INFINITY, f64::max);
        let places = if curve.terms.is_empty() { 0 } else { flat_from.ceil().clamp(0.0, PLACES_MAX) as u32 + 1 };
        Table {
            whole: (0..places).map(|whole| curve.at(f64::from(whole))).collect(),
            missing: curve.at(f64::NAN),
            flat_from,
            flat: curve.at(f64::INFINITY),
        }
    }

    /// The contribution of a raw value by the curve that the table was made of.
    #[inline]
    pub(crate) fn at(&self, x: f64, curve: &Curve) -> f64 {
        match self.whole.get(place(x)) {
            Some(contribution) => *contribution,
            None if x >= self.flat_from => self.flat,
            None if x.is_nan() => self.missing,
            None => curve.at(x),
        }
    }
}

/// Thousands of numbers would tell nobody anything.
impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("places", &self.whole.len()).finish_non_exhaustive()
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
            let table = Table::of(&curve);
            for x in values {
                prop_assert_eq!(table.at(x, &curve).to_bits(), curve.at(x).to_bits(), "{}", x);
            }
        }
    }
}
