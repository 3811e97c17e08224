//! One fate: records that were merged into one that nobody has sent stand apart, and are of one person all the same.
//! Objections are known of all of them before anybody is looked at; a death or the end of life must be looked for.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    cohort::{Circumstances, assess, is_somebody, standing, standing::Standing},
    day::Day,
    error::Result,
    features::Feeds,
    history::{
        History, View,
        records::{Person, PersonKey},
    },
    settings::Settings,
};

/// What is true of somebody by any of their records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// Died, or their death is disputed.
    pub death: Option<Standing>,
    /// They are on the end-of-life register.
    pub is_at_end_of_life: bool,
    /// They have another record that stands for itself.
    pub has_another_record: bool,
}

/// The fates of whoever waits for a survivor that nobody has sent, by record; of most people there is nothing to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fates(BTreeMap<PersonKey, Fate>);

/// What one record tells.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    n_records: usize,
    death: Option<Day>,
    last_seen: Option<Day>,
    is_at_end_of_life: bool,
}

impl Fates {
    /// Nobody has another record.
    pub fn none() -> &'static Fates {
        static NONE: Fates = Fates(BTreeMap::new());
        &NONE
    }

    /// Looks at all records of everybody who waits, under a view; and at the deaths of those for whom they wait.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a bucket cannot be read.
    pub fn of(history: &History, view: &View, feeds: &Feeds, settings: &Settings, threads: usize) -> Result<Fates> {
        let mergers = &history.ledger.merged;
        let waiting: BTreeSet<PersonKey> = mergers.awaiting().into_iter().collect();
        if waiting.is_empty() {
            return Ok(Fates::default());
        }
        // Each record by itself: what they tell together is what is asked here.
        let at = &Circumstances::of(&history.reference, view.index_date, feeds, settings, Fates::none());
        let told = |person: &Person| (mergers.group(person.key), Told::of(person, at));
        let seen = history.each_listed(view, threads, &waiting, |people| {
            people.iter().filter(|person| is_somebody(person, at)).map(told).collect::<Vec<_>>()
        })?;
        let unsent = history.deaths_of_the_unsent(view, threads)?.into_iter();
        let unsent = unsent.map(|(key, day)| (mergers.group(key), Told { death: Some(day), ..Told::default() }));
        let groups = together(seen.into_iter().flatten().chain(unsent));
        let of_record = |key: PersonKey| Some((key, groups.get(&mergers.group(key)).copied()?.fate()));
        Ok(Fates(waiting.into_iter().filter_map(of_record).collect()))
    }

    /// What is true of somebody by any of their records.
    pub fn fate(&self, person: PersonKey) -> Fate {
        self.0.get(&person).copied().unwrap_or_default()
    }
}

fn together(told: impl Iterator<Item = (PersonKey, Told)>) -> BTreeMap<PersonKey, Told> {
    let mut groups: BTreeMap<PersonKey, Told> = BTreeMap::new();
    for (group, told) in told {
        groups.entry(group).or_default().add(told);
    }
    groups
}

impl Told {
    /// Of a record that is no person's, or of which nothing else is kept, nothing is told.
    fn of(person: &Person, at: &Circumstances) -> Told {
        let assessed = assess(person, at);
        if matches!(assessed.standing, Standing::Objecting | Standing::TestPatient | Standing::Merged) {
            return Told::default();
        }
        let admitted = assessed.cips.iter().map(|cip| cip.admission_date);
        Told {
            n_records: 1,
            death: standing::death(person, &assessed.cips),
            last_seen: admitted.chain(person.attendances.iter().map(|visit| visit.date)).max(),
            is_at_end_of_life: assessed.is_at_end_of_life(),
        }
    }

    fn add(&mut self, other: Told) {
        self.n_records += other.n_records;
        self.death = self.death.into_iter().chain(other.death).min();
        self.last_seen = self.last_seen.max(other.last_seen);
        self.is_at_end_of_life |= other.is_at_end_of_life;
    }

    /// A death by one record is disputed by whoever was seen later under another.
    fn fate(self) -> Fate {
        let standing = |day| match self.last_seen > Some(day) {
            true => Standing::DisputedDeath,
            false => Standing::Died,
        };
        Fate {
            death: self.death.map(standing),
            is_at_end_of_life: self.is_at_end_of_life,
            has_another_record: self.n_records > 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cohort::tests::life::{circumstances, person};

    const ALIVE: &str = "born 1950-03 E01000001\ngp F99901 2010-01-01 - regular\ncode 2015-05-01 13645005";

    /// What becomes of one person by these records.
    fn fate(lives: &[&str]) -> Fate {
        let group = PersonKey::parse(&"0a".repeat(32)).unwrap();
        let lives = lives.iter().map(|life| person(&format!("{ALIVE}\n{life}")));
        let told = circumstances(|at| lives.map(|life| (group, Told::of(&life, at))).collect::<Vec<_>>());
        together(told.into_iter())[&group].fate()
    }

    #[test]
    fn a_death_by_one_record_is_one_by_all_and_disputed_by_whoever_was_seen_later() {
        let (dead, seen) = ("dead 2026-05-01 ons", "visit 2026-05-02 -");
        assert_eq!(fate(&[dead, ""]).death, Some(Standing::Died));
        assert_eq!(fate(&["visit 2026-04-30 -", dead]).death, Some(Standing::Died));
        assert_eq!(fate(&[dead, seen]).death, Some(Standing::DisputedDeath));
        assert_eq!(fate(&["", seen]), Fate { has_another_record: true, ..Fate::default() });
        assert_eq!(fate(&[seen]), Fate::default());
        assert_eq!(fate(&[&format!("{dead}\nis test"), ""]).death, None, "a test record tells of nobody");
    }

    #[test]
    fn whose_fate_is_known_by_another_record_has_it_by_their_own() {
        let alive = person(ALIVE);
        let of = |fate: Fate| {
            let fates = Fates([(alive.key, fate)].into());
            circumstances(|at| {
                let assessed = assess(&alive, &Circumstances { fates: &fates, ..*at });
                (assessed.standing, assessed.is_at_end_of_life())
            })
        };
        assert_eq!(of(Fate::default()), (Standing::Scored, false));
        let died = Fate { death: Some(Standing::Died), ..Fate::default() };
        assert_eq!(of(died), (Standing::Died, false));
        assert_eq!(of(Fate { is_at_end_of_life: true, ..Fate::default() }), (Standing::Scored, true));
    }
}
