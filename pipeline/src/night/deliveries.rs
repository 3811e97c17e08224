//! What tonight's deliveries look like beside those of other nights.

use std::collections::BTreeSet;

use earlycall_schemas::table::table;

use crate::{
    day::Day,
    error::Result,
    history::{History, is_no_practice},
    quality::{
        finding::Finding,
        profile::Profile,
        recent::{DAYS_REMEMBERED, Recent, judge},
    },
    settings::Settings,
};

/// Everything that is odd about them (V32 to V36). A finding that refuses holds the night.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when a profile cannot be read.
pub fn findings(history: &History, settings: &Settings, index_date: Day) -> Result<Vec<Finding>> {
    let profiles = history.profiles_since(index_date - DAYS_REMEMBERED)?;
    let left = left(history, &profiles);
    Ok(judge(&Recent { profiles: &profiles, index_date, left: &left, rules: &settings.rules }))
}

/// Practices that sent rows once and share them no more, or are gone.
fn left(history: &History, profiles: &[Profile]) -> BTreeSet<String> {
    let sharing: BTreeSet<&str> =
        history.reference.practices.iter().filter(|(_, row)| row.shares).map(|(code, _)| code.as_str()).collect();
    let is_by_practice = |name: &str| {
        let organisation = table(name).and_then(|table| table.profile.as_ref()?.organisation.as_deref());
        organisation == Some("practice_code")
    };
    let feeds = profiles.iter().flat_map(|profile| &profile.feeds).filter(|feed| is_by_practice(&feed.table));
    // Rows that name no practice count for their supplier, who is none.
    let named = feeds.flat_map(|feed| feed.organisations.keys().filter(|name| **name != feed.supplier));
    named.filter(|name| !sharing.contains(name.as_str()) && !is_no_practice(name)).cloned().collect()
}
