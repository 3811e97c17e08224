//! Small files in the folder of the state: replaced whole, and removed.

use std::{io, path::Path};

use crate::{
    error::{Error, Result},
    store::{
        Store,
        disk::{Disk, FileSystem},
        folder::STAGED,
        lock::RegisterLock,
    },
};

impl Store<'_> {
    /// Replaces a file of the state, readable by its owner alone (0600): under another name first, synced, then renamed.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a step fails; then the file is what it was.
    pub fn replace_state_file(&self, name: &str, bytes: &[u8]) -> Result<()> {
        replace(self.disk, &self.state, name, STAGED, bytes)
    }

    /// Replaces a file that is written while the register of objections is held, also under way of a run.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a step fails; then the file is what it was.
    pub fn replace_under_register(&self, name: &str, bytes: &[u8], held: &RegisterLock) -> Result<()> {
        replace_register(self.disk, &self.state, name, bytes, held)
    }

    /// Removes a file for good. Nothing there is not an error.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when it cannot be removed.
    pub fn forget(&self, path: &Path) -> Result<()> {
        self.disk.remove(path).map_err(|error| Error::storage(path, "remove", &error))?;
        let folder = path.parent().expect("a file lies in a folder");
        self.disk.sync(folder).map_err(|error| Error::storage(folder, "sync", &error))
    }
}

/// Replaces the register of objections, or what is written under its lock, which may be done while a run is under way: it is
/// staged under a name that no run sweeps away. The register's lock keeps others from doing the same.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when a step fails; then the file is what it was.
pub fn replace_register(disk: &dyn Disk, state: &Path, name: &str, bytes: &[u8], _held: &RegisterLock) -> Result<()> {
    replace(disk, state, name, ".noting-", bytes)
}

/// Replaces a file of a folder that somebody else than a night keeps, readable by its owner alone (0600).
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when a step fails; then the file is what it was.
pub fn replace_in(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    replace(&FileSystem, folder, name, STAGED, bytes)
}

fn replace(disk: &dyn Disk, state: &Path, name: &str, prefix: &str, bytes: &[u8]) -> Result<()> {
    let (path, staged) = (state.join(name), state.join(format!("{prefix}{name}")));
    let failed = |doing: &str, error: io::Error| Error::storage(&path, doing, &error);
    disk.remove(&staged).map_err(|error| failed("remove what a dead run left", error))?;
    disk.write(&staged, bytes).map_err(|error| failed("write", error))?;
    disk.sync(&staged).map_err(|error| failed("sync", error))?;
    disk.rename(&staged, &path).map_err(|error| failed("rename", error))?;
    disk.sync(state).map_err(|error| failed("sync", error))
}
