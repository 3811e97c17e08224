//! The roll: everybody's bucket, and their number in it. Rows name persons by number.

use std::{
    collections::{BTreeMap, HashMap},
    thread,
};

use crate::history::{
    bucket::{BUCKETS, bucket_of},
    ledger::Ledger,
    merge::{Mover, Moves},
    person_map::{PersonMap, PersonSet},
    records::PersonKey,
};

/// Where a person's rows lie: the bucket, and their number in it.
pub type Place = (u8, u32);

/// The places of everybody whom a delivery may name. Who was known keeps theirs, unless they move; who is new in a
/// bucket follows in the order of the keys.
///
/// Whoever is merged lives in the bucket where the record lives that stands for them.
pub struct Roll {
    /// By the registry's number.
    pub places: Vec<Place>,
    /// Per bucket, who is new, by number.
    pub new: Vec<Vec<PersonKey>>,
    moved: PersonMap<Place>,
}

/// Somebody who comes to a bucket, with the registry's number.
type Newcomer = (PersonKey, u32);

impl Roll {
    /// Goes on from the persons of a generation, per bucket by number, and their places by the registry's numbers. `met`
    /// are persons in any order, as often as they are met; those with a number beyond the places are new.
    pub fn new(
        known: &[Vec<PersonKey>],
        places: &[Place],
        met: impl Iterator<Item = Newcomer>,
        moves: &Moves,
        ledger: &Ledger,
        threads: usize,
    ) -> Roll {
        let home = |person: PersonKey| bucket_of(ledger.survivor(person));
        let mut roll = Roll { places: places.to_vec(), new: vec![Vec::new(); BUCKETS], moved: PersonMap::default() };
        let mut newcomers: Vec<Vec<Newcomer>> = vec![Vec::new(); BUCKETS];
        for (person, number) in met.filter(|(_, number)| *number as usize >= places.len()) {
            newcomers[home(person)].push((person, number));
        }
        let movers = movers(places, moves);
        let residents = residents(known, &movers, home);
        for (person, number) in movers {
            match residents.get(&person) {
                // Back where they have been before.
                Some(at) => roll.settle(person, number, (home(person) as u8, *at)),
                None => newcomers[home(person)].push((person, number)),
            }
        }
        thread::scope(|scope| {
            for some in newcomers.chunks_mut(BUCKETS.div_ceil(threads.max(1))) {
                scope.spawn(|| some.iter_mut().for_each(|of_bucket| of_bucket.sort_unstable()));
            }
        });
        let numbers = newcomers.iter().flatten().map(|(_, number)| *number as usize + 1);
        roll.places.resize(numbers.max().unwrap_or(0).max(places.len()), NOWHERE);
        for (bucket, mut newcomers) in newcomers.into_iter().enumerate() {
            newcomers.dedup();
            roll.new[bucket].reserve_exact(newcomers.len());
            for (at, (person, number)) in (known[bucket].len() as u32..).zip(newcomers) {
                roll.settle(person, number, (bucket as u8, at));
                roll.new[bucket].push(person);
            }
        }
        roll
    }

    /// The place of somebody, by the registry's number; [`UNMET`] of whoever was not met.
    pub fn place(&self, number: u32) -> Place {
        self.places.get(number as usize).copied().filter(|place| *place != NOWHERE).unwrap_or(UNMET)
    }

    /// The number that somebody who moves has where they live now.
    pub fn number_of_mover(&self, person: PersonKey) -> u32 {
        self.moved[&person].1
    }

    fn settle(&mut self, person: PersonKey, number: u32, place: Place) {
        let at = number as usize;
        if self.places[at] != NOWHERE {
            self.moved.insert(person, place);
        }
        self.places[at] = place;
    }
}

/// The place of nobody, or of somebody who has none yet.
pub const NOWHERE: Place = (u8::MAX, 0);

/// The place of whoever was not met. No row of theirs is accepted (V07): one that was would have no bucket, and end the
/// night rather than lie with somebody else.
pub const UNMET: Place = (u8::MAX, 1);

/// Who moves, with the registry's numbers, which are found by the places that are left.
fn movers(places: &[Place], moves: &Moves) -> Vec<Newcomer> {
    let of_bucket = |(from, movers): (usize, &[Mover])| {
        movers.iter().map(|mover| ((from as u8, mover.number), mover.person)).collect::<Vec<_>>()
    };
    let leaving: HashMap<Place, PersonKey> = moves.leaving().flat_map(of_bucket).collect();
    if leaving.is_empty() {
        return Vec::new();
    }
    let numbered = (0..).zip(places).filter_map(|(number, place)| Some((*leaving.get(place)?, number)));
    numbered.collect()
}

/// Of those who move, who has lived before where they go, with their number there.
fn residents(known: &[Vec<PersonKey>], movers: &[Newcomer], home: impl Fn(PersonKey) -> usize) -> PersonMap<u32> {
    let mut coming: BTreeMap<usize, PersonSet> = BTreeMap::new();
    movers.iter().for_each(|(person, _)| _ = coming.entry(home(*person)).or_default().insert(*person));
    let of_bucket = |(home, persons): (&usize, &PersonSet)| {
        let known = known[*home].iter().copied().zip(0..);
        known.filter(|(person, _)| persons.contains(person)).collect::<Vec<_>>()
    };
    coming.iter().flat_map(of_bucket).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody of the first bucket, or of the last.
    fn person(n: u8, is_of_last: bool) -> PersonKey {
        PersonKey::parse(&format!("{}{n:062x}", if is_of_last { "ff" } else { "00" })).unwrap()
    }

    #[test]
    fn who_was_known_keeps_their_place_and_who_is_new_follows_by_key() {
        let of_first = |n| person(n, false);
        let mut known = vec![Vec::new(); BUCKETS];
        known[0] = vec![of_first(3), of_first(1)];
        let before = [(0, 0), (0, 1)];
        let met = [(of_first(2), 4), (of_first(1), 1), (of_first(0), 2), (of_first(2), 4), (person(0, true), 3)];
        let roll = Roll::new(&known, &before, met.into_iter(), &Moves::default(), &Ledger::default(), 2);
        assert_eq!(roll.places, [(0, 0), (0, 1), (0, 2), (127, 0), (0, 3)]);
        assert_eq!((&roll.new[0][..], &roll.new[127][..]), (&[of_first(0), of_first(2)][..], &[person(0, true)][..]));
    }

    #[test]
    fn who_is_merged_lives_with_the_record_that_stands_for_them() {
        let (one, survivor) = (person(0, false), person(1, true));
        let mut ledger = Ledger::default();
        ledger.merged.insert(one, survivor);
        let known = vec![Vec::new(); BUCKETS];
        let roll = Roll::new(&known, &[], [(one, 0), (survivor, 1)].into_iter(), &Moves::default(), &ledger, 1);
        assert_eq!(roll.places, [(127, 0), (127, 1)]);
    }
}
