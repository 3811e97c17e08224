//! A large folder in the making: files are written piece by piece, and the folder appears whole or not at all.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

use crate::{
    error::{Error, Kind, Result},
    history::in_order,
    store::{
        disk::{Disk, sync_all},
        folder::{self, STAGED},
    },
};

/// Threads that read back what was written.
const READERS: usize = 2;

/// Length and checksum of a file as it was written.
type Written = (u64, u32);

/// A thread that syncs a file and reads it back; what it read, if it could.
type Syncing = JoinHandle<Result<Option<(PathBuf, Written)>>>;

/// The folder `parent/name` while it is made under another name.
pub struct Staged<'d> {
    disk: &'d dyn Disk,
    parent: PathBuf,
    name: String,
    folder: PathBuf,
    /// Files written, by path; those that are only linked are not here.
    files: Arc<Mutex<BTreeMap<PathBuf, Written>>>,
    /// Threads that sync a large file and read it back, and what they read.
    syncing: Mutex<Vec<Syncing>>,
    is_finished: bool,
}

impl<'d> Staged<'d> {
    /// Begins `parent/name`; what a dead run left of it is removed.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the folder cannot be made.
    pub(super) fn new(disk: &'d dyn Disk, parent: &Path, name: &str) -> Result<Staged<'d>> {
        let folder = parent.join(format!("{STAGED}{name}"));
        disk.remove(&folder).map_err(|error| Error::storage(&folder, "remove what a dead run left", &error))?;
        for path in [parent, &folder] {
            disk.create_folder(path).map_err(|error| Error::storage(path, "make the folder", &error))?;
        }
        Ok(Staged {
            disk,
            parent: parent.to_owned(),
            name: name.to_owned(),
            folder,
            files: Arc::default(),
            syncing: Mutex::default(),
            is_finished: false,
        })
    }

    /// Where its files can be read while it is made.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Makes a folder in it.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when it cannot be made.
    pub fn create_folder(&self, path: &str) -> Result<()> {
        let path = self.folder.join(path);
        self.disk.create_folder(&path).map_err(|error| Error::storage(&path, "make the folder", &error))
    }

    /// Begins a file in a folder of it that is there. What is written is checked against the disk before the folder
    /// gets its name.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when it cannot be made.
    pub fn create(&self, path: &str) -> Result<NewFile> {
        let path = self.folder.join(path);
        let file = self.disk.create(&path).map_err(|error| Error::storage(&path, "write", &error))?;
        let files = self.files.clone();
        files.lock().expect("no thread dies holding it").insert(path.clone(), (0, 0));
        Ok(NewFile { file, path, length: 0, hasher: crc32fast::Hasher::new(), files })
    }

    /// Takes back a file of it that is written already.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when it cannot be removed.
    pub fn discard(&self, path: &str) -> Result<()> {
        self.files.lock().expect("no thread dies holding it").remove(&self.folder.join(path));
        let path = self.folder.join(path);
        self.disk.remove(&path).map_err(|error| Error::storage(&path, "remove", &error))
    }

    /// Writes a whole file.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when it cannot be written.
    pub fn put(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let path = self.folder.join(path);
        self.disk.write(&path, bytes).map_err(|error| Error::storage(&path, "write", &error))?;
        let written = (bytes.len() as u64, crc32fast::hash(bytes));
        self.files.lock().expect("no thread dies holding it").insert(path, written);
        Ok(())
    }

    /// Lets the disk take a large file that is written, and reads it back, while others are still being made. It only saves
    /// time: [`Staged::finish`] syncs every file, reads back what was not read as it should be, and tells what fails, also
    /// what failed here, for a system tells once alone that the disk refused what was written.
    pub fn begin_sync(&self, path: &str) {
        let path = self.folder.join(path);
        let sync = move || {
            let synced = File::open(&path).and_then(|file| file.sync_data());
            synced.map_err(|error| Error::storage(&path, "sync", &error))?;
            Ok(read(&path).ok().map(|read| (path, read)))
        };
        self.syncing.lock().expect("no thread dies holding it").push(thread::spawn(sync));
    }

    /// Gives a file of an older folder, which is never changed, a second name in this one.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when it cannot be linked.
    pub fn link(&self, path: &str, older: &Path) -> Result<()> {
        let path = self.folder.join(path);
        self.disk.link(older, &path).map_err(|error| Error::storage(&path, "link", &error))
    }

    /// Syncs every file and folder, reads the files back, and gives the folder its name.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when any step fails; then the folder does not exist under its name.
    pub(super) fn finish(mut self) -> Result<PathBuf> {
        let syncing = std::mem::take(&mut *self.syncing.lock().expect("no thread dies holding it"));
        let read = syncing.into_iter().map(|one| one.join().expect("syncing does not panic"));
        let read: Vec<(PathBuf, Written)> = read.filter_map(Result::transpose).collect::<Result<_>>()?;
        let files = self.files.lock().expect("no thread dies holding it");
        let mut written: Vec<PathBuf> = files.keys().cloned().collect();
        written.push(self.folder.clone());
        written.extend(folder::folders_in(&self.folder)?);
        sync_all(self.disk, &written)?;
        let is_read = |path: &PathBuf, written: &Written| read.iter().any(|(of, read)| of == path && read == written);
        let left: Vec<(&PathBuf, &Written)> = files.iter().filter(|(path, written)| !is_read(path, written)).collect();
        in_order(READERS, left.len(), |at| read_back(left[at].0, *left[at].1))?;
        let done = self.parent.join(&self.name);
        self.disk.rename(&self.folder, &done).map_err(|error| Error::storage(&done, "rename", &error))?;
        self.disk.sync(&self.parent).map_err(|error| Error::storage(&self.parent, "sync", &error))?;
        drop(files);
        self.is_finished = true;
        Ok(done)
    }
}

impl Drop for Staged<'_> {
    /// What was not finished is removed at once, for it may be large; if that fails too, the next run does it.
    fn drop(&mut self) {
        if !self.is_finished {
            drop(self.disk.remove(&self.folder));
        }
    }
}

/// Length and checksum of a file as it can be read.
fn read(path: &Path) -> io::Result<Written> {
    let mut file = File::open(path)?;
    let (mut hasher, mut length, mut buffer) = (crc32fast::Hasher::new(), 0, vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((length, hasher.finalize())),
            n => {
                hasher.update(&buffer[..n]);
                length += n as u64;
            }
        }
    }
}

fn read_back(path: &Path, written: Written) -> Result<()> {
    if read(path).map_err(|error| Error::storage(path, "read back", &error))? == written {
        return Ok(());
    }
    Err(Error::new(Kind::Storage, "does not read back as it was written")
        .file(path.display().to_string())
        .hint("the disk may be failing; nothing was published"))
}

/// A file being written, whose length and checksum are taken on the way.
pub struct NewFile {
    file: Box<dyn Write + Send>,
    path: PathBuf,
    length: u64,
    hasher: crc32fast::Hasher,
    files: Arc<Mutex<BTreeMap<PathBuf, Written>>>,
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.hasher.update(&bytes[..n]);
        self.length += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        let written = (self.length, self.hasher.clone().finalize());
        if let Ok(mut files) = self.files.lock() {
            files.insert(self.path.clone(), written);
        }
    }
}
