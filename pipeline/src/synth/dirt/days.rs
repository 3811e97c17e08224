//! Days that no row should have.

use crate::day::{Day, Instant};

use crate::synth::{calendar::at, dirt::kind::Site};

/// A day on which nobody lived who is in the extracts.
pub(super) fn long_ago(_: &Site) -> Day {
    Day::parse("1905-06-15").expect("a day of the calendar")
}

/// The day that many systems write for "not known".
pub(super) fn unknown(_: &Site) -> Day {
    Day::parse("1900-01-01").expect("a day of the calendar")
}

/// The day that fewer of them write for it.
pub(super) fn unknown_too(_: &Site) -> Day {
    Day::parse("1801-01-01").expect("a day of the calendar")
}

/// The day that others write for "not yet": 31 December 9999.
pub(super) fn never(_: &Site) -> Day {
    Day(2_932_896)
}

/// A day after every extract.
pub(super) fn far(site: &Site) -> Day {
    site.world.params.last_day + 365
}

/// Noon of a day.
pub(super) fn noon(day: Day) -> Instant {
    at(day, 12 * 60)
}
