//! A revision without whoever has been withdrawn: the newest night once more, from its own files and without scoring
//! again. Their lines are blank, and everybody else keeps their number.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use crate::sha256::sha256;
use crate::{
    cohort::standing::Standing,
    error::{Error, Kind, Result},
    history::records::PersonKey,
    keys::Keys,
    night::{before, publish, record::Revision, shown::Shown},
    objections::register::{Matter, Register},
    quality::person::{self, MIXED},
    settings::{self, Settings},
    store::{
        Store,
        folder::{self, Content, NewFile},
        nights::NightId,
    },
    worklist::{
        line::{DO_NOT_CALL, Line, REMOVED},
        person_ref::person_ref,
        removed::Removed,
        scores::{self, Score},
    },
};

/// What stands on every page of a revision.
const NOTICE: &str = "This list was revised after it was first published: do not call anybody whose line says \"Removed\", \
                      from whatever copy.";

/// What came of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revised {
    /// The revision.
    pub night: NightId,
    /// Where it is published.
    pub folder: PathBuf,
    /// The lines that are blank now: team and number.
    pub lines: Vec<(String, u32)>,
}

/// Whom the register leaves out under these settings, and where each of them stands; `survivor` finds the record that
/// stands for another.
pub fn left_out(
    register: &Register,
    settings: &settings::Objections,
    survivor: impl Fn(PersonKey) -> PersonKey,
) -> BTreeMap<PersonKey, Standing> {
    let standing = |matters: &BTreeSet<Matter>| {
        let of = |matter: &Matter| match matter {
            Matter::Objection(kind) => settings.removes(*kind).then_some(Standing::Objecting),
            Matter::Death => Some(Standing::Died),
            Matter::Wrong => Some(Standing::Withdrawn),
        };
        matters.iter().filter_map(of).min()
    };
    let people = register.in_force().into_iter();
    people.filter_map(|(person, matters)| Some((survivor(person), standing(&matters)?))).collect()
}

/// Publishes the newest night once more, without these people. None when no night is published, or none of them is in
/// it; then what a dead run left undone is done.
///
/// # Errors
/// * [`Kind::Permission`] when a team's key is missing, or another than the one under which its list was made.
/// * [`Kind::Storage`] when a file of the night is damaged or the revision cannot be written; then the night stands.
pub fn without(
    people: &BTreeMap<PersonKey, Standing>,
    register: &Register,
    store: &Store,
    settings: &Settings,
) -> Result<Option<Revised>> {
    let Some(of) = store.nights()?.pop() else { return Ok(None) };
    let all = scores::read(&store.read(of, "scores.parquet")?)?;
    let (gone, left): (Vec<Score>, Vec<Score>) =
        all.iter().cloned().partition(|score| people.contains_key(&score.person));
    if gone.is_empty() {
        store.point_to_newest()?;
        publish::give_to_teams(store, of, settings)?;
        return Ok(None);
    }
    let keys = Keys::of(settings)?;
    refuse_other_keys(store, of, &all, &keys)?;
    let night = NightId { revision: of.revision + 1, ..of };
    let mut shown = Shown::read(store, of)?;
    let lines = blank(&mut shown, night, &gone, &keys)?;
    let mut scored_no_longer: BTreeMap<&'static str, u64> = BTreeMap::new();
    gone.iter().for_each(|score| *scored_no_longer.entry(people[&score.person].code()).or_default() += 1);
    let seal = register.seal();
    let keys_of_gone: Vec<u8> = gone.iter().flat_map(|score| *score.person.as_bytes()).collect();
    let revision = Revision {
        of,
        night,
        register: seal.as_ref(),
        people_sha256: &sha256(&keys_of_gone),
        scored_no_longer: &scored_no_longer,
        n_without_team: gone.iter().filter(|score| score.team_id.is_none()).count() as u64,
        n_lines: lines.len() as u64,
        notices: &shown.page.notices,
    };
    let mut files = shown.files()?;
    files.push(NewFile::new("run.json", revision.of_record(&store.read(of, "run.json")?)?));
    files.push(NewFile::new("cohort.json", revision.of_cohort(&store.read(of, "cohort.json")?)?));
    files.push(NewFile::new("scores.parquet", scores::write(&left)));
    files.extend(mixed_without(store, of, &people.keys().copied().collect())?);
    add_all_others(&mut files, &store.night_folder(of))?;
    let folder = store.publish(night, &files)?;
    publish::give_to_teams(store, night, settings)?;
    Ok(Some(Revised { night, folder, lines }))
}

