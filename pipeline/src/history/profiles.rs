//! The profiles of settled deliveries, as they stand beside the rows.

use std::fs;

use crate::{
    day::{Day, Instant},
    error::{Error, Result},
    history::History,
    quality::profile::{FILE, Profile},
};

impl History {
    /// The profiles of the deliveries extracted on a day or later, and at least the newest one before it, in the order of
    /// their extraction. Deliveries that were settled before profiles were kept have none.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when one cannot be read.
    pub fn profiles_since(&self, since: Day) -> Result<Vec<Profile>> {
        let mut profiles = Vec::new();
        for (at, delivery) in self.ledger.deliveries.iter().enumerate().rev() {
            let path = self.folder().join(format!("quality/{:06}/{FILE}", at + 1));
            if path.exists() {
                let bytes = fs::read(&path).map_err(|error| Error::storage(&path, "read", &error))?;
                profiles.push(Profile::parse(&bytes)?);
            }
            if Instant::parse(&delivery.extracted_at).is_some_and(|moment| Day::of(moment) < since) {
                break;
            }
        }
        profiles.reverse();
        Ok(profiles)
    }
}
