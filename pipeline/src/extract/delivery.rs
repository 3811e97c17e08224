//! The deliveries in a folder, and whether each folder holds what its manifest says, before any file is opened.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::day::Instant;
use crate::error::{Error, Result};
use crate::extract::limits::Limits;
use crate::extract::look::Looks;
use crate::extract::manifest::{FileEntry, Manifest, Spoilt};
use crate::extract::promises::{Format, printable};
use crate::extract::reading::Reading;
use crate::extract::refusal::broken;
use crate::extract::sums::Sums;
use crate::extract::untrusted::{Untrusted, is_optional};
use crate::settings::Settings;
use crate::sha256::sha256;

pub(crate) const MANIFEST: &str = "manifest.json";

/// A folder with a manifest that has been read, and files that have not.
#[derive(Clone, Debug)]
pub struct DeliveryFolder {
    /// The folder.
    pub path: PathBuf,
    /// Its manifest, but for the files of tables that may not be read.
    pub manifest: Manifest,
    /// These files: optional tables without a legal basis (R4). Nobody opens one.
    pub unread: Vec<FileEntry>,
    /// Optional tables of which the manifest's lines cannot be read; none of their files is in the manifest.
    pub(super) spoilt: BTreeMap<String, Spoilt>,
    /// SHA-256 of the manifest as it was sent, 64 lower-case hexadecimal characters; it vouches for every file.
    pub manifest_sha256: String,
    /// How its files are read.
    pub(super) reading: Arc<Reading>,
}

/// What a service has got.
#[derive(Debug, Default)]
pub struct Arrived {
    /// The deliveries, oldest first.
    pub deliveries: Vec<DeliveryFolder>,
    /// Those that bring nothing but optional tables without a legal basis (R4). Whatever they say, and of whatever day, is
    /// no matter to a night.
    pub set_aside: Vec<DeliveryFolder>,
    /// Those of optional tables alone whose manifest cannot be read, or that do not go together with others.
    pub untrusted: Vec<Untrusted>,
}

/// The deliveries of a folder, read as a service reads them that may read every table and sets nothing else itself; else
/// as [`arrived`].
///
/// # Errors
/// As [`arrived`].
pub fn find(folder: &Path) -> Result<Vec<DeliveryFolder>> {
    find_with(folder, Reading::default()).map(|arrived| arrived.deliveries)
}

/// The deliveries that a service has got, oldest first: by `extracted_at`, then `extract_id`. Its folder is one
/// delivery, or a folder of deliveries.
///
/// A folder without a manifest is one whose copying hasn't finished, and is passed over ([`super::unfinished`] tells of
/// it); so is a hidden one.
///
/// # Errors
/// There is no delivery, a manifest is malformed, two have one `extract_id`, persons are pseudonymised under several
/// keys (V02), a delivery is a link to another place, or there is more than the limits of V01 allow. None of these is one
/// where it is the fault of a delivery of optional tables alone: that is [`Untrusted`]. It is not of those alone where its
/// manifest is no JSON, or where a file of another table lies beside it.
pub fn arrived(settings: &Settings) -> Result<Arrived> {
    find_with(&settings.extracts.folder, Reading::of(settings))
}

fn find_with(folder: &Path, reading: Reading) -> Result<Arrived> {
    let reading = Arc::new(reading);
    let (mut found, mut untrusted) = (Vec::new(), Vec::new());
    let mut look_at = |path: &Path| -> Result<()> {
        match open(path, &reading) {
            Ok(delivery) => found.push(delivery),
            Err(why) => untrusted.push(Untrusted::unreadable(path, &reading, why)?),
        }
        Ok(())
    };
    if !folder.is_dir() {
        return Err(Error::refused(
            "the folder of deliveries is not there",
            "make it, or correct `[extracts] folder`; a disk that should hold it may not be mounted",
        )
        .file(folder.display().to_string()));
    }
    if folder.join(MANIFEST).exists() {
        look_at(folder)?;
    } else {
        for path in sub_folders(folder, &reading.limits)? {
            if path.join(MANIFEST).exists() {
                look_at(&path)?;
            }
        }
    }
    if found.is_empty() && untrusted.is_empty() {
        return Err(Error::refused(
            "there is no delivery: no folder with a manifest.json",
            "a delivery is complete once its manifest is there: wait for it, or ask the supplier",
        )
        .file(folder.display().to_string()));
    }
    found.iter().try_for_each(refuse_hidden)?;
    found.sort_by_key(in_time);
    let (set_aside, deliveries): (Vec<_>, Vec<_>) = found.into_iter().partition(DeliveryFolder::is_unread);
    let (deliveries, apart) = going_together(deliveries)?;
    untrusted.extend(apart);
    Ok(Arrived { deliveries, set_aside, untrusted })
}

