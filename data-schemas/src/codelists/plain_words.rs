//! What a stay in hospital was for, in words that anybody understands and that give nothing sensitive away.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::embedded;

/// The words where nothing may or can be said.
pub const ANOTHER_REASON: &str = "another reason";

/// A main condition in plain words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlainReason {
    /// Words that fit after "for": "a chest infection". [`ANOTHER_REASON`] where it is sensitive or unknown.
    pub words: &'static str,
    /// Whether the condition is of a sensitive category and must not be spoken of.
    pub is_sensitive: bool,
}

#[derive(Deserialize)]
struct Row {
    prefix: String,
    words: String,
    is_sensitive: bool,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let mut rows: Vec<Row> = embedded::parse_csv("codelists/icd10_plain_words.csv", embedded::ICD10_PLAIN_WORDS);
    rows.sort_by(|a, b| a.prefix.cmp(&b.prefix));
    rows
});

/// The plain words for an ICD-10 code in the form of [`crate::codes::normalise_icd10`]: those of the longest prefix.
///
/// # Example
/// ```
/// use earlycall_schemas::codelists::{ANOTHER_REASON, plain_reason};
/// assert_eq!(plain_reason("J440").words, "COPD");
/// assert_eq!(plain_reason("S720").words, "a broken hip");
/// assert_eq!((plain_reason("F322").words, plain_reason("F322").is_sensitive), (ANOTHER_REASON, true));
/// assert_eq!((plain_reason("R69").words, plain_reason("R69").is_sensitive), (ANOTHER_REASON, false));
/// ```
pub fn plain_reason(icd10: &str) -> PlainReason {
    let row = (1..=icd10.len()).rev().filter_map(|n| icd10.get(..n)).find_map(find);
    let words = row.map_or("", |row| &row.words);
    PlainReason {
        words: if words.is_empty() { ANOTHER_REASON } else { words },
        is_sensitive: row.is_some_and(|row| row.is_sensitive),
    }
}

fn find(prefix: &str) -> Option<&'static Row> {
    ROWS.binary_search_by(|row| row.prefix.as_str().cmp(prefix)).ok().map(|place| &ROWS[place])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chapter_is_covered_and_no_prefix_is_declared_twice() {
        for letter in 'A'..='Z' {
            let is_covered = (0..=9).all(|digit| {
                let code = format!("{letter}{digit}");
                find(&code).or_else(|| find(&code[..1])).is_some()
            });
            assert!(is_covered, "{letter}");
        }
        assert!(ROWS.windows(2).all(|pair| pair[0].prefix < pair[1].prefix));
    }

    #[test]
    fn sensitive_conditions_have_no_words_at_all() {
        for row in ROWS.iter().filter(|row| row.is_sensitive) {
            assert!(row.words.is_empty(), "{}", row.prefix);
        }
    }

    #[test]
    fn the_sensitive_categories_of_the_design_are_sensitive() {
        let sensitive = "F04 F06 F102 F19 F209 F322 F432 F500 F689 F809 F99 X60 X84 Y10 Y34 T36 T509 T51 T659 K700 K709 \
                         B20 B24 Z21 A50 A539 A64 O021 O039 O800 O994 Z300 Z320 Z332 Z359 Z390 T741 Y05 Y07 Z617 Z629 \
                         R458 Z915 Z865 A601 R75";
        for code in sensitive.split_whitespace() {
            assert_eq!(plain_reason(code), PlainReason { words: ANOTHER_REASON, is_sensitive: true }, "{code}");
        }
        for code in ["F00", "F03", "F051", "F709", "F79", "J449", "I500", "T810", "T887", "X59", "W19", "K746", "Z510"]
        {
            assert!(!plain_reason(code).is_sensitive, "{code}");
        }
    }

    #[test]
    fn the_longest_prefix_wins() {
        assert_eq!(plain_reason("S729").words, "a broken thigh");
        assert_eq!(plain_reason("S7200").words, "a broken hip");
        assert_eq!(plain_reason("I119").words, "high blood pressure");
        assert_eq!(plain_reason("I110").words, "heart failure");
        assert_eq!(plain_reason("N390").words, "a urine infection");
    }

    #[test]
    fn what_is_no_code_is_another_reason() {
        for text in ["", "449", "é", "U"] {
            assert_eq!(plain_reason(text), PlainReason { words: ANOTHER_REASON, is_sensitive: false }, "{text}");
        }
    }
}
