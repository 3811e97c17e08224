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

/// A practice or trust that sent a feed for a part of the days that count.
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
    /// everything, by code. Of fewer rows than `rows_min` a silence says nothing.
    pub fn in_part(&self, feed: &'static str, days: Span, rows_min: f64) -> Vec<InPart> {
        let of_enough = self.0.iter().filter(|(_, months)| months.n_rows() as f64 >= rows_min);
        let spans = of_enough.filter_map(|(provider, months)| Some((provider, months.full_span()?)));
        let is_in_part =
            |span: &Span| span.first > days.first + DAYS_BY_CHANCE || span.last + DAYS_BY_CHANCE < days.last;
        spans
            .filter(|(_, span)| days.first <= days.last && is_in_part(span))
            .map(|(provider, Span { first, last })| InPart {
                feed,
                provider: provider.as_str().to_owned(),
                first,
                last,
            })
            .collect()
    }
}

impl InPart {
    /// "GP appointments of F99901: from 1 January 2025 to 31 August 2026 alone".
    pub fn in_words(&self) -> String {
        let InPart { feed, provider, first, last } = self;
        format!("{feed} of {provider}: from {} to {} alone", first.in_words(), last.in_words())
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
        ]);
        let days = Span { first: day("2025-01-01"), last: day("2026-10-31") };
        let told =
            |days| senders.in_part("GP appointments", days, 200.0).iter().map(InPart::in_words).collect::<Vec<_>>();
        assert_eq!(
            told(days),
            [
                "GP appointments of F02: from 1 January 2025 to 30 June 2026 alone",
                "GP appointments of F03: from 1 July 2025 to 31 October 2026 alone"
            ]
        );
        assert!(told(Span { first: day("2025-07-01"), last: day("2026-06-30") }).is_empty());
        assert!(told(Span { first: day("2026-12-01"), last: day("2026-10-31") }).is_empty(), "no day counts");
    }

    #[test]
    fn the_months_of_all_are_those_of_each_together() {
        let senders = senders(&[("F01", "2026-01-01", "2026-02-01", 4), ("F02", "2026-02-01", "2026-02-01", 4)]);
        let months = senders.months();
        assert_eq!(months.n_rows(), 12);
        assert_eq!(months.full_span(), Some(Span { first: day("2026-01-01"), last: day("2026-02-28") }));
    }
}
