//! Stays in hospital as facts: on their day of admission, on their day of discharge, and by the conditions coded.

use earlycall_schemas::catalogue::{
    IS_ALCOHOL_OR_DRUGS, IS_DAY_CASE, IS_ELECTIVE, IS_EMERGENCY, IS_OTHER_STAY, IS_PSYCHIATRIC, IS_REGULAR_ATTENDER,
    IS_SELF_HARM, IS_ZERO_DAY, View,
};

use crate::{
    cohort::stay::{Cip, StayKind},
    features::{fact::Fact, subject::Subject},
    meaning::{self, DiagnosisMeaning},
};

/// Per stay: one fact on its day of admission, one on its day of discharge if it is over, and one per long-term condition
/// coded in it, on the day of admission.
pub(super) fn stays(subject: &Subject, give: &mut impl FnMut(View, Fact)) {
    let mut items: Vec<u16> = Vec::new();
    for cip in subject.cips {
        let stay = stay(cip);
        give(View::HospitalStays, stay);
        if let Some(day) = cip.discharge_date {
            give(View::Discharges, Fact { day, ..stay });
        }
        items.clear();
        items.extend(meanings(cip).flat_map(|meaning| &meaning.conditions));
        items.sort_unstable();
        items.dedup();
        items.iter().for_each(|&item| give(View::StayConditions, Fact { item: Some(item), ..stay }));
    }
}

fn meanings(cip: &Cip) -> impl Iterator<Item = &'static DiagnosisMeaning> {
    cip.diagnoses.iter().map(|code| meaning::of_icd10(code.as_str()))
}

fn stay(cip: &Cip) -> Fact {
    let kind = match cip.kind {
        StayKind::Emergency => IS_EMERGENCY,
        StayKind::Elective => IS_ELECTIVE,
        StayKind::DayCase => IS_DAY_CASE,
        StayKind::RegularAttender => IS_REGULAR_ATTENDER,
        StayKind::SameDayEmergencyCare | StayKind::Maternity | StayKind::Birth | StayKind::Other => IS_OTHER_STAY,
    };
    let tests = [
        (kind, true),
        (IS_ZERO_DAY, cip.discharge_date == Some(cip.admission_date)),
        (IS_PSYCHIATRIC, is_psychiatric(cip)),
        (IS_SELF_HARM, meanings(cip).any(|meaning| meaning.is_self_harm)),
        (IS_ALCOHOL_OR_DRUGS, meanings(cip).any(|meaning| meaning.is_alcohol_or_drugs)),
    ];
    Fact {
        end: cip.discharge_date,
        tests: tests.into_iter().filter(|(_, holds)| *holds).fold(0, |all, (bit, _)| all | bit),
        code: cip.primary,
        ..Fact::on(cip.admission_date)
    }
}

/// Under a mental health specialty, or with a mental or behavioural main condition other than dementia, delirium and
/// learning disability.
fn is_psychiatric(cip: &Cip) -> bool {
    cip.is_mental_health || cip.primary.is_some_and(|code| meaning::of_icd10(code.as_str()).is_of_the_mind)
}
