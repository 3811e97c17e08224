//! The roll: everybody's bucket, and their number in it. Rows name persons by number.

use std::sync::Mutex;

use crate::history::{
    bucket::{BUCKETS, bucket_of},
    ledger::Ledger,
    person_map::PersonMap,
    records::PersonKey,
    words::Renumbering,
};

/// Gives numbers to persons while rows arrive on several threads; see [`Roll::finish`] for the final ones.
pub struct Roll {
    buckets: Vec<Mutex<PersonMap<u32>>>,
    known: Vec<u32>,
    ledger: Ledger,
}

impl Roll {
    /// Goes on from the persons of a generation, per bucket by number. Whoever is merged lives where the record lives
    /// that stands for them.
    pub fn new(known: &[Vec<PersonKey>], ledger: &Ledger) -> Roll {
        let numbered = |keys: &Vec<PersonKey>| keys.iter().enumerate().map(|(n, key)| (*key, n as u32)).collect();
        Roll {
            buckets: known.iter().map(|keys| Mutex::new(numbered(keys))).collect(),
            known: known.iter().map(|keys| keys.len() as u32).collect(),
            ledger: ledger.clone(),
        }
    }

    /// The bucket of a person, and their number in it for now.
    pub fn place(&self, person: PersonKey) -> (u8, u32) {
        let bucket = bucket_of(self.ledger.survivor(person));
        let mut numbers = self.buckets[bucket].lock().expect("no thread dies holding it");
        let next = numbers.len() as u32;
        (bucket as u8, *numbers.entry(person).or_insert(next))
    }

    /// Per bucket: who is new, sorted, and the final number of each number given so far. Persons that were known keep
    /// theirs, and new ones follow in the order of their keys.
    pub fn finish(self) -> Vec<(Vec<PersonKey>, Renumbering)> {
        let finish = |bucket: usize, numbers: PersonMap<u32>| {
            let known = self.known[bucket];
            let mut finals: Vec<u32> = (0..numbers.len() as u32).collect();
            let mut new: Vec<(PersonKey, u32)> = numbers.into_iter().filter(|(_, number)| *number >= known).collect();
            new.sort_unstable();
            for (rank, (_, for_now)) in new.iter().enumerate() {
                finals[*for_now as usize] = known + rank as u32;
            }
            (new.into_iter().map(|(key, _)| key).collect(), Renumbering(finals))
        };
        let buckets = self.buckets.into_iter().map(|numbers| numbers.into_inner().expect("no thread dies holding it"));
        debug_assert_eq!(self.known.len(), BUCKETS);
        buckets.enumerate().map(|(bucket, numbers)| finish(bucket, numbers)).collect()
    }
}
