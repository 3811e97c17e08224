//! Noting an objection, a death or a wrong line: first in the register, for good; then in the list that is in use.

use crate::{
    error::Result,
    history::{self, ledger::Ledger, records::PersonKey},
    night::{
        self,
        revise::{self, Revised},
    },
    objections::register::{self, Entry, Matter, Register},
    settings::Settings,
    store::{Store, disk::Disk},
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
    /// People of whom nothing has been delivered so far; what is noted waits for them.
    pub n_unknown: usize,
    /// The revision, if one of the people was in the newest night.
    pub revised: Option<Revised>,
}

impl Note {
    /// Writes it down, and publishes the newest night once more if it had any of the people. What is taken back changes
    /// no published night: the people come back with the next one.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Locked`] when a run is under way: nothing is written down.
    /// * [`crate::error::Kind::Storage`] when the register cannot be written, or, after it is, when the revision cannot:
    ///   noting the same once more then publishes it.
    /// * [`crate::error::Kind::Permission`] when a team's key is missing or another.
    pub fn write_down(&self, settings: &Settings, disk: &dyn Disk) -> Result<Noted> {
        let store = Store::open(disk, settings.output_folder(), settings.state_folder())?;
        let mut register = Register::read(settings.state_folder())?;
        night::refuse_lost_entries(&store, &register)?;
        let night = store.nights()?.last().map(ToString::to_string);
        let entry = |&person_id: &PersonKey| Entry {
            person_id,
            matter: self.matter,
            is_taken_back: self.takes_back,
            by: self.by.clone(),
            why: self.why.clone(),
            night: night.clone(),
        };
        let n_new = self.people.iter().filter(|person| register.add(entry(person))).count();
        if n_new > 0 {
            store.replace_state_file(register::FILE, &register.to_bytes())?;
        }
        let settled = match store.history()? {
            Some(generation) => Some((Ledger::read(&generation)?, generation)),
            None => None,
        };
        let n_known = match &settled {
            Some((ledger, generation)) => history::n_known(generation, ledger, &self.people)?,
            None => 0,
        };
        let survivor = |person| settled.as_ref().map_or(person, |(ledger, _)| ledger.survivor(person));
        let left_out = revise::left_out(&register, &settings.objections, survivor);
        let revised = revise::without(&left_out, &register, &store, settings)?;
        Ok(Noted { n_people: self.people.len(), n_new, n_unknown: self.people.len() - n_known, revised })
    }
}
