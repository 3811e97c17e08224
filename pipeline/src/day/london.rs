//! How far London is from UTC, from a table of its clock changes.

use std::sync::LazyLock;

use jiff::{Timestamp, tz::TimeZone};

use super::{Day, Instant, SECONDS_PER_DAY};

/// The clock changes of 1800 to 2200: the first second, and the seconds that London is ahead of UTC from then on.
static CHANGES: LazyLock<Vec<(i64, i64)>> = LazyLock::new(changes);

/// The seconds that London is ahead of UTC, between the years 1800 and 2200.
pub(super) fn offset(instant: Instant) -> i64 {
    let after = CHANGES.partition_point(|(from, _)| *from <= instant.0);
    CHANGES[after.saturating_sub(1)].1
}

fn changes() -> Vec<(i64, i64)> {
    let zone = TimeZone::get("Europe/London").expect("the time zone data is compiled in");
    let year = |text| Day::parse(text).expect("a day of the calendar");
    let at = |day: Day| Timestamp::from_second(i64::from(day.0) * SECONDS_PER_DAY).expect("jiff knows these years");
    let (first, last) = (at(year("1800-01-01")), at(year("2200-12-31")));
    let mut changes = vec![(first.as_second(), i64::from(zone.to_offset(first).seconds()))];
    let following = zone.following(first).take_while(|change| change.timestamp() <= last);
    changes.extend(following.map(|change| (change.timestamp().as_second(), i64::from(change.offset().seconds()))));
    changes
}
