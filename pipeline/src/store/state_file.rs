//! Small files in the folder of the state: replaced whole, and removed.

use std::{io, path::Path};

use crate::{
    error::{Error, Result},
    store::{Store, folder::STAGED},
};

impl Store<'_> {
    /// Replaces a file of the state, readable by its owner alone (0600): under another name first, synced, then renamed.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a step fails; then the file is what it was.
    pub fn replace_state_file(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let (path, staged) = (self.state.join(name), self.state.join(format!("{STAGED}{name}")));
        let failed = |doing: &str, error: io::Error| Error::storage(&path, doing, &error);
        self.disk.remove(&staged).map_err(|error| failed("remove what a dead run left", error))?;
        self.disk.write(&staged, bytes).map_err(|error| failed("write", error))?;
        self.disk.sync(&staged).map_err(|error| failed("sync", error))?;
        self.disk.rename(&staged, &path).map_err(|error| failed("rename", error))?;
        self.disk.sync(&self.state).map_err(|error| failed("sync", error))
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
