//! Keys of persons: our pseudonym (V04) and the NHS number (V24), which must never reach a scored table.

use std::fmt;

/// Whether a text is a person's pseudonym: 64 lower-case hexadecimal characters.
pub fn is_person_id(text: &str) -> bool {
    let Ok(characters) = <&[u8; 64]>::try_from(text.as_bytes()) else { return false };
    // Of the many that are looked at nearly all are: every character is, as that goes many at a time.
    characters.iter().fold(true, |all, byte| all & matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// An NHS number whose check digit holds. `Debug` hides it, so that no log or panic shows one.
///
/// # Example
/// ```
/// use earlycall_schemas::codes::NhsNumber;
/// let number = NhsNumber::parse("9990000018").unwrap();
/// assert!(number.is_for_tests());
/// assert_eq!(format!("{number:?}"), "NhsNumber(..)");
/// assert!(NhsNumber::parse("9990000019").is_none()); // the check digit is wrong
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NhsNumber(u64);

impl NhsNumber {
    /// Reads ten digits, not all the same, of which the last is the modulus 11 check digit of the others.
    pub fn parse(text: &str) -> Option<NhsNumber> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || !bytes.iter().all(u8::is_ascii_digit) || bytes.iter().all(|&byte| byte == bytes[0]) {
            return None;
        }
        let weighted: u32 = bytes[..9].iter().zip((2..=10).rev()).map(|(&byte, weight)| digit(byte) * weight).sum();
        let check = (11 - weighted % 11) % 11; // 10 belongs to no number, as no digit equals it
        if check == digit(bytes[9]) { text.parse().ok().map(NhsNumber) } else { None }
    }

    /// Whether it lies in a range that is issued to people in England, Wales or the Isle of Man: 300 to 499, 600 to 799.
    pub fn is_issued(self) -> bool {
        matches!(self.0 / 10_000_000, 300..=499 | 600..=799)
    }

    /// Whether it lies in the range 999, which is never issued: synthetic data and tests only.
    pub fn is_for_tests(self) -> bool {
        self.0 / 10_000_000 == 999
    }
}

impl fmt::Debug for NhsNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NhsNumber(..)")
    }
}

fn digit(byte: u8) -> u32 {
    u32::from(byte - b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_64_lower_case_hex_characters() {
        assert!(is_person_id(&"0a".repeat(32)));
        assert!(!is_person_id(&"0A".repeat(32)));
        assert!(!is_person_id(&"0a".repeat(31)));
        assert!(!is_person_id(&"0g".repeat(32)));
    }

    #[test]
    fn the_check_digit_is_modulus_11() {
        // 943476591: 9*10+4*9+3*8+4*7+7*6+6*5+5*4+9*3+1*2 = 299 = 27*11 + 2, check digit 9.
        assert!(NhsNumber::parse("9434765919").is_some());
        for wrong in ["9434765918", "943476591", "94347659190", "943 476 5919", "9999999999", "0000000000", ""] {
            assert!(NhsNumber::parse(wrong).is_none());
        }
    }

    #[test]
    fn a_number_whose_check_would_be_10_does_not_exist() {
        // 1*10 + 1*2 = 12 leaves 1, so the check would be 10.
        assert!((0..10).all(|check| NhsNumber::parse(&format!("100000001{check}")).is_none()));
    }
}
