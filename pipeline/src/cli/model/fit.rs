//! `earlycall model fit`: a model of any table.

use std::path::PathBuf;

use earlycall_model::{
    artefact::Artefact,
    boosted::BoostedParams,
    card::{card_html, card_markdown},
};

use crate::{
    any_table::{
        MODEL_FILE, Table,
        fit::{Meaning, fit},
    },
    cli::{Common, shown},
    error::Result,
    store::{export, folder::NewFile},
};

/// Fit a model of curves and pairs to any table.
///
/// Every column but label and id is learnt from: as a number, or as a category where it holds words. An empty cell is
/// missing.
#[derive(Debug, clap::Args)]
pub struct Fit {
    /// The table to learn from: CSV with a header, or Parquet (`.parquet`).
    #[arg(long, value_name = "FILE")]
    train: PathBuf,
    /// The column of 0 and 1 that says whether the event happened.
    #[arg(long, value_name = "COLUMN")]
    label: String,
    /// The column that says whose row it is.
    #[arg(long, value_name = "COLUMN")]
    id: String,
    /// A folder that is not there yet, for model.json, card.md and card.html.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How many pairs of columns may say something together.
    #[arg(long, default_value_t = 10, value_name = "N")]
    pairs: usize,
    /// A column of which a larger value never lowers the risk; may be given several times.
    #[arg(long, value_name = "COLUMN")]
    rising: Vec<String>,
    /// A column of which a larger value never raises the risk; may be given several times.
    #[arg(long, value_name = "COLUMN")]
    falling: Vec<String>,
    /// A column whose numbers are names of categories; may be given several times.
    #[arg(long, value_name = "COLUMN")]
    category: Vec<String>,
    /// Decides which rows share a bag; nothing else is random.
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
}

impl Fit {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        export::is_free(&self.out)?;
        let mut progress = common.progress();
        let table = Table::open(&self.train)?;
        let meaning = Meaning {
            label: self.label.clone(),
            id: self.id.clone(),
            rising: self.rising.clone(),
            falling: self.falling.clone(),
            categories: self.category.clone(),
        };
        let params = BoostedParams::new().pairs(self.pairs).seed(self.seed).threads(common.threads());
        let text = fit(&table, &meaning, params, &mut progress)?.to_json();
        progress.stage("writing");
        // With its checksum, as it will be read.
        let artefact = Artefact::from_json(&text).expect("what was just written reads back");
        let files = [
            NewFile::new(MODEL_FILE, text.into_bytes()),
            NewFile::new("card.md", card_markdown(&artefact, &[]).into_bytes()),
            NewFile::new("card.html", card_html(&artefact, &[]).into_bytes()),
        ];
        export::new_folder(&self.out, &files)?;
        progress.done();
        let (metrics, formula) = (artefact.metrics(), artefact.lead().formula());
        tell!(
            "{} rows, {} with the event; {} columns, {} pairs",
            metrics.rows,
            metrics.events,
            formula.n_columns,
            formula.n_pairs
        );
        tell!(
            "on rows it had not seen: AUROC {:.3}, mean risk {:.3}, observed {:.3}",
            metrics.auroc.unwrap_or(f64::NAN),
            metrics.mean_risk,
            metrics.observed_rate
        );
        tell!("card: {}", shown(&self.out.join("card.html")));
        Ok(())
    }
}
