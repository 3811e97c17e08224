//! The feature catalogue, computed: one row per person, from what was known by the index date.
//!
//! Read in this order: [`subject`] is what comes in, [`fact`] what the views make of it, [`take`] what a catalogue entry
//! makes of the facts, [`tally`] how that is done for all entries at once, [`columns`] what the model gets, [`tell`] what
//! a coach may read, [`stated`](mod@stated) what there is to say where there is no sentence.

pub mod columns;
pub mod fact;
pub mod stated;
pub mod subject;
pub mod take;
pub mod tally;
pub mod tell;
#[cfg(test)]
pub(crate) mod tests;
mod trend;
mod views;

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::{
    catalogue::{Entry, catalogue},
    table::{TableKind, table},
};

use crate::{cohort::registers::Backing, day::Day};
pub use columns::{Cell, ModelColumn, cells, model_columns, model_row};
pub use stated::{Known, Stated, stated, too_young};
pub use subject::{ConditionRecord, Subject};
pub use take::Value;
pub use tally::Tally;
pub use tell::{Counted, Told, counted, statements, window_in_words};
pub use views::Views;

/// The clinical tables on which an index date may lean.
///
/// A feature whose tables are all absent is missing, never zero: "no data" differs from "none". A table of state or of
/// organisations has no as-known view, and without one there is no night: it is never absent.
#[derive(Clone, Debug)]
pub struct Feeds {
    present: BTreeSet<String>,
    counted: BTreeSet<String>,
    stopped: BTreeMap<String, Day>,
    late: BTreeMap<String, Day>,
    answers: Vec<bool>,
}

impl Feeds {
    /// The clinical tables of these names, and no others.
    pub fn new<'a>(present: impl IntoIterator<Item = &'a str>) -> Feeds {
        Feeds::without(present, &[])
    }

    /// The clinical tables of these names, of which the model does without some.
    pub fn without<'a>(present: impl IntoIterator<Item = &'a str>, unused: &[String]) -> Feeds {
        let present: BTreeSet<String> = present.into_iter().map(str::to_owned).collect();
        let counted: BTreeSet<String> = present.iter().filter(|feed| !unused.contains(feed)).cloned().collect();
        let is_clinical = |feed: &str| table(feed).is_some_and(|table| table.kind == TableKind::Clinical);
        let is_there = |feed: &String| counted.contains(feed) || !is_clinical(feed);
        let answers = |entry: &Entry| entry.feeds.iter().any(is_there);
        let answers = catalogue().entries().iter().map(answers).collect();
        Feeds { present, counted, stopped: BTreeMap::new(), late: BTreeMap::new(), answers }
    }

    /// The same, and what has arrived of tables that stopped too long ago to count: to the day of each one's newest event.
    pub fn with_stopped(self, stopped: BTreeMap<String, Day>) -> Feeds {
        Feeds { stopped, ..self }
    }

    /// The newest day of a table that stopped too long ago to count.
    pub fn stopped_on(&self, table: &str) -> Option<Day> {
        self.stopped.get(table).copied()
    }

    /// The same, and which of the tables that are there are late: to the day of each one's newest event.
    pub fn with_late(self, late: BTreeMap<String, Day>) -> Feeds {
        Feeds { late, ..self }
    }

    /// The newest day of a table that counts and is late: of later days nobody knows that something has not happened.
    pub fn late_since(&self, table: &str) -> Option<Day> {
        self.late.get(table).copied()
    }

    /// Whether a table counts for features.
    pub fn has(&self, table: &str) -> bool {
        self.counted.contains(table)
    }

    /// Whether a table is there, so that a coach may be told what it says, also where the model does without it.
    pub fn can_tell(&self, table: &str) -> bool {
        self.present.contains(table)
    }

    /// Whether anything has arrived of a table, though it may have stopped too long ago to count.
    pub fn has_come(&self, table: &str) -> bool {
        self.can_tell(table) || self.stopped.contains_key(table)
    }

    /// What the registers are made from, as far as features count them.
    pub fn backing(&self) -> Backing {
        Backing::of(self.has("gp_events"), self.has("gp_prescriptions"))
    }

    /// Whether there is a table that answers the catalogue's entry at a position.
    fn answer(&self, entry: usize) -> bool {
        self.answers[entry]
    }
}

/// Every feature of one person, in the order of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureRow {
    /// One value per feature, a whole number of the unit's parts (see [`Entry::scale`]).
    pub values: Vec<Value>,
}

impl FeatureRow {
    /// The value of a feature, by name.
    ///
    /// # Panics
    /// If the catalogue has no such feature.
    pub fn get(&self, name: &str) -> Value {
        self.values[catalogue().position(name).expect("the name is that of a feature")]
    }
}

/// Computes every feature of one person on an index date; for many people, one [`Tally`] does it faster.
///
/// Windows are `(T - w, T]`; nothing dated after T counts. Depends on this person's rows alone.
pub fn build(subject: &Subject, index_date: Day, feeds: &Feeds) -> FeatureRow {
    FeatureRow { values: Tally::new(index_date, feeds).values(subject).to_vec() }
}
