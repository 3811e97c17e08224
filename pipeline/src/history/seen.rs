//! What settled files look like, so that a night need not read all of them again to know that they are what they were.
//!
//! It is kept beside the history and no part of it: another disk has other files of the same bytes. Without it everything
//! is read once more.

use std::{collections::BTreeMap, fs, os::unix::fs::MetadataExt};

use crate::{error::Result, extract::look::Looks, store::Store};

/// The file of the state.
const FILE: &str = "seen.json";

/// A file that was changed so many seconds before its look was noted, or later, may have been changed once more in the
/// same moment of its disk's clock.
const MOMENT: i64 = 2;

/// What the files of each delivery looked like when they were found as its manifest says, by the manifest's checksum.
#[derive(Debug, Default)]
pub struct Seen {
    before: BTreeMap<String, Looks>,
    now: BTreeMap<String, Looks>,
    /// Whether the file says the same, and of nothing that changed a moment before.
    is_kept: bool,
}

impl Seen {
    /// As the last run noted it. What cannot be read was never seen.
    pub fn by(store: &Store) -> Seen {
        let path = store.state().join(FILE);
        let noted = fs::metadata(&path).and_then(|about| Ok((about.mtime(), fs::read(&path)?)));
        let Ok((noted_at, bytes)) = noted else { return Seen::default() };
        let Ok(noted) = serde_json::from_slice::<BTreeMap<String, Looks>>(&bytes) else { return Seen::default() };
        let mut before = noted.clone();
        before.values_mut().for_each(|looks| looks.retain(|_, look| look.is_from_before(noted_at - MOMENT)));
        Seen { is_kept: before == noted, before, now: BTreeMap::new() }
    }

    /// What the files of a delivery looked like.
    pub fn of(&self, manifest_sha256: &str) -> Looks {
        self.before.get(manifest_sha256).cloned().unwrap_or_default()
    }

    /// Notes what they look like now. Deliveries of which nothing is noted are forgotten.
    pub fn note(&mut self, manifest_sha256: &str, looks: Looks) {
        self.now.insert(manifest_sha256.to_owned(), looks);
    }

    /// Keeps it for the next run.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when it cannot be written.
    pub fn keep(&self, store: &Store) -> Result<()> {
        if self.is_kept && self.now == self.before {
            return Ok(());
        }
        store.replace_state_file(FILE, &serde_json::to_vec(&self.now).expect("looks are plain data"))
    }
}
