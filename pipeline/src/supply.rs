//! What the feeds bring to an index date, and which of them count: a feed that stopped weeks ago is a missing one, or
//! "nothing since" would be read as "nothing happened".

use std::collections::BTreeMap;

use earlycall_schemas::{
    catalogue::catalogue,
    table::{TableKind, TableSpec, tables},
};

use crate::{
    day::Day,
    error::{Error, Result},
    features::Feeds,
    history::{History, View},
    quality::recent,
    settings::{LegalBases, Rules},
};

/// The rule that declares how old a table's newest event may be.
const RULE: &str = "V33";
/// The table without which nobody is scored.
const STAYS: &str = "apc_episodes";
/// The count of beds, which says nothing of an index date that is later.
const BEDS: &str = "inpatients_now";

/// The clinical tables on an index date. Nights, training and evaluation ask the same.
///
/// An optional table that has no legal basis is missing for nobody: it is not asked for.
#[derive(Clone, Debug)]
pub struct Supply {
    bases: LegalBases,
    newest: BTreeMap<String, Day>,
    stopped: BTreeMap<String, Day>,
    late: BTreeMap<String, Day>,
}

impl Supply {
    /// What there is under a view.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Extract`] when there are no hospital stays, or they stopped too long ago.
    /// * [`crate::error::Kind::Storage`] when the history cannot be read.
    pub fn under(history: &History, view: &View, rules: &Rules, threads: usize) -> Result<Supply> {
        Supply::of(history.newest_events(view, threads)?, &history.bases, view.index_date, rules)
    }

    fn of(mut newest: BTreeMap<String, Day>, bases: &LegalBases, index_date: Day, rules: &Rules) -> Result<Supply> {
        newest.retain(|table, day| table != BEDS || *day >= index_date);
        let has_stopped = |table: &str, day: Day| {
            let times = rules.limit(RULE, "refuse_times");
            is_fed(table) && f64::from(index_date - day) > times * f64::from(age_days_max(table, rules))
        };
        let (stopped, newest): (_, BTreeMap<String, Day>) =
            newest.into_iter().partition(|(table, day)| has_stopped(table, *day));
        let supply = Supply { bases: bases.clone(), newest, stopped, late: BTreeMap::new() };
        if supply.is_missing(STAYS) { Err(without_stays(&supply, index_date)) } else { Ok(supply) }
    }

    /// The same, and which of the tables that count are late, given the days by which the newest event of each may be older
    /// than the index date.
    pub fn with_late(self, ages_days_max: &BTreeMap<&str, i32>, index_date: Day) -> Supply {
        let is_late = |(table, day): &(&String, &Day)| {
            ages_days_max.get(table.as_str()).is_some_and(|days_max| index_date - **day > *days_max)
        };
        let late = self.newest.iter().filter(is_late).map(|(table, day)| (table.clone(), *day)).collect();
        Supply { late, ..self }
    }

    /// The day of a table's newest event, whether it counts or not.
    pub fn newest(&self, table: &str) -> Option<Day> {
        self.newest.get(table).or(self.stopped.get(table)).copied()
    }

    /// The newest day of a table that is there and stopped too long ago to count.
    pub fn stopped_on(&self, table: &str) -> Option<Day> {
        self.stopped.get(table).copied()
    }

    /// The newest day of a table that counts, and is older than it may be without a word; none before
    /// [`Supply::with_late`].
    pub fn late_since(&self, table: &str) -> Option<Day> {
        self.late.get(table).copied()
    }

    /// Whether a table brings nothing that counts.
    pub fn is_missing(&self, table: &str) -> bool {
        !self.newest.contains_key(table)
    }

    /// Why a table of which something has arrived brings nothing that counts.
    pub fn why_not(&self, table: &str, index_date: Day) -> String {
        match self.stopped_on(table) {
            Some(day) => format!("arrived, but stops on {}, too long ago to count", day.in_words()),
            None if table == BEDS => {
                format!("arrived, but counts the beds of another day than {}", index_date.in_words())
            }
            None => format!("arrived, but with nothing that was known by {}", index_date.in_words()),
        }
    }

