//! Stays in hospital as facts: on their day of admission, on their day of discharge, and by the conditions coded.

use earlycall_schemas::{
    catalogue::{
        IS_ALCOHOL_OR_DRUGS, IS_DAY_CASE, IS_ELECTIVE, IS_EMERGENCY, IS_OTHER_STAY, IS_PSYCHIATRIC,
        IS_REGULAR_ATTENDER, IS_SELF_HARM, IS_ZERO_DAY,
    },
    codelists,
};

use super::prefixes;
use crate::{
    cohort::stay::{Cip, StayKind},
    features::{fact::Fact, subject::Subject},
};

/// One fact per stay, on its day of admission.
pub(super) fn stays(subject: &Subject) -> Vec<Fact> {
    subject.cips.iter().map(stay).collect()
}

/// One fact per stay that is over, on its day of discharge.
pub(super) fn discharges(subject: &Subject) -> Vec<Fact> {
    let over = subject.cips.iter().filter_map(|cip| Some((cip, cip.discharge_date?)));
    over.map(|(cip, day)| Fact { day, ..stay(cip) }).collect()
}

/// One fact per stay and long-term condition coded in it, on the day of admission.
pub(super) fn conditions(subject: &Subject) -> Vec<Fact> {
    let mut facts = Vec::new();
    for cip in subject.cips {
        let stay = stay(cip);
        let mut items: Vec<u16> =
            cip.diagnoses.iter().flat_map(|code| prefixes::CONDITIONS.of(code.as_str())).collect();
        items.sort_unstable();
        items.dedup();
        facts.extend(items.into_iter().map(|item| Fact { item: Some(item), ..stay }));
    }
    facts
}

fn stay(cip: &Cip) -> Fact {
    let kind = match cip.kind {
        StayKind::Emergency => IS_EMERGENCY,
        StayKind::Elective => IS_ELECTIVE,
        StayKind::DayCase => IS_DAY_CASE,
        StayKind::RegularAttender => IS_REGULAR_ATTENDER,
        StayKind::SameDayEmergencyCare | StayKind::Maternity | StayKind::Birth | StayKind::Other => IS_OTHER_STAY,
    };
    let any = |test: fn(&str) -> bool| cip.diagnoses.iter().any(|code| test(code.as_str()));
    let tests = [
        (kind, true),
        (IS_ZERO_DAY, cip.discharge_date == Some(cip.admission_date)),
        (IS_PSYCHIATRIC, is_psychiatric(cip)),
        (IS_SELF_HARM, any(is_self_harm)),
        (IS_ALCOHOL_OR_DRUGS, any(is_alcohol_or_drugs)),
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
    let code = cip.primary.as_ref().map_or("", |code| code.as_str());
    let is_of_the_mind =
        code.starts_with('F') && !["F00", "F01", "F02", "F03", "F05", "F7"].iter().any(|p| code.starts_with(p));
    cip.is_mental_health || is_of_the_mind
}

/// ICD-10 X60 to X84 is intentional self-harm, Y87.0 its late effects.
fn is_self_harm(code: &str) -> bool {
    code.get(..3).is_some_and(|category| ("X60"..="X84").contains(&category)) || code.starts_with("Y870")
}

/// The two conditions of the code lists that are about alcohol and drugs, and acute poisoning by either.
fn is_alcohol_or_drugs(code: &str) -> bool {
    let is_one =
        |item: u16| ["alcohol_dependence", "substance_misuse"].contains(&&*codelists::conditions()[item as usize].id);
    prefixes::CONDITIONS.of(code).any(is_one) || ["T40", "T51"].iter().any(|prefix| code.starts_with(prefix))
}
