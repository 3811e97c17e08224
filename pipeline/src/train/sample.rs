//! Whom a model learns from: of those who were scored on an index date, at most so many, drawn by lot.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use ring::digest::{SHA256, digest};

use crate::{
    cohort::{self, pass::Pass, registers::Backing, standing::Standing},
    day::Day,
    error::Result,
    features::{Cell, Tally, cells, columns::places_of_registers},
    history::records::{Person, PersonKey},
};

/// Somebody to learn from, as the index date found them.
pub struct Drawn {
    lot: u64,
    /// The person.
    pub key: PersonKey,
    /// Their row, one cell per column of the model.
    pub cells: Box<[Cell]>,
    /// The columns of the registers, made from less: once for each backing.
    pub registers: Box<[Cell]>,
}

/// The people of one index date.
pub struct Sample {
    drawn: Vec<Drawn>,
    standings: BTreeMap<&'static str, u64>,
}

/// Draws at most `most` of the people who were scored, and keeps their rows, with the columns of their registers as other
/// backings would make them.
///
/// A person's lot is a hash of their key and the index date; the smallest lots are drawn. So the draw is the same on any
/// number of threads, nothing about a person but their key decides, and each date has people of its own: two rows of one
/// person tell less than the rows of two, and the folds keep a person's rows together anyway. Nobody's row is kept for
/// longer than they may still be drawn, which bounds the memory.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when a bucket cannot be read.
pub fn draw(pass: &Pass, most: usize, backings: &[Backing]) -> Result<Sample> {
    let hat = Hat { most, backings, drawn: Mutex::default(), limit: AtomicU64::new(u64::MAX) };
    let parts = pass.over_everybody(|people| hat.draw(people, pass))?;
    let mut standings: BTreeMap<&str, u64> = Standing::ALL.iter().map(|standing| (standing.code(), 0)).collect();
    for (standing, n) in parts.into_iter().flatten() {
        *standings.entry(standing).or_default() += n;
    }
    let mut drawn = hat.drawn.into_inner().expect("every thread has ended");
    drawn.sort_unstable_by_key(|drawn| drawn.key);
    Ok(Sample { drawn, standings })
}

/// Those drawn so far.
struct Hat<'a> {
    most: usize,
    backings: &'a [Backing],
    drawn: Mutex<Vec<Drawn>>,
    /// Whoever has a larger lot cannot be drawn any more.
    limit: AtomicU64,
}

impl Hat<'_> {
    /// Draws from one bucket's people, and counts where they stand.
    fn draw(&self, people: &[Person], pass: &Pass) -> Vec<(&'static str, u64)> {
        let mut tally = Tally::new(pass.at.index_date, pass.at.feeds);
        let places = places_of_registers();
        let mut drawn = Vec::new();
        let mut n_scored = 0;
        let others = cohort::divide(people, &pass.at, |assessed| {
            n_scored += 1;
            let key = assessed.person.key;
            let lot = lot(key, pass.at.index_date);
            if lot <= self.limit.load(Ordering::Relaxed) {
                let row = cells(tally.values(&assessed.subject())).collect();
                let mut registers = Vec::with_capacity(self.backings.len() * places.len());
                for backing in self.backings {
                    let conditions = assessed.conditions_by(*backing, pass.at.index_date);
                    let cells: Vec<Cell> = cells(tally.values(&assessed.subject_with(&conditions))).collect();
                    registers.extend(places.iter().map(|place| cells[*place]));
                }
                drawn.push(Drawn { lot, key, cells: row, registers: registers.into() });
            }
        });
        self.put(drawn);
        let mut standings = vec![(Standing::Scored.code(), n_scored)];
        standings.extend(others.into_iter().map(|(_, standing)| (standing.code(), 1)));
        standings
    }

    /// Adds some people, and lets go whoever is not among the smallest lots.
    fn put(&self, more: Vec<Drawn>) {
        let mut drawn = self.drawn.lock().expect("a thread that panics ends the pass");
        drawn.extend(more);
        if drawn.len() > self.most {
            drawn.select_nth_unstable_by_key(self.most - 1, |drawn| (drawn.lot, drawn.key));
            drawn.truncate(self.most);
            self.limit.store(drawn[self.most - 1].lot, Ordering::Relaxed);
        }
    }
}

