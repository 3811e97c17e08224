//! Traces: rows that stay though they break a rule, pointing back into the delivered file, and never their values.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::quality::faults::Fault;
use crate::quality::quarantine::Rejection;
use crate::quality::tally::Rule;

/// What became of a cell that breaks a rule and costs no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// It was emptied or corrected.
    Repaired,
    /// It stays as it was sent.
    Odd,
}

impl Kept {
    /// The word for it in what is told to people.
    pub fn in_words(self) -> &'static str {
        match self {
            Kept::Repaired => "repaired",
            Kept::Odd => "odd and kept",
        }
    }
}

/// A row that stays though it breaks a rule. Ordered by file and row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Trace {
    /// The file, behind the name of its delivery's folder.
    #[serde(serialize_with = "as_text")]
    pub file: Arc<str>,
    /// The row; 1 is the first under the header.
    pub row: u64,
    /// The column that breaks the rule.
    pub column: &'static str,
    /// The rule.
    pub rule: Rule,
    /// What became of the cell.
    pub kept: Kept,
}

/// The traces of a feed, up to so many of each rule and file.
#[derive(Default)]
pub(crate) struct Traces {
    per_rule: usize,
    counts: BTreeMap<(Arc<str>, Rule), usize>,
    found: Vec<Trace>,
}

impl Traces {
    /// Keeps the first `per_rule` of each rule and file.
    pub fn up_to(per_rule: usize) -> Traces {
        Traces { per_rule, ..Traces::default() }
    }

    /// Takes in the faults of a batch that begins at a row of a file.
    pub fn note(&mut self, file: &Arc<str>, first_row: u64, kept: Kept, faults: impl Iterator<Item = (usize, Fault)>) {
        if self.per_rule == 0 {
            return;
        }
        for (row, Fault { column, rule, .. }) in faults {
            let count = self.counts.entry((Arc::clone(file), rule)).or_default();
            if *count < self.per_rule {
                *count += 1;
                self.found.push(Trace { file: Arc::clone(file), row: first_row + row as u64, column, rule, kept });
            }
        }
    }

    /// The traces of rows that are not among these sorted rejections: a row may be dropped for the sake of another one
    /// after its cells were put right. Several cells of one list are one trace.
    pub fn beside(mut self, rejections: &[Rejection]) -> Vec<Trace> {
        let place = |rejection: &Rejection| (Arc::clone(&rejection.file), rejection.row);
        let is_rejected =
            |trace: &Trace| rejections.binary_search_by_key(&(Arc::clone(&trace.file), trace.row), place).is_ok();
        self.found.retain(|trace| !is_rejected(trace));
        self.found.sort();
        self.found.dedup();
        self.found
    }
}

fn as_text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(per_rule: usize, rejected: &[u64]) -> Vec<(u64, Rule)> {
        let file: Arc<str> = "deaths.csv".into();
        let mut traces = Traces::up_to(per_rule);
        let faults = [(0, "V18"), (0, "V18"), (2, "V18"), (3, "V18"), (1, "V23")];
        let faults = faults.map(|(row, rule)| (row, Fault::new("underlying_cause", rule)));
        traces.note(&file, 11, Kept::Repaired, faults.into_iter());
        let rejection = |row: &u64| Rejection { file: Arc::clone(&file), row: *row, column: "person_id", rule: "V06" };
        traces.beside(&rejected.iter().map(rejection).collect::<Vec<_>>()).iter().map(|t| (t.row, t.rule)).collect()
    }

    #[test]
    fn a_row_is_listed_once_for_each_rule_that_it_breaks_and_not_if_it_is_rejected() {
        assert_eq!(told(9, &[]), [(11, "V18"), (12, "V23"), (13, "V18"), (14, "V18")]);
        assert_eq!(told(9, &[11, 14]), [(12, "V23"), (13, "V18")]);
    }

    #[test]
    fn no_more_are_listed_than_were_asked_for() {
        assert_eq!(told(3, &[]), [(11, "V18"), (12, "V23"), (13, "V18")]);
        assert_eq!(told(0, &[]), []);
    }
}
