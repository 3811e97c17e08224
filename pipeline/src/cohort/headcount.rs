//! How many people each practice has. Tonight's are held against those of the night before (COHORT): whoever is gone
//! overnight is on no list, and nothing else tells.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    cohort::{
        Assessed,
        standing::{self, Standing},
    },
    history::{Reference, records::LongCode},
};

/// People of one practice, by their open registration or, where they have none, by their last one. Whoever objects or was
/// merged is in none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heads {
    /// Alive, and no test.
    pub registered: u64,
    /// Reported dead, also where that is disputed.
    pub died: u64,
    /// Test patients.
    pub test_patients: u64,
    /// Alive, no test, and registered nowhere since their registration there ended: they live in the area and belong to it
    /// by that.
    pub ended_in_area: u64,
    /// The same of whoever lives elsewhere, and so is on no list.
    pub ended_elsewhere: u64,
}

impl Heads {
    /// Adds other people.
    pub fn add(&mut self, other: Heads) {
        self.registered += other.registered;
        self.died += other.died;
        self.test_patients += other.test_patients;
        self.ended_in_area += other.ended_in_area;
        self.ended_elsewhere += other.ended_elsewhere;
    }
}

/// The people of every practice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headcount {
    listed: BTreeMap<LongCode, Heads>,
    /// People who are out of the area because their practice is not on its list.
    unlisted: BTreeMap<LongCode, u64>,
    /// Whoever objects; where they were registered is not kept.
    objecting: u64,
}

impl Headcount {
    /// Counts somebody.
    pub fn note(&mut self, assessed: &Assessed, reference: &Reference) {
        let standing = assessed.standing;
        let counts = match standing {
            Standing::Objecting => {
                self.objecting += 1;
                return;
            }
            Standing::Merged => return,
            Standing::TestPatient => Heads { test_patients: 1, ..Heads::default() },
            Standing::Died | Standing::DisputedDeath => Heads { died: 1, ..Heads::default() },
            Standing::Withdrawn
            | Standing::NotInArea
            | Standing::UnderAge
            | Standing::NoCoachedCondition
            | Standing::Scored => Heads { registered: 1, ..Heads::default() },
        };
        let (practice, rows) = (assessed.placement.practice_code, &assessed.person.registrations);
        if !practice.is_empty() {
            self.listed.entry(practice).or_default().add(counts);
        } else if let Some(row) = standing::newest_of(rows) {
            if standing == Standing::NotInArea {
                *self.unlisted.entry(LongCode::new(row.practice_code.as_str())).or_default() += 1;
            }
        } else if counts.registered > 0
            && let Some(row) = standing::last_ended(assessed.person)
            && reference.practices.contains_key(&row.practice_code)
        {
            let counts = match standing {
                Standing::NotInArea => Heads { ended_elsewhere: 1, ..Heads::default() },
                _ => Heads { ended_in_area: 1, ..Heads::default() },
            };
            self.listed.entry(LongCode::new(row.practice_code.as_str())).or_default().add(counts);
        }
    }

    /// Adds other people. The order makes no difference.
    pub fn add(&mut self, other: &Headcount) {
        for (practice, heads) in &other.listed {
            self.listed.entry(*practice).or_default().add(*heads);
        }
        for (practice, n) in &other.unlisted {
            *self.unlisted.entry(*practice).or_default() += n;
        }
        self.objecting += other.objecting;
    }

    /// By practice, as a night's record keeps it.
    pub fn by_practice(&self) -> BTreeMap<&str, Heads> {
        self.listed.iter().map(|(practice, heads)| (practice.as_str(), *heads)).collect()
    }

    /// How many people are registered with a practice that is not on the list of practices, and are out of the area by that.
    pub fn unlisted_at(&self, practice: &str) -> u64 {
        self.unlisted.get(&LongCode::new(practice)).copied().unwrap_or(0)
    }

