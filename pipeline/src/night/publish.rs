//! A night's files, and their publication.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use earlycall_schemas::table::{TableKind, tables};
use serde_json::{Value, json};

use crate::{
    error::{Error, Kind, Result},
    history::{History, arrive::Arrival, gaps::Gap},
    keys::Keys,
    night::{
        Outcome,
        lists::{self, Chosen, Standing},
        record::{self, Inputs},
        redact,
        shown::Shown,
        verdict::Verdict,
    },
    progress::Progress,
    quality::{
        person::{Findings, MIXED, Oddity},
        profile,
    },
    settings::Settings,
    store::{
        Store, deliver,
        folder::{self, NewFile},
        nights::NightId,
    },
    supply::Supply,
    worklist::{
        line::{Page, TeamList},
        scores,
    },
};

/// A night that may be shown.
pub struct Ready<'a> {
    /// Index date and revision.
    pub night: NightId,
    /// What stands on every page.
    pub page: Page,
    /// Everybody, divided and scored.
    pub standing: Standing<'a>,
    /// Who is on which list.
    pub chosen: Vec<Chosen>,
    /// The lists.
    pub lists: Vec<TeamList>,
    /// What it was made from.
    pub inputs: Inputs,
    /// What each feed brings.
    pub supply: Supply,
    /// What refused files would have brought.
    pub gaps: Vec<Gap>,
    /// What the data engineer must look at, a sentence each.
    pub warnings: Vec<String>,
    /// What is odd about it beside other nights.
    pub verdict: Verdict<'a>,
}

impl Ready<'_> {
    /// The numbers for whoever started the night.
    pub fn outcome(&self, folder: Option<PathBuf>) -> Outcome {
        Outcome {
            night: self.night,
            folder,
            n_scored: self.standing.scored.len(),
            n_without_team: self.standing.scored.n_without_team(),
            n_lines: self.lists.iter().map(|list| list.lines.len()).sum(),
            n_lists: self.lists.len(),
            warnings: self.warnings.iter().cloned().chain(self.standing.findings.warnings()).collect(),
        }
    }
}

/// Keeps what has arrived, writes a night and moves the pointer; then gives each team that has a folder of its own its
/// three files, and lets past nights forget whoever has left because they object.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when a step fails. Before the pointer moved, the night before stands.
pub fn publish(
    ready: Ready,
    arrival: Arrival,
    store: &Store,
    settings: &Settings,
    progress: &mut Progress,
) -> Result<Outcome> {
    let removed = lists::removed(&ready.chosen, &ready.standing);
    let mut files = people_files(&ready, removed.len());
    files.extend(Shown { page: ready.page.clone(), lists: ready.lists.clone(), removed }.files()?);
    files.extend(quality_files(&ready, store, &arrival.history)?);
    files.push(NewFile::new("timings.json", progress.timings()));
    let history = arrival.keep(store)?;
    let folder = store.publish(ready.night, &files)?;
    give_to_teams(store, ready.night, settings)?;
    redact::nights(store, &history, settings, ready.standing.keys)?;
    Ok(ready.outcome(Some(folder)))
}

/// Gives teams their lists of the newest night; a past night is for whoever asks, not for the coaches of today.
///
/// # Errors
/// * [`Kind::Storage`] when a list cannot be given.
pub fn give_to_teams(store: &Store, night: NightId, settings: &Settings) -> Result<()> {
    if store.nights()?.last() == Some(&night) {
        deliver::to_teams(&store.night_folder(night), settings)?;
    }
    Ok(())
}

/// What is left to do for a night that stands already: a run that died may not have moved the pointer, or not have given
/// the teams their lists.
///
/// # Errors
/// * [`Kind::NothingToDo`] when the night was current already.
/// * [`Kind::Storage`] when its record cannot be read or a list cannot be given.
pub fn finish(store: &Store, night: NightId, settings: &Settings) -> Result<Outcome> {
    let has_moved = store.point_to_newest()?;
    give_to_teams(store, night, settings)?;
    if !has_moved {
        return Err(Error::new(Kind::NothingToDo, format!("night {night} stands already, from the same inputs")));
    }
    let record = record::parse(&store.read(night, "run.json")?)?;
    let count = |name: &str| record["counts"][name].as_u64().unwrap_or(0) as usize;
    Ok(Outcome {
        night,
        folder: Some(store.night_folder(night)),
        n_scored: count("scored"),
        n_without_team: count("scored_without_team"),
        n_lines: count("lines"),
        n_lists: count("lists"),
        // Whoever wants them again finds them in quality.json.
        warnings: Vec::new(),
    })
}

