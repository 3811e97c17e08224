//! A night's files, and their publication.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
    cohort::standing::Standing as Why,
    error::{Error, Kind, Result},
    history::{History, Reference, arrive::Arrival, gaps::Gap, part_read::PartRead, records::PersonKey},
    holdout::Trial,
    keys::Keys,
    night::{
        Outcome,
        choose::{self, Chosen},
        leaving::{self, Leaving},
        left_to::LeftTo,
        lists::{self, Standing},
        record::{self, Inputs},
        redact::{self, Forgotten},
        revise,
        shown::Shown,
        told::{Gone, Told},
        verdict::Verdict,
    },
    objections::{held::Held, register},
    progress::Progress,
    quality::{
        person::{Findings, Oddity},
        profile, report, set_aside,
    },
    settings::Settings,
    store::{
        Store, deliver,
        folder::{self, NewFile},
        nights::NightId,
    },
    supply::Supply,
    worklist::line::{Page, TeamList},
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
    /// How many people each pathway finds whom no team of it covers.
    pub found_without_team: BTreeMap<&'static str, u64>,
    /// Whom lists leave to services that look after them already.
    pub left_to: LeftTo,
    /// The lists.
    pub lists: Vec<TeamList>,
    /// What it was made from.
    pub inputs: Inputs,
    /// The trial, with whom this night brought into it.
    pub trial: Option<Trial>,
    /// What each feed brings.
    pub supply: Supply,
    /// What refused files would have brought.
    pub gaps: Vec<Gap>,
    /// Of whose newest rows most could not be read.
    pub part_read: Vec<PartRead>,
    /// The practices that have left.
    pub leaving: Leaving,
    /// What the data engineer must look at, a sentence each.
    pub warnings: Vec<String>,
    /// What is odd about it beside other nights.
    pub verdict: Verdict<'a>,
    /// Of whom it leaves nothing.
    pub forgotten: Forgotten,
}

impl Ready<'_> {
    /// The numbers for whoever started the night, without whoever was noted while it was made.
    pub fn outcome(&self, folder: Option<PathBuf>, gone: &Gone) -> Outcome {
        let meanwhile = (gone.n_scored > 0).then(|| {
            let (n, lines) = (gone.n_scored, gone.lines.len());
            format!("people noted while this night was made, who are in it no longer: {n}; lines left blank by that: {lines}")
        });
        let found = self.warnings.iter().cloned().chain(self.standing.findings.warnings());
        Outcome {
            night: self.night,
            folder,
            in_use: None,
            n_scored: self.standing.scored.len() - gone.n_scored,
            n_without_team: self.standing.scored.n_without_team() - gone.n_without_team,
            n_lines: self.lists.iter().map(|list| list.lines.len()).sum::<usize>() - gone.lines.len(),
            n_lists: self.lists.len(),
            warnings: found.chain(meanwhile).collect(),
            incidents: self.verdict.incidents().to_vec(),
            revised: None,
            given: Ok(()),
        }
    }
}

/// Keeps what has arrived, writes a night and moves the pointer; then gives each team that has a folder of its own its
/// files, and lets past nights forget whoever has left because they object. Whoever was noted while the night was
/// made is in none of that.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when a step fails. Before the pointer moved, the night before stands.
pub fn publish(
    ready: Ready,
    arrival: Arrival,
    store: &Store,
    settings: &Settings,
    progress: &Progress,
) -> Result<Outcome> {
    let mut of_nobody = quality_files(&ready, &arrival.history)?;
    of_nobody.push(NewFile::new("timings.json", progress.timings()));
    let mut told = told(&ready, &arrival.history.reference);
    let mut files = told.files()?;
    let history = arrival.keep(store)?;
    // Before any list: whoever dies in between finds the same people allocated.
    ready.trial.as_ref().map_or(Ok(()), |trial| trial.keep(store))?;

    let held = Held::wait(settings.state_folder())?;
    let meanwhile = noted_since(&history, &held, settings)?;
    let gone = told.take_out(&meanwhile, held.register(), ready.standing.keys)?;
    if gone.is_some() {
        files = told.files()?;
    }
    files.extend(of_nobody);
    let folder = store.publish(ready.night, &files, held.lock())?;
    let given = give_to_teams(store, ready.night, settings);
    drop(held);

    // Whoever objects is forgotten whether or not every team could be given its list.
    redact::forget(store, settings, |person| ready.forgotten.has(person))?;
    redact::nights(store, &history, settings, ready.standing.keys)?;
    given?;
    let in_use = store.nights()?.pop().filter(|newest| newest.index_date > ready.night.index_date);
    Ok(Outcome { in_use, ..ready.outcome(Some(folder), &gone.unwrap_or_default()) })
}

