//! `earlycall withdraw`: takes people off the list that is in use, whatever the reason, and off all later ones.

use super::{
    Common,
    objection::{tell, tell_taken_back},
    persons,
};
use crate::{
    error::Result,
    objections::{Kind, note::Note, register::Matter},
    store::disk::FileSystem,
};

/// Take people off the newest list and all later ones.
#[derive(Debug, clap::Args)]
pub struct Withdraw {
    /// Their person ids; `-` reads them from standard input, one a line, so that they stay out of the shell's history.
    #[arg(required = true, value_name = "PERSON_ID")]
    people: Vec<String>,
    /// Why. Coaches are told only not to call.
    #[arg(long, value_enum)]
    why: Why,
    /// Who notes it.
    #[arg(long, value_name = "WHO", default_value = "not said")]
    by: String,
    /// Take back an earlier withdrawal for this reason: they come back with the next night.
    #[arg(long)]
    undo: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Why {
    /// They object to this service.
    Objection,
    /// They have died, and no delivery says so yet.
    Death,
    /// The line is wrong: another person, or one who must not be called.
    Wrong,
}

impl Withdraw {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        let (matter, as_what) = match self.why {
            Why::Objection => (Matter::Objection(Kind::Programme), "objecting"),
            Why::Death => (Matter::Death, "dead"),
            Why::Wrong => (Matter::Wrong, "on a wrong line"),
        };
        let note = Note {
            people: persons::read(&self.people)?,
            matter,
            takes_back: self.undo,
            by: self.by.clone(),
            why: "withdrawn".to_owned(),
        };
        let noted = note.write_down(&common.settings()?, &FileSystem)?;
        match self.undo {
            false => tell(&noted, as_what),
            true => tell_taken_back(&noted, "had not been withdrawn for this reason: --why names it"),
        }
        noted.given()
    }
}
