//! Days and instants as the pipeline counts them: whole Europe/London days, never the machine's clock.

use std::fmt;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A calendar day, counted from 1970-01-01 (day 0).
///
/// Ordered by time. Written and read as `YYYY-MM-DD`; told to people as "3 May 2026".
///
/// # Example
/// ```
/// use earlycall::day::Day;
/// let day = Day::parse("2026-11-20").unwrap();
/// assert_eq!((day + 1).to_string(), "2026-11-21");
/// assert_eq!(day.in_words(), "20 November 2026");
/// assert_eq!(Day::parse("2026-02-30"), None);
/// assert_eq!(Day::parse("20/11/2026"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// Reads `YYYY-MM-DD` in exactly that form, between the years 1800 and 2200; anything else is `None`.
    pub fn parse(text: &str) -> Option<Day> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let year: i16 = text[..4].parse().ok()?;
        let date = Date::new(year, text[5..7].parse().ok()?, text[8..].parse().ok()?).ok()?;
        (1800..=2200).contains(&year).then(|| Day::from_date(date))
    }

    /// The London day on which an instant falls.
    pub fn of(instant: Instant) -> Day {
        let zone = TimeZone::get("Europe/London").expect("the time zone data is compiled in");
        let stamp = Timestamp::from_second(instant.0).expect("instants are read between 1800 and 2200");
        Day::from_date(stamp.to_zoned(zone).date())
    }

    fn from_date(date: Date) -> Day {
        let days = Date::constant(1970, 1, 1).until(date).expect("both dates are in range").get_days();
        Day(days)
    }

    /// The calendar date of this day.
    pub fn date(self) -> Date {
        let span = jiff::Span::new().days(i64::from(self.0));
        Date::constant(1970, 1, 1).checked_add(span).expect("a day lies between 1800 and 2200")
    }

    /// The first day of this day's month.
    pub fn month_start(self) -> Day {
        Day::from_date(self.date().first_of_month())
    }

    /// Whole years from `birth` to this day, as people count birthdays.
    pub fn years_since(self, birth: Day) -> i32 {
        let (now, then) = (self.date(), birth.date());
        let had_birthday = (now.month(), now.day()) >= (then.month(), then.day());
        i32::from(now.year()) - i32::from(then.year()) - i32::from(!had_birthday)
    }

    /// "20 November 2026": the form in which people are told a date.
    pub fn in_words(self) -> String {
        self.date().strftime("%-d %B %Y").to_string()
    }

    /// "Friday 20 November 2026".
    pub fn in_words_with_weekday(self) -> String {
        self.date().strftime("%A %-d %B %Y").to_string()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date())
    }
}

impl std::ops::Add<i32> for Day {
    type Output = Day;
    fn add(self, days: i32) -> Day {
        Day(self.0 + days)
    }
}

impl std::ops::Sub<i32> for Day {
    type Output = Day;
    fn sub(self, days: i32) -> Day {
        Day(self.0 - days)
    }
}

impl std::ops::Sub for Day {
    type Output = i32;
    fn sub(self, earlier: Day) -> i32 {
        self.0 - earlier.0
    }
}

impl std::str::FromStr for Day {
    type Err = String;
    fn from_str(text: &str) -> Result<Day, String> {
        Day::parse(text).ok_or_else(|| "not a day of the form YYYY-MM-DD".to_owned())
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A moment in time, in whole seconds of UTC since 1970-01-01T00:00:00Z.
///
/// # Example
/// ```
/// use earlycall::day::{Day, Instant};
/// let summer_night = Instant::parse("2026-06-30T23:30:00Z").unwrap();
/// assert_eq!(Day::of(summer_night).to_string(), "2026-07-01"); // London is an hour ahead in summer
/// assert_eq!(Instant::parse("2026-06-30 23:30"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

impl Instant {
    /// Reads an RFC 3339 timestamp with its offset (`Z` or `+hh:mm`); anything else is `None`.
    pub fn parse(text: &str) -> Option<Instant> {
        if text.len() < 20 || text.as_bytes()[10] != b'T' {
            return None;
        }
        Day::parse(&text[..10])?;
        let stamp: Timestamp = text.parse().ok()?;
        Some(Instant(stamp.as_second()))
    }

    /// The first second of a day in UTC.
    pub fn at_start_of(day: Day) -> Instant {
        Instant(i64::from(day.0) * 86_400)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Timestamp::from_second(self.0).expect("instants are read between 1800 and 2200"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_1970_and_print_back() {
        for (text, n) in [("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2026-11-20", 20_777)] {
            assert_eq!(Day::parse(text), Some(Day(n)));
            assert_eq!(Day(n).to_string(), text);
        }
    }

    #[test]
    fn an_age_is_counted_in_birthdays() {
        let born = Day::parse("1960-03-01").unwrap();
        assert_eq!(Day::parse("2026-02-28").unwrap().years_since(born), 65);
        assert_eq!(Day::parse("2026-03-01").unwrap().years_since(born), 66);
    }

    #[test]
    fn a_winter_evening_stays_on_its_day_and_a_summer_one_moves() {
        assert_eq!(Day::of(Instant::parse("2010-12-31T23:59:59Z").unwrap()).to_string(), "2010-12-31");
        assert_eq!(Day::of(Instant::parse("2026-07-18T23:00:00Z").unwrap()).to_string(), "2026-07-19");
    }
}