/// Nothing of a delivery that a night can do without may hide what it cannot: a file may tell who objects, or who has died,
/// though the manifest does not name it.
fn refuse_hidden(delivery: &DeliveryFolder) -> Result<()> {
    if !delivery.is_unread() && !delivery.is_of_optional_tables() {
        return Ok(());
    }
    let hidden = strays(delivery)?.into_iter().find(|(table, _)| !is_optional(table));
    hidden.map_or(Ok(()), |(_, why)| Err(why))
}

/// Makes sure that the files of a delivery that was read before are still what its manifest says, but for those of which
/// nothing was settled then. What still looks as it did when that was found before (`known`) is not read. Tells what they look
/// like, and which of optional tables are missing or differ from their checksum: what was settled of those stands.
///
/// # Errors
/// A file of another table is missing or differs: the first in the order of the manifest.
pub fn verify(
    delivery: &DeliveryFolder,
    not_settled: &[String],
    known: &Looks,
    threads: usize,
) -> Result<(Looks, Vec<Untrusted>)> {
    let files: Vec<_> = delivery.manifest.files.iter().filter(|entry| !not_settled.contains(&entry.file)).collect();
    let sums = Sums::knowing(delivery, known);
    let unaltered = |at: usize| {
        super::file::verify(delivery, files[at], &sums).map_err(|error| error.file(delivery.place(&files[at].file)))
    };
    let mut altered = Vec::new();
    for (entry, outcome) in files.iter().zip(super::inspect::in_order(threads, files.len(), unaltered)) {
        if let Err(why) = outcome {
            altered.push(Untrusted::file(delivery, entry, why)?);
        }
    }
    Ok((sums.proved(), altered))
}

/// The files of data in a delivery that its manifest doesn't name, each with the name of its table and as a refusal, sorted
/// by name. One whose name differs from a named one in capitals alone is told with that one; those of tables that may not be
/// read are nobody's business.
pub(crate) fn strays(delivery: &DeliveryFolder) -> Result<Vec<(String, Error)>> {
    let named = delivery.manifest.files.iter().chain(&delivery.unread);
    let named: BTreeSet<String> = named.map(|file| file.file.to_ascii_lowercase()).collect();
    let names = files_of_data(&delivery.path, &delivery.reading.limits)?;
    let unnamed = names.into_iter().filter(|name| !named.contains(&name.to_ascii_lowercase())).map(|name| {
        let what_to_do = "have it named, or take it away";
        let error = broken("the manifest doesn't name this file", what_to_do).file(delivery.place(&name));
        (table_of(&name).to_owned(), error)
    });
    Ok(unnamed.filter(|(table, _)| delivery.reading.may_read(table)).collect())
}

/// What a file's path calls its table; it may be none.
pub(super) fn table_of(path: &str) -> &str {
    let whole = || Format::of(&path.to_ascii_lowercase()).map_or(path, |(stem, _)| &path[..stem.len()]);
    path.split_once('/').map_or_else(whole, |(folder, _)| folder)
}

impl DeliveryFolder {
    /// Whether it has files and none of them may be read.
    pub fn is_unread(&self) -> bool {
        self.manifest.files.is_empty() && !self.unread.is_empty()
    }

    /// Whether it brings optional tables and nothing else: a night can do without it, and has another's date.
    pub(crate) fn is_of_optional_tables(&self) -> bool {
        let files = &self.manifest.files;
        !files.is_empty() && files.iter().all(|file| is_optional(&file.table))
    }

    /// How messages name this delivery: the name of its folder, without the way there.
    pub(crate) fn name(&self) -> String {
        folder_name(&self.path)
    }

    /// How a file of this delivery is named wherever somebody reads of it: with the folder's name, without the way there.
    /// Several deliveries have files of one name.
    pub(crate) fn place(&self, file: &str) -> String {
        place(&self.path, file)
    }
}

pub(super) fn folder_name(folder: &Path) -> String {
    printable(&folder.file_name().unwrap_or_default().to_string_lossy())
}

pub(super) fn place(folder: &Path, file: &str) -> String {
    match folder.file_name() {
        Some(folder) => format!("{}/{file}", printable(&folder.to_string_lossy())),
        None => file.to_owned(),
    }
}

/// The manifest of a delivery as it was sent.
///
/// # Errors
/// It is no plain file, has more bytes than the limits allow, or cannot be read.
pub(super) fn manifest_bytes(folder: &Path, limits: &Limits) -> Result<Vec<u8>> {
    let (path, name) = (folder.join(MANIFEST), place(folder, MANIFEST));
    let about = fs::symlink_metadata(&path).map_err(|error| Error::storage(&path, "read the manifest", &error))?;
    if !about.is_file() {
        let what_to_do = "links, devices and pipes are not read; put the manifest itself here";
        return Err(broken("is not a plain file", what_to_do).file(name));
    }
    limits.hold("manifest_bytes", about.len()).map_err(|error| error.file(name))?;
    fs::read(&path).map_err(|error| Error::storage(&path, "read the manifest", &error))
}

