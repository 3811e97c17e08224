//! What of optional tables cannot be trusted, by its manifest or by what that vouches for. Nothing of it is read and nothing
//! settled, so the next run looks at it anew; whatever brings another table refuses the night instead.

use std::collections::BTreeSet;
use std::path::Path;

use earlycall_schemas::table::{Tier, table};

use crate::day::Instant;
use crate::error::{Error, Kind, Result};
use crate::extract::delivery::{DeliveryFolder, files_of_data, folder_name, manifest_bytes, table_of};
use crate::extract::manifest::{FileEntry, Manifest, Outline};
use crate::extract::reading::Reading;

/// Optional tables of a delivery that are not read, though they may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untrusted {
    /// Its `extract_id`; the name of its folder where the manifest has none that can be read.
    pub extract_id: String,
    /// When it was extracted, where that can be read.
    pub extracted_at: Option<Instant>,
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
        let Manifest { extract_id, extracted_at, .. } = &folder.manifest;
        Untrusted { extract_id: extract_id.clone(), extracted_at: Some(*extracted_at), feeds, why }
    }

    /// A delivery whose manifest is JSON and no good otherwise. Which tables it brings is told by its lines, and by the files
    /// that lie there.
    ///
    /// # Errors
    /// It is no JSON, one of them is of another table, its lines name none, or what is wrong is the disk's fault: then `why`
    /// refuses the night.
    pub(super) fn unreadable(folder: &Path, reading: &Reading, why: Error) -> Result<Untrusted> {
        if why.kind() != Kind::Extract {
            return Err(why);
        }
        let Some(outline) = Outline::parse(&manifest_bytes(folder, &reading.limits)?) else { return Err(why) };
        let files = files_of_data(folder, &reading.limits)?;
        let mut found = outline.tables().chain(files.iter().map(|file| table_of(file)));
        if outline.tables().next().is_none() || !found.all(is_optional) {
            return Err(why);
        }
        let may_read = outline.tables().filter(|table| reading.may_read(table));
        Ok(Untrusted {
            extract_id: outline.extract_id().map_or_else(|| folder_name(folder), str::to_owned),
            extracted_at: outline.extracted_at(),
            feeds: may_read.map(|table| (table.to_owned(), None)).collect(),
            why,
        })
    }
}

/// Whether a night can do without a table of this name.
pub(crate) fn is_optional(name: &str) -> bool {
    table(name).is_some_and(|table| table.tier == Tier::Optional)
}
