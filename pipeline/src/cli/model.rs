//! `earlycall model`: which candidate `run` uses; and the same kind of model on any table.

mod fit;
mod keygen;
mod predict;
mod show;
mod sign;

use super::Common;
use crate::{
    error::Result,
    model_store::{self, Promotion},
};

/// Work with models.
#[derive(Debug, clap::Subcommand)]
pub enum Model {
    /// Make a candidate the model that `run` uses.
    Promote(Promote),
    /// Make a key that signs models.
    Keygen(keygen::Keygen),
    /// Sign a candidate and its variants, which production asks for.
    Sign(sign::Sign),
    /// Fit a model of curves and pairs to any table.
    Fit(fit::Fit),
    /// Give every row of a table its risk by a fitted model.
    Predict(predict::Predict),
    /// Print a fitted model: how good it is, and every curve and pair.
    Show(show::Show),
}

#[derive(Debug, clap::Args)]
pub struct Promote {
    /// The candidate's name.
    name: String,
    /// Who decides.
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    why: String,
}

impl Model {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        match self {
            Model::Promote(promote) => promote.run(common),
            Model::Keygen(keygen) => keygen.run(),
            Model::Sign(sign) => sign.run(common),
            Model::Fit(fit) => fit.run(common),
            Model::Predict(predict) => predict.run(common),
            Model::Show(show) => show.run(),
        }
    }
}

impl Promote {
    fn run(&self, common: &Common) -> Result<()> {
        let Promote { name, by, why } = self;
        let settings = common.settings()?;
        let promotion = Promotion { name: name.clone(), by: by.clone(), why: why.clone() };
        model_store::promote(&settings, &promotion)?;
        tell!("promoted {name}: `run` uses it from now on");
        Ok(())
    }
}
