//! How to speak with somebody: main languages, the ways in which people need information, and carers, in plain words.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::embedded;

/// The families by which reports tell main languages, in the order in which they are told.
pub const LANGUAGE_FAMILIES: [&str; 7] =
    ["English", "South Asian", "European", "Middle Eastern", "African", "East Asian", "sign language"];

/// A language that is known by name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Language {
    code: String,
    /// Its name: "Bengali".
    #[serde(rename = "language")]
    pub name: String,
    /// One of [`LANGUAGE_FAMILIES`].
    pub family: String,
}

/// What a recorded main language tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MainLanguage {
    /// Nothing is recorded.
    NotRecorded,
    /// A language of the list.
    Known(&'static Language),
    /// An ISO 639 code that is not on the list: not English, whose codes all are.
    Another,
    /// Something else, such as a concept that is not on the list: it may be any language.
    Unlisted,
}

/// A way in which somebody needs information, or to be spoken with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AccessibleNeed {
    snomed: u64,
    /// Words for the middle of a sentence: "needs large print".
    pub words: String,
    /// Whether it names an interpreter.
    pub is_interpreter: bool,
}

/// What an entry of the GP record says of caring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caring {
    /// Somebody cares for the person.
    HasCarer,
    /// The person cares for somebody.
    CaresForSomebody,
}

impl Caring {
    /// Both, in the order in which they are told.
    pub const ALL: [Caring; 2] = [Caring::HasCarer, Caring::CaresForSomebody];

    /// Words for the middle of a sentence.
    pub fn in_words(self) -> &'static str {
        match self {
            Caring::HasCarer => "has a carer",
            Caring::CaresForSomebody => "cares for somebody",
        }
    }
}

#[derive(Deserialize)]
struct CarerConcept {
    snomed: u64,
    says: Caring,
}

static LANGUAGES: LazyLock<Vec<Language>> =
    LazyLock::new(|| embedded::parse_csv("codelists/languages.csv", embedded::LANGUAGES));
static NEEDS: LazyLock<Vec<AccessibleNeed>> =
    LazyLock::new(|| embedded::parse_csv("codelists/accessible_needs.csv", embedded::ACCESSIBLE_NEEDS));

static CARERS: LazyLock<Vec<CarerConcept>> =
    LazyLock::new(|| embedded::parse_csv("codelists/carer_snomed.csv", embedded::CARER_SNOMED));

/// The main language that a code stands for: ISO 639 in two or three letters, also with a region (`en-GB`), or a SNOMED CT
/// concept.
///
/// # Example
/// ```
/// use earlycall_schemas::codelists::{MainLanguage, main_language};
/// let name = |code| match main_language(code) {
///     MainLanguage::Known(language) => Some(&*language.name),
///     _ => None,
/// };
/// assert_eq!(name("bn"), Some("Bengali"));
/// assert_eq!(name("en-GB"), Some("English"));
/// assert_eq!(main_language("mt"), MainLanguage::Another);
/// assert_eq!(main_language("160000000"), MainLanguage::Unlisted);
/// assert_eq!(main_language(""), MainLanguage::NotRecorded);
/// ```
pub fn main_language(code: &str) -> MainLanguage {
    let primary = code.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let is_iso = (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_lowercase());
    match LANGUAGES.iter().find(|language| language.code == primary) {
        _ if code.is_empty() => MainLanguage::NotRecorded,
        Some(language) => MainLanguage::Known(language),
        // "Undetermined", "multiple", "no linguistic content" and "uncoded" name no language.
        None if is_iso && !["und", "mul", "zxx", "mis"].contains(&&*primary) => MainLanguage::Another,
        None => MainLanguage::Unlisted,
    }
}

/// The listed ways, in the order in which they matter to whoever is about to phone.
pub fn accessible_needs() -> &'static [AccessibleNeed] {
    &NEEDS
}

/// The place of a SNOMED CT concept among [`accessible_needs`]; `None` for one that is not listed.
pub fn accessible_need(snomed: u64) -> Option<usize> {
    NEEDS.iter().position(|need| need.snomed == snomed)
}

/// The SNOMED CT concepts about carers, each with what it says.
pub fn caring_concepts() -> impl Iterator<Item = (u64, Caring)> {
    CARERS.iter().map(|concept| (concept.snomed, concept.says))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::codes::SnomedCode;

    #[test]
    fn every_code_stands_for_one_language_of_a_family_that_is_told() {
        let codes: BTreeSet<&String> = LANGUAGES.iter().map(|language| &language.code).collect();
        assert_eq!(codes.len(), LANGUAGES.len());
        assert!(LANGUAGES.iter().all(|language| LANGUAGE_FAMILIES.contains(&&*language.family)));
        assert!(LANGUAGE_FAMILIES.iter().all(|family| LANGUAGES.iter().any(|language| language.family == *family)));
    }

    #[test]
    fn every_need_has_a_concept_of_its_own_and_words_for_the_middle_of_a_sentence() {
        let concepts: BTreeSet<u64> = NEEDS.iter().map(|need| need.snomed).collect();
        assert_eq!(concepts.len(), NEEDS.len());
        assert!(NEEDS.iter().all(|need| SnomedCode::parse(&need.snomed.to_string()).is_some()));
        assert!(NEEDS.iter().all(|need| need.words.starts_with(char::is_lowercase) && !need.words.contains(';')));
        assert_eq!(accessible_need(957_331_000_000_109).map(|at| &*NEEDS[at].words), Some("needs large print"));
        assert_eq!(accessible_need(44_054_006), None);
    }

    #[test]
    fn every_concept_about_carers_is_one_and_each_thing_can_be_said() {
        assert!(caring_concepts().all(|(concept, _)| SnomedCode::parse(&concept.to_string()).is_some()));
        assert!(Caring::ALL.iter().all(|caring| caring_concepts().any(|(_, says)| says == *caring)));
    }

    #[test]
    fn what_names_no_language_is_not_taken_for_a_foreign_one() {
        for code in ["und", "zxx", "e", "english", "161139006x"] {
            assert_eq!(main_language(code), MainLanguage::Unlisted, "{code}");
        }
    }
}
