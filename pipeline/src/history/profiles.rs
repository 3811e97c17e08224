//! The profiles of settled deliveries, what was odd about them and what somebody let pass, as they stand beside the rows.

use std::{fs, path::Path};

use earlycall_schemas::table::table;

use crate::{
    day::{Day, Instant},
    error::{Error, Result},
    history::History,
    quality::{
        profile::{FILE, Profile},
        report::{self, Found},
        set_aside::{self, SetAside},
        ten_digits::{self, Recently},
    },
};

impl History {
    /// The profiles of the deliveries extracted on a day or later, and at least the newest one before it, in the order of
    /// their extraction. Deliveries that were settled before profiles were kept have none, and of a table that may be read no
    /// longer nothing is in them.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when one cannot be read.
    pub fn profiles_since(&self, since: Day) -> Result<Vec<Profile>> {
        let mut profiles = Vec::new();
        for (at, delivery) in self.ledger.deliveries.iter().enumerate().rev() {
            let path = self.folder().join(format!("quality/{:06}/{FILE}", at + 1));
            if path.exists() {
                let mut profile = Profile::parse(&read(&path)?)?;
                profile.feeds.retain(|feed| table(&feed.table).is_some_and(|table| self.bases.allow(table)));
                profiles.push(profile);
            }
            // An optional table may come late, with the days of others settled before it.
            let is_before = Instant::parse(&delivery.extracted_at).is_some_and(|moment| Day::of(moment) < since);
            if is_before && !delivery.of_optional_tables {
                break;
            }
        }
        profiles.reverse();
        Ok(profiles)
    }

    /// What columns have shown of numbers of ten digits in the deliveries of the days that are remembered of that, before the
    /// newest.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when it cannot be read.
    pub fn recently_shown(&self) -> Result<Recently> {
        let mut recently = Recently::default();
        let Some(newest) = self.ledger.newest_extract() else { return Ok(recently) };
        for (number, delivery) in (1..).zip(&self.ledger.deliveries) {
            let path = self.folder().join(format!("quality/{number:06}/{}", ten_digits::FILE));
            let day = Instant::parse(&delivery.extracted_at).map(Day::of);
            if let Some(day) = day.filter(|day| newest - *day < ten_digits::DAYS_REMEMBERED && path.exists()) {
                recently.note(&ten_digits::parse(&read(&path)?)?, day);
            }
        }
        Ok(recently)
    }

    /// What was found in all deliveries but the first so many when they arrived, in their order.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when it cannot be read.
    pub fn found_since(&self, n_deliveries: usize) -> Result<Found> {
        let mut found = Found::default();
        for number in n_deliveries + 1..=self.ledger.deliveries.len() {
            found.add(&read(&self.folder().join(format!("quality/{number:06}/{}", report::FILE)))?)?;
        }
        Ok(found)
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
