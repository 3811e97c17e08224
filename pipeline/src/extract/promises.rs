//! What a manifest may say: its keys, and names and paths that can be.

use std::collections::BTreeMap;

use earlycall_schemas::table;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::extract::header::nearest;
use crate::extract::manifest::{FileEntry, Manifest};
use crate::extract::refusal::broken;

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

/// A key of the manifest, whether it must be there, and what stands under it.
pub(super) type Key = (&'static str, bool, &'static str);

/// The keys of a manifest.
pub(super) const KEYS: [Key; 16] = [
    ("extract_id", true, "a name between quotes"),
    ("schema_version", true, "\"1\", between quotes"),
    ("supplier", true, "a name between quotes"),
    ("provider_code", false, "an ODS code between quotes"),
    ("period_from", false, "a day, such as \"2021-11-20\""),
    ("period_to", false, "a day, such as \"2026-11-20\""),
    ("extracted_at", true, "a moment with its offset, such as \"2026-11-20T23:00:00Z\""),
    ("delivery", true, "\"full\" or \"delta\""),
    ("history", false, "true or false, without quotes"),
    ("pseudonym_key_id", true, "a name between quotes"),
    ("purpose_code", false, "a text between quotes"),
    ("legal_basis_ref", false, "a text between quotes"),
    ("type1_applied_at", false, "a text between quotes"),
    ("ndo_applied_at", false, "a text between quotes"),
    ("is_synthetic", false, "true or false, without quotes"),
    ("files", true, "a list of files, each with its own keys between { and }"),
];
/// The keys of one line of `files`.
pub(super) const FILE_KEYS: [Key; 6] = [
    ("table", true, "the name of a table, between quotes"),
    ("file", true, "a path between quotes"),
    ("row_count", true, "a whole number without quotes"),
    ("sha256", true, "64 hexadecimal characters between quotes"),
    ("provider_code", false, "an ODS code between quotes"),
    ("history", false, "true or false, without quotes"),
];

/// Whether an object has the keys that it must have and no others; `place` is where it stands.
///
/// # Errors
/// Names the key, and the nearest known one.
pub(super) fn check_keys(object: &Map<String, Value>, keys: &[Key], place: &str) -> Result<()> {
    if let Some(unknown) = object.keys().find(|key| keys.iter().all(|(known, ..)| known != key)) {
        let known: Vec<&str> = keys.iter().map(|(known, ..)| *known).collect();
        let what_to_do = match nearest(unknown, known.iter().copied()) {
            Some(nearest) => format!("the nearest known name is `{nearest}`: have it named so, or left out"),
            None => format!("have it left out; the keys are {}", known.join(", ")),
        };
        return Err(broken(format!("the key `{place}{}` is unknown", printable(unknown)), what_to_do));
    }
    match keys.iter().find(|(key, is_needed, _)| *is_needed && !object.contains_key(*key)) {
        Some((key, _, form)) => Err(broken(format!("`{place}{key}` is missing"), format!("have it added: {form}"))),
        None => Ok(()),
    }
}

/// The refusal of what stands at a place of the manifest, such as `files[3].row_count`, and is of another form.
pub(super) fn misshapen(place: &str) -> Error {
    let last = place.rsplit('.').next().unwrap_or_default();
    let key = last.split('[').next().unwrap_or_default();
    let form = KEYS.iter().chain(&FILE_KEYS).find(|(known, ..)| *known == key).map(|(.., form)| *form);
    let what_to_do = match form {
        Some(form) => format!("have it written as {form}"),
        None => "compare it with a manifest that `earlycall synth` makes".to_owned(),
    };
    broken(format!("`{place}` is not of the form that the contract asks for"), what_to_do)
}

