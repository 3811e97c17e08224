//! Redaction: published nights forget whoever has left because they object. Their lines are blank, their scores gone, and
//! where a night told that they left a list, it tells no reference.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{
    cohort::standing::Standing,
    error::{Error, Kind, Result},
    history::{
        History,
        purge::{self, Leaving},
        records::PersonKey,
    },
    keys::Keys,
    night::{
        record,
        revise::{self, add_all_others},
        shown::Shown,
    },
    settings::Settings,
    store::{Store, folder::NewFile, nights::NightId},
    worklist::{
        line::{DO_NOT_CALL, Line, REMOVED},
        person_ref::person_ref,
        scores::{self, Score},
    },
};

/// The file of the state that proves what was purged: dates and counts, and nobody's name.
const PROOF: &str = "purge.json";

/// Lets every published night forget those whom a generation lists as leaving, notes the proof, and forgets the list.
///
/// # Errors
/// * [`Kind::Storage`] when a night is damaged or cannot be written. Each night is as it was or redacted, and the next run
///   goes on with the others.
/// * [`Kind::Permission`] when the newest night knows one of them, and the key of a team is missing or another.
pub fn nights(store: &Store, history: &History, settings: &Settings, keys: &Keys) -> Result<()> {
    let leaving = purge::leaving(history.folder())?;
    if leaving.people.is_empty() {
        return Ok(());
    }
    let known = known(store, &leaving.people)?;
    // The night in use is never changed: it gets a revision, and is a past one then.
    let people: BTreeMap<PersonKey, Standing> = known.iter().map(|person| (*person, Standing::Objecting)).collect();
    revise::without(&people, &history.register, store, settings)?;
    let mut n_nights = 0;
    for night in store.nights()? {
        n_nights += u64::from(redact(store, night, &known, &leaving.people, keys)?);
    }
    note(store, settings, history, &leaving, n_nights)?;
    store.forget(&history.folder().join(purge::LEAVING))
}

/// Of some people, those whom a published night has a score of: nobody else was ever on a list.
fn known(store: &Store, people: &BTreeSet<PersonKey>) -> Result<BTreeSet<PersonKey>> {
    let mut known = BTreeSet::new();
    for night in store.nights()? {
        let scores = scores::read(&store.read(night, "scores.parquet")?)?;
        known.extend(scores.iter().map(|score| score.person).filter(|person| people.contains(person)));
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
    let all = scores::read(&store.read(night, "scores.parquet")?)?;
    let n_all = all.len();
    let left: Vec<Score> = all.into_iter().filter(|score| !people.contains(&score.person)).collect();
    let mut shown = Shown::read(store, night)?;
    let n_texts = blank(&mut shown, people, keys);
    let mixed = revise::mixed_without(store, night, leaving)?;
    if n_texts == 0 && left.len() == n_all && mixed.is_none() {
        return Ok(false);
    }
    let mut record = record::parse(&store.read(night, "run.json")?)?;
    let n_before = record["people_redacted"].as_u64().unwrap_or(0);
    record["people_redacted"] = json!(n_before + (n_all - left.len()) as u64);
    let mut files = shown.files()?;
    files.push(NewFile::new("run.json", record::bytes(&record)));
    files.push(NewFile::new("scores.parquet", scores::write(&left)));
    files.extend(mixed);
    add_all_others(&mut files, &store.night_folder(night))?;
    store.replace_night(night, &files)?;
    Ok(true)
}

/// Blanks whatever tells of some people, and says in how many places it did.
fn blank(shown: &mut Shown, people: &BTreeSet<PersonKey>, keys: &Keys) -> usize {
    let mut refs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let teams: BTreeSet<&String> = shown.lists.iter().map(|list| &list.team_id).collect();
    let teams: BTreeSet<String> =
        teams.into_iter().chain(shown.removed.iter().map(|line| &line.team_id)).cloned().collect();
    for team_id in teams {
        // The key of a team that is no more may be gone, and with it whatever could tell whose its lines were.
        let of_team = keys.team(&team_id).map(|key| people.iter().map(|person| person_ref(&key, *person)).collect());
        refs.insert(team_id, of_team.unwrap_or_default());
    }
    let mut n = 0;
    for list in &mut shown.lists {
        let refs = &refs[&list.team_id];
        for line in list.lines.iter_mut().filter(|line| refs.contains(&line.person_ref)) {
            *line = Line::removed(line.line_no);
            n += 1;
        }
        for (person_ref, why) in list.left.iter_mut().filter(|(person_ref, _)| refs.contains(person_ref)) {
            (*person_ref, *why) = (REMOVED.to_owned(), DO_NOT_CALL.to_owned());
            n += 1;
        }
    }
    for line in shown.removed.iter_mut().filter(|line| refs[&line.team_id].contains(&line.person_ref)) {
        (line.person_ref, line.reason) = (REMOVED.to_owned(), DO_NOT_CALL.to_owned());
        n += 1;
    }
    n
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::worklist::{removed::Removed, sample};

    #[test]
    fn a_line_and_whatever_tells_that_its_person_left_are_blanked_and_all_else_stays() {
        let settings = Settings::parse("[profile]\nkind = \"research\"", Path::new("/nowhere")).unwrap();
        let keys = Keys::of(&settings).unwrap();
        let person = PersonKey::parse(&"0f".repeat(32)).unwrap();
        let person_ref = person_ref(&keys.team("coach-31").unwrap(), person);
        let (team_id, reason) = ("coach-31".to_owned(), "has died".to_owned());
        let mut list = sample::list();
        list.lines[6].person_ref.clone_from(&person_ref);
        list.left.push((person_ref.clone(), reason.clone()));
        let removed = vec![Removed { team_id, line_no_before: 3, person_ref: person_ref.clone(), reason }];
        let before = list.clone();
        let mut shown = Shown { page: sample::page(), lists: vec![list], removed };
        assert_eq!(blank(&mut shown, &[person].into(), &keys), 3);
        assert!(!serde_json::to_string(&shown).unwrap().contains(&person_ref));
        let after = &shown.lists[0];
        assert_eq!(after.lines[6], Line::removed(7));
        assert_eq!((&after.lines[..6], &after.lines[7..]), (&before.lines[..6], &before.lines[7..]));
        assert_eq!(after.left[0], before.left[0]);
        assert_eq!(blank(&mut shown, &[person].into(), &keys), 0);
    }
}
