//! `manifest.json`: what a supplier says they have sent.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::table;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::day::{Day, Instant};
use crate::error::{Error, Kind, Result};
use crate::extract::header::nearest;

/// The one version of the contract that this program reads.
const SCHEMA_VERSION: &str = "1";
const LONGEST_NAME: usize = 200;

/// The sender's description of a delivery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Names the delivery; unique among all deliveries.
    pub extract_id: String,
    /// Version of the contract: `1`.
    pub schema_version: String,
    /// Who made the delivery.
    pub supplier: String,
    /// The organisation whose records these are, unless a file names its own. Absent: the supplier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_code: Option<String>,
    /// First day covered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_from: Option<Day>,
    /// Last day covered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_to: Option<Day>,
    /// When the data were taken from their source.
    #[serde(serialize_with = "write_instant", deserialize_with = "read_instant")]
    pub extracted_at: Instant,
    /// Whether this replaces or adds.
    pub delivery: Mode,
    /// Whether rows are of long ago, so that each was known from its own date on and not only since this delivery.
    #[serde(default, skip_serializing_if = "is_false")]
    pub history: bool,
    /// The key under which persons were pseudonymised; one for all deliveries (V02).
    pub pseudonym_key_id: String,
    /// What the data may be used for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose_code: Option<String>,
    /// The legal basis of the flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis_ref: Option<String>,
    /// When the supplier last took type 1 objections out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type1_applied_at: Option<String>,
    /// When the supplier last took national data opt-outs out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ndo_applied_at: Option<String>,
    /// Whether these are invented persons.
    #[serde(default)]
    pub is_synthetic: bool,
    /// The files.
    pub files: Vec<FileEntry>,
}

/// Whether a delivery replaces a table or adds to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Replaces all earlier rows of each table and provider in it.
    Full,
    /// Adds, corrects by primary key, and withdraws by `is_deleted`.
    Delta,
}

/// One file of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Name of the table.
    pub table: String,
    /// Path inside the delivery: `TABLE.csv`, `TABLE.csv.gz`, `TABLE.parquet`, or a file of those kinds in `TABLE/`.
    pub file: String,
    /// Rows, without the header.
    pub row_count: u64,
    /// SHA-256 of the file as sent, 64 lower-case hexadecimal characters.
    pub sha256: String,
    /// The organisation whose records these are, where it isn't the manifest's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_code: Option<String>,
    /// As the manifest's `history`, for this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<bool>,
}

/// The format of a file, told by its ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    CsvGz,
    Parquet,
}

impl Format {
    /// The format of a file name and the name without its ending; none if it isn't a file of data.
    pub fn of(name: &str) -> Option<(&str, Format)> {
        let endings = [(".csv", Format::Csv), (".csv.gz", Format::CsvGz), (".parquet", Format::Parquet)];
        endings.iter().find_map(|(ending, format)| Some((name.strip_suffix(ending)?, *format)))
    }
}

/// A key of the manifest, and whether it must be there.
type Key = (&'static str, bool);

const KEYS: [Key; 15] = [
    ("extract_id", true),
    ("schema_version", true),
    ("supplier", true),
    ("provider_code", false),
    ("period_from", false),
    ("period_to", false),
    ("extracted_at", true),
    ("delivery", true),
    ("history", false),
    ("pseudonym_key_id", true),
    ("purpose_code", false),
    ("legal_basis_ref", false),
    ("type1_applied_at", false),
    ("ndo_applied_at", false),
    ("is_synthetic", false),
];
const FILES: Key = ("files", true);
const FILE_KEYS: [Key; 6] = [
    ("table", true),
    ("file", true),
    ("row_count", true),
    ("sha256", true),
    ("provider_code", false),
    ("history", false),
];

impl Manifest {
    /// Reads a manifest and checks what it says of itself; the files are not looked at.
    ///
    /// # Errors
    /// The text is not JSON of this shape, has an unknown key, or names tables or paths that can't be.
    pub fn parse(json: &[u8]) -> Result<Manifest> {
        let value: Value =
            serde_json::from_slice(json).map_err(|error| refusal(format!("line {} is not JSON", error.line())))?;
        let object = value.as_object().ok_or_else(|| refusal("is not a JSON object"))?;
        check_keys(object, &[&KEYS[..], &[FILES]].concat(), "")?;
        for (n, file) in object["files"].as_array().into_iter().flatten().enumerate() {
            if let Some(file) = file.as_object() {
                check_keys(file, &FILE_KEYS, &format!("files[{n}]."))?;
            }
        }
        let manifest: Manifest = serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(json))
            .map_err(|error| refusal(format!("`{}` is not of the form that the contract asks for", error.path())))?;
        manifest.check()?;
        Ok(manifest)
    }

    /// The organisation whose records a file holds.
    pub fn provider_of(&self, file: &FileEntry) -> String {
        file.provider_code.as_ref().or(self.provider_code.as_ref()).unwrap_or(&self.supplier).clone()
    }

    /// Whether the rows of a file are of long ago.
    pub fn is_history(&self, file: &FileEntry) -> bool {
        file.history.unwrap_or(self.history)
    }

    fn check(&self) -> Result<()> {
        if self.schema_version != SCHEMA_VERSION {
            return Err(refusal(format!("`schema_version` is not {SCHEMA_VERSION}")));
        }
        let is_name = |text: &str| {
            !text.trim().is_empty() && text.len() <= LONGEST_NAME && !text.contains(['/', '\\']) && is_printable(text)
        };
        if !is_name(&self.extract_id) {
            return Err(refusal("`extract_id` is no name: 1 to 200 characters, no slashes"));
        }
        self.files.iter().try_for_each(FileEntry::check)?;
        self.check_sent_once()
    }

    /// A path stands in one line, and several files of a table and provider are parts in the table's folder.
    fn check_sent_once(&self) -> Result<()> {
        let mut paths = BTreeSet::new();
        let mut feeds: BTreeMap<(&str, String), Vec<&FileEntry>> = BTreeMap::new();
        for file in &self.files {
            // Names that differ in case only are one file on some disks.
            if !paths.insert(file.file.to_lowercase()) {
                return Err(file.refusal("the file is named twice"));
            }
            feeds.entry((&file.table, self.provider_of(file))).or_default().push(file);
        }
        for files in feeds.values().filter(|files| files.len() > 1) {
            if let Some(whole) = files.iter().find(|file| !file.file.contains('/')) {
                return Err(whole.refusal("the table is sent twice for one provider"));
            }
            if files.iter().any(|file| self.is_history(file) != self.is_history(files[0])) {
                return Err(files[0].refusal("the parts of the table disagree on `history`"));
            }
        }
        Ok(())
    }
}

