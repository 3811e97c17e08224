//! Rates, shares and their 95% intervals, from whole numbers.

use serde::Serialize;

/// Two-sided 95% of the normal distribution.
const Z: f64 = 1.959_964;

/// A figure with the ends of its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// The figure.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Events by the time or the people among whom they happened, with the interval of a Poisson count by Byar's approximation,
/// which from ten events on is the exact one to a thousandth or two. It takes events as independent: where the same people
/// have several, it is too narrow.
///
/// Source: Breslow and Day 1987, the method of English public health for rates and ratios.
pub fn rate(events: u64, among: f64) -> Rate {
    let n = events as f64;
    let end = |n: f64, z: f64| n * (1.0 - 1.0 / (9.0 * n) + z / (3.0 * n.sqrt())).powi(3);
    let low = if events == 0 { 0.0 } else { end(n, -Z) };
    Rate { value: n / among, low: low / among, high: end(n + 1.0, Z) / among }
}

/// A part of a whole, with Wilson's interval.
///
/// Source: Wilson 1927.
pub fn share(part: u64, whole: u64) -> Rate {
    let (n, p) = (whole as f64, part as f64 / whole as f64);
    let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    Rate { value: p, low: (middle - half).max(0.0), high: (middle + half).min(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is_near(found: Rate, expected: [f64; 3]) {
        let ends = [found.value, found.low, found.high];
        assert!(ends.iter().zip(expected).all(|(end, expected)| (end - expected).abs() < 0.0051), "{found:?}");
    }

    #[test]
    fn an_interval_of_a_count_is_that_of_the_tables() {
        // Exact Poisson intervals, from tables: 10 has 4.795 to 18.390, 30 has 20.241 to 42.827, 100 has 81.364 to 121.627.
        is_near(rate(10, 10.0), [1.0, 0.4795, 1.8390]);
        is_near(rate(30, 10.0), [3.0, 2.0241, 4.2827]);
        is_near(rate(100, 50.0), [2.0, 1.6273, 2.4325]);
        // Of none the exact upper end is 3.689.
        is_near(rate(0, 10.0), [0.0, 0.0, 0.3689]);
    }

    #[test]
    fn an_interval_of_a_share_stays_between_none_and_all() {
        // Wilson by hand: 10 of 100 is 0.0552 to 0.1744.
        is_near(share(10, 100), [0.1, 0.0552, 0.1744]);
        let none = share(0, 20);
        assert_eq!((none.value, none.low), (0.0, 0.0));
        assert!((none.high - 0.161).abs() < 0.001, "{none:?}");
    }
}
