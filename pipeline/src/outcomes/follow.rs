//! Before and after: the days on both sides of a start, and what happened on them.

use super::{rows::Appointment, span::Span};
use crate::day::Day;

/// The most days that are looked at before a start, and as many after it.
pub const DAYS: i32 = 180;

/// What is known of somebody, as far as it is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// From the first day of their first registration to the last of their last, or the day on which they died.
    pub here: Span,
    /// The first days of emergency admissions.
    pub admissions: Vec<Day>,
    /// Appointments kept and missed.
    pub appointments: Vec<Appointment>,
}

/// How many there were before a start, and how many after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BothSides {
    /// Before.
    pub before: u64,
    /// After.
    pub after: u64,
}

/// How many days on each side of a start are counted: as many as both sides have within the span. So there is as much time
/// before as after, whoever has died or moved away.
pub fn days(start: Day, whole: Span) -> i32 {
    (start - whole.first).min(whole.last - start).clamp(0, DAYS)
}

/// How many of some days lie among so many days before a start, and after it. The day of the start is on neither side: what
/// happens on it may be why somebody was referred, or what came of it.
pub fn both_sides(start: Day, reach: i32, events: impl Iterator<Item = Day>) -> BothSides {
    let mut found = BothSides::default();
    for day in events {
        match day - start {
            distance if (-reach..0).contains(&distance) => found.before += 1,
            distance if (1..=reach).contains(&distance) => found.after += 1,
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn a_day_counts_where_the_one_on_the_other_side_does() {
        let start = day("2026-01-01");
        let of = |days_before: i32, days_after: i32| {
            days(start, Span { first: start - days_before, last: start + days_after })
        };
        assert_eq!([of(180, 180), of(400, 400), of(180, 179), of(58, 400)], [180, 180, 179, 58]);
        assert_eq!([of(0, 180), of(180, 0), of(180, -50)], [0, 0, 0]);
    }

    #[test]
    fn the_day_of_the_start_is_on_neither_side() {
        let start = day("2026-01-01");
        let events = [-181, -180, -1, 0, 1, 180, 181].map(|distance| start + distance);
        assert_eq!(both_sides(start, 180, events.into_iter()), BothSides { before: 2, after: 2 });
        assert_eq!(both_sides(start, 1, events.into_iter()), BothSides { before: 1, after: 1 });
        assert_eq!(both_sides(start, 0, events.into_iter()), BothSides::default());
    }
}
