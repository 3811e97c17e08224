//! `earlycall model show`: a fitted model, with every curve and pair.

use std::path::PathBuf;

use earlycall_model::card::card_markdown;

use crate::{any_table::open_model, error::Result};

/// Print a fitted model: how good it is, and every curve and pair.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The folder that `model fit` has made.
    #[arg(value_name = "DIR")]
    model: PathBuf,
}

impl Show {
    pub(super) fn run(&self) -> Result<()> {
        tell!("{}", card_markdown(&open_model(&self.model)?, &[]).trim_end());
        Ok(())
    }
}