    /// The clinical tables that are asked for and bring nothing, in the order of the contract.
    pub fn missing(&self) -> impl Iterator<Item = &'static str> {
        let clinical = tables().iter().filter(|table| table.kind == TableKind::Clinical);
        let asked_for = clinical.filter(|table| self.bases.allow(table)).map(|table| table.name.as_str());
        asked_for.filter(|table| self.is_missing(table))
    }

    /// The tables that features could be made from, and that a model must do without; sorted. They are missing, or have no
    /// legal basis.
    pub fn to_do_without(&self) -> Vec<String> {
        let feeds = tables().iter().map(|table| &table.name).filter(|table| is_fed(table));
        let mut without: Vec<String> = feeds.filter(|table| self.is_missing(table)).cloned().collect();
        without.sort_unstable();
        without
    }

    /// The optional tables that are asked for, in the order of the contract.
    pub fn optional(&self) -> impl Iterator<Item = &'static TableSpec> {
        self.bases.tables()
    }

    /// The feeds on which features may lean, given those that the model does without.
    pub fn feeds(&self, unused: &[String]) -> Feeds {
        Feeds::without(self.newest.keys().map(String::as_str), unused)
            .with_stopped(self.stopped.clone())
            .with_late(self.late.clone())
    }
}

/// Days by which the newest event of a table may be older than the index date without a word; beds are counted daily, and
/// the day of the index date is what is asked for.
fn age_days_max(table: &str, rules: &Rules) -> i32 {
    if table == BEDS { 0 } else { recent::age_days_max(table, rules).expect("a feed has an age") }
}

/// Whether features need a table that has an age.
fn is_fed(table: &str) -> bool {
    let has_age = recent::age_days_max(table, &Rules::default()).is_some();
    has_age && catalogue().entries().iter().any(|entry| entry.feeds.iter().any(|feed| feed == table))
}

