//! A night's files, and their publication.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use earlycall_schemas::table::{TableKind, tables};
use serde_json::{Value, json};

use crate::{
    cohort::Cohort,
    day::Day,
    error::{Error, Result},
    history::History,
    night::{
        Before, Outcome,
        lists::{self, Chosen},
        record::{self, Inputs},
    },
    progress::Progress,
    score::Scored,
    settings::Settings,
    store::{
        Store, deliver,
        folder::{self, NewFile},
        nights::NightId,
    },
    worklist::{
        csv, html,
        line::{Page, TeamList},
        parquet, removed, scores, xlsx,
    },
};

/// A night that may be shown.
pub struct Ready {
    /// Index date and revision.
    pub night: NightId,
    /// What stands on every page.
    pub page: Page,
    /// Everybody, divided.
    pub cohort: Cohort,
    /// Everybody who is scored.
    pub scored: Scored,
    /// Who is on which list.
    pub chosen: Vec<Chosen>,
    /// The lists.
    pub lists: Vec<TeamList>,
    /// The night before.
    pub before: Option<Before>,
    /// What it was made from.
    pub inputs: Inputs,
    /// Newest day of each feed.
    pub newest: BTreeMap<String, Day>,
}

impl Ready {
    /// The numbers for whoever started the night.
    pub fn outcome(&self, folder: Option<PathBuf>) -> Outcome {
        Outcome {
            night: self.night,
            folder,
            n_scored: self.scored.len(),
            n_lines: self.lists.iter().map(|list| list.lines.len()).sum(),
            n_lists: self.lists.len(),
        }
    }
}

/// Writes a night and moves the pointer; then gives each team that has a folder of its own its three files.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when a step fails. Before the pointer moved, the night before stands.
pub fn publish(
    ready: Ready,
    store: &Store,
    history: &History,
    settings: &Settings,
    progress: &mut Progress,
) -> Result<Outcome> {
    let mut files = people_files(&ready);
    for list in &ready.lists {
        let folder = format!("worklists/{}", list.team_id);
        files.push(NewFile::new(format!("{folder}/worklist.html"), html::write(&ready.page, list)));
        files.push(NewFile::new(format!("{folder}/worklist.xlsx"), xlsx::write(&ready.page, list)?));
        files.push(NewFile::new(format!("{folder}/worklist.csv"), csv::write(&ready.page, list)));
    }
    files.extend(quality_files(&ready, store, history)?);
    files.push(NewFile::new("timings.json", progress.timings()));
    let folder = store.publish(ready.night, &files)?;
    // A past night that is run again is for whoever asks, not for the coaches of today.
    if store.nights()?.last() == Some(&ready.night) {
        deliver::to_teams(&folder, settings)?;
    }
    Ok(ready.outcome(Some(folder)))
}

/// The outcome of a night whose publication this run only finished.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when its record cannot be read.
pub fn finished(store: &Store, night: NightId) -> Result<Outcome> {
    let record = record::parse(&store.read(night, "run.json")?)?;
    let count = |name: &str| record["counts"][name].as_u64().unwrap_or(0) as usize;
    Ok(Outcome {
        night,
        folder: Some(store.night_folder(night)),
        n_scored: count("scored"),
        n_lines: count("lines"),
        n_lists: count("lists"),
    })
}

fn people_files(ready: &Ready) -> Vec<NewFile> {
    let scores: Vec<scores::Score> = ready.scored.values().cloned().collect();
    let removed_lines = lists::removed(&ready.chosen, &ready.cohort, &ready.scored, ready.before.as_ref());
    vec![
        NewFile::new("run.json", run_json(ready, removed_lines.len())),
        NewFile::new("scores.parquet", scores::write(&scores)),
        NewFile::new("cohort.json", cohort_json(ready)),
        NewFile::new("worklist.parquet", parquet::write(&ready.page, &ready.lists)),
        NewFile::new("removed.csv", removed::write(&removed_lines)),
    ]
}

fn run_json(ready: &Ready, n_removed: usize) -> Vec<u8> {
    let lines: usize = ready.lists.iter().map(|list| list.lines.len()).sum();
    let without_team = ready.scored.values().filter(|score| score.team_id.is_none()).count();
    let counts = BTreeMap::from([
        ("people", json!(ready.cohort.n_people())),
        ("standings", json!(ready.cohort.counts())),
        ("scored", json!(ready.scored.len())),
        ("scored_without_team", json!(without_team)),
        ("lists", json!(ready.lists.len())),
        ("lines", json!(lines)),
        ("removed", json!(n_removed)),
    ]);
    let clinical = tables().iter().filter(|table| table.kind == TableKind::Clinical);
    let missing = clinical.map(|table| table.name.as_str()).filter(|table| !ready.newest.contains_key(*table));
    record::to_bytes(&ready.page.run_id, &ready.inputs, counts, missing.collect(), &ready.page.notices)
}

/// Everybody in the extracts by standing; the sum is `people`.
fn cohort_json(ready: &Ready) -> Vec<u8> {
    let at_end_of_life = ready.cohort.members.iter().filter(|member| member.is_at_end_of_life).count();
    let without_team = ready.scored.values().filter(|score| score.team_id.is_none()).count();
    let record = json!({
        "index_date": ready.night.index_date,
        "people": ready.cohort.n_people(),
        "standings": ready.cohort.counts(),
        "of_the_scored": {
            "never_listed_end_of_life": at_end_of_life,
            "without_team": without_team,
        },
    });
    let mut bytes = serde_json::to_vec_pretty(&record).expect("counts are plain data");
    bytes.push(b'\n');
    bytes
}

/// What the checks found in the deliveries that the night before did not have.
fn quality_files(ready: &Ready, store: &Store, history: &History) -> Result<Vec<NewFile>> {
    let older = match &ready.before {
        Some(before) => record::parse(&store.read(before.night, "run.json")?)?,
        None => Value::Null,
    };
    let mut summaries = Vec::new();
    let mut quarantine: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for number in ready.inputs.n_known_before(&older) + 1..=history.ledger.deliveries.len() {
        let kept = history.folder().join(format!("quality/{number:06}"));
        for name in folder::names(&kept)? {
            let bytes = read(&kept.join(&name))?;
            if name == "quality.json" {
                summaries.push(record::parse(&bytes)?);
                continue;
            }
            let table = quarantine.entry(name).or_default();
            let header = bytes.iter().position(|&byte| byte == b'\n').map_or(0, |end| end + 1);
            table.extend_from_slice(if table.is_empty() { &bytes } else { &bytes[header..] });
        }
    }
    let mut summary = serde_json::to_vec_pretty(&summaries).expect("summaries are plain data");
    summary.push(b'\n');
    let mut files = vec![NewFile::new("quality.json", summary)];
    files.extend(quarantine.into_iter().map(|(name, bytes)| NewFile::new(format!("quarantine/{name}"), bytes)));
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Error::storage(path, "read", &error))
}
