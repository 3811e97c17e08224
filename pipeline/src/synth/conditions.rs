//! Which long-term conditions a person has, and since when.

use crate::day::Day;

use super::{
    chance::{Chance, Stream},
    numbers::{CONDITIONS, PREVALENCE_AGES},
    person::Person,
    rates::{deprivation_odds, latent_places, prevalence, with_odds},
    world::World,
};

/// Mean years between the first palliative code and death: palliative care begins at a rate, it is not carried for life.
const PALLIATIVE_YEARS: f64 = 0.7;

/// The first day of each condition; none for those that the person never has.
pub(crate) struct Conditions(pub [Option<Day>; CONDITIONS]);

impl Conditions {
    /// The conditions of a person. Someone has a condition when their place among people of their age is below its
    /// prevalence, and has had it since that became so.
    pub fn of(world: &World, person: &Person) -> Conditions {
        let mut chance = Chance::of(world.params.seed, person.number, Stream::Conditions);
        let places = latent_places(&mut chance);
        let age = person.age(world.params.last_day);
        let affluence = world.areas[person.area].affluence();
        let mut since = [None; CONDITIONS];
        for (i, condition) in world.numbers.conditions.iter().enumerate() {
            let odds = deprivation_odds(condition.deprivation_odds_ratio, affluence) * by_ethnicity(world, i, person);
            let needed = with_odds(places[i], 1.0 / odds);
            if needed < prevalence(&condition.prevalence, age) {
                let onset = age_at(&condition.prevalence, needed).min(age);
                since[i] = Some(person.born + (onset * 365.25) as i32);
            }
        }
        let named = &world.named;
        if let (Some(diabetes), Some(risk)) = (since[named.diabetes], since[named.ndh])
            && diabetes <= risk
        {
            since[named.ndh] = None;
        }
        let mut conditions = Conditions(since);
        conditions.0[named.palliative] = palliative_since(world, person, &conditions, &mut chance);
        conditions
    }

    /// Whether the person has a condition on a day.
    pub fn has(&self, condition: usize, day: Day) -> bool {
        self.0[condition].is_some_and(|since| since <= day)
    }

    /// The conditions that the person has on a day.
    pub fn on(&self, day: Day) -> impl Iterator<Item = usize> + '_ {
        (0..CONDITIONS).filter(move |&condition| self.has(condition, day))
    }
}

/// Diabetes: 2.5 times in South Asian and 1.6 times in Black people (specification 5, recalled).
fn by_ethnicity(world: &World, condition: usize, person: &Person) -> f64 {
    match person.ethnic_category {
        "H" | "J" | "K" if condition == world.named.diabetes => 2.5,
        "M" | "N" if condition == world.named.diabetes => 1.6,
        _ => 1.0,
    }
}

/// The youngest age at which prevalence reaches a share.
fn age_at(shares: &[f64; 8], share: f64) -> f64 {
    let next = shares.iter().position(|&reached| reached >= share).unwrap_or(7).max(1);
    let (low, high) = (shares[next - 1], shares[next]);
    let way = if high > low { ((share - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
    PREVALENCE_AGES[next - 1] + way * (PREVALENCE_AGES[next] - PREVALENCE_AGES[next - 1])
}

fn palliative_since(world: &World, person: &Person, conditions: &Conditions, chance: &mut Chance) -> Option<Day> {
    let start = world.first_day - 365;
    let ill = [world.named.cancer, world.named.frail[0], world.named.dementia];
    let weight = if ill.iter().any(|&condition| conditions.has(condition, world.params.last_day)) { 2.2 } else { 0.3 };
    let shares = &world.numbers.conditions[world.named.palliative].prevalence;
    let yearly = prevalence(shares, person.age(world.params.last_day)) / PALLIATIVE_YEARS * weight;
    let wait = chance.wait() / yearly * 365.25;
    let day = start.max(person.born) + wait.min(100_000.0) as i32;
    (day <= world.params.last_day).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn onset_is_where_the_curve_first_reaches_a_share() {
        let shares = [0.0, 0.0, 0.1, 0.2, 0.2, 0.15, 0.3, 0.3];
        assert!((age_at(&shares, 0.05) - 19.0).abs() < 1e-9); // half-way from 9 to 29
        assert!((age_at(&shares, 0.15) - 38.0).abs() < 1e-9); // half-way from 29 to 47
        assert!((age_at(&shares, 0.225) - 75.0).abs() < 1e-9); // the later rise from 70 to 80, half-way
    }
}
