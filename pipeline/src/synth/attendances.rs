//! A&E attendances: the door through which most emergency admissions come, and many more that go home.

use crate::day::Day;

use super::{
    calendar::{at, month, weekday},
    chance::{Chance, Stream},
    conditions::Conditions,
    emergencies::Fate,
    episodes::Placed,
    hospital_rows::AttendanceRow,
    person::Person,
    planned::Reason,
    rows::Known,
    world::World,
};

/// Attendances per person and year that do not end in an admission, before age, deprivation and conditions.
const YEARLY: f64 = 0.312;
/// Most to least deprived tenth, so that with the admitted it is 1.94 (calibration_targets.csv).
const DEPRIVATION_RATIO: f64 = 2.15;
/// Monday first; 16% of the week on Monday (calibration_targets.csv).
const WEEKDAYS: [f64; 7] = [1.12, 1.01, 0.98, 0.97, 0.96, 0.97, 0.99];
/// Chance of coming back within a week.
const BACK_SOON: f64 = 0.095;

pub(crate) const ADMITTED: &str = "306706006";
const HOME: &str = "306689006";
const SAME_DAY_CARE: &str = "1066341000000100";
const AMBULANCE: &str = "1048031000000100";
const ON_THEIR_OWN: [&str; 2] = ["1048061000000105", "1048071000000103"];
/// Immediate, very urgent, urgent, standard, not urgent.
const ACUITY: [&str; 5] =
    ["1064891000000107", "1064911000000105", "1064901000000108", "1077241000000103", "1077251000000100"];
const LEFT_EARLY: [&str; 3] = ["1066301000000103", "1066311000000101", "1066321000000107"];

/// Every attendance of a person, in order.
pub(crate) fn of(
    world: &World,
    person: &Person,
    conditions: &Conditions,
    fate: &Fate,
    stays: &[Placed],
) -> Vec<AttendanceRow> {
    let mut chance = Chance::of(world.params.seed, person.number, Stream::Attendances);
    let mut visits: Vec<(Day, Option<&Placed>)> = Vec::new();
    for placed in stays.iter().filter(|placed| placed.stay.reason == Reason::Emergency && placed.method == "21") {
        visits.push((placed.stay.admitted, Some(placed)));
    }
    for day in days_home_again(world, person, conditions, fate, &mut chance) {
        let in_bed = stays.iter().any(|placed| placed.stay.admitted <= day && placed.stay.discharged >= day);
        if !in_bed && !visits.iter().any(|(other, _)| *other == day) {
            visits.push((day, None));
        }
    }
    visits.sort_by_key(|(day, _)| *day);
    let row = |(k, (day, admission)): (usize, &(Day, Option<&Placed>))| {
        attendance(world, person, conditions, k, *day, *admission, &mut chance)
    };
    visits.iter().enumerate().map(row).collect()
}

/// Days of attendances that end at home.
fn days_home_again(
    world: &World,
    person: &Person,
    conditions: &Conditions,
    fate: &Fate,
    chance: &mut Chance,
) -> Vec<Day> {
    let from = world.first_day.max(person.arrived);
    let until = person.left.unwrap_or(world.params.last_day);
    let until = fate.died.map_or(until, |day| until.min(day - 1));
    let age = person.age(until);
    let by_age = match age {
        a if a < 5.0 => 1.9,
        a if a < 18.0 => 0.95,
        a if a < 30.0 => 1.25,
        a if a < 65.0 => 0.9,
        a if a < 80.0 => 1.0,
        _ => 1.5,
    };
    let by_place = DEPRIVATION_RATIO.powf(0.5 - world.areas[person.area].affluence());
    let by_health = 1.0 + 0.12 * conditions.on(until).count() as f64;
    let bound = YEARLY * by_age * by_place * by_health * (0.5 + 0.5 * person.frailty) * 1.2 / 365.25;
    let (mut days, mut time) = (Vec::new(), f64::from(from.0));
    loop {
        time += chance.wait() / bound;
        if time >= f64::from(until.0 + 1) {
            return days;
        }
        let day = Day(time as i32);
        if chance.unit() * 1.2 < world.numbers.seasons[month(day)].ae * WEEKDAYS[weekday(day)] {
            days.push(day);
            let back = day + 1 + chance.below(6) as i32;
            if chance.yes(BACK_SOON) && back <= until {
                days.push(back);
            }
        }
    }
}

fn attendance(
    world: &World,
    person: &Person,
    conditions: &Conditions,
    k: usize,
    day: Day,
    admission: Option<&Placed>,
    chance: &mut Chance,
) -> AttendanceRow {
    let home = &world.numbers.boroughs[world.areas[person.area].borough];
    let there = if chance.yes(0.85) { home } else { chance.one_of(&world.numbers.boroughs) };
    let (provider, site) = admission.map_or((&*there.trust, &*there.site), |placed| (placed.provider, placed.site));
    let is_admitted = admission.is_some();
    let minute = chance.between(0.0, 21.5 * 60.0) as i64;
    let arrival = at(day, minute);
    let stayed = chance.between(60.0, if is_admitted { 600.0 } else { 330.0 }) as i64;
    // Whoever goes home does so on the day itself, so that nobody leaves A&E after their death.
    let departure = at(day, (minute + stayed).min(22 * 60 + 50).max(minute + 15));
    let old = person.age(day) > 70.0;
    let by_ambulance = chance.yes(if is_admitted {
        0.55
    } else if old {
        0.46
    } else {
        0.19
    });
    let kinds: [f64; 4] = if is_admitted { [1.0, 0.0, 0.0, 0.0] } else { [51.0, 2.0, 42.0, 5.0] };
    let department = match chance.weighted(&kinds) {
        3 => "05",
        other => ["01", "02", "03"][other],
    };
    let acuity: [f64; 5] = if is_admitted { [5.0, 30.0, 45.0, 18.0, 2.0] } else { [0.5, 6.0, 33.0, 45.0, 15.5] };
    let known: Vec<usize> = conditions.on(day).filter(|&c| !world.numbers.conditions[c].snomed.is_empty()).collect();
    let diagnoses = if !known.is_empty() && chance.yes(0.35) {
        vec![world.numbers.conditions[*chance.one_of(&known)].snomed[0].as_str().into()]
    } else {
        Vec::new()
    };
    AttendanceRow {
        known: Known::from(day + 1 + chance.below(3) as i32),
        id: format!("a{}-{k}", person.number),
        provider,
        site,
        department,
        category: ["1", "2", "4"][chance.weighted(if is_admitted { &[97.0, 3.0, 0.0] } else { &[95.0, 3.0, 2.0] })],
        arrival,
        arrival_mode: if by_ambulance { AMBULANCE } else { chance.one_of::<&str>(&ON_THEIR_OWN) },
        acuity: ACUITY[chance.weighted(&acuity)],
        diagnoses,
        departure,
        status: if !is_admitted && chance.yes(0.04) { chance.one_of::<&str>(&LEFT_EARLY) } else { "" },
        destination: match department {
            _ if is_admitted => ADMITTED,
            "05" => SAME_DAY_CARE,
            _ => HOME,
        },
    }
}
