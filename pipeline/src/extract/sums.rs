//! Checksums of files, taken ahead of their reading by threads that have nothing to read yet.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use crate::error::Result;
use crate::extract::delivery::DeliveryFolder;
use crate::extract::file::plain_file;
use crate::extract::input::Input;
use crate::extract::look::{Look, Looks};
use crate::extract::manifest::FileEntry;

/// The checksums of a delivery's files, as far as they have been taken.
pub(super) struct Sums<'a> {
    delivery: &'a DeliveryFolder,
    files: Vec<&'a FileEntry>,
    next: AtomicUsize,
    is_enough: AtomicBool,
    taken: BTreeMap<&'a str, OnceLock<Taken>>,
    /// What files looked like that were as their manifest says.
    known: Option<&'a Looks>,
    proved: Mutex<Looks>,
}

/// A checksum, and what the file looked like before it was taken.
struct Taken {
    look: Look,
    sum: String,
}

impl<'a> Sums<'a> {
    /// Of some files, in the order in which they will be wanted.
    pub fn of(delivery: &'a DeliveryFolder, files: Vec<&'a FileEntry>) -> Sums<'a> {
        let taken = files.iter().map(|entry| (entry.file.as_str(), OnceLock::new())).collect();
        let (next, is_enough) = (AtomicUsize::new(0), AtomicBool::new(false));
        Sums { delivery, files, next, is_enough, taken, known: None, proved: Mutex::default() }
    }

    /// Of a delivery whose files looked so when they were last found as their manifest says.
    pub fn knowing(delivery: &'a DeliveryFolder, known: &'a Looks) -> Sums<'a> {
        Sums { known: Some(known), ..Sums::of(delivery, Vec::new()) }
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
        let file = File::open(plain_file(&self.delivery.path, entry).ok()?).ok()?;
        let about = file.metadata().ok()?;
        self.delivery.reading.limits.hold("file_bytes", about.len()).ok()?;
        Some(Taken { look: Look::of(&about), sum: Input::on_disk(file, about.len()).sum().ok()? })
    }

    /// Whether a file is as its manifest says: it looks as it did when that was found, or has the checksum. `sum` takes it,
    /// unless it was taken ahead.
    ///
    /// # Errors
    /// Those of `sum`.
    pub fn prove(&self, entry: &FileEntry, about: &Metadata, sum: impl FnOnce() -> Result<String>) -> Result<bool> {
        let look = Look::of(about);
        let is_known = self.known.and_then(|known| known.get(&entry.file)) == Some(&look);
        let is_as_sent = is_known || self.of_file(entry, look, sum)? == entry.sha256;
        if is_as_sent {
            self.proved.lock().expect("no thread dies holding it").insert(entry.file.clone(), look);
        }
        Ok(is_as_sent)
    }

    /// What the files looked like that were as their manifest says, just before that was found.
    pub fn proved(self) -> Looks {
        self.proved.into_inner().expect("no thread died holding it")
    }

    /// The checksum that was taken ahead, if the file still looks as it did then; otherwise it is taken now.
    fn of_file(&self, entry: &FileEntry, look: Look, sum: impl FnOnce() -> Result<String>) -> Result<String> {
        let taken = self.taken.get(entry.file.as_str()).and_then(OnceLock::get);
        match taken.filter(|taken| taken.look == look) {
            Some(taken) => Ok(taken.sum.clone()),
            None => sum(),
        }
    }
}
