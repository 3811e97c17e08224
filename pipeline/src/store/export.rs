//! Files for people, outside the published nights: what `init`, `synth`, `train` and `evaluate` make.

use std::{borrow::Cow, path::Path};

use crate::{
    error::{Error, Kind, Result},
    store::{
        disk::{Disk, FileSystem},
        folder,
        folder::{NewFile, STAGED},
    },
};

/// Writes a new folder whole; one that is there already is left alone and refused.
///
/// # Errors
/// * [`Kind::Usage`] when the folder is there already or is none.
/// * [`Kind::Storage`] when it cannot be written.
pub fn new_folder(path: &Path, files: &[NewFile]) -> Result<()> {
    is_free(path)?;
    let (parent, name) = parent_and_name(path)?;
    folder::put(&FileSystem, parent, &name, files).map(|_| ())
}

/// Writes a new file whole; one that is there already is left alone and refused.
///
/// # Errors
/// * [`Kind::Usage`] when there is something of this name already, or it is no name of a file.
/// * [`Kind::Storage`] when it cannot be written.
pub fn new_file(path: &Path, bytes: &[u8]) -> Result<()> {
    is_free(path)?;
    let (parent, name) = parent_and_name(path)?;
    let staged = parent.join(format!("{STAGED}{name}"));
    let failed = |error: std::io::Error| Error::storage(path, "write", &error);
    FileSystem.remove(&staged).map_err(failed)?;
    FileSystem.create_folder(parent).map_err(failed)?;
    FileSystem.write(&staged, bytes).map_err(failed)?;
    FileSystem.sync(&staged).map_err(failed)?;
    FileSystem.rename(&staged, path).map_err(failed)?;
    FileSystem.sync(parent).map_err(failed)
}

/// Whether nothing has this name, for whoever would rather know before a long work than after it.
///
/// # Errors
/// * [`Kind::Usage`] when there is something of this name.
pub fn is_free(path: &Path) -> Result<()> {
    if path.symlink_metadata().is_err() {
        return Ok(());
    }
    let refused = Error::new(Kind::Usage, "is there already").file(path.display().to_string());
    Err(refused.hint("choose another name, or remove this one"))
}

fn parent_and_name(path: &Path) -> Result<(&Path, Cow<'_, str>)> {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if parent.as_os_str().is_empty() => Ok((Path::new("."), name.to_string_lossy())),
        (Some(parent), Some(name)) => Ok((parent, name.to_string_lossy())),
        _ => Err(Error::new(Kind::Usage, "is not the name of a folder or file").file(path.display().to_string())),
    }
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
