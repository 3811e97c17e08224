//! `earlycall init`: the folder of a new service.

use std::{fs::File, io::Read, path::PathBuf};

use earlycall_schemas::{
    catalogue::catalogue_markdown,
    reference::{outputs_markdown, rules_markdown, tables_markdown},
};

use super::shown;
use crate::{
    error::{Error, Result},
    settings::template::TEMPLATE,
    store::{export, folder::NewFile},
};

/// Make the folder of a new service: settings, keys, empty folders, the reference of the tables.
#[derive(Debug, clap::Args)]
pub struct Init {
    /// A folder that is not there yet.
    folder: PathBuf,
    /// A team of `reference_teams`, for which to make a key; may be given several times.
    #[arg(long, value_name = "TEAM")]
    team: Vec<String>,
}

/// Bytes of a key.
const KEY_BYTES: usize = 32;

impl Init {
    pub(super) fn run(&self) -> Result<()> {
        let mut files = vec![
            NewFile::new("earlycall.toml", TEMPLATE.as_bytes().to_vec()),
            NewFile::new("extracts/README.md", EXTRACTS.as_bytes().to_vec()),
            NewFile::new("reference/tables.md", tables_markdown().into_bytes()),
            NewFile::new("reference/rules.md", rules_markdown().into_bytes()),
            NewFile::new("reference/features.md", catalogue_markdown().into_bytes()),
            NewFile::new("reference/outputs.md", outputs_markdown().into_bytes()),
            NewFile::new("keys/tie.key", random_key()?),
        ];
        for team in &self.team {
            files.push(NewFile::new(format!("keys/{team}.key"), random_key()?));
        }
        export::new_folder(&self.folder, &files)?;
        let folder = shown(&self.folder);
        tell!("made {folder}");
        tell!("next: put a delivery into {folder}/extracts, then");
        tell!("  earlycall --config {folder}/earlycall.toml check");
        tell!("  earlycall --config {folder}/earlycall.toml train --index-date DATE");
        tell!("  earlycall --config {folder}/earlycall.toml run");
        if self.team.is_empty() {
            tell!("each team of reference_teams needs a key in {folder}/keys; --team TEAM makes one");
        }
        Ok(())
    }
}

/// What to put into the empty folder.
const EXTRACTS: &str = "\
# Deliveries

One folder per delivery, with a `manifest.json` and one file per table: NAME.csv, NAME.csv.gz, NAME.parquet, or a
folder NAME/ of such files. `../reference/tables.md` describes every table; `earlycall synth` makes an example.
A delivery counts from the moment its manifest is there, so copy the manifest last.
";

/// Random bytes from the system.
fn random_key() -> Result<Vec<u8>> {
    let path = PathBuf::from("/dev/urandom");
    let mut bytes = vec![0; KEY_BYTES];
    let mut source = File::open(&path).map_err(|error| Error::storage(&path, "open", &error))?;
    source.read_exact(&mut bytes).map_err(|error| Error::storage(&path, "read", &error))?;
    Ok(bytes)
}
