//! From when until when a feed is whole.

use std::collections::BTreeMap;

use crate::day::Day;

/// Rows by the first day of their month.
#[derive(Clone, Debug, Default)]
pub struct Months(BTreeMap<Day, u64>);

/// The first and the last day of which a feed tells everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Day,
}

impl Months {
    /// Counts a row.
    pub fn note(&mut self, day: Day) {
        *self.0.entry(day.month_start()).or_default() += 1;
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: Months) {
        for (month, n) in other.0 {
            *self.0.entry(month).or_default() += n;
        }
    }

    /// The last unbroken run of months with at least half as many rows as the median month, so that no single old row makes
    /// a record of years out of one of months, and nothing counts from before a hole; and no later than so many days before
    /// the data end, as many as rows are late. None where there are no rows.
    ///
    /// All who send rows are taken together: whoever joined later, or stopped, is not seen here ([`super::senders`]).
    pub fn span(&self, data_to: Day, late_days: i32) -> Option<Span> {
        let mut newest_first = self.full().rev();
        let last_month = newest_first.next()?;
        let run = newest_first.zip(1..).take_while(|(month, nth)| *month == last_month.months_later(-nth));
        let first = run.last().map_or(last_month, |(month, _)| month);
        Some(Span { first, last: (last_month.months_later(1) - 1).min(data_to - late_days) })
    }

    /// From the first such month to the last, whatever is between them. None where there are no rows.
    pub fn full_span(&self) -> Option<Span> {
        let (first, last) = (self.full().next()?, self.full().next_back()?);
        Some(Span { first, last: last.months_later(1) - 1 })
    }

    /// Whether a month between two days has less than a quarter as many rows as the median month. With 200 rows in a year one
    /// of 4000 months has by chance, and one of 60 less than half.
    pub fn have_gaps_in(&self, days: Span) -> bool {
        let months = (0..).map(|nth| days.first.month_start().months_later(nth));
        let mut within = months.take_while(|month| *month <= days.last);
        let median = self.median();
        within.any(|month| 4 * self.0.get(&month).copied().unwrap_or_default() < median)
    }

    /// The rows of the twelve months in a row that have most.
    pub fn most_in_a_year(&self) -> u64 {
        let year_from = |from: &Day| self.0.range(*from..from.months_later(12)).map(|(_, n)| n).sum();
        self.0.keys().map(year_from).max().unwrap_or_default()
    }

    /// The months with at least half as many rows as the median month, oldest first.
    fn full(&self) -> impl DoubleEndedIterator<Item = Day> {
        let median = self.median();
        self.0.iter().filter(move |(_, n)| 2 * **n >= median).map(|(month, _)| *month)
    }

    /// The rows of the middle one of the months that have any.
    fn median(&self) -> u64 {
        let mut sorted: Vec<u64> = self.0.values().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }
}

impl Span {
    /// The days that both have.
    pub fn and(self, other: Span) -> Span {
        Span { first: self.first.max(other.first), last: self.last.min(other.last) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn months(counts: &[(&str, u64)]) -> Months {
        Months(counts.iter().map(|(month, n)| (day(month), *n)).collect())
    }

    #[test]
    fn a_stray_row_makes_no_month_whole() {
        let mut months = months(&[("1998-03-01", 1), ("2025-01-01", 40), ("2025-02-01", 50), ("2025-03-01", 60)]);
        let span = |months: &Months, late_days| months.span(day("2025-04-10"), late_days).unwrap();
        assert_eq!(span(&months, 0), Span { first: day("2025-01-01"), last: day("2025-03-31") });
        assert_eq!(span(&months, 30).last, day("2025-03-11"), "rows of the last days are still on their way");
        // Ten days of April are too few for a month.
        (0..10).for_each(|_| months.note(day("2025-04-05")));
        assert_eq!(span(&months, 0).last, day("2025-03-31"));
        (0..20).for_each(|_| months.note(day("2025-04-05")));
        assert_eq!(span(&months, 0).last, day("2025-04-10"));
    }

    #[test]
    fn nothing_counts_from_before_a_hole() {
        let span = |counts: &[(&str, u64)]| {
            let Span { first, last } = months(counts).span(day("2025-07-10"), 0).unwrap();
            (first.to_string(), last.to_string())
        };
        let (first, last) = (("2025-01-01", 40), ("2025-06-01", 50));
        let from_to = |from: &str| (from.to_owned(), "2025-06-30".to_owned());
        // Of March nothing has arrived, or next to nothing.
        assert_eq!(
            span(&[first, ("2025-02-01", 40), ("2025-04-01", 40), ("2025-05-01", 40), last]),
            from_to("2025-04-01")
        );
        let trickle = [first, ("2025-02-01", 40), ("2025-03-01", 3), ("2025-04-01", 40), ("2025-05-01", 40), last];
        assert_eq!(span(&trickle), from_to("2025-04-01"));
        assert_eq!(span(&[first, last]), from_to("2025-06-01"));
    }

    #[test]
    fn a_month_of_less_than_a_quarter_is_a_gap_where_it_is_asked_of() {
        let months = months(&[("2025-01-01", 40), ("2025-02-01", 10), ("2025-03-01", 9), ("2025-05-01", 40)]);
        let have_gaps = |first: &str, last: &str| months.have_gaps_in(Span { first: day(first), last: day(last) });
        // The median of four is the third, 40.
        assert!(!have_gaps("2025-01-01", "2025-02-28"), "a quarter is none");
        assert!(have_gaps("2025-02-10", "2025-03-01"));
        assert!(have_gaps("2025-04-01", "2025-05-31"), "nothing came in April");
        assert!(!have_gaps("2025-05-01", "2025-05-31"));
    }

    #[test]
    fn a_year_is_any_twelve_months_in_a_row() {
        let of_years = months(&[("2024-01-01", 90), ("2024-06-01", 50), ("2025-05-01", 60), ("2026-05-01", 100)]);
        assert_eq!(of_years.most_in_a_year(), 140, "the May after belongs to the year of June");
        assert_eq!(Months::default().most_in_a_year(), 0);
    }

    #[test]
    fn of_no_rows_nothing_is_whole() {
        assert_eq!(Months::default().span(day("2025-04-10"), 0), None);
    }
}
