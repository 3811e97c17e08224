//! Which ICD-10 codes the hospitals of England use, to tell codes of another dialect from rare ones.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::embedded;

/// How an ICD-10 code is unlike those that hospitals of England send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unusual {
    /// It has a fifth character outside bones, joints (M) and injuries (S, T), as codes of ICD-10-CM have.
    FifthCharacter,
    /// No hospital of England sent it in a year: a code of ICD-10-CM, of another edition, or a very rare one.
    NotInUse,
}

impl Unusual {
    /// What such a code is.
    pub fn in_words(self) -> &'static str {
        match self {
            Unusual::FifthCharacter => "looks like ICD-10-CM (a fifth character outside M, S and T)",
            Unusual::NotInUse => "is not in use in England (ICD-10-CM, another edition, or very rare)",
        }
    }
}

/// How a code in the form of [`crate::codes::normalise_icd10`] is unlike those in use; `None` for one that is in use, and
/// for a category that is, without its fourth character.
///
/// # Example
/// ```
/// use earlycall_schemas::codelists::{Unusual, unusual_icd10};
/// assert_eq!(unusual_icd10("Z9181"), Some(Unusual::FifthCharacter)); // Z91.81 of ICD-10-CM
/// assert_eq!(unusual_icd10("N186"), Some(Unusual::NotInUse)); // N18.6 of ICD-10-CM; N18.5 here
/// assert_eq!(unusual_icd10("N185"), None);
/// assert_eq!(unusual_icd10("M8005"), None);
/// ```
pub fn unusual_icd10(code: &str) -> Option<Unusual> {
    let (category, details) = code.split_at_checked(3)?;
    if details.len() > 1 && !category.starts_with(['M', 'S', 'T']) {
        return Some(Unusual::FifthCharacter);
    }
    let at = IN_USE.binary_search_by(|known| known.category.as_str().cmp(category));
    let is_in_use = at.is_ok_and(|at| details.chars().next().is_none_or(|fourth| IN_USE[at].fourth.contains(fourth)));
    (!is_in_use).then_some(Unusual::NotInUse)
}

#[derive(Deserialize)]
struct Category {
    category: String,
    /// Every fourth character in use; X where there is none.
    fourth: String,
}

static IN_USE: LazyLock<Vec<Category>> =
    LazyLock::new(|| embedded::parse_csv("codelists/icd10_in_use.csv", embedded::ICD10_IN_USE));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::normalise_icd10;

    #[test]
    fn codes_in_use_are_told_from_others() {
        assert!(IN_USE.windows(2).all(|pair| pair[0].category < pair[1].category));
        assert_eq!((IN_USE.len(), IN_USE.iter().map(|known| known.fourth.len()).sum::<usize>()), (2035, 11_346));
        for sent in ["I10X", "I10", "J44.9", "E87", "U071", "S72.00", "G63.2*"] {
            assert_eq!(unusual_icd10(&normalise_icd10(sent).unwrap()), None, "{sent}");
        }
        for (sent, expected) in [
            ("E11.65", Unusual::FifthCharacter),
            ("Z9181", Unusual::FifthCharacter),
            ("N18.6", Unusual::NotInUse),
            ("U999", Unusual::NotInUse),
            ("M98.0", Unusual::NotInUse),
        ] {
            assert_eq!(unusual_icd10(&normalise_icd10(sent).unwrap()), Some(expected), "{sent}");
        }
    }
}
