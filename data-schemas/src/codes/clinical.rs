//! ICD-10, OPCS-4 and BNF codes: normalising what suppliers pad and mark, and testing what is left (V18, V19, V21).

/// An ICD-10 code as we keep it, from any of the ways it is sent: upper case, without dot, dagger, asterisk, trailing
/// `X` padding or `-`. `None` if no ICD-10 code is left.
///
/// # Example
/// ```
/// use earlycall_schemas::codes::normalise_icd10;
/// assert_eq!(normalise_icd10("j44.9").as_deref(), Some("J449"));
/// assert_eq!(normalise_icd10("I10X").as_deref(), Some("I10"));
/// assert_eq!(normalise_icd10("G63.2*").as_deref(), Some("G632"));
/// assert_eq!(normalise_icd10("COPD"), None);
/// ```
pub fn normalise_icd10(text: &str) -> Option<String> {
    let upper = text.trim().to_ascii_uppercase();
    let bare = upper.trim_end_matches(['†', '*', '+', '-', 'X', '.', ' ']);
    let code = bare.replace('.', "");
    is_icd10(&code).then_some(code)
}

/// Whether a text is an ICD-10 code in the form in which we keep it: a letter and two to four digits.
pub fn is_icd10(text: &str) -> bool {
    let bytes = text.as_bytes();
    (3..=5).contains(&bytes.len()) && bytes[0].is_ascii_uppercase() && bytes[1..].iter().all(u8::is_ascii_digit)
}

/// An OPCS-4 code as we keep it: upper case, without dot. `None` for `-` (no procedure), `&` (not known) and anything
/// that is no code. The letter I is not used.
pub fn normalise_opcs4(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase().replace('.', "");
    let bytes = code.as_bytes();
    let is_code = (3..=4).contains(&bytes.len())
        && bytes[0].is_ascii_uppercase()
        && bytes[0] != b'I'
        && bytes[1..].iter().all(u8::is_ascii_digit);
    is_code.then_some(code)
}

/// Whether a text is a BNF code: a medicine's 15 characters, an appliance's 11 digits, or the first 2 or more of either.
pub fn is_bnf(text: &str) -> bool {
    let bytes = text.as_bytes();
    match bytes {
        [b'0' | b'1', ..] => (2..=15).contains(&bytes.len()) && (1..bytes.len()).all(|i| fits_medicine(i, bytes[i])),
        [b'2', b'0'..=b'3', rest @ ..] => rest.len() <= 9 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// Chapter to substance group in digits, then substance, product and equivalent in pairs.
fn fits_medicine(place: usize, byte: u8) -> bool {
    match place {
        0..=6 => byte.is_ascii_digit(),
        9 | 11 | 13 => byte.is_ascii_uppercase(),
        _ => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icd10_is_cleaned_of_what_suppliers_add() {
        let cases = [
            ("J44.9", Some("J449")),
            ("J449", Some("J449")),
            (" i10 ", Some("I10")),
            ("I10X", Some("I10")),
            ("I10.X", Some("I10")),
            ("I10XX", Some("I10")),
            ("I10-", Some("I10")),
            ("E10.2†", Some("E102")),
            ("N08.3*", Some("N083")),
            ("M8000", Some("M8000")),
            ("", None),
            ("X", None),
            ("J4", None),
            ("44.9", None),
            ("J449999", None),
            ("M45X0", None),
        ];
        for (sent, kept) in cases {
            assert_eq!(normalise_icd10(sent).as_deref(), kept, "{sent}");
        }
    }

    #[test]
    fn a_normalised_code_stays_as_it_is() {
        for code in ["J449", "I10", "X599", "M8000"] {
            assert_eq!(normalise_icd10(code).as_deref(), Some(code));
        }
    }

    #[test]
    fn opcs4_knows_its_marks_for_none() {
        assert_eq!(normalise_opcs4("K40.1").as_deref(), Some("K401"));
        assert_eq!(normalise_opcs4("x29").as_deref(), Some("X29"));
        for sent in ["-", "&", "I10", "K4", "K4012", ""] {
            assert_eq!(normalise_opcs4(sent), None, "{sent}");
        }
    }

    #[test]
    fn bnf_codes_may_be_cut_short() {
        for code in ["0301011R0AAAPAP", "0301011R0", "0301", "03", "13", "21220000101", "2122"] {
            assert!(is_bnf(code), "{code}");
        }
        for text in [
            "0",
            "",
            "3301",
            "0301011R01APAP1",
            "0301011r0",
            "0301011R0AAAPAPX",
            "24010000101",
            "212200001012",
            "03.01",
        ] {
            assert!(!is_bnf(text), "{text}");
        }
    }
}
