//! What offices write about a person: the patient index, registrations, deaths and objections.

use std::borrow::Cow;

use crate::day::Day;

use super::{
    calendar::{at, month_start},
    chance::{Chance, Stream},
    communication::Communication,
    conditions::Conditions,
    emergencies::Fate,
    episodes::Placed,
    person::{Person, person_id},
    planned::Reason,
    rows::{DeathRow, Known, ObjectionRow, PatientRow, RegistrationRow},
    world::World,
};

/// Days from an end of a registration until the register says so.
const CLOSED_AFTER: i32 = 4;

/// Where people go who leave: an area and a borough that no table of the delivery names.
const ELSEWHERE: (&str, &str) = ("E01099999", "E09000033");

/// Versions of the person's row in the patient index. A merged record says so from the day on which it was merged, and
/// somebody who left the area lives elsewhere from some days after.
pub(crate) fn patient(world: &World, person: &Person, conditions: &Conditions) -> Vec<PatientRow> {
    let mut chance = Chance::of(world.params.seed, person.number, Stream::Reports);
    let area = &world.areas[person.area];
    let age = person.age(world.params.last_day);
    let frail = world.named.frail.iter().filter(|&&c| conditions.has(c, world.params.last_day)).count() as f64;
    let care = if age >= 70.0 { 0.012 * (1.0 + 3.0 * frail) * (1.0 + (age - 70.0) / 5.0) } else { 0.0005 };
    let first = person.arrived;
    let communication = Communication::of(world, person);
    let here = (area.code.as_str(), world.numbers.boroughs[area.borough].lad_code.as_str());
    let row =
        |known: Known, home: (&str, &'static str), superseded_by: Option<String>, chance: &mut Chance| PatientRow {
            known,
            nhs_number_status: if chance.yes(0.99) { "01" } else { "02" },
            birth_month: month_start(person.born),
            sex: if person.sex == 1 { "2" } else { "1" },
            ethnic_category: person.ethnic_category,
            lsoa: Cow::Owned(home.0.to_owned()),
            lad_code: home.1,
            main_language: communication.main_language,
            interpreter_needed: chance.yes(communication.interpreter_needed()),
            accessible_needs: communication.accessible_needs.clone(),
            care_home_resident: chance.yes(care),
            housebound: chance.yes(care * 1.5),
            is_confidential: chance.yes(0.001),
            is_test_patient: person.is_test_patient,
            superseded_by,
        };
    let Some(left) = person.left else { return vec![row(Known::from(first), here, None, &mut chance)] };
    let mut again = Chance::of(world.params.seed, person.number, Stream::Reports);
    let (changed_on, home) = match person.merged_into {
        Some(_) => (left.max(first + 1), here),
        None => (left.max(first) + CLOSED_AFTER, ELSEWHERE),
    };
    let before = row(Known { from: first, until: Some(changed_on) }, here, None, &mut chance);
    vec![before, row(Known::from(changed_on), home, person.merged_into.map(person_id), &mut again)]
}

/// Versions of the person's registrations: open, and closed some days after they ended.
pub(crate) fn registrations(person: &Person, fate: &Fate) -> Vec<RegistrationRow> {
    let mut rows = Vec::new();
    for stay in &person.practices {
        if fate.died.is_some_and(|day| day < stay.from) {
            break;
        }
        let death = fate.died.filter(|&day| stay.until.is_none_or(|until| day <= until));
        let end = death.map(|day| (day, "death", 10)).or(stay.until.map(|day| (day, "moved", CLOSED_AFTER)));
        let until = end.map(|(day, _, delay)| day + delay);
        rows.push(RegistrationRow {
            known: Known { from: stay.from, until },
            practice: stay.practice,
            start: stay.from,
            end: None,
        });
        if let Some((day, reason, delay)) = end {
            let known = Known::from(day + delay);
            rows.push(RegistrationRow { known, practice: stay.practice, start: stay.from, end: Some((day, reason)) });
        }
    }
    rows
}

/// Reports of the person's death: the register office's, and often the practice's before it.
pub(crate) fn deaths(world: &World, person: &Person, fate: &Fate, stays: &[Placed]) -> Vec<DeathRow> {
    let Some(date) = fate.died else { return Vec::new() };
    let mut chance = Chance::of(world.params.seed, person.number + (1 << 30), Stream::Reports);
    let last_stay = stays.iter().rev().find(|placed| placed.stay.reason == Reason::Emergency && placed.stay.died);
    let cause = match last_stay {
        Some(placed) if !placed.reason.starts_with(['R', 'S', 'T', 'Z']) => placed.reason.clone(),
        _ => Cow::Borrowed(["I259", "C349", "J440", "F03", "I64", "J189", "C189"][chance.below(7)]),
    };
    let place = match last_stay {
        Some(_) => "hospital",
        None => ["home", "care home", "hospice", "other"][chance.weighted(&[55.0, 30.0, 12.0, 3.0])],
    };
    let registered = date + 5 + chance.below(26) as i32;
    let mut rows = vec![DeathRow {
        known: Known::from(registered),
        date,
        source: "ons",
        registered: Some(registered),
        cause,
        place,
    }];
    if chance.yes(0.4) {
        let known = Known::from(date + 1);
        rows.push(DeathRow { known, date, source: "gp", registered: None, cause: Cow::Borrowed(""), place: "" });
    }
    rows
}

/// Objections: 5% have a type 1 and 5% a national opt-out, some of them both; a few took it back, a few object to this
/// programme alone. `checked_on` is the day of the delivery.
pub(crate) fn objections(world: &World, person: &Person, checked_on: Day) -> Vec<ObjectionRow> {
    let mut chance = Chance::of(world.params.seed, person.number, Stream::Objections);
    let type1 = chance.yes(0.05);
    let national = chance.yes(if type1 { 0.3 } else { 0.037 });
    let programme = chance.yes(0.0015);
    let mut rows = Vec::new();
    for (has, objection, source) in [
        (type1, "type1", "gp_record"),
        (national, "national_data_opt_out", "mesh_ndo_service"),
        (programme, "programme", "phone"),
    ] {
        let (place, withdrawn, later) = (chance.unit(), chance.yes(0.04), chance.below(500) as i32);
        if !has || person.merged_into.is_some() {
            continue;
        }
        let begins = world.first_day.max(person.arrived) - 200;
        let recorded = begins.max(person.born) + (place * f64::from(world.params.last_day - begins)) as i32;
        let row = |day: Day, status: &'static str| ObjectionRow {
            known: Known::from(day),
            objection,
            status,
            recorded_at: at(day, 10 * 60),
            source,
            checked_at: at(checked_on, 4 * 60),
        };
        rows.push(row(recorded, "dissent"));
        if withdrawn {
            rows.push(row(recorded + 30 + later, "withdrawn"));
        }
    }
    rows
}
