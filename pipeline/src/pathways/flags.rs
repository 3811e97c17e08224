//! What is to be checked about somebody before a call, or keeps them off a list.

use earlycall_schemas::{
    codelists::{acute_trust_name, site_name},
    pathways::Flag,
};

use crate::{
    cohort::{
        Assessed, Circumstances,
        standing::bed_now,
        stay::{Cip, StayKind},
        unplanned,
    },
    day::Day,
};

/// What to know of a confidential record, of which the cells about place, practice and contact say "Withheld".
const PROTECTED: &str = "Protected record: only the practice can say who this is";

/// Flags of a person, a bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    /// The flags of one person on an index date.
    pub fn of(assessed: &Assessed, at: &Circumstances) -> Flags {
        let is_on = |flag: &Flag| has(*flag, assessed, at);
        Flags(Flag::ALL.into_iter().filter(is_on).map(|flag| 1 << flag as u8).sum())
    }

    /// The first of some flags that is among them.
    pub fn first_of(self, some: &[Flag]) -> Option<Flag> {
        some.iter().copied().find(|flag| self.0 >> *flag as u8 & 1 == 1)
    }
}

/// Those of some flags that somebody has, in words; first of all that their record is protected, if it is.
pub fn told(some: &[Flag], assessed: &Assessed, at: &Circumstances) -> Vec<String> {
    let on = Flag::ALL.into_iter().filter(|flag| some.contains(flag) && has(*flag, assessed, at));
    let protected = assessed.person.patient.is_confidential.then(|| PROTECTED.to_owned());
    protected.into_iter().chain(on.map(|flag| in_words(flag, assessed, at))).collect()
}

/// Why somebody is not on a list, to whoever had them on it.
pub fn why_off(flag: Flag) -> &'static str {
    match flag {
        Flag::InHospital => "in hospital now",
        Flag::LeftHospital => "left hospital within the last week",
        Flag::InAe => "in A&E within the last week",
        Flag::CareHome => "lives in a care home",
        Flag::Housebound => "housebound",
        Flag::Dementia => "on the register of dementia",
        Flag::LearningDisability => "on the register of learning disability",
    }
}

fn has(flag: Flag, assessed: &Assessed, at: &Circumstances) -> bool {
    let patient = &assessed.person.patient;
    let is_on_register = |id: &str| assessed.conditions.iter().any(|record| record.condition.id == id);
    match flag {
        Flag::InHospital => bed_now(assessed.person, at.index_date).is_some(),
        Flag::LeftHospital => left_hospital(assessed, at).is_some(),
        Flag::InAe => in_ae(assessed, at).is_some(),
        Flag::CareHome => patient.care_home_resident == Some(true),
        Flag::Housebound => patient.housebound == Some(true),
        Flag::Dementia => is_on_register("dementia"),
        Flag::LearningDisability => is_on_register("learning_disability"),
    }
}

fn in_words(flag: Flag, assessed: &Assessed, at: &Circumstances) -> String {
    let dated =
        |words: &str, day: Option<Day>| day.map_or_else(String::new, |day| format!("{words} {}", day.in_words()));
    match flag {
        Flag::InHospital => in_hospital(assessed, at),
        Flag::LeftHospital => dated("Left hospital on", left_hospital(assessed, at)),
        Flag::InAe => dated("In A&E on", in_ae(assessed, at)),
        Flag::CareHome => "Lives in a care home".to_owned(),
        Flag::Housebound => "Housebound".to_owned(),
        Flag::Dementia => "Dementia".to_owned(),
        Flag::LearningDisability => "Learning disability".to_owned(),
    }
}

/// Only an acute hospital is named, and not of somebody whose whereabouts are withheld.
fn in_hospital(assessed: &Assessed, at: &Circumstances) -> String {
    let Some(bed) = bed_now(assessed.person, at.index_date) else { return String::new() };
    let since = bed.admitted_on.in_words();
    let trust = acute_trust_name(bed.provider.as_str()).filter(|_| !assessed.person.patient.is_confidential);
    match trust {
        Some(trust) => {
            format!("In hospital now ({}, since {since})", site_name(bed.site_code.as_str()).unwrap_or(trust))
        }
        None => format!("In hospital now (since {since})"),
    }
}

/// The day on which the last stay ended, within the last seven; of nobody who is in hospital again. A planned stay without a
/// night is no news: dialysis, a scan.
fn left_hospital(assessed: &Assessed, at: &Circumstances) -> Option<Day> {
    let is_news = |cip: &&Cip| {
        cip.kind == StayKind::Emergency || cip.discharge_date.is_some_and(|left| left > cip.admission_date)
    };
    let left = assessed.cips.iter().filter(is_news).filter_map(|cip| cip.discharge_date).max();
    left.filter(|left| *left > at.index_date - 7 && bed_now(assessed.person, at.index_date).is_none())
}

/// The day of the last A&E attendance within the last seven, where nothing newer is known: they may have been admitted since,
/// for beds and stays are told of late.
fn in_ae(assessed: &Assessed, at: &Circumstances) -> Option<Day> {
    let visit = unplanned::attendances(assessed.person).next_back().map(|visit| visit.date);
    let visit = visit.filter(|visit| *visit > at.index_date - 7 && bed_now(assessed.person, at.index_date).is_none());
    visit.filter(|visit| left_hospital(assessed, at).is_none_or(|left| *visit > left))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cohort::{
        self,
        tests::life::{circumstances, person},
    };

    /// All flags of a person on 20 November 2026.
    fn flags_of(lines: &str) -> Vec<String> {
        let person = person(lines);
        circumstances(|at| told(&Flag::ALL, &cohort::assess(&person, at), at))
    }

    #[test]
    fn whoever_left_hospital_within_seven_days_is_told_but_for_a_planned_day() {
        assert_eq!(flags_of("stay R1H 2026-11-10 2026-11-14 11 19 J440"), ["Left hospital on 14 November 2026"]);
        assert_eq!(flags_of("stay R1H 2026-11-18 2026-11-18 21 19 A09"), ["Left hospital on 18 November 2026"]);
        assert!(flags_of("stay R1H 2026-11-18 2026-11-18 11 19 N185").is_empty());
        assert!(flags_of("stay R1H 2026-11-10 2026-11-13 21 19 J440").is_empty());
    }

    #[test]
    fn whoever_was_in_a_and_e_within_seven_days_is_told_where_nothing_newer_is() {
        assert_eq!(flags_of("visit 2026-11-14 -"), ["In A&E on 14 November 2026"]);
        assert!(flags_of("visit 2026-11-13 -").is_empty());
        let admitted = "visit 2026-11-15 -\n stay R1H 2026-11-15 2026-11-17 21 19 J440";
        assert_eq!(flags_of(admitted), ["Left hospital on 17 November 2026"]);
        let back_again = format!("{admitted}\n visit 2026-11-19 -");
        assert_eq!(flags_of(&back_again), ["Left hospital on 17 November 2026", "In A&E on 19 November 2026"]);
    }

    #[test]
    fn a_protected_record_says_so_whatever_is_to_be_told() {
        let person = person("is confidential");
        let told = circumstances(|at| told(&[], &cohort::assess(&person, at), at));
        assert_eq!(told, ["Protected record: only the practice can say who this is"]);
    }
}
