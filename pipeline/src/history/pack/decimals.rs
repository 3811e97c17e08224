//! Decimals as bytes. Results are measured to three decimal places at most: as whole thousandths they take half the bytes or
//! less. Where one of a group is anything else, its decimals take eight bytes each.

use super::{
    GROUP, Rest,
    near::{Group, at_most, each_group, pack_eights, pack_near},
};
use crate::history::records::thousandths;

/// Puts the thousandths below zero before the others.
const SIGN: u64 = 1 << 63;

/// Appends decimals, of which all come back as they were, to the bit.
pub fn pack(decimals: &[f64], bytes: &mut Vec<u8>) {
    for group in decimals.chunks(GROUP) {
        let (mut numbers, mut are_exact) = ([0; GROUP], true);
        for (number, decimal) in numbers.iter_mut().zip(group) {
            *number = thousandths(*decimal).cast_unsigned() ^ SIGN;
            are_exact &= in_thousandths(*number).to_bits() == decimal.to_bits();
        }
        if !(are_exact && pack_near(&numbers[..group.len()], bytes)) {
            pack_eights(group.iter().map(|decimal| decimal.to_le_bytes()), bytes);
        }
    }
}

/// Reads so many decimals.
pub fn unpack(n_decimals: usize, rest: &mut Rest) -> Option<Vec<f64>> {
    let mut decimals = Vec::with_capacity(at_most(n_decimals, rest));
    each_group(
        n_decimals,
        rest,
        |_, _| true,
        |_, group| match group {
            Group::Near(numbers) => decimals.extend(numbers.iter().map(|number| in_thousandths(*number))),
            Group::Eights(numbers) => decimals.extend(numbers.iter().map(|number| f64::from_bits(*number))),
        },
    )?;
    Some(decimals)
}

fn in_thousandths(number: u64) -> f64 {
    (number ^ SIGN).cast_signed() as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How many bytes decimals take; they come back as they were.
    fn bytes_of(decimals: &[f64]) -> usize {
        let mut bytes = Vec::new();
        pack(decimals, &mut bytes);
        let again = unpack(decimals.len(), &mut Rest(&bytes)).unwrap();
        assert!(again.iter().map(|one| one.to_bits()).eq(decimals.iter().map(|one| one.to_bits())));
        assert_eq!(unpack(decimals.len(), &mut Rest(&bytes[..bytes.len() - 1])), None);
        bytes.len()
    }

    #[test]
    fn results_take_the_bits_of_their_thousandths_and_groups_with_what_is_no_result_eight_bytes() {
        // From 0 to 65,535 thousandths: 16 bits.
        let results: Vec<f64> = [0.0, 7.4, 0.001, 65.535].repeat(32);
        let short = 1 + 8 + 128 * 2;
        assert_eq!(bytes_of(&results), short);
        for odd in [0.0004, -0.0, 1.0 / 3.0, f64::NAN, f64::INFINITY, 1e18] {
            assert_eq!(bytes_of(&[&results[..], &[odd, 7.4]].concat()), short + 1 + 2 * 8, "{odd}");
        }
        // Too far apart.
        assert_eq!(bytes_of(&[0.0, 5_000_000.0]), 1 + 2 * 8);
        assert_eq!(bytes_of(&[-5.25, 5.25]), bytes_of(&[0.0, 10.5]));
    }

    proptest! {
        #[test]
        fn results_of_up_to_three_decimal_places_are_short(
            thousandths in prop::collection::vec(-2_000_000_000..2_000_000_000_i64, 128..300),
        ) {
            let written = |n: &i64| format!("{}{}.{:03}", if *n < 0 { "-" } else { "" }, n.abs() / 1000, n.abs() % 1000);
            // As a supplier writes them and a reader of text reads them.
            let results: Vec<f64> = thousandths.iter().map(|n| written(n).parse::<f64>().unwrap()).collect();
            prop_assert!(bytes_of(&results) <= results.len().div_ceil(128) * (1 + 8 + 128 * 4));
        }

        #[test]
        fn whatever_decimals_are_packed_are_unpacked(decimals in prop::collection::vec(any::<f64>(), 1..300)) {
            bytes_of(&decimals);
        }
    }
}
