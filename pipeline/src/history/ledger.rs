//! `history.json`: which deliveries are settled in this generation, and what must hold for it to be used.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    day::{Day, Instant},
    error::{Error, Kind, Result},
    history::records::PersonKey,
};

/// Version of the layout; another version is refused.
pub const VERSION: u32 = 1;

/// The record of one generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Layout of the generation.
    pub version: u32,
    /// Deliveries, in the order in which they were settled.
    pub deliveries: Vec<SettledDelivery>,
    /// Merged records: the superseded person, and the one it was merged into.
    pub merged: BTreeMap<String, String>,
    /// Per file of the generation: rows that count now. A table without a row has no file.
    pub rows: BTreeMap<String, u64>,
    /// Per table and provider, joined by `/`: a full delivery was settled once.
    pub had_full: BTreeSet<String>,
}

/// One settled delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledDelivery {
    /// `extract_id` of its manifest.
    pub extract_id: String,
    /// `extracted_at` of its manifest.
    pub extracted_at: String,
    /// SHA-256 of its manifest, which names the checksum of every file.
    pub manifest_sha256: String,
    /// Whether it is marked as synthetic.
    pub is_synthetic: bool,
}

impl Default for Ledger {
    fn default() -> Ledger {
        Ledger {
            version: VERSION,
            deliveries: Vec::new(),
            merged: BTreeMap::new(),
            rows: BTreeMap::new(),
            had_full: BTreeSet::new(),
        }
    }
}

impl Ledger {
    /// Reads `history.json`.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when it is not of this version.
    pub fn parse(bytes: &[u8]) -> Result<Ledger> {
        let refused = |what: String| {
            Err(Error::new(Kind::Storage, what)
                .file("history.json")
                .hint("point [state] at an empty folder and run again; the deliveries are settled anew"))
        };
        match serde_json::from_slice::<Ledger>(bytes) {
            Ok(ledger) if ledger.version == VERSION => Ok(ledger),
            Ok(ledger) => {
                refused(format!("is of version {}, and this program reads version {VERSION}", ledger.version))
            }
            Err(_) => refused("is not a ledger of settled deliveries".to_owned()),
        }
    }

    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a ledger is plain data");
        bytes.push(b'\n');
        bytes
    }

    /// The record that stands for a person now: the end of the chain of merges.
    pub fn survivor(&self, person: PersonKey) -> PersonKey {
        let mut survivor = person;
        // A chain longer than the number of merges would be a cycle, which the checks refuse.
        for _ in 0..=self.merged.len() {
            match self.merged.get(&survivor.to_text()).and_then(|next| PersonKey::parse(next)) {
                Some(next) => survivor = next,
                None => return survivor,
            }
        }
        survivor
    }

    /// Rows of a table that count now.
    pub fn rows_of(&self, table: &str) -> u64 {
        let is_of_table = |path: &&String| path.ends_with(&format!("/{table}.parquet"));
        self.rows.iter().filter(|(path, _)| is_of_table(path)).map(|(_, rows)| rows).sum()
    }

    /// The day of the newest extract.
    pub fn newest_extract(&self) -> Option<Day> {
        self.deliveries.iter().filter_map(|delivery| Instant::parse(&delivery.extracted_at)).map(Day::of).max()
    }

    /// Whether any settled delivery is synthetic.
    pub fn is_synthetic(&self) -> bool {
        self.deliveries.iter().any(|delivery| delivery.is_synthetic)
    }
}
