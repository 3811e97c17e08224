//! The randomised holdout: of those who come within reach of a coaching list for the first time, some are offered coaching
//! and some are in usual care until the trial ends, by lot.
//!
//! Within reach is whoever a list would have as somebody new, had it nobody to hold out ([`enter`]). The lot is drawn in
//! permuted [blocks], under a key, within a team and a third of risk, so that at any time the arms are alike. Whoever has an
//! arm keeps it: the [`ledger`] is written before any list is made, and nothing else tells of arms. Only lists of coaching
//! ask here; nobody is held out of any other.

mod blocks;
pub mod enter;
pub mod ledger;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::{blocks::Blocks, ledger::Ledger};
use crate::{
    day::Day,
    error::{Error, Kind, Result},
    history::{mergers::Mergers, records::PersonKey},
    keys::Keys,
    night::Forgotten,
    settings::Settings,
    store::{Store, sealed::Seal},
};

/// What somebody who came within reach of a list is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// A place on the list, as without a trial.
    Offered,
    /// Usual care: on no coaching list while the trial runs.
    UsualCare,
    /// A place on the list and no part in the trial: when they could enter, they were on a coaching list of the night before or
    /// in the log of coaching contacts.
    NotRandomised,
}

/// Those among whom the arms are balanced: who come within reach of one team's list with like risks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stratum {
    /// The team.
    pub team_id: String,
    /// The third of the risks of everybody who could be on a coaching list that night: 1 the lowest, 3 the highest.
    pub risk_third: u8,
}

/// A trial that runs on the day of a list.
#[derive(Debug)]
pub struct Trial {
    trial_id: String,
    list_day: Day,
    blocks: Blocks,
    ledger: Ledger,
    /// By the record that stands for the person.
    arms: BTreeMap<PersonKey, Arm>,
    /// How many people of each stratum have been randomised.
    n_randomised: BTreeMap<Stratum, u64>,
    /// Whether this night's lists bring anybody into it.
    takes_in: bool,
    n_new: usize,
}

impl Trial {
    /// The trial of the settings, if there is one and the day of the list is within it. Of somebody who has several records
    /// in the ledger the earliest entry counts; whoever is forgotten is in no arm. A night with a later one published takes nobody in: nobody is given its lists.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the ledger cannot be read, is not what was written, or has lost entries.
    /// * [`Kind::Permission`] when the key of the trial cannot be used, or when the arms in the ledger were not drawn under
    ///   this key in this ratio.
    pub fn on(
        list_day: Day,
        settings: &Settings,
        keys: &Keys,
        mergers: &Mergers,
        newest_night: Option<Day>,
        forgotten: &Forgotten,
    ) -> Result<Option<Trial>> {
        let Some(holdout) = settings.holdout.as_ref().filter(|holdout| holdout.is_on(list_day)) else {
            return Ok(None);
        };
        let blocks = Blocks::new(&keys.trial()?, holdout);
        let takes_in = newest_night.is_none_or(|newest| newest < list_day);
        let mut ledger = ledger::kept(settings)?;
        ledger.forget(|person| forgotten.has(person));
        Trial::of(&holdout.trial_id, list_day, blocks, ledger, mergers, takes_in).map(Some)
    }

    fn of(
        trial_id: &str,
        list_day: Day,
        blocks: Blocks,
        ledger: Ledger,
        mergers: &Mergers,
        takes_in: bool,
    ) -> Result<Trial> {
        let mut arms = BTreeMap::new();
        for entry in ledger.of_trial(trial_id) {
            arms.entry(mergers.survivor(entry.person_id)).or_insert(entry.arm);
            if entry.place.is_some_and(|place| blocks.arm(&entry.stratum(), place) != entry.arm) {
                let what = "the arms in it were not drawn under this key in this ratio";
                return Err(Error::new(Kind::Permission, what).file(ledger::FILE).hint(
                    "put trial.key back, and the ratio of `[holdout]`; a trial of another ratio needs another `trial_id`",
                ));
            }
        }
        let n_randomised = ledger.n_randomised(trial_id);
        let trial_id = trial_id.to_owned();
        Ok(Trial { trial_id, list_day, blocks, ledger, arms, n_randomised, takes_in, n_new: 0 })
    }

    /// What tonight's lists are made under: every entry but tonight's own, which follow from it. So a night that is run
    /// again is the same night.
    pub fn seal(&self) -> Option<Seal> {
        self.ledger.seal_without(self.list_day)
    }

    /// People in the ledger, those who have been withdrawn from it among them.
    pub fn n_allocated(&self) -> u64 {
        self.ledger.n_allocated()
    }

    /// Writes the ledger if tonight has added to it.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when it cannot be written; then it is what it was.
    pub fn keep(&self, store: &Store) -> Result<()> {
        if self.n_new == 0 {
            return Ok(());
        }
        store.replace_state_file(ledger::FILE, &self.ledger.to_bytes())
    }
}
