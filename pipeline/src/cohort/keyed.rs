//! Millions of people put in order by key, as they come: bucket by bucket, each sorted.

use crate::history::{bucket::bucket_of, records::PersonKey};

/// What is kept of people, in the order of their keys but for strays.
#[derive(Debug)]
pub struct Keyed<T> {
    in_order: Vec<T>,
    /// Whoever was merged is looked at in the bucket of the record that stands for them. Among the others they would make
    /// many short lists of one that is sorted.
    strays: Vec<T>,
}

impl<T> Default for Keyed<T> {
    fn default() -> Keyed<T> {
        Keyed::with_room_for(0)
    }
}

impl<T> Keyed<T> {
    pub fn with_room_for(n_people: usize) -> Keyed<T> {
        Keyed { in_order: Vec::with_capacity(n_people), strays: Vec::new() }
    }

    /// Adds some people, sorted by key, most of whom are of one bucket.
    pub fn add(&mut self, people: Vec<T>, key: impl Fn(&T) -> PersonKey) {
        let home = people.get(people.len() / 2).map(|one| bucket_of(key(one)));
        for one in people {
            let is_at_home = Some(bucket_of(key(&one))) == home;
            if is_at_home { &mut self.in_order } else { &mut self.strays }.push(one);
        }
    }

    /// All of them by key, in whatever order they came.
    pub fn sorted(self, key: impl Fn(&T) -> PersonKey) -> Vec<T> {
        let Keyed { mut in_order, mut strays } = self;
        strays.sort_by_key(&key);
        in_order.extend(strays);
        // Two lists that are sorted take one walk.
        in_order.sort_by_key(&key);
        in_order
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn people_are_in_the_order_of_their_keys_in_whatever_parts_they_come(
            parts in prop::collection::vec(prop::collection::vec(any::<[u8; 3]>(), 0..9), 0..9),
        ) {
            let person = |start: [u8; 3]| {
                let mut bytes = [0; 32];
                bytes[..3].copy_from_slice(&start);
                PersonKey::from_bytes(&bytes).unwrap()
            };
            let mut keyed = Keyed::default();
            let mut all: Vec<PersonKey> = Vec::new();
            for mut part in parts {
                part.sort_unstable();
                let people: Vec<PersonKey> = part.into_iter().map(person).collect();
                all.extend(&people);
                keyed.add(people, |key| *key);
            }
            all.sort_unstable();
            prop_assert_eq!(keyed.sorted(|key| *key), all);
        }
    }
}
