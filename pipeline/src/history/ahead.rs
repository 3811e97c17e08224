//! AHEAD: no delivery is dated ahead. Once such a one is settled, whatever arrives until its day is older than it, and
//! refused.
//!
//! A night reads no clock. What vouches for a day is the index date that a run is asked for, or the deliveries before: they
//! come in a row, and one far behind the last is another year's, or from a machine whose clock is wrong. Within these days
//! one from after the night that is asked for waits ([`crate::history::waiting`]).

use crate::{
    day::Day,
    error::{Error, Result},
    extract::{
        Inspection, Refusal,
        delivery::{DeliveryFolder, MANIFEST},
    },
    history::{
        ledger::Ledger,
        waiting::{Divided, Vouched, extracted_on},
    },
    settings::Settings,
};

const RULE: &str = "AHEAD";

/// Refuses new deliveries of which one is dated ahead, whether it is due or waits.
///
/// A night that comes after all others is made from deliveries that cover it: where all that could are later, their dates are
/// wrong or the night's is. And each delivery follows the one before it within the days that the rule allows, but for one
/// that the index date covers. Of the very first nothing is expected.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] when one is.
pub fn refuse(divided: &Divided, ledger: &Ledger, vouched: Vouched, settings: &Settings) -> Result<()> {
    let Divided { due, waiting, covers } = divided;
    if let (Some(index_date), Some(folder), false) = (vouched.index_date, waiting.first(), *covers) {
        let when = index_date.in_words();
        let what = format!("later than the day after the index date, {when}, and nothing else covers that");
        return Err(refused(folder, &what));
    }
    let days = settings.rules.limit(RULE, "days") as i32;
    let mut before = ledger.newest_extract();
    for folder in due.iter().chain(waiting) {
        let on = extracted_on(folder);
        let is_named = vouched.index_date.is_some_and(|named| on <= named + 1);
        if let Some(before) = before.filter(|before| on > *before + days && !is_named) {
            let apart = on - before;
            let what = format!("{apart} days after the newest delivery before it, and {days} are the most");
            return Err(refused(folder, &what));
        }
        before = before.max(Some(on));
    }
    Ok(())
}

/// Of the very first delivery nothing vouches for the date but its own rows. Where files of it are refused as old ones sent
/// again (V33), and nothing of any table happened for long before the extract, it is the date that is wrong: that is told in
/// place of every file.
pub fn tell_of_first(inspection: &mut Inspection, folder: &DeliveryFolder, settings: &Settings) {
    let is_old = |refusal: &Refusal| refusal.error.is_under("V33");
    let feeds = inspection.delivery.tables.iter().chain(&inspection.refused_feeds);
    let organisations =
        feeds.filter_map(|feed| feed.profile.as_ref()).flat_map(|profile| profile.organisations.values());
    let Some(newest) = organisations.filter_map(|counts| counts.newest).max() else { return };
    let on = extracted_on(folder);
    let days = on - 1 - newest;
    if f64::from(days) <= settings.rules.limit(RULE, "first_days") || !inspection.refusals.iter().any(is_old) {
        return;
    }
    let (on, newest) = (on.in_words(), newest.in_words());
    let what = format!(
        "`extracted_at` is of {on}, and in no table did anything happen in the {days} days before: the newest row is of \
         {newest}"
    );
    let what_to_do = "a clock or a typing error has most likely set it: have the manifest corrected and sent again, for \
                      nothing of it is settled; where it is right, every provider has stopped sending, and an [[override]] \
                      of V33 lets the files pass";
    let error = Error::refused(what, what_to_do).file(folder.place(MANIFEST)).rule(RULE);
    inspection.refusals.retain(|refusal| !is_old(refusal));
    inspection.refusals.insert(0, Refusal { error, lacking: None });
}

fn refused(folder: &DeliveryFolder, what: &str) -> Error {
    let manifest = &folder.manifest;
    let on = Day::of(manifest.extracted_at).in_words();
    let hint = &earlycall_schemas::rules::rule(RULE).expect("a declared rule").hint;
    Error::refused(format!("says that it was extracted on {on}, {what}"), hint.trim_end_matches('.'))
        .file(folder.place(MANIFEST))
        .rule(RULE)
}
