//! How far London is from UTC, from a table of its clock changes.

use std::sync::LazyLock;

use jiff::{Timestamp, tz::TimeZone};

use super::{Day, Instant, SECONDS_PER_DAY};

/// 1972-01-01T00:00:00Z: from then on London is level with UTC in winter and an hour ahead in summer.
pub(super) const SINCE_1972: i64 = 63_072_000;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_1972_london_is_level_with_utc_or_an_hour_ahead() {
        let since: Vec<i64> = CHANGES.iter().filter(|(from, _)| *from >= SINCE_1972).map(|(_, ahead)| *ahead).collect();
        assert!(since.len() > 400 && since.iter().all(|ahead| [0, 3600].contains(ahead)));
        assert_eq!(offset(Instant(SINCE_1972)), 0);
        for second in (SINCE_1972..4_102_444_800).step_by(1801) {
            let by_table = (second + offset(Instant(second))).div_euclid(SECONDS_PER_DAY);
            assert_eq!(i64::from(Day::of(Instant(second)).0), by_table, "{second}");
        }
    }
}
