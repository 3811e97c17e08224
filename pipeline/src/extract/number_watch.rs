//! The leak scan of numbers (V03): what nobody counts or measures so high is held against the check digit of NHS numbers.

use earlycall_schemas::codes::NhsNumber;

use crate::quality::ten_digits::TenDigits;

/// Digits of an NHS number.
const DIGITS: usize = 10;

/// Looks at a number as it is written. Ranges that are issued today say nothing here: numbers outside them have been
/// somebody's, and no sound value is so large.
#[inline]
pub(super) fn look(digits: &mut TenDigits<u64>, cell: &str, row: u64) {
    if may_be_large(cell)
        && let Some(number) = read(cell)
    {
        look_at(digits, number, row);
    }
}

/// Looks at a decimal number. As a 32-bit one an NHS number has lost its last digits, and tells nothing here.
pub(super) fn look_at(digits: &mut TenDigits<u64>, number: f64, row: u64) {
    if !(1e9..1e10).contains(&number) || number.fract() != 0.0 || digits.are_enough() {
        return;
    }
    let number = number as u64;
    let known = digits.is_nhs_number(number);
    let is_nhs_number = known.unwrap_or_else(|| NhsNumber::parse(&number.to_string()).is_some());
    digits.note(number, is_nhs_number, Some(row));
}

/// Whether a cell has the length of ten digits, or an exponent.
fn may_be_large(cell: &str) -> bool {
    cell.len() >= DIGITS || cell.bytes().any(|byte| matches!(byte, b'e' | b'E'))
}

/// The number, whether it is a decimal, has an exponent, or is parted by blanks, commas or hyphens.
fn read(cell: &str) -> Option<f64> {
    let number: String = cell.chars().filter(|sign| !sign.is_whitespace() && *sign != ',').collect();
    let digits = number.replace('-', "");
    let is_in_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_in_digits { digits.parse().ok() } else { number.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of ten digits whose check digits hold, the first in a range that is not issued: 9434765919 is the one that
    /// documents show, and of 4010232137 the sum is 92, which is 4 more than 8 times 11.
    const FIVE: [&str; 5] = ["9434765919", "4010232137", "9990000018", "4000050109", "4000060104"];

    /// How many of the different numbers of ten digits in a column are NHS numbers, of how many, and the first row of one.
    fn found(cells: &[&str]) -> (usize, usize, Option<u64>) {
        let mut digits = TenDigits::default();
        (1..).zip(cells).for_each(|(row, cell)| look(&mut digits, cell, row));
        (digits.n(), digits.of(), digits.place())
    }

    #[test]
    fn different_numbers_count_and_one_many_times_is_one() {
        // Cells of blood per litre have ten digits too; the check digits of these do not hold.
        let others = ["6500000000", "4200000000"];
        assert_eq!(found(&[&others[..], &FIVE[..]].concat()), (5, 7, Some(3)));
        assert_eq!(found(&["4010232137"; 30]), (1, 1, Some(1)));
        assert_eq!(found(&others), (0, 2, None));
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for cell in [
            "9434765919",
            "9434765919.0",
            "9434765919.",
            "9434765919.000000000000",
            "9.434765919e9",
            "9.434765919E+09",
            "+9434765919",
            " 9434765919 ",
            "9,434,765,919",
            "943 476 5919",
            "943-476-5919",
        ] {
            assert_eq!(found(&[&[cell], &FIVE[..1]].concat()), (1, 1, Some(1)), "{cell}");
        }
    }

    #[test]
    fn what_is_measured_and_dates_and_longer_numbers_are_nothing() {
        for cell in
            ["48", "7.5e-3", "1e3", "250000000000", "9434765919.5", "943476591", "94347659190", "2026-11-20", "high"]
        {
            assert_eq!(found(&[cell]), (0, 0, None), "{cell}");
        }
    }
}
