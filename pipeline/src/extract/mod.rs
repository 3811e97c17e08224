//! What arrives: deliveries, their manifests, and files read into typed columns.
//!
//! [`delivery::find`] lists what is there, [`inspect`] reads it. Every row is accepted or rejected and counted, a file
//! that isn't what its manifest says is refused whole, and no message ever holds a value of a row.

mod builder;
mod code_watch;
mod coded;
mod codes;
mod columns;
mod csv;
mod cut;
mod decode;
pub mod delivery;
mod feed;
mod file;
mod findings;
mod foreign;
mod group;
mod gzip;
mod header;
mod id_pages;
mod ids;
mod input;
mod inspect;
mod interner;
mod keys;
mod levels;
mod limits;
pub mod look;
pub(crate) mod lost;
pub mod manifest;
mod mapping;
mod marks;
mod no_person;
mod number_watch;
mod pages;
mod parquet;
mod promises;
mod raw;
mod reading;
mod refusal;
mod serial;
mod sound;
mod split;
mod spoilt;
mod sums;
mod teams;
mod translate;
mod typed;
pub mod unfinished;
mod untrusted;
mod watch;
mod word;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Int32Array, UInt64Array};
use arrow::record_batch::RecordBatch;
use earlycall_schemas::codelists::import::Dialect;
use earlycall_schemas::table::TableSpec;

pub use self::codes::is_of_type;
pub use self::columns::{arrow_type, is_coded, read_columns, schema};
pub use self::findings::{judge_feed, refuse_purpose};
pub use self::inspect::{Inspection, inspect};
pub use self::keys::keys;
use self::look::Looks;
use self::manifest::{Manifest, Mode};
pub(crate) use self::refusal::send_again;
pub use self::refusal::{Lacking, Refusal};
pub use self::serial::split_serial;
pub use self::teams::teams_announced;
pub use self::untrusted::Untrusted;
pub(crate) use self::untrusted::is_optional;
use crate::day::{Day, Instant};
use crate::history::records::PersonKey;
use crate::objections::sent::SentLists;
use crate::quality::profile::{FeedProfile, Profile};
use crate::quality::quarantine::Rejection;
pub use crate::quality::registry::Registry;
use crate::quality::report::{DeliveryQuality, FileQuality, TableQuality};
use crate::quality::set_aside::SetAside;
use crate::quality::tally::Tally;
use crate::quality::ten_digits::Shown;
use crate::quality::trace::Trace;
use crate::settings::Settings;

/// Days of a year, in which every season comes once.
const YEAR_DAYS: i32 = 365;

/// A delivery, read and checked.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its `extract_id`.
    pub id: String,
    /// The name of its folder, without the way there.
    pub folder_name: String,
    /// When the data were taken from their source.
    pub extracted_at: Instant,
    /// Whether these are invented persons.
    pub is_synthetic: bool,
    /// Its manifest.
    pub manifest: Manifest,
    /// SHA-256 of its manifest.
    pub manifest_sha256: String,
    /// One for each table and provider: tables in the order of the contract, then by provider.
    pub tables: Vec<Admitted>,
    /// What of it is refused while the rest is used, in the same order.
    pub lacking: Vec<Lacking>,
    /// What of it would be refused, if nobody answered for it.
    pub set_aside: Vec<SetAside>,
    /// What its files looked like when they were found as the manifest says.
    pub looks: Looks,
    /// What it says of the lists of objections, once it is held against what is settled.
    pub lists: Vec<SentLists>,
    /// Tables and providers of which the first rows ever only add, once it is held against what is settled.
    pub founded_on_nothing: Vec<(String, String)>,
}

/// What became of the rows of one table of one provider; of a refused feed, what would have.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// The table.
    pub table: &'static TableSpec,
    /// Whose records they are: the file's `provider_code`, else the manifest's, else its supplier.
    pub provider: String,
    /// Whether the provider is a practice of `reference_practices` or a trust, and nobody who collects what several keep.
    pub is_organisation: bool,
    /// Whether these rows replace all earlier ones of this table and provider.
    pub is_full: bool,
    /// Whether each row was known from its own date on.
    pub is_history: bool,
    /// The numbers.
    pub tally: Tally,
    /// The numbers of each file.
    pub files: Vec<FileQuality>,
    /// The rejected rows, sorted by file and row.
    pub rejections: Vec<Rejection>,
    /// Rows that stay though they break a rule, as many as were asked for, sorted by file and row.
    pub traces: Vec<Trace>,
    /// Codes that are no SNOMED CT concepts, and should be.
    pub dialects: Dialects,
    /// What its columns have shown of numbers of ten digits, for later deliveries to be held beside (V03).
    pub shown: Vec<Shown>,
    /// Columns that may hold NHS numbers, too few to refuse a file: what is said of each.
    pub perhaps_leaks: Vec<String>,
    /// What the accepted rows look like; none where the table declares nothing to count.
    pub profile: Option<FeedProfile>,
    /// What stood of this table and provider, as whoever takes the rows knows.
    pub stood: Stood,
}

