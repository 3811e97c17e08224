//! A past night in another form: written whole under a name beside it, which it then gives up for its own.

use crate::{
    error::{Error, Result},
    store::{
        Store,
        folder::{self, NewFile, STAGED},
        nights::NightId,
    },
};

/// How the name of a night ends that is to take the place of the one without. Such a folder is whole.
const SUCCESSOR: &str = ".redacted";

impl Store<'_> {
    /// Replaces a published night that is not the current one. Whatever fails, the night is as it was or replaced once the
    /// store is opened again.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a step fails.
    pub fn replace_night(&self, night: NightId, files: &[NewFile]) -> Result<()> {
        folder::put(self.disk, &self.out.join("nights"), &format!("{night}{SUCCESSOR}"), files)?;
        self.succeed(&night.to_string())
    }

    /// Lets nights be succeeded whose replacement a dead run had finished.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a step fails.
    pub(super) fn finish_replacing(&self) -> Result<()> {
        let names = folder::names(&self.out.join("nights"))?;
        names.iter().filter_map(|name| name.strip_suffix(SUCCESSOR)).try_for_each(|name| self.succeed(name))
    }

    fn succeed(&self, name: &str) -> Result<()> {
        let nights = self.out.join("nights");
        let (place, successor) = (nights.join(name), nights.join(format!("{name}{SUCCESSOR}")));
        let gone = nights.join(format!("{STAGED}{name}-older"));
        let failed = |error| Error::storage(&place, "replace", &error);
        self.disk.remove(&gone).map_err(failed)?;
        if place.exists() {
            self.disk.rename(&place, &gone).map_err(failed)?;
        }
        self.disk.rename(&successor, &place).map_err(failed)?;
        self.disk.sync(&nights).map_err(failed)?;
        self.disk.remove(&gone).map_err(failed)
    }
}