impl FileEntry {
    pub(super) fn format(&self) -> Result<Format> {
        let name = self.file.rsplit('/').next().unwrap_or_default();
        Format::of(name).map(|(_, format)| format).ok_or_else(|| self.misplaced())
    }

    fn check(&self) -> Result<()> {
        if table::table(&self.table).is_none() {
            let error = self.refusal("the table is unknown");
            return Err(match nearest(&self.table, table::tables().iter().map(|table| table.name.as_str())) {
                Some(known) => error.hint(format!("the nearest known name is {known}")),
                None => error.hint("`earlycall schema` lists the tables"),
            });
        }
        if self.file.starts_with('/') || self.file.split(['/', '\\']).any(|part| part == "..") {
            return Err(self.refusal("the path leads out of the delivery"));
        }
        let belongs = match self.file.split_once('/') {
            Some((folder, part)) => folder == self.table && is_plain(part) && Format::of(part).is_some(),
            None => Format::of(&self.file).is_some_and(|(stem, _)| stem == self.table),
        };
        if !belongs {
            return Err(self.misplaced());
        }
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if self.sha256.len() != 64 || !self.sha256.bytes().all(is_hex) {
            return Err(self.refusal("`sha256` is not 64 lower-case hexadecimal characters"));
        }
        Ok(())
    }

    fn misplaced(&self) -> Error {
        let table = &self.table;
        self.refusal(&format!(
            "the path is not {table}.csv, {table}.csv.gz, {table}.parquet or such a file in {table}/"
        ))
    }

    fn refusal(&self, message: &str) -> Error {
        refusal(format!("{}: {message}", printable(&self.file)))
    }
}

fn check_keys(object: &Map<String, Value>, keys: &[Key], place: &str) -> Result<()> {
    if let Some(unknown) = object.keys().find(|key| keys.iter().all(|(known, _)| known != key)) {
        let error = refusal(format!("the key `{place}{}` is unknown", printable(unknown)));
        return Err(match nearest(unknown, keys.iter().map(|(known, _)| *known)) {
            Some(known) => error.hint(format!("the nearest known name is `{known}`")),
            None => error,
        });
    }
    match keys.iter().find(|(key, is_needed)| *is_needed && !object.contains_key(*key)) {
        Some((key, _)) => Err(refusal(format!("`{place}{key}` is missing"))),
        None => Ok(()),
    }
}

fn refusal(message: impl Into<String>) -> Error {
    Error::new(Kind::Extract, message).rule("V01")
}

fn is_plain(name: &str) -> bool {
    let is_ordinary = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    name.len() <= LONGEST_NAME
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && name.bytes().all(is_ordinary)
}

fn is_printable(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// A name from a manifest, safe to show on a terminal.
fn printable(text: &str) -> String {
    text.chars().take(LONGEST_NAME).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn write_instant<S: Serializer>(instant: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(instant)
}

fn read_instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
    let text = String::deserialize(deserializer)?;
    Instant::parse(&text).ok_or_else(|| serde::de::Error::custom("not an RFC 3339 timestamp"))
}
