//! Mergers: records that were found to be of one person, and the record that stands for each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use crate::history::{person_map::PersonMap, records::PersonKey};

/// The superseded records, each with the one that it was merged into. Everybody is looked up here, every night, so that it
/// is a map by hash; whatever walks it does so in the order of the keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Mergers(PersonMap<PersonKey>);

impl Mergers {
    /// Notes that a record was merged into another.
    pub fn insert(&mut self, superseded: PersonKey, by: PersonKey) {
        self.0.insert(superseded, by);
    }

    /// Notes that a record stands for itself, again or still.
    pub fn remove(&mut self, person: PersonKey) {
        self.0.remove(&person);
    }

    /// The record that a record was merged into, which may have been merged into another.
    pub fn superseded_by(&self, person: PersonKey) -> Option<PersonKey> {
        self.0.get(&person).copied()
    }

    /// The superseded records, in the order of the keys.
    pub fn superseded(&self) -> Vec<PersonKey> {
        self.sorted().into_keys().collect()
    }

    /// The record that stands for a person now: the end of the chain of mergers.
    ///
    /// The checks refuse a circle within a delivery. Deliveries of different days can still make one together; then
    /// everybody in it stands for themselves, merged, so that nobody is called under a doubtful name.
    ///
    /// # Example
    /// ```
    /// use earlycall::history::{mergers::Mergers, records::PersonKey};
    /// let [a, b, c] = ["0a", "0b", "0c"].map(|byte| PersonKey::parse(&byte.repeat(32)).unwrap());
    /// let mut mergers = Mergers::default();
    /// mergers.insert(a, b);
    /// mergers.insert(b, c);
    /// assert_eq!([a, b, c].map(|person| mergers.survivor(person)), [c, c, c]);
    /// mergers.insert(c, a);
    /// assert_eq!(mergers.survivor(a), a);
    /// ```
    pub fn survivor(&self, person: PersonKey) -> PersonKey {
        let mut survivor = person;
        for _ in 0..=self.0.len() {
            match self.0.get(&survivor) {
                Some(next) => survivor = *next,
                None => return survivor,
            }
        }
        person
    }

    fn sorted(&self) -> BTreeMap<PersonKey, PersonKey> {
        self.0.iter().map(|(superseded, by)| (*superseded, *by)).collect()
    }
}

impl Serialize for Mergers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.sorted().serialize(serializer)
    }
}
