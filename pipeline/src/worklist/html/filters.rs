//! What a coach may choose among: only what is on the list.

use std::collections::BTreeSet;

use super::row::Row;
use crate::worklist::{columns::NO_DATA, line::Band};

/// The choices of the filters, each in the order in which it is offered.
pub(super) struct Filters {
    /// Bands with their words, from very high to low.
    pub bands: Vec<(&'static str, &'static str)>,
    /// Names of conditions, by alphabet.
    pub conditions: Vec<String>,
    /// Lines, for the count.
    pub n_lines: usize,
}

impl Filters {
    pub fn of(rows: &[Row]) -> Filters {
        let present: BTreeSet<Band> = rows.iter().filter_map(|row| row.band).collect();
        let conditions: BTreeSet<&String> =
            rows.iter().flat_map(|row| &row.conditions).filter(|name| *name != NO_DATA).collect();
        Filters {
            bands: present.into_iter().rev().map(|band| (band.code(), band.in_words())).collect(),
            conditions: conditions.into_iter().cloned().collect(),
            n_lines: rows.len(),
        }
    }

    /// "All 25 people are shown".
    pub fn all_in_words(&self) -> String {
        match self.n_lines {
            1 => "1 person, all are shown".to_owned(),
            n => format!("{n} people, all are shown"),
        }
    }
}
