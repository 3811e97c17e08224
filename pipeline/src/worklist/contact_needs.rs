//! What helps before the call: main language, interpreter, ways in which somebody needs information, and carers.

use std::collections::BTreeSet;

use earlycall_schemas::codelists::{
    AccessibleNeed, Caring, MainLanguage, accessible_need, accessible_needs, main_language,
};

use super::{
    columns::{NO_DATA, NONE},
    compose::capitalised,
};
use crate::history::records::{GpEvent, Patient};

/// A person's contact needs as one text: "Speaks Bengali; interpreter needed; needs large print". "None recorded" where the
/// record answers and there is no need, "No data" where it is silent. `gp_events` are by date.
pub(super) fn in_words(patient: &Patient, gp_events: &[GpEvent]) -> String {
    let listed: BTreeSet<usize> =
        patient.accessible_needs.iter().filter_map(|concept| accessible_need(*concept)).collect();
    let listed: Vec<&AccessibleNeed> = listed.into_iter().map(|at| &accessible_needs()[at]).collect();
    let names_interpreter = listed.iter().any(|need| need.is_interpreter);
    let language = main_language(patient.main_language.as_str());
    let interpreter = match patient.interpreter_needed {
        Some(true) if !names_interpreter => Some("interpreter needed"),
        Some(false) if !names_interpreter && is_spoken_elsewhere(language) => Some("no interpreter needed"),
        _ => None,
    };
    let has_more = patient.accessible_needs.iter().any(|concept| accessible_need(*concept).is_none());
    let mut needs: Vec<String> = language_in_words(language).into_iter().collect();
    needs.extend(interpreter.map(str::to_owned));
    for need in listed {
        // Several concepts may have the same words.
        if !needs.contains(&need.words) {
            needs.push(need.words.clone());
        }
    }
    needs.extend(has_more.then(|| "has an accessible-information need (see the record)".to_owned()));
    needs.extend(Caring::ALL.iter().filter_map(|caring| carer(*caring, gp_events)));
    let is_silent = language == MainLanguage::NotRecorded && patient.interpreter_needed.is_none();
    match needs.is_empty() {
        true if is_silent => NO_DATA.to_owned(),
        true => NONE.to_owned(),
        false => capitalised(&needs.join("; ")),
    }
}

/// What the GP record last said of a carer, and when: it may be so no longer.
fn carer(caring: Caring, gp_events: &[GpEvent]) -> Option<String> {
    let says = |event: &&GpEvent| event.means.is_some_and(|means| means.caring == Some(caring));
    let last = gp_events.iter().rfind(says)?;
    Some(format!("{} (GP record, {})", caring.in_words(), last.date.date().year()))
}

/// Of English nothing need be said.
fn language_in_words(language: MainLanguage) -> Option<String> {
    match language {
        MainLanguage::NotRecorded => None,
        MainLanguage::Known(language) if language.family == "English" => None,
        MainLanguage::Known(language) if language.family == "sign language" => Some(format!("uses {}", language.name)),
        MainLanguage::Known(language) => Some(format!("speaks {}", language.name)),
        MainLanguage::Another => Some("speaks another language".to_owned()),
        MainLanguage::Unlisted => Some("main language: see the record".to_owned()),
    }
}

fn is_spoken_elsewhere(language: MainLanguage) -> bool {
    language_in_words(language).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cohort::tests::life::person, history::records::Code};

    #[track_caller]
    fn check(language: &str, interpreter_needed: Option<bool>, accessible_needs: &[u64], expected: &str) {
        let main_language = Code::new(language);
        let accessible_needs = accessible_needs.to_vec();
        let patient = Patient { main_language, interpreter_needed, accessible_needs, ..Patient::default() };
        assert_eq!(in_words(&patient, &[]), expected);
    }

    #[test]
    fn a_carer_is_told_with_the_year_of_the_last_entry() {
        let somebody = person(
            "code 2015-03-01 184140000
             code 2021-07-01 184140000
             code 2019-01-01 224484003
             code 2022-01-01 13645005",
        );
        let told = in_words(&somebody.patient, &somebody.gp_events);
        assert_eq!(told, "Has a carer (GP record, 2021); cares for somebody (GP record, 2019)");
    }

    /// Two concepts of large print, a British Sign Language interpreter, and one that is no need at all.
    const LARGE_PRINT: [u64; 2] = [957_331_000_000_109, 957_371_000_000_106];
    const SIGNED: u64 = 204_331_000_000_107;
    const UNLISTED: u64 = 44_054_006;

    #[test]
    fn what_is_needed_is_said_in_one_breath() {
        check("bn", Some(true), &LARGE_PRINT, "Speaks Bengali; interpreter needed; needs large print");
        check("pl", Some(false), &[], "Speaks Polish; no interpreter needed");
        check("tr", None, &[], "Speaks Turkish");
        check("en-GB", Some(true), &[], "Interpreter needed");
        check("mt", None, &[], "Speaks another language");
        check("bfi", Some(true), &[SIGNED], "Uses British Sign Language; needs a British Sign Language interpreter");
    }

    #[test]
    fn what_is_not_listed_is_told_as_that_and_never_by_its_code() {
        check("160000000", None, &[], "Main language: see the record");
        check("", None, &[UNLISTED], "Has an accessible-information need (see the record)");
        check(
            "en",
            None,
            &[UNLISTED, LARGE_PRINT[0]],
            "Needs large print; has an accessible-information need (see the record)",
        );
    }

    #[test]
    fn no_need_is_another_thing_than_no_data() {
        check("", None, &[], "No data");
        check("", Some(false), &[], "None recorded");
        check("en", None, &[], "None recorded");
    }
}
