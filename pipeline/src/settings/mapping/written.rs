//! How suppliers write days, moments and characters: the forms that can be named, and nothing is guessed.

use serde::{Deserialize, Serialize};

use crate::day::{Day, Instant};

/// A form of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum DateForm {
    /// `2026-11-20`, the contract's own.
    #[serde(rename = "%Y-%m-%d")]
    Iso,
    /// `20/11/2026`.
    #[serde(rename = "%d/%m/%Y")]
    Slashes,
    /// `20-11-2026`.
    #[serde(rename = "%d-%m-%Y")]
    Dashes,
    /// `20261120`.
    #[serde(rename = "%Y%m%d")]
    Digits,
    /// `20-Nov-2026`, the month in any case.
    #[serde(rename = "%d-%b-%Y")]
    MonthName,
}

/// A form of moments. Those without an offset are London time; of the hour that comes twice in autumn, the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum MomentForm {
    /// `2026-11-20T09:30:00Z`, the contract's own.
    #[serde(rename = "%Y-%m-%dT%H:%M:%SZ")]
    Rfc3339,
    /// `2026-11-20 09:30:00`.
    #[serde(rename = "%Y-%m-%d %H:%M:%S")]
    Iso,
    /// `2026-11-20T09:30:00`.
    #[serde(rename = "%Y-%m-%dT%H:%M:%S")]
    IsoT,
    /// `20/11/2026 09:30:00`.
    #[serde(rename = "%d/%m/%Y %H:%M:%S")]
    Slashes,
    /// `20/11/2026 09:30`.
    #[serde(rename = "%d/%m/%Y %H:%M")]
    SlashesMinutes,
}

/// How characters are written as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Encoding {
    /// The contract's own.
    #[serde(rename = "utf-8")]
    Utf8,
    /// Of Windows in western Europe; Latin 1 is part of it.
    #[serde(rename = "windows-1252")]
    Windows1252,
    /// Of Windows, two bytes a character; which comes first is told by the mark at its beginning, else the lower.
    #[serde(rename = "utf-16")]
    Utf16,
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

impl DateForm {
    /// The day that a text writes in this form, and in no other.
    ///
    /// # Example
    /// ```
    /// use earlycall::{day::Day, settings::DateForm};
    /// assert_eq!(DateForm::Slashes.day("03/04/2026"), Day::parse("2026-04-03"));
    /// assert_eq!(DateForm::Slashes.day("3/4/2026"), None);
    /// assert_eq!(DateForm::Slashes.day("2026-04-03"), None);
    /// ```
    pub fn day(self, text: &str) -> Option<Day> {
        let part = |from: usize, to: usize| text.get(from..to);
        let parts = |separator: &str| {
            let is_separated = part(2, 3)? == separator && part(5, 6)? == separator;
            is_separated.then_some((part(6, 10)?, part(3, 5)?, part(0, 2)?))
        };
        let (length, parts) = match self {
            DateForm::Iso => return Day::parse(text),
            DateForm::Slashes => (10, parts("/")?),
            DateForm::Dashes => (10, parts("-")?),
            DateForm::Digits => (8, (part(0, 4)?, part(4, 6)?, part(6, 8)?)),
            DateForm::MonthName => {
                let name = part(3, 6)?.to_ascii_lowercase();
                let month = MONTHS.iter().position(|month| **month == name)? + 1;
                let is_separated = part(2, 3)? == "-" && part(6, 7)? == "-" && text.len() == 11;
                let iso = format!("{}-{month:02}-{}", part(7, 11)?, part(0, 2)?);
                return Day::parse(&iso).filter(|_| is_separated);
            }
        };
        let (year, month, day) = parts;
        Day::parse(&format!("{year}-{month}-{day}")).filter(|_| text.len() == length)
    }
}

impl MomentForm {
    /// The moment that a text writes in this form, and in no other.
    ///
    /// # Example
    /// ```
    /// use earlycall::{day::Instant, settings::MomentForm};
    /// // Summer in London is an hour ahead.
    /// assert_eq!(MomentForm::Slashes.moment("03/07/2026 09:30:00"), Instant::parse("2026-07-03T08:30:00Z"));
    /// assert_eq!(MomentForm::Slashes.moment("03/07/2026"), None);
    /// ```
    pub fn moment(self, text: &str) -> Option<Instant> {
        let (form, between, has_seconds) = match self {
            MomentForm::Rfc3339 => return Instant::parse(text),
            MomentForm::Iso => (DateForm::Iso, " ", true),
            MomentForm::IsoT => (DateForm::Iso, "T", true),
            MomentForm::Slashes => (DateForm::Slashes, " ", true),
            MomentForm::SlashesMinutes => (DateForm::Slashes, " ", false),
        };
        let day = form.day(text.get(..10)?)?;
        let time = text.get(10..)?.strip_prefix(between)?;
        let seconds = if has_seconds { "" } else { ":00" };
        // By the reader of the contract, as if London were level with UTC.
        Some(Instant::parse(&format!("{day}T{time}{seconds}Z"))?.told_in_london())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_reads_its_own_and_no_other() {
        let forms = [DateForm::Iso, DateForm::Slashes, DateForm::Dashes, DateForm::Digits, DateForm::MonthName];
        let texts = ["2026-04-03", "03/04/2026", "03-04-2026", "20260403", "03-APR-2026"];
        for (form, own) in forms.into_iter().zip(texts) {
            for text in texts {
                let expected = Day::parse("2026-04-03").filter(|_| text == own);
                assert_eq!(form.day(text), expected, "{form:?} {text}");
            }
        }
        for text in ["31/02/2026", "32/01/2026", "+3/04/2026", "03/04/2026 ", "é3/04/2026", ""] {
            assert_eq!(DateForm::Slashes.day(text), None, "{text}");
        }
        assert_eq!(DateForm::MonthName.day("03-Foo-2026"), None);
        assert_eq!(DateForm::MonthName.day("03-Apr-2026x"), None);
    }

    #[test]
    fn moments_are_of_london_where_no_offset_is_told() {
        for (form, text, expected) in [
            (MomentForm::Iso, "2026-01-03 09:30:00", "2026-01-03T09:30:00Z"),
            (MomentForm::IsoT, "2026-07-03T00:30:00", "2026-07-02T23:30:00Z"),
            (MomentForm::SlashesMinutes, "03/07/2026 09:30", "2026-07-03T08:30:00Z"),
            // The clocks go back at 02:00 on 25 October 2026: half past one comes twice.
            (MomentForm::Slashes, "25/10/2026 01:30:00", "2026-10-25T00:30:00Z"),
            (MomentForm::Slashes, "25/10/2026 02:00:00", "2026-10-25T02:00:00Z"),
            (MomentForm::Rfc3339, "2026-07-03T09:30:00Z", "2026-07-03T09:30:00Z"),
        ] {
            assert_eq!(form.moment(text), Instant::parse(expected), "{text}");
        }
        for text in ["2026-01-03", "2026-01-03T09:30:00", "2026-01-03 24:00:00", "2026-01-03 09:30:00Z"] {
            assert_eq!(MomentForm::Iso.moment(text), None, "{text}");
        }
    }
}
