//! The synthetic population: people who never lived, with the ages, conditions, admissions and records of a real place.
//!
//! Everything about a person follows from the seed and the person's number, so a population is not stored: each delivery
//! makes the people it needs, part by part, on any number of threads, and always with the same bytes. Start reading at
//! `life.rs`; the numbers are in `data-schemas/synthetic`.
//!
//! Watermarks: `is_synthetic` in each manifest, practices called "Synthetic Practice", small areas outside the range of
//! real codes, and person keys that hash the word "synthetic".

mod acceptance;
mod around;
mod attendances;
mod calendar;
mod cells;
mod chance;
mod communication;
mod concepts;
mod conditions;
mod contacts;
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
mod manifest;
mod measurements;
mod numbers;
mod packed;
mod parallel;
mod parameters;
mod parquet_cells;
mod people;
mod person;
mod place;
mod planned;
mod practices;
mod prescriptions;
mod products;
mod rates;
mod record;
mod reference;
mod reports;
mod rows;
mod sdec;
mod sheet;
#[cfg(test)]
mod tests;
mod truth;
mod world;

use crate::{day::Day, error::Result, store::stream::GrowingFolder};

pub use acceptance::{Acceptance, Check};
pub use around::Feeds;
pub use delivery::DeliveryFiles;
pub use sheet::Format;

use delivery::Order;
use people::Layout;
use place::{Memory, Within};
use rows::Window;
use world::World;

/// What population to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynthParams {
    /// How many people live here at any one time. There are more records than people: of those who died, left or had
    /// not come yet, of test patients, and second records of somebody.
    pub people: u32,
    /// Years of history before the last day. Conditions may have begun earlier.
    pub years: u32,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// The last day on which anything happens. Late news of it may arrive afterwards.
    pub last_day: Day,
    /// Puts known defects into deliveries and lists them in `planted.csv`.
    pub dirt: bool,
    /// Whether the optional tables are made. No other table changes with them by a byte.
    pub feeds: Feeds,
}

impl Default for SynthParams {
    /// 20,000 people over five years to Friday 20 November 2026, without dirt and without optional tables.
    fn default() -> SynthParams {
        let last_day = Day::parse("2026-11-20").expect("a day of the calendar");
        SynthParams { people: 20_000, years: 5, seed: 1, last_day, dirt: false, feeds: Feeds::None }
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
    Population { world: World::new(params), threads: parallel::threads_offered() }
}

impl Population {
    /// Uses this many threads instead of all that the machine offers. Changes no byte.
    pub fn with_threads(self, threads: usize) -> Population {
        Population { threads: threads.max(1), ..self }
    }

    /// Everything that was known at the end of a day. `extracted_at` is late in the evening of that London day, so a
    /// delivery of the day after the index date shows the whole of the index date.
    ///
    /// In memory, one file to a table: for small populations.
    pub fn delivery_full(&self, extracted_on: Day, format: Format) -> DeliveryFiles {
        self.in_memory(Window { after: None, until: extracted_on }, format)
    }

    /// What became known after the end of one day and by the end of another: new rows, and rows that changed, by key.
    /// Reference tables, `user_access`, `opt_outs` (refreshed each time) and `inpatients_now` (counted each time) are
    /// always whole. In memory, one file to a table.
    pub fn delivery_delta(&self, after: Day, extracted_on: Day, format: Format) -> DeliveryFiles {
        self.in_memory(Window { after: Some(after), until: extracted_on }, format)
    }

    fn in_memory(&self, window: Window, format: Format) -> DeliveryFiles {
        let order = Order { window, layout: Layout::OneFile, format };
        let memory = Memory::default();
        let sent = order.send(&self.world, self.threads, &memory).expect("memory takes every file");
        let files = sent.files.into_iter().map(|path| (memory.take(&path), path)).map(|(bytes, path)| (path, bytes));
        DeliveryFiles { folder_name: order.folder_name(), files: files.collect(), planted: sent.planted }
    }

    /// Writes a delivery into a folder of `folder`, laid out as extracts arrive, and says the folder's name: the GP
    /// tables as one file to a practice, the hospital tables as one to a trust and month, in the order in which rows
    /// became known. With `after`, what became known since the end of that day; without, everything. Memory is bounded
    /// by the rows outside the GP record and by one practice to a thread. Lists defects in `planted.csv` beside it.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write_delivery(
        &self,
        folder: &GrowingFolder,
        after: Option<Day>,
        until: Day,
        format: Format,
    ) -> Result<String> {
        let order = Order { window: Window { after, until }, layout: Layout::ByProvider, format };
        let name = order.folder_name();
        let sent = order.send(&self.world, self.threads, &Within { folder, name: &name })?;
        if let Some(planted) = sent.planted {
            folder.put("planted.csv", &mut |out| out.write_all(&planted))?;
        }
        Ok(name)
    }

    /// `truth.parquet`: person_id, hazard_per_day_at_end, p_180d_at_end, p_180d_minus_180, p_180d_minus_365, frailty.
    ///
    /// The probabilities are of at least one emergency admission in the 180 days after the last day of the history and
    /// after the days 180 and 365 days before it. They are empty for people who were dead, away or not yet here on that
    /// day; somebody who leaves within the window has the probability of one who stays. The hazard is also empty for
    /// people in a bed. Test patients and merged records are left out.
    pub fn truth(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        truth::write(&self.world, self.threads, &mut bytes).expect("memory takes every write");
        bytes
    }

    /// Writes `truth.parquet` into a folder.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_truth(&self, folder: &GrowingFolder) -> Result<()> {
        folder.put("truth.parquet", &mut |out| truth::write(&self.world, self.threads, out))
    }

    /// Holds the population against the published targets. Writes nothing; looks at everybody.
    pub fn accept(&self) -> Acceptance {
        acceptance::examine(&self.world, self.threads)
    }
}
