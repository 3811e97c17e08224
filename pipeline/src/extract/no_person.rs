//! What stands where a pseudonym should, told by its form and never by itself (V04).

use earlycall_schemas::codes::is_person_id;
use earlycall_schemas::table::ColumnSpec;

use crate::error::Error;

/// Digits of an NHS number.
const NHS_NUMBER_DIGITS: usize = 10;

/// The refusal of a file for a cell that is no pseudonym.
pub(super) fn refusal(spec: &ColumnSpec, cell: &str) -> Error {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let n_digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let (form, what_to_do) = if is_person_id(&cell.to_ascii_lowercase()) {
        (
            "one in capitals",
            "have pseudonyms written in lower-case letters; in two ways of writing one person would be two",
        )
    } else if is_person_id(cell.trim()) {
        (
            "one with blanks around it",
            "have pseudonyms written without blanks; in two ways of writing one person would be two",
        )
    } else if cell == spec.name {
        (
            "the name of the column",
            "the header is there again among the rows: have the file sent with one, and its rows counted anew",
        )
    } else if n_digits == NHS_NUMBER_DIGITS && cell.len() < 2 * NHS_NUMBER_DIGITS {
        (
            "ten digits, as an NHS number has",
            "delete the file, tell the supplier, and report it as a data incident; nothing of it was stored",
        )
    } else if is_hex(cell) {
        (
            "hexadecimal of another length",
            "it was made by another tool, or cut: have the file pseudonymised as all others are",
        )
    } else {
        ("something else", "NHS numbers must never reach this program; look at the file, and tell the supplier")
    };
    let what = format!("is not a pseudonym of 64 lower-case hexadecimal characters, but {form}");
    Error::refused(what, what_to_do).rule("V04")
}

#[cfg(test)]
mod tests {
    use earlycall_schemas::table::table;

    use super::*;

    #[test]
    fn what_is_no_pseudonym_is_told_by_its_form_and_never_repeated() {
        let spec = table("deaths").unwrap().column("person_id").unwrap();
        let key = "0123456789abcdef".repeat(4);
        for (cell, form) in [
            (key.to_uppercase(), "one in capitals; hint: have pseudonyms written in lower-case letters"),
            (format!(" {key}"), "one with blanks around it; hint: have pseudonyms written without blanks"),
            ("person_id".to_owned(), "the name of the column; hint: the header is there again"),
            ("943 476 5919".to_owned(), "ten digits, as an NHS number has; hint: delete the file"),
            (key[1..].to_owned(), "hexadecimal of another length; hint: it was made by another tool"),
            ("Smith".to_owned(), "something else; hint: NHS numbers must never reach this program"),
        ] {
            let told = refusal(spec, &cell).to_string();
            assert!(
                told.contains(&format!(
                    "rule V04: is not a pseudonym of 64 lower-case hexadecimal characters, but {form}"
                )),
                "{told}"
            );
            assert!(cell == "person_id" || !told.contains(cell.trim()), "{told}");
        }
    }
}
