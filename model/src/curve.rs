//! The curve of one column: a sum of simple functions, written so that the numbers alone say what it does.

use crate::column::Column;

/// A simple function of one raw value; finite for every value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Basis {
    /// 0 up to `from`, 1 from `to` on, straight between.
    Ramp {
        /// Where it leaves 0.
        from: f64,
        /// Where it reaches 1; greater than `from`.
        to: f64,
    },
    /// ln(1 + x), where x below 0 counts as 0 and x above `most` as `most`.
    Log1p {
        /// Where the curve turns flat.
        most: f64,
    },
    /// exp(-x / days): 1 today, fading to 0; x below 0 counts as 0.
    Decay {
        /// The time after which 37% is left.
        days: f64,
    },
    /// 1 where there is no value, 0 where there is one. The only function that a missing value reaches.
    Missing,
}

impl Basis {
    /// The function at a value; NaN is "no value", and only [`Basis::Missing`] answers it with a number.
    pub fn at(self, x: f64) -> f64 {
        match self {
            Basis::Missing => f64::from(x.is_nan()),
            _ if x.is_nan() => f64::NAN,
            Basis::Ramp { from, to } => ((x - from) / (to - from)).clamp(0.0, 1.0),
            Basis::Log1p { most } => x.clamp(0.0, most).ln_1p(),
            Basis::Decay { days } => (-x.max(0.0) / days).exp(),
        }
    }
}

/// One summand of a curve: `coefficient * (basis(x) - centre)`, or 0 where the basis has no number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    /// The function.
    pub basis: Basis,
    /// Its mean over the training rows.
    pub centre: f64,
    /// Log-odds per unit of the function.
    pub coefficient: f64,
}

impl Term {
    /// What the term adds to the log-odds.
    fn at(&self, x: f64) -> f64 {
        let height = self.basis.at(x);
        if height.is_nan() { 0.0 } else { self.coefficient * (height - self.centre) }
    }
}

/// How one column moves the log-odds, compared with the average training row.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The column.
    pub column: Column,
    /// Mean absolute contribution over the training rows: how much the curve matters.
    pub mean_absolute: f64,
    /// The summands; none where the column said nothing in training.
    pub terms: Vec<Term>,
}

impl Curve {
    /// The contribution of a raw value in log-odds. Its mean over the training rows is 0.
    ///
    /// A missing value contributes exactly 0, unless "not measured" was seen in training and has a step of its own.
    /// Every value has a finite contribution.
    pub fn at(&self, x: f64) -> f64 {
        self.terms.iter().fold(0.0, |sum, term| sum + term.at(x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::ColumnKind;

    #[track_caller]
    fn check(basis: Basis, points: &[(f64, f64)]) {
        for (x, expected) in points {
            assert!((basis.at(*x) - expected).abs() < 1e-15, "{basis:?} at {x}");
        }
    }

    const INF: f64 = f64::INFINITY;

    #[test]
    fn each_function_is_what_it_says() {
        check(Basis::Ramp { from: 10.0, to: 20.0 }, &[(-INF, 0.0), (10.0, 0.0), (12.5, 0.25), (20.0, 1.0), (INF, 1.0)]);
        let (ln_2, ln_4) = (2.0_f64.ln(), 4.0_f64.ln());
        check(Basis::Log1p { most: 3.0 }, &[(-5.0, 0.0), (0.0, 0.0), (1.0, ln_2), (3.0, ln_4), (INF, ln_4)]);
        check(Basis::Decay { days: 30.0 }, &[(-1.0, 1.0), (0.0, 1.0), (30.0, (-1.0_f64).exp()), (INF, 0.0)]);
        check(Basis::Missing, &[(f64::NAN, 1.0), (0.0, 0.0), (INF, 0.0)]);
    }

    #[test]
    fn a_curve_adds_its_terms_and_skips_what_has_no_value() {
        let curve = Curve {
            column: Column::new("hba1c", "diabetes", ColumnKind::Measure),
            mean_absolute: 0.0,
            terms: vec![
                Term { basis: Basis::Ramp { from: 40.0, to: 60.0 }, centre: 0.25, coefficient: 2.0 },
                Term { basis: Basis::Missing, centre: 0.5, coefficient: -1.0 },
            ],
        };
        assert_eq!(curve.at(50.0), 2.0 * (0.5 - 0.25) + 0.5);
        assert_eq!(curve.at(f64::NAN), -0.5);
    }
}
