//! The ledger of allocations: who came within reach of a list, when, and in which arm, in the folder of the state, [sealed].
//! It only grows; whoever objects is forgotten, and stays counted in their arm and stratum.

use std::{collections::BTreeMap, fs, path::Path};

use serde::{Deserialize, Serialize};

use super::{Arm, Stratum};
use crate::{
    day::Day,
    error::{Error, Kind, Result},
    history::records::PersonKey,
    night::record,
    settings::Settings,
    store::{
        nights,
        sealed::{self, Seal},
    },
};

/// The file in the folder of the state.
pub const FILE: &str = "holdout.jsonl";
const MEND: &str = "put it back from a backup; without it people would be allocated anew";

/// One person's arm in one trial.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Of which trial.
    pub trial_id: String,
    /// The record that stood for the person then.
    pub person_id: PersonKey,
    /// The arm, for good.
    pub arm: Arm,
    /// The day of the first list of the trial within whose reach they were.
    pub entered_on: Day,
    /// The team whose list it was.
    pub team_id: String,
    /// The third of risk that they were in.
    pub risk_third: u8,
    /// How many of the stratum were randomised before; none of whoever was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u64>,
}

impl Entry {
    /// The stratum in which they were allocated.
    pub fn stratum(&self) -> Stratum {
        Stratum { team_id: self.team_id.clone(), risk_third: self.risk_third }
    }
}

/// How many people of an arm and a stratum have been forgotten because they object.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Withdrawn {
    trial_id: String,
    arm: Arm,
    team_id: String,
    risk_third: u8,
    n_withdrawn: u64,
}

/// A line of the file.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Line {
    Withdrawn(Withdrawn),
    Entry(Entry),
}

/// Everybody's arms, in the order in which they were allocated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// By trial, stratum and arm.
    withdrawn: BTreeMap<(String, Stratum, Arm), u64>,
    entries: Vec<Entry>,
}

/// The ledger of a service, which must have at least as many people as when the newest night of a trial was made.
///
/// # Errors
/// * [`Kind::Storage`] as of [`Ledger::read`], and when it has lost some.
pub fn kept(settings: &Settings) -> Result<Ledger> {
    let (ledger, out) = (Ledger::read(settings.state_folder())?, settings.output_folder());
    let now = ledger.n_allocated();
    for night in nights::published(out)?.into_iter().rev() {
        let record = record::parse(&nights::read(out, night, "run.json")?)?;
        // A night of no trial, as before one or while its section was taken out, does not say.
        let Some(then) = record["counts"]["allocated"].as_u64() else { continue };
        if now >= then {
            break;
        }
        let what = format!("the ledger of the trial has {now} people, and had {then} when night {night} was made");
        return Err(Error::new(Kind::Storage, what).file(FILE).hint(MEND));
    }
    Ok(ledger)
}

