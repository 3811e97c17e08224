//! Emergency admissions and deaths: two things that may happen any day, drawn from a person's real rates.

use crate::day::Day;

use super::{
    chance::{Chance, Stream},
    course::Course,
    person::Person,
    rates::yearly_death,
    world::World,
};

/// The longest stay.
const LONGEST_DAYS: i32 = 180;

/// One emergency stay, from the door to the way home, transfers included.
#[derive(Clone, Debug)]
pub(crate) struct Emergency {
    pub admitted: Day,
    pub discharged: Day,
    pub died: bool,
}

/// What fate has in store for one person up to the last day, and how stays go on that have begun by then.
pub(crate) struct Fate {
    /// In order; they do not overlap. The first may lie up to a year before the history.
    pub emergencies: Vec<Emergency>,
    /// Day of death, of those who die by the last day.
    pub died: Option<Day>,
}

impl Fate {
    /// Draws a person's fate, by thinning: candidates come at a rate that is never exceeded, and each is an admission, a
    /// death or nothing in proportion to the rates of its day.
    pub fn of(world: &World, person: &Person, course: &Course) -> Fate {
        let mut fate = Fate { emergencies: Vec::new(), died: None };
        if person.merged_into.is_some() {
            return fate;
        }
        let mut chance = Chance::of(world.params.seed, person.number, Stream::Emergencies);
        let last_day = world.params.last_day;
        let end = person.left.unwrap_or(last_day);
        let bound = course.bound(last_day);
        let (mut time, mut last) = (f64::from((world.first_day - 365).max(person.arrived).0), None);
        loop {
            time += chance.wait() / bound;
            if time >= f64::from(end.0 + 1) {
                return fate;
            }
            let day = Day(time as i32);
            let draw = chance.unit() * bound;
            let admission = course.admission(day, last);
            if draw < admission {
                let stay = stay(world, person, course, day, &mut chance);
                let (discharged, died) = (stay.discharged, stay.died);
                fate.emergencies.push(stay);
                if died {
                    fate.died = (discharged <= last_day).then_some(discharged);
                    return fate;
                }
                last = Some(discharged);
                time = f64::from(discharged.0 + 1);
            } else if draw < admission + course.death(day, last) {
                fate.died = Some(day);
                return fate;
            }
        }
    }

    /// The stay that somebody is in at midnight after a day.
    pub fn stay_over(&self, day: Day) -> Option<&Emergency> {
        self.emergencies.iter().find(|stay| stay.admitted <= day && stay.discharged > day)
    }

    /// The end of the last stay that began by a day.
    pub fn last_discharge(&self, day: Day) -> Option<Day> {
        self.emergencies.iter().rev().find(|stay| stay.admitted <= day).map(|stay| stay.discharged)
    }
}

fn stay(world: &World, person: &Person, course: &Course, day: Day, chance: &mut Chance) -> Emergency {
    let age = person.age(day);
    let discharged = day + length_of_stay(age, chance);
    let risk = 0.42 * yearly_death(world.numbers, age, person.sex).powf(0.6) * course.mortality_ratio(day).sqrt();
    Emergency { admitted: day, discharged, died: chance.yes((0.8 * risk).min(0.5)) }
}

/// Days in hospital: a third go home the same day, the rest follow a long-tailed curve by age (specification 5).
fn length_of_stay(age: f64, chance: &mut Chance) -> i32 {
    let (same_day, mu, sigma) = match age {
        a if a < 18.0 => (0.42, 0.5, 0.9),
        a if a < 45.0 => (0.38, 0.781, 1.1),
        a if a < 65.0 => (0.31, 1.72, 1.2),
        a if a < 85.0 => (0.24, 1.85, 1.2),
        _ => (0.19, 1.79, 1.2),
    };
    if chance.yes(same_day) {
        return 0;
    }
    ((mu + sigma * chance.normal()).exp().round() as i32).clamp(1, LONGEST_DAYS)
}