/// Whom the register leaves out now and did not when the night began.
///
/// # Errors
/// * [`Kind::Storage`] when the register has lost what the night was made under.
fn noted_since(history: &History, held: &Held, settings: &Settings) -> Result<BTreeMap<PersonKey, Why>> {
    if !held.register().goes_on_from(&history.register) {
        return Err(Error::new(Kind::Storage, "has lost entries since this night began, so it cannot be published")
            .file(register::FILE)
            .hint("put it back from a backup; without it people would be called who said no"));
    }
    let left_out = |register| revise::left_out(register, &settings.objections, &history.ledger.merged);
    let then = left_out(&history.register);
    let mut now = left_out(held.register());
    now.retain(|person, _| !then.contains_key(person));
    Ok(now)
}

/// Gives teams their lists of the newest night; a past night is for whoever asks, not for the coaches of today.
///
/// # Errors
/// * [`Kind::Storage`] when a list cannot be given.
pub fn give_to_teams(store: &Store, night: NightId, settings: &Settings) -> Result<()> {
    if store.nights()?.last() == Some(&night) {
        deliver::to_teams(store, &store.night_folder(night), settings)?;
    }
    Ok(())
}

/// What is left to do for a night that stands already: a run that died may not have moved the pointer, or not have given
/// the teams their lists; and somebody may have been noted since. `why` says why nothing else is.
///
/// # Errors
/// * [`Kind::NothingToDo`] when the night was current already.
/// * [`Kind::Storage`] when its record cannot be read or a list cannot be given.
pub fn finish(store: &Store, night: NightId, why: &str, history: &History, settings: &Settings) -> Result<Outcome> {
    let held = Held::wait(settings.state_folder())?;
    let is_newest = store.nights()?.last() == Some(&night);
    let left_out = || revise::left_out(held.register(), &settings.objections, &history.ledger.merged);
    let revised = if is_newest { revise::without(&left_out(), &held, store, settings)? } else { None };
    let has_moved = store.point_to_newest(held.lock())? || revised.is_some();
    let night = revised.as_ref().map_or(night, |revised| revised.night);
    give_to_teams(store, night, settings)?;
    if !has_moved {
        return Err(Error::new(Kind::NothingToDo, why));
    }
    let record = record::parse(&store.read(night, "run.json")?)?;
    let count = |name: &str| record["counts"][name].as_u64().unwrap_or(0) as usize;
    Ok(Outcome {
        night,
        folder: Some(store.night_folder(night)),
        in_use: None,
        n_scored: count("scored"),
        n_without_team: count("scored_without_team"),
        n_lines: count("lines"),
        n_lists: count("lists"),
        // Whoever wants them again finds them in quality.json.
        warnings: Vec::new(),
        incidents: Vec::new(),
        revised,
        given: Ok(()),
    })
}

/// The same for a night that stands already, whose deliveries may still have to be kept.
///
/// # Errors
/// As of [`finish`], and when a past night cannot be redacted.
pub fn finish_again(
    night: NightId,
    why: &str,
    arrival: Arrival,
    store: &Store,
    settings: &Settings,
    keys: &Keys,
) -> Result<Outcome> {
    let left = [arrival.waiting.clone(), arrival.without_basis.clone()].concat();
    let history = arrival.keep(store)?;
    let finished = finish(store, night, why, &history, settings);
    redact::nights(store, &history, settings, keys)?;
    finished.map_err(|error| left.iter().fold(error, |error, left| error.also(left)))
}

