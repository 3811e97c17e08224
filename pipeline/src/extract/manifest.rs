//! `manifest.json`: what a supplier says they have sent.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::day::{Day, Instant};
use crate::error::{Error, Result};
use crate::extract::promises::{self, FILE_KEYS, KEYS, check, check_keys};
use crate::extract::refusal::broken;
use crate::extract::untrusted::is_optional;

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

/// What a manifest that is no good otherwise says all the same: of when it is, and which tables its lines name.
#[derive(Debug, Deserialize)]
pub struct Outline {
    #[serde(default)]
    extract_id: Value,
    #[serde(default)]
    extracted_at: Value,
    files: Vec<OutlinedFile>,
}

#[derive(Debug, Deserialize)]
struct OutlinedFile {
    table: String,
}

/// Lines of an optional table that are left out of a manifest.
#[derive(Clone, Debug)]
pub struct Spoilt {
    /// What is wrong with them, and what to do.
    pub why: Error,
    /// Whose they are.
    pub providers: BTreeSet<String>,
}

impl Outline {
    /// Reads it; none where the text is no JSON, has a key twice or none of `files`, or a line names no table. What stood
    /// there may then have told of any.
    pub fn parse(json: &[u8]) -> Option<Outline> {
        serde_json::from_slice(json).ok()
    }

    /// The tables that its lines name; some may be no table's.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.table.as_str())
    }

    /// Its `extract_id`, if that is a name.
    pub fn extract_id(&self) -> Option<&str> {
        self.extract_id.as_str().filter(|id| promises::is_name(id))
    }

    /// When it was extracted, if that is a moment.
    pub fn extracted_at(&self) -> Option<Instant> {
        Instant::parse(self.extracted_at.as_str()?)
    }
}

impl Manifest {
    /// Rows that the manifest announces for a table, over all its files.
    pub fn rows_of(&self, table: &str) -> u64 {
        self.files.iter().filter(|file| file.table == table).map(|file| file.row_count).sum()
    }

    /// Reads a manifest and checks what it says of itself; the files are not looked at.
    ///
    /// # Errors
    /// The text is not JSON of this shape, has an unknown key, or names tables or paths that can't be.
    pub fn parse(json: &[u8]) -> Result<Manifest> {
        let value: Value = serde_json::from_slice(json).map_err(|error| not_json(&error))?;
        let object = value.as_object().ok_or_else(|| {
            broken("is not a JSON object", "have it made anew: `{` and `}` around the keys of the contract")
        })?;
        check_keys(object, &KEYS, "")?;
        for (n, file) in object["files"].as_array().into_iter().flatten().enumerate() {
            if let Some(file) = file.as_object() {
                check_keys(file, &FILE_KEYS, &format!("files[{n}]."))?;
            }
        }
        let manifest: Manifest = serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(json))
            .map_err(|error| promises::misshapen(&error.path().to_string()))?;
        check(&manifest)?;
        Ok(manifest)
    }

    /// The same, but that lines of an optional table which cannot be are left out, where the manifest brings other tables as
    /// well. Gives beside the rest what is wrong with each such table. `hold` asks more of a manifest.
    ///
    /// # Errors
    /// As [`Manifest::parse`], or as `hold` says, where anything but optional tables is at fault, or there is nothing else.
    pub fn parse_apart(
        json: &[u8],
        hold: impl Fn(&Manifest) -> Result<()>,
    ) -> Result<(Manifest, BTreeMap<String, Spoilt>)> {
        let read = |json: &[u8]| Manifest::parse(json).and_then(|manifest| hold(&manifest).map(|()| manifest));
        let error = match read(json) {
            Ok(manifest) => return Ok((manifest, BTreeMap::new())),
            Err(error) => error,
        };
        // Of a key that is there twice the last would be read alone, and the first may have named who objects.
        if Outline::parse(json).is_none() {
            return Err(error);
        }
        let Ok(mut value) = serde_json::from_slice::<Value>(json) else { return Err(error) };
        let Some(lines) = value.get("files").and_then(Value::as_array).cloned() else { return Err(error) };
        let mut read_with = |is_wanted: &dyn Fn(&str) -> bool| {
            value["files"] = lines.iter().filter(|line| is_wanted(table_in(line))).cloned().collect();
            read(value.to_string().as_bytes())
        };
        let others = read_with(&|table| !is_optional(table)).map_err(|_| error.clone())?;
        if others.files.is_empty() {
            return Err(error);
        }
        let mut apart = BTreeMap::new();
        for table in lines.iter().map(table_in).filter(|table| is_optional(table)).collect::<BTreeSet<_>>() {
            if let Err(error) = read_with(&|of| of == table) {
                apart.insert(table.to_owned(), error.also(&format!("that is of the lines of {table} alone")));
            }
        }
        let rest = read_with(&|table| !apart.contains_key(table)).map_err(|_| error.clone())?;
        if apart.is_empty() {
            return Err(error);
        }
        let spoilt = |(table, why): (String, Error)| {
            let its_own = lines.iter().filter(|line| table_in(line) == table);
            let providers =
                its_own.map(|line| provider_in(line).map_or_else(|| rest.provider(), str::to_owned)).collect();
            (table, Spoilt { why, providers })
        };
        let spoilt = apart.into_iter().map(spoilt).collect();
        Ok((rest, spoilt))
    }

    /// The organisation whose records a file holds.
    pub fn provider_of(&self, file: &FileEntry) -> String {
        file.provider_code.clone().unwrap_or_else(|| self.provider())
    }

    /// The organisation whose records a file holds that names none.
    pub(super) fn provider(&self) -> String {
        self.provider_code.as_ref().unwrap_or(&self.supplier).clone()
    }

    /// Whether the rows of a file are of long ago.
    pub fn is_history(&self, file: &FileEntry) -> bool {
        file.history.unwrap_or(self.history)
    }
}

/// What a line of a manifest calls its table.
fn table_in(line: &Value) -> &str {
    line.get("table").and_then(Value::as_str).unwrap_or_default()
}

/// Whose it says its file is, if that is a name.
fn provider_in(line: &Value) -> Option<&str> {
    line.get("provider_code").and_then(Value::as_str).filter(|code| promises::is_name(code))
}

/// The words of the library are not passed on: they may quote what stands there.
fn not_json(error: &serde_json::Error) -> Error {
    let line = error.line();
    if error.is_eof() {
        broken(
            format!("line {line} is not JSON: it ends too early"),
            "it was cut short, or is still being copied: have it sent again, after all its files",
        )
    } else {
        let column = error.column();
        broken(
            format!("line {line} is not JSON, from character {column} on"),
            "have it written by a program and not by hand; a comma too many or too few is the usual cause",
        )
    }
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
