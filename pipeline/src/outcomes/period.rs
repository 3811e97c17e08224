//! The days of which starts are told, quarter by quarter.

use crate::{
    day::Day,
    error::{Error, Kind, Result},
};

/// Quarters that are told unless somebody asks for others.
const QUARTERS: i32 = 8;
/// The most quarters that a report has.
const QUARTERS_MAX: usize = 40;

/// From a day to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub until: Day,
}

impl Period {
    /// What was asked for, as far as it was: unless somebody says otherwise, eight quarters, the last of them that of the last
    /// day of which anything is known.
    ///
    /// # Errors
    /// * [`Kind::Usage`] when the period ends before it begins, or after what is known, or has more than 40 quarters.
    pub fn of(from: Option<Day>, until: Option<Day>, data_to: Day) -> Result<Period> {
        let until = until.unwrap_or(data_to);
        let from = from.unwrap_or_else(|| quarter_start(until).months_later(-3 * (QUARTERS - 1)));
        let period = Period { from, until };
        let refused = |what: String, hint: String| Err(Error::new(Kind::Usage, what).hint(hint));
        if until > data_to {
            return refused(format!("{until} is not over in the extracts"), format!("the latest day is {data_to}"));
        }
        if from > until {
            return refused(format!("{from} is after {until}"), "--from is the first day and --until the last".into());
        }
        if period.quarters().len() > QUARTERS_MAX {
            return refused(format!("{from} is more than ten years before {until}"), "choose a later --from".into());
        }
        Ok(period)
    }

    /// The first day of each quarter that it touches.
    pub fn quarters(&self) -> Vec<Day> {
        let mut quarters = vec![quarter_start(self.from)];
        while let Some(next) = quarters.last().map(|last| last.months_later(3)).filter(|next| *next <= self.until) {
            quarters.push(next);
        }
        quarters
    }

    /// The place of a day's quarter among them; none if the day is not of the period.
    pub fn place(&self, day: Day) -> Option<u8> {
        let is_within = (self.from..=self.until).contains(&day);
        let quarter = quarter_start(day);
        let place = || self.quarters().iter().position(|start| *start == quarter).map(|place| place as u8);
        is_within.then(place).flatten()
    }

    /// "January to March 2026", and what of it is told where that is a part.
    pub fn in_words(&self, quarter: Day) -> String {
        let (first, last) = (quarter, quarter.months_later(3) - 1);
        let (from, to) = (first.date().strftime("%B"), last.date().strftime("%B %Y"));
        let named = format!("{from} to {to}");
        match (self.from > first, self.until < last) {
            (false, false) => named,
            (true, false) => format!("{named}, from {}", self.from.in_words()),
            (false, true) => format!("{named}, up to {}", self.until.in_words()),
            (true, true) => format!("{named}, {} to {}", self.from.in_words(), self.until.in_words()),
        }
    }
}

fn quarter_start(day: Day) -> Day {
    let month = day.month_start();
    month.months_later(-i32::from((month.date().month() - 1) % 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn two_years_of_quarters_end_with_the_data() {
        let period = Period::of(None, None, day("2026-11-20")).unwrap();
        assert_eq!((period.from, period.until), (day("2025-01-01"), day("2026-11-20")));
        assert_eq!((period.quarters().len(), period.quarters()[7]), (8, day("2026-10-01")));
        let places = ["2024-12-31", "2025-01-01", "2025-03-31", "2025-04-01", "2026-11-20", "2026-11-21"];
        assert_eq!(places.map(|text| period.place(day(text))), [None, Some(0), Some(0), Some(1), Some(7), None]);
    }

    #[test]
    fn a_quarter_says_what_of_it_is_told() {
        let period = Period { from: day("2026-02-05"), until: day("2026-11-20") };
        let told: Vec<String> = period.quarters().into_iter().map(|quarter| period.in_words(quarter)).collect();
        let expected = [
            "January to March 2026, from 5 February 2026",
            "April to June 2026",
            "July to September 2026",
            "October to December 2026, up to 20 November 2026",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_period_that_is_none_is_refused_with_what_to_do() {
        let refused = |from: &str, until: &str| {
            let refused = Period::of(Day::parse(from), Day::parse(until), day("2026-11-20")).unwrap_err();
            assert_eq!(refused.kind(), Kind::Usage);
            refused.to_string()
        };
        assert!(refused("", "2026-11-21").contains("the latest day is 2026-11-20"));
        assert!(refused("2026-05-02", "2026-05-01").contains("2026-05-02 is after 2026-05-01"));
        assert!(refused("1999-01-01", "").contains("ten years"));
    }
}