/// What the night tells of people.
fn told(ready: &Ready, reference: &Reference) -> Told {
    let scored = ready.standing.scored;
    let removed = lists::removed(&ready.chosen, &ready.standing);
    let mut scores = scored.scores(&choose::other_teams(&ready.chosen));
    scores.people.iter_mut().for_each(|score| score.left_to = ready.left_to.of_person(score.person).to_vec());
    let shown = Shown { page: ready.page.clone(), lists: ready.lists.clone(), removed };
    Told {
        run: run_json(ready, &shown),
        cohort: cohort_json(ready, reference),
        scores,
        mixed: Some(ready.standing.findings.mixed_csv()),
        shown,
    }
}

fn run_json(ready: &Ready, shown: &Shown) -> Vec<u8> {
    let scored = ready.standing.scored;
    let high_risk = ready.standing.settings.rules.limit("SHARE", "risk");
    let lines: usize = ready.lists.iter().map(|list| list.lines.len()).sum();
    let mut counts = BTreeMap::from([
        ("people", json!(scored.cohort.n_people())),
        ("standings", json!(scored.cohort.counts())),
        ("scored", json!(scored.len())),
        ("at_high_risk", json!({ "risk": high_risk, "n": scored.n_at_risk(high_risk) })),
        ("scored_without_team", json!(scored.n_without_team())),
        ("lists", json!(ready.lists.len())),
        ("lines", json!(lines)),
        ("waiting", json!(shown.n_waiting())),
        ("removed", json!(shown.removed.len())),
    ]);
    counts.extend(ready.trial.as_ref().map(|trial| ("allocated", json!(trial.n_allocated()))));
    let notices = &ready.page.notices;
    let (gaps, part_read) = (&ready.gaps, &ready.part_read);
    record::to_bytes(
        &ready.page.run_id,
        &ready.inputs,
        counts,
        ready.supply.missing().collect(),
        gaps,
        part_read,
        notices,
    )
}

/// Everybody in the extracts by standing; the sum is `people`.
fn cohort_json(ready: &Ready, reference: &Reference) -> Vec<u8> {
    let scored = ready.standing.scored;
    let at_end_of_life = scored.cohort.members().iter().filter(|member| member.is_at_end_of_life).count();
    let record = json!({
        "index_date": ready.night.index_date,
        "people": scored.cohort.n_people(),
        "standings": scored.cohort.counts(),
        "practices": scored.cohort.headcount().by_practice(),
        "practices_without_agreement": leaving::without_agreement(reference),
        "practices_that_left": ready.leaving.to_keep(),
        "of_the_scored": {
            "never_listed_end_of_life": at_end_of_life,
            "without_team": scored.n_without_team(),
            "found_without_team": ready.found_without_team,
            "left_to_services": ready.left_to.by_pathway(),
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
fn quality_files(ready: &Ready, history: &History) -> Result<Vec<NewFile>> {
    let n_known = ready.standing.before.map_or(0, |before| before.n_deliveries);
    let mut summaries = Vec::new();
    let mut quarantine: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for number in n_known + 1..=history.ledger.deliveries.len() {
        let kept = history.folder().join(format!("quality/{number:06}"));
        for name in folder::names(&kept)? {
            if [profile::FILE, set_aside::FILE].contains(&name.as_str()) {
                continue;
            }
            let bytes = read(&kept.join(&name))?;
            if name == report::FILE {
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
        "set_aside_on_arrival": ready.verdict.on_arrival(),
        "beside_other_nights": ready.verdict.to_json(),
    });
    let mut summary = serde_json::to_vec_pretty(&quality).expect("summaries are plain data");
    summary.push(b'\n');
    let mut files = vec![NewFile::new("quality.json", summary)];
    files.extend(quarantine.into_iter().map(|(name, bytes)| NewFile::new(format!("quarantine/{name}"), bytes)));
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Error::storage(path, "read", &error))
}
