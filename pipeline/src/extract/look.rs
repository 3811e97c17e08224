//! What a file looks like from outside. As long as it looks the same, nobody has written to it.

use std::{collections::BTreeMap, fs::Metadata, os::unix::fs::MetadataExt};

use serde::{Deserialize, Serialize};

/// What changes when somebody writes to a file, or puts another in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    file: u64,
    bytes: u64,
    /// When it was last changed, in whatever respect: seconds, and billionths of one.
    changed: (i64, i64),
}

/// What the files of a delivery look like, by their paths in it.
pub type Looks = BTreeMap<String, Look>;

impl Look {
    /// Of an open file, or one that was asked for by its path.
    pub fn of(about: &Metadata) -> Look {
        Look { file: about.ino(), bytes: about.len(), changed: (about.ctime(), about.ctime_nsec()) }
    }

    /// Whether the file was last changed before some second of its disk's own clock.
    pub fn is_from_before(&self, second: i64) -> bool {
        self.changed.0 < second
    }
}
