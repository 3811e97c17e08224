//! Which of the new deliveries a night takes in, and which wait for a night of their own: so nights that were missed are
//! made up for one after the other, each from what it would have had.

use crate::{
    day::{Day, Instant},
    extract::delivery::{DeliveryFolder, MANIFEST},
    history::ledger::Ledger,
    store::nights::NightId,
};

/// By this much a supplier's clock may go before ours.
const CLOCK_SKEW_SECONDS: i64 = 300;
/// What is taken from its source in the morning is of the day before.
const NOON_SECONDS: i64 = 12 * 3600;

/// What a run knows of its day.
#[derive(Clone, Copy, Debug)]
pub struct Vouched {
    /// The index date that it is asked for.
    pub index_date: Option<Day>,
    /// The newest published night.
    pub newest_night: Option<NightId>,
}

/// New deliveries, each part in the order of their extraction.
#[derive(Debug)]
pub struct Divided<'a> {
    /// Those that are settled now.
    pub due: Vec<&'a DeliveryFolder>,
    /// Those of later nights.
    pub waiting: Vec<&'a DeliveryFolder>,
    /// Whether what is settled or due covers the index date; true where none is named.
    pub covers: bool,
}

impl Vouched {
    /// Whether a day is named that comes after all nights; of a service's first night nothing can be said.
    pub fn is_next(&self) -> bool {
        self.index_date.is_some_and(|day| self.newest_night.is_some_and(|night| day > night.index_date))
    }
}

/// Divides new deliveries, in the order of their extraction.
///
/// Where a day is named, a delivery waits that was extracted after the day that follows it. So does one of the afternoon or
/// evening of that following day, for it is the next day's, unless the day that is named has no delivery of its own, or the
/// nights of this service are made from what is extracted on the evening after them.
///
/// A past night waits for nothing that the newest night may have, for permissions always obey the newest delivery. Nothing
/// waits where no day is named, nor in a first look into the past, at a day before everything that has arrived.
pub fn divide<'a>(new: Vec<&'a DeliveryFolder>, ledger: &Ledger, vouched: Vouched) -> Divided<'a> {
    let Some(named) = vouched.index_date else { return Divided { due: new, waiting: Vec::new(), covers: true } };
    let last = vouched.newest_night.map_or(named, |night| named.max(night.index_date));
    let moments = ledger.deliveries.iter().filter_map(|settled| Instant::parse(&settled.extracted_at));
    let newest_settled = moments.map(|moment| last_day(moment, None)).max();
    let is_in_time = |folder: &&DeliveryFolder| extracted_on(folder) <= last + 1;
    let is_own = |folder: &&DeliveryFolder| is_in_time(folder) && last_day_of(folder) <= last;
    let has_its_own =
        newest_settled >= Some(last) || new.iter().any(|folder| is_own(folder) && last_day_of(folder) == last);
    let is_evening_after = vouched.newest_night.is_some_and(|night| newest_settled > Some(night.index_date));
    let is_due =
        |folder: &&DeliveryFolder| is_own(folder) || (is_in_time(folder) && (is_evening_after || !has_its_own));
    let (mut due, mut waiting): (Vec<_>, Vec<_>) = new.into_iter().partition(is_due);
    let newest = due.iter().map(|folder| extracted_on(folder)).chain(ledger.newest_extract()).max();
    let mut covers = newest >= Some(named);
    if !covers && !vouched.is_next() {
        due.append(&mut waiting);
        covers = true;
    }
    Divided { due, waiting, covers }
}

/// The London day of a delivery's extraction, by a clock that may go a little before ours.
pub fn extracted_on(folder: &DeliveryFolder) -> Day {
    Day::of(Instant(folder.manifest.extracted_at.0 - CLOCK_SKEW_SECONDS))
}

/// A sentence for whoever runs the night of another day.
pub fn in_words(folder: &DeliveryFolder) -> String {
    let on = Day::of(folder.manifest.extracted_at).in_words();
    format!(
        "{}: was extracted on {on} and waits for its own night; what it says, objections too, counts from then on",
        folder.place(MANIFEST)
    )
}

/// The last day that a delivery covers.
fn last_day_of(folder: &DeliveryFolder) -> Day {
    last_day(folder.manifest.extracted_at, folder.manifest.period_to)
}

fn last_day(extracted_at: Instant, period_to: Option<Day>) -> Day {
    let by_clock = Day::of(Instant(extracted_at.0 - NOON_SECONDS));
    period_to.map_or(by_clock, |day| day.min(by_clock))
}
