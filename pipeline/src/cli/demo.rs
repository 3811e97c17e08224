//! `earlycall demo`: the whole service on a synthetic population, in a folder of its own.

use std::path::PathBuf;

use earlycall_schemas::feeds::feeds;

use super::{Common, shown};
use crate::{
    day::Day,
    error::{Error, Kind, Result},
    history::arrive::settle_deliveries,
    model_store::{self, Promotion},
    night::{self, Request},
    settings::Settings,
    store::{Store, disk::FileSystem, export, folder::NewFile},
    synth::{DeliveryFiles, Feeds, Format, SynthParams, generate},
    train::{self, outcome::STAYS_ARRIVE_WITHIN_DAYS},
};

/// Make a synthetic population, train a model on its past, run two nights, and print the paths of the worklists.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Where to make it; an older demo there is replaced.
    #[arg(long, default_value = "earlycall-demo", value_name = "DIR")]
    out: PathBuf,
    /// People.
    #[arg(long, default_value_t = 20_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    people: u32,
}

/// Years of history.
const YEARS: u32 = 3;

/// The settings of a demo before its feeds.
const SETTINGS: &str = "\
# earlycall demo: a synthetic population. `earlycall init DIR` writes every key with its meaning.

[profile]
kind = \"research\"
";

/// The settings of a demo, which may replace a folder that has the same.
fn settings_text() -> String {
    let feeds = feeds().iter().map(|feed| format!("\n[feeds.{}]\nlegal_basis = \"synthetic\"\n", feed.table()));
    std::iter::once(SETTINGS.to_owned()).chain(feeds).collect()
}

impl Demo {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        let mut progress = common.progress();
        self.clear()?;
        progress.stage("drawing synthetic lives");
        let first_night = SynthParams::default().last_day - 1;
        let params = SynthParams { people: self.people, years: YEARS, feeds: Feeds::Telling, ..SynthParams::default() };
        let population = generate(&params).with_threads(common.threads());
        let deliveries = [
            population.delivery_full(first_night, Format::Csv),
            population.delivery_delta(first_night, first_night + 1, Format::Csv),
        ];
        let start = [
            NewFile::new("earlycall.toml", settings_text().into_bytes()),
            NewFile::new("truth.parquet", population.truth()),
        ];
        export::new_folder(&self.out, &start)?;
        let settings = Settings::load(&self.out.join("earlycall.toml"))?;

        for (night, delivery) in deliveries.into_iter().enumerate() {
            self.deliver(delivery)?;
            if night == 0 {
                self.train(&settings, first_night, common, &mut progress)?;
            }
            // Synthetic extracts are taken late in the evening, so they cover their own day.
            let index_date = first_night + night as i32;
            let request = Request { index_date: Some(index_date), threads: common.threads(), ..Request::default() };
            night::run(&settings, &request, &FileSystem, &mut progress)?.given?;
        }
        progress.done();
        self.tell(&settings)
    }

    /// Removes an older demo. Anything else that is there already is left alone.
    fn clear(&self) -> Result<()> {
        let settings = self.out.join("earlycall.toml");
        let is_demo = std::fs::read_to_string(&settings).is_ok_and(|text| text == settings_text());
        if self.out.exists() && !is_demo {
            return Err(Error::new(Kind::Usage, "is there already, and is not an older demo")
                .file(shown(&self.out))
                .hint("choose another folder with --out"));
        }
        export::remove(&self.out)
    }

    fn deliver(&self, delivery: DeliveryFiles) -> Result<()> {
        let files: Vec<NewFile> = delivery.files.into_iter().map(|(name, bytes)| NewFile::new(name, bytes)).collect();
        export::new_folder(&self.out.join("extracts").join(delivery.folder_name), &files)
    }

    fn train(
        &self,
        settings: &Settings,
        first_night: Day,
        common: &Common,
        progress: &mut crate::progress::Progress,
    ) -> Result<()> {
        progress.stage("settling the history");
        let store = Store::open(&FileSystem, settings.output_folder(), settings.state_folder())?;
        let history = settle_deliveries(&store, settings, common.threads())?;
        // Every stay up to this day has been sent.
        let settled_to = first_night - STAYS_ARRIVE_WITHIN_DAYS;
        // A year of outcomes for the older one, so that every horizon is learnt.
        let index_dates = [settled_to - 365, settled_to - settings.prediction.horizon_days];
        let learnt = train::train(&history, settings, &index_dates, common.threads(), progress)?;
        let name = model_store::put_candidate(settings, &learnt.family)?.main.name;
        let why = "the only candidate of a demo".to_owned();
        model_store::promote(settings, &Promotion { name, by: "earlycall demo".to_owned(), why })
    }

    fn tell(&self, settings: &Settings) -> Result<()> {
        let current = settings.output_folder().join("current");
        tell!("two nights are published; open the worklist of any team in a browser:");
        for team in crate::store::folder::names(&current.join("worklists"))? {
            tell!("  {}", shown(&current.join("worklists").join(team).join("worklist.html")));
        }
        tell!(
            "beside each: worklist.xlsx and worklist.csv, and for its lead team.html and waiting.html; for analysts: {}",
            shown(&current.join("scores.parquet"))
        );
        tell!("settings: {}", shown(&self.out.join("earlycall.toml")));
        Ok(())
    }
}
