//! What holds across the lists: codes are unique, every condition can be found, no spoken word is sensitive.

use super::*;

#[test]
fn conditions_are_the_registers_and_the_others() {
    let ids = |holds: fn(&Condition) -> bool| {
        conditions().iter().filter(|c| holds(c)).map(|c| c.id.as_str()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        ids(|c| c.is_register),
        "asthma copd diabetes heart_failure chd atrial_fibrillation stroke_tia hypertension ckd epilepsy dementia \
         depression smi cancer pad rheumatoid_arthritis osteoporosis learning_disability obesity ndh palliative_care"
    );
    assert_eq!(ids(|c| c.is_register && !c.is_coached), "hypertension depression obesity ndh palliative_care");
    assert_eq!(ids(|c| c.is_coached && !c.is_register), "");
    assert_eq!(
        ids(|c| c.is_sensitive),
        "depression smi chronic_liver_disease alcohol_dependence substance_misuse frailty_marker"
    );
    assert_eq!(ids(|c| !c.is_disease), "frailty_marker");
}

#[test]
fn conditions_have_codes_once_each() {
    for condition in conditions() {
        assert!(!condition.icd10.is_empty() || !condition.snomed.is_empty(), "{}", condition.id);
        for n in 1..condition.icd10.len() {
            assert!(!condition.icd10[..n].contains(&condition.icd10[n]), "{} {}", condition.id, condition.icd10[n]);
        }
        assert!(condition.snomed.iter().all(|code| !condition.snomed_resolved.contains(code)), "{}", condition.id);
        assert!(condition.unless.iter().all(|id| super::condition(id).is_some()), "{}", condition.id);
    }
    let mut snomed: Vec<u64> =
        conditions().iter().flat_map(|c| c.snomed.iter().chain(&c.snomed_resolved)).copied().collect();
    snomed.sort_unstable();
    assert!(snomed.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn whatever_has_concepts_names_the_lists_that_take_their_place() {
    let mut names = Vec::new();
    for condition in conditions() {
        assert_eq!(condition.clusters.is_empty(), condition.snomed.is_empty(), "{}", condition.id);
        assert!(!condition.resolving_clusters.is_empty() || condition.snomed_resolved.is_empty(), "{}", condition.id);
        assert!(!condition.is_register || !condition.clusters.is_empty(), "{}", condition.id);
        names.extend(condition.clusters.iter().chain(&condition.resolving_clusters).map(String::as_str));
    }
    let is_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    assert!(names.iter().all(|name| !name.is_empty() && name.bytes().all(is_name)));
    assert_eq!(cluster_names().len(), names.len(), "a list belongs to one condition");
    assert_eq!(names.len(), 36);
}

#[test]
fn register_rules_are_those_of_the_specification() {
    let asthma = condition("asthma").unwrap().needs_medicine.as_ref().unwrap();
    assert_eq!((asthma.within_days, asthma.bnf_prefixes.join(" ").as_str()), (365, "0301 0302 0303"));
    assert_eq!(condition("epilepsy").unwrap().needs_medicine.as_ref().unwrap().within_days, 183);
    assert_eq!(condition("depression").unwrap().not_before, Some((2006, 4)));
    assert_eq!(condition("cancer").unwrap().not_before, Some((2003, 4)));
    assert_eq!(condition("palliative_care").unwrap().not_before, Some((2008, 4)));
    assert_eq!(condition("rheumatoid_arthritis").unwrap().min_age_at_first_record, Some(16));
    assert!(!condition("cancer").unwrap().is_shown_by_icd10("C449"));
    assert!(condition("frailty_marker").unwrap().is_shown_by_icd10("R296"));
}

#[test]
fn no_spoken_word_is_sensitive() {
    let forbidden: Vec<&str> =
        "mental psych depress suicid self-harm alcohol drug abuse addict overdose poison hiv aids \
                                sexual pregnan abort miscarr terminat contracep schizo bipolar anxiety rape assault \
                                safeguard hepatitis"
            .split_whitespace()
            .collect();
    let mut spoken: Vec<&str> = Vec::new();
    spoken.extend(conditions().iter().filter(|c| !c.is_sensitive).map(|c| c.label.as_str()));
    spoken.extend(bnf_sections().iter().filter(|section| !section.is_sensitive).map(|section| section.label.as_str()));
    spoken.extend(observations().iter().map(|observation| observation.label.as_str()));
    for letter in 'A'..='Z' {
        for number in 0..10_000 {
            spoken.push(plain_reason(&format!("{letter}{number:04}")).words);
        }
    }
    for words in spoken {
        let lower = words.to_lowercase();
        assert!(!forbidden.iter().any(|word| lower.contains(word)), "{words}");
        assert!(!words.is_empty());
    }
}
