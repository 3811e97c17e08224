//! Index dates before which the extracts do not reach as far back as features do.

use std::fmt;

use earlycall_schemas::catalogue::catalogue;

use crate::{day::Day, history::ledger::Ledger};

/// An index date on which the longest windows of features begin before the extracts do. What is counted in them is less
/// than a night will count of the same people, so risks that are learnt from it come out too high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryTooShort {
    /// The index date.
    pub index_date: Day,
    /// The first day of the extracts.
    pub begins: Day,
    /// The longest that a feature looks back.
    pub longest_days: u32,
}

impl HistoryTooShort {
    /// Nothing where everything is counted in full, or where a manifest does not say from when on its delivery tells.
    pub fn on(ledger: &Ledger, index_date: Day) -> Option<HistoryTooShort> {
        let longest_days = catalogue().longest_days();
        let found = HistoryTooShort { index_date, begins: ledger.told_from()?, longest_days };
        (index_date < found.whole_from()).then_some(found)
    }

    /// The first index date whose windows are all within the extracts; a window of so many days ends with its index date.
    fn whole_from(&self) -> Day {
        self.begins + self.longest_days.cast_signed() - 1
    }
}

impl fmt::Display for HistoryTooShort {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let HistoryTooShort { index_date, begins, longest_days } = self;
        write!(
            f,
            "the extracts begin on {begins}, so that of the {longest_days} days before {index_date} in which features count, \
             some are missing; a night that has them counts more of the same people, and their risks come out too high; of \
             index dates from {} on everything is counted",
            self.whole_from()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cohort::tests::life::day, history::ledger::SettledDelivery};

    fn ledger(begin: &[Option<&str>]) -> Ledger {
        let delivery = |from: &Option<&str>| SettledDelivery { period_from: from.map(day), ..Default::default() };
        Ledger { deliveries: begin.iter().map(delivery).collect(), ..Ledger::default() }
    }

    #[test]
    fn a_date_is_told_whose_three_years_begin_before_the_extracts() {
        let on = |date: &str| HistoryTooShort::on(&ledger(&[Some("2021-11-20"), Some("2026-11-20")]), day(date));
        // 1,095 days from 20 November 2021 to 18 November 2024, both counted.
        assert_eq!(on("2024-11-18"), None);
        assert_eq!(
            on("2024-11-17").unwrap().to_string(),
            "the extracts begin on 2021-11-20, so that of the 1095 days before 2024-11-17 in which features count, some are \
             missing; a night that has them counts more of the same people, and their risks come out too high; of index \
             dates from 2024-11-18 on everything is counted"
        );
    }

    #[test]
    fn deliveries_that_do_not_say_from_when_on_they_tell_are_believed() {
        for begin in [vec![None, None], vec![None, Some("2026-11-20")]] {
            assert_eq!(HistoryTooShort::on(&ledger(&begin), day("2024-11-17")), None);
        }
    }
}
