//! One run at a time: a lock of the kernel, which a dead run cannot leave behind.

use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::Path,
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
        let path = folder.join(".lock");
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|error| Error::storage(&path, "open the lock", &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::new(Kind::Locked, "another run holds the lock")
                .file(path.display().to_string())
                .hint("wait for it to end; a run that died holds no lock, so there is nothing to delete")),
            Err(TryLockError::Error(error)) => Err(Error::storage(&path, "lock", &error)),
        }
    }
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
}
