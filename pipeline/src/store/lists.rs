//! Imported code lists: each import whole in a folder of its own, and a link by the name of the list that moves by one
//! rename. Older imports stay, so that whoever reads one while it is replaced reads it to the end.

use std::{fs, path::Path};

use crate::{
    error::{Error, Result},
    store::{
        disk::{Disk, FileSystem},
        folder::{self, Content, NewFile},
        lock::Lock,
    },
};

/// Where imports lie, inside the folder of the lists.
const IMPORTS: &str = ".imports";

/// Puts an import under its version, and points the name to it.
///
/// # Errors
/// * [`crate::error::Kind::Locked`] when another import is under way.
/// * [`crate::error::Kind::Storage`] when a step fails; then the name points where it pointed before.
pub fn put(lists: &Path, name: &str, version: &str, files: &[NewFile]) -> Result<()> {
    let disk = &FileSystem;
    let imports = lists.join(IMPORTS);
    disk.create_folder(&imports).map_err(|error| Error::storage(&imports, "make the folder", &error))?;
    let _lock = Lock::take(lists)?;
    for parent in [lists, &imports] {
        folder::sweep(disk, parent)?;
    }
    let done = imports.join(version);
    if !holds(&done, files) {
        disk.remove(&done).map_err(|error| Error::storage(&done, "remove what was changed", &error))?;
        folder::put(disk, &imports, version, files)?;
    }
    folder::point(disk, lists, name, &format!("{IMPORTS}/{version}"))
}

fn holds(folder: &Path, files: &[NewFile]) -> bool {
    files.iter().all(|file| match &file.content {
        Content::Bytes(bytes) => fs::read(folder.join(&file.path)).is_ok_and(|found| found == *bytes),
        Content::SameAs(_) => false,
    })
}