/// Blanks the lines of some people, and says which.
fn blank(shown: &mut Shown, night: NightId, gone: &[Score], keys: &Keys) -> Result<Vec<(String, u32)>> {
    let mut lines = Vec::new();
    for list in &mut shown.lists {
        let key = keys.team(&list.team_id)?;
        let of_team = gone.iter().filter(|score| score.team_id.as_deref() == Some(list.team_id.as_str()));
        let refs: BTreeSet<String> = of_team.map(|score| person_ref(&key, score.person)).collect();
        for line in list.lines.iter_mut().filter(|line| refs.contains(&line.person_ref)) {
            *line = Line::removed(line.line_no);
            lines.push((list.team_id.clone(), line.line_no));
            shown.removed.push(Removed {
                team_id: list.team_id.clone(),
                line_no_before: line.line_no,
                person_ref: REMOVED.to_owned(),
                reason: DO_NOT_CALL.to_owned(),
            });
        }
    }
    shown.page.run_id = night.to_string();
    if !shown.page.notices.iter().any(|notice| notice == NOTICE) {
        shown.page.notices.insert(0, NOTICE.to_owned());
    }
    Ok(lines)
}

/// Under another key than the list was made with, a line cannot be told from any other.
fn refuse_other_keys(store: &Store, night: NightId, scores: &[Score], keys: &Keys) -> Result<()> {
    match before::lines(store, night, scores, keys)?.1 {
        0 => Ok(()),
        n => Err(Error::new(
            Kind::Permission,
            format!("the keys of the teams are not those of night {night}: {n} of its lines cannot be told apart"),
        )
        .hint("`earlycall run --revise` makes its lists under the new keys, and without whoever objects")),
    }
}

/// A night's list of records that may mix two people, where it tells of some people, without them.
///
/// # Errors
/// * [`Kind::Storage`] when the list cannot be read.
pub(super) fn mixed_without(store: &Store, night: NightId, people: &BTreeSet<PersonKey>) -> Result<Option<NewFile>> {
    if !store.night_folder(night).join(MIXED).is_file() {
        return Ok(None);
    }
    let left = person::mixed_without(&store.read(night, MIXED)?, people);
    Ok(left.map(|bytes| NewFile::new(MIXED, bytes)))
}

/// Whatever else is in a night's folder stands in the one that is made from it, too.
///
/// # Errors
/// * [`Kind::Storage`] when a folder cannot be read.
pub(super) fn add_all_others(files: &mut Vec<NewFile>, night: &Path) -> Result<()> {
    let written: BTreeSet<String> = files.iter().map(|file| file.path.clone()).collect();
    let mut folders = vec![night.to_owned()];
    folders.extend(folder::folders_in(night)?);
    for parent in folders {
        for name in folder::names(&parent)? {
            let path = parent.join(name);
            let inside = path.strip_prefix(night).expect("it lies in the night").to_string_lossy().into_owned();
            if path.is_file() && !written.contains(&inside) {
                files.push(NewFile { path: inside, content: Content::SameAs(path) });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objections::{self, register::Entry};

    fn person(n: u8) -> PersonKey {
        PersonKey::parse(&format!("{n:064x}")).unwrap()
    }

    fn noted(entries: &[(u8, Matter)]) -> Register {
        let mut register = Register::default();
        for &(n, matter) in entries {
            let (by, why) = (String::new(), String::new());
            register.add(Entry { person_id: person(n), matter, is_taken_back: false, by, why, night: None });
        }
        register
    }

    #[test]
    fn the_first_reason_is_where_somebody_stands_and_a_kind_that_does_not_count_leaves_nobody_out() {
        let shared = Matter::Objection(objections::Kind::LocalSharedRecord);
        let programme = Matter::Objection(objections::Kind::Programme);
        let register =
            noted(&[(1, Matter::Death), (1, programme), (2, shared), (3, Matter::Wrong), (4, Matter::Death)]);
        let found = left_out(&register, &settings::Objections::default(), |person| person);
        let expected = [(1, Standing::Objecting), (3, Standing::Withdrawn), (4, Standing::Died)];
        assert_eq!(found, expected.map(|(n, standing)| (person(n), standing)).into());
    }

    #[test]
    fn a_merged_record_leaves_out_the_one_that_stands_for_it() {
        let found = left_out(&noted(&[(1, Matter::Death)]), &settings::Objections::default(), |_| person(9));
        assert_eq!(found.into_keys().collect::<Vec<_>>(), [person(9)]);
    }
}
