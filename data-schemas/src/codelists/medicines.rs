//! Sections of the British National Formulary that features count, in words a coach can say.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use crate::embedded;

/// A section of the BNF, or a chapter of appliances.
#[derive(Clone, Debug, Deserialize)]
pub struct BnfSection {
    /// Beginning of the BNF codes in it: `0301`, or `23` for a chapter of appliances.
    pub code: String,
    /// Plain words for the middle of a sentence; empty for a sensitive section.
    pub label: String,
    /// Whether it must never be spoken of.
    pub is_sensitive: bool,
}

static SECTIONS: LazyLock<Vec<BnfSection>> =
    LazyLock::new(|| embedded::parse_csv("codelists/bnf_sections.csv", embedded::BNF_SECTIONS));

/// Every section that features count, by code.
pub fn bnf_sections() -> &'static [BnfSection] {
    &SECTIONS
}

/// The section that a BNF code belongs to; `None` for one we do not count, or a code too short to tell.
pub fn bnf_section(bnf: &str) -> Option<&'static BnfSection> {
    bnf_sections().iter().find(|section| bnf.starts_with(&section.code))
}

static CLASSES: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Row {
        class: String,
        bnf: String,
    }
    let mut classes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in embedded::parse_csv::<Row>("codelists/medicine_classes.csv", embedded::MEDICINE_CLASSES) {
        classes.entry(row.class).or_default().push(row.bnf);
    }
    classes
});

/// Beginnings of the BNF codes of a class of medicines that care gaps ask for; `None` for a class that there is not.
///
/// # Example
/// ```
/// use earlycall_schemas::codelists::medicine_class;
/// assert_eq!(medicine_class("reliever_inhaler").unwrap(), ["0301011R0", "0301011V0"]);
/// assert!(medicine_class("relief").is_none());
/// ```
pub fn medicine_class(class: &str) -> Option<&'static [String]> {
    CLASSES.get(class).map(Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::is_bnf;

    #[test]
    fn no_section_holds_another_and_only_sensitive_ones_have_no_words() {
        for (i, section) in bnf_sections().iter().enumerate() {
            assert!(is_bnf(&section.code), "{}", section.code);
            assert_eq!(section.label.is_empty(), section.is_sensitive, "{}", section.code);
            let others = bnf_sections().iter().skip(i + 1);
            assert!(
                others.into_iter().all(|other| other.code > section.code && !other.code.starts_with(&section.code))
            );
        }
    }

    #[test]
    fn a_code_finds_its_section() {
        assert_eq!(bnf_section("0301011R0AAAPAP").unwrap().label, "inhalers that open the airways");
        assert!(bnf_section("0403030Q0").unwrap().is_sensitive);
        assert_eq!(bnf_section("23350501234").unwrap().code, "23");
        assert!(bnf_section("03").is_none() && bnf_section("1901").is_none());
    }

    #[test]
    fn every_class_begins_like_bnf_codes_and_none_is_of_a_sensitive_section() {
        for (class, prefixes) in CLASSES.iter() {
            for bnf in prefixes {
                assert!(is_bnf(bnf), "{class}: {bnf}");
                assert!(bnf_section(bnf).is_some_and(|section| !section.is_sensitive), "{class}: {bnf}");
            }
        }
    }

    #[test]
    fn whole_chapters_are_never_spoken_of() {
        for code in ["0401", "0402", "0403", "0404", "0410", "0503", "0701", "0702", "0703"] {
            assert!(bnf_section(code).unwrap().is_sensitive, "{code}");
        }
    }
}
