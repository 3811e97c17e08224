//! The log: every contact that was handed in, in the folder of the state, [sealed]. A contact that is handed in again, changed,
//! stands in the place of the older one; and whoever objects is forgotten.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::{Contact, Name};
use crate::{
    error::{Error, Kind, Result},
    history::records::PersonKey,
    night::record,
    objections::held::Held,
    settings::Settings,
    store::{
        disk::Disk,
        nights,
        sealed::{self, Seal},
        state_file,
    },
};

/// The file in the folder of the state.
pub const FILE: &str = "contacts.jsonl";

/// Every contact, in the order in which they were handed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    contacts: Vec<Contact>,
}

/// The log of a service, which must be there if the newest night was made under one.
///
/// # Errors
/// * [`Kind::Storage`] as of [`Log::read`], and when the log is lost.
pub fn kept(settings: &Settings) -> Result<Log> {
    let (state, out) = (settings.state_folder(), settings.output_folder());
    let log = Log::read(state)?;
    if !state.join(FILE).exists() {
        refuse_lost(out)?;
    }
    Ok(log)
}

/// A night that was made under contacts is proof that there were some.
fn refuse_lost(out: &Path) -> Result<()> {
    let Some(night) = nights::published(out)?.pop() else { return Ok(()) };
    let record = record::parse(&nights::read(out, night, "run.json")?)?;
    let Some(n) = record["inputs"]["contacts"]["entries"].as_u64() else { return Ok(()) };
    Err(Error::new(Kind::Storage, format!("the log of contacts is gone, and had {n} when night {night} was made"))
        .file(FILE)
        .hint("put it back from a backup; without it people would be called who declined"))
}

/// What handing in some contacts came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Contacts that were not known.
    pub n_new: usize,
    /// Contacts that were known with something else in them.
    pub n_corrected: usize,
    /// Contacts that were known as they are.
    pub n_known: usize,
}

