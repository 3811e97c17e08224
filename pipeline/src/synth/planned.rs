//! Stays that were planned: operations, day cases, dialysis, chemotherapy; and births, from both sides.

use crate::day::Day;

use super::{
    calendar::{month, weekday},
    chance::{Chance, Stream},
    conditions::Conditions,
    emergencies::Fate,
    person::Person,
    world::World,
};

/// Why somebody is in a hospital bed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Emergency,
    Elective,
    DayCase,
    Chemotherapy,
    Dialysis,
    Delivery,
    Birth,
}

/// One stay of any kind.
#[derive(Clone, Debug)]
pub(crate) struct HospitalStay {
    pub reason: Reason,
    pub admitted: Day,
    pub discharged: Day,
    pub died: bool,
}

/// Every stay of a person within the history, in order; none overlaps another.
pub(crate) fn stays(world: &World, person: &Person, conditions: &Conditions, fate: &Fate) -> Vec<HospitalStay> {
    let emergency = fate.emergencies.iter().map(|stay| HospitalStay {
        reason: Reason::Emergency,
        admitted: stay.admitted,
        discharged: stay.discharged,
        died: stay.died,
    });
    let mut diary = Diary {
        stays: emergency.collect(),
        from: world.first_day.max(person.arrived),
        until: person.left.unwrap_or(world.params.last_day),
        died: fate.died,
    };
    if person.merged_into.is_none() {
        let mut chance = Chance::of(world.params.seed, person.number, Stream::Planned);
        if person.born >= world.first_day {
            diary.book(Reason::Birth, person.born, chance.below(3) as i32);
        }
        deliveries(person, &mut diary, &mut chance);
        chemotherapy(world, conditions, &mut diary, &mut chance);
        dialysis(world, person, conditions, &mut diary, &mut chance);
        operations(person, conditions, &mut diary, &mut chance);
    }
    diary.stays.retain(|stay| stay.admitted >= world.first_day);
    diary.stays.sort_by_key(|stay| stay.admitted);
    diary.stays
}

/// A person's days in hospital so far.
struct Diary {
    stays: Vec<HospitalStay>,
    from: Day,
    until: Day,
    died: Option<Day>,
}

impl Diary {
    /// Books a stay if the person is here, alive to its end, and in no other bed on any of its days.
    fn book(&mut self, reason: Reason, admitted: Day, nights: i32) {
        let discharged = admitted + nights;
        let here = admitted >= self.from && admitted <= self.until && self.died.is_none_or(|day| discharged < day);
        let free = !self.stays.iter().any(|other| other.admitted <= discharged && other.discharged >= admitted);
        if here && free {
            self.stays.push(HospitalStay { reason, admitted, discharged, died: false });
        }
    }
}

/// About 60 births a year to 1,000 women of 18 to 44.
fn deliveries(person: &Person, diary: &mut Diary, chance: &mut Chance) {
    if person.sex != 1 {
        return;
    }
    let mut day = diary.from;
    loop {
        day = day + (chance.wait() / 0.064 * 365.25).min(40_000.0) as i32;
        if day > diary.until {
            return;
        }
        if (18.0..45.0).contains(&person.age(day)) {
            diary.book(Reason::Delivery, day, 1 + chance.below(3) as i32);
            day = day + 330;
        }
    }
}

/// Six cycles, three weeks apart, for some of those whose cancer is new.
fn chemotherapy(world: &World, conditions: &Conditions, diary: &mut Diary, chance: &mut Chance) {
    if let Some(since) = conditions.0[world.named.cancer]
        && since >= diary.from
        && chance.yes(0.45)
    {
        (0..6).for_each(|cycle| diary.book(Reason::Chemotherapy, since + 30 + 21 * cycle, 0));
    }
}

/// Monday, Wednesday and Friday, for a few people with kidney disease.
fn dialysis(world: &World, person: &Person, conditions: &Conditions, diary: &mut Diary, chance: &mut Chance) {
    let (begins, needed) = (chance.between(0.0, 1_500.0) as i32, chance.yes(0.022));
    let Some(since) = conditions.0[world.named.ckd].filter(|_| needed) else { return };
    let first = (since + begins).max(diary.from);
    if person.age(first) < 18.0 {
        return;
    }
    for day in (first.0..=diary.until.0).map(Day).filter(|&day| [0, 2, 4].contains(&weekday(day))) {
        diary.book(Reason::Dialysis, day, 0);
    }
}

/// How many day cases and operations a year are tried for a person of this age, with these conditions.
pub(crate) fn operations_a_year(person: &Person, conditions: &Conditions, day: Day) -> f64 {
    let conditions = conditions.on(day).count() as f64;
    (0.033 + 0.0016 * person.age(day).min(85.0)) * (1.0 + 0.22 * conditions)
}

/// Day cases and operations with a night, at rates that grow with age and with conditions; fewer in December, none at
/// weekends.
fn operations(person: &Person, conditions: &Conditions, diary: &mut Diary, chance: &mut Chance) {
    let yearly = operations_a_year(person, conditions, diary.until);
    let mut day = diary.from;
    loop {
        day = day + 1 + (chance.wait() / yearly * 365.25).min(40_000.0) as i32;
        if day > diary.until {
            return;
        }
        let quiet = weekday(day) >= 5 || (month(day) == 11 && chance.yes(0.2));
        if chance.yes(0.15) && !quiet {
            let nights = (0.9 + 0.8 * chance.normal()).exp().round().clamp(1.0, 30.0);
            diary.book(Reason::Elective, day, nights as i32);
        } else if !quiet {
            diary.book(Reason::DayCase, day, 0);
        }
    }
}
