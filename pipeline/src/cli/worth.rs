//! `earlycall worth`: what each optional feed adds, as HTML and JSON.

use std::path::PathBuf;

use super::{Common, in_order, shown};
use crate::{
    day::Day,
    error::Result,
    history::arrive::settle_deliveries,
    objections::holding::holding,
    store::{disk::FileSystem, export, folder::NewFile},
    worth::{page, worth},
};

/// Measure what each optional feed is worth.
#[derive(Debug, clap::Args)]
pub struct WorthOfFeeds {
    /// A past index date whose window is over; may be given several times.
    #[arg(long, value_name = "DATE", required = true)]
    index_date: Vec<Day>,
    /// A folder that is not there yet, for worth.html and worth.json.
    #[arg(long, default_value = "worth", value_name = "DIR")]
    out: PathBuf,
}

impl WorthOfFeeds {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        let settings = common.settings()?;
        let dates = in_order(&self.index_date)?;
        let mut progress = common.progress();
        let (found, revised, given) = holding(&settings, &FileSystem, |store| {
            progress.stage("settling");
            let history = settle_deliveries(store, &settings, common.threads())?;
            worth(&history, &settings, &dates, common.threads(), &mut progress)
        })?;
        let json = serde_json::to_vec_pretty(&found).expect("what feeds are worth is plain data");
        let files = [NewFile::new("worth.html", page::write(&found)), NewFile::new("worth.json", json)];
        export::new_folder(&self.out, &files)?;
        progress.done();
        common.tell_revised(revised.as_ref());
        for one in &found.feeds {
            let gain = one.beside_others.map_or(String::new(), |gain| {
                format!(", AUROC {:+.3} ({:+.3} to {:+.3}) beside all others", gain.gain, gain.low, gain.high)
            });
            tell!("{}: {} people{gain}: {}", one.feed, one.people, one.verdict.in_words());
        }
        tell!("report: {}", shown(&self.out.join("worth.html")));
        given
    }
}
