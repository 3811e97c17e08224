//! Who may be scored on the index date, and why everybody else may not: one person, one reason, and the sum is
//! everybody in the extracts.

pub mod cips;
pub mod registers;
pub mod spells;
pub mod standing;
pub mod stay;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;

use crate::{
    cohort::{
        standing::Standing,
        stay::{Cip, StayKind},
    },
    day::Day,
    error::Result,
    features::{ConditionRecord, Feeds, Subject, build, model_row},
    history::{
        History, Reference, View,
        records::{Person, PersonKey},
    },
    settings,
    worklist::owner::Placement,
};

/// What the cohort of a night depends on, besides the people.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The index date.
    pub index_date: Day,
    /// Organisations.
    pub reference: &'a Reference,
    /// Which tables have rows.
    pub feeds: &'a Feeds,
    /// Age and conditions.
    pub settings: &'a settings::Cohort,
}

/// A person as the index date finds them.
#[derive(Clone, Debug)]
pub struct Assessed<'a> {
    /// Their rows.
    pub person: &'a Person,
    /// Where they stand.
    pub standing: Standing,
    /// Their stays.
    pub cips: Vec<Cip>,
    /// Their conditions.
    pub conditions: Vec<ConditionRecord>,
    /// First day of the month of birth.
    pub birth_month: Day,
    /// Where they belong.
    pub placement: Placement,
    /// Deprivation of where they live.
    pub imd_decile: Option<i64>,
    /// First day at their practice.
    pub registered_since: Option<Day>,
}

impl Assessed<'_> {
    /// The person as the features see them.
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            person: self.person,
            cips: &self.cips,
            conditions: &self.conditions,
            birth_month: self.birth_month,
            imd_decile: self.imd_decile,
            registered_since: self.registered_since,
        }
    }

    /// Whether the person is on the end-of-life register: scored, and never on a list.
    pub fn is_at_end_of_life(&self) -> bool {
        self.conditions.iter().any(|record| record.condition.id == "palliative_care")
    }
}

/// Looks at one person. Depends on that person's rows alone.
pub fn assess<'a>(person: &'a Person, at: &Circumstances) -> Assessed<'a> {
    let cips = cips::cips(&person.episodes);
    let birth_month = person.patient.birth_month.expect("the checks refuse a patient without a month of birth");
    let has_prescriptions = at.feeds.has("gp_prescriptions");
    let conditions = registers::registers(person, &cips, birth_month, at.index_date, has_prescriptions);
    let registration = standing::registration(person, at.reference);
    let area = at.reference.areas.get(&person.patient.lsoa21);
    let standing = stand(person, &cips, &conditions, birth_month, at);
    Assessed {
        standing,
        placement: place(person, &cips, at),
        imd_decile: area.and_then(|area| area.imd_decile),
        registered_since: registration.map(|row| row.start_date),
        person,
        cips,
        conditions,
        birth_month,
    }
}

fn stand(person: &Person, cips: &[Cip], conditions: &[ConditionRecord], birth: Day, at: &Circumstances) -> Standing {
    let death = standing::death(person, cips);
    if person.patient.is_test_patient {
        Standing::TestPatient
    } else if person.patient.superseded_by.is_some() {
        Standing::Merged
    } else if standing::is_objecting(person) {
        Standing::Objecting
    } else if death.is_some_and(|day| standing::was_seen_after(person, cips, day)) {
        Standing::DisputedDeath
    } else if death.is_some() {
        Standing::Died
    } else if !standing::is_in_area(person, at.reference) {
        Standing::NotInArea
    } else if at.index_date.years_since(birth) < at.settings.minimum_age_years {
        Standing::UnderAge
    } else if !registers::is_coached(conditions, &at.settings.conditions) {
        Standing::NoCoachedCondition
    } else {
        Standing::Scored
    }
}

/// Practice, network, provider of the last emergency admission within twelve months, and borough.
fn place(person: &Person, cips: &[Cip], at: &Circumstances) -> Placement {
    let registration = standing::registration(person, at.reference);
    let practice = registration.and_then(|row| at.reference.practices.get(&row.practice_code));
    let since = at.index_date - 365;
    let mut emergencies = cips.iter().filter(|cip| cip.kind == StayKind::Emergency && cip.admission_date > since);
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let area = at.reference.areas.get(&person.patient.lsoa21);
    Placement {
        practice_code: registration.and_then(|row| some(row.practice_code.as_str())),
        pcn_code: practice.and_then(|practice| some(practice.pcn_code.as_str())),
        last_provider: emergencies.next_back().and_then(|cip| some(cip.first_provider.as_str())),
        lad_code: some(person.patient.lad_code.as_str())
            .or_else(|| area.and_then(|area| some(area.lad_code.as_str())))
            .or_else(|| practice.and_then(|practice| some(practice.lad_code.as_str()))),
    }
}

/// Someone who is scored.
#[derive(Clone, Debug)]
pub struct Member {
    /// The person.
    pub key: PersonKey,
    /// Where they belong.
    pub placement: Placement,
    /// Scored, but never on a list.
    pub is_at_end_of_life: bool,
    /// The model's inputs.
    pub row: Vec<f64>,
}

/// Everybody, divided.
#[derive(Clone, Debug, Default)]
pub struct Cohort {
    /// Who is scored, by key.
    pub members: Vec<Member>,
    /// Who is not, by key.
    pub others: BTreeMap<PersonKey, Standing>,
}

impl Cohort {
    /// How many people have each standing; every standing is there, and the sum is everybody.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        let mut counts: BTreeMap<&'static str, u64> =
            Standing::ALL.iter().map(|standing| (standing.code(), 0)).collect();
        for standing in self.others.values() {
            *counts.entry(standing.code()).or_default() += 1;
        }
        counts.insert(Standing::Scored.code(), self.members.len() as u64);
        counts
    }

    /// Everybody in the extracts.
    pub fn n_people(&self) -> u64 {
        (self.members.len() + self.others.len()) as u64
    }
}

/// Divides everybody in the history, bucket by bucket, and computes the features of those who are scored.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when a bucket cannot be read.
pub fn assemble(history: &History, view: &View, at: &Circumstances, threads: usize) -> Result<Cohort> {
    let parts = history.each_bucket(view, threads, |people| divide(&people, at))?;
    let mut cohort = Cohort::default();
    for part in parts {
        cohort.members.extend(part.members);
        cohort.others.extend(part.others);
    }
    Ok(cohort)
}

fn divide(people: &[Person], at: &Circumstances) -> Cohort {
    let mut part = Cohort::default();
    for person in people {
        let assessed = assess(person, at);
        match assessed.standing {
            Standing::Scored => part.members.push(Member {
                key: person.key,
                is_at_end_of_life: assessed.is_at_end_of_life(),
                row: model_row(&build(&assessed.subject(), at.index_date, at.feeds)),
                placement: assessed.placement,
            }),
            other => {
                part.others.insert(person.key, other);
            }
        }
    }
    part
}
