//! Noting an objection, a death or a wrong line: first in the register, for good and at any hour; then in the list that is
//! in use, by this command or by the one that holds the state.

use crate::{
    error::{Kind, Result},
    history::{self, ledger::Ledger, records::PersonKey},
    night::{
        self,
        revise::{self, Given, Revised},
    },
    objections::{
        held::Held,
        register::{Entry, Matter},
    },
    settings::Settings,
    store::{self, Store, disk::Disk, nights},
};

/// What somebody said, or what was said of them.
#[derive(Clone, Debug)]
pub struct Note {
    /// Of whom.
    pub people: Vec<PersonKey>,
    /// What.
    pub matter: Matter,
    /// Whether it takes back what was noted before.
    pub takes_back: bool,
    /// Who notes it.
    pub by: String,
    /// Why.
    pub why: String,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Noted {
    /// People who were named.
    pub n_people: usize,
    /// People of whom it was not so already.
    pub n_new: usize,
    /// What it does to the list that is in use.
    pub effect: Effect,
}

/// What a note does to the list that is in use.
#[derive(Clone, Debug)]
pub enum Effect {
    /// It is done.
    Done {
        /// People of whom nothing has been delivered so far; what is noted waits for them.
        n_unknown: usize,
        /// The revision, if one of the people was in the newest night.
        revised: Option<Revised>,
        /// Whether every team could be given the list that is in use now.
        given: Given,
    },
    /// Another command holds the state. What it publishes shows none of them, and when it ends the newest list shows them
    /// no longer ([`super::holding`]).
    Awaited,
}

impl Noted {
    /// Whether every team could be given the list that is in use now, as far as it was for this command to give.
    ///
    /// # Errors
    /// * [`Kind::Storage`], [`Kind::Permission`] when one could not. What was noted is noted all the same.
    pub fn given(&self) -> Given {
        match &self.effect {
            Effect::Done { given, .. } => given.clone(),
            Effect::Awaited => Ok(()),
        }
    }
}

impl Note {
    /// Writes it down, whatever else is under way. Then publishes the newest night once more if it had any of the people,
    /// or leaves that to the command that holds the state. What is taken back changes no published night: the people come
    /// back with the next one. A team that cannot be given its list is no error of noting ([`Noted::given`]).
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the register cannot be written, or, after it is, when the revision cannot: noting the same
    ///   once more then publishes it.
    /// * [`Kind::Permission`] when a team's key is missing or another.
    pub fn write_down(&self, settings: &Settings, disk: &dyn Disk) -> Result<Noted> {
        let (out, state) = (settings.output_folder(), settings.state_folder());
        store::make_own(disk, state)?;
        let mut held = Held::wait(state)?;
        night::refuse_lost_entries(out, held.register())?;
        let night = nights::published(out)?.last().map(ToString::to_string);
        let entry = |&person_id: &PersonKey| Entry {
            person_id,
            matter: self.matter,
            is_taken_back: self.takes_back,
            by: self.by.clone(),
            why: self.why.clone(),
            night: night.clone(),
        };
        let n_new = held.add(self.people.iter().map(entry), disk)?;
        // Only now: whoever holds the folders at this moment has yet to take the register before letting go of them.
        let effect = match Store::open(disk, out, state) {
            Err(error) if error.kind() == Kind::Locked => Effect::Awaited,
            store => self.revise(&held, &store?, settings)?,
        };
        Ok(Noted { n_people: self.people.len(), n_new, effect })
    }

    fn revise(&self, held: &Held, store: &Store, settings: &Settings) -> Result<Effect> {
        let settled = match store.history()? {
            Some(generation) => Some((Ledger::read(&generation)?, generation)),
            None => None,
        };
        let n_known = match &settled {
            Some((ledger, generation)) => history::n_known(generation, ledger, &self.people)?,
            None => 0,
        };
        let merged = settled.map(|(ledger, _)| ledger.merged).unwrap_or_default();
        let left_out = revise::left_out(held.register(), &settings.objections, &merged);
        let revised = revise::without(&left_out, held, store, settings)?;
        let given = revise::finish_newest(store, held, settings)?;
        Ok(Effect::Done { n_unknown: self.people.len() - n_known, revised, given })
    }
}
