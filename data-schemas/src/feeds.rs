//! What features may ask of the optional tables: how a row becomes a dated fact, and named tests of its cells, declared
//! once in `feeds/TABLE.toml`.
//!
//! One declaration feeds the reading of settled rows, the second implementation in SQL, and the documentation. A new feed
//! is its table, such a file, and lines in `features/`.

mod asked_facts;

use std::sync::LazyLock;

use serde::Deserialize;

pub use self::asked_facts::AskedFacts;
use crate::{
    catalogue::{Test, View},
    check::Cells,
};

/// The test of whatever lasts: it has not ended by the index date.
pub const IS_OPEN: u64 = 1 << 63;
/// The test of whatever has an amount: the row has one.
pub const HAS_AMOUNT: u64 = 1 << 62;

/// How the rows of an optional table become facts.
#[derive(Debug)]
pub struct FeedView {
    /// The view, of the same name as its table.
    pub view: View,
    /// What a fact is.
    pub meaning: String,
    /// What one fact is called on a line, and what several are; absent: nobody is told of any.
    pub counted: Option<[String; 2]>,
    /// The column with the day on which it counts.
    pub day: String,
    /// The column with the day on which it ends.
    pub until: Option<String>,
    /// Columns that say nothing as long as it has not ended: what became of it was not known then.
    pub at_end: Vec<String>,
    /// Cells of what has ended, of whatever day: where the day of the end is missing it is not open on any.
    pub ended: Asked,
    /// What its amount is; absent: 1.
    pub amount: Option<Amount>,
    /// The column of concepts that say what was measured.
    pub item: Option<String>,
    /// Which rows are facts.
    pub counts: Asked,
    /// Rows that are no facts tell all the same that the feed has not stopped: none of them is booked ahead.
    pub any_row_is_news: bool,
    /// The tests that features may name, in the order of their bits.
    pub tests: Vec<(String, Asked)>,
    /// What is said of facts that pass a test, after what they are called; of a test without it nobody is told.
    told: Vec<Option<String>>,
    asked: Vec<Test>,
}

/// The amount of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// A number, in thousandths.
    ThousandthsOf(String),
    /// Whole minutes between two moments.
    MinutesBetween([String; 2]),
    /// How many elements a list has.
    NumberOf(String),
}

/// What is asked of a row's cells. A cell of days or moments is "*" where it has one that is not after the index date, and
/// a list has a value where one of its elements has.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Each of these columns has one of its values.
    pub all_of: Cells,
    /// None of these columns has any of its values.
    pub none_of: Cells,
}

impl Asked {
    /// Every column that is looked at, with its values, and whether it should have one of them.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &[String], bool)> {
        let wanted = self.all_of.iter().map(|(column, values)| (column.as_str(), values.as_slice(), true));
        wanted.chain(self.none_of.iter().map(|(column, values)| (column.as_str(), values.as_slice(), false)))
    }
}

impl FeedView {
    /// The name of its table.
    pub fn table(&self) -> &'static str {
        self.view.name()
    }

    /// All of it that decides a number, as a text.
    pub(crate) fn decides(&self) -> String {
        let FeedView { day, until, at_end, ended, amount, item, counts, tests, .. } = self;
        format!("{day:?} {until:?} {at_end:?} {ended:?} {amount:?} {item:?} {counts:?} {tests:?}")
    }

    /// What is said on a line of facts that pass a test, after what they are called: "that nobody came to". None where nothing
    /// may be said of it.
    fn told_of(&self, test: &str) -> Option<&str> {
        let declared = self.tests.iter().zip(&self.told).find(|((name, _), _)| name == test);
        declared.map_or_else(|| (test == "is_open").then_some("still open"), |(_, told)| told.as_deref())
    }

    /// The tests that `where` may name.
    pub(crate) fn asked_by_features(&'static self) -> &'static [Test] {
        &self.asked
    }
}

/// A feed as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    meaning: String,
    counted: Option<[String; 2]>,
    day: String,
    until: Option<String>,
    #[serde(default)]
    at_end: Vec<String>,
    #[serde(default)]
    ended_where: Cells,
    amount: Option<Amount>,
    item: Option<String>,
    #[serde(default)]
    only: Cells,
    #[serde(default)]
    only_not: Cells,
    #[serde(default)]
    any_row_is_news: bool,
    #[serde(default)]
    test: Vec<WrittenTest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTest {
    name: String,
    #[serde(default, rename = "where")]
    all_of: Cells,
    #[serde(default, rename = "where_not")]
    none_of: Cells,
    meaning: String,
    told: Option<String>,
}

static FEEDS: LazyLock<Vec<FeedView>> = LazyLock::new(|| {
    let of_file = |(name, text): &(&'static str, &'static str)| {
        let view = View::named(name).expect("a test looks up the view of every feed");
        resolve(view, crate::embedded::parse_toml(name, text))
    };
    crate::embedded::FEEDS.iter().map(of_file).collect()
});

