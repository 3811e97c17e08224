//! The place the people live in: boroughs, practices, networks, small areas and teams; and how long we look at it.

use std::{collections::BTreeSet, ops::Range};

use crate::day::Day;

use super::{
    SynthParams,
    chance::{Chance, Stream},
    concepts::Concepts,
    numbers::Parameters,
    parameters::parameters,
    person::Person,
    products::Products,
    rates::Rates,
};

/// A general practice.
pub(crate) struct Practice {
    pub code: String,
    pub name: String,
    pub pcn: String,
    pub borough: usize,
    /// Share of the borough's patients, as a weight.
    pub size: f64,
}

/// A small area.
pub(crate) struct Area {
    pub code: String,
    pub borough: usize,
    /// 1 is the most deprived in England, 32,844 the least.
    pub imd_rank: i32,
}

impl Area {
    /// Deprivation fifth, 0 the most deprived.
    pub fn fifth(&self) -> usize {
        ((self.imd_rank - 1) * 5 / 32_844) as usize
    }

    /// From 0, the most deprived, to 1, the least.
    pub fn affluence(&self) -> f64 {
        f64::from(self.imd_rank - 1) / 32_843.0
    }
}

/// Everything that people share.
pub(crate) struct World {
    pub params: SynthParams,
    /// How many times the declared shares of defects are planted: 0 without dirt, else 1.
    pub soil: f64,
    /// Records of people: as many more than people as come and go within the history.
    pub records: u32,
    pub numbers: &'static Parameters,
    pub rates: Rates,
    pub practices: Vec<Practice>,
    pub areas: Vec<Area>,
    /// Codes of the trusts, in order.
    pub trusts: Vec<&'static str>,
    /// What is written in GP records.
    pub concepts: Concepts,
    /// What is dispensed.
    pub products: Products,
    /// Numbers of the practices of each borough.
    pub practices_of: Vec<Range<usize>>,
    /// Numbers of the small areas of each borough.
    pub areas_of: Vec<Range<usize>>,
    /// First day of the history.
    pub first_day: Day,
    /// Numbers of the conditions that the code asks for by name.
    pub named: Named,
}

/// Conditions with a part of their own to play.
pub(crate) struct Named {
    pub diabetes: usize,
    pub ndh: usize,
    pub hypertension: usize,
    pub ckd: usize,
    pub copd: usize,
    pub obesity: usize,
    pub cancer: usize,
    pub dementia: usize,
    pub palliative: usize,
    pub frail: [usize; 3],
}

impl World {
    /// The place, drawn from the seed.
    pub fn new(params: &SynthParams) -> World {
        let numbers = parameters();
        let mut chance = Chance::of(params.seed, 0, Stream::World);
        let number = |name| numbers.condition(name);
        let practices = practices(numbers, params.people, &mut chance);
        let areas = areas(numbers, params.people, &mut chance);
        let boroughs = numbers.boroughs.len();
        let mut world = World {
            records: params.people,
            params: params.clone(),
            soil: f64::from(u8::from(params.dirt)),
            numbers,
            rates: Rates::new(numbers),
            practices_of: ranges(boroughs, practices.iter().map(|practice| practice.borough)),
            areas_of: ranges(boroughs, areas.iter().map(|area| area.borough)),
            practices,
            areas,
            trusts: trusts(numbers),
            concepts: Concepts::new(numbers),
            products: Products::new(numbers),
            first_day: params.last_day - (f64::from(params.years) * 365.25) as i32,
            named: Named {
                diabetes: number("diabetes"),
                ndh: number("ndh"),
                hypertension: number("hypertension"),
                ckd: number("ckd"),
                copd: number("copd"),
                obesity: number("obesity"),
                cancer: number("cancer"),
                dementia: number("dementia"),
                palliative: number("palliative_care"),
                frail: [number("heart_failure"), number("dementia"), number("stroke_tia")],
            },
        };
        world.records = (f64::from(params.people) / world.presence()).round() as u32;
        world
    }

    /// Share of the history that a record's person is among us, on average over the first few thousand.
    fn presence(&self) -> f64 {
        const SAMPLE: u32 = 4_000;
        let here = |number| {
            let person = Person::new(self, number);
            let until = person.left.unwrap_or(self.params.last_day);
            f64::from((until - person.arrived.max(self.first_day) + 1).max(0))
        };
        let window = f64::from(self.params.last_day - self.first_day + 1);
        (0..SAMPLE).map(here).sum::<f64>() / window / f64::from(SAMPLE)
    }

