//! SNOMED CT and dm+d identifiers: their form, partition and check digit (V20).

use std::fmt;

/// A SNOMED CT concept id: 6 to 18 digits whose check digit holds.
///
/// # Example
/// ```
/// use earlycall_schemas::codes::SnomedCode;
/// assert_eq!(SnomedCode::parse("22298006").unwrap().id(), 22_298_006);
/// assert_eq!(SnomedCode::parse("22298007"), None); // the check digit is wrong
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnomedCode(u64);

impl SnomedCode {
    /// The concept of a text; `None` unless [`is_snomed_concept`].
    pub fn parse(text: &str) -> Option<SnomedCode> {
        if is_snomed_concept(text) { text.parse().ok().map(SnomedCode) } else { None }
    }

    /// The id as a number. Exceeds 2^53, so it must never pass through a float.
    pub fn id(self) -> u64 {
        self.0
    }
}

impl fmt::Display for SnomedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether a text is the id of a SNOMED CT concept: 6 to 18 digits, no leading zero, partition 00 or 10, and a
/// Verhoeff check digit. Ids of descriptions and relationships are not.
pub fn is_snomed_concept(text: &str) -> bool {
    let digits = text.as_bytes();
    let n = digits.len();
    (6..=18).contains(&n)
        && digits[0] != b'0'
        && digits.iter().all(u8::is_ascii_digit)
        && matches!(&digits[n - 3..n - 1], b"00" | b"10")
        && has_verhoeff_check_digit(digits)
}

/// Whether a text is a dm+d id, which has the form of a SNOMED CT concept id.
pub fn is_dmd(text: &str) -> bool {
    is_snomed_concept(text)
}

/// Verhoeff's scheme: products in the dihedral group of the pentagon, each digit first permuted by its place from the
/// right, come to zero. It catches every single wrong digit and every swap of neighbours.
pub(crate) fn has_verhoeff_check_digit(digits: &[u8]) -> bool {
    let product = digits
        .iter()
        .rev()
        .zip((0..8).cycle())
        .fold(0, |sum, (&digit, place)| dihedral_product(sum, PERMUTATION[place][usize::from(digit - b'0')]));
    product == 0
}

/// 0 to 4 are rotations of a pentagon, 5 to 9 reflections.
fn dihedral_product(a: u8, b: u8) -> u8 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    }
}

const PERMUTATION: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_concepts_pass() {
        // Myocardial infarction, COPD, a UK extension concept of 16 digits, and Verhoeff's own 2363 is too short.
        for id in ["22298006", "13645005", "1048021000000102"] {
            assert!(is_snomed_concept(id), "{id}");
        }
        assert!(!is_snomed_concept("2363"));
    }

    #[test]
    fn every_single_wrong_digit_is_caught() {
        let id = "22298006";
        for place in 0..id.len() {
            for digit in '0'..='9' {
                let mut wrong: Vec<char> = id.chars().collect();
                if wrong[place] != digit {
                    wrong[place] = digit;
                    assert!(!is_snomed_concept(&wrong.iter().collect::<String>()), "{wrong:?}");
                }
            }
        }
    }

    #[test]
    fn other_forms_are_refused() {
        // Swapped neighbours, a description id (partition 01), a leading zero, a float, a sign, nothing.
        for text in ["22289006", "37436014", "022298006", "2.2298006E7", "-22298006", "", "222980061234567890123"] {
            assert!(!is_snomed_concept(text), "{text}");
        }
    }
}
