//! The numbers of a delivery, for `quality.json` and for `check`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::error::{Error, Kind, Result};
use crate::quality::finding::Finding;
use crate::quality::tally::{self, Rule, Tally};
use crate::quality::trace::Trace;

/// The file of a delivery's numbers, beside what it settled.
pub const FILE: &str = "quality.json";

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileQuality {
    /// The file, behind the name of its delivery's folder.
    pub file: String,
    /// Its rows.
    #[serde(flatten)]
    pub tally: Tally,
    /// What its columns have lost, in the order of the table: of each column that has lost a cell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<LostCells>,
}

/// The cells that a column of a file has lost: emptied or replaced, or gone with their rows because they cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LostCells {
    /// The column, as the supplier calls it.
    pub column: &'static str,
    /// Cells with anything in them.
    pub filled: u64,
    /// Those that are lost, by the rule that emptied or replaced each.
    pub lost: BTreeMap<Rule, u64>,
    /// Of these, the ones whose rows stay without them though something uses the column: nothing else would tell.
    pub missed: u64,
}

impl LostCells {
    /// How many are lost.
    pub fn n(&self) -> u64 {
        self.lost.values().sum()
    }

    /// The share of the filled cells, from 0 to 1, that some of them are.
    pub fn share_of(&self, n: u64) -> f64 {
        n as f64 / self.filled.max(1) as f64
    }

    /// The rule by which most are lost; of two that are as common, the first.
    ///
    /// # Panics
    /// When none is lost.
    pub fn commonest_rule(&self) -> Rule {
        let (rule, _) = self.lost.iter().rev().max_by_key(|(_, n)| **n).expect("a cell is lost");
        rule
    }

    /// Adds what the same column of another file has lost.
    pub fn add(&mut self, other: &LostCells) {
        self.filled += other.filled;
        tally::add(&mut self.lost, &other.lost);
        self.missed += other.missed;
    }
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
    /// Rows that stay though they break a rule, where they were asked for: `check` does, a night doesn't.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Trace>,
}

/// What became of a delivery: a part of `quality.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryQuality {
    /// The delivery.
    pub extract_id: String,
    /// The name of its folder, without the way there.
    pub folder: String,
    /// Its tables, in the order of the contract, then by provider.
    pub tables: Vec<TableQuality>,
    /// What is odd about tables as a whole.
    pub warned: Vec<Finding>,
    /// Why files are refused, one line each.
    pub refused: Vec<String>,
    /// Why files are data incidents, one line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<String>,
}

/// What was found in deliveries when they arrived, for whoever started the night.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// What was odd about tables as a whole.
    pub warned: Vec<Finding>,
    /// How many rows of each table were rejected for what they say.
    pub rejected: BTreeMap<String, u64>,
    /// Why files were data incidents, one line each.
    pub incidents: Vec<String>,
}

impl Found {
    /// Adds what the bytes of a delivery's file tell.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when they are no such file.
    pub fn add(&mut self, bytes: &[u8]) -> Result<()> {
        #[derive(Deserialize)]
        struct OfDelivery {
            warned: Vec<Finding>,
            #[serde(default)]
            incidents: Vec<String>,
        }
        let OfDelivery { warned, incidents } = parse(bytes)?;
        self.warned.extend(warned);
        self.incidents.extend(incidents);
        for (table, n) in rejected(bytes)? {
            *self.rejected.entry(table).or_default() += n;
        }
        Ok(())
    }
}

/// That something is done all the same although files are data incidents, from why these were refused; none where none was.
pub fn incident_in_words(done: &str, incidents: &[String]) -> Option<String> {
    let first = incidents.first()?;
    let more = match incidents.len() {
        1 => String::new(),
        n => format!(" (the first of {n} such files)"),
    };
    Some(format!("DATA INCIDENT, {done} without the file{more}: {first}"))
}

/// How many rows of each table were rejected for what they say, out of the bytes of a delivery's file. Strangers, copies,
/// practices that do not share and restricted entries are no fault of a row.
fn rejected(bytes: &[u8]) -> Result<BTreeMap<String, u64>> {
    #[derive(Deserialize)]
    struct Tables {
        tables: Vec<OfTable>,
    }
    #[derive(Deserialize)]
    struct OfTable {
        table: String,
        rejected: BTreeMap<String, u64>,
    }
    let mut rejected = BTreeMap::new();
    for of in parse::<Tables>(bytes)?.tables {
        let n: u64 = of.rejected.iter().filter(|(rule, _)| Tally::is_in_share(rule)).map(|(_, n)| n).sum();
        if n > 0 {
            *rejected.entry(of.table).or_default() += n;
        }
    }
    Ok(rejected)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|_| {
        Error::new(Kind::Storage, "is not what the checks found in a delivery")
            .file(FILE)
            .hint("point [state] at an empty folder and run again; the deliveries are settled anew")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_incidents_the_first_is_told_and_how_many_there_are() {
        let told = |incidents: &[&str]| {
            let incidents: Vec<String> = incidents.iter().map(|one| (*one).to_owned()).collect();
            incident_in_words("the night goes on", &incidents)
        };
        assert_eq!(told(&[]), None);
        let one = "DATA INCIDENT, the night goes on without the file: a.csv, rule V03: is a postcode; hint: delete it";
        assert_eq!(told(&["a.csv, rule V03: is a postcode; hint: delete it"]).unwrap(), one);
        let two = "DATA INCIDENT, the night goes on without the file (the first of 2 such files): a.csv, rule V03";
        assert_eq!(told(&["a.csv, rule V03", "b.csv, rule V04"]).unwrap(), two);
    }
}
