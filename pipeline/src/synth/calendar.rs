//! Calendar sums by arithmetic alone: the generator asks for a month or a weekday some hundred million times.

use crate::day::{Day, Instant};

/// Year, month and day of the month. Source: H. Hinnant, "chrono-compatible low-level date algorithms".
pub(crate) fn civil(day: Day) -> (i32, u32, u32) {
    let z = day.0 + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i32::from(month <= 2);
    (year, month as u32, (doy - (153 * mp + 2) / 5 + 1) as u32)
}

/// January is 0.
pub(crate) fn month(day: Day) -> usize {
    civil(day).1 as usize - 1
}

/// Monday is 0.
pub(crate) fn weekday(day: Day) -> usize {
    (day.0 + 3).rem_euclid(7) as usize
}

/// First day of the month.
pub(crate) fn month_start(day: Day) -> Day {
    day - (civil(day).2 as i32 - 1)
}

/// A moment of a day, in UTC.
pub(crate) fn at(day: Day, minute_of_day: i64) -> Instant {
    Instant(Instant::at_start_of(day).0 + minute_of_day * 60)
}

/// Half past eleven at night in London, in UTC: when a delivery is made, on the London day itself.
pub(crate) fn delivery_time(day: Day) -> Instant {
    let winter = at(day, 23 * 60 + 30);
    if Day::of(winter) == day { winter } else { at(day, 22 * 60 + 30) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arithmetic_agrees_with_the_calendar() {
        for n in (-40_000..60_000).step_by(17) {
            let date = Day(n).date();
            assert_eq!(civil(Day(n)), (i32::from(date.year()), date.month() as u32, date.day() as u32));
            assert_eq!(weekday(Day(n)), date.weekday().to_monday_zero_offset() as usize);
            assert_eq!(month_start(Day(n)), Day(n).month_start());
        }
    }

    #[test]
    fn a_delivery_is_made_on_its_own_london_day() {
        for text in ["2026-11-20", "2026-07-18", "2026-03-29", "2026-10-25"] {
            let day = Day::parse(text).unwrap();
            assert_eq!(Day::of(delivery_time(day)), day);
        }
        assert_eq!(delivery_time(Day::parse("2026-07-18").unwrap()).to_string(), "2026-07-18T22:30:00Z");
        assert_eq!(delivery_time(Day::parse("2026-11-20").unwrap()).to_string(), "2026-11-20T23:30:00Z");
    }
}
