//! `earlycall synth`: synthetic extracts.

use std::path::PathBuf;

use super::{Common, in_folder, shown};
use crate::{
    day::Day,
    error::Result,
    store::{export, folder::NewFile},
    synth::{Format, SynthParams, generate},
};

/// Make synthetic extracts: one full delivery, and `truth.parquet` beside it.
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
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Format of the tables.
    #[arg(long, value_enum, default_value_t = TableFormat::Csv)]
    format: TableFormat,
    /// Last day on which anything happens; the extract is of the day after.
    #[arg(long, value_name = "DATE")]
    last_day: Option<Day>,
    /// Put in known defects, listed in `planted.csv`.
    #[arg(long)]
    dirt: bool,
}

/// How tables are written.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum TableFormat {
    Csv,
    Parquet,
}

impl Synth {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        let mut progress = common.progress();
        progress.stage("drawing lives");
        let defaults = SynthParams::default();
        let last_day = self.last_day.unwrap_or(defaults.last_day);
        let params = SynthParams { people: self.people, years: self.years, seed: self.seed, last_day, dirt: self.dirt };
        let population = generate(&params).with_threads(common.threads());
        let format = match self.format {
            TableFormat::Csv => Format::Csv,
            TableFormat::Parquet => Format::Parquet,
        };
        let delivery = population.delivery_full(last_day + 1, format);
        let mut files = in_folder(&delivery.folder_name, delivery.files);
        files.push(NewFile::new("truth.parquet", population.truth()));
        files.extend(delivery.planted.map(|planted| NewFile::new("planted.csv", planted)));
        progress.stage("writing");
        export::new_folder(&self.out, &files)?;
        progress.done();
        tell!("{} synthetic people: {}", self.people, shown(&self.out.join(&delivery.folder_name)));
        Ok(())
    }
}
