//! What the accepted rows of a delivery look like, in numbers: how many on which day, how many filled, which codes.
//!
//! Kept beside the settled rows as `profile.json`, so that tonight can be held against other nights without reading a row
//! again. What is counted of a table is declared in its file, under `[profile]`. Everything is a count, and counts of two
//! profiles add up in any order ([`Counts::add`]).

mod count;
mod proofs;
mod spread;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(crate) use self::count::count;
use crate::{
    day::Day,
    error::{Error, Kind, Result},
    objections::sent::SentLists,
};

/// Its name, beside `quality.json` of the delivery.
pub const FILE: &str = "profile.json";

/// Days before the extract of which rows are counted day by day.
pub const DAYS_KEPT: i32 = 400;

/// Days before the extract whose codes are the recent ones; the older ones are those of the year before that.
pub const RECENT_DAYS: i32 = 28;

/// Codes of a column that are kept apart for one organisation, the commonest; all others are [`OTHER`].
pub(crate) const CODES_KEPT: usize = 200;

/// Where a code is counted that is not among the commonest.
pub const OTHER: &str = "other";

/// The profile of one delivery: `profile.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The delivery.
    pub extract_id: String,
    /// The London day on which it was extracted.
    pub extracted_on: Day,
    /// One for each table and supplier: tables in the order of the contract, then by supplier.
    pub feeds: Vec<FeedProfile>,
    /// Who made the delivery; empty in profiles of before this was kept.
    #[serde(default)]
    pub sender: String,
    /// Whether it replaces what its suppliers sent before.
    #[serde(default)]
    pub is_full: bool,
    /// The lists of objections that came with it, by supplier; also one without an entry.
    #[serde(default)]
    pub lists: Vec<SentLists>,
}

/// The profile of one table of one supplier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedProfile {
    /// The table.
    pub table: String,
    /// Who supplied it, as in [`crate::extract::Admitted::provider`].
    pub supplier: String,
    /// Whether it replaces all earlier rows of this table and supplier.
    pub is_full: bool,
    /// By organisation whose rows they are: a practice, a trust, or the supplier itself.
    pub organisations: BTreeMap<String, Counts>,
}

/// Counts of one organisation's rows. Withdrawn rows (`is_deleted`) are in none of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows.
    pub rows: u64,
    /// The newest day on which one of them happened. What is booked, or lies ahead, has not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub newest: Option<Day>,
    /// The same rows by the day on which they happened; of the last [`DAYS_KEPT`] days, those with rows.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub days: BTreeMap<Day, u64>,
    /// By measure: how many rows are filled, of how many (V34).
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub complete: BTreeMap<String, Part>,
    /// By column: rows by code (V35).
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub mix: BTreeMap<String, CodeMix>,
    /// By measurement: how many results have the commonest value, of how many (V36). The value itself is not kept.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub commonest: BTreeMap<String, Part>,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Part {
    /// All.
    pub of: u64,
    /// Those meant.
    pub n: u64,
}

/// Rows by code, before and now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeMix {
    /// Of the last [`RECENT_DAYS`] days before the extract.
    pub recent: BTreeMap<String, u64>,
    /// Of the 364 days before those.
    pub earlier: BTreeMap<String, u64>,
}

impl Profile {
    /// The lists of objections of one supplier, if the delivery has them.
    pub fn lists_of(&self, supplier: &str) -> Option<&SentLists> {
        self.lists.iter().find(|sent| sent.supplier == supplier)
    }

    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a profile is plain data")
    }

    /// Reads the file.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when it is no profile.
    pub fn parse(bytes: &[u8]) -> Result<Profile> {
        serde_json::from_slice(bytes).map_err(|_| {
            Error::new(Kind::Storage, "is not the profile of a delivery")
                .file(FILE)
                .hint("point [state] at an empty folder and run again; the deliveries are settled anew")
        })
    }
}

impl Part {
    /// The share, from 0 to 1. 1 of nothing: nothing is missing.
    pub fn share(self) -> f64 {
        if self.of == 0 { 1.0 } else { self.n as f64 / self.of as f64 }
    }
}

impl Counts {
    /// Adds the counts of other rows of the same organisation. The order in which counts are added makes no difference.
    ///
    /// Of the results of a measurement the larger count stands, for the commonest values of two sets may differ.
    pub fn add(&mut self, other: &Counts) {
        self.rows += other.rows;
        self.newest = self.newest.max(other.newest);
        add(&mut self.days, &other.days);
        for (measure, part) in &other.complete {
            let sum = self.complete.entry(measure.clone()).or_default();
            sum.of += part.of;
            sum.n += part.n;
        }
        for (column, mix) in &other.mix {
            let sum = self.mix.entry(column.clone()).or_default();
            add(&mut sum.recent, &mix.recent);
            add(&mut sum.earlier, &mix.earlier);
        }
        for (measurement, part) in &other.commonest {
            let larger = self.commonest.entry(measurement.clone()).or_default();
            *larger = (*larger).max(*part);
        }
    }

    /// Rows by week; a week is named by its Monday. The first and the last may be cut off by [`DAYS_KEPT`] and the extract.
    pub fn weeks(&self) -> BTreeMap<Day, u64> {
        let mut weeks = BTreeMap::new();
        for (day, n) in &self.days {
            *weeks.entry(day.monday()).or_default() += n;
        }
        weeks
    }
}

fn add<K: Ord + Clone>(sums: &mut BTreeMap<K, u64>, counts: &BTreeMap<K, u64>) {
    for (key, n) in counts {
        *sums.entry(key.clone()).or_default() += n;
    }
}
