//! The night before: what coaches worked from, and what changes are told against.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::pathways::PathwayId;

use crate::{
    day::Day,
    error::Result,
    history::records::PersonKey,
    keys::Keys,
    night::{overnight::Then, record, shown::Shown},
    store::{Store, nights::NightId},
    worklist::{
        history::Past,
        line::TeamList,
        owner::Team,
        parquet,
        person_ref::PersonRefs,
        scores::{self, Score},
    },
};

/// One line of a published list, with the person found again.
#[derive(Clone, Debug)]
pub struct OldLine {
    /// Team.
    pub team_id: String,
    /// What the list was for.
    pub pathway: PathwayId,
    /// The person.
    pub person: PersonKey,
    /// Their reference within the team.
    pub person_ref: String,
    /// Line.
    pub line_no: u32,
}

/// The newest published night with an earlier index date.
#[derive(Clone, Debug)]
pub struct Before {
    /// Which night.
    pub night: NightId,
    /// Lists, team by team, line by line.
    pub lines: Vec<OldLine>,
    /// Lines whose persons cannot be found under today's keys.
    pub n_lost: usize,
    /// Deliveries that were settled by then.
    pub n_deliveries: usize,
    /// How many people each practice had.
    pub then: Then,
    /// Whether it was scored by the model that scores tonight; risks of different models are not compared.
    pub has_same_model: bool,
    /// By person.
    risks: Vec<(PersonKey, f64)>,
    /// Since when somebody waits for a place on a list, by its place.
    waiting: BTreeMap<OnList, Day>,
    /// The risks over the nights of whoever was on a list, by its place.
    history: BTreeMap<OnList, Vec<Past>>,
}

/// Somebody on a list: its team, what it was for, and their reference. A team may offer something else from one night to the
/// next.
type OnList = (String, PathwayId, String);

impl Before {
    /// Reads the night before an index date, if there is one.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when its files are missing or damaged.
    pub fn read(store: &Store, index_date: Day, model_sha256: &str, keys: &Keys) -> Result<Option<Before>> {
        let Some(night) = store.night_before(index_date)? else { return Ok(None) };
        let scores = scores::read(&store.read(night, "scores.parquet")?)?.people;
        let (lines, n_lost) = lines_of(&store.read(night, "worklist.parquet")?, &scores, keys)?;
        let mut risks: Vec<(PersonKey, f64)> = scores.iter().map(|score| (score.person, score.risk)).collect();
        risks.sort_unstable_by_key(|(person, _)| *person);
        let (mut waiting, mut history) = (BTreeMap::new(), BTreeMap::new());
        for TeamList { team_id, pathway, lines, waiting: shown, waiting_unshown, .. } in
            Shown::read(store, night)?.lists
        {
            let Some(pathway) = PathwayId::of(&pathway) else { continue };
            let on_list = |person_ref: String| (team_id.clone(), pathway, person_ref);
            let of_team = shown.into_iter().map(|one| (one.person_ref, one.since)).chain(waiting_unshown);
            waiting.extend(of_team.map(|(person_ref, since)| (on_list(person_ref), since)));
            history.extend(lines.into_iter().map(|line| (on_list(line.person_ref), line.history)));
        }
        let record = record::parse(&store.read(night, "run.json")?)?;
        let has_same_model = record["inputs"]["model_sha256"] == model_sha256;
        let n_deliveries = record["inputs"]["deliveries"].as_array().map_or(0, Vec::len);
        let then = Then::read(store, night)?;
        Ok(Some(Before { night, lines, n_lost, n_deliveries, then, has_same_model, risks, waiting, history }))
    }

    /// A person's risk on that night, if it can be compared with tonight's.
    pub fn risk(&self, person: PersonKey) -> Option<f64> {
        let at = self.risks.binary_search_by_key(&person, |(person, _)| *person).ok()?;
        self.has_same_model.then_some(self.risks[at].1)
    }

    /// A person's risks over the nights up to that one, if they can be compared with tonight's: since they came on the
    /// team's list of a pathway, or that night's alone.
    pub fn history(&self, team_id: &str, pathway: PathwayId, person: PersonKey, person_ref: &str) -> Vec<Past> {
        let Some(risk) = self.risk(person) else { return Vec::new() };
        let listed = self.history.get(&(team_id.to_owned(), pathway, person_ref.to_owned()));
        let listed = listed.filter(|nights| !nights.is_empty());
        listed.cloned().unwrap_or_else(|| vec![Past::of(self.night.index_date, risk)])
    }

    /// Since when a person waited on that night for a place on a team's list, if it was for the same as now.
    pub fn waiting_since(&self, team: &Team, person_ref: &str) -> Option<Day> {
        self.waiting.get(&(team.team_id.clone(), team.pathway, person_ref.to_owned())).copied()
    }

    /// People who were scored.
    pub fn n_scored(&self) -> usize {
        self.risks.len()
    }

    /// Who was on a team's list, if it was for the same as now.
    pub fn listed(&self, team: &Team) -> BTreeSet<PersonKey> {
        let was_on_it = |line: &&OldLine| line.team_id == team.team_id && line.pathway == team.pathway;
        self.lines.iter().filter(was_on_it).map(|line| line.person).collect()
    }
}

/// The lines of the revision that a new one replaces; none for the first of an index date.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when its files are missing or damaged.
pub fn replaced(store: &Store, night: NightId, keys: &Keys) -> Result<Vec<OldLine>> {
    let Some(older) = store.newest_revision(night.index_date)? else { return Ok(Vec::new()) };
    let scores = scores::read(&store.read(older, "scores.parquet")?)?.people;
    Ok(lines_of(&store.read(older, "worklist.parquet")?, &scores, keys)?.0)
}

/// Finds the persons behind the lines of a night's `worklist.parquet`: whoever in the team has that reference; and counts the
/// lines whose persons cannot be found, for a new key makes new references.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when its file is missing or damaged.
/// * [`crate::error::Kind::Permission`] when a key cannot be used.
pub fn lines_of(worklist: &[u8], scores: &[Score], keys: &Keys) -> Result<(Vec<OldLine>, usize)> {
    let lines = parquet::read_lines(worklist)?;
    let mut wanted: BTreeMap<&str, BTreeMap<&str, Option<PersonKey>>> = BTreeMap::new();
    for line in &lines {
        wanted.entry(&line.team_id).or_default().insert(&line.person_ref, None);
    }
    for (team_id, of_team) in &mut wanted {
        let refs = PersonRefs::new(&keys.team(team_id)?);
        for score in scores.iter().filter(|score| score.teams().any(|of| of == *team_id)) {
            if let Some(person) = of_team.get_mut(refs.of(score.person).as_str()) {
                *person = Some(score.person);
            }
        }
    }
    let found = lines.iter().filter_map(|line| {
        let person = wanted[line.team_id.as_str()][line.person_ref.as_str()]?;
        let (team_id, person_ref) = (line.team_id.clone(), line.person_ref.clone());
        Some(OldLine { team_id, pathway: line.pathway, person, person_ref, line_no: line.line_no })
    });
    let found: Vec<OldLine> = found.collect();
    let n_lost = lines.len() - found.len();
    Ok((found, n_lost))
}
