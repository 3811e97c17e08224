//! What a file of contacts is held against: the newest night, and the log.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use super::{
    Contact, Handed,
    add::Added,
    log::Log,
    offered::{self, Offered},
};
use crate::{
    day::Day,
    error::{Error, Result},
    history::records::PersonKey,
    settings::Settings,
    store::nights,
    worklist::scores,
};

/// A contact may lie so many days after the day of the newest list: nights may be late.
const AHEAD_DAYS_MAX: i32 = 7;
const MEND: &str = "mend the file and hand it in again: nothing of it is taken";

/// A service, as its newest night shows it; of one that has none nothing is known.
#[derive(Debug, Default)]
pub struct Service {
    nights: BTreeSet<String>,
    /// The teams that have a list, with what they offer.
    pub offered: Offered,
    /// Published nights, where the lists of others than the newest are.
    out: PathBuf,
    scored: BTreeSet<PersonKey>,
    /// The last day on which a contact may have been.
    last_day: Option<Day>,
}

impl Service {
    /// Reads the newest night.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when it cannot be read.
    pub fn of(settings: &Settings) -> Result<Service> {
        let out = settings.output_folder();
        let published = nights::published(out)?;
        let Some(newest) = published.last().copied() else { return Ok(Service::default()) };
        let scores = scores::read(&nights::read(out, newest, "scores.parquet")?)?;
        Ok(Service {
            offered: offered::on(out, newest)?,
            out: out.to_owned(),
            scored: scores.people.iter().map(|score| score.person).collect(),
            last_day: Some(newest.index_date + 1 + AHEAD_DAYS_MAX),
            nights: published.iter().map(ToString::to_string).collect(),
        })
    }

    /// What the teams offered on the nights whose lists some rows name, by night.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when the lists of one cannot be read.
    pub fn offered_on_nights(&self, handed: &[Handed]) -> Result<BTreeMap<String, Offered>> {
        let named = handed.iter().filter_map(|row| row.contact.as_ref()?.worklist_run_id.as_deref());
        let named: BTreeSet<&str> = named.collect();
        let nights =
            nights::published(&self.out)?.into_iter().filter(|night| named.contains(night.to_string().as_str()));
        nights.map(|night| Ok((night.to_string(), offered::on(&self.out, night)?))).collect()
    }

    /// Refuses what cannot be true: a row from days to come, or under a name that is of a contact with somebody else; and a
    /// file that is about nobody who is known here, which was made under another key or for another service.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Extract`], with the row of one.
    pub fn refuse(&self, handed: &[Handed], log: &Log) -> Result<()> {
        let known = log.by_name();
        let rows = handed.iter().filter_map(|handed| Some((handed.row, handed.contact.as_ref()?)));
        for (row, contact) in rows {
            if self.last_day.is_some_and(|last| contact.contacted_on > last) {
                let what = "lies more than a week after the newest list: are day and month in their order?";
                return Err(Error::refused(what, MEND).row(row));
            }
            if known.get(&contact.name()).is_some_and(|known| known.person_id != contact.person_id) {
                let what = "has the name of a contact that the team had with somebody else";
                return Err(Error::refused(what, MEND).row(row));
            }
        }
        let is_known = |handed: &Handed| self.scored.contains(&handed.person);
        if self.last_day.is_none() || handed.is_empty() || handed.iter().any(is_known) {
            return Ok(());
        }
        let what = "is about nobody whom the newest night scores";
        Err(Error::refused(what, "have it made with the person ids of the extracts, under their newest key"))
    }

    /// What is odd about contacts that are taken all the same.
    pub fn counted(&self, contacts: &[Contact]) -> Added {
        let n = |is_odd: &dyn Fn(&Contact) -> bool| contacts.iter().filter(|contact| is_odd(contact)).count();
        let is_known = |night: &String| self.nights.contains(night);
        Added {
            n_of_unknown_night: n(&|contact| contact.worklist_run_id.as_ref().is_some_and(|night| !is_known(night))),
            n_of_unknown_team: n(&|contact| !self.offered.contains_key(&contact.team_id)),
            n_not_scored: n(&|contact| !self.scored.contains(&contact.person_id)),
            ..Added::default()
        }
    }
}
