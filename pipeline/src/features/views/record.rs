//! What the registers, the GP record and the row in `patients` say, as facts.

use earlycall_schemas::{
    catalogue::{IS_DISEASE, PersonItem},
    codelists,
};

use super::prefixes;
use crate::{
    day::Day,
    features::{
        fact::Fact,
        subject::{ConditionRecord, Subject},
    },
    history::records::{Person, Prescription},
};

/// One fact per condition, on the day of its first record.
pub(super) fn conditions(subject: &Subject) -> Vec<Fact> {
    let fact = |record: &ConditionRecord| {
        let condition = record.condition;
        let position = codelists::conditions().iter().position(|known| known.id == condition.id);
        Fact {
            tests: if condition.is_disease { IS_DISEASE } else { 0 },
            item: position.map(|n| n as u16),
            is_hidden: condition.is_sensitive,
            ..Fact::on(record.first)
        }
    };
    subject.conditions.iter().map(fact).collect()
}

/// One fact per prescription; a BNF section that is not on the list counts among all and as no section.
pub(super) fn prescriptions(person: &Person) -> Vec<Fact> {
    let section = |row: &Prescription| prefixes::BNF_SECTIONS.of(row.bnf.as_str()).next();
    person.prescriptions.iter().map(|row| Fact { item: section(row), ..Fact::on(row.date) }).collect()
}

/// One fact per measured result.
pub(super) fn results(person: &Person) -> Vec<Fact> {
    let measured = person.gp_events.iter().filter_map(|row| {
        let amount = row.value_milli?;
        let observation = codelists::observations().iter().position(|known| known.snomed.contains(&row.snomed))?;
        Some(Fact { amount, item: Some(observation as u16), ..Fact::on(row.date) })
    });
    measured.collect()
}

/// One fact per attribute that is known.
pub(super) fn attributes(subject: &Subject, index_date: Day) -> Vec<Fact> {
    let patient = &subject.person.patient;
    let is_male = match patient.sex.as_str() {
        "1" => Some(1),
        "2" => Some(0),
        _ => None,
    };
    let today = |item, amount: Option<i64>| amount.map(|amount| attribute(item, index_date, amount));
    let known = [
        today(PersonItem::AgeYears, Some(subject.age_years(index_date))),
        today(PersonItem::IsMale, is_male),
        today(PersonItem::ImdDecile, subject.imd_decile),
        today(PersonItem::CareHomeResident, patient.care_home_resident.map(i64::from)),
        today(PersonItem::Housebound, patient.housebound.map(i64::from)),
        subject.registered_since.map(|since| attribute(PersonItem::Registered, since, 1)),
    ];
    known.into_iter().flatten().collect()
}

fn attribute(item: PersonItem, day: Day, amount: i64) -> Fact {
    Fact { amount, item: Some(item as u16), ..Fact::on(day) }
}
