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
        self, Inspection, Refusal, Untrusted,
        delivery::{DeliveryFolder, MANIFEST},
    },
    history::{
        ledger::Ledger,
        waiting::{self, Divided, Vouched, extracted_on},
    },
    settings::Settings,
};

const RULE: &str = "AHEAD";

/// Refuses new deliveries of which one is dated ahead, whether it is due or waits. Those of optional tables alone refuse
/// nothing, and vouch for nothing.
///
/// A night that comes after all others is made from deliveries that cover it: where all that could are later, their dates are
/// wrong or the night's is. And each delivery follows the one before it within the days that the rule allows, but for one
/// that the index date covers. Of the very first nothing is expected.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] when one is.
pub fn refuse(divided: &Divided, ledger: &Ledger, vouched: Vouched, settings: &Settings) -> Result<()> {
    let Divided { due, waiting, covers } = divided;
    let is_dating = |folder: &&&DeliveryFolder| !folder.is_of_optional_tables();
    let first_waiting = waiting.iter().find(is_dating);
    if let (Some(index_date), Some(folder), false) = (vouched.index_date, first_waiting, *covers) {
        let when = index_date.in_words();
        let what = format!("later than the day after the index date, {when}, and nothing else covers that");
        return Err(refused(folder, &what));
    }
    let days = settings.rules.limit(RULE, "days") as i32;
    let mut before = ledger.newest_extract();
    for folder in due.iter().chain(waiting).filter(is_dating) {
        let on = extracted_on(folder);
        let is_named = vouched.index_date.is_some_and(|named| on <= named + 1);
        if let Some(before) = before.filter(|before| on > *before + days && !is_named) {
            return Err(far_behind(folder, before, days));
        }
        before = before.max(Some(on));
    }
    Ok(())
}

/// Takes out of what waits the deliveries of optional tables alone that are further behind all others than the rule allows:
/// of them it is told that their date may be wrong, and not that they wait for it.
pub fn apart(divided: &mut Divided, ledger: &Ledger, settings: &Settings) -> Vec<Untrusted> {
    let days = settings.rules.limit(RULE, "days") as i32;
    let all: Vec<&DeliveryFolder> = divided.due.iter().chain(&divided.waiting).copied().collect();
    let Some(before) = waiting::newest(&all, ledger) else { return Vec::new() };
    let is_ahead =
        |folder: &mut &DeliveryFolder| folder.is_of_optional_tables() && extracted_on(folder) > before + days;
    let ahead = divided.waiting.extract_if(.., is_ahead);
    ahead.map(|folder| Untrusted::whole(folder, far_behind(folder, before, days))).collect()
}

/// Of the very first delivery nothing vouches for the date but its own rows. Where files of it are refused as old ones sent
/// again (V33), but for optional tables, and nothing of any table happened for long before the extract, it is the date that is
/// wrong: that is told in place of every file.
pub fn tell_of_first(inspection: &mut Inspection, folder: &DeliveryFolder, settings: &Settings) {
    let is_optional = |refusal: &Refusal| refusal.lacking.as_ref().is_some_and(|of| extract::is_optional(&of.table));
    let is_old = |refusal: &Refusal| refusal.error.is_under("V33") && !is_optional(refusal);
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

fn far_behind(folder: &DeliveryFolder, before: Day, days: i32) -> Error {
    let apart = extracted_on(folder) - before;
    refused(folder, &format!("{apart} days after the newest delivery before it, and {days} are the most"))
}

fn refused(folder: &DeliveryFolder, what: &str) -> Error {
    let manifest = &folder.manifest;
    let on = Day::of(manifest.extracted_at).in_words();
    let hint = &earlycall_schemas::rules::rule(RULE).expect("a declared rule").hint;
    Error::refused(format!("says that it was extracted on {on}, {what}"), hint.trim_end_matches('.'))
        .file(folder.place(MANIFEST))
        .rule(RULE)
}
