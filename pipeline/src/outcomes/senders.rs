//! Who sends a feed, and who of them sends for a part of the time that the feed tells as a whole.

use std::collections::BTreeMap;

use serde::Serialize;

use super::span::{Months, Span};
use crate::{day::Day, history::records::ShortCode};

/// Days by which a sender may begin later or end earlier than the feed: a month may be low by chance.
const DAYS_BY_CHANCE: i32 = 31;

/// The rows of a feed by month, of each practice or trust.
#[derive(Clone, Debug, Default)]
pub struct Senders(BTreeMap<ShortCode, Months>);

/// A practice or trust that sent a feed for a part of the days that count, or with gaps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InPart {
    /// The feed, in words.
    pub feed: &'static str,
    /// Its code.
    pub provider: String,
    /// The first day of its first month with about as many rows as others.
    pub first: Day,
    /// The last day of its last such month.
    pub last: Day,
    /// Whether a month of the days that count, between these two, has next to none of its rows.
    pub has_gaps: bool,
}

impl Senders {
    /// Counts a row.
    pub fn note(&mut self, provider: ShortCode, day: Day) {
        self.0.entry(provider).or_default().note(day);
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: Senders) {
        other.0.into_iter().for_each(|(provider, months)| self.0.entry(provider).or_default().add(months));
    }

    /// The rows of all of them.
    pub fn months(&self) -> Months {
        let mut all = Months::default();
        self.0.values().for_each(|months| all.add(months.clone()));
        all
    }

    /// Those that began more than a month later, or ended more than a month earlier, than the days of which the feed tells
    /// everything, or have gaps in them; by code. Of fewer rows in a year than `rows_min` a silence says nothing.
    pub fn in_part(&self, feed: &'static str, days: Span, rows_min: f64) -> Vec<InPart> {
        if days.first > days.last {
            return Vec::new();
        }
        let of_enough = self.0.iter().filter(|(_, months)| months.most_in_a_year() as f64 >= rows_min);
        let in_part = of_enough.filter_map(|(provider, months)| {
            let span = months.full_span()?;
            let has_gaps = months.have_gaps_in(span.and(days));
            let Span { first, last } = span;
            let lacks_an_end = first > days.first + DAYS_BY_CHANCE || last + DAYS_BY_CHANCE < days.last;
            (lacks_an_end || has_gaps).then(|| InPart {
                feed,
                provider: provider.as_str().to_owned(),
                first,
                last,
                has_gaps,
            })
        });
        in_part.collect()
    }
}

impl InPart {
    /// "GP appointments of F99901: from 1 January 2025 to 31 August 2026 alone"; "with gaps" where there are some.
    pub fn in_words(&self) -> String {
        let InPart { feed, provider, first, last, has_gaps } = self;
        let how = if *has_gaps { "with gaps" } else { "alone" };
        format!("{feed} of {provider}: from {} to {} {how}", first.in_words(), last.in_words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    /// Senders with so many rows in each month from one to another.
    fn senders(of: &[(&str, &str, &str, u64)]) -> Senders {
        let mut senders = Senders::default();
        for (provider, from, to, n) in of {
            let months = (0..).map(|nth| day(from).months_later(nth)).take_while(|month| *month <= day(to));
            for month in months {
                (0..*n).for_each(|_| senders.note(ShortCode::new(provider), month));
            }
        }
        senders
    }

    #[test]
    fn whoever_stopped_or_joined_within_the_days_is_named_and_whoever_sends_all_along_or_little_is_not() {
        let senders = senders(&[
            ("F01", "2025-01-01", "2026-10-01", 40),
            ("F02", "2025-01-01", "2026-06-01", 40),
            ("F02", "2026-09-01", "2026-09-01", 3),
            ("F03", "2025-07-01", "2026-10-01", 40),
            ("F04", "2025-01-01", "2026-09-01", 40),
            ("F05", "2025-01-01", "2025-06-01", 30),
            ("F06", "2025-01-01", "2025-03-01", 40),
            ("F06", "2025-06-01", "2026-10-01", 40),
            ("F07", "2024-01-01", "2026-05-01", 10),
        ]);
        let days = Span { first: day("2025-01-01"), last: day("2026-10-31") };
        let told =
            |days| senders.in_part("GP appointments", days, 200.0).iter().map(InPart::in_words).collect::<Vec<_>>();
        assert_eq!(
            told(days),
            [
                "GP appointments of F02: from 1 January 2025 to 30 June 2026 alone",
                "GP appointments of F03: from 1 July 2025 to 31 October 2026 alone",
                "GP appointments of F06: from 1 January 2025 to 31 October 2026 with gaps"
            ]
        );
        assert!(told(Span { first: day("2025-07-01"), last: day("2026-06-30") }).is_empty());
        assert!(told(Span { first: day("2026-12-01"), last: day("2026-10-31") }).is_empty(), "no day counts");
    }

    #[test]
    fn the_months_of_all_are_those_of_each_together() {
        let senders = senders(&[("F01", "2026-01-01", "2026-02-01", 4), ("F02", "2026-02-01", "2026-02-01", 4)]);
        let months = senders.months();
        assert_eq!(months.most_in_a_year(), 12);
        assert_eq!(months.full_span(), Some(Span { first: day("2026-01-01"), last: day("2026-02-28") }));
    }
}
