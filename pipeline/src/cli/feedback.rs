//! `earlycall feedback`: what coaches found.

use std::path::PathBuf;

use super::{Common, objection::tell};
use crate::{
    error::Result,
    feedback::{
        add::{self, Added},
        log::Taken,
    },
    store::disk::FileSystem,
};

/// Take in what coaches found.
#[derive(Debug, clap::Subcommand)]
pub enum Feedback {
    /// Take in contacts: rows of `coach_contacts` as CSV, or a worklist's own Excel file with its outcomes filled in. What
    /// was found counts from the next night on; whoever has died or objects is taken off the list in use at once.
    Add(AddArgs),
}

#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// The file; handing in the same one again changes nothing, and a changed one corrects it.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Who hands it in, and called where an Excel file does not say who.
    #[arg(long, value_name = "WHO", default_value = "not said")]
    by: String,
}

impl Feedback {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        let Feedback::Add(AddArgs { file, by }) = self;
        let added = add::add(file, by, &common.settings()?, &FileSystem)?;
        in_words(&added).iter().for_each(|line| tell!("{line}"));
        if let Some(noted) = &added.deaths {
            tell(noted, "dead");
            tell!(
                "a death that a coach heard of is not confirmed: ask the practice, and `earlycall withdraw --undo` if it is not so"
            );
        }
        if let Some(noted) = &added.objections {
            tell(noted, "objecting");
        }
        added.given()
    }
}

/// What came of the contacts of a file.
fn in_words(added: &Added) -> Vec<String> {
    let Taken { n_new, n_corrected, n_known } = added.taken;
    let mut lines = vec![format!("contacts taken: {n_new} new, {n_corrected} corrected, {n_known} known already")];
    let others = [
        (added.n_removed, "lines whose persons were removed from the list since, of which nothing is taken"),
        (added.n_objecting, "contacts about people who object, of which nothing is kept"),
        (added.n_of_unknown_night, "contacts that name a night which this service does not have (V41)"),
        (added.n_of_unknown_team, "contacts of teams that have no list here, whose places they do not take"),
        (added.n_not_scored, "contacts about people whom the newest night does not score"),
        (added.n_taken_back, "contacts taken back, which were entered by mistake"),
        (
            added.n_still_dead,
            "deaths that are said no longer and stay noted until `earlycall withdraw --undo --why death`",
        ),
    ];
    lines.extend(others.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{what}: {n}")));
    if n_new + n_corrected > 0 {
        lines.push("they count from the next night on".to_owned());
    }
    lines
}
