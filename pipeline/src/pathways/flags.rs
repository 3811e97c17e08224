//! What is to be checked about somebody before a call, or keeps them off a list.

use earlycall_schemas::{
    codelists::{acute_trust_name, site_name},
    pathways::Flag,
};

use crate::{
    cohort::{Assessed, Circumstances, standing::bed_now, stay::Cip},
    day::Day,
};

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

/// Those of some flags that somebody has, in words.
pub fn told(some: &[Flag], assessed: &Assessed, at: &Circumstances) -> Vec<String> {
    let on = Flag::ALL.into_iter().filter(|flag| some.contains(flag) && has(*flag, assessed, at));
    on.map(|flag| in_words(flag, assessed, at)).collect()
}

/// Why somebody is not on a list, to whoever had them on it.
pub fn why_off(flag: Flag) -> &'static str {
    match flag {
        Flag::InHospital => "in hospital now",
        Flag::LeftHospital => "left hospital within the last week",
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
        Flag::CareHome => patient.care_home_resident == Some(true),
        Flag::Housebound => patient.housebound == Some(true),
        Flag::Dementia => is_on_register("dementia"),
        Flag::LearningDisability => is_on_register("learning_disability"),
    }
}

fn in_words(flag: Flag, assessed: &Assessed, at: &Circumstances) -> String {
    match flag {
        Flag::InHospital => in_hospital(assessed, at),
        Flag::LeftHospital => {
            left_hospital(assessed, at).map(|on| format!("Left hospital on {}", on.in_words())).unwrap_or_default()
        }
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

/// The day on which the last stay of at least a night ended, within the last seven; of nobody who is in hospital again.
fn left_hospital(assessed: &Assessed, at: &Circumstances) -> Option<Day> {
    let is_overnight = |cip: &&Cip| cip.discharge_date.is_some_and(|left| left > cip.admission_date);
    let left = assessed.cips.iter().filter(is_overnight).filter_map(|cip| cip.discharge_date).max();
    left.filter(|left| *left > at.index_date - 7 && bed_now(assessed.person, at.index_date).is_none())
}