/// Every optional table that features ask, in the order in which they are declared.
///
/// # Example
/// ```
/// use earlycall_schemas::{catalogue::View, feeds::feeds};
/// let visits = feeds().iter().find(|feed| feed.table() == "home_care_visits").unwrap();
/// assert_eq!(visits.day, "planned_start");
/// assert!(View::HomeCareVisits.tests().iter().any(|test| test.name == "is_missed"));
/// assert!(View::HomeCareVisits.tests().iter().all(|test| test.name != "is_open"), "a visit does not last");
/// ```
pub fn feeds() -> &'static [FeedView] {
    &FEEDS
}

fn resolve(view: View, written: Written) -> FeedView {
    let Written { meaning, counted, day, until, at_end, ended_where, amount, item, .. } = written;
    let Written { only, only_not, any_row_is_news, test, .. } = written;
    let mut asked: Vec<Test> =
        test.iter().enumerate().map(|(n, test)| named(&test.name, 1 << n, &test.meaning)).collect();
    asked.extend(
        until
            .as_ref()
            .map(|_| named("is_open", IS_OPEN, "It has not ended by the index date, nor on a day that nobody tells.")),
    );
    asked.extend(amount.as_ref().map(|_| named("has_amount", HAS_AMOUNT, "The row has an amount.")));
    let of_test = |test: WrittenTest| ((test.name, Asked { all_of: test.all_of, none_of: test.none_of }), test.told);
    let (tests, told) = test.into_iter().map(of_test).unzip();
    let counts = Asked { all_of: only, none_of: only_not };
    let ended = Asked { all_of: ended_where, none_of: Cells::new() };
    FeedView {
        view,
        meaning,
        counted,
        day,
        until,
        at_end,
        ended,
        amount,
        item,
        counts,
        any_row_is_news,
        tests,
        told,
        asked,
    }
}

fn named(name: &str, bit: u64, meaning: &str) -> Test {
    // Declared once for the life of the program, as those of other views are.
    Test { name: name.to_owned().leak(), bit, meaning: meaning.to_owned().leak() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::table::{DType, Tier, table, tables};

    #[test]
    fn every_optional_table_is_a_feed_and_no_other() {
        let optional: Vec<&str> =
            tables().iter().filter(|table| table.tier == Tier::Optional).map(|table| table.name.as_str()).collect();
        assert_eq!(feeds().iter().map(FeedView::table).collect::<Vec<_>>(), optional);
        assert_eq!(crate::embedded::FEEDS.len(), optional.len());
    }

    #[test]
    fn nothing_is_said_of_a_sensitive_feed_and_every_other_has_words() {
        for feed in feeds() {
            let is_sensitive = table(feed.table()).unwrap().is_sensitive;
            assert_eq!(feed.counted.is_none(), is_sensitive, "{}", feed.table());
            assert!(!is_sensitive || feed.told.iter().all(Option::is_none), "{}", feed.table());
        }
    }

    #[test]
    fn a_feed_asks_for_columns_that_are_kept_and_values_that_can_be_there() {
        for feed in feeds() {
            let table = table(feed.table()).unwrap();
            let column = |name: &str| {
                let column = table.column(name).unwrap_or_else(|| panic!("{}.{name}", table.name));
                assert!(column.kept, "{}.{name}", table.name);
                column
            };
            assert_eq!(table.event.as_ref(), Some(&feed.day), "{}", table.name);
            let is_day = |name: &String| matches!(column(name).dtype, DType::Date | DType::Timestamp);
            assert!(is_day(&feed.day) && feed.until.iter().all(is_day), "{}", table.name);
            assert!(feed.at_end.iter().all(|name| column(name).dtype == DType::Code), "{}", table.name);
            assert!(feed.at_end.is_empty() || feed.until.is_some(), "{}", table.name);
            assert!(feed.ended.all_of.is_empty() || feed.until.is_some(), "{}", table.name);
            for (name, values, _) in [&feed.counts, &feed.ended]
                .into_iter()
                .chain(feed.tests.iter().map(|(_, asked)| asked))
                .flat_map(Asked::columns)
            {
                let known = &column(name).one_of;
                let can_be = |value: &String| value == "*" || known.contains(value);
                assert!(!values.is_empty() && values.iter().all(can_be), "{}.{name}", table.name);
            }
            let is_code = |name: &str| column(name).dtype == DType::Code && !column(name).list;
            assert!(feed.counts.columns().all(|(name, ..)| is_code(name)), "{}", table.name);
            let named: BTreeSet<&str> = feed.tests.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(named.len(), feed.tests.len(), "{}", table.name);
        }
    }
}
