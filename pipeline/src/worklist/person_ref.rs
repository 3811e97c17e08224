//! The short reference that stands for a person within one team.

use super::keyed::Keyed;
use crate::history::records::PersonKey;

/// Characters of a reference: 50 bits, so that two of a million people share one with a chance of 1 in 2,000.
pub const LENGTH: usize = 10;

/// The reference of a person within a team: the first ten base32 characters of HMAC-SHA256(team key, person_id text).
///
/// The same every night, different between teams, and nothing can be learned from it without the team's key. The
/// alphabet is RFC 4648 in upper case, A to Z and 2 to 7: it has no 0, 1, 8 or 9 to mistake for O, I or B, and capitals
/// are what people spell out on a phone.
///
/// # Example
/// ```
/// use earlycall::{history::records::PersonKey, worklist::person_ref::person_ref};
/// let person = PersonKey::parse(&"0f".repeat(32)).unwrap();
/// let here = person_ref(b"key of team 31", person);
/// assert_eq!(here.len(), 10);
/// assert_eq!(here, person_ref(b"key of team 31", person));
/// assert_ne!(here, person_ref(b"key of team 32", person));
/// ```
pub fn person_ref(team_key: &[u8], person: PersonKey) -> String {
    PersonRefs::new(team_key).of(person)
}

/// The references of many people within a team.
pub struct PersonRefs(Keyed);

impl PersonRefs {
    /// References under a team's key.
    pub fn new(team_key: &[u8]) -> PersonRefs {
        PersonRefs(Keyed::new(team_key))
    }

    /// The [`person_ref`] of a person.
    pub fn of(&self, person: PersonKey) -> String {
        let mac = self.0.hash(person.to_text().as_bytes());
        let mut text = data_encoding::BASE32.encode(&mac[..LENGTH]);
        text.truncate(LENGTH);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_start_of_the_hmac_in_base32() {
        let person = PersonKey::parse(&"ab".repeat(32)).unwrap();
        let mac = Keyed::new(b"team").hash("ab".repeat(32).as_bytes());
        let fifty_bits = mac[..7].iter().fold(0u64, |bits, &byte| bits << 8 | u64::from(byte)) >> 6;
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let by_hand: String = (0..10).rev().map(|i| alphabet[(fifty_bits >> (5 * i)) as usize & 31] as char).collect();
        assert_eq!(person_ref(b"team", person), by_hand);
    }

    #[test]
    fn ten_thousand_people_have_ten_thousand_references() {
        let refs: std::collections::BTreeSet<String> =
            (0..10_000).map(|n| person_ref(b"team", PersonKey::parse(&format!("{n:064x}")).unwrap())).collect();
        assert_eq!(refs.len(), 10_000);
    }
}
