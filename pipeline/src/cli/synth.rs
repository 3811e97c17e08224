//! `earlycall synth`: synthetic extracts.

use std::path::PathBuf;

use super::{Common, shown, usage};
use crate::{
    day::Day,
    error::Result,
    store::stream::GrowingFolder,
    synth::{Feeds, Format, SynthParams, generate},
};

/// Make synthetic extracts: one delivery, laid out as extracts arrive.
///
/// A full delivery comes with `truth.parquet` beside it. Two commands make the deliveries of two consecutive nights:
/// one with `--until 2026-11-19`, and one with `--delta-from 2026-11-19 --until 2026-11-20`, all else equal.
#[derive(Debug, clap::Args)]
pub struct Synth {
    /// People.
    #[arg(long, default_value_t = 20_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    people: u32,
    /// Years of history.
    #[arg(long, default_value_t = 5, value_name = "Y", value_parser = clap::value_parser!(u32).range(1..=30))]
    years: u32,
    /// The same seed gives the same bytes.
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// A folder that is not there yet.
    #[arg(long, value_name = "DIR", required_unless_present = "accept")]
    out: Option<PathBuf>,
    /// Format of the tables.
    #[arg(long, value_enum, default_value_t = TableFormat::Csv)]
    format: TableFormat,
    /// Last day on which anything happens: part of who the people are, so keep it for later deliveries.
    #[arg(long, value_name = "DATE")]
    last_day: Option<Day>,
    /// The day of the delivery: it brings what was known at its end [default: the day after the last day].
    #[arg(long, value_name = "DATE")]
    until: Option<Day>,
    /// Deliver only what became known after the end of this day, as a delta.
    #[arg(long, value_name = "DATE")]
    delta_from: Option<Day>,
    /// Put in known defects, listed in `planted.csv`.
    #[arg(long)]
    dirt: bool,
    /// Also make the optional tables: appointments, waiting lists, community and home care, readings at home and more.
    /// No other table changes with them.
    #[arg(long, value_enum, default_value_t = Feeds::None)]
    feeds: Feeds,
    /// Write nothing: hold the population against the published targets, and print each with what was found.
    #[arg(long, conflicts_with_all = ["out", "until", "delta_from", "dirt"])]
    accept: bool,
}

/// How tables are written.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum TableFormat {
    /// CSV.
    Csv,
    /// CSV, compressed.
    #[value(name = "csv.gz")]
    CsvGz,
    /// Parquet.
    Parquet,
}

impl Synth {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        let last_day = self.last_day.unwrap_or(SynthParams::default().last_day);
        let until = self.until.unwrap_or(last_day + 1);
        if self.delta_from.is_some_and(|day| day >= until) {
            return Err(usage("--delta-from must lie before the day of the delivery"));
        }
        let params = SynthParams {
            people: self.people,
            years: self.years,
            seed: self.seed,
            last_day,
            dirt: self.dirt,
            feeds: self.feeds,
        };
        let population = generate(&params).with_threads(common.threads());
        let format = match self.format {
            TableFormat::Csv => Format::Csv,
            TableFormat::CsvGz => Format::CsvGz,
            TableFormat::Parquet => Format::Parquet,
        };
        let mut progress = common.progress();
        let Some(out) = &self.out else {
            progress.stage("looking at everybody");
            let acceptance = population.accept();
            progress.done();
            tell!("{acceptance}");
            return Ok(());
        };
        let folder = GrowingFolder::begin(out)?;
        progress.stage("drawing lives and writing them down");
        let name = population.write_delivery(&folder, self.delta_from, until, format)?;
        if self.delta_from.is_none() {
            progress.stage("writing the truth");
            population.write_truth(&folder)?;
        }
        folder.finish()?;
        progress.done();
        tell!("{} synthetic people: {}", self.people, shown(&out.join(name)));
        Ok(())
    }
}
