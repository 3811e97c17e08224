//! Files for people, outside the published nights: what `init`, `synth`, `train` and `evaluate` make.

use std::path::Path;

use crate::{
    error::{Error, Kind, Result},
    store::{
        disk::{Disk, FileSystem},
        folder,
        folder::NewFile,
    },
};

/// Writes a new folder whole; one that is there already is left alone and refused.
///
/// # Errors
/// * [`Kind::Usage`] when the folder is there already or is none.
/// * [`Kind::Storage`] when it cannot be written.
pub fn new_folder(path: &Path, files: &[NewFile]) -> Result<()> {
    let refused = |what: &str| Error::new(Kind::Usage, what).file(path.display().to_string());
    if path.exists() {
        return Err(refused("is there already").hint("choose another folder, or remove this one"));
    }
    let name = path.file_name().ok_or_else(|| refused("is not the name of a folder"))?.to_string_lossy();
    let parent = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Err(refused("is not the name of a folder")),
    };
    folder::put(&FileSystem, parent, &name, files).map(|_| ())
}

/// Moves a relative link to a folder beside it.
///
/// # Errors
/// * [`Kind::Storage`] when the link cannot be written.
pub fn point(parent: &Path, link: &str, target: &str) -> Result<()> {
    folder::point(&FileSystem, parent, link, target)
}

/// Removes a folder with all that is in it. Nothing there is not an error.
///
/// # Errors
/// * [`Kind::Storage`] when it cannot be removed.
pub fn remove(path: &Path) -> Result<()> {
    FileSystem.remove(path).map_err(|error| Error::storage(path, "remove", &error))
}