    /// How many people object.
    pub fn objecting(&self) -> u64 {
        self.objecting
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::cohort::{
        assess,
        tests::life::{circumstances, person},
    };

    /// Tonight's people by practice, so many at practices that are not on the list, and so many who object.
    pub(crate) fn of_practices(listed: &BTreeMap<&str, Heads>, unlisted: &[(&str, u64)], objecting: u64) -> Headcount {
        let listed = listed.iter().map(|(practice, heads)| (LongCode::new(practice), *heads)).collect();
        let unlisted = unlisted.iter().map(|(practice, n)| (LongCode::new(practice), *n)).collect();
        Headcount { listed, unlisted, objecting }
    }

    fn sum(lives: &[&str]) -> Headcount {
        let mut sum = Headcount::default();
        circumstances(|at| {
            for life in lives {
                let mut one = Headcount::default();
                one.note(&assess(&person(life), at), at.reference);
                sum.add(&one);
            }
        });
        sum
    }

    fn counted(lives: &[&str]) -> Vec<(String, [u64; 3])> {
        let sum = sum(lives);
        let of = |(practice, heads): (&str, Heads)| {
            (practice.to_owned(), [heads.registered, heads.died, heads.test_patients])
        };
        sum.by_practice().into_iter().map(of).collect()
    }

    #[test]
    fn everybody_with_an_open_registration_is_counted_at_their_practice_alive_dead_or_a_test() {
        let at = |practice: &str, end: &str, more: &str| {
            format!("born 1950-03 E01000001\ngp {practice} 2010-01-01 {end} regular\n{more}")
        };
        let lives = [
            at("F99901", "-", ""),
            at("F99901", "-", "born 2020-03 E01000001"),
            at("F99901", "-", "dead 2026-10-01 ons"),
            at("F99901", "-", "is test"),
            at("F99901", "-", "is merged"),
            at("F99901", "-", "says type1 dissent 2020-01-01"),
            at("F99901", "2020-01-01", ""),
            at("F99902", "-", ""),
            // No practice of the area.
            at("A11111", "-", ""),
        ];
        let lives: Vec<&str> = lives.iter().map(String::as_str).collect();
        assert_eq!(counted(&lives), [("F99901".to_owned(), [2, 1, 1]), ("F99902".to_owned(), [1, 0, 0])]);
        let sum = sum(&lives);
        assert_eq!((sum.unlisted_at("A11111"), sum.unlisted_at("F99901"), sum.objecting()), (1, 0, 1));
    }
    #[test]
    fn whoever_is_registered_nowhere_is_counted_where_they_were_last_by_whether_they_live_in_the_area() {
        let of = |home: &str, rows: &str| format!("born 1950-03 {home}\n{rows}");
        let ended = "gp F99902 2009-01-01 2010-01-01 regular\ngp F99901 2010-01-01 2026-11-01 regular";
        let lives = [
            of("E01000001", ended),
            of("E01000001", ended),
            of("E01999999", ended),
            of("E01999999", &format!("{ended}\ndead 2026-10-01 ons")),
            of("E01999999", &format!("{ended}\nis test")),
            // Moved to another practice, of the area and not.
            of("E01000001", &format!("{ended}\ngp F99902 2026-11-02 - regular")),
            of("E01000001", &format!("{ended}\ngp A11111 2026-11-02 - regular")),
            // Was never registered in the area.
            of("E01000001", "gp A11111 2010-01-01 2026-11-01 regular"),
            of("E01000001", ""),
        ];
        let lives: Vec<&str> = lives.iter().map(String::as_str).collect();
        let by_practice = sum(&lives);
        let by_practice = by_practice.by_practice();
        let first = Heads { ended_in_area: 2, ended_elsewhere: 1, ..Heads::default() };
        let second = Heads { registered: 1, ..Heads::default() };
        assert_eq!(by_practice, BTreeMap::from([("F99901", first), ("F99902", second)]));
    }
}
