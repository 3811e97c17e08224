//! `earlycall model predict`: risks for a table.

use std::path::PathBuf;

use crate::{
    any_table::{Table, open_model, predict::predict},
    cli::{Common, shown},
    error::Result,
    store::export,
};

/// Give every row of a table its risk by a fitted model.
///
/// The table has the columns that the model learnt from, by the same names and in any order, and the id. The label may be
/// there, and nobody looks at it.
#[derive(Debug, clap::Args)]
pub struct Predict {
    /// The folder that `model fit` has made.
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    /// The table: CSV with a header, or Parquet (`.parquet`).
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// A file that is not there yet, for the risks: CSV of id and risk.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Predict {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        export::is_free(&self.out)?;
        let mut progress = common.progress();
        let artefact = open_model(&self.model)?;
        let table = Table::open(&self.data)?;
        progress.stage("predicting");
        let predicted = predict(&artefact, &table, common.threads())?;
        progress.handled(predicted.rows, "rows");
        progress.stage("writing");
        export::new_file(&self.out, &predicted.csv)?;
        progress.done();
        for (column, n) in &predicted.unknown {
            tell!("warning: column {column}: {n} rows with a category that the model does not know; taken as missing");
        }
        tell!("{} rows: {}", predicted.rows, shown(&self.out));
        Ok(())
    }
}
