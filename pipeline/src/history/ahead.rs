//! AHEAD: no delivery is dated ahead. Once such a one is settled, whatever arrives until its day is older than it, and
//! refused.
//!
//! A night reads no clock. What vouches for a day is the index date that a run is asked for, or the deliveries before: they
//! come in a row, and one far behind the last is another year's, or from a machine whose clock is wrong.

use crate::{
    day::{Day, Instant},
    error::{Error, Kind, Result},
    extract::delivery::{DeliveryFolder, MANIFEST},
    history::ledger::Ledger,
    settings::Settings,
    store::nights::NightId,
};

const RULE: &str = "AHEAD";

/// By this much a supplier's clock may go before ours.
const CLOCK_SKEW_SECONDS: i64 = 300;

/// What a run knows of its day.
#[derive(Clone, Copy, Debug)]
pub struct Vouched {
    /// The index date that it is asked for.
    pub index_date: Option<Day>,
    /// The newest published night.
    pub newest_night: Option<NightId>,
}

/// Refuses new deliveries, in the order of their extraction, of which one is dated ahead.
///
/// Of a night that comes after all others the index date is known, and its deliveries are extracted by the end of the day
/// after it. A past night, or one whose date nobody says, is made with whatever is there: then each delivery follows the one
/// before it within the days that the rule allows. Of the very first nothing is expected.
///
/// # Errors
/// * [`Kind::Extract`] when one is.
pub fn refuse(new: &[&DeliveryFolder], ledger: &Ledger, vouched: Vouched, settings: &Settings) -> Result<()> {
    let days = settings.rules.limit(RULE, "days") as i32;
    let is_next = |index_date| vouched.newest_night.is_some_and(|night| index_date > night.index_date);
    let next = vouched.index_date.filter(|index_date| is_next(*index_date));
    let mut before = ledger.newest_extract();
    for folder in new {
        let extracted_at = folder.manifest.extracted_at;
        let on = Day::of(Instant(extracted_at.0 - CLOCK_SKEW_SECONDS));
        match (next, before) {
            (Some(index_date), _) if on > index_date + 1 => {
                let when = index_date.in_words();
                return Err(refused(folder, &format!("later than the day after the index date, {when}")));
            }
            (None, Some(before)) if on > before + days && vouched.index_date.is_none_or(|named| on > named + 1) => {
                let after =
                    format!("{} days after the newest delivery before it, and {days} are the most", on - before);
                return Err(refused(folder, &after));
            }
            _ => before = before.max(Some(on)),
        }
    }
    Ok(())
}

fn refused(folder: &DeliveryFolder, what: &str) -> Error {
    let manifest = &folder.manifest;
    let on = Day::of(manifest.extracted_at).in_words();
    Error::new(Kind::Extract, format!("says that it was extracted on {on}, {what}"))
        .file(folder.place(MANIFEST))
        .rule(RULE)
        .hint(earlycall_schemas::rules::rule(RULE).map_or("", |rule| rule.hint.trim_end_matches('.')))
}
