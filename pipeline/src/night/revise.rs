//! A revision without whoever has been withdrawn: the newest night once more, from its own files and without scoring
//! again. Their lines are blank, and everybody else keeps their number.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde_json::json;

use crate::{
    cohort::standing::Standing,
    error::{Error, Kind, Result},
    history::{mergers::Mergers, records::PersonKey},
    keys::Keys,
    night::{before, publish, record, told::Told},
    objections::{
        held::Held,
        register::{Matter, Register},
    },
    settings::{self, Settings},
    store::{
        Store,
        folder::{self, Content, NewFile},
        nights::NightId,
    },
    worklist::scores::{self, Score},
};

/// What stands on every page of a revision.
const NOTICE: &str = "This list was revised after it was first published: do not call anybody whose line says \"Removed\", \
                      from whatever copy.";

/// Whether every team could be given its list; the error is to be raised once everything else is done.
pub type Given = Result<()>;

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

impl Revised {
    /// In a line, for whoever ran the command during which somebody was noted.
    pub fn in_words(&self) -> String {
        let lines = match self.lines.len() {
            1 => "1 line blank".to_owned(),
            n => format!("{n} lines blank"),
        };
        format!("somebody was noted meanwhile: the newest list is published anew as {}, with {lines}", self.night)
    }
}

/// Whom the register leaves out under these settings, and where each of them stands: every record of a person, whichever of
/// them was named, and whoever is merged into a placeholder that objects. Of several reasons, of one record or of several, the first in the order of [`Standing`] counts, whatever
/// the order in which they were noted or their records are named.
pub fn left_out(
    register: &Register,
    settings: &settings::Objections,
    merged: &Mergers,
) -> BTreeMap<PersonKey, Standing> {
    let standing = |matters: &BTreeSet<Matter>| {
        let of = |matter: &Matter| match matter {
            Matter::Objection(kind) => settings.removes(*kind).then_some(Standing::Objecting),
            Matter::Death => Some(Standing::Died),
            Matter::Wrong => Some(Standing::Withdrawn),
        };
        matters.iter().filter_map(of).min()
    };
    let (mut people, groups) = (BTreeMap::new(), merged.groups());
    for (person, matters) in register.in_force() {
        let Some(standing) = standing(&matters) else { continue };
        let others = groups.get(&merged.group(person)).into_iter().flatten().copied();
        let objecting = match standing {
            Standing::Objecting => merged.merged_into_placeholder(person),
            _ => Vec::new(),
        };
        for record in others.chain(objecting).chain([person]) {
            let first = people.entry(record).or_insert(standing);
            *first = standing.min(*first);
        }
    }
    people
}

/// Whether the newest night may show somebody whom the register leaves out: it was made under another register.
///
/// # Errors
/// * [`Kind::Storage`] when its record cannot be understood.
pub fn is_behind(store: &Store, register: &Register) -> Result<bool> {
    let (Some(newest), Some(seal)) = (store.nights()?.pop(), register.seal()) else { return Ok(false) };
    Ok(record::parse(&store.read(newest, "run.json")?)?["inputs"]["register"] != json!(seal))
}

/// Publishes the newest night once more, without these people. None when no night is published, or none of them is in it.
/// Teams are given it by [`finish_newest`].
///
/// # Errors
/// * [`Kind::Permission`] when a team's key is missing, or another than the one under which its list was made.
/// * [`Kind::Storage`] when a file of the night is damaged or the revision cannot be written; then the night stands.
pub fn without(
    people: &BTreeMap<PersonKey, Standing>,
    held: &Held,
    store: &Store,
    settings: &Settings,
) -> Result<Option<Revised>> {
    let Some(of) = store.nights()?.pop() else { return Ok(None) };
    let scores = scores::read(&store.read(of, "scores.parquet")?)?;
    if !scores.people.iter().any(|score| people.contains_key(&score.person)) {
        return Ok(None);
    }
    let keys = Keys::of(settings)?;
    refuse_other_keys(store, of, &scores.people, &keys)?;
    let mut told = Told::read(store, of, scores)?;
    let gone = told.take_out(people, held.register(), &keys)?.expect("one of them is scored");
    let night = NightId { revision: of.revision + 1, ..of };
    let page = &mut told.shown.page;
    page.run_id = night.to_string();
    if !page.notices.iter().any(|notice| notice == NOTICE) {
        page.notices.insert(0, NOTICE.to_owned());
    }
    told.run = record::of_revision(&told.run, of, night, &page.notices)?;
    let mut files = told.files()?;
    add_all_others(&mut files, &store.night_folder(of))?;
    let folder = store.publish(night, &files, held.lock())?;
    Ok(Some(Revised { night, folder, lines: gone.lines }))
}

