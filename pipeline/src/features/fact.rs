//! Dated facts: the one shape into which every view brings a person's rows.

use earlycall_schemas::catalogue::{Entry, View};

use crate::{day::Day, history::records::ShortCode};

/// Something that happened to a person on a day, or is true of them.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// The day on which it counts.
    pub day: Day,
    /// Last day, for what lasts; none while it lasts.
    pub end: Option<Day>,
    /// How much, in the parts of the view's unit.
    pub amount: i64,
    /// The tests that it passes, as bits.
    pub tests: u64,
    /// What it is an instance of: a position in the view's list of items.
    pub item: Option<u16>,
    /// Its item is sensitive: no sentence that names items may count it.
    pub is_hidden: bool,
    /// The main diagnosis, for what has one.
    pub code: Option<ShortCode>,
}

impl Fact {
    /// A fact of a day with an amount of 1 and nothing else to it.
    pub fn on(day: Day) -> Fact {
        Fact { day, end: None, amount: 1, tests: 0, item: None, is_hidden: false, code: None }
    }

    /// Whether it happened within `(after, …]`.
    pub fn is_after(&self, after: Option<Day>) -> bool {
        after.is_none_or(|after| self.day > after)
    }

    /// Nights between its day and its end that end within `(after, until]`; without an end it lasts until `until`.
    pub fn nights(&self, after: Option<Day>, until: Day) -> i64 {
        let from = after.map_or(self.day, |after| self.day.max(after));
        let to = self.end.unwrap_or(until).min(until);
        i64::from((to - from).max(0))
    }
}

/// The facts of one view of one person.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    by_day: Vec<Fact>,
    by_item: Vec<Fact>,
}

impl Facts {
    /// Sorts facts by day; those of one day by their end, an open one last, and by what they were for, so that a sentence
    /// about the last of them is the same however the rows came. Others of one day stay in their order.
    pub fn new(view: View, mut facts: Vec<Fact>) -> Facts {
        let end = |fact: &Fact| fact.end.map_or(i32::MAX, |end| end.0);
        facts.sort_by_key(|fact| (fact.day, end(fact), fact.code));
        let mut by_item = if view.items().is_some() { facts.clone() } else { Vec::new() };
        by_item.sort_by_key(|fact| fact.item); // stable: by day within an item
        Facts { by_day: facts, by_item }
    }

    /// The facts that count for an entry, by day.
    pub fn of_entry<'a>(&'a self, entry: &Entry) -> impl Iterator<Item = &'a Fact> + Clone + use<'a> {
        let facts = match entry.item {
            None => &self.by_day[..],
            wanted => {
                let from = self.by_item.partition_point(|fact| fact.item < wanted);
                let until = self.by_item.partition_point(|fact| fact.item <= wanted);
                &self.by_item[from..until]
            }
        };
        let tests = entry.tests;
        facts.iter().filter(move |fact| fact.tests & tests == tests)
    }
}