    /// The number of a trust.
    pub fn trust(&self, code: &str) -> usize {
        self.trusts.iter().position(|trust| *trust == code).expect("trusts come from the file of boroughs")
    }

    /// Size of a team's list of new people a week: it grows with the population up to what a team can do.
    pub fn weekly_capacity(&self) -> i32 {
        (self.params.people / 1000).clamp(5, 60) as i32
    }
}

/// Where each borough's things lie in a list that is in order of boroughs.
fn ranges(boroughs: usize, of: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let mut counts = vec![0; boroughs];
    of.for_each(|borough| counts[borough] += 1);
    let ends = counts.iter().scan(0, |end, count| {
        *end += count;
        Some(*end)
    });
    ends.zip(&counts).map(|(end, count)| end - count..end).collect()
}

fn trusts(numbers: &'static Parameters) -> Vec<&'static str> {
    let codes: BTreeSet<&str> = numbers.boroughs.iter().map(|borough| borough.trust.as_str()).collect();
    codes.into_iter().collect()
}

fn share_of(numbers: &Parameters, borough: usize) -> f64 {
    numbers.boroughs[borough].population / numbers.boroughs.iter().map(|b| b.population).sum::<f64>()
}

/// About 260 practices for two million people, but at least two to a borough of any size.
fn practices(numbers: &Parameters, people: u32, chance: &mut Chance) -> Vec<Practice> {
    let mut practices = Vec::new();
    let mut networks = 0;
    for borough in 0..numbers.boroughs.len() {
        let share = share_of(numbers, borough);
        let count = ((share * f64::from(people) / 7_850.0).round() as usize).max(if share < 0.02 { 1 } else { 2 });
        for i in 0..count {
            networks += usize::from(i % 5 == 0);
            let number = practices.len() + 1;
            practices.push(Practice {
                code: format!("F99{number:03}"),
                name: format!("Synthetic Practice {number:03}"),
                pcn: format!("U99{networks:03}"),
                borough,
                size: (0.5 * chance.normal()).exp(),
            });
        }
    }
    practices
}

/// Small areas of about 1,650 people; few enough in a small population that each has somebody in it. Their codes lie
/// outside the range that was ever given to a real area.
fn areas(numbers: &Parameters, people: u32, chance: &mut Chance) -> Vec<Area> {
    let mut areas = Vec::new();
    for (borough, figures) in numbers.boroughs.iter().enumerate() {
        let natural = figures.population / 1_650.0;
        let count = natural.min(share_of(numbers, borough) * f64::from(people) / 40.0).ceil().max(2.0) as usize;
        for i in 0..count {
            // Spread over the fifths by their shares, not drawn, so that a small world is as deprived as a large one.
            let imd_rank = rank_at(&figures.imd_fifths, (i as f64 + chance.unit()) / count as f64);
            areas.push(Area { code: format!("E0109{:04}", areas.len() + 1), borough, imd_rank });
        }
    }
    areas
}

fn rank_at(fifths: &[f64; 5], quantile: f64) -> i32 {
    let mut below = 0.0;
    for (i, percent) in fifths.iter().enumerate() {
        let share = percent / 100.0;
        if quantile < below + share || i == 4 {
            let within = ((quantile - below) / share).clamp(0.0, 0.999);
            return 1 + ((i as f64 + within) / 5.0 * 32_843.0) as i32;
        }
        below += share;
    }
    32_844
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_follow_the_shares_of_the_fifths() {
        let fifths = [10.0, 20.0, 30.0, 40.0, 0.0];
        assert_eq!(rank_at(&fifths, 0.0), 1);
        assert_eq!(rank_at(&fifths, 0.2), 1 + (0.3 * 32_843.0) as i32); // half-way through the second fifth
        assert!(rank_at(&fifths, 0.999) <= 32_844 * 4 / 5);
    }

    #[test]
    fn about_a_quarter_of_people_live_in_the_most_deprived_fifth() {
        let numbers = parameters();
        let share: f64 = (0..8).map(|b| share_of(numbers, b) * numbers.boroughs[b].imd_fifths[0]).sum();
        assert!((share - 25.0).abs() < 1.0, "{share}");
    }
}
