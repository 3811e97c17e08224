//! The synthetic population: people who never lived, with the ages, conditions, admissions and records of a real place.
//!
//! Everything about a person follows from the seed and the person's number, so a population is not stored: each delivery
//! makes the people it needs, part by part, on any number of threads, and always with the same bytes. Start reading at
//! `life.rs`; the numbers are in `data-schemas/synthetic`.
//!
//! Watermarks: `is_synthetic` in each manifest, practices called "Synthetic Practice", small areas outside the range of
//! real codes, and person keys that hash the word "synthetic".

mod attendances;
mod calendar;
mod cells;
mod chance;
mod conditions;
mod course;
mod csv_cells;
mod delivery;
mod diagnoses;
mod dirt;
mod emergencies;
mod episodes;
mod gp_rows;
mod hospital_rows;
mod levels;
mod life;
mod numbers;
mod parameters;
mod parquet_cells;
mod person;
mod planned;
mod prescriptions;
mod rates;
mod record;
mod reference;
mod reports;
mod rows;
#[cfg(test)]
mod tests;
mod truth;
mod world;

use crate::day::Day;

pub use delivery::{DeliveryFiles, Format};

use rows::Window;
use world::World;

/// What population to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynthParams {
    /// How many records of people; some of them are dead, gone, test patients or second records of somebody.
    pub people: u32,
    /// Years of history before the last day. Conditions may have begun earlier.
    pub years: u32,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// The last day on which anything happens. Late news of it may arrive afterwards.
    pub last_day: Day,
    /// Puts known defects into deliveries and lists them in `planted.csv`.
    pub dirt: bool,
}

impl Default for SynthParams {
    /// 20,000 people over five years to Friday 20 November 2026, without dirt.
    fn default() -> SynthParams {
        let last_day = Day::parse("2026-11-20").expect("a day of the calendar");
        SynthParams { people: 20_000, years: 5, seed: 1, last_day, dirt: false }
    }
}

/// A synthetic population, ready to be told as deliveries.
///
/// # Example
/// ```
/// use earlycall::synth::{Format, SynthParams, generate};
/// let people = generate(&SynthParams { people: 50, years: 1, ..SynthParams::default() });
/// let last_day = SynthParams::default().last_day;
/// let delivery = people.delivery_full(last_day, Format::Csv);
/// assert_eq!(delivery.folder_name, "2026-11-20-full");
/// assert!(delivery.files.iter().any(|(name, _)| name == "manifest.json"));
/// assert_eq!(delivery.planted, None); // without dirt there is nothing to list
/// ```
pub struct Population {
    world: World,
    threads: usize,
}

/// Makes a population. Cheap: people are made when a delivery or the truth is asked for.
pub fn generate(params: &SynthParams) -> Population {
    Population { world: World::new(params), threads: delivery::threads_offered() }
}

impl Population {
    /// Uses this many threads instead of all that the machine offers. Changes no byte.
    pub fn with_threads(self, threads: usize) -> Population {
        Population { threads: threads.max(1), ..self }
    }

    /// Everything that was known at the end of a day. `extracted_at` is late in the evening of that London day, so a
    /// delivery of the day after the index date shows the whole of the index date.
    pub fn delivery_full(&self, extracted_on: Day, format: Format) -> DeliveryFiles {
        delivery::deliver(&self.world, self.threads, Window { after: None, until: extracted_on }, format)
    }

    /// What became known after the end of one day and by the end of another: new rows, and rows that changed, by key.
    /// Reference tables, `user_access`, `opt_outs` (refreshed each time) and `inpatients_now` (counted each time) are
    /// always whole.
    pub fn delivery_delta(&self, after: Day, extracted_on: Day, format: Format) -> DeliveryFiles {
        delivery::deliver(&self.world, self.threads, Window { after: Some(after), until: extracted_on }, format)
    }

    /// `truth.parquet`: person_id, hazard_per_day_at_end, p_180d_at_end, p_180d_minus_180, p_180d_minus_365, frailty.
    ///
    /// The probabilities are of at least one emergency admission in the 180 days after the last day of the history and
    /// after the days 180 and 365 days before it. They are empty for people who were dead, away or not yet here on that
    /// day; somebody who leaves within the window has the probability of one who stays. The hazard is also empty for
    /// people in a bed. Test patients and merged records are left out.
    pub fn truth(&self) -> Vec<u8> {
        truth::file(&self.truths())
    }

    fn truths(&self) -> Vec<truth::Truth> {
        let part = |people: std::ops::Range<u32>| {
            people.filter_map(|number| truth::Truth::of(&self.world, number)).collect::<Vec<_>>()
        };
        delivery::in_parts(self.world.params.people, self.threads, part).concat()
    }
}
