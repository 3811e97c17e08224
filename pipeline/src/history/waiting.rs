//! Which of the new deliveries a night takes in, and which wait for a night of their own: so nights that were missed are
//! made up for one after the other, each from what it would have had.

use crate::{
    day::{Day, Instant},
    extract::{
        Untrusted,
        delivery::{DeliveryFolder, MANIFEST},
    },
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

/// Divides new deliveries, in the order of their extraction. The questions, in this order:
///
/// 1. Is a day named? Where none is, nothing waits but what is of optional tables alone and from after the newest of the
///    others: a night has its date from those.
/// 2. Of when is each delivery (`Time`)? What is of the day itself or before is due, and what is later waits. A past night
///    waits for nothing that the newest night may have, for permissions always obey the newest delivery.
/// 3. Is what was taken on the evening after the day due, too? It is the next day's, unless this one has nothing of its own,
///    or the nights of this service are made from what is taken so (`LastDay`).
/// 4. Does anything cover the day? In a first look into the past, at a day before everything that has arrived, nothing
///    does, and it is as if none were named.
pub fn divide<'a>(new: Vec<&'a DeliveryFolder>, ledger: &Ledger, vouched: Vouched) -> Divided<'a> {
    let newest = newest(&new, ledger);
    let undated = |new: Vec<&'a DeliveryFolder>| {
        let is_due = |folder: &&DeliveryFolder| {
            !folder.is_of_optional_tables() || newest.is_none_or(|newest| extracted_on(folder) <= newest)
        };
        let (due, waiting) = new.into_iter().partition(is_due);
        Divided { due, waiting, covers: true }
    };
    let Some(named) = vouched.index_date else { return undated(new) };
    let last = LastDay::of(named, &new, ledger, vouched);
    let is_due = |folder: &DeliveryFolder| match Time::of(folder, last.day) {
        Time::ByThen => true,
        Time::EveningAfter => !last.has_its_own || last.is_made_on_the_evening_after,
        Time::Later => false,
    };
    let due_on = dating(&new).filter(|folder| is_due(folder)).map(extracted_on);
    let covers = due_on.chain(ledger.newest_extract()).max() >= Some(named);
    if !covers && !vouched.is_next() {
        return undated(new);
    }
    let (due, waiting) = new.into_iter().partition(|folder| is_due(folder));
    Divided { due, waiting, covers }
}

/// Those that a night can have its date from.
fn dating<'a>(new: &[&'a DeliveryFolder]) -> impl Iterator<Item = &'a DeliveryFolder> {
    new.iter().copied().filter(|folder| !folder.is_of_optional_tables())
}

/// The newest day on which anything was extracted that a night can have its date from.
pub fn newest(new: &[&DeliveryFolder], ledger: &Ledger) -> Option<Day> {
    dating(new).map(extracted_on).chain(ledger.newest_extract()).max()
}

/// Of when a delivery is, as seen from the last day that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Time {
    /// Of that day, or of one before it.
    ByThen,
    /// Of the day that follows, and taken on its afternoon or evening: that day's own, or this one's taken late.
    EveningAfter,
    /// Taken after the day that follows.
    Later,
}

impl Time {
    fn of(folder: &DeliveryFolder, day: Day) -> Time {
        if extracted_on(folder) > day + 1 {
            Time::Later
        } else if last_day_of(folder) > day {
            Time::EveningAfter
        } else {
            Time::ByThen
        }
    }
}

/// The last day that counts for a night: its own, or of a past one that of the newest night.
struct LastDay {
    day: Day,
    /// Whether a delivery of this very day has arrived.
    has_its_own: bool,
    /// Whether nights of this service are made from what is taken on the evening after them, as the newest was.
    is_made_on_the_evening_after: bool,
}

impl LastDay {
    fn of(named: Day, new: &[&DeliveryFolder], ledger: &Ledger, vouched: Vouched) -> LastDay {
        let day = vouched.newest_night.map_or(named, |night| named.max(night.index_date));
        let settled = ledger.last_day_covered();
        let is_own = |folder: &DeliveryFolder| Time::of(folder, day) == Time::ByThen && last_day_of(folder) == day;
        LastDay {
            day,
            has_its_own: settled >= Some(day) || dating(new).any(is_own),
            is_made_on_the_evening_after: vouched.newest_night.is_some_and(|night| settled > Some(night.index_date)),
        }
    }
}

impl Ledger {
    /// The last day that what is settled covers, by the hours at which it was extracted.
    pub fn last_day_covered(&self) -> Option<Day> {
        self.moments().map(|moment| last_day(moment, None)).max()
    }
}

/// The London day of a delivery's extraction, by a clock that may go a little before ours.
pub fn extracted_on(folder: &DeliveryFolder) -> Day {
    day_of(folder.manifest.extracted_at)
}

fn day_of(extracted_at: Instant) -> Day {
    Day::of(Instant(extracted_at.0 - CLOCK_SKEW_SECONDS))
}

/// Takes out what cannot be trusted and was extracted after the day that follows the index date: of the night that is asked
/// for it is no part. A sentence for each.
pub fn apart(untrusted: &mut Vec<Untrusted>, index_date: Option<Day>) -> Vec<String> {
    let is_later = |one: &Untrusted| {
        let extracted_on = one.extracted_at.map(day_of);
        index_date.is_some_and(|named| extracted_on.is_some_and(|on| on > named + 1))
    };
    let later = untrusted.extract_if(.., |one| is_later(one));
    later
        .map(|one| {
            format!("extracted after the day that follows the index date, and no part of this night: {}", one.why)
        })
        .collect()
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
