//! The few operations through which anything is written: one trait, so that a test can let each of them fail in turn.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink},
    path::Path,
};

use crate::{
    error::{Error, Result},
    history::in_order,
};

/// How many files and folders are synced at a time. A disk makes many safe in about the time of one, if it is asked for all
/// of them at once: the two hundred of a night, one by one, take most of a second.
const SYNCED_TOGETHER: usize = 16;

/// What the store asks of a disk. Every operation is either done or not done, but for [`Disk::write`] and what is
/// written to a file from [`Disk::create`], which may leave a part of a file that nobody points to.
pub trait Disk: Sync {
    /// Makes one folder, readable by its owner alone (0700). An existing one is left as it is.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Writes a new file, readable by its owner alone (0600). An existing file is an error.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Begins a new file, readable by its owner alone (0600), that is written piece by piece. An existing file is an error.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Write + Send>>;
    /// Makes a second name for a file that is never changed.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Makes what was written to a file, or the names in a folder, survive a power cut.
    fn sync(&self, path: &Path) -> io::Result<()>;
    /// Gives a file, folder or link another name, replacing a file or link that had it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Makes a symbolic link.
    fn point(&self, target: &Path, link: &Path) -> io::Result<()>;
    /// Removes a file, a link, or a folder with all that is in it. Nothing there is not an error.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// Makes some files and folders survive a power cut, in no order, which is for what nobody points to yet.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when one of them cannot be synced.
pub(super) fn sync_all<P: AsRef<Path> + Sync>(disk: &dyn Disk, paths: &[P]) -> Result<()> {
    let sync = |at: usize| {
        let path = paths[at].as_ref();
        disk.sync(path).map_err(|error| Error::storage(path, "sync", &error))
    };
    in_order(SYNCED_TOGETHER, paths.len(), sync).map(drop)
}

/// The file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileSystem;

impl Disk for FileSystem {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(bytes)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Write + Send>> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        Ok(Box::new(file))
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn point(&self, target: &Path, link: &Path) -> io::Result<()> {
        symlink(target, link)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(meta) if meta.is_dir() => fs::remove_dir_all(path),
            Ok(_) => fs::remove_file(path),
        }
    }
}
