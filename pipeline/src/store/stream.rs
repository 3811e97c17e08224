//! A new folder of large files, each written from front to back and none held in memory.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, Kind, Result},
    store::{
        disk::{Disk, FileSystem},
        folder::STAGED,
    },
};

const BUFFER_BYTES: usize = 1 << 18;

/// A folder that gets its name when it is finished. Until then, and if it never is, it bears the prefix of what a dead
/// run left, and the next attempt removes it.
pub struct GrowingFolder {
    staged: PathBuf,
    done: PathBuf,
}

impl GrowingFolder {
    /// Begins a folder.
    ///
    /// # Errors
    /// * [`Kind::Usage`] when it is there already or is no name of a folder.
    /// * [`Kind::Storage`] when it cannot be made.
    pub fn begin(path: &Path) -> Result<GrowingFolder> {
        let refused = |what: &str| Error::new(Kind::Usage, what).file(path.display().to_string());
        if path.exists() {
            return Err(refused("is there already").hint("choose another folder, or remove this one"));
        }
        let name = path.file_name().ok_or_else(|| refused("is not the name of a folder"))?.to_string_lossy();
        let staged = path.with_file_name(format!("{STAGED}{name}"));
        let failed = |doing: &str, error: io::Error| Error::storage(&staged, doing, &error);
        FileSystem.remove(&staged).map_err(|error| failed("remove what a dead run left", error))?;
        FileSystem.create_folder(&staged).map_err(|error| failed("make the folder", error))?;
        Ok(GrowingFolder { staged, done: path.to_owned() })
    }

    /// Writes one new file; `path` is relative, with `/`. Files may be written by several threads at once.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the file is there already or cannot be written, or when `fill` fails.
    pub fn put(&self, path: &str, fill: &mut dyn FnMut(&mut (dyn Write + Send)) -> io::Result<()>) -> Result<()> {
        let path = self.staged.join(path);
        let mut write = || {
            path.parent().map_or(Ok(()), |folder| FileSystem.create_folder(folder))?;
            let mut buffered = BufWriter::with_capacity(BUFFER_BYTES, FileSystem.create(&path)?);
            fill(&mut buffered)?;
            buffered.flush()?;
            FileSystem.sync(&path)
        };
        write().map_err(|error| Error::storage(&path, "write", &error))
    }

    /// Makes the folder survive a power cut, and gives it its name.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when a step fails; then the folder does not exist under its name.
    pub fn finish(self) -> Result<()> {
        let failed = |error: io::Error| Error::storage(&self.done, "finish the folder", &error);
        sync_folders(&self.staged).map_err(failed)?;
        FileSystem.rename(&self.staged, &self.done).map_err(failed)?;
        match self.done.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => FileSystem.sync(parent).map_err(failed),
            _ => FileSystem.sync(Path::new(".")).map_err(failed),
        }
    }
}

/// Innermost first, so that a synced folder never holds a name whose own content could be lost.
fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    FileSystem.sync(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_its_name_only_when_it_is_finished() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("new");
        let folder = GrowingFolder::begin(&path).unwrap();
        folder.put("a/b.txt", &mut |out| out.write_all(b"b")).unwrap();
        assert!(!path.exists());
        folder.finish().unwrap();
        assert_eq!(fs::read(path.join("a/b.txt")).unwrap(), b"b");
        assert!(GrowingFolder::begin(&path).is_err());
    }

    #[test]
    fn a_file_is_written_once_and_a_failure_is_told() {
        let place = tempfile::tempdir().unwrap();
        let folder = GrowingFolder::begin(&place.path().join("new")).unwrap();
        folder.put("a", &mut |_| Ok(())).unwrap();
        assert!(folder.put("a", &mut |_| Ok(())).is_err());
        let error = folder.put("b", &mut |_| Err(io::Error::other("full"))).unwrap_err();
        assert_eq!(error.kind(), Kind::Storage);
    }
}
