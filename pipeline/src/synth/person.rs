//! Who a person is: age, sex, home, practice, and when they were among us.

use std::ops::Range;

use crate::day::Day;

use super::{
    chance::{Chance, Stream},
    numbers::ETHNIC,
    world::World,
};
use crate::sha256::sha256;

/// Variance of the frailty that nobody records.
const FRAILTY_VARIANCE: f64 = 1.0;
/// Share of people a year who leave their practice, half of them for good; as many join.
const LEAVERS_PER_YEAR: f64 = 0.06;

/// A time at one practice.
pub(crate) struct Stay {
    pub practice: usize,
    pub from: Day,
    /// Last day, and whether the person only moved to another practice of the borough.
    pub until: Option<Day>,
}

/// What is true of a person before anything happens to them.
pub(crate) struct Person {
    pub number: u32,
    pub born: Day,
    /// 0 a man, 1 a woman.
    pub sex: usize,
    pub ethnic_category: &'static str,
    pub area: usize,
    pub practices: Vec<Stay>,
    /// First day among us.
    pub arrived: Day,
    /// Last day among us, for those who left the area.
    pub left: Option<Day>,
    /// Multiplies the rate of emergency admissions; mean 1 over all people.
    pub frailty: f64,
    pub is_test_patient: bool,
    /// The record that this one was merged into; it is the same human being.
    pub merged_into: Option<u32>,
}

/// The pseudonym of a number: 64 hexadecimal characters that no NHS number could have given.
pub(crate) fn person_id(number: u32) -> String {
    sha256(format!("synthetic-{number}").as_bytes())
}

impl Person {
    /// The person of a number.
    pub fn new(world: &World, number: u32) -> Person {
        if is_merged(world, number) {
            let mut twin = Person::alone(world, number - 1);
            twin.number = number;
            twin.merged_into = Some(number - 1);
            twin.left = Some((twin.arrived.max(world.first_day) + 400).min(world.params.last_day));
            twin.practices.truncate(1);
            twin.practices[0].until = twin.left;
            return twin;
        }
        if is_fragment(world, number) {
            // The same human being under another key, with a record of its own that nobody has joined to the first.
            return Person { number, ..Person::alone(world, number - 1) };
        }
        Person::alone(world, number)
    }

    /// Age in years on a day.
    pub fn age(&self, day: Day) -> f64 {
        f64::from(day - self.born) / 365.25
    }

    /// The number of the practice that the person was with on a day.
    pub fn practice_on(&self, day: Day) -> usize {
        self.practices.iter().rev().find(|stay| stay.from <= day).unwrap_or(&self.practices[0]).practice
    }

    fn alone(world: &World, number: u32) -> Person {
        let mut chance = Chance::of(world.params.seed, number, Stream::Identity);
        let boroughs: Vec<f64> = world.numbers.boroughs.iter().map(|b| b.population).collect();
        let borough = chance.weighted(&boroughs);
        let age = age(world, &mut chance);
        let born = world.params.last_day - (age * 365.25) as i32;
        let here = world.areas_of[borough].clone();
        let mut person = Person {
            number,
            born,
            sex: usize::from(chance.yes(0.505 + if age > 75.0 { 0.06 } else { 0.0 })),
            ethnic_category: ethnic_category(&world.numbers.boroughs[borough].ethnic, &mut chance),
            area: here.start + chance.below(here.len()),
            practices: Vec::new(),
            arrived: born,
            left: None,
            frailty: chance.gamma(FRAILTY_VARIANCE),
            is_test_patient: number % 2_500 == 77,
            merged_into: None,
        };
        person.settle(world, age, world.practices_of[borough].clone(), &mut chance);
        person
    }

    /// Gives the person their practices: where they were when we began to look, and where they moved.
    fn settle(&mut self, world: &World, age: f64, practices: Range<usize>, chance: &mut Chance) {
        let restless = if (18.0..40.0).contains(&age) { 1.9 } else { 0.45 };
        let pace = LEAVERS_PER_YEAR * restless;
        let window = f64::from(world.params.last_day - world.first_day);
        let joined = chance.yes(1.0 - (-pace * window / 365.25).exp());
        let long_ago = world.first_day - 30 - (chance.wait() * 6.0 * 365.25) as i32;
        let lately = world.first_day + chance.below(window as usize) as i32;
        self.arrived = self.born.max(if joined { lately } else { long_ago });
        let sizes: Vec<f64> = world.practices[practices.clone()].iter().map(|practice| practice.size).collect();
        let mut from = self.arrived;
        loop {
            let practice = practices.start + chance.weighted(&sizes);
            let until = from.max(world.first_day) + (chance.wait() / (2.0 * pace) * 365.25) as i32 + 1;
            let until = (until <= world.params.last_day).then_some(until);
            self.practices.push(Stay { practice, from, until });
            let Some(until) = until else { return };
            if chance.yes(0.5) {
                self.left = Some(until);
                return;
            }
            from = until + 1;
            if from > world.params.last_day {
                return;
            }
        }
    }
}

/// Every five-hundredth record or so is a second record of the person before it.
fn is_merged(world: &World, number: u32) -> bool {
    number % 2 == 1 && number % 2_500 != 77 && Chance::of(world.params.seed, number, Stream::Reports).yes(0.004)
}

/// Every thousandth record is one more of the person before it, and nobody knows.
fn is_fragment(world: &World, number: u32) -> bool {
    number % 2 == 1 && number % 2_500 != 77 && Chance::of(world.params.seed, number, Stream::Fragments).yes(0.002)
}

/// Age on the last day.
fn age(world: &World, chance: &mut Chance) -> f64 {
    let shares: Vec<f64> = world.numbers.ages.iter().map(|band| band.share).collect();
    let band = &world.numbers.ages[chance.weighted(&shares)];
    if band.from >= 85.0 {
        // Numbers halve every four years or so past 85.
        return (band.from + chance.wait() * 4.5).min(band.to);
    }
    let (low, high) = (chance.unit(), chance.unit());
    let early = if band.from >= 65.0 { low.min(high + 0.3) } else { low };
    band.from + early * (band.to - band.from)
}

fn ethnic_category(shares: &[f64; 10], chance: &mut Chance) -> &'static str {
    match chance.unit() {
        missing if missing < 0.04 => "Z",
        missing if missing < 0.05 => "99",
        _ => ETHNIC[chance.weighted(shares)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_the_hash_of_a_name_that_says_synthetic() {
        // printf synthetic-0 | sha256sum
        assert_eq!(person_id(0), "dae67da4e16569a875626fbcd81c26b389173bf687059bf27cdd67e8e1dc5081");
    }
}
