//! `earlycall model promote`: which candidate `run` uses.

use super::Common;
use crate::{
    error::Result,
    model_store::{self, Promotion},
};

/// Work with models.
#[derive(Debug, clap::Subcommand)]
pub enum Model {
    /// Make a candidate the model that `run` uses.
    Promote {
        /// The candidate's name.
        name: String,
        /// Who decides.
        #[arg(long, value_name = "WHO")]
        by: String,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
}

impl Model {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        let Model::Promote { name, by, why } = self;
        let settings = common.settings()?;
        let promotion = Promotion { name: name.clone(), by: by.clone(), why: why.clone() };
        model_store::promote(&settings, &promotion)?;
        tell!("promoted {name}: `run` uses it from now on");
        Ok(())
    }
}
