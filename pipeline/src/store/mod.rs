//! Every write: stage, sync, read back, rename, lock. Nobody else opens a file for writing.
//!
//! The output folder holds whole nights, and the state folder whole generations of the settled history. A link named
//! `current` in each says which one counts, and moves by one rename. Whatever fails before that, the old one stands.

pub mod append;
pub mod deliver;
pub mod disk;
pub mod export;
pub mod folder;
mod given;
pub mod lists;
pub mod lock;
pub mod nights;
mod replaced;
pub mod sealed;
pub mod staged;
pub mod state_file;
pub mod stream;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, Result},
    store::{disk::Disk, folder::STAGED, lock::Lock, staged::Staged},
};

/// The output and state folders, held by this run alone.
pub struct Store<'d> {
    disk: &'d dyn Disk,
    out: PathBuf,
    state: PathBuf,
    _locks: [Lock; 2],
}

impl<'d> Store<'d> {
    /// Takes both folders for this run, closes them to others, and removes what a dead run left.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Locked`] when another run holds one of them.
    /// * [`crate::error::Kind::Storage`] when a folder cannot be made or read.
    pub fn open(disk: &'d dyn Disk, out: &Path, state: &Path) -> Result<Store<'d>> {
        for path in [out, state] {
            make_own(disk, path)?;
        }
        let locks = [Lock::take(state)?, Lock::take(out)?];
        for path in [out, &out.join("nights"), state, &state.join("history")] {
            folder::sweep(disk, path)?;
        }
        let store = Store { disk, out: out.to_owned(), state: state.to_owned(), _locks: locks };
        store.finish_replacing()?;
        Ok(store)
    }

    /// The folder of the state.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// The newest generation of the settled history, or none before the first delivery.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when the pointer cannot be read.
    pub fn history(&self) -> Result<Option<PathBuf>> {
        let link = self.state.join("history/current");
        Ok(read_pointer(&link)?.map(|target| self.state.join("history").join(target)))
    }

    /// Begins the next generation of the settled history.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when the folder cannot be made.
    pub fn stage_history(&self) -> Result<Staged<'d>> {
        let parent = self.state.join("history");
        let current = read_pointer(&parent.join("current"))?;
        let next = current.as_deref().and_then(generation_of).unwrap_or(0) + 1;
        let name = format!("generation-{next:06}");
        // A run that died between writing this generation and pointing to it may have left it.
        let orphan = parent.join(&name);
        self.disk.remove(&orphan).map_err(|error| Error::storage(&orphan, "remove what a dead run left", &error))?;
        Staged::new(self.disk, &parent, &name)
    }

    /// Ends a generation, moves the pointer to it, and removes the older ones.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a step fails; then the older generation stands.
    pub fn put_history(&self, staged: Staged) -> Result<PathBuf> {
        let parent = self.state.join("history");
        let path = staged.finish()?;
        let name = path.file_name().expect("a generation has a name").to_string_lossy().into_owned();
        folder::point(self.disk, &parent, "current", &name)?;
        for older in folder::names(&parent)? {
            if generation_of(&older).is_some_and(|n| Some(n) < generation_of(&name)) {
                let path = parent.join(&older);
                self.disk.remove(&path).map_err(|error| Error::storage(&path, "remove", &error))?;
            }
        }
        Ok(path)
    }
}

impl Store<'_> {
    /// Puts a report beside the nights, in place of the one before.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when it cannot be written; then the one before stands.
    pub fn put_report(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let (staged, path) = (self.out.join(format!("{STAGED}{name}")), self.out.join(name));
        let failed = |error: std::io::Error| Error::storage(&path, "write", &error);
        self.disk.remove(&staged).map_err(failed)?;
        self.disk.write(&staged, bytes).map_err(failed)?;
        self.disk.sync(&staged).map_err(failed)?;
        self.disk.rename(&staged, &path).map_err(failed)?;
        self.disk.sync(&self.out).map_err(failed)?;
        Ok(path)
    }
}

/// Makes a folder, and closes it to others.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when that cannot be done.
pub fn make_own(disk: &dyn Disk, path: &Path) -> Result<()> {
    disk.create_folder(path).map_err(|error| Error::storage(path, "make the folder", &error))?;
    let own = fs::Permissions::from_mode(0o700);
    fs::set_permissions(path, own).map_err(|error| Error::storage(path, "close to others", &error))
}

fn generation_of(name: &str) -> Option<u32> {
    name.strip_prefix("generation-").and_then(|n| n.parse().ok())
}

/// Where a link points, as text; none when there is no link.
fn read_pointer(link: &Path) -> Result<Option<String>> {
    match fs::read_link(link) {
        Ok(target) => Ok(Some(target.to_string_lossy().into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::storage(link, "read the pointer", &error)),
    }
}