fn lot(key: PersonKey, index_date: Day) -> u64 {
    let hash = digest(&SHA256, &[&index_date.0.to_be_bytes()[..], key.as_bytes()].concat());
    u64::from_be_bytes(hash.as_ref()[..8].try_into().expect("SHA-256 has 32 bytes"))
}

impl Sample {
    /// Everybody in the extracts on that date.
    pub fn n_people(&self) -> u64 {
        self.standings.values().sum()
    }

    /// How many people had each standing.
    pub fn standings(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.standings.iter().map(|(standing, n)| (*standing, *n))
    }

    /// Who was scored and not drawn.
    pub fn n_not_drawn(&self) -> u64 {
        self.standings[Standing::Scored.code()] - self.drawn.len() as u64
    }

    /// Who was drawn, by key.
    pub fn persons(&self) -> Vec<PersonKey> {
        self.drawn.iter().map(|drawn| drawn.key).collect()
    }

    /// The rows of those who were drawn, by key.
    pub fn into_drawn(self) -> Vec<Drawn> {
        self.drawn
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn somebody(n: u64) -> Drawn {
        let key = PersonKey::parse(&format!("{n:064x}")).unwrap();
        Drawn { lot: lot(key, Day(20_000)), key, cells: Box::default(), registers: Box::default() }
    }

    fn drawn(parts: &[Vec<u64>], most: usize) -> Vec<PersonKey> {
        let hat = Hat { most, backings: &[], drawn: Mutex::default(), limit: AtomicU64::new(u64::MAX) };
        for part in parts {
            // As `draw` does: whoever is out of the question is not even put in.
            let limit = hat.limit.load(Ordering::Relaxed);
            hat.put(part.iter().map(|&n| somebody(n)).filter(|one| one.lot <= limit).collect());
        }
        let mut keys: Vec<PersonKey> = hat.drawn.into_inner().unwrap().iter().map(|drawn| drawn.key).collect();
        keys.sort_unstable();
        keys
    }

    proptest! {
        #[test]
        fn the_smallest_lots_are_drawn_however_the_people_come(
            parts in prop::collection::vec(prop::collection::vec(0..10_000u64, 0..40), 0..8),
            most in 1..60usize,
        ) {
            let mut seen = std::collections::BTreeSet::new();
            let parts: Vec<Vec<u64>> =
                parts.into_iter().map(|part| part.into_iter().filter(|n| seen.insert(*n)).collect()).collect();
            let mut all: Vec<Drawn> = parts.iter().flatten().map(|&n| somebody(n)).collect();
            all.sort_by_key(|one| (one.lot, one.key));
            let mut expected: Vec<PersonKey> = all.iter().take(most).map(|one| one.key).collect();
            expected.sort_unstable();
            let backwards: Vec<Vec<u64>> = parts.iter().rev().cloned().collect();
            prop_assert_eq!(&drawn(&parts, most), &expected);
            prop_assert_eq!(&drawn(&backwards, most), &expected);
        }
    }

    #[test]
    fn another_date_draws_other_people() {
        let first_ten = |date: i32| {
            let mut lots: Vec<(u64, u64)> = (0..1000).map(|n| (lot(somebody(n).key, Day(date)), n)).collect();
            lots.sort_unstable();
            lots.into_iter().take(10).map(|(_, n)| n).collect::<Vec<_>>()
        };
        assert_eq!(first_ten(20_000), first_ten(20_000));
        assert_ne!(first_ten(20_000), first_ten(20_180));
    }
}
