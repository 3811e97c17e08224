//! Redaction: published nights forget whoever has left because they object. Their lines are blank, their scores gone, and
//! where a night told that they left a list, it tells no reference.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    cohort::standing::Standing,
    error::{Error, Kind, Result},
    feedback::log::{self, Log},
    history::{
        History,
        arrive::Arrival,
        purge::{self, Leaving, LeftOut},
        records::PersonKey,
    },
    holdout::ledger::{self, Ledger},
    keys::Keys,
    night::{
        record,
        revise::{self, Given, add_all_others},
        shown::Shown,
    },
    objections::held::Held,
    quality::person::{self, MIXED},
    settings::Settings,
    store::{Store, folder::NewFile, nights::NightId},
    worklist::scores,
};

/// The file of the state that proves what was purged: dates and counts, and nobody's name.
const PROOF: &str = "purge.json";

/// Lets every published night forget those whom a generation lists as leaving, notes the proof, and forgets the list.
///
/// # Errors
/// * [`Kind::Storage`] when a night is damaged or cannot be written. Each night is as it was or redacted, and the next run
///   goes on with the others.
/// * [`Kind::Permission`] when the newest night knows one of them, and the key of a team is missing or another.
/// * Either when a team cannot be given its list without them; then all of this is done.
pub fn nights(store: &Store, history: &History, settings: &Settings, keys: &Keys) -> Result<()> {
    let leaving = purge::leaving(history.folder())?;
    if leaving.people.is_empty() {
        return Ok(());
    }
    let known = known(store, &leaving.people)?;
    let given = revise_newest(store, history, settings, &known)?;
    let mut n_nights = 0;
    for night in store.nights()? {
        n_nights += u64::from(redact(store, night, &known, &leaving.people, keys)?);
    }
    forget(store, settings, |person| leaving.people.contains(&person))?;
    note(store, settings, history, &leaving, n_nights)?;
    store.forget(&history.folder().join(purge::LEAVING))?;
    given
}

/// Of whom a night leaves nothing behind it: whoever objects when it begins, and whoever lost rows and is not yet forgotten
/// by published nights. It is made without them, too, so that the same night run again has the same inputs.
pub struct Forgotten {
    objecting: LeftOut,
    leaving: BTreeSet<PersonKey>,
}

impl Forgotten {
    /// Those by what has arrived and what was noted.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the list of those who are leaving cannot be read.
    pub fn by(arrival: &Arrival) -> Result<Forgotten> {
        let leaving = purge::leaving(arrival.history.folder())?.people;
        Ok(Forgotten { objecting: arrival.objecting.clone(), leaving })
    }

    /// Whether a person is one of them.
    pub fn has(&self, person: PersonKey) -> bool {
        self.objecting.has(person) || self.leaving.contains(&person)
    }
}

/// What coaches found of some people, and their arm in a trial, are forgotten whenever they came to be known: also of
/// somebody whose rows went long ago.
///
/// # Errors
/// * [`Kind::Storage`] when the log or the ledger cannot be written.
pub fn forget(store: &Store, settings: &Settings, is_gone: impl Fn(PersonKey) -> bool) -> Result<()> {
    forget_contacts(store, settings, &is_gone)?;
    forget_arms(store, settings, &is_gone)
}

/// What coaches found of them is forgotten, too.
fn forget_contacts(store: &Store, settings: &Settings, is_gone: impl Fn(PersonKey) -> bool) -> Result<()> {
    let held = Held::wait(settings.state_folder())?;
    let mut log = Log::read(settings.state_folder())?;
    if !log.forget(is_gone) {
        return Ok(());
    }
    store.replace_under_register(log::FILE, &log.to_bytes(), held.lock())
}

/// So is their arm in a trial, whether or not it still runs.
fn forget_arms(store: &Store, settings: &Settings, is_gone: impl Fn(PersonKey) -> bool) -> Result<()> {
    let mut ledger = Ledger::read(settings.state_folder())?;
    if !ledger.forget(is_gone) {
        return Ok(());
    }
    store.replace_state_file(ledger::FILE, &ledger.to_bytes())
}

/// The night in use is never changed: it gets a revision, and is a past one then. What is noted by now counts, too.
fn revise_newest(store: &Store, history: &History, settings: &Settings, known: &BTreeSet<PersonKey>) -> Result<Given> {
    let held = Held::wait(settings.state_folder())?;
    let mut people = revise::left_out(held.register(), &settings.objections, &history.ledger.merged);
    people.extend(known.iter().map(|person| (*person, Standing::Objecting)));
    revise::without(&people, &held, store, settings)?;
    revise::finish_newest(store, &held, settings)
}

/// Of some people, those whom a published night has a score of: nobody else was ever on a list.
fn known(store: &Store, people: &BTreeSet<PersonKey>) -> Result<BTreeSet<PersonKey>> {
    let mut known = BTreeSet::new();
    for night in store.nights()? {
        let scores = scores::read(&store.read(night, "scores.parquet")?)?;
        known.extend(scores.people.iter().map(|score| score.person).filter(|person| people.contains(person)));
    }
    Ok(known)
}

/// Redacts one night; says whether it knew of anybody. Whoever was scored may stand in any file, and whoever was not in
/// the list of mixed records alone.
fn redact(
    store: &Store,
    night: NightId,
    people: &BTreeSet<PersonKey>,
    leaving: &BTreeSet<PersonKey>,
    keys: &Keys,
) -> Result<bool> {
    let mut left = scores::read(&store.read(night, "scores.parquet")?)?;
    let n_all = left.people.len();
    left.people.retain(|score| !people.contains(&score.person));
    let n_gone = n_all - left.people.len();
    let mut shown = Shown::read(store, night)?;
    let blanked = shown.blank(people, keys);
    let mixed = mixed_without(store, night, leaving)?;
    if blanked.is_nothing() && n_gone == 0 && mixed.is_none() {
        return Ok(false);
    }
    let mut record = record::parse(&store.read(night, "run.json")?)?;
    let n_before = record["people_redacted"].as_u64().unwrap_or(0);
    record["people_redacted"] = json!(n_before + n_gone as u64);
    let mut files = shown.files(&left)?;
    files.push(NewFile::new("run.json", record::bytes(&record)));
    files.extend(mixed);
    add_all_others(&mut files, &store.night_folder(night))?;
    store.replace_night(night, &files)?;
    Ok(true)
}

/// A night's list of records that may mix two people, where it tells of some people, without them.
fn mixed_without(store: &Store, night: NightId, people: &BTreeSet<PersonKey>) -> Result<Option<NewFile>> {
    if !store.night_folder(night).join(MIXED).is_file() {
        return Ok(None);
    }
    let left = person::mixed_without(&store.read(night, MIXED)?, people);
    Ok(left.map(|bytes| NewFile::new(MIXED, bytes)))
}

/// Adds a line to the proof.
fn note(store: &Store, settings: &Settings, history: &History, leaving: &Leaving, n_nights: u64) -> Result<()> {
    let path = settings.state_folder().join(PROOF);
    let mut proof: Vec<Value> = match std::fs::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(Error::storage(&path, "read", &error)),
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| {
            Error::new(Kind::Storage, "is not a list of purges")
                .file(path.display().to_string())
                .hint("move it away; the next purge begins a new one")
        })?,
    };
    proof.push(json!({
        "data_to": history.ledger.newest_extract(),
        "people": leaving.people.len(),
        "rows": leaving.rows,
        "nights_redacted": n_nights,
    }));
    store.replace_state_file(PROOF, &record::bytes(&json!(proof)))
}