/// What is left to do once a revision stands, or was left undone by a run that died: the pointer stands at the newest night,
/// and the teams have its lists. That one cannot be given its list is told as a value: it keeps nothing else from being done.
///
/// # Errors
/// * [`Kind::Storage`] when the pointer cannot be moved.
pub fn finish_newest(store: &Store, held: &Held, settings: &Settings) -> Result<Given> {
    let Some(newest) = store.nights()?.pop() else { return Ok(Ok(())) };
    store.point_to_newest(held.lock())?;
    Ok(publish::give_to_teams(store, newest, settings))
}

/// Under another key than the list was made with, a line cannot be told from any other.
fn refuse_other_keys(store: &Store, night: NightId, scores: &[Score], keys: &Keys) -> Result<()> {
    match before::lines_of(&store.read(night, "worklist.parquet")?, scores, keys)?.1 {
        0 => Ok(()),
        n => Err(Error::new(
            Kind::Permission,
            format!("the keys of the teams are not those of night {night}: {n} of its lines cannot be told apart"),
        )
        .hint("`earlycall run --revise` makes its lists under the new keys, and without whoever objects")),
    }
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
    use proptest::prelude::*;

    use super::*;
    use crate::objections::{self, register::Entry};

    fn person(n: u8) -> PersonKey {
        PersonKey::parse(&format!("{n:064x}")).unwrap()
    }

    /// These records, each merged into another.
    fn merged(records: impl IntoIterator<Item = u8>, by: u8) -> Mergers {
        let mut mergers = Mergers::default();
        records.into_iter().for_each(|n| mergers.insert(person(n), person(by)));
        mergers
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
        let found = left_out(&register, &settings::Objections::default(), &Mergers::default());
        let expected = [(1, Standing::Objecting), (3, Standing::Withdrawn), (4, Standing::Died)];
        assert_eq!(found, expected.map(|(n, standing)| (person(n), standing)).into());
    }

    #[test]
    fn of_a_record_noted_as_wrong_and_its_survivor_who_objects_the_objection_counts_whichever_key_is_greater() {
        let programme = Matter::Objection(objections::Kind::Programme);
        for (wrong, objects) in [(1, 2), (2, 1)] {
            let register = noted(&[(wrong, Matter::Wrong), (objects, programme)]);
            let found = left_out(&register, &settings::Objections::default(), &merged([wrong], objects));
            assert_eq!(found, [wrong, objects].map(|n| (person(n), Standing::Objecting)).into());
        }
    }

    proptest! {
        #[test]
        fn the_first_reason_counts_whatever_the_keys_and_the_order_of_notes(
            records in prop::collection::vec((1..6_u8, 0..3_usize), 1..12).prop_shuffle()
        ) {
            let reasons = [
                (Matter::Objection(objections::Kind::Programme), Standing::Objecting),
                (Matter::Death, Standing::Died),
                (Matter::Wrong, Standing::Withdrawn),
            ];
            let entries: Vec<(u8, Matter)> = records.iter().map(|&(n, reason)| (n, reasons[reason].0)).collect();
            let found = left_out(&noted(&entries), &settings::Objections::default(), &merged(1..6, 9));
            let first = records.iter().map(|&(_, reason)| reason).min().unwrap();
            prop_assert_eq!(found, [1, 2, 3, 4, 5, 9].map(|n| (person(n), reasons[first].1)).into());
        }
    }

    #[test]
    fn whichever_record_is_noted_all_of_the_person_are_left_out_and_nobody_else_is() {
        let mut mergers = merged([1, 2], 9);
        mergers.insert(person(3), person(4));
        for noted_of in [1, 2, 9] {
            let found = left_out(&noted(&[(noted_of, Matter::Death)]), &settings::Objections::default(), &mergers);
            assert_eq!(found.into_keys().collect::<Vec<_>>(), [1, 2, 9].map(person));
        }
    }

    #[test]
    fn what_is_noted_of_a_placeholder_is_of_all_that_are_merged_into_it_if_it_is_an_objection() {
        let mut mergers = merged([1, 2], 9);
        mergers.note_sent(&[1, 2].map(person).into_iter().collect(), 1);
        let of = |noted_of, matter| {
            let found = left_out(&noted(&[(noted_of, matter)]), &settings::Objections::default(), &mergers);
            found.into_keys().collect::<Vec<_>>()
        };
        assert_eq!(of(9, Matter::Objection(objections::Kind::Type1)), [1, 2, 9].map(person));
        assert_eq!(of(9, Matter::Death), [person(9)]);
        assert_eq!(of(1, Matter::Objection(objections::Kind::Type1)), [person(1)]);
    }
}
