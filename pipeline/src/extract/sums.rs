//! Checksums of files, taken ahead of their reading by threads that have nothing to read yet.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::error::Result;
use crate::extract::delivery::DeliveryFolder;
use crate::extract::file::{plain_file, refusal};
use crate::extract::manifest::FileEntry;
use crate::sha256::Running;

const BUFFER_BYTES: usize = 1 << 17;

/// The checksums of a delivery's files, as far as they have been taken.
pub(super) struct Sums<'a> {
    delivery: &'a DeliveryFolder,
    files: Vec<&'a FileEntry>,
    next: AtomicUsize,
    is_enough: AtomicBool,
    taken: BTreeMap<&'a str, OnceLock<Taken>>,
}

/// A checksum, and what the file looked like before it was taken.
struct Taken {
    look: Look,
    sum: String,
}

/// What changes when somebody writes to a file, or puts another in its place.
#[derive(PartialEq, Eq)]
struct Look {
    file: u64,
    bytes: u64,
    /// When it was last changed: seconds, and billionths of one.
    changed: (i64, i64),
}

impl Look {
    fn of(about: &Metadata) -> Look {
        Look { file: about.ino(), bytes: about.len(), changed: (about.ctime(), about.ctime_nsec()) }
    }
}

impl<'a> Sums<'a> {
    /// Of some files, in the order in which they will be wanted.
    pub fn of(delivery: &'a DeliveryFolder, files: Vec<&'a FileEntry>) -> Sums<'a> {
        let taken = files.iter().map(|entry| (entry.file.as_str(), OnceLock::new())).collect();
        Sums { delivery, files, next: AtomicUsize::new(0), is_enough: AtomicBool::new(false), taken }
    }

    /// Takes one checksum after another until it is enough. What cannot be read is left to whoever reads it.
    pub fn take(&self) {
        while !self.is_enough.load(Ordering::Relaxed) {
            let Some(entry) = self.files.get(self.next.fetch_add(1, Ordering::Relaxed)) else { return };
            if let Some(taken) = self.taken(entry) {
                self.taken[entry.file.as_str()].get_or_init(|| taken);
            }
        }
    }

    /// Lets every thread that takes checksums end with the one that it has begun.
    pub fn enough(&self) {
        self.is_enough.store(true, Ordering::Relaxed);
    }

    fn taken(&self, entry: &FileEntry) -> Option<Taken> {
        let path = plain_file(&self.delivery.path, entry).ok()?;
        let look = Look::of(&path.metadata().ok()?);
        self.delivery.reading.limits.hold("file_bytes", look.bytes).ok()?;
        Some(Taken { look, sum: sum(&path).ok()? })
    }

    /// The checksum of a file that looks as it did when that was taken; otherwise it is taken now.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn of_file(&self, entry: &FileEntry, path: &Path, about: &Metadata) -> Result<String> {
        let taken = self.taken.get(entry.file.as_str()).and_then(OnceLock::get);
        match taken.filter(|taken| taken.look == Look::of(about)) {
            Some(taken) => Ok(taken.sum.clone()),
            None => sum(path),
        }
    }
}

/// The SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// The file can't be read.
pub(super) fn sum(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(|error| refusal(&error))?;
    let mut digest = Running::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match file.read(&mut buffer).map_err(|error| refusal(&error))? {
            0 => return Ok(digest.finish()),
            n => digest.update(&buffer[..n]),
        }
    }
}
