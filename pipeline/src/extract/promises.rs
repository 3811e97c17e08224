//! What a manifest may say: its keys, and names and paths that can be.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::table;
use serde_json::{Map, Value};

use crate::error::{Error, Kind, Result};
use crate::extract::header::nearest;
use crate::extract::manifest::{FileEntry, Manifest};

/// The one version of the contract that this program reads.
const SCHEMA_VERSION: &str = "1";
const LONGEST_NAME: usize = 200;

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
pub(super) type Key = (&'static str, bool);

/// The keys of a manifest.
pub(super) const KEYS: [Key; 16] = [
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
    ("files", true),
];
/// The keys of one line of `files`.
pub(super) const FILE_KEYS: [Key; 6] = [
    ("table", true),
    ("file", true),
    ("row_count", true),
    ("sha256", true),
    ("provider_code", false),
    ("history", false),
];

/// Whether an object has the keys that it must have and no others; `place` is where it stands.
///
/// # Errors
/// Names the key, and the nearest known one.
pub(super) fn check_keys(object: &Map<String, Value>, keys: &[Key], place: &str) -> Result<()> {
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

/// Holds a manifest's words against the contract: version, names, tables, paths, nothing sent twice.
///
/// # Errors
/// The first thing that can't be.
pub(super) fn check(manifest: &Manifest) -> Result<()> {
    if manifest.schema_version != SCHEMA_VERSION {
        return Err(refusal(format!("`schema_version` is not {SCHEMA_VERSION}")));
    }
    if !is_name(&manifest.extract_id) || manifest.extract_id.contains(['/', '\\']) {
        return Err(refusal("`extract_id` is no name: 1 to 200 characters, no slashes"));
    }
    let of_files = manifest.files.iter().filter_map(|file| file.provider_code.as_ref());
    let providers = manifest.provider_code.iter().chain(of_files).map(|code| ("provider_code", code));
    let named = [("supplier", &manifest.supplier), ("pseudonym_key_id", &manifest.pseudonym_key_id)];
    if let Some((key, _)) = named.into_iter().chain(providers).find(|(_, text)| !is_name(text)) {
        return Err(refusal(format!("`{key}` is no name: 1 to 200 characters that can be printed")));
    }
    manifest.files.iter().try_for_each(FileEntry::check)?;
    check_sent_once(manifest)
}

/// A path stands in one line, and several files of a table and provider are parts in the table's folder.
fn check_sent_once(manifest: &Manifest) -> Result<()> {
    let mut paths = BTreeSet::new();
    let mut feeds: BTreeMap<(&str, String), Vec<&FileEntry>> = BTreeMap::new();
    for file in &manifest.files {
        // Names that differ in case only are one file on some disks.
        if !paths.insert(file.file.to_lowercase()) {
            return Err(file.refusal("the file is named twice"));
        }
        feeds.entry((&file.table, manifest.provider_of(file))).or_default().push(file);
    }
    for files in feeds.values().filter(|files| files.len() > 1) {
        if let Some(whole) = files.iter().find(|file| !file.file.contains('/')) {
            return Err(whole.refusal("the table is sent twice for one provider"));
        }
        if files.iter().any(|file| manifest.is_history(file) != manifest.is_history(files[0])) {
            return Err(files[0].refusal("the parts of the table disagree on `history`"));
        }
    }
    Ok(())
}

/// Rows of all files of a delivery still add up.
const LARGEST_ROW_COUNT: u64 = 1 << 40;

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
        if self.row_count > LARGEST_ROW_COUNT {
            return Err(self.refusal("`row_count` is more than any file can hold"));
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

/// A refusal of a manifest; the caller names the file.
pub(super) fn refusal(message: impl Into<String>) -> Error {
    Error::new(Kind::Extract, message).rule("V01")
}

fn is_plain(name: &str) -> bool {
    let is_ordinary = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    name.len() <= LONGEST_NAME
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && name.bytes().all(is_ordinary)
}

/// Something that may stand in a message.
fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= LONGEST_NAME && !text.chars().any(char::is_control)
}

/// A name from outside, safe to show on a terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().take(LONGEST_NAME).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
