//! The register: who objected or was withdrawn here, by whom it was noted and why. It only grows; what is taken back is
//! an entry of its own.
//!
//! The file is [sealed], so that one that lost its end or was edited is refused and never read as fewer objections. Order
//! decides and no clock: of two entries about the same person and matter the later one counts.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Kind as ErrorKind, Result},
    history::records::PersonKey,
    objections::Kind,
    store::sealed::{self, Seal},
};

/// The file in the folder of the state.
pub const FILE: &str = "objections.jsonl";

/// Why somebody is to be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Matter {
    /// They object.
    Objection(Kind),
    /// They have died, and no delivery says so yet.
    Death,
    /// The line was wrong: another person, or one who must not be called.
    Wrong,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Of whom.
    pub person_id: PersonKey,
    /// What it is about.
    pub matter: Matter,
    /// Whether it takes an earlier entry back.
    pub is_taken_back: bool,
    /// Who noted it.
    pub by: String,
    /// Why, in their words.
    pub why: String,
    /// The night whose lists were in use: `2026-11-20.1`.
    pub night: Option<String>,
}

/// Every entry, in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Register {
    entries: Vec<Entry>,
}

impl Register {
    /// Reads the register of a service; one that has none has no entries.
    ///
    /// # Errors
    /// * [`ErrorKind::Storage`] when the file cannot be read, or is not what was written.
    pub fn read(state: &Path) -> Result<Register> {
        let path = state.join(FILE);
        match fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Register::default()),
            Err(error) => Err(Error::storage(&path, "read", &error)),
            Ok(bytes) => match sealed::parse(&bytes) {
                Some(entries) => Ok(Register { entries }),
                None => Err(damaged(&path)),
            },
        }
    }

    /// Reads the register of the state in whose history a generation lies.
    ///
    /// # Errors
    /// As of [`Register::read`].
    pub fn beside(generation: &Path) -> Result<Register> {
        Register::read(generation.ancestors().nth(2).expect("a generation lies in the state's history"))
    }

    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        sealed::to_bytes(&self.entries)
    }

    /// Adds an entry after all others, unless it says what is so already. Tells whether it was added.
    pub fn add(&mut self, entry: Entry) -> bool {
        let is_in_force = self.in_force().get(&entry.person_id).is_some_and(|of| of.contains(&entry.matter));
        let is_new = is_in_force == entry.is_taken_back;
        if is_new {
            self.entries.push(entry);
        }
        is_new
    }

    /// Whether nothing was ever noted.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether it is an earlier one, perhaps with more after it.
    pub fn goes_on_from(&self, earlier: &Register) -> bool {
        self.entries.starts_with(&earlier.entries)
    }

    /// What counts of each person: nobody is here with nothing.
    pub fn in_force(&self) -> BTreeMap<PersonKey, BTreeSet<Matter>> {
        let mut people: BTreeMap<PersonKey, BTreeSet<Matter>> = BTreeMap::new();
        for entry in &self.entries {
            let of = people.entry(entry.person_id).or_default();
            match entry.is_taken_back {
                false => of.insert(entry.matter),
                true => of.remove(&entry.matter),
            };
        }
        people.retain(|_, matters| !matters.is_empty());
        people
    }

    /// How many people are in the register for each matter, and how many have taken it back.
    pub fn counts(&self) -> BTreeMap<Matter, (usize, usize)> {
        let mut latest: BTreeMap<(Matter, PersonKey), bool> = BTreeMap::new();
        for entry in &self.entries {
            latest.insert((entry.matter, entry.person_id), entry.is_taken_back);
        }
        let mut counts: BTreeMap<Matter, (usize, usize)> = BTreeMap::new();
        for ((matter, _), is_taken_back) in latest {
            let (in_force, taken_back) = counts.entry(matter).or_default();
            *(if is_taken_back { taken_back } else { in_force }) += 1;
        }
        counts
    }

    /// What a night says of the register that it was made under; nothing of an empty one.
    pub fn seal(&self) -> Option<Seal> {
        Seal::of(&self.entries)
    }
}

fn damaged(path: &Path) -> Error {
    Error::new(ErrorKind::Storage, "the register of objections is damaged, so nobody can be scored")
        .file(path.display().to_string())
        .hint("put it back from a backup; without it people would be called who said no")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: u8, matter: Matter, is_taken_back: bool) -> Entry {
        let person_id = PersonKey::parse(&format!("{n:064x}")).unwrap();
        let (by, why) = ("A. Nurse".to_owned(), "told us on the phone".to_owned());
        Entry { person_id, matter, is_taken_back, by, why, night: Some("2026-11-20.1".to_owned()) }
    }

    const PROGRAMME: Matter = Matter::Objection(Kind::Programme);

    fn register() -> Register {
        let mut register = Register::default();
        assert!(register.add(entry(1, PROGRAMME, false)));
        assert!(register.add(entry(2, Matter::Death, false)));
        assert!(register.add(entry(1, PROGRAMME, true)));
        assert!(register.add(entry(3, PROGRAMME, false)));
        register
    }

    #[test]
    fn the_later_entry_counts_and_both_are_kept() {
        let people = register().in_force();
        assert_eq!(people.len(), 2);
        assert_eq!(people[&entry(2, PROGRAMME, false).person_id], [Matter::Death].into());
        assert_eq!(register().entries.len(), 4);
        assert_eq!(register().counts()[&PROGRAMME], (1, 1));
    }

    #[test]
    fn what_is_so_already_is_not_added_again() {
        let mut register = register();
        assert!(!register.add(entry(3, PROGRAMME, false)));
        assert!(!register.add(entry(4, PROGRAMME, true)), "there is nothing to take back");
        assert!(register.add(entry(3, Matter::Wrong, false)), "another matter is another entry");
    }

    #[test]
    fn a_register_goes_on_from_an_earlier_one_and_from_no_other() {
        let (earlier, mut later) = (register(), register());
        assert!(later.goes_on_from(&earlier));
        assert!(later.add(entry(9, PROGRAMME, false)));
        assert!(later.goes_on_from(&earlier) && !earlier.goes_on_from(&later));
        let mut other = Register::default();
        assert!(other.add(entry(9, PROGRAMME, false)));
        assert!(!later.goes_on_from(&other));
    }

    #[test]
    fn what_is_written_reads_back_and_an_edited_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        fs::write(&path, register().to_bytes()).unwrap();
        assert_eq!(Register::read(folder.path()).unwrap(), register());
        assert_eq!(register().seal().unwrap().entries, 4);
        assert_eq!(Register::default().seal(), None);
        fs::write(&path, String::from_utf8(register().to_bytes()).unwrap().replace("A. Nurse", "B. Nurse")).unwrap();
        assert_eq!(Register::read(folder.path()).unwrap_err().kind(), ErrorKind::Storage);
    }

    #[test]
    fn a_service_without_a_register_has_no_entries() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Register::read(folder.path()).unwrap(), Register::default());
        fs::write(folder.path().join(FILE), b"").unwrap();
        assert_eq!(Register::read(folder.path()).unwrap_err().kind(), ErrorKind::Storage);
    }
}
