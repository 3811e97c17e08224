//! The profiles of settled deliveries, what was odd about them and what somebody let pass, as they stand beside the rows.

use std::{collections::BTreeMap, fs, path::Path};

use crate::{
    day::{Day, Instant},
    error::{Error, Result},
    history::History,
    quality::{
        finding::Finding,
        profile::{FILE, Profile},
        report,
        set_aside::{self, SetAside},
    },
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
                profiles.push(Profile::parse(&read(&path)?)?);
            }
            if Instant::parse(&delivery.extracted_at).is_some_and(|moment| Day::of(moment) < since) {
                break;
            }
        }
        profiles.reverse();
        Ok(profiles)
    }

    /// Of all deliveries but the first so many, what was odd about tables as a whole when they arrived, in their order, and
    /// how many rows of each table were rejected for what they say.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when it cannot be read.
    pub fn found_since(&self, n_deliveries: usize) -> Result<(Vec<Finding>, BTreeMap<String, u64>)> {
        let (mut warned, mut rejected) = (Vec::new(), BTreeMap::new());
        for number in n_deliveries + 1..=self.ledger.deliveries.len() {
            let found = read(&self.folder().join(format!("quality/{number:06}/{}", report::FILE)))?;
            warned.extend(report::warned(&found)?);
            for (table, n) in report::rejected(&found)? {
                *rejected.entry(table).or_default() += n;
            }
        }
        Ok((warned, rejected))
    }

    /// What somebody let pass when it arrived: of all deliveries but the first so many, and of those as long as who
    /// answers for it still does on an index date. In the order of the deliveries.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when it cannot be read.
    pub fn set_aside_since(&self, n_deliveries: usize, index_date: Day) -> Result<Vec<SetAside>> {
        let mut breaches = Vec::new();
        for number in 1..=self.ledger.deliveries.len() {
            let path = self.folder().join(format!("quality/{number:06}/{}", set_aside::FILE));
            if path.exists() {
                let of_delivery = set_aside::parse(&read(&path)?)?.into_iter();
                breaches.extend(of_delivery.filter(|one| number > n_deliveries || one.by.until >= index_date));
            }
        }
        Ok(breaches)
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Error::storage(path, "read", &error))
}
