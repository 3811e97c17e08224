//! `earlycall model sign`: somebody lets a candidate out.

use std::path::PathBuf;

use data_encoding::HEXLOWER;

use crate::{cli::Common, error::Result, model_store};

/// Sign a candidate and its variants.
///
/// Whoever signs has read the card. Production uses only models that are signed with a key of `[model] public_keys`.
#[derive(Debug, clap::Args)]
pub struct Sign {
    /// The candidate's name.
    name: String,
    /// The file of the secret key, as `model keygen` has made it.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

impl Sign {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        let public = model_store::sign(&common.settings()?, &self.name, &self.key)?;
        tell!("signed {}; the public key that checks it: {}", self.name, HEXLOWER.encode(&public));
        Ok(())
    }
}
