//! What the registers, the GP record and the row in `patients` say, as facts.

use earlycall_schemas::{
    catalogue::{IS_DISEASE, PersonItem, View},
    codelists,
};

use crate::{
    day::Day,
    features::{fact::Fact, subject::Subject},
    history::records::Person,
};

/// One fact per condition, on the day of its first record.
pub(super) fn conditions(subject: &Subject, give: &mut impl FnMut(View, Fact)) {
    for record in subject.conditions {
        let condition = record.condition;
        // A record points into the list, so no name needs to be compared.
        let position = codelists::conditions().iter().position(|known| std::ptr::eq(known, condition));
        let fact = Fact {
            tests: if condition.is_disease { IS_DISEASE } else { 0 },
            item: position.map(|n| n as u16),
            is_hidden: condition.is_sensitive,
            ..Fact::on(record.first)
        };
        give(View::Conditions, fact);
    }
}

/// One fact per prescription; a BNF section that is not on the list counts among all and as no section.
pub(super) fn prescriptions(person: &Person, give: &mut impl FnMut(View, Fact)) {
    for row in &person.prescriptions {
        let item = row.medicine.means.section;
        give(View::Prescriptions, Fact { item, ..Fact::on(row.date) });
    }
}

/// One fact per measured result.
pub(super) fn results(person: &Person, give: &mut impl FnMut(View, Fact)) {
    for row in &person.gp_events {
        let Some(amount) = row.value_milli else { continue };
        let Some(observation) = row.means.and_then(|meaning| meaning.observation) else {
            continue;
        };
        give(View::Results, Fact { amount, item: Some(observation), ..Fact::on(row.date) });
    }
}

/// One fact per attribute that is known.
pub(super) fn attributes(subject: &Subject, index_date: Day, give: &mut impl FnMut(View, Fact)) {
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
    known.into_iter().flatten().for_each(|fact| give(View::Person, fact));
}

fn attribute(item: PersonItem, day: Day, amount: i64) -> Fact {
    Fact { amount, item: Some(item as u16), ..Fact::on(day) }
}
