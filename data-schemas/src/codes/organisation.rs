//! Codes of organisations and places: ODS practices, providers and sites, and LSOAs (V22, V23).

/// Whether a text has the form of a practice's ODS code: a letter A to P and five digits, or one of [`NO_PRACTICE`].
pub fn is_practice(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has_form = bytes.len() == 6 && matches!(bytes[0], b'A'..=b'P') && bytes[1..].iter().all(u8::is_ascii_digit);
    has_form || NO_PRACTICE.contains(&text)
}

/// Codes that stand for having no practice: none, not applicable, not known. Such a registration is no registration.
pub const NO_PRACTICE: [&str; 3] = ["V81997", "V81998", "V81999"];

/// Whether a text has the form of a provider's ODS code: three to five capitals and digits, as `R1H`.
pub fn is_provider(text: &str) -> bool {
    is_ods_of_length(text, 3, 5)
}

/// Whether a text has the form of a site's ODS code: five to nine capitals and digits, as `R1HKH`.
pub fn is_site(text: &str) -> bool {
    is_ods_of_length(text, 5, 9)
}

/// Whether a text is the code of a small area of England, Wales, Scotland or Northern Ireland: `E01003644`.
pub fn is_lsoa(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 9
        && matches!(bytes[0], b'E' | b'W' | b'S' | b'N')
        && &bytes[1..3] == b"01"
        && bytes[3..].iter().all(u8::is_ascii_digit)
}

fn is_ods_of_length(text: &str, shortest: usize, longest: usize) -> bool {
    (shortest..=longest).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_form() {
        assert!(is_practice("F99901") && is_practice("V81997") && !is_practice("V81996") && !is_practice("R1H"));
        assert!(is_provider("R1H") && is_provider("RQXM1") && !is_provider("R1") && !is_provider("r1h"));
        assert!(is_site("R1HKH") && is_site("RQXM1") && !is_site("R1H") && !is_site("R1HKH12345"));
        assert!(is_lsoa("E01003644") && is_lsoa("W01000001") && !is_lsoa("E02003644") && !is_lsoa("E0100364"));
    }
}