fn without_stays(supply: &Supply, index_date: Day) -> Error {
    let what = match supply.stopped_on(STAYS) {
        None => "no hospital stay is known on the index date".to_owned(),
        Some(day) => format!(
            "hospital stays stop on {}, {} days before the index date: nobody can be scored without them",
            day.in_words(),
            index_date - day
        ),
    };
    let what_to_do = "ask the trusts since when their systems have not sent; the last night's worklists stand";
    Error::refused(what, what_to_do).file(STAYS).rule(RULE)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{error::Kind, settings::Settings};

    /// The 20th of November 2026.
    fn today() -> Day {
        Day::parse("2026-11-20").unwrap()
    }

    /// The supply when tables stopped so many days ago, and hospital stays yesterday.
    fn supply(ages: &[(&str, i32)]) -> Result<Supply> {
        supply_under(&LegalBases::default(), ages)
    }

    fn supply_under(bases: &LegalBases, ages: &[(&str, i32)]) -> Result<Supply> {
        let ages = [(STAYS, 1)].iter().chain(ages);
        let newest = ages.map(|(table, days)| ((*table).to_owned(), today() - *days)).collect();
        Supply::of(newest, bases, today(), &Rules::default())
    }

    #[test]
    fn three_times_its_age_and_a_feed_still_counts_and_a_day_later_it_is_missing() {
        for (table, days) in [("ed_attendances", 21), ("gp_events", 21), ("gp_prescriptions", 21)] {
            assert!(!supply(&[(table, days)]).unwrap().is_missing(table), "{table}");
            let late = supply(&[(table, days + 1)]).unwrap();
            assert!(late.is_missing(table) && late.to_do_without().contains(&table.to_owned()), "{table}");
            assert_eq!((late.newest(table), late.stopped_on(table)), (Some(today() - 22), Some(today() - 22)));
            let why = "arrived, but stops on 29 October 2026, too long ago to count";
            assert_eq!(late.why_not(table, today()), why);
        }
    }

    #[test]
    fn what_is_older_than_its_age_is_late_and_counts_until_it_is_missing() {
        let late_since = |ages: &[(&str, i32)], days_max: i32| {
            let supply = supply(ages).unwrap().with_late(&[("community_contacts", days_max)].into(), today());
            let late = supply.late_since("community_contacts");
            assert_eq!(supply.feeds(&[]).late_since("community_contacts"), late);
            late
        };
        for (days, late) in [(14, None), (15, Some(today() - 15)), (42, Some(today() - 42)), (43, None)] {
            assert_eq!(late_since(&[("community_contacts", days)], 14), late, "{days} days");
        }
        assert_eq!(late_since(&[("community_contacts", 16)], 25), None, "a small service may be silent for longer");
        assert_eq!(late_since(&[], 14), None, "it never came");
    }

    #[test]
    fn what_never_came_is_missing_too() {
        let supply = supply(&[("gp_events", 0)]).unwrap();
        let of_every_service = ["ed_attendances", "gp_prescriptions"];
        assert!(of_every_service.iter().all(|table| supply.to_do_without().contains(&(*table).to_owned())));
        assert!(supply.missing().eq([
            "registrations",
            "gp_prescriptions",
            "ed_attendances",
            "inpatients_now",
            "deaths"
        ]));
        assert_eq!(supply.newest("ed_attendances"), None);
    }

    #[test]
    fn an_optional_table_is_missing_where_it_has_a_legal_basis_and_for_nobody_else() {
        let text = "[feeds.home_care_visits]\nlegal_basis = \"DSA-1\"";
        let bases = Settings::parse(text, Path::new("")).unwrap().feeds;
        let is_missing = |bases: &LegalBases, ages: &[(&str, i32)]| {
            let supply = supply_under(bases, ages).unwrap();
            supply.missing().any(|table| table == "home_care_visits")
        };
        assert!(is_missing(&bases, &[]));
        assert!(!is_missing(&bases, &[("home_care_visits", 1)]));
        assert!(!is_missing(&LegalBases::default(), &[]));
        assert!(supply_under(&bases, &[]).unwrap().optional().map(|table| &*table.name).eq(["home_care_visits"]));
    }

    #[test]
    fn only_a_count_of_beds_of_the_index_date_counts_and_no_feature_needs_it() {
        assert!(!supply(&[(BEDS, 0)]).unwrap().is_missing(BEDS));
        let late = supply(&[(BEDS, 1)]).unwrap();
        assert!(late.is_missing(BEDS) && !late.to_do_without().contains(&BEDS.to_owned()));
        assert_eq!(late.newest(BEDS), None);
        assert_eq!(late.why_not(BEDS, today()), "arrived, but counts the beds of another day than 20 November 2026");
    }

    #[test]
    fn nobody_is_scored_without_hospital_stays() {
        assert!(supply(&[(STAYS, 135)]).is_ok());
        let error = supply(&[(STAYS, 136)]).unwrap_err();
        assert_eq!(error.kind(), Kind::Extract);
        for words in ["apc_episodes, rule V33", "7 July 2026", "136 days"] {
            assert!(error.to_string().contains(words), "{error}");
        }
        let none = Supply::of(BTreeMap::new(), &LegalBases::default(), today(), &Rules::default()).unwrap_err();
        assert!(none.to_string().contains("no hospital stay is known"), "{none}");
    }

    #[test]
    fn a_feed_that_the_model_does_without_can_still_be_told() {
        let feeds = supply(&[("ed_attendances", 1)]).unwrap().feeds(&["ed_attendances".to_owned()]);
        assert!(feeds.can_tell("ed_attendances") && !feeds.has("ed_attendances"));
    }
}
