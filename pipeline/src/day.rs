//! Days and instants as the pipeline counts them: whole Europe/London days, never the machine's clock.

use std::fmt;

use jiff::{Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub mod bank_holidays;
mod london;

const SECONDS_PER_DAY: i64 = 86_400;

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
        let (year, month, day) = (number(&bytes[..4])?, number(&bytes[5..7])?, number(&bytes[8..])?);
        let is_date = (1800..=2200).contains(&year) && (1..=12).contains(&month) && day >= 1;
        (is_date && day <= days_in_month(year, month)).then(|| Day(days_until(year, month, day)))
    }

    /// The London day on which an instant falls.
    pub fn of(instant: Instant) -> Day {
        let (day, second) = (instant.0.div_euclid(SECONDS_PER_DAY), instant.0.rem_euclid(SECONDS_PER_DAY));
        // Since then London has been level with UTC or an hour ahead, which matters in the last hour of a day alone.
        let is_plain = instant.0 >= london::SINCE_1972 && second < SECONDS_PER_DAY - 3600;
        let day = if is_plain { day } else { (instant.0 + london::offset(instant)).div_euclid(SECONDS_PER_DAY) };
        Day(i32::try_from(day).expect("instants are read between 1800 and 2200"))
    }

    fn from_date(date: Date) -> Day {
        Day(days_until(date.year().into(), date.month().into(), date.day().into()))
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

    /// The Monday of this day's week.
    pub fn monday(self) -> Day {
        // Day 0 was a Thursday.
        self - (self.0 + 3).rem_euclid(7)
    }

    /// The same day so many months later, or the last of a shorter month; earlier if the number is negative.
    pub fn months_later(self, months: i32) -> Day {
        Day::from_date(self.date().checked_add(months.months()).expect("days of the contract lie far from both ends"))
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
        let day = Day::parse(&text[..10])?;
        if let Some(second) = second_of_utc_day(&text.as_bytes()[10..]) {
            return Some(Instant(i64::from(day.0) * SECONDS_PER_DAY + second));
        }
        let stamp: Timestamp = text.parse().ok()?;
        Some(Instant(stamp.as_second()))
    }

    /// The moment at which a clock in London shows what this one is in UTC. Of an hour that comes twice it is the first.
    pub fn told_in_london(self) -> Instant {
        // Summer time first: whoever sees an hour twice sees it then first.
        let ahead = [self.0 - 3600, self.0].map(|second| second + london::offset(Instant(second)) == self.0);
        let offset = match ahead {
            [true, _] => 3600,
            [false, true] => 0,
            // Before 1972, or an hour that is left out in spring.
            [false, false] => london::offset(self),
        };
        Instant(self.0 - offset)
    }

    /// The first second of a day in UTC.
    pub fn at_start_of(day: Day) -> Instant {
        Instant(i64::from(day.0) * SECONDS_PER_DAY)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Timestamp::from_second(self.0).expect("instants are read between 1800 and 2200"))
    }
}

/// The number that a few digits write; anything else is `None`.
fn number(digits: &[u8]) -> Option<i32> {
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i32::from(digit - b'0')))
}

/// `T09:30:00Z` as seconds; `None` for other forms, among them those with an offset, a fraction or a leap second.
fn second_of_utc_day(text: &[u8]) -> Option<i64> {
    let [b'T', h1, h2, b':', m1, m2, b':', s1, s2, b'Z'] = *text else { return None };
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?);
    (hour < 24 && minute < 60 && second < 60).then_some(i64::from(hour * 3600 + minute * 60 + second))
}

fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date. Years are counted from March, so that the leap day is the last of its year.
fn days_until(year: i32, month: i32, day: i32) -> i32 {
    const FROM_MARCH_OF_YEAR_0: i32 = 719_468;
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // 153 days in any five months from March on.
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - FROM_MARCH_OF_YEAR_0
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_london_day_is_the_calendar_s(second in -5_364_662_400_i64..7_289_654_400) {
            let zone = TimeZone::get("Europe/London").unwrap();
            let date = Timestamp::from_second(second).unwrap().to_zoned(zone).date();
            prop_assert_eq!(Day::of(Instant(second)).date(), date);
        }

        #[test]
        fn a_day_is_read_back_as_it_was_written(day in -62_091..84_371) {
            let text = Day(day).date().to_string();
            prop_assert_eq!(Day::parse(&text), Some(Day(day)));
            let instant = Instant(i64::from(day) * 86_400 + 5_025);
            prop_assert_eq!(Instant::parse(&instant.to_string()), Some(instant));
        }

        #[test]
        fn texts_that_are_nearly_dates_are_judged_as_the_calendar_does(y in 1790..2210, m in 0..14, d in 0..33) {
            let text = format!("{y:04}-{m:02}-{d:02}");
            let known = text.parse::<Date>().ok().filter(|_| (1800..=2200).contains(&y));
            prop_assert_eq!(Day::parse(&text).map(Day::date), known);
            prop_assert_eq!(Day::parse(&text.replace("-0", "-+")).is_some(), known.is_some() && !text.contains("-0"));
        }
    }

    #[test]
    fn other_forms_of_a_moment_are_read_too() {
        let at = |text| Instant::parse(text);
        assert_eq!(at("2026-11-20T10:30:00+01:00"), at("2026-11-20T09:30:00Z"));
        assert_eq!(at("2026-11-20T09:30:00.75Z"), at("2026-11-20T09:30:00Z"));
        for text in ["2026-11-20T24:00:00Z", "2026-11-20T09:60:00Z", "2026-11-20T09:30:00", "2026-11-20T+9:30:00Z"] {
            assert_eq!(at(text), None, "{text}");
        }
    }

    #[test]
    fn days_count_from_1970_and_print_back() {
        for (text, n) in [("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2026-11-20", 20_777)] {
            assert_eq!(Day::parse(text), Some(Day(n)));
            assert_eq!(Day(n).to_string(), text);
        }
    }

    #[test]
    fn a_week_begins_on_monday() {
        let monday = |day: &str| Day::parse(day).unwrap().monday().to_string();
        assert_eq!(monday("2026-11-16"), "2026-11-16");
        assert_eq!(monday("2026-11-22"), "2026-11-16");
        assert_eq!(monday("1969-12-31"), "1969-12-29");
    }

    #[test]
    fn months_later_is_the_same_day_of_the_month_or_its_last() {
        let later = |day: &str, months| Day::parse(day).unwrap().months_later(months).to_string();
        assert_eq!(later("1950-03-01", 2), "1950-05-01");
        assert_eq!(later("2020-10-01", -9), "2020-01-01");
        assert_eq!(later("2023-01-31", 1), "2023-02-28");
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
