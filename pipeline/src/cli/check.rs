//! `earlycall check`: settings and extracts against the contract.

use super::Common;
use crate::{
    error::{Error, Kind, Result},
    extract::{self, Registry},
    settings::Settings,
};

/// Hold settings and extracts against the contract; scores nothing.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// For people, or for machines.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Check {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        let settings = common.settings()?;
        let folders = extract::delivery::find(&settings.extracts.folder)?;
        let mut registry = Registry::default();
        let mut qualities = Vec::new();
        let mut refusals = Vec::new();
        for folder in &folders {
            let inspection = extract::inspect(folder, &mut registry);
            refusals.extend(inspection.all_refusals(settings.gate.rejected_rows_max));
            qualities.push(inspection.quality(settings.gate.rejected_rows_max));
        }
        match self.format {
            Format::Json => {
                tell!("{}", serde_json::to_string_pretty(&qualities).expect("a summary is plain data"));
            }
            Format::Text => {
                tell!("settings: {}", summary(&settings));
                qualities.iter().for_each(|quality| tell!("{}", quality.text()));
            }
        }
        match refusals.len() {
            0 => Ok(()),
            1 => Err(refusals.remove(0)),
            n => Err(Error::new(Kind::Extract, format!("{n} files are refused, listed above"))),
        }
    }
}

fn summary(settings: &Settings) -> String {
    format!(
        "{} profile, {} within {} days, adults from {}, {} conditions",
        if settings.is_research() { "research" } else { "production" },
        settings.prediction.outcome.in_words(),
        settings.prediction.horizon_days,
        settings.cohort.minimum_age_years,
        settings.cohort.conditions.len()
    )
}
