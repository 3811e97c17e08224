//! The numbers of a delivery, for `quality.json` and for the screen.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::quality::finding::Finding;
use crate::quality::tally::{Rule, Tally};

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileQuality {
    /// The file, as the manifest names it.
    pub file: String,
    /// Its rows.
    #[serde(flatten)]
    pub tally: Tally,
}

/// What became of a table of one provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableQuality {
    /// The table.
    pub table: &'static str,
    /// Whose records they are.
    pub provider: String,
    /// Its rows, over all files.
    #[serde(flatten)]
    pub tally: Tally,
    /// Its files.
    pub files: Vec<FileQuality>,
}

/// What became of a delivery: a part of `quality.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryQuality {
    /// The delivery.
    pub extract_id: String,
    /// Its tables, in the order of the contract, then by provider.
    pub tables: Vec<TableQuality>,
    /// What is odd about tables as a whole.
    pub warned: Vec<Finding>,
    /// Why files are refused, one line each.
    pub refused: Vec<String>,
}

impl DeliveryQuality {
    /// A summary that fits a screen: one line per table, then one per rule that was broken, then the refusals.
    pub fn text(&self) -> String {
        let mut text = format!("delivery {}\n", self.extract_id);
        text.push_str(&line("table", ["read", "accepted", "rejected", "repaired"].map(str::to_owned)));
        let mut sum = Tally::default();
        for (table, tally) in self.by_table() {
            let counts = [tally.read, tally.accepted, tally.rejected_rows(), tally.repaired.values().sum()];
            text.push_str(&line(table, counts.map(thousands)));
            sum.add(&tally);
        }
        for (kind, counts) in
            [("rows rejected", &sum.rejected), ("cells repaired", &sum.repaired), ("odd cells kept", &sum.warned)]
        {
            text.push_str(&by_rule(kind, counts));
        }
        for finding in &self.warned {
            text.push_str(&format!("warning: {}\n", finding.text()));
        }
        for refusal in &self.refused {
            text.push_str(&format!("refused: {refusal}\n"));
        }
        text
    }

    /// Tallies of each table over all providers, in the order of the contract.
    fn by_table(&self) -> Vec<(&'static str, Tally)> {
        let mut sums: Vec<(&'static str, Tally)> = Vec::new();
        for table in &self.tables {
            match sums.last_mut().filter(|(name, _)| *name == table.table) {
                Some((_, tally)) => tally.add(&table.tally),
                None => sums.push((table.table, table.tally.clone())),
            }
        }
        sums
    }
}

fn by_rule(kind: &str, counts: &BTreeMap<Rule, u64>) -> String {
    if counts.is_empty() {
        return String::new();
    }
    let counts: Vec<String> = counts.iter().map(|(rule, n)| format!("{rule} {}", thousands(*n))).collect();
    format!("{kind}, by rule: {}; `earlycall explain rule ID` tells more\n", counts.join(", "))
}

fn line(table: &str, counts: [String; 4]) -> String {
    let [read, accepted, rejected, repaired] = counts;
    format!("  {table:<20}{read:>14}{accepted:>14}{rejected:>12}{repaired:>12}\n")
}

/// "12,345".
fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).expect("digits")).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_has_a_line_per_table_and_one_per_kind_of_trouble() {
        let table = |provider: &str, read, rejected: &[(Rule, u64)]| TableQuality {
            table: "deaths",
            provider: provider.to_owned(),
            tally: Tally {
                read,
                accepted: read - rejected.iter().map(|(_, n)| n).sum::<u64>(),
                rejected: rejected.iter().copied().collect(),
                repaired: BTreeMap::from([("V18", 3)]),
                ..Tally::default()
            },
            files: Vec::new(),
        };
        let quality = DeliveryQuality {
            extract_id: "tuesday".into(),
            tables: vec![table("R1H", 1_200, &[("V09", 2)]), table("RF4", 34, &[("NULL", 1), ("V09", 1)])],
            warned: Vec::new(),
            refused: vec!["patients.csv, rule V01: why".into()],
        };
        assert_eq!(
            quality.text(),
            "delivery tuesday\n  \
             table                         read      accepted    rejected    repaired\n  \
             deaths                       1,234         1,230           4           6\n\
             rows rejected, by rule: NULL 1, V09 3; `earlycall explain rule ID` tells more\n\
             cells repaired, by rule: V18 6; `earlycall explain rule ID` tells more\n\
             refused: patients.csv, rule V01: why\n"
        );
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }
}
