//! Rules across the rows of one person: deaths that are disputed (V11), stays (V13, V14), registrations (V29) and records
//! that may mix two people (V30).
//!
//! They run in the night's pass over everybody, bucket by bucket: a person's rows come from several suppliers and many
//! deliveries, and no delivery holds them all. What is found is counted and kept; nobody is hidden for it but who is
//! reported dead and was seen since.

mod mixed;
mod oddity;
mod stays;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use self::oddity::{Oddities, Oddity};
use crate::{
    cohort::{
        Assessed,
        standing::{Standing, n_open_registrations},
    },
    day::Day,
    history::records::PersonKey,
    settings::Rules,
};

/// The numbers that decide what is odd, from the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Days of a stay (V14).
    pub stay_days_max: i32,
    /// Days of an open stay of somebody in no bed (V14).
    pub open_days_max: i32,
    /// Ordinary stays that begin within a year (V30).
    pub stays_max: usize,
    /// A&E attendances within a year (V30).
    pub attendances_max: usize,
    /// Dates with nights at two providers (V30).
    pub dates_max: usize,
}

impl Limits {
    /// The limits of a service.
    pub fn of(rules: &Rules) -> Limits {
        // Of a limit that is set beyond all numbers, the largest is meant.
        let days = |name| rules.limit("V14", name) as i32;
        let times = |name| rules.limit("V30", name) as usize;
        Limits {
            stay_days_max: days("stay_days"),
            open_days_max: days("open_days"),
            stays_max: times("ordinary_stays"),
            attendances_max: times("attendances"),
            dates_max: times("dates"),
        }
    }
}

/// What is odd about a person on the index date. Depends on that person's rows alone; of a test record, a merged one and
/// whoever objects, nothing is looked at.
pub fn oddities(assessed: &Assessed, on: Day, limits: &Limits) -> Oddities {
    let mut found = Oddities::default();
    let person = assessed.person;
    match assessed.standing {
        Standing::TestPatient | Standing::Merged | Standing::Objecting | Standing::Withdrawn => return found,
        Standing::DisputedDeath => found.note(Oddity::DisputedDeath, 1),
        Standing::Died => {}
        Standing::NotInArea | Standing::UnderAge | Standing::NoCoachedCondition | Standing::Scored => {
            let n_open = n_open_registrations(person);
            found.note(Oddity::SeveralRegistrations, u64::from(n_open > 1));
            found.note(Oddity::Unregistered, u64::from(n_open == 0));
        }
    }
    stays::episodes_that_do_not_fit(&person.episodes, &mut found);
    let likely = stays::likely_stays(person, on, limits, &mut found);
    mixed::more_than_one_can(&likely, &person.attendances, on, limits, &mut found);
    found
}

/// What was found in some people, or in everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// How often, over all of them.
    pub counts: Oddities,
    /// Whose record may mix two people, and why (V30).
    mixed: BTreeMap<PersonKey, Vec<Oddity>>,
}

impl Findings {
    /// Takes in what was found in a person.
    pub fn note(&mut self, person: PersonKey, found: &Oddities) {
        self.counts.add(found);
        let mixed: Vec<Oddity> =
            found.found().map(|(oddity, _)| oddity).filter(|oddity| oddity.rule() == "V30").collect();
        if !mixed.is_empty() {
            self.mixed.insert(person, mixed);
        }
    }

    /// Takes in what was found in other people.
    pub fn add(&mut self, other: Findings) {
        self.counts.add(&other.counts);
        self.mixed.extend(other.mixed);
    }

    /// Whether a person's record may mix two people.
    pub fn may_mix(&self, person: PersonKey) -> bool {
        self.mixed.contains_key(&person)
    }

    /// What somebody should look at before long, a line each: who may be alive or dead, and who may be two.
    pub fn warnings(&self) -> Vec<String> {
        let urgent = self.counts.found().filter(|(oddity, _)| matches!(oddity.rule(), "V11" | "V30"));
        urgent.map(|(oddity, n)| format!("rule {}: {}: {n}", oddity.rule(), oddity.in_words())).collect()
    }

    /// `mixed_records.csv`, for the data quality team alone: one line per person and reason, by person.
    pub fn mixed_csv(&self) -> Vec<u8> {
        let mut text = String::from("person_id,rule,reason\r\n");
        for (person, oddities) in &self.mixed {
            for oddity in oddities {
                let reason = match oddity {
                    Oddity::ManyStays => "ordinary stays within a year",
                    Oddity::ManyAttendances => "A&E attendances within a year",
                    _ => "in two hospitals at once",
                };
                text.push_str(&format!("{},{},{reason}\r\n", person.to_text(), oddity.rule()));
            }
        }
        text.into_bytes()
    }
}

/// The file of a night with the records that may mix two people.
pub const MIXED: &str = "mixed_records.csv";

/// The list of records that may mix two people, without some people; none where it tells of none of them.
pub fn mixed_without(csv: &[u8], people: &BTreeSet<PersonKey>) -> Option<Vec<u8>> {
    let is_theirs = |line: &[u8]| {
        let id = line.split(|byte| *byte == b',').next().and_then(|id| str::from_utf8(id).ok());
        id.and_then(PersonKey::parse).is_some_and(|person| people.contains(&person))
    };
    let lines = || csv.split_inclusive(|byte| *byte == b'\n');
    lines().any(is_theirs).then(|| lines().filter(|line| !is_theirs(line)).flatten().copied().collect())
}
