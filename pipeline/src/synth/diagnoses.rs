//! What a stay is coded with: the reason for it, and the conditions that came along.

use std::borrow::Cow;

use super::{
    calendar::month,
    chance::Chance,
    conditions::Conditions,
    numbers::Diagnosis,
    person::Person,
    planned::{HospitalStay, Reason},
    rows::Code,
    world::World,
};

/// Chance that a condition is coded in a stay.
const CODED: f64 = 0.75;
/// A reason that belongs to a condition: how much likelier for those who have it, and for those who don't.
const TILT: (f64, f64) = (6.0, 0.35);
/// For people who are mostly admitted for their lungs the share of such reasons cannot rise as much in winter as the rate
/// does; this makes up for it.
const SEASONAL: f64 = 1.15;
/// Signs of frailty that are coded in old people's stays.
const FRAILTY_SIGNS: [&str; 12] =
    ["R54", "R296", "F059", "N390", "N179", "W19", "L899", "R410", "Z740", "I951", "R33", "E871"];

/// The codes of a stay, the reason first.
pub(crate) fn of_stay(
    world: &World,
    person: &Person,
    conditions: &Conditions,
    stay: &HospitalStay,
    chance: &mut Chance,
) -> Vec<Code> {
    let age = person.age(stay.admitted);
    let mut codes: Vec<Code> = Vec::new();
    match stay.reason {
        Reason::Emergency => {
            let reason = reason(world, person, conditions, stay, chance);
            add(&mut codes, &reason.icd10);
            reason.also.iter().for_each(|code| add(&mut codes, code));
        }
        Reason::Elective => {
            add(&mut codes, chance.one_of::<&str>(&["M169", "M179", "K802", "K409", "N40", "C509", "I251"]))
        }
        Reason::DayCase => {
            add(&mut codes, chance.one_of::<&str>(&["H269", "K573", "D126", "K219", "M545", "H259", "L729"]))
        }
        Reason::Chemotherapy => add(&mut codes, "Z511"),
        Reason::Dialysis => {
            add(&mut codes, "Z491");
            add(&mut codes, "N185");
        }
        Reason::Delivery => ["O800", "Z370"].iter().for_each(|code| add(&mut codes, code)),
        Reason::Birth => add(&mut codes, "Z380"),
    }
    if !matches!(stay.reason, Reason::Birth | Reason::Dialysis) {
        for condition in conditions.on(stay.admitted) {
            if chance.yes(CODED) {
                add(&mut codes, chance.one_of::<String>(&world.numbers.conditions[condition].icd10));
            }
        }
    }
    if age >= 70.0 && stay.reason == Reason::Emergency {
        let likely = (0.035 + 0.03 * person.frailty).min(0.2) * (1.0 + (age - 75.0).max(0.0) / 15.0);
        FRAILTY_SIGNS.iter().filter(|_| chance.yes(likely)).for_each(|code| add(&mut codes, code));
    }
    codes
}

/// The reason for an emergency admission: by age, sex and month, tilted by the person's conditions.
fn reason(
    world: &World,
    person: &Person,
    conditions: &Conditions,
    stay: &HospitalStay,
    chance: &mut Chance,
) -> &'static Diagnosis {
    let age = person.age(stay.admitted) as i32;
    let season = &world.numbers.seasons[month(stay.admitted)];
    let weight = |diagnosis: &Diagnosis| {
        let is_for_them = (diagnosis.ages.0..=diagnosis.ages.1).contains(&age)
            && diagnosis.sex.is_none_or(|sex| (sex == '2') == (person.sex == 1));
        let tilt = match diagnosis.tilted_by {
            None => 1.0,
            Some(condition) if conditions.has(condition, stay.admitted) => TILT.0,
            Some(_) => TILT.1,
        };
        let season = if diagnosis.is_respiratory { season.respiratory.powf(SEASONAL) } else { season.other };
        if is_for_them { diagnosis.weight * tilt * season } else { 0.0 }
    };
    let weights: Vec<f64> = world.numbers.diagnoses.iter().map(weight).collect();
    &world.numbers.diagnoses[chance.weighted(&weights)]
}

fn add(codes: &mut Vec<Code>, code: &'static str) {
    if !codes.iter().any(|known| known == code) {
        codes.push(Cow::Borrowed(code));
    }
}
