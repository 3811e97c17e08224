//! What a text looks like that should be a SNOMED CT concept and is none.

use std::fmt;

use crate::codes::{SnomedCode, has_verhoeff_check_digit, normalise_icd10};

/// What a text looks like that names no SNOMED CT concept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// Nothing.
    Empty,
    /// The id of a description: of a term, and not of what it means.
    Description,
    /// The id of a relationship between concepts.
    Relationship,
    /// A concept that a spreadsheet has rounded: it keeps fifteen digits, and ids have up to eighteen.
    Rounded,
    /// A concept with blanks around it.
    Padded,
    /// A number like a concept's, whose check digit is wrong.
    WrongCheckDigit,
    /// ICD-10.
    Icd10,
    /// ICD-10-CM, the clinical modification of the United States.
    Icd10Cm,
    /// Read version 2, or Clinical Terms version 3.
    Read,
    /// None of these.
    Unknown,
}

impl Dialect {
    /// What a text looks like that [`SnomedCode::parse`] refuses.
    ///
    /// # Example
    /// ```
    /// use earlycall_schemas::codelists::import::Dialect;
    /// assert_eq!(Dialect::of("37436014"), Dialect::Description);
    /// assert_eq!(Dialect::of("1064811000000100"), Dialect::Rounded);
    /// assert_eq!(Dialect::of("Z91.81"), Dialect::Icd10Cm);
    /// assert_eq!(Dialect::of("H33.."), Dialect::Read);
    /// ```
    pub fn of(text: &str) -> Dialect {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text {
            "" => Dialect::Empty,
            _ if is_number => Dialect::of_number(text.as_bytes()),
            _ if SnomedCode::parse(text.trim()).is_some() => Dialect::Padded,
            _ if is_float(text) => Dialect::Rounded,
            _ if is_read(text) => Dialect::Read,
            _ if is_icd10_cm(text) => Dialect::Icd10Cm,
            _ if normalise_icd10(text).is_some() => Dialect::Icd10,
            _ => Dialect::Unknown,
        }
    }

    fn of_number(digits: &[u8]) -> Dialect {
        let n = digits.len();
        if !(6..=18).contains(&n) || digits[0] == b'0' {
            return Dialect::Unknown;
        }
        let is_rounded = n > 15 && digits[15..].iter().all(|&digit| digit == b'0');
        match (has_verhoeff_check_digit(digits), &digits[n - 3..n - 1]) {
            (true, b"01" | b"11") => Dialect::Description,
            (true, b"02" | b"12") => Dialect::Relationship,
            (true, _) => Dialect::Unknown,
            (false, _) if is_rounded => Dialect::Rounded,
            (false, _) => Dialect::WrongCheckDigit,
        }
    }

    /// What it is, after the name of a row.
    pub fn in_words(self) -> &'static str {
        match self {
            Dialect::Empty => "is empty",
            Dialect::Description => "is the id of a description",
            Dialect::Relationship => "is the id of a relationship",
            Dialect::Rounded => "was rounded as a number",
            Dialect::Padded => "has blanks around it",
            Dialect::WrongCheckDigit => "has a wrong check digit",
            Dialect::Icd10 => "looks like ICD-10",
            Dialect::Icd10Cm => "looks like ICD-10-CM",
            Dialect::Read => "looks like Read or CTV3",
            Dialect::Unknown => "is no code that is known here",
        }
    }

    /// What to do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Dialect::Empty => "delete the row, or give it a concept",
            Dialect::Description => "replace the id of the term by the id of its concept",
            Dialect::Relationship => "replace the id by that of a concept",
            Dialect::Rounded => "get the file anew, and open it in no spreadsheet that does not keep codes as text",
            Dialect::Padded => "remove the blanks",
            Dialect::WrongCheckDigit => "look for a digit that was lost or mistyped",
            Dialect::Icd10 => "a list for the GP record is in SNOMED CT; ICD-10 of stays needs no import",
            Dialect::Icd10Cm => {
                "the NHS codes stays in ICD-10, and the GP record in SNOMED CT: find the list for the UK"
            }
            Dialect::Read => {
                "map the list to SNOMED CT with the NHS data migration tables, or find its SNOMED CT version"
            }
            Dialect::Unknown => "see whether the column holds codes at all",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.in_words())
    }
}

/// `1.06481E+15`, `22298006.0`: what is left of an id when a program takes it for an amount.
fn is_float(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'E' | b'e' | b'+'));
    is_plain && text.as_bytes()[0].is_ascii_digit() && text.parse::<f64>().is_ok_and(|number| number >= 100_000.0)
}

/// Five characters, padded with dots, and perhaps two more for the term: `H33..`, `C10E.00`, `XE0qv`. Without a dot, a
/// small letter or an X before a letter, five characters may as well be ICD-10.
fn is_read(text: &str) -> bool {
    let bytes = text.as_bytes();
    if !(bytes.len() == 5 || bytes.len() == 7) || !bytes[5..].iter().all(u8::is_ascii_alphanumeric) {
        return false;
    }
    let code = &bytes[..5];
    let n_dots = code.iter().rev().take_while(|&&byte| byte == b'.').count();
    let is_marked =
        n_dots > 0 || code.iter().any(u8::is_ascii_lowercase) || (code[0] == b'X' && code[1].is_ascii_uppercase());
    is_marked && n_dots < 5 && code[..5 - n_dots].iter().all(u8::is_ascii_alphanumeric)
}

/// ICD-10-CM has up to seven characters, of which the last may be letters; ICD-10 as the NHS uses it has five at most,
/// and a fifth only for the site of a disease of bones and joints (M) and for open injuries (S, T).
fn is_icd10_cm(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let (category, rest) = match upper.split_at_checked(3) {
        Some((category, rest)) => (category.as_bytes(), rest),
        None => return false,
    };
    let details = rest.strip_prefix('.').unwrap_or(rest);
    let is_category =
        category[0].is_ascii_uppercase() && category[1].is_ascii_digit() && category[2].is_ascii_alphanumeric();
    let is_plain = (1..=4).contains(&details.len()) && details.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_category || !is_plain {
        return false;
    }
    let is_longer = details.len() > 2 || (details.len() == 2 && !matches!(category[0], b'M' | b'S' | b'T'));
    let has_letter =
        rest.len() > details.len() && details.trim_end_matches('X').bytes().any(|byte| byte.is_ascii_uppercase());
    is_longer || has_letter
}
