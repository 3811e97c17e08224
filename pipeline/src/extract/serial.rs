//! Running numbers: most systems number their rows, and a row's id ends in its number, as `F84001-1234567` does.

/// Digits that are read as one number; of more, those in front belong to the text before it.
const DIGITS_MAX: usize = 18;
/// Digits of which a look at eight bytes is enough.
const DIGITS_AT_ONCE: usize = 7;
/// By number of digits, how many texts of fewer digits there are: the number of the first of that many.
const SHORTER: [u64; DIGITS_AT_ONCE + 1] = [0, 1, 11, 111, 1_111, 11_111, 111_111, 1_111_111];

const HIGHEST_BITS: u64 = 0x8080_8080_8080_8080;

/// A text before the digits at its end, and these as a number: no two texts have both in common, and of two that go on
/// counting the numbers are near each other.
///
/// Texts of digits are numbered by length and then by what they say: none is 0, `0` to `9` are 1 to 10, `00` is 11.
///
/// # Example
/// ```
/// use earlycall::extract::split_serial;
/// assert_eq!(split_serial(b"F84001-99"), (&b"F84001-"[..], 110));
/// assert_eq!(split_serial(b"F84001-100"), (&b"F84001-"[..], 211));
/// assert_eq!(split_serial(b"F84001-"), (&b"F84001-"[..], 0));
/// ```
#[inline]
pub fn split_serial(text: &[u8]) -> (&[u8], u64) {
    if let Some(last) = text.last_chunk::<8>() {
        let above_zero = u64::from_le_bytes(*last) ^ 0x3030_3030_3030_3030;
        // The highest bit of each byte that is no digit; the last byte of the text is the highest.
        let others = (above_zero & !HIGHEST_BITS).wrapping_add(0x7676_7676_7676_7676) | above_zero;
        let n_digits = (others & HIGHEST_BITS).leading_zeros() as usize / 8;
        if n_digits <= DIGITS_AT_ONCE {
            let digits = above_zero & !(u64::MAX >> (8 * n_digits));
            return (&text[..text.len() - n_digits], SHORTER[n_digits].wrapping_add(value(digits)));
        }
    }
    digit_by_digit(text)
}

/// The same of any text, however short it is and however many digits it ends in. Apart, so that the other way, which most
/// ids go, is short.
#[cold]
fn digit_by_digit(text: &[u8]) -> (&[u8], u64) {
    let n_digits = text.iter().rev().take(DIGITS_MAX).take_while(|byte| byte.is_ascii_digit()).count();
    let (before, digits) = text.split_at(text.len() - n_digits);
    (before, digits.iter().fold(0, |number, digit| 10 * number + u64::from(digit - b'0') + 1))
}

/// The value of eight digits, the first in the lowest byte: pairs of neighbours become one, three times.
fn value(digits: u64) -> u64 {
    let pairs = (digits.wrapping_mul(1 + (10 << 8)) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(1 + (100 << 16)) >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(1 + (10_000 << 32)) >> 32
}

/// A text but for its last three digits: of most rows the id is that of the row before but for these, and nothing else of it
/// need be read again.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastDigits {
    length: usize,
    /// The first eight bytes.
    first: u64,
    /// The last eight, and none in the place of the digits.
    last: u64,
}

/// Bytes of three digits at the end of eight.
const THREE: u64 = 0x00ff_ffff;

impl LastDigits {
    /// A text without its last three digits, and these as a number. None of a text that ends in fewer, or of which the first
    /// eight bytes and the last are not all.
    pub fn apart(text: &[u8], n_digits: usize) -> Option<(LastDigits, u64)> {
        let (first, last) = ends(text).filter(|_| n_digits >= 3 && text.len() <= 16)?;
        Some((LastDigits { length: text.len(), first, last: last & !THREE }, three(last)?))
    }

    /// The last three digits of a text that differs in nothing else.
    #[inline]
    pub fn of(&self, text: &[u8]) -> Option<u64> {
        let (first, last) = ends(text)?;
        let is_alike = text.len() == self.length && first == self.first && last & !THREE == self.last;
        if is_alike { three(last) } else { None }
    }
}

