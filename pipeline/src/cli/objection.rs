//! `earlycall objection`: what people say no to, noted here, and how many do.

use super::{Common, persons};
use crate::{
    error::Result,
    history::ledger::Ledger,
    night::revise::Revised,
    objections::{
        Kind,
        holding::holding,
        note::{Effect, Note, Noted},
        register::{Matter, Register},
    },
    store::{Store, disk::FileSystem},
};

/// Note objections, or count them.
#[derive(Debug, clap::Subcommand)]
pub enum Objection {
    /// Note that people object, at any hour: they are left out from now on, and the newest list is published anew with
    /// their lines blank and all others in their place; where another command is at work, by that one.
    Add(AddArgs),
    /// Note that people take back what was noted here: they come back with the next night. An objection that a supplier
    /// sends is taken back there.
    Withdraw(AddArgs),
    /// Count objections by kind: those delivered and those noted here. Names nobody.
    List,
}

#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// Their person ids; `-` reads them from standard input, one a line, so that they stay out of the shell's history.
    #[arg(required = true, value_name = "PERSON_ID")]
    people: Vec<String>,
    /// What they object to.
    #[arg(long, value_enum, default_value_t = Kind::Programme)]
    kind: Kind,
    /// Who notes it.
    #[arg(long, value_name = "WHO", default_value = "not said")]
    by: String,
    /// Why, in a few words that name no patient.
    #[arg(long, value_name = "TEXT", default_value = "not said")]
    why: String,
}

impl Objection {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        match self {
            Objection::Add(args) => {
                let noted = args.note(common, false)?;
                tell(&noted, "objecting");
                noted.given()
            }
            Objection::Withdraw(args) => {
                let noted = args.note(common, true)?;
                tell_taken_back(&noted, "had not objected to this here: --kind names it");
                noted.given()
            }
            Objection::List => list(common),
        }
    }
}

impl AddArgs {
    fn note(&self, common: &Common, takes_back: bool) -> Result<Noted> {
        let note = Note {
            people: persons::read(&self.people)?,
            matter: Matter::Objection(self.kind),
            takes_back,
            by: self.by.clone(),
            why: self.why.clone(),
        };
        note.write_down(&common.settings()?, &FileSystem)
    }
}

/// Says what came of a note that leaves people out.
pub(super) fn tell(noted: &Noted, as_what: &str) {
    tell!("{}", noted_in_words(noted.n_new, noted.n_people, as_what));
    match &noted.effect {
        Effect::Awaited => {
            tell!(
                "another command is at work: whatever it publishes leaves them out, and when it ends the newest list is"
            );
            tell!("published anew without them; should it die, the next command does that");
            tell!("until then the list in use still shows them: do not call");
        }
        Effect::Done { n_unknown, revised, .. } => {
            if *n_unknown > 0 {
                tell!("nothing was delivered about {n_unknown} of them so far: the note waits for them");
            }
            tell_of_lists(revised.as_ref());
        }
    }
}

fn noted_in_words(n_new: usize, n_people: usize, as_what: &str) -> String {
    let others = match n_people - n_new {
        0 => String::new(),
        1 => "; 1 was so already".to_owned(),
        n => format!("; {n} were so already"),
    };
    format!("noted as {as_what}: {n_new} of {n_people}{others}")
}

/// Says what came of taking notes back: whoever was never noted stands as before.
pub(super) fn tell_taken_back(noted: &Noted, others: &str) {
    let Noted { n_people, n_new, .. } = noted;
    tell!("taken back: {n_new} of {n_people}");
    if n_new < n_people {
        tell!("nothing changes for {} of them, who {others}", n_people - n_new);
    }
    if *n_new > 0 {
        tell!("whoever is still to be called comes back with the next night that begins");
    }
}

fn tell_of_lists(revised: Option<&Revised>) {
    let Some(revised) = revised else {
        tell!("none of them is scored in the newest night: its lists stand");
        return;
    };
    for (team_id, line_no) in &revised.lines {
        tell!("{team_id}, line {line_no}: removed, do not call");
    }
    tell!("published: {}", super::shown(&revised.folder));
}

fn list(common: &Common) -> Result<()> {
    let settings = common.settings()?;
    let ledger_of = |store: &Store| store.history()?.map(|folder| Ledger::read(&folder)).transpose();
    let (ledger, revised, given) = holding(&settings, &FileSystem, ledger_of)?;
    let ledger = ledger.unwrap_or_default();
    common.tell_revised(revised.as_ref());
    let noted = Register::read(settings.state_folder())?.counts();
    tell!("{:<24}{:>10}  {:<12}{:>8}{:>12}  effect", "objection", "delivered", "checked", "noted", "taken back");
    for kind in Kind::ALL {
        let list = ledger.objections.get(&kind).copied().unwrap_or_default();
        let checked = list.checked_on.map_or("-".to_owned(), |day| day.to_string());
        let (in_force, taken_back) = noted.get(&Matter::Objection(kind)).copied().unwrap_or_default();
        let effect = if settings.objections.removes(kind) { "removed" } else { "none" };
        tell!("{:<24}{:>10}  {checked:<12}{in_force:>8}{taken_back:>12}  {effect}", kind.code(), list.dissents);
    }
    for (matter, word) in [(Matter::Death, "death"), (Matter::Wrong, "wrong line")] {
        let (in_force, taken_back) = noted.get(&matter).copied().unwrap_or_default();
        tell!("{word:<24}{:>10}  {:<12}{in_force:>8}{taken_back:>12}  removed", "-", "-");
    }
    let withheld = ledger.withheld.iter().filter(|(_, n)| **n > 0);
    let withheld: Vec<String> = withheld.map(|(table, n)| format!("{table} {n}")).collect();
    if !withheld.is_empty() {
        tell!("rows about these people that were delivered and are not kept: {}", withheld.join(", "));
    }
    given
}

#[cfg(test)]
mod tests {
    use super::noted_in_words;

    #[test]
    fn who_was_noted_before_is_told_where_there_is_anybody() {
        let told = |n_new, n_people| noted_in_words(n_new, n_people, "objecting");
        assert_eq!(told(1, 1), "noted as objecting: 1 of 1");
        assert_eq!(told(0, 1), "noted as objecting: 0 of 1; 1 was so already");
        assert_eq!(told(3, 5), "noted as objecting: 3 of 5; 2 were so already");
    }
}
