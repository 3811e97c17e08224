//! A folder that appears whole or not at all, and a pointer that moves from one to the next.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, Kind, Result},
    store::disk::{Disk, sync_all},
};

/// A file to be written: its path inside the folder, and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Relative path, with `/`.
    pub path: String,
    /// Content.
    pub content: Content,
}

/// What a new file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What a file of an older folder holds, which is never changed.
    SameAs(PathBuf),
}

impl NewFile {
    /// A file of bytes.
    pub fn new(path: impl Into<String>, bytes: Vec<u8>) -> NewFile {
        NewFile { path: path.into(), content: Content::Bytes(bytes) }
    }
}

/// The prefix of a folder or link that is still being made; the next run removes what is left of it.
pub const STAGED: &str = ".staged-";

/// Writes `parent/name` whole: under another name first, synced, read back, and then renamed.
///
/// # Errors
/// * [`Kind::Storage`] when any step fails; then `parent/name` does not exist.
pub fn put(disk: &dyn Disk, parent: &Path, name: &str, files: &[NewFile]) -> Result<PathBuf> {
    let staged = parent.join(format!("{STAGED}{name}"));
    let done = parent.join(name);
    let failed = |doing: &str, path: &Path, error: io::Error| Error::storage(path, doing, &error);
    disk.remove(&staged).map_err(|error| failed("remove what a dead run left", &staged, error))?;
    let mut folders = BTreeSet::from([staged.clone()]);
    for file in files {
        let path = staged.join(&file.path);
        folders.extend(path.ancestors().skip(1).take_while(|folder| folder.starts_with(&staged)).map(Path::to_owned));
    }
    for folder in [parent].into_iter().chain(folders.iter().map(PathBuf::as_path)) {
        disk.create_folder(folder).map_err(|error| failed("make the folder", folder, error))?;
    }
    for file in files {
        let path = staged.join(&file.path);
        match &file.content {
            Content::Bytes(bytes) => disk.write(&path, bytes).map_err(|error| failed("write", &path, error))?,
            Content::SameAs(older) => disk.link(older, &path).map_err(|error| failed("link", &path, error))?,
        }
    }
    let written = files.iter().filter(|file| matches!(file.content, Content::Bytes(_)));
    let written = written.map(|file| staged.join(&file.path)).chain(folders);
    sync_all(disk, &written.collect::<Vec<PathBuf>>())?;
    read_back(&staged, files)?;
    disk.rename(&staged, &done).map_err(|error| failed("rename", &done, error))?;
    disk.sync(parent).map_err(|error| failed("sync", parent, error))?;
    Ok(done)
}

/// Moves the relative link `parent/link` to `target` with one rename.
///
/// # Errors
/// * [`Kind::Storage`] when a step fails; then the link points where it pointed before, or already at `target`.
pub fn point(disk: &dyn Disk, parent: &Path, link: &str, target: &str) -> Result<()> {
    let staged = parent.join(format!("{STAGED}{link}"));
    let failed = |error: io::Error| Error::storage(&parent.join(link), "move the pointer", &error);
    disk.remove(&staged).map_err(failed)?;
    disk.point(Path::new(target), &staged).map_err(failed)?;
    disk.rename(&staged, &parent.join(link)).map_err(failed)?;
    disk.sync(parent).map_err(failed)
}

/// Removes what a run that died left half made in a folder.
///
/// # Errors
/// * [`Kind::Storage`] when the folder cannot be read or a leftover cannot be removed.
pub fn sweep(disk: &dyn Disk, parent: &Path) -> Result<()> {
    for name in names(parent)? {
        if name.starts_with(STAGED) {
            let path = parent.join(name);
            disk.remove(&path).map_err(|error| Error::storage(&path, "remove what a dead run left", &error))?;
        }
    }
    Ok(())
}

/// The names in a folder, sorted; a folder that is not there has none.
///
/// # Errors
/// * [`Kind::Storage`] when the folder cannot be read.
pub fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| Error::storage(folder, "read the folder", &error))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Error::storage(folder, "read the folder", &error))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Every folder inside a folder, the outer before the inner.
///
/// # Errors
/// * [`Kind::Storage`] when a folder cannot be read.
pub fn folders_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for name in names(folder)? {
        let path = folder.join(name);
        if path.is_dir() {
            let inner = folders_in(&path)?;
            found.push(path);
            found.extend(inner);
        }
    }
    Ok(found)
}

fn read_back(folder: &Path, files: &[NewFile]) -> Result<()> {
    for file in files {
        let Content::Bytes(bytes) = &file.content else { continue };
        let path = folder.join(&file.path);
        let read = fs::read(&path).map_err(|error| Error::storage(&path, "read back", &error))?;
        if read != *bytes {
            return Err(Error::new(Kind::Storage, "does not read back as it was written")
                .file(path.display().to_string())
                .hint("the disk may be failing; nothing was published"));
        }
    }
    Ok(())
}
