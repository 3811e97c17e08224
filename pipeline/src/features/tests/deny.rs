//! Nothing sensitive is ever told (specification R21), whatever is in the record.

use earlycall_schemas::{catalogue::ItemList, codelists};

use super::support::Life;
use crate::{cohort::stay::StayKind::*, features::Known};

/// Beginnings of words that no sentence may contain, in lower case.
pub(crate) const DENIED: &[&str] = &[
    "abort",
    "abus",
    "alcohol",
    "anxi",
    "bipolar",
    "contracep",
    "depress",
    "detain",
    "drink",
    "drug",
    "f1",
    "f2",
    "f3",
    "fertil",
    "harm",
    "hepatitis",
    "hiv",
    "mental",
    "methadone",
    "miscarr",
    "misus",
    "mood",
    "neglect",
    "overdose",
    "poison",
    "pregnan",
    "psych",
    "psychos",
    "safeguard",
    "schizo",
    "self",
    "sexual",
    "suicid",
    "terminat",
    "violen",
];

/// Codes of every sensitive category, one stay each.
const CODES: &[&str] = &[
    "F100", "F112", "F200", "F319", "F322", "F419", "F430", "F500", "F600", "F840", "X609", "X780", "X840", "Y870",
    "Z915", "T401", "T510", "O049", "O039", "O021", "O069", "B200", "B24", "Z21", "A510", "A539", "A549", "A600",
    "K700", "K703", "B182", "Z302", "Z640", "T740", "T741", "T742", "Y070", "R456", "R458", "Z717", "Z502", "Z503",
    "Z722", "Z864", "N979",
];

/// A life with everything sensitive in it, and COPD.
fn life() -> Life {
    let mut life = Life::new().condition("copd", "2019-03-01");
    for (n, code) in CODES.iter().enumerate() {
        let kind = [Emergency, Elective, DayCase, Maternity, Other][n % 5];
        let from = super::support::index_date() - (n as i32 * 7 + 20);
        life = life.stay_on(kind, from, Some(from + n as i32 % 4), code).under_mental_health();
    }
    for condition in codelists::conditions().iter().filter(|condition| condition.is_sensitive) {
        life = life.condition(&condition.id, "2020-01-01");
    }
    for section in ItemList::BnfSections.items().iter().filter(|section| section.sensitive) {
        life = life.prescription("2026-10-01", &section.name).prescription("2026-11-01", &section.name);
    }
    life.imd_decile = Some(1);
    life
}

#[test]
fn no_sentence_and_no_heading_contains_a_denied_word_or_a_sensitive_label() {
    let told = life().told();
    assert!(told.len() >= 5, "the life has plenty to tell");
    let labels: Vec<String> = codelists::conditions()
        .iter()
        .filter(|known| known.is_sensitive)
        .map(|known| known.label.to_lowercase())
        .collect();
    assert!(labels.len() >= 4);
    let sentences =
        told.into_iter().map(|told| told.sentence).chain(life().stated().into_values().flat_map(|stated| {
            let (Known::Fact(words) | Known::Nothing(words) | Known::Missing(words)) = stated.known;
            [stated.about.to_owned(), words]
        }));
    // What a dietitian prescribes is no drink that could shame anybody.
    for sentence in sentences.map(|sentence| sentence.to_lowercase().replace("nutrition drinks", "")) {
        let words = sentence.split(|letter: char| !letter.is_alphanumeric());
        for word in words {
            assert!(!DENIED.iter().any(|denied| word.starts_with(denied)), "{word}: {sentence}");
        }
        assert!(!labels.iter().any(|label| sentence.contains(label.as_str())), "{sentence}");
    }
}

#[test]
fn a_sensitive_main_condition_reads_another_reason() {
    for code in CODES.iter().filter(|code| !code.starts_with('O')) {
        let life = Life::new().stay(Emergency, "2026-05-03", "2026-05-04", code);
        assert_eq!(
            life.sentence("emergency_admissions").unwrap(),
            "1 emergency admission in the last 12 months, on 3 May 2026 for another reason",
            "{code}",
        );
    }
}

#[test]
fn a_number_never_betrays_what_the_words_leave_out() {
    let life = life();
    assert!(life.number("conditions_n") > 4);
    assert_eq!(life.sentence("conditions_n"), None, "one condition may be told, and its own flag tells it");
    let life = life.condition("asthma", "2018-03-01");
    assert_eq!(
        life.sentence("conditions_n").unwrap(),
        "Has 2 long-term conditions: asthma and COPD, the newest since 1 March 2019"
    );
    let stay = Life::new().stay(Emergency, "2026-05-03", "2026-05-04", "B24");
    assert_eq!((stay.number("charlson_points_730d"), stay.sentence("charlson_points")), (6, None));
}

#[test]
fn sensitive_entries_have_no_sentence_at_all() {
    let told = life().told();
    for statement in [
        "psychiatric_admissions_n",
        "self_harm_admissions_n",
        "alcohol_or_drug_admissions_n",
        "imd_decile",
        "is_male",
        "has_smi",
    ] {
        assert!(told.iter().all(|told| told.statement != statement), "{statement}");
    }
}