impl Log {
    /// Reads the log of a service; one that has none has no contacts.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the file cannot be read, or is not what was written.
    pub fn read(state: &Path) -> Result<Log> {
        let path = state.join(FILE);
        match fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Log::default()),
            Err(error) => Err(Error::storage(&path, "read", &error)),
            Ok(bytes) => sealed::parse(&bytes).map(|contacts| Log { contacts }).ok_or_else(|| {
                Error::new(Kind::Storage, "the log of contacts is damaged, so no list can be made")
                    .file(path.display().to_string())
                    .hint("put it back from a backup; without it people would be called who declined")
            }),
        }
    }

    /// Writes the log, while nobody else may.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when it cannot be written; then it is what it was.
    pub fn write(&self, state: &Path, held: &Held, disk: &dyn Disk) -> Result<()> {
        state_file::replace_register(disk, state, FILE, &self.to_bytes(), held.lock())
    }

    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        sealed::to_bytes(&self.contacts)
    }

    /// Takes in contacts, one after another.
    pub fn add(&mut self, contacts: Vec<Contact>) -> Taken {
        let numbered = self.contacts.drain(..).enumerate();
        let mut by_id: BTreeMap<Name, (usize, Contact)> =
            numbered.map(|(n, contact)| (contact.name(), (n, contact))).collect();
        let mut taken = Taken::default();
        for (n, contact) in (by_id.len()..).zip(contacts) {
            match by_id.get(&contact.name()) {
                Some((_, known)) if *known == contact => {
                    taken.n_known += 1;
                    continue;
                }
                Some(_) => taken.n_corrected += 1,
                None => taken.n_new += 1,
            }
            by_id.insert(contact.name(), (n, contact));
        }
        let mut numbered: Vec<(usize, Contact)> = by_id.into_values().collect();
        numbered.sort_unstable_by_key(|(n, _)| *n);
        self.contacts = numbered.into_iter().map(|(_, contact)| contact).collect();
        taken
    }

    /// Takes contacts back that were entered by mistake; tells how many there were.
    pub fn take_back(&mut self, names: &BTreeSet<Name>) -> usize {
        let n_before = self.contacts.len();
        self.contacts.retain(|contact| !names.contains(&contact.name()));
        n_before - self.contacts.len()
    }

    /// Every contact by its name.
    pub fn by_name(&self) -> BTreeMap<Name, &Contact> {
        self.contacts.iter().map(|contact| (contact.name(), contact)).collect()
    }

    /// Forgets whatever is about some people; tells whether there was anything.
    pub fn forget(&mut self, is_gone: impl Fn(PersonKey) -> bool) -> bool {
        let n_before = self.contacts.len();
        self.contacts.retain(|contact| !is_gone(contact.person_id));
        self.contacts.len() < n_before
    }

    /// Every contact, in the order in which they were handed in.
    pub fn contacts(&self) -> &[Contact] {
        &self.contacts
    }

    /// What a night says of the log that it was made under; nothing of an empty one.
    pub fn seal(&self) -> Option<Seal> {
        Seal::of(&self.contacts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::sample;

    #[test]
    fn the_same_file_twice_is_one_and_a_changed_row_corrects_the_older_one() {
        let (first, second) = (sample(1, "2026-11-21", "no_answer"), sample(2, "2026-11-21", "declined"));
        let mut log = Log::default();
        let all = || vec![first.clone(), second.clone()];
        assert_eq!(log.add(all()), Taken { n_new: 2, ..Taken::default() });
        assert_eq!(log.add(all()), Taken { n_known: 2, ..Taken::default() });
        let corrected = Contact { outcome: second.outcome, ..first.clone() };
        assert_eq!(log.add(vec![corrected.clone()]), Taken { n_corrected: 1, ..Taken::default() });
        assert_eq!(log.contacts(), [second.clone(), corrected], "what is handed in last stands last");
    }

    #[test]
    fn teams_may_use_the_same_names_and_what_was_a_mistake_is_taken_back() {
        let here = sample(1, "2026-11-21", "declined");
        let there = Contact { team_id: "coach-32".into(), ..sample(1, "2026-11-21", "no_answer") };
        let mut log = Log::default();
        assert_eq!(log.add(vec![here.clone(), there.clone()]).n_new, 2);
        assert_eq!((log.take_back(&[here.name()].into()), log.take_back(&[here.name()].into())), (1, 0));
        assert_eq!(log.contacts(), [there]);
    }

    #[test]
    fn of_two_rows_of_one_file_with_one_name_the_later_counts() {
        let (early, late) = (sample(1, "2026-11-21", "no_answer"), sample(1, "2026-11-21", "declined"));
        let mut log = Log::default();
        assert_eq!(log.add(vec![early, late.clone()]), Taken { n_new: 1, n_corrected: 1, n_known: 0 });
        assert_eq!(log.contacts(), [late]);
    }

    #[test]
    fn what_is_written_reads_back_and_an_edited_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Log::read(folder.path()).unwrap(), Log::default());
        let mut log = Log::default();
        let snoozed = Contact { snooze_until: Some(crate::day::Day(20_800)), ..sample(1, "2026-11-21", "call_back") };
        let reason = earlycall_schemas::contacts::unsuitable_reason("other");
        log.add(vec![snoozed, Contact { unsuitable_reason: reason, ..sample(2, "2026-11-21", "unsuitable") }]);
        let held = Held::wait(folder.path()).unwrap();
        log.write(folder.path(), &held, &crate::store::disk::FileSystem).unwrap();
        assert_eq!(Log::read(folder.path()).unwrap(), log);
        let path = folder.path().join(FILE);
        fs::write(&path, fs::read_to_string(&path).unwrap().replace("call_back", "declined")).unwrap();
        assert_eq!(Log::read(folder.path()).unwrap_err().kind(), Kind::Storage);
    }

    #[test]
    fn whoever_objects_is_forgotten() {
        let mut log = Log::default();
        log.add(vec![sample(1, "2026-11-21", "declined"), sample(2, "2026-11-21", "declined")]);
        let objects = |person| person == sample(1, "2026-11-21", "declined").person_id;
        assert!(log.forget(objects) && !log.forget(objects));
        assert_eq!(log.contacts(), [sample(2, "2026-11-21", "declined")]);
    }
}
