//! `earlycall model keygen`: a key that signs models.

use std::path::PathBuf;

use crate::{
    cli::{random_key, shown},
    error::Result,
    model_store::signing,
};

/// Make a key that signs models.
///
/// The secret key is for whoever answers for models, and belongs on no machine that runs nights. The public one, beside it
/// with `.pub` at the end of its name, is named in `[model] public_keys`.
#[derive(Debug, clap::Args)]
pub struct Keygen {
    /// A file that is not there yet, for the secret key.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Keygen {
    pub(super) fn run(&self) -> Result<()> {
        let public = signing::new_key(&self.file, &random_key()?)?;
        tell!("secret key: {}; keep it where only whoever answers for models can read it", shown(&self.file));
        tell!("public key: {}; name it in [model] public_keys", shown(&public));
        Ok(())
    }
}
