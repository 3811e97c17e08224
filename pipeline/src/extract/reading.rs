//! How the files of a delivery are read, as the settings say.

use std::collections::BTreeMap;
use std::sync::Arc;

use earlycall_schemas::table::{TableSpec, table, tables};

use crate::day::Instant;
use crate::error::Result;
use crate::extract::header;
use crate::extract::limits::Limits;
use crate::extract::mapping::{Mapping, Source};
use crate::extract::watch::Shown;
use crate::settings::{Encoding, Settings, TableMapping};

/// So many files of the largest size would fill the memory. Each thread has one in hand.
const FILES_IN_MEMORY: u64 = 64;

/// What of the settings concerns the reading of files.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// How much there may be.
    pub limits: Limits,
    /// Bytes of a file that is read into memory as it lies on the disk.
    pub in_memory_max: u64,
    /// Tables of which no file is opened.
    unread: Vec<&'static str>,
    /// By table.
    mappings: BTreeMap<String, OfTable>,
}

/// The mappings of a table: of some providers, and of all others.
#[derive(Clone, Debug)]
struct OfTable {
    others: Arc<Mapping>,
    providers: BTreeMap<String, Arc<Mapping>>,
}

impl Reading {
    pub fn of(settings: &Settings) -> Reading {
        let of_table = |(name, rules): (&String, &TableMapping)| {
            let table = table(name).expect("settings are checked");
            let mapping = |code: &str| Arc::new(Mapping::of(table, rules.of_provider(code)));
            let providers = rules.provider.keys().map(|code| (code.clone(), mapping(code))).collect();
            let others = Arc::new(Mapping::of(table, rules.of_provider("")));
            (name.clone(), OfTable { others, providers })
        };
        Reading {
            limits: Limits::of(&settings.rules),
            in_memory_max: settings.run.memory_limit_bytes() / FILES_IN_MEMORY,
            unread: tables().iter().filter(|table| !settings.feeds.allow(table)).map(|table| &*table.name).collect(),
            mappings: settings.extracts.mapping.iter().map(of_table).collect(),
        }
    }

    /// Whether the files of a table are opened: a table that is optional needs a legal basis (R4).
    pub fn may_read(&self, table: &str) -> bool {
        !self.unread.contains(&table)
    }

    /// How a provider's columns of a table become ours, if they are not ours already.
    pub fn mapping(&self, table: &str, provider: &str) -> Option<&Mapping> {
        let of_table = self.mappings.get(table)?;
        Some(of_table.providers.get(provider).unwrap_or(&of_table.others))
    }
}

/// How one file is read.
pub(super) struct Way<'a> {
    pub table: &'static TableSpec,
    pub mapping: Option<&'a Mapping>,
    pub extracted_at: Instant,
    pub batch_rows: usize,
    pub limits: &'a Limits,
    /// Where it is left what the columns have shown, once the file is read to its end.
    pub shown: &'a Shown,
}

impl Way<'_> {
    /// How the characters of a CSV file are written.
    pub fn encoding(&self) -> Encoding {
        self.mapping.map_or(Encoding::Utf8, Mapping::encoding)
    }

    /// For each column of the table, where its cells come from, given the columns of the file.
    ///
    /// # Errors
    /// The columns are not those of the table, or not those of the mapping.
    pub fn sources(&self, names: &[&str]) -> Result<Vec<Source>> {
        match self.mapping {
            Some(mapping) => mapping.sources(self.table, names, self.extracted_at),
            None => {
                let positions = header::positions(self.table, names)?.into_iter();
                Ok(positions.map(|place| place.map_or(Source::Absent, Source::At)).collect())
            }
        }
    }
}