/// The first eight bytes of a text, and the last, of which the last one is the lowest.
fn ends(text: &[u8]) -> Option<(u64, u64)> {
    Some((u64::from_le_bytes(*text.first_chunk()?), u64::from_be_bytes(*text.last_chunk()?)))
}

/// The number that the three lowest bytes write, if they are digits.
fn three(bytes: u64) -> Option<u64> {
    let digits = (bytes & THREE) ^ 0x30_3030;
    let others = (digits.wrapping_add(0x76_7676) | digits) & 0x80_8080;
    let (hundreds, tens, ones) = (digits >> 16, digits >> 8 & 0xff, digits & 0xff);
    // All of these are small.
    let number = hundreds.wrapping_mul(100).wrapping_add(tens.wrapping_mul(10)).wrapping_add(ones);
    (others == 0).then_some(number)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_are_numbered_by_length_and_then_by_what_they_say() {
        let number = |text: &str| split_serial(text.as_bytes()).1;
        assert_eq!(["", "0", "9", "00", "09", "99", "000"].map(number), [0, 1, 10, 11, 20, 110, 111]);
        assert_eq!(["event-7", "event-1234567", "event-12345678"].map(number), [8, 2_345_678, 23_456_789]);
        // Eighteen digits are a number, and one more belongs to what is before it.
        let long = "1000000000000000000";
        assert_eq!(split_serial(long.as_bytes()), (&b"1"[..], 111_111_111_111_111_111));
        assert_eq!(split_serial("7\u{e9}12".as_bytes()).1, 11 + 12);
    }

    proptest! {
        #[test]
        fn what_is_split_can_be_put_together_again(
            start in prop::collection::vec(prop_oneof![any::<u8>(), 0x2d..0x3d_u8, 0xae..0xbc_u8], 0..12),
            end in "[0-9]{0,24}",
        ) {
            let text = [&start, end.as_bytes()].concat();
            let (before, number) = split_serial(&text);
            // The digits again, the last first: each takes one from what is left.
            let (mut left, mut digits) = (number, Vec::new());
            while left > 0 {
                digits.push(b'0' + ((left - 1) % 10) as u8);
                left = (left - 1) / 10;
            }
            digits.reverse();
            prop_assert_eq!([before, &digits].concat(), text.as_slice());
            prop_assert!(digits.len() == DIGITS_MAX || !before.last().is_some_and(u8::is_ascii_digit));
        }

        #[test]
        fn a_text_that_differs_in_its_last_three_digits_alone_is_known_by_them(
            text in "[a-c-]{0,9}[0-9]{0,9}", other in prop::option::of("[a-c-]{0,9}[0-9]{0,9}"), end in "[0-9/:]{3}",
        ) {
            let (before, number) = split_serial(text.as_bytes());
            let n_digits = text.len() - before.len();
            let apart = LastDigits::apart(text.as_bytes(), n_digits);
            prop_assert_eq!(apart.is_some(), n_digits >= 3 && (8..=16).contains(&text.len()));
            let Some((alike, last_digits)) = apart else { return Ok(()) };
            prop_assert_eq!(Some(last_digits), text[text.len() - 3..].parse().ok());
            let start = &text[..text.len() - 3];
            let other = other.unwrap_or_else(|| format!("{start}{end}"));
            let is_alike = other.len() == text.len() && other.starts_with(start);
            match alike.of(other.as_bytes()) {
                None => prop_assert!(!is_alike || text[..8] != other[..8] || !other[start.len()..].bytes().all(|byte| byte.is_ascii_digit())),
                Some(of_other) => {
                    prop_assert!(is_alike);
                    prop_assert_eq!(split_serial(other.as_bytes()), (before, number - last_digits + of_other));
                }
            }
        }

        #[test]
        fn texts_that_go_on_counting_have_numbers_one_after_another(first in 0..20_000_000_u64, pad in 0..9_usize) {
            let numbers: BTreeSet<u64> = (first..first + 5)
                .map(|n| split_serial(format!("practice {n:0pad$}").as_bytes()).1)
                .collect();
            let is_longer = format!("{first:0pad$}").len() < format!("{:0pad$}", first + 4).len();
            let (least, most) = (numbers.first().unwrap(), numbers.last().unwrap());
            prop_assert_eq!(numbers.len(), 5);
            prop_assert!(is_longer || most - least == 4);
        }
    }
}
