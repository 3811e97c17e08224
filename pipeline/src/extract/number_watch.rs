//! The leak scan of numbers (V03): what nobody counts or measures so high is held against the check digit of NHS numbers.

use std::collections::BTreeMap;

use earlycall_schemas::codes::NhsNumber;

/// One number of ten digits in eleven has the check digit of an NHS number. That so many different ones have it, and
/// [`ONE_IN`] of all, chance brings about in one column of such numbers in a thousand, and there is none in a sound file.
const NUMBERS_MIN: usize = 5;
/// A column is refused when one in so many of its different numbers has the check digit.
const ONE_IN: usize = 2;
/// So many different numbers tell what the others are.
const NUMBERS_MAX: usize = 1_000;
/// Digits of an NHS number.
const DIGITS: usize = 10;

/// What the numbers of a column looked like.
#[derive(Default)]
pub(super) struct NumberWatch {
    /// The different whole numbers of ten digits, and whether the check digit of each holds. The ranges that are issued
    /// today say nothing here: numbers outside them have been somebody's, and no sound value is so large.
    numbers: BTreeMap<u64, bool>,
    /// The first row with one whose check digit holds.
    first_row: u64,
}

/// Numbers of a column that are NHS numbers.
pub(super) struct NhsNumbers {
    /// Different ones.
    pub n: usize,
    /// Different numbers of ten digits, these and others.
    pub of: usize,
    /// The row of the first.
    pub first_row: u64,
}

impl NumberWatch {
    /// Looks at a number as it is written.
    #[inline]
    pub fn look(&mut self, cell: &str, row: u64) {
        if may_be_large(cell)
            && let Some(number) = read(cell)
        {
            self.look_at(number, row);
        }
    }

    /// Looks at a decimal number. As a 32-bit one an NHS number has lost its last digits, and tells nothing here.
    pub fn look_at(&mut self, number: f64, row: u64) {
        if !(1e9..1e10).contains(&number) || number.fract() != 0.0 || self.numbers.len() == NUMBERS_MAX {
            return;
        }
        let number = number as u64;
        let is_nhs_number =
            *self.numbers.entry(number).or_insert_with(|| NhsNumber::parse(&number.to_string()).is_some());
        if is_nhs_number && self.first_row == 0 {
            self.first_row = row;
        }
    }

    /// The NHS numbers, where they are too many for chance.
    pub fn too_many(&self) -> Option<NhsNumbers> {
        let n = self.numbers.values().filter(|&&is_nhs_number| is_nhs_number).count();
        let of = self.numbers.len();
        (n >= NUMBERS_MIN && n * ONE_IN >= of).then_some(NhsNumbers { n, of, first_row: self.first_row })
    }
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

    fn too_many(cells: &[&str]) -> Option<(usize, usize, u64)> {
        let mut watch = NumberWatch::default();
        (1..).zip(cells).for_each(|(row, cell)| watch.look(cell, row));
        watch.too_many().map(|found| (found.n, found.of, found.first_row))
    }

    #[test]
    fn five_different_nhs_numbers_are_too_many_and_four_are_not() {
        assert_eq!(too_many(&FIVE), Some((5, 5, 1)));
        assert_eq!(too_many(&FIVE[..4]), None);
        assert_eq!(too_many(&["4010232137"; 30]), None, "one number many times is one");
    }

    #[test]
    fn half_of_the_numbers_of_ten_digits_must_be_nhs_numbers() {
        // Cells of blood per litre have ten digits too; the check digit of none of these holds.
        let others = ["6500000000", "4200000000", "5100000000", "7300000000", "8800000000", "3900000000"];
        let among = |n: usize| too_many(&[&others[..n], &FIVE[..]].concat());
        assert_eq!(among(5), Some((5, 10, 6)));
        assert_eq!(among(6), None);
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
            assert_eq!(too_many(&[&[cell], &FIVE[1..]].concat()), Some((5, 5, 1)), "{cell}");
        }
    }

    #[test]
    fn what_is_measured_and_dates_and_longer_numbers_are_nothing() {
        let mut watch = NumberWatch::default();
        for cell in
            ["48", "7.5e-3", "1e3", "250000000000", "9434765919.5", "943476591", "94347659190", "2026-11-20", "high"]
        {
            watch.look(cell, 1);
        }
        assert!(watch.numbers.is_empty());
    }
}