/// The same for a night that stands already, whose deliveries may still have to be kept.
///
/// # Errors
/// As of [`finish`], and when a past night cannot be redacted.
pub fn finish_again(
    night: NightId,
    arrival: Arrival,
    store: &Store,
    settings: &Settings,
    keys: &Keys,
) -> Result<Outcome> {
    let history = arrival.keep(store)?;
    let finished = finish(store, night, settings);
    redact::nights(store, &history, settings, keys)?;
    finished
}

fn people_files(ready: &Ready, n_removed: usize) -> Vec<NewFile> {
    let scored = ready.standing.scored;
    let scores: Vec<scores::Score> = scored.cohort.members().iter().map(|member| scored.score(member)).collect();
    vec![
        NewFile::new("run.json", run_json(ready, n_removed)),
        NewFile::new("scores.parquet", scores::write(&scores)),
        NewFile::new("cohort.json", cohort_json(ready)),
    ]
}

fn run_json(ready: &Ready, n_removed: usize) -> Vec<u8> {
    let scored = ready.standing.scored;
    let high_risk = ready.standing.settings.rules.limit("SHARE", "risk");
    let lines: usize = ready.lists.iter().map(|list| list.lines.len()).sum();
    let counts = BTreeMap::from([
        ("people", json!(scored.cohort.n_people())),
        ("standings", json!(scored.cohort.counts())),
        ("scored", json!(scored.len())),
        ("at_high_risk", json!({ "risk": high_risk, "n": scored.n_at_risk(high_risk) })),
        ("scored_without_team", json!(scored.n_without_team())),
        ("lists", json!(ready.lists.len())),
        ("lines", json!(lines)),
        ("removed", json!(n_removed)),
    ]);
    let clinical = tables().iter().filter(|table| table.kind == TableKind::Clinical);
    let missing = clinical.map(|table| table.name.as_str()).filter(|table| ready.supply.is_missing(table));
    let notices = &ready.page.notices;
    record::to_bytes(&ready.page.run_id, &ready.inputs, counts, missing.collect(), &ready.gaps, notices)
}

/// Everybody in the extracts by standing; the sum is `people`.
fn cohort_json(ready: &Ready) -> Vec<u8> {
    let scored = ready.standing.scored;
    let at_end_of_life = scored.cohort.members().iter().filter(|member| member.is_at_end_of_life).count();
    let record = json!({
        "index_date": ready.night.index_date,
        "people": scored.cohort.n_people(),
        "standings": scored.cohort.counts(),
        "of_the_scored": {
            "never_listed_end_of_life": at_end_of_life,
            "without_team": scored.n_without_team(),
        },
    });
    let mut bytes = serde_json::to_vec_pretty(&record).expect("counts are plain data");
    bytes.push(b'\n');
    bytes
}

/// What is odd about people, by rule: how often, and what.
fn oddities_json(findings: &Findings) -> Vec<Value> {
    let told = |(oddity, n): (Oddity, u64)| json!({ "rule": oddity.rule(), "count": n, "what": oddity.in_words() });
    findings.counts.found().map(told).collect()
}

/// What the checks found in the deliveries that the night before did not have, in people, and beside other nights.
fn quality_files(ready: &Ready, store: &Store, history: &History) -> Result<Vec<NewFile>> {
    let older = match ready.standing.before {
        Some(before) => record::parse(&store.read(before.night, "run.json")?)?,
        None => Value::Null,
    };
    let mut summaries = Vec::new();
    let mut quarantine: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for number in ready.inputs.n_known_before(&older) + 1..=history.ledger.deliveries.len() {
        let kept = history.folder().join(format!("quality/{number:06}"));
        for name in folder::names(&kept)? {
            if name == profile::FILE {
                continue;
            }
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
    let quality = json!({
        "deliveries": summaries,
        "people": oddities_json(ready.standing.findings),
        "beside_other_nights": ready.verdict.to_json(),
    });
    let mut summary = serde_json::to_vec_pretty(&quality).expect("summaries are plain data");
    summary.push(b'\n');
    let mut files =
        vec![NewFile::new("quality.json", summary), NewFile::new(MIXED, ready.standing.findings.mixed_csv())];
    files.extend(quarantine.into_iter().map(|(name, bytes)| NewFile::new(format!("quarantine/{name}"), bytes)));
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Error::storage(path, "read", &error))
}
