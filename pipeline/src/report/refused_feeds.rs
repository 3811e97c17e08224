//! What the rules found in a feed that is refused: which file, which rule, how many rows, and the first of them. Whoever
//! asks the supplier for another file can say what is wrong with this one.

use std::{cmp::Reverse, collections::BTreeMap};

use serde::Serialize;

use super::{firsts::REJECTED, screen::thousands};
use crate::{
    extract::{Admitted, Inspection},
    quality::{report::FileQuality, tally::Rule, trace::Kept},
};

/// Rows of one rule and file that are told one by one.
const ROWS_TOLD: usize = 5;

/// A table of one provider of which nothing is used.
#[derive(Debug, Serialize)]
pub struct RefusedFeed {
    /// The table.
    pub table: &'static str,
    /// Whose records they are.
    pub provider: String,
    /// The delivery.
    pub delivery: String,
    /// Its files, with their rows as far as they were read; `accepted` are those in which no rule found anything.
    pub files: Vec<FileQuality>,
    /// What the rules found: rejected rows first, and the rule that most rows break.
    pub breaches: Vec<Breach>,
}

/// Rows of one file that break a rule.
#[derive(Debug, Serialize)]
pub struct Breach {
    /// The file, behind the name of the delivery's folder.
    pub file: String,
    /// The rule.
    pub rule: Rule,
    /// What would become of them: "rejected", "repaired", "odd and kept".
    pub what: &'static str,
    /// How many rows, or cells of them, there are.
    pub n: u64,
    /// The first few; none of a rule whose rows are told nowhere.
    pub first_rows: Vec<Cell>,
}

/// Where a rule is broken. Ordered by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Cell {
    /// The row; 1 is the first under the header.
    pub row: u64,
    /// The column.
    pub column: &'static str,
}

impl RefusedFeed {
    /// "gp_events of F84001: 1,234 rows read, 400 rejected".
    pub(super) fn in_words(&self) -> String {
        let sum = |of: fn(&FileQuality) -> u64| self.files.iter().map(of).sum::<u64>();
        let (read, rejected) = (sum(|file| file.tally.read), sum(|file| file.tally.rejected_rows()));
        let of = format!("{} of {}", self.table, self.provider);
        match (read, rejected) {
            (0, _) => format!("{of}: no row was read"),
            (read, 0) => format!("{of}: {} rows read, none rejected", thousands(read)),
            (read, rejected) => format!("{of}: {} rows read, {} rejected", thousands(read), thousands(rejected)),
        }
    }
}

/// What was found in each refused feed of all deliveries, in the order in which they were read.
pub(super) fn refused_feeds(inspections: &[Inspection]) -> Vec<RefusedFeed> {
    let of = |inspection: &Inspection, found: &Admitted| RefusedFeed {
        table: &found.table.name,
        provider: found.provider.clone(),
        delivery: inspection.delivery.id.clone(),
        files: found.files.clone(),
        breaches: breaches(found),
    };
    let feeds = inspections.iter().flat_map(|one| one.refused_feeds.iter().map(move |found| (one, found)));
    feeds.map(|(inspection, found)| of(inspection, found)).collect()
}

fn breaches(found: &Admitted) -> Vec<Breach> {
    // Both lists are sorted by file and row.
    let rejected = found.rejections.iter().map(|one| (&one.file, one.rule, REJECTED, one.row, one.column));
    let kept = found.traces.iter().map(|one| (&one.file, one.rule, one.kept.in_words(), one.row, one.column));
    let mut cells: BTreeMap<(&str, Rule, &str), Vec<Cell>> = BTreeMap::new();
    for (file, rule, what, row, column) in rejected.chain(kept) {
        let cells = cells.entry((file, rule, what)).or_default();
        if cells.len() < ROWS_TOLD {
            cells.push(Cell { row, column });
        }
    }
    let mut breaches = Vec::new();
    for FileQuality { file, tally, .. } in &found.files {
        let (repaired, odd) = (Kept::Repaired.in_words(), Kept::Odd.in_words());
        for (what, counts) in [(REJECTED, &tally.rejected), (repaired, &tally.repaired), (odd, &tally.warned)] {
            breaches.extend(counts.iter().map(|(rule, n)| Breach {
                file: file.clone(),
                rule,
                what,
                n: *n,
                first_rows: cells.remove(&(file.as_str(), *rule, what)).unwrap_or_default(),
            }));
        }
    }
    breaches.sort_by_key(|breach| (breach.what != REJECTED, Reverse(breach.n)));
    breaches
}
