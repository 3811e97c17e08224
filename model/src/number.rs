//! The few functions of one number that everything else needs.

/// The probability that belongs to a log-odds. Strictly between 0 and 1, also for infinite log-odds:
/// beyond 30 (1 in 10 million million) it stays where it is.
pub(crate) fn risk_from_log_odds(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds.clamp(-30.0, 30.0)).exp())
}

/// The log-odds of a probability, kept finite at 0 and 1.
pub(crate) fn log_odds_from_risk(risk: f64) -> f64 {
    let risk = risk.clamp(1e-13, 1.0 - 1e-13);
    (risk / (1.0 - risk)).ln()
}

/// Minus the log of the probability given to what happened; never overflows.
pub(crate) fn log_loss(log_odds: f64, event: bool) -> f64 {
    let against = if event { -log_odds } else { log_odds };
    against.max(0.0) + (-against.abs()).exp().ln_1p()
}

/// The nearest number with 15 significant digits, at most 22 decimals and at most 10^15.
///
/// Every number in a model is tidy, because such a number survives the way through decimal text unchanged even in
/// a JSON reader that takes the short way (one division by an exact power of ten), as `serde_json` does by default.
pub(crate) fn tidy(number: f64) -> f64 {
    let number = number.clamp(-1e15, 1e15);
    let text = if number.abs() < 1e-8 { format!("{number:.22}") } else { format!("{number:.14e}") };
    let tidy: f64 = text.parse().expect("a formatted number is a number");
    tidy + 0.0 // minus zero becomes zero
}

/// The place of a small whole number in a table: 0 for 0 and -0, 1 for 1, and so on below 2^32.
/// Anything else, be it a fraction, negative, infinite or no number, has a place beyond any table.
pub(crate) fn place(x: f64) -> usize {
    // From 2^52 to 2^53 the floating numbers are the whole ones: what was added shows in the lowest bits, rounded.
    const BASE: f64 = 4_503_599_627_370_496.0;
    let shifted = x + BASE;
    let is_whole = shifted - BASE == x;
    let whole = shifted.to_bits().wrapping_sub(BASE.to_bits());
    if is_whole && whole < 1 << 32 { whole as usize } else { usize::MAX }
}

/// A well-mixed 64-bit number from another: the splitmix64 finaliser of Steele, Lea and Flood (2014).
pub(crate) fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn risks_stay_strictly_inside_0_and_1() {
        assert_eq!(risk_from_log_odds(0.0), 0.5);
        assert!((risk_from_log_odds((3.0_f64).ln()) - 0.75).abs() < 1e-15);
        for log_odds in [f64::NEG_INFINITY, -1e9, 1e9, f64::INFINITY] {
            let risk = risk_from_log_odds(log_odds);
            assert!(risk > 0.0 && risk < 1.0);
        }
        assert!((log_odds_from_risk(0.75) - (3.0_f64).ln()).abs() < 1e-15);
    }

    #[test]
    fn the_loss_of_a_coin_is_ln_2() {
        assert!((log_loss(0.0, true) - (2.0_f64).ln()).abs() < 1e-15);
        assert_eq!(log_loss(1000.0, false), 1000.0);
        assert_eq!(log_loss(1000.0, true), 0.0);
    }

    #[test]
    fn only_small_whole_numbers_have_a_place() {
        for (x, expected) in [(0.0, 0), (-0.0, 0), (1.0, 1), (4095.0, 4095), (4_294_967_295.0, 4_294_967_295)] {
            assert_eq!(place(x), expected, "{x}");
        }
        let others = [0.5, -0.25, -1.0, 7.1, 4_294_967_296.0, 1e300, -1e300, f64::MIN_POSITIVE];
        for x in others.into_iter().chain([f64::INFINITY, f64::NEG_INFINITY, f64::NAN]) {
            assert_eq!(place(x), usize::MAX, "{x}");
        }
    }

    #[test]
    fn mix_gives_the_published_sequence() {
        // The first output of splitmix64 seeded with 0, as in the reference implementation.
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
    }

    proptest! {
        #[test]
        fn a_tidy_number_survives_json(number in prop::num::f64::ANY.prop_filter("numbers", |n| !n.is_nan())) {
            let tidied = tidy(number);
            let read: f64 = serde_json::from_str(&serde_json::to_string(&tidied).unwrap()).unwrap();
            prop_assert_eq!(read.to_bits(), tidied.to_bits());
        }

        #[test]
        fn tidying_changes_hardly_anything(number in -1e15..1e15) {
            prop_assert!((tidy(number) - number).abs() <= number.abs() * 1e-14 + 1e-22);
        }
    }
}
