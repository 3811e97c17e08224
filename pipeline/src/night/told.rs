//! What a night tells of people, as data: of one that is published, or of one that is about to be. Whoever is not to be on
//! its lists is taken out here.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    cohort::standing::Standing,
    error::Result,
    history::records::PersonKey,
    keys::Keys,
    night::{record::Without, shown::Shown},
    objections::register::Register,
    quality::person::{self, MIXED},
    sha256::sha256,
    store::{Store, folder::NewFile, nights::NightId},
    worklist::{
        left_to_service::LeftToService,
        line::{DO_NOT_CALL, REMOVED},
        removed::Removed,
        scores::{Score, Scores},
    },
};

/// Everything in a night's folder that tells of people, and the records that count them.
pub struct Told {
    /// The lists, and what stands around them.
    pub shown: Shown,
    /// Everybody who is scored.
    pub scores: Scores,
    /// `run.json`.
    pub run: Vec<u8>,
    /// `cohort.json`.
    pub cohort: Vec<u8>,
    /// The records that may mix two people; older nights have no such list.
    pub mixed: Option<Vec<u8>>,
}

/// Who has been taken out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// People who are scored no longer.
    pub n_scored: usize,
    /// Of them, people whom no team covered.
    pub n_without_team: usize,
    /// The lines that are blank now: team and number.
    pub lines: Vec<(String, u32)>,
}

impl Told {
    /// What a published night tells, whose scores are read already.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a file of it is missing or damaged.
    pub fn read(store: &Store, night: NightId, scores: Scores) -> Result<Told> {
        let mixed = store.night_folder(night).join(MIXED).is_file().then(|| store.read(night, MIXED)).transpose()?;
        Ok(Told {
            shown: Shown::read(store, night)?,
            scores,
            run: store.read(night, "run.json")?,
            cohort: store.read(night, "cohort.json")?,
            mixed,
        })
    }

    /// Takes people out, given where each of them stands now, and the register that says so: their lines are blank, nobody
    /// else moves, and the records count them where they stand. None when it tells of none of them.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a record cannot be understood.
    pub fn take_out(
        &mut self,
        people: &BTreeMap<PersonKey, Standing>,
        register: &Register,
        keys: &Keys,
    ) -> Result<Option<Gone>> {
        // As on most nights: the scores of millions need not be moved.
        if people.is_empty() {
            return Ok(None);
        }
        let all: BTreeSet<PersonKey> = people.keys().copied().collect();
        let mixed = self.mixed.as_ref().and_then(|csv| person::mixed_without(csv, &all));
        let (gone, left): (Vec<Score>, Vec<Score>) =
            self.scores.people.drain(..).partition(|score| people.contains_key(&score.person));
        self.scores.people = left;
        if gone.is_empty() && mixed.is_none() {
            return Ok(None);
        }
        self.mixed = mixed.or_else(|| self.mixed.take());
        let of_gone: BTreeSet<PersonKey> = gone.iter().map(|score| score.person).collect();
        let n_waiting = self.shown.n_waiting();
        let lines = self.shown.blank(&of_gone, keys).lines;
        let left_to: Vec<&LeftToService> = gone.iter().flat_map(|score| &score.left_to).collect();
        self.shown.leave_less(&left_to);
        self.shown.removed.extend(lines.iter().map(|(team_id, line_no)| Removed {
            team_id: team_id.clone(),
            line_no_before: *line_no,
            person_ref: REMOVED.to_owned(),
            reason: DO_NOT_CALL.to_owned(),
        }));
        let mut scored_no_longer: BTreeMap<&'static str, u64> = BTreeMap::new();
        gone.iter().for_each(|score| *scored_no_longer.entry(people[&score.person].code()).or_default() += 1);
        let n_without_team = gone.iter().filter(|score| score.team_id.is_none()).count();
        let keys_of_gone: Vec<u8> = gone.iter().flat_map(|score| *score.person.as_bytes()).collect();
        let seal = register.seal();
        let without = Without {
            register: seal.as_ref(),
            people_sha256: &sha256(&keys_of_gone),
            scored_no_longer: &scored_no_longer,
            n_without_team: n_without_team as u64,
            n_lines: lines.len() as u64,
            n_waiting: (n_waiting - self.shown.n_waiting()) as u64,
            left_to: &left_to,
        };
        (self.run, self.cohort) = (without.of_record(&self.run)?, without.of_cohort(&self.cohort)?);
        Ok(Some(Gone { n_scored: gone.len(), n_without_team, lines }))
    }

    /// Its files, with paths inside the night's folder.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a text is too long for a cell of Excel.
    pub fn files(&self) -> Result<Vec<NewFile>> {
        let mut files = self.shown.files(&self.scores)?;
        files.push(NewFile::new("run.json", self.run.clone()));
        files.push(NewFile::new("cohort.json", self.cohort.clone()));
        files.extend(self.mixed.iter().map(|csv| NewFile::new(MIXED, csv.clone())));
        Ok(files)
    }
}
