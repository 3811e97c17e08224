//! What became of the rows of a file or a table, in numbers.

use std::collections::BTreeMap;

use serde::Serialize;

/// The name of a rule: `V12`, or one of the four that every column has: `NULL`, `TYPE`, `CODE`, `RANGE`.
pub type Rule = &'static str;

/// Rules whose rejections say nothing about the quality of a table, so that V42 doesn't count them: a practice that
/// doesn't share, a repeated row, a person from outside the area, a concept that the law keeps out.
const OUTSIDE_THE_SHARE: [Rule; 4] = ["V05", "V06", "V07", "V38"];

/// The rows of a file or a table: `read` = `accepted` + the sum of `rejected`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Rows under the header.
    pub read: u64,
    /// Rows that passed every rule.
    pub accepted: u64,
    /// Rows rejected, by the first rule that each failed.
    pub rejected: BTreeMap<Rule, u64>,
    /// Cells of accepted rows that were emptied or corrected, by rule.
    pub repaired: BTreeMap<Rule, u64>,
    /// Cells of accepted rows that were kept though odd, by rule.
    pub warned: BTreeMap<Rule, u64>,
}

impl Tally {
    /// Rows rejected under any rule.
    pub fn rejected_rows(&self) -> u64 {
        self.rejected.values().sum()
    }

    /// Whether every row read is on exactly one side.
    ///
    /// # Example
    /// ```
    /// use earlycall::quality::tally::Tally;
    /// let mut tally = Tally { read: 3, accepted: 2, ..Tally::default() };
    /// assert!(!tally.adds_up());
    /// tally.rejected.insert("V09", 1);
    /// assert!(tally.adds_up());
    /// ```
    pub fn adds_up(&self) -> bool {
        self.read == self.accepted + self.rejected_rows()
    }

    /// Whether rows that are rejected under a rule speak against the table (V42).
    pub fn is_in_share(rule: &str) -> bool {
        !OUTSIDE_THE_SHARE.contains(&rule)
    }

    /// Rows whose rejection speaks against the table (V42): all but those under V05, V06, V07 and V38.
    pub fn rejected_in_share(&self) -> u64 {
        let beside: u64 = OUTSIDE_THE_SHARE.iter().filter_map(|rule| self.rejected.get(rule)).sum();
        self.rejected_rows() - beside
    }

    /// Their share, from 0 to 1. 0 for a table without rows.
    pub fn rejected_share(&self) -> f64 {
        if self.read == 0 { 0.0 } else { self.rejected_in_share() as f64 / self.read as f64 }
    }

    /// Rows whose person is not in `patients` (V07), rejected or, if they are objections, kept.
    pub fn strangers(&self) -> u64 {
        [&self.rejected, &self.warned].into_iter().filter_map(|counts| counts.get("V07")).sum()
    }

    /// The share of rows, from 0 to 1, whose person is not in `patients` (V07). 0 for a table without rows.
    pub fn stranger_share(&self) -> f64 {
        if self.read == 0 { 0.0 } else { self.strangers() as f64 / self.read as f64 }
    }

    /// Adds the counts of another tally.
    pub fn add(&mut self, other: &Tally) {
        self.read += other.read;
        self.accepted += other.accepted;
        add(&mut self.rejected, &other.rejected);
        add(&mut self.repaired, &other.repaired);
        add(&mut self.warned, &other.warned);
    }
}

/// Adds counts by rule to others.
pub(crate) fn add(sums: &mut BTreeMap<Rule, u64>, counts: &BTreeMap<Rule, u64>) {
    for (rule, n) in counts {
        *sums.entry(rule).or_default() += n;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(read: u64, rejected: &[(Rule, u64)]) -> Tally {
        let rejected: BTreeMap<Rule, u64> = rejected.iter().copied().collect();
        Tally { read, accepted: read - rejected.values().sum::<u64>(), rejected, ..Tally::default() }
    }

    #[test]
    fn duplicates_strangers_restricted_codes_and_practices_that_do_not_share_are_outside_the_share() {
        let table = tally(100, &[("V05", 20), ("V06", 10), ("V07", 30), ("V09", 1), ("V38", 5), ("TYPE", 2)]);
        assert_eq!(table.rejected_share(), 0.03);
        assert_eq!(tally(0, &[]).rejected_share(), 0.0);
    }

    #[test]
    fn sums_add_up_when_their_parts_do() {
        let mut sum = tally(10, &[("V09", 1)]);
        sum.add(&tally(5, &[("V09", 2), ("NULL", 1)]));
        assert_eq!(sum, tally(15, &[("NULL", 1), ("V09", 3)]));
        assert!(sum.adds_up());
    }
}