impl Ledger {
    /// Reads the ledger of a service; one that has none has allocated nobody.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the file cannot be read, or is not what was written.
    pub fn read(state: &Path) -> Result<Ledger> {
        let path = state.join(FILE);
        match fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Ledger::default()),
            Err(error) => Err(Error::storage(&path, "read", &error)),
            Ok(bytes) => Ledger::parse(&bytes).ok_or_else(|| {
                let what = "the ledger of the trial is damaged, so no list can be made";
                Error::new(Kind::Storage, what).file(path.display().to_string()).hint(MEND)
            }),
        }
    }

    /// The ledger in these bytes, if they are what [`Ledger::to_bytes`] wrote.
    pub fn parse(bytes: &[u8]) -> Option<Ledger> {
        let mut ledger = Ledger::default();
        for line in sealed::parse(bytes)? {
            match line {
                Line::Entry(entry) => ledger.entries.push(entry),
                Line::Withdrawn(Withdrawn { trial_id, arm, team_id, risk_third, n_withdrawn }) => {
                    ledger.withdrawn.insert((trial_id, Stratum { team_id, risk_third }, arm), n_withdrawn);
                }
            }
        }
        Some(ledger)
    }

    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        sealed::to_bytes(&self.lines(|_| true))
    }

    /// A seal of all but those who entered with the list of a day; none of nobody.
    pub fn seal_without(&self, list_day: Day) -> Option<Seal> {
        Seal::of(&self.lines(|entry| entry.entered_on != list_day))
    }

    fn lines(&self, is_told: impl Fn(&Entry) -> bool) -> Vec<Line> {
        let withdrawn = self.withdrawn.iter().map(|((trial_id, stratum, arm), n)| {
            let (trial_id, Stratum { team_id, risk_third }) = (trial_id.clone(), stratum.clone());
            Line::Withdrawn(Withdrawn { trial_id, arm: *arm, team_id, risk_third, n_withdrawn: *n })
        });
        withdrawn.chain(self.entries.iter().filter(|entry| is_told(entry)).cloned().map(Line::Entry)).collect()
    }

    /// Adds an entry.
    pub fn add(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// The entries of a trial, the earliest first.
    pub fn of_trial(&self, trial_id: &str) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.trial_id == trial_id)
    }

    /// How many people were randomised in each stratum of a trial, withdrawn ones among them: their places stay taken.
    pub fn n_randomised(&self, trial_id: &str) -> BTreeMap<Stratum, u64> {
        let mut n_randomised = BTreeMap::new();
        for entry in self.of_trial(trial_id).filter(|entry| entry.place.is_some()) {
            *n_randomised.entry(entry.stratum()).or_default() += 1;
        }
        for ((of, stratum, arm), n) in &self.withdrawn {
            if of == trial_id && *arm != Arm::NotRandomised {
                *n_randomised.entry(stratum.clone()).or_default() += n;
            }
        }
        n_randomised
    }

    /// Everybody in it, of all trials, withdrawn ones among them.
    pub fn n_allocated(&self) -> u64 {
        self.entries.len() as u64 + self.withdrawn.values().sum::<u64>()
    }

    /// Forgets some people, who stay counted; tells whether there was anybody.
    pub fn forget(&mut self, is_gone: impl Fn(PersonKey) -> bool) -> bool {
        let (gone, left): (Vec<Entry>, Vec<Entry>) = self.entries.drain(..).partition(|entry| is_gone(entry.person_id));
        self.entries = left;
        for entry in &gone {
            *self.withdrawn.entry((entry.trial_id.clone(), entry.stratum(), entry.arm)).or_default() += 1;
        }
        !gone.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn person(n: u32) -> PersonKey {
        PersonKey::parse(&format!("{n:064x}")).unwrap()
    }

    fn entry(n: u32, arm: Arm, on: &str, place: Option<u64>) -> Entry {
        let (trial_id, team_id) = ("coaching-1".to_owned(), "coach-31".to_owned());
        Entry {
            trial_id,
            person_id: person(n),
            arm,
            entered_on: Day::parse(on).unwrap(),
            team_id,
            risk_third: 3,
            place,
        }
    }

    fn sample() -> Ledger {
        let mut ledger = Ledger::default();
        ledger.add(entry(1, Arm::NotRandomised, "2026-11-21", None));
        ledger.add(entry(2, Arm::Offered, "2026-11-21", Some(0)));
        ledger.add(entry(3, Arm::UsualCare, "2026-11-22", Some(1)));
        ledger
    }

    #[test]
    fn what_is_written_reads_back_and_an_edited_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Ledger::read(folder.path()).unwrap(), Ledger::default());
        let mut ledger = sample();
        ledger.forget(|one| one == person(2));
        let path = folder.path().join(FILE);
        fs::write(&path, ledger.to_bytes()).unwrap();
        assert_eq!(Ledger::read(folder.path()).unwrap(), ledger);
        fs::write(&path, fs::read_to_string(&path).unwrap().replace("usual_care", "offered")).unwrap();
        assert_eq!(Ledger::read(folder.path()).unwrap_err().kind(), Kind::Storage);
    }

    #[test]
    fn whoever_objects_is_forgotten_and_their_place_stays_taken() {
        let mut ledger = sample();
        assert!(ledger.forget(|one| one != person(2)) && !ledger.forget(|one| one == person(3)));
        let text = String::from_utf8(ledger.to_bytes()).unwrap();
        assert!(!text.contains(&format!("{:064x}", 3)) && !text.contains("2026-11-22"), "{text}");
        let tally = "{\"trial_id\":\"coaching-1\",\"arm\":\"usual_care\",\"team_id\":\"coach-31\",\"risk_third\":3,\
                     \"n_withdrawn\":1}";
        assert!(text.lines().any(|line| line == tally), "{text}");
        let stratum = Stratum { team_id: "coach-31".into(), risk_third: 3 };
        assert_eq!(ledger.n_randomised("coaching-1"), [(stratum, 2)].into());
        assert_eq!(ledger.n_allocated(), 3);
    }

    #[test]
    fn its_lines_have_the_keys_that_are_declared() {
        let mut ledger = sample();
        ledger.forget(|one| one == person(1));
        let lines: Vec<serde_json::Value> = sealed::parse(&ledger.to_bytes()).unwrap();
        let keys: BTreeSet<&str> =
            lines.iter().flat_map(|line| line.as_object().unwrap().keys()).map(|key| &**key).collect();
        let declared = &earlycall_schemas::output::output("holdout").unwrap().columns;
        assert_eq!(keys, declared.iter().map(|column| column.name.as_str()).collect());
    }

    #[test]
    fn what_a_night_enters_itself_is_not_what_it_was_made_under() {
        let (ledger, day) = (sample(), |on| Day::parse(on).unwrap());
        let of = |ledger: &Ledger, on| ledger.seal_without(day(on)).map(|seal| seal.entries);
        assert_eq!((of(&ledger, "2026-11-22"), of(&ledger, "2026-11-23")), (Some(2), Some(3)));
        let mut first = Ledger::default();
        first.add(entry(1, Arm::Offered, "2026-11-21", Some(0)));
        assert_eq!(of(&first, "2026-11-21"), None);
    }
}
