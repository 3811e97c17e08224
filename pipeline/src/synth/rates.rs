//! How often things happen to people of an age, a sex and a deprivation fifth: the tables behind every life.

use super::{
    chance::{Chance, Stream, normal_share_below},
    numbers::{CONDITIONS, PREVALENCE_AGES, Parameters},
};

/// Emergency admissions per person in scope and year that come out of one unit of the published yearly shares, by band of
/// age: people with several admissions, and people away or dead for part of a year. Set so that the share of people
/// admitted in each band meets the published one; it rises with age, for among the old the frail have most admissions.
const ADMISSIONS_SCALE: [f64; 5] = [1.02, 1.0, 1.02, 1.05, 2.1];
/// The same for deaths outside hospital.
const DEATHS_SCALE: f64 = 0.56;
/// How strongly one person's conditions go together: the share of the latent trait that they have in common.
const CLUSTERING: f64 = 0.25;
/// The most that all of a person's conditions together multiply their rate of admissions: published ratios are of one
/// condition at a time, and do not go on multiplying in people who have eight.
pub(crate) const MOST_ADMISSION_RATIO: f64 = 10.0;
const OLDEST: usize = 120;

/// Daily rates before a person's own conditions, frailty and history multiply them.
pub(crate) struct Rates {
    /// By age, then deprivation fifth.
    admission: Vec<[f64; 5]>,
    /// By age; men, women.
    death: Vec<[f64; 2]>,
}

impl Rates {
    /// Tables by single years of age. Published rates hold for a mix of people with and without conditions; dividing by
    /// the mean ratio of each age and fifth gives the rate of a person who has none.
    pub fn new(numbers: &Parameters) -> Rates {
        let means = MeanRatios::new(numbers);
        let admission = |age: usize, fifth: usize| {
            let yearly = -(1.0 - yearly_share_admitted(numbers, age as f64, fifth)).ln();
            ADMISSIONS_SCALE[band(numbers, age as f64)] * yearly / 365.25 / means.at(age as f64, fifth).0
        };
        let death = |age: usize, sex: usize| {
            let mean = means.at(age as f64, 2).1;
            DEATHS_SCALE * yearly_death(numbers, age as f64, sex) / 365.25 / mean
        };
        Rates {
            admission: (0..=OLDEST).map(|age| std::array::from_fn(|fifth| admission(age, fifth))).collect(),
            death: (0..=OLDEST).map(|age| std::array::from_fn(|sex| death(age, sex))).collect(),
        }
    }

    /// Emergency admissions a day.
    pub fn admission(&self, age: f64, fifth: usize) -> f64 {
        self.admission[(age.max(0.0) as usize).min(OLDEST)][fifth]
    }

    /// Deaths outside hospital a day; sex 0 men, 1 women.
    pub fn death(&self, age: f64, sex: usize) -> f64 {
        self.death[(age.max(0.0) as usize).min(OLDEST)][sex]
    }
}

/// The published band of an age.
fn band(numbers: &Parameters, age: f64) -> usize {
    numbers.admitted.iter().position(|(oldest, _)| age <= *oldest).unwrap_or(4)
}

/// Share of a year's people with an emergency admission. The published oldest band, 67 to 110, is shared out by the
/// Scottish figures by ten years of age, which have the same mean over it.
fn yearly_share_admitted(numbers: &Parameters, age: f64, fifth: usize) -> f64 {
    let band = &numbers.admitted[band(numbers, age)];
    let is_oldest = band.0 > 100.0;
    let shape = if is_oldest { by_decade(numbers, age) / OLDEST_BAND_MEAN } else { 1.0 };
    (band.1[fifth] * shape).min(0.8)
}

/// Mean of [`by_decade`] over the ages 67 and more of the published population (45% to 74, 38% to 84, 17% above).
const OLDEST_BAND_MEAN: f64 = 0.21;

fn by_decade(numbers: &Parameters, age: f64) -> f64 {
    let place = ((age - 5.0) / 10.0).clamp(0.0, 9.0);
    let (low, share) = (place.floor() as usize, place.fract());
    let at = |i: usize| numbers.admitted_by_decade[i.min(9)];
    at(low) * (1.0 - share) + at(low + 1) * share
}

/// Yearly probability of death. The curve is fitted from 40; below, it runs flat where it would underrate the young.
pub(crate) fn yearly_death(numbers: &Parameters, age: f64, sex: usize) -> f64 {
    let curve = &numbers.mortality[sex];
    (curve.intercept + curve.slope * age).exp().clamp(0.0003, 0.6)
}

