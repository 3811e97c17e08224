//! `earlycall init`: the folder of a new service.

use std::path::PathBuf;

use earlycall_schemas::{
    catalogue::catalogue_markdown,
    reference::{outputs_markdown, rules_markdown, tables_markdown},
};

use super::{random_key, shown};
use crate::{
    error::Result,
    keys::how_to_make,
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

impl Init {
    pub(super) fn run(&self) -> Result<()> {
        export::is_free(&self.folder).map_err(|error| error.hint(self.what_to_do()))?;
        let mut files = vec![
            NewFile::new("earlycall.toml", TEMPLATE.as_bytes().to_vec()),
            NewFile::new("extracts/README.md", EXTRACTS.as_bytes().to_vec()),
            NewFile::new("reference/tables.md", tables_markdown().into_bytes()),
            NewFile::new("reference/rules.md", rules_markdown().into_bytes()),
            NewFile::new("reference/features.md", catalogue_markdown().into_bytes()),
            NewFile::new("reference/outputs.md", outputs_markdown().into_bytes()),
            NewFile::new("keys/tie.key", random_key()?.to_vec()),
        ];
        for team in &self.team {
            files.push(NewFile::new(format!("keys/{team}.key"), random_key()?.to_vec()));
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

impl Init {
    /// What to do where the folder is there already: whoever names teams wants no new service, but keys for one.
    fn what_to_do(&self) -> String {
        let of_new = "init makes a new folder alone, and leaves this one as it is";
        if self.team.is_empty() {
            return format!("{of_new}; choose another name");
        }
        let teams: Vec<&str> = self.team.iter().map(String::as_str).collect();
        let command = how_to_make(&self.folder.join("keys"), &teams);
        format!("{of_new}; a team of a service that is there gets its key with: {command}")
    }
}

/// What to put into the empty folder.
const EXTRACTS: &str = "\
# Deliveries

One folder per delivery, with a `manifest.json` and one file per table: NAME.csv, NAME.csv.gz, NAME.parquet, or a
folder NAME/ of such files. `../reference/tables.md` describes every table; `earlycall synth` makes an example.
A delivery counts from the moment its manifest is there, so copy the manifest last.
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_folder_that_is_there_is_left_alone_and_whoever_names_a_team_is_told_how_it_gets_its_key() {
        let there = tempfile::tempdir().unwrap();
        let refused = |team: &[&str]| {
            let team = team.iter().map(|team| (*team).to_owned()).collect();
            let error = Init { folder: there.path().to_owned(), team }.run().unwrap_err();
            assert_eq!(error.kind(), Kind::Usage);
            error.to_string()
        };
        let at = there.path().display().to_string();
        let expected =
            format!("{at}: is there already; hint: init makes a new folder alone, and leaves this one as it is");
        assert_eq!(refused(&[]), format!("{expected}; choose another name"));
        let key = format!("(umask 077; set -C; head -c 32 /dev/urandom > {at}/keys/coach-31.key)");
        let of_team = "a team of a service that is there gets its key with";
        assert_eq!(refused(&["coach-31"]), format!("{expected}; {of_team}: {key}"));
        let both = format!("for key in coach-31 coach-32; do {}; done", key.replace("coach-31", "$key"));
        assert!(refused(&["coach-31", "coach-32"]).ends_with(&both));
        assert_eq!(std::fs::read_dir(there.path()).unwrap().count(), 0, "nothing was written");
    }
}