/// What the newest full delivery before brought of a table of one provider; nothing where there was none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stood {
    /// Accepted rows.
    pub rows: u64,
    /// Whether all of them happened within a year.
    pub is_of_a_year: bool,
}

/// How many cells of a column are codes of another dialect, by column and what they look like.
pub type Dialects = BTreeMap<(&'static str, Dialect), u64>;

/// The accepted rows of one table of one provider, handed over once its files are read to their end.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The table.
    pub table: &'static TableSpec,
    /// As in [`Admitted`].
    pub provider: String,
    /// As in [`Admitted`].
    pub is_full: bool,
    /// As in [`Admitted`].
    pub is_history: bool,
    /// The rows, of the [`schema`] of the table, in the order in which they were sent.
    pub rows: Vec<RecordBatch>,
    /// Per batch, the [`keys`] of its rows.
    pub keys: Vec<UInt64Array>,
    /// Per batch, the keys that its rows would have if cells of them could not have been read that may be unread; none of a
    /// table whose key has no such cell.
    pub unread: Vec<Option<UInt64Array>>,
    /// Per batch, whom its rows are about.
    pub persons: Vec<Persons>,
    /// The records into which others of `patients` were merged, with their numbers in the [`Registry`].
    pub survivors: Vec<(PersonKey, u32)>,
}

/// Whom the rows of a batch are about; nobody, of a table that is not about persons.
#[derive(Clone, Debug)]
pub struct Persons {
    /// Per row, the place of its person among those that the batch knows.
    pub places: Int32Array,
    /// By that place, their number in the [`Registry`].
    pub numbers: Arc<[u32]>,
}

impl Admitted {
    /// Whether all accepted rows that happened on a day did so within a year, and some did.
    pub fn is_of_a_year(&self) -> bool {
        let of_organisations = self.profile.iter().flat_map(|profile| profile.organisations.values());
        let mut dated = of_organisations.filter_map(|counts| Some((counts, counts.newest? - YEAR_DAYS))).peekable();
        dated.peek().is_some()
            && dated.all(|(counts, since)| counts.days.range(since..).map(|(_, n)| n).sum::<u64>() == counts.rows)
    }
}

impl Delivery {
    /// How a file of it is named wherever somebody reads of it.
    fn place(&self, file: &str) -> String {
        delivery::place(Path::new(&self.folder_name), file)
    }

    /// What its accepted rows look like, for `profile.json`.
    pub fn profile(&self) -> Profile {
        Profile {
            extract_id: self.id.clone(),
            extracted_on: Day::of(self.extracted_at),
            feeds: self.tables.iter().filter_map(|admitted| admitted.profile.clone()).collect(),
            sender: self.manifest.supplier.clone(),
            is_full: self.manifest.delivery == Mode::Full,
            lists: self.lists.clone(),
        }
    }

    /// What its columns have shown of numbers of ten digits.
    pub fn shown(&self) -> Vec<&Shown> {
        self.tables.iter().flat_map(|admitted| &admitted.shown).collect()
    }

    /// The numbers and the warnings, for `quality.json`.
    pub fn quality(&self, settings: &Settings) -> DeliveryQuality {
        let table = |admitted: &Admitted| TableQuality {
            table: &admitted.table.name,
            provider: admitted.provider.clone(),
            tally: admitted.tally.clone(),
            files: admitted.files.clone(),
            kept: admitted.traces.clone(),
        };
        DeliveryQuality {
            extract_id: self.id.clone(),
            folder: self.folder_name.clone(),
            tables: self.tables.iter().map(table).collect(),
            warned: findings::judge(self, settings).warned,
            refused: self.lacking.iter().map(|lacking| lacking.why.clone()).collect(),
            incidents: self.lacking.iter().flat_map(|lacking| lacking.incidents.clone()).collect(),
        }
    }
}