/// Share of people of an age who have a condition, between the ages that are known.
pub(crate) fn prevalence(shares: &[f64; 8], age: f64) -> f64 {
    let next = PREVALENCE_AGES.iter().position(|&known| age < known).unwrap_or(8);
    match next {
        0 => shares[0],
        8 => shares[7],
        _ => {
            let (from, to) = (PREVALENCE_AGES[next - 1], PREVALENCE_AGES[next]);
            shares[next - 1] + (shares[next] - shares[next - 1]) * (age - from) / (to - from)
        }
    }
}

/// A share after its odds are multiplied.
pub(crate) fn with_odds(share: f64, ratio: f64) -> f64 {
    let odds = share / (1.0 - share) * ratio;
    odds / (1.0 + odds)
}

/// Odds of a condition at a place between the most (0) and least (1) deprived, against the middle.
pub(crate) fn deprivation_odds(most_to_least: f64, affluence: f64) -> f64 {
    most_to_least.powf(0.5 - affluence)
}

/// Where a person stands for each condition, from 0 (has it if anybody of that age has) to 1. Poor general health makes
/// all of them likelier together.
pub(crate) fn latent_places(chance: &mut Chance) -> [f64; CONDITIONS] {
    let general = chance.normal();
    let own = (1.0f64 - CLUSTERING).sqrt();
    std::array::from_fn(|_| normal_share_below(CLUSTERING.sqrt() * general + own * chance.normal()))
}

/// Mean product of the ratios of people's conditions, at the known ages, by deprivation fifth: (admission, death).
struct MeanRatios(Vec<[(f64, f64); 5]>);

impl MeanRatios {
    /// By drawing people: conditions cluster, so the mean of a product is not the product of means.
    fn new(numbers: &Parameters) -> MeanRatios {
        const DRAWS: u32 = 1_500;
        let people: Vec<[f64; CONDITIONS]> =
            (0..DRAWS).map(|n| latent_places(&mut Chance::of(0, n, Stream::Conditions))).collect();
        // Palliative care comes near the end of life, at a rate of its own.
        let palliative = numbers.condition("palliative_care");
        let mean = |node: usize, fifth: usize| {
            let affluence = 0.1 + 0.2 * fifth as f64;
            let shares: Vec<f64> = numbers
                .conditions
                .iter()
                .map(|condition| {
                    with_odds(condition.prevalence[node], deprivation_odds(condition.deprivation_odds_ratio, affluence))
                })
                .collect();
            let mut sums = (0.0, 0.0);
            for places in &people {
                let mut product = (1.0, 1.0);
                for (i, condition) in numbers.conditions.iter().enumerate().filter(|(i, _)| *i != palliative) {
                    if places[i] < shares[i] {
                        product.0 *= condition.admission_ratio;
                        product.1 *= condition.mortality_ratio;
                    }
                }
                sums.0 += product.0.min(MOST_ADMISSION_RATIO);
                sums.1 += product.1;
            }
            (sums.0 / f64::from(DRAWS), sums.1 / f64::from(DRAWS))
        };
        MeanRatios((0..8).map(|node| std::array::from_fn(|fifth| mean(node, fifth))).collect())
    }

    fn at(&self, age: f64, fifth: usize) -> (f64, f64) {
        let column = |pick: fn(&(f64, f64)) -> f64| prevalence(&std::array::from_fn(|i| pick(&self.0[i][fifth])), age);
        (column(|pair| pair.0), column(|pair| pair.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::parameters::parameters;

    #[test]
    fn prevalence_runs_straight_between_known_ages() {
        let shares = [0.0, 0.0, 0.1, 0.2, 0.2, 0.2, 0.2, 0.3];
        assert_eq!(prevalence(&shares, 29.0), 0.1);
        assert!((prevalence(&shares, 38.0) - 0.15).abs() < 1e-12);
        assert_eq!(prevalence(&shares, 99.0), 0.3);
    }

    #[test]
    fn odds_move_a_share_and_stay_below_one() {
        assert!((with_odds(0.5, 3.0) - 0.75).abs() < 1e-12);
        assert!((deprivation_odds(4.0, 0.0) / deprivation_odds(4.0, 1.0) - 4.0).abs() < 1e-12);
    }

    #[test]
    fn the_oldest_band_keeps_its_published_mean() {
        let numbers = parameters();
        let mean = 0.45 * by_decade(numbers, 70.5) + 0.38 * by_decade(numbers, 79.5) + 0.17 * by_decade(numbers, 88.5);
        assert!((mean / OLDEST_BAND_MEAN - 1.0).abs() < 0.05, "{mean}");
    }
}