/// Holds a manifest's words against the contract: version, names, tables, paths, nothing sent twice.
///
/// # Errors
/// The first thing that can't be.
pub(super) fn check(manifest: &Manifest) -> Result<()> {
    if manifest.schema_version != SCHEMA_VERSION {
        return Err(broken(
            format!("`schema_version` is not {SCHEMA_VERSION}"),
            format!("have the delivery made for version {SCHEMA_VERSION}, the one that this program reads"),
        ));
    }
    if !is_name(&manifest.extract_id) || manifest.extract_id.contains(['/', '\\']) {
        return Err(broken(
            "`extract_id` is no name: 1 to 200 characters, no slashes",
            "have the delivery named otherwise, by its day for example",
        ));
    }
    let of_files = manifest.files.iter().filter_map(|file| file.provider_code.as_ref());
    let providers = manifest.provider_code.iter().chain(of_files).map(|code| ("provider_code", code));
    let named = [("supplier", &manifest.supplier), ("pseudonym_key_id", &manifest.pseudonym_key_id)];
    if let Some((key, _)) = named.into_iter().chain(providers).find(|(_, text)| !is_name(text)) {
        return Err(broken(
            format!("`{key}` is no name: 1 to 200 characters that can be printed"),
            "have it written anew, or left out where it may be",
        ));
    }
    manifest.files.iter().try_for_each(FileEntry::check)?;
    check_sent_once(manifest)
}

/// A path stands in one line, and several files of a table and provider are parts in the table's folder.
fn check_sent_once(manifest: &Manifest) -> Result<()> {
    let mut paths: BTreeMap<String, &FileEntry> = BTreeMap::new();
    let mut feeds: BTreeMap<(&str, String), Vec<&FileEntry>> = BTreeMap::new();
    for file in &manifest.files {
        // Names that differ in case only are one file on some disks.
        match paths.insert(file.file.to_lowercase(), file) {
            Some(other) if other.file == file.file => {
                return Err(file.refusal("the file is named twice", "have one of its lines taken out"));
            }
            Some(_) => {
                let what_to_do = "on some disks they are one file: have one of them named otherwise";
                return Err(file.refusal("another file has this name but for capitals", what_to_do));
            }
            None => {}
        }
        feeds.entry((&file.table, manifest.provider_of(file))).or_default().push(file);
    }
    for files in feeds.values().filter(|files| files.len() > 1) {
        if let Some(whole) = files.iter().find(|file| !file.file.contains('/')) {
            let table = &whole.table;
            let what_to_do = format!(
                "have one of the files left out; or, if they are parts, have them put into {table}/; or, if they are of \
                 several providers, have each name its `provider_code`"
            );
            return Err(whole.refusal("the table is sent twice for one provider", &what_to_do));
        }
        if files.iter().any(|file| manifest.is_history(file) != manifest.is_history(files[0])) {
            let what_to_do = "have all parts of a table say the same; rows of long ago may be a delivery of their own";
            return Err(files[0].refusal("the parts of the table disagree on `history`", what_to_do));
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
            let what_to_do = match nearest(&self.table, table::tables().iter().map(|table| table.name.as_str())) {
                Some(known) => format!("the nearest known name is {known}: have it named so, or left out"),
                None => "`earlycall schema` lists the tables; have any other left out".to_owned(),
            };
            return Err(self.refusal("the table is unknown", &what_to_do));
        }
        if self.file.starts_with('/') || self.file.split(['/', '\\']).any(|part| part == "..") {
            let what_to_do = "have it put into the delivery's own folder, and named from there";
            return Err(self.refusal("the path leads out of the delivery", what_to_do));
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
            let what_to_do = "have it written as `sha256sum` prints it, of the file as it is sent";
            return Err(self.refusal("`sha256` is not 64 lower-case hexadecimal characters", what_to_do));
        }
        if self.row_count > LARGEST_ROW_COUNT {
            let what_to_do = "have the rows counted anew, without the header";
            return Err(self.refusal("`row_count` is more than any file can hold", what_to_do));
        }
        Ok(())
    }

    fn misplaced(&self) -> Error {
        let table = &self.table;
        self.refusal(
            &format!("the path is not {table}.csv, {table}.csv.gz, {table}.parquet or such a file in {table}/"),
            "have the file named so, in lower-case letters, in the folder and in the manifest",
        )
    }

    fn refusal(&self, message: &str, what_to_do: &str) -> Error {
        broken(format!("{}: {message}", printable(&self.file)), what_to_do)
    }
}

fn is_plain(name: &str) -> bool {
    let is_ordinary = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    name.len() <= LONGEST_NAME
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && name.bytes().all(is_ordinary)
}

/// Something that may stand in a message.
pub(super) fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= LONGEST_NAME && !text.chars().any(char::is_control)
}

/// A name from outside, safe to show on a terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().take(LONGEST_NAME).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
