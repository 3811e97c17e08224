//! What of optional tables cannot be trusted, by its manifest or by what that vouches for. Nothing of it is read and nothing
//! settled, so the next run looks at it anew; whatever brings another table refuses the night instead.

use std::collections::BTreeSet;
use std::path::Path;

use earlycall_schemas::table::{Tier, table};

use crate::error::{Error, Kind, Result};
use crate::extract::delivery::{DeliveryFolder, data_files, folder_name, manifest_bytes, sub_folders, table_of};
use crate::extract::manifest::{FileEntry, tables_named};
use crate::extract::reading::Reading;

/// Optional tables of a delivery that are not read, though they may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untrusted {
    /// Its `extract_id`; of a manifest that cannot be read, the name of its folder.
    pub extract_id: String,
    /// The tables and whose records they are; nobody's where the manifest cannot be read.
    pub feeds: BTreeSet<(String, Option<String>)>,
    /// What is wrong, and what to do.
    pub why: Error,
}

impl Untrusted {
    /// A delivery that brings nothing but optional tables.
    pub(crate) fn whole(folder: &DeliveryFolder, why: Error) -> Untrusted {
        Untrusted::files(folder, folder.manifest.files.iter(), why)
    }

    /// The same of any delivery.
    ///
    /// # Errors
    /// It brings another table, or what is wrong is the disk's fault: then `why` refuses the night.
    pub(crate) fn delivery(folder: &DeliveryFolder, why: Error) -> Result<Untrusted> {
        if !folder.is_of_optional_tables() || why.kind() != Kind::Extract {
            return Err(why);
        }
        Ok(Untrusted::whole(folder, why))
    }

    /// One file of a delivery, of an optional table.
    ///
    /// # Errors
    /// It is of another table, or what is wrong is the disk's fault: then `why` refuses the night.
    pub(super) fn file(folder: &DeliveryFolder, entry: &FileEntry, why: Error) -> Result<Untrusted> {
        if !is_optional(&entry.table) || why.kind() != Kind::Extract {
            return Err(why);
        }
        Ok(Untrusted::files(folder, std::iter::once(entry), why))
    }

    fn files<'a>(folder: &'a DeliveryFolder, files: impl Iterator<Item = &'a FileEntry>, why: Error) -> Untrusted {
        let feeds = files.map(|file| (file.table.clone(), Some(folder.manifest.provider_of(file)))).collect();
        Untrusted { extract_id: folder.manifest.extract_id.clone(), feeds, why }
    }

    /// A delivery whose manifest cannot be read. Which tables it brings is told by the files that lie there, and by the
    /// lines of the manifest as far as it is JSON.
    ///
    /// # Errors
    /// One of them is of another table, or there is none, or what is wrong is the disk's fault: then `why` refuses the
    /// night.
    pub(super) fn unreadable(folder: &Path, reading: &Reading, why: Error) -> Result<Untrusted> {
        let found = if why.kind() == Kind::Extract { tables_of(folder, reading) } else { BTreeSet::new() };
        if found.is_empty() || !found.iter().all(|name| is_optional(name)) {
            return Err(why);
        }
        let feeds = found.into_iter().filter(|name| reading.may_read(name)).map(|name| (name, None)).collect();
        Ok(Untrusted { extract_id: folder_name(folder), feeds, why })
    }
}

/// Whether a night can do without a table of this name.
pub(crate) fn is_optional(name: &str) -> bool {
    table(name).is_some_and(|table| table.tier == Tier::Optional)
}

/// The names under which a manifest and the files beside it speak of tables; some may be no table's.
fn tables_of(folder: &Path, reading: &Reading) -> BTreeSet<String> {
    let limits = &reading.limits;
    let mut found = manifest_bytes(folder, limits).map(|json| tables_named(&json)).unwrap_or_default();
    let mut note = |files: Result<Vec<String>>| {
        found.extend(files.unwrap_or_default().iter().map(|file| table_of(file).to_owned()));
    };
    note(data_files(folder, "", limits));
    for part in sub_folders(folder, limits).unwrap_or_default() {
        note(data_files(&part, &format!("{}/", folder_name(&part)), limits));
    }
    found
}
