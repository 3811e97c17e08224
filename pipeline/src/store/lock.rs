//! One run at a time, and one word about objections at a time: locks of the kernel, which a dead run cannot leave behind.

use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crate::error::{Error, Kind, Result};

/// Holds a folder for this process until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a folder.
    ///
    /// # Errors
    /// * [`Kind::Locked`] when another process holds it.
    /// * [`Kind::Storage`] when the lock file cannot be opened.
    pub fn take(folder: &Path) -> Result<Lock> {
        let (path, file) = open(folder, ".lock")?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::new(Kind::Locked, "another run holds the lock")
                .file(path.display().to_string())
                .hint("wait for it to end; a run that died holds no lock, so there is nothing to delete")),
            Err(TryLockError::Error(error)) => Err(Error::storage(&path, "lock", &error)),
        }
    }

    /// Takes the lock of a folder, and waits for whoever has it.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the lock file cannot be opened.
    pub fn wait(folder: &Path) -> Result<Lock> {
        let (path, file) = open(folder, ".lock")?;
        file.lock().map_err(|error| Error::storage(&path, "lock", &error))?;
        Ok(Lock { _file: file })
    }
}

/// Holds the register of objections: while somebody notes, nobody publishes, and while somebody publishes, nobody notes.
///
/// Taken after the locks of a run and never before them, but for whoever takes those only if they are free: so nobody
/// waits for one who waits for them.
#[derive(Debug)]
pub struct RegisterLock {
    _file: File,
}

impl RegisterLock {
    /// Its file in the folder of the state.
    pub const FILE: &str = ".objections.lock";

    /// Takes the lock, and waits for whoever has it: it is held while something is noted or published, and no longer.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the lock file cannot be opened.
    pub fn wait(state: &Path) -> Result<RegisterLock> {
        let (path, file) = open(state, RegisterLock::FILE)?;
        file.lock().map_err(|error| Error::storage(&path, "lock", &error))?;
        Ok(RegisterLock { _file: file })
    }
}

fn open(folder: &Path, name: &str) -> Result<(PathBuf, File)> {
    let path = folder.join(name);
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = opened.map_err(|error| Error::storage(&path, "open the lock", &error))?;
    Ok((path, file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_told_to_wait_and_a_later_one_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path()).unwrap();
        assert_eq!(Lock::take(folder.path()).unwrap_err().kind(), Kind::Locked);
        drop(first);
        assert!(Lock::take(folder.path()).is_ok());
    }

    #[test]
    fn the_register_is_held_by_one_at_a_time_and_whatever_run_is_under_way() {
        let folder = tempfile::tempdir().unwrap();
        let _run = Lock::take(folder.path()).unwrap();
        let held = RegisterLock::wait(folder.path()).unwrap();
        let (_, other) = open(folder.path(), RegisterLock::FILE).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        drop(held);
        assert!(other.try_lock().is_ok());
    }
}