fn open(folder: &Path, reading: &Arc<Reading>) -> Result<DeliveryFolder> {
    let limits = &reading.limits;
    let in_manifest = |error: Error| error.file(place(folder, MANIFEST));
    let json = manifest_bytes(folder, limits)?;
    let manifest_sha256 = sha256(&json);
    let parsed = Manifest::parse_apart(&json, |manifest| limits.hold_manifest(manifest));
    let (mut manifest, mut spoilt) = parsed.map_err(in_manifest)?;
    spoilt.retain(|table, _| reading.may_read(table));
    spoilt.values_mut().for_each(|of| of.why = in_manifest(of.why.clone()));
    let (files, unread) = manifest.files.into_iter().partition(|file| reading.may_read(&file.table));
    manifest.files = files;
    Ok(DeliveryFolder { path: folder.to_owned(), manifest, unread, spoilt, manifest_sha256, reading: reading.clone() })
}

/// The deliveries that go together, in their order, and those of optional tables alone that do not: by these no other is
/// judged.
///
/// # Errors
/// Two that bring other tables do not go together.
fn going_together(found: Vec<DeliveryFolder>) -> Result<(Vec<DeliveryFolder>, Vec<Untrusted>)> {
    let (optional, mut together): (Vec<_>, Vec<_>) = found.into_iter().partition(DeliveryFolder::is_of_optional_tables);
    let key_of = together.first().map(|first| (first.manifest.pseudonym_key_id.clone(), first.place(MANIFEST)));
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    let mut goes_together = |delivery: &DeliveryFolder| -> Result<()> {
        let Manifest { extract_id, pseudonym_key_id, .. } = &delivery.manifest;
        let place = delivery.place(MANIFEST);
        if let Some(other) = ids.get(extract_id) {
            let what = format!("another delivery has the same `extract_id`: {other}");
            let what_to_do = "if one is a copy, take it away; else have each sent under an id of its own";
            return Err(broken(what, what_to_do).file(place));
        }
        ids.insert(extract_id.clone(), place.clone());
        if let Some((_, other)) = key_of.as_ref().filter(|(key, _)| key != pseudonym_key_id) {
            let message = format!("its persons are under another `pseudonym_key_id` than those of {other}");
            let what_to_do = "the same person would be two; have one key used for all";
            return Err(Error::refused(message, what_to_do).file(place).rule("V02"));
        }
        Ok(())
    };
    together.iter().try_for_each(&mut goes_together)?;
    let mut apart = Vec::new();
    for delivery in optional {
        match goes_together(&delivery) {
            Ok(()) => together.push(delivery),
            Err(why) => apart.push(Untrusted::whole(&delivery, why)),
        }
    }
    together.sort_by_key(in_time);
    Ok((together, apart))
}

fn in_time(delivery: &DeliveryFolder) -> (Instant, String) {
    (delivery.manifest.extracted_at, delivery.manifest.extract_id.clone())
}

/// The folders in a folder, sorted. A link is refused: what is read stays inside.
pub(super) fn sub_folders(folder: &Path, limits: &Limits) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for (name, kind) in entries(folder, limits)? {
        let path = folder.join(&name);
        if kind.is_symlink() && path.is_dir() {
            return Err(broken("is a link to another folder, which is not followed", "put the folder itself here")
                .file(path.display().to_string()));
        }
        if kind.is_dir() && !name.starts_with('.') {
            folders.push(path);
        }
    }
    Ok(folders)
}

/// The files of data in a delivery, and in the folders of its tables.
pub(super) fn files_of_data(delivery: &Path, limits: &Limits) -> Result<Vec<String>> {
    let mut names = data_files(delivery, "", limits)?;
    for folder in sub_folders(delivery, limits)? {
        names.extend(data_files(&folder, &format!("{}/", folder_name(&folder)), limits)?);
    }
    Ok(names)
}

pub(super) fn data_files(folder: &Path, prefix: &str, limits: &Limits) -> Result<Vec<String>> {
    // In whatever case the ending is written: what is not named must be seen.
    let is_data = |name: &str| Format::of(&name.to_ascii_lowercase()).is_some();
    let files = entries(folder, limits)?.into_iter().filter(|(name, kind)| !kind.is_dir() && is_data(name));
    Ok(files.map(|(name, _)| format!("{prefix}{name}")).collect())
}

fn entries(folder: &Path, limits: &Limits) -> Result<Vec<(String, fs::FileType)>> {
    let cannot = |error| Error::storage(folder, "list the folder", &error);
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        limits.hold("files", entries.len() as u64).map_err(|error| error.file(folder.display().to_string()))?;
        entries.push((entry.file_name().to_string_lossy().into_owned(), entry.file_type().map_err(cannot)?));
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(entries)
}
