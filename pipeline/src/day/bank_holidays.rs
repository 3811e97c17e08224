//! Weeks that are unlike others: those with a bank holiday of England, and those from Christmas to New Year.

use std::collections::BTreeSet;

use earlycall_schemas::calendar::bank_holidays;

use super::{Day, days_until};

/// Whether a week is like others: no bank holiday of England lies in it, nor any day from Christmas Eve to New Year.
///
/// # Example
/// ```
/// use earlycall::day::{Day, bank_holidays::is_ordinary_week};
/// let monday = |text| Day::parse(text).unwrap();
/// assert!(is_ordinary_week(monday("2026-11-16")));
/// assert!(!is_ordinary_week(monday("2026-12-21"))); // Christmas Eve is its Thursday
/// assert!(!is_ordinary_week(monday("2026-08-31"))); // the summer bank holiday
/// ```
pub fn is_ordinary_week(monday: Day) -> bool {
    let year = year_of(monday);
    let holidays: BTreeSet<Day> = (year..=year + 1).flat_map(of_year).collect();
    (0..7).all(|n| !holidays.contains(&(monday + n)) && !is_quiet(monday + n))
}

/// The bank holidays of a year.
pub fn of_year(year: i32) -> BTreeSet<Day> {
    let declared = bank_holidays();
    let easter = easter_sunday(year);
    let mut kept: BTreeSet<Day> = declared.days_after_easter_sunday.iter().map(|&days| easter + days).collect();
    // The Monday of a week that ends on the seventh day is the first of its month; so for the last of the month before.
    kept.extend(declared.first_monday_of.iter().map(|&month| (first_of(year, month) + 6).monday()));
    kept.extend(declared.last_monday_of.iter().map(|&month| (first_of(year, month + 1) - 1).monday()));
    for text in &declared.fixed {
        let mut day = in_year(year, text);
        // Christmas Day on a Saturday takes the Monday, for Boxing Day comes after it in the list and takes the Tuesday;
        // on a Sunday it must leave the Monday to Boxing Day.
        while is_weekend(day) || kept.contains(&day) || is_another_fixed(year, text, day) {
            day = day + 1;
        }
        kept.insert(day);
    }
    let listed = |days: &'static [String]| {
        days.iter().map(|text| Day::parse(text).expect("a declared day")).filter(move |day| year_of(*day) == year)
    };
    listed(&declared.moved_away).for_each(|day| _ = kept.remove(&day));
    kept.extend(listed(&declared.one_off));
    kept
}

fn is_another_fixed(year: i32, text: &str, day: Day) -> bool {
    bank_holidays().fixed.iter().any(|other| other != text && in_year(year, other) == day)
}

fn is_quiet(day: Day) -> bool {
    let (year, declared) = (year_of(day), bank_holidays());
    day >= in_year(year, &declared.quiet_from) || day <= in_year(year, &declared.quiet_to)
}

fn is_weekend(day: Day) -> bool {
    day - day.monday() >= 5
}

fn year_of(day: Day) -> i32 {
    day.date().year().into()
}

fn first_of(year: i32, month: i32) -> Day {
    Day(if month > 12 { days_until(year + 1, month - 12, 1) } else { days_until(year, month, 1) })
}

/// The day of a year that `MM-DD` names.
fn in_year(year: i32, text: &str) -> Day {
    Day::parse(&format!("{year:04}-{text}")).expect("a declared day of the year")
}

/// Easter Sunday in the Gregorian calendar. Source: J. M. Oudin's rule of 1940, as the US Naval Observatory gives it.
fn easter_sunday(year: i32) -> Day {
    let century = year / 100;
    let golden = year % 19;
    let k = (century - 17) / 25;
    let mut i = century - century / 4 - (century - k) / 3 + 19 * golden + 15;
    i %= 30;
    i -= (i / 28) * (1 - (i / 28) * (29 / (i + 1)) * ((21 - golden) / 11));
    let mut j = year + year / 4 + i + 2 - century + century / 4;
    j %= 7;
    let after = i - j;
    let month = 3 + (after + 40) / 44;
    Day(days_until(year, month, after + 28 - 31 * (month / 4)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the list that the government publishes.
    #[track_caller]
    fn check(year: i32, expected: &[&str]) {
        let days: Vec<String> = of_year(year).iter().map(|day| day.to_string()[5..].to_owned()).collect();
        assert_eq!(days, expected, "{year}");
    }

    #[test]
    fn the_holidays_of_a_year_are_those_that_were_published() {
        check(2026, &["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"]);
        check(2025, &["01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26"]);
        // Boxing Day on a Sunday.
        check(2021, &["01-01", "04-02", "04-05", "05-03", "05-31", "08-30", "12-27", "12-28"]);
        // Christmas Day on a Sunday, New Year's Day on a Saturday, a jubilee and a funeral.
        check(2022, &["01-03", "04-15", "04-18", "05-02", "06-02", "06-03", "08-29", "09-19", "12-26", "12-27"]);
        // New Year's Day on a Sunday, and a coronation.
        check(2023, &["01-02", "04-07", "04-10", "05-01", "05-08", "05-29", "08-28", "12-25", "12-26"]);
        // The early May holiday moved to a Friday.
        check(2020, &["01-01", "04-10", "04-13", "05-08", "05-25", "08-31", "12-25", "12-28"]);
    }

    #[test]
    fn weeks_around_christmas_and_with_a_holiday_are_unlike_others() {
        let ordinary = |text: &str| is_ordinary_week(Day::parse(text).unwrap());
        // 2026: Christmas Eve is a Thursday, New Year's Day 2027 a Friday.
        assert!(ordinary("2026-12-14"));
        assert!(!ordinary("2026-12-21") && !ordinary("2026-12-28"));
        assert!(ordinary("2027-01-04"));
        // Easter 2026: Good Friday 3 April, Easter Monday 6 April.
        assert!(ordinary("2026-03-23"));
        assert!(!ordinary("2026-03-30") && !ordinary("2026-04-06"));
        assert!(ordinary("2026-04-13"));
        // New Year's Day 2023 was a Sunday, kept on the Monday after.
        assert!(!ordinary("2022-12-26") && !ordinary("2023-01-02"));
    }
}
