//! Maps by person: a key is uniformly random, so it is its own hash.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::history::records::PersonKey;

/// A map from persons.
///
/// # Example
/// ```
/// use earlycall::history::{person_map::PersonMap, records::PersonKey};
/// let person = PersonKey::parse(&"0a".repeat(32)).unwrap();
/// let mut visits = PersonMap::default();
/// *visits.entry(person).or_insert(0) += 1;
/// assert_eq!(visits[&person], 1);
/// assert_eq!(visits.get(&PersonKey::parse(&"0b".repeat(32)).unwrap()), None);
/// ```
pub type PersonMap<T> = HashMap<PersonKey, T, BuildHasherDefault<RandomAlready>>;

/// A set of persons.
pub type PersonSet = HashSet<PersonKey, BuildHasherDefault<RandomAlready>>;

/// Takes the eight bytes that a [`PersonKey`], or the hash of a row's key, hands over as the hash.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomAlready(u64);

impl Hasher for RandomAlready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, random: u64) {
        self.0 = random;
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("a person's key hashes itself as one number");
    }
}
