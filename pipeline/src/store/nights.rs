//! Published nights: their names, their order, and the one pointer.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use crate::{
    day::Day,
    error::{Error, Result},
    store::{
        Store,
        folder::{self, NewFile},
        lock::RegisterLock,
        read_pointer,
    },
};

/// Index date and revision: `2026-11-20.1`. Ordered by date, then revision.
///
/// # Example
/// ```
/// use earlycall::store::nights::NightId;
/// assert_eq!(NightId::parse("2026-11-20.1").unwrap().to_string(), "2026-11-20.1");
/// assert_eq!(NightId::parse("2026-11-20"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NightId {
    /// Last day that the extracts cover.
    pub index_date: Day,
    /// 1 for the first run of the date.
    pub revision: u32,
}

impl NightId {
    /// Reads the form `2026-11-20.1`.
    pub fn parse(text: &str) -> Option<NightId> {
        let (date, revision) = text.split_once('.')?;
        Some(NightId { index_date: Day::parse(date)?, revision: revision.parse().ok()? })
    }
}

impl fmt::Display for NightId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.index_date, self.revision)
    }
}

/// Every night published in an output folder, oldest first. Needs no lock: a night has its name once it is whole.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when the folder cannot be read.
pub fn published(out: &Path) -> Result<Vec<NightId>> {
    let names = folder::names(&out.join("nights"))?;
    let is_whole = |night: &NightId| folder_of(out, *night).join("run.json").is_file();
    let mut nights: Vec<NightId> = names.iter().filter_map(|name| NightId::parse(name)).filter(is_whole).collect();
    nights.sort();
    Ok(nights)
}

/// One file of a night published in an output folder.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when it cannot be read.
pub fn read(out: &Path, night: NightId, file: &str) -> Result<Vec<u8>> {
    let path = folder_of(out, night).join(file);
    fs::read(&path).map_err(|error| Error::storage(&path, "read", &error))
}

fn folder_of(out: &Path, night: NightId) -> PathBuf {
    out.join("nights").join(night.to_string())
}

impl Store<'_> {
    /// Every published night, oldest first.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when the folder cannot be read.
    pub fn nights(&self) -> Result<Vec<NightId>> {
        published(&self.out)
    }

    /// The newest published night with an earlier index date.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when the folder cannot be read.
    pub fn night_before(&self, index_date: Day) -> Result<Option<NightId>> {
        Ok(self.nights()?.into_iter().rfind(|night| night.index_date < index_date))
    }

    /// The newest revision of an index date.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when the folder cannot be read.
    pub fn newest_revision(&self, index_date: Day) -> Result<Option<NightId>> {
        Ok(self.nights()?.into_iter().rfind(|night| night.index_date == index_date))
    }

    /// The folder of a night.
    pub fn night_folder(&self, night: NightId) -> PathBuf {
        folder_of(&self.out, night)
    }

    /// One file of a published night.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when it cannot be read.
    pub fn read(&self, night: NightId, file: &str) -> Result<Vec<u8>> {
        read(&self.out, night, file)
    }

    /// Writes a night whole, reads it back, and moves `current` to it, unless a later night is current already. Whoever
    /// publishes holds the register, so that nobody objects between their reading it and the move.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a step fails; then `current` stays as it was.
    pub fn publish(&self, night: NightId, files: &[NewFile], held: &RegisterLock) -> Result<PathBuf> {
        let path = folder::put(self.disk, &self.out.join("nights"), &night.to_string(), files)?;
        self.point_to_newest(held)?;
        Ok(path)
    }

    /// Points `current` to the newest night, and says whether it had to. A folder under `nights` is whole, for it got its
    /// name after it was read back; a run that died between its two renames leaves the newest without the pointer.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when the pointer cannot be moved.
    pub fn point_to_newest(&self, _held: &RegisterLock) -> Result<bool> {
        let Some(newest) = self.nights()?.pop() else { return Ok(false) };
        let target = format!("nights/{newest}");
        if read_pointer(&self.out.join("current"))?.as_deref() == Some(target.as_str()) {
            return Ok(false);
        }
        folder::point(self.disk, &self.out, "current", &target)?;
        Ok(true)
    }
}
