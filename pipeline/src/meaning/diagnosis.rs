//! What an ICD-10 code of a stay means.

use std::sync::LazyLock;

use earlycall_schemas::codelists;

use super::{positions, table::Table};

/// What a diagnosis of a stay says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiagnosisMeaning {
    /// Conditions that it shows.
    pub conditions: Vec<u16>,
    /// Charlson groups to which it belongs.
    pub charlson_groups: Vec<u16>,
    /// Points of its three-character category in the Hospital Frailty Risk Score, in tenths.
    pub frailty_tenths: Option<i64>,
    /// Mental or behavioural, other than dementia, delirium and learning disability.
    pub is_of_the_mind: bool,
    /// Intentional self-harm (X60 to X84) or its late effects (Y87.0).
    pub is_self_harm: bool,
    /// One of the two conditions that are about alcohol and drugs, or acute poisoning by either.
    pub is_alcohol_or_drugs: bool,
}

/// The meaning of an ICD-10 code in the form of [`earlycall_schemas::codes::normalise_icd10`]; other text means nothing.
pub fn of_icd10(code: &str) -> &'static DiagnosisMeaning {
    DIAGNOSES.at(place(code))
}

static DIAGNOSES: LazyLock<Table<DiagnosisMeaning>> = LazyLock::new(|| {
    let categories = (b'A'..=b'Z').flat_map(|letter| (0..100).map(move |n| format!("{}{n:02}", char::from(letter))));
    let texts = categories.flat_map(|category| {
        let longer: Vec<String> = (0..10).map(|digit| format!("{category}{digit}")).collect();
        std::iter::once(category).chain(longer)
    });
    Table::new(texts, place, meaning)
});

/// A place per category, and one per category and fourth digit; 0 for what is no ICD-10 code. No beginning in the lists
/// is longer than four characters.
fn place(code: &str) -> usize {
    let digit = |byte: &u8| usize::from(byte - b'0');
    match code.as_bytes() {
        [letter @ b'A'..=b'Z', tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] => {
            let category = 100 * usize::from(letter - b'A') + 10 * digit(tens) + digit(ones);
            let fourth = rest.first().filter(|byte| byte.is_ascii_digit()).map_or(0, |byte| 1 + digit(byte));
            1 + 11 * category + fourth
        }
        _ => 0,
    }
}

fn meaning(code: &str) -> DiagnosisMeaning {
    let begins_with_any = |starts: &[&str]| starts.iter().any(|start| code.starts_with(start));
    let conditions = positions(codelists::conditions(), |one| one.is_shown_by_icd10(code));
    let is_named =
        |&n: &u16| ["alcohol_dependence", "substance_misuse"].contains(&&*codelists::conditions()[n as usize].id);
    DiagnosisMeaning {
        charlson_groups: positions(codelists::charlson_groups(), |group| {
            group.icd10.iter().any(|start| code.starts_with(start.as_str()))
        }),
        frailty_tenths: codelists::hfrs_points_tenths(&code[..3]),
        is_of_the_mind: code.starts_with('F') && !begins_with_any(&["F00", "F01", "F02", "F03", "F05", "F7"]),
        is_self_harm: ("X60"..="X84").contains(&&code[..3]) || code.starts_with("Y870"),
        is_alcohol_or_drugs: conditions.iter().any(is_named) || begins_with_any(&["T40", "T51"]),
        conditions,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnosis_is_found_by_how_its_code_begins() {
        for code in ["J441", "I110", "N183", "S720", "F102", "C349", "E112", "I252", "M45", "M8000", "", "J", "j441"] {
            let named =
                |found: &[u16]| found.iter().map(|&n| &*codelists::conditions()[n as usize].id).collect::<Vec<_>>();
            let expected = codelists::conditions().iter().filter(|condition| condition.is_shown_by_icd10(code));
            assert_eq!(named(&of_icd10(code).conditions), expected.map(|one| &*one.id).collect::<Vec<_>>(), "{code}");
        }
        assert_eq!(of_icd10("F051").frailty_tenths, Some(32));
        assert!(of_icd10("X609").is_self_harm && of_icd10("X84").is_self_harm && of_icd10("Y870").is_self_harm);
        assert!(!of_icd10("X599").is_self_harm && !of_icd10("Y871").is_self_harm);
        assert!(of_icd10("T510").is_alcohol_or_drugs && !of_icd10("F171").is_alcohol_or_drugs);
        assert!(of_icd10("F329").is_of_the_mind && !of_icd10("F03").is_of_the_mind && !of_icd10("F719").is_of_the_mind);
    }

    #[test]
    fn every_beginning_of_a_diagnosis_fits_the_table() {
        let conditions = codelists::conditions().iter().flat_map(|condition| &condition.icd10);
        for start in conditions.chain(codelists::charlson_groups().iter().flat_map(|group| &group.icd10)) {
            assert!((3..=4).contains(&start.len()) && place(start) > 0, "{start}");
        }
    }
}
