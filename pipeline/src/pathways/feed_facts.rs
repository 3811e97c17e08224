//! What the optional tables say of one person, as rules and services ask for it.

use earlycall_schemas::{catalogue::View, feeds::AskedFacts};

use super::facts::start;
use crate::{
    day::Day,
    features::Feeds,
    history::records::{FeedRow, Person},
};

/// The facts of one person that come from optional tables. What is not there says nothing: of it no fact is found, and nobody
/// is told that there was none.
#[derive(Clone, Copy, Debug, Default)]
pub struct FeedFacts<'a> {
    /// By view and moment.
    rows: &'a [FeedRow],
    /// Which tables may be told of.
    feeds: Option<&'a Feeds>,
}

impl<'a> FeedFacts<'a> {
    /// The facts of a person, where some tables are there.
    pub fn of(person: &'a Person, feeds: &'a Feeds) -> FeedFacts<'a> {
        FeedFacts { rows: &person.feeds, feeds: Some(feeds) }
    }

    /// The days of the facts that are asked for, oldest first. For whoever is on a list already days are `while_listed` times
    /// as many, and where the table stopped they are counted from the last day to which it is known: that nothing is known
    /// since takes nobody off a list.
    pub fn days(self, asked: &'a AskedFacts, index_date: Day, while_listed: Option<f64>) -> impl Iterator<Item = Day> {
        let known_to = self.known_to(asked, index_date, while_listed.is_some());
        let rows = known_to.map_or(&[][..], |_| self.of_view(asked.view));
        let after = start(asked.within_days, known_to.unwrap_or(index_date), while_listed);
        rows.iter().filter(move |row| row.day > after && asked.asks_for(row.tests)).map(|row| row.day)
    }

    /// The day from which days are counted back; none where nothing may be said.
    pub fn known_to(self, asked: &AskedFacts, index_date: Day, is_listed: bool) -> Option<Day> {
        let feeds = self.feeds?;
        match feeds.can_tell(asked.table()) {
            true => Some(index_date),
            false => feeds.stopped_on(asked.table()).filter(|_| is_listed),
        }
    }

    /// The days of the facts of a table that pass a test, oldest first; none where the table is not there.
    ///
    /// # Panics
    /// If the table has no such test.
    pub fn passing(self, view: View, test: &str) -> Option<impl DoubleEndedIterator<Item = Day> + use<'a>> {
        self.feeds.filter(|feeds| feeds.can_tell(view.name()))?;
        let bit = view.tests().iter().find(|known| known.name == test).expect("the table has this test").bit;
        Some(self.of_view(view).iter().filter(move |row| row.tests & bit != 0).map(|row| row.day))
    }

    fn of_view(self, view: View) -> &'a [FeedRow] {
        let from = self.rows.partition_point(|row| row.view < view);
        let n = self.rows[from..].partition_point(|row| row.view == view);
        &self.rows[from..from + n]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::cohort::tests::life::{INDEX_DATE, day, person};

    fn missed() -> AskedFacts {
        toml::from_str("of = \"home_care_visits\"\nwhere = [\"is_missed\"]\nwithin_days = 28").unwrap()
    }

    /// How many visits that nobody came to are found of a person on 20 November 2026.
    fn n_missed(lines: &str, feeds: &Feeds, while_listed: Option<f64>) -> usize {
        FeedFacts::of(&person(lines), feeds).days(&missed(), day(INDEX_DATE), while_listed).count()
    }

    #[test]
    fn facts_within_the_days_count_and_of_other_tables_and_tests_none() {
        let feeds = Feeds::new(["home_care_visits", "community_contacts"]);
        let lines = "feed community_contacts 2026-11-19 is_missed\n feed home_care_visits 2026-10-23 is_missed\n\
                     feed home_care_visits 2026-10-24 is_missed\n feed home_care_visits 2026-11-20 is_missed\n\
                     feed home_care_visits 2026-11-20 is_delivered";
        assert_eq!(n_missed(lines, &feeds, None), 2, "from 24 October on");
        assert_eq!(n_missed(lines, &feeds, Some(1.2)), 3, "33 days");
    }

    #[test]
    fn a_table_that_is_not_there_says_nothing_and_one_that_stopped_nothing_new() {
        let lines = "feed home_care_visits 2026-09-20 is_missed\n feed home_care_visits 2026-08-20 is_missed";
        let without = Feeds::new(["apc_episodes"]);
        assert_eq!([None, Some(1.2)].map(|wider| n_missed(lines, &without, wider)), [0, 0]);
        let stopped = without.with_stopped(BTreeMap::from([("home_care_visits".to_owned(), day("2026-09-25"))]));
        assert_eq!(n_missed(lines, &stopped, None), 0, "nobody comes onto a list by it");
        assert_eq!(n_missed(lines, &stopped, Some(1.2)), 1, "counted from 25 September");
    }
}
