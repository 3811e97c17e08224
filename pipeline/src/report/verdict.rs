//! Whether a night can start from what has arrived, in a line and a colour at the top of the page: green where nothing was
//! lost, red where no night can start, and between them what can be used and should be looked at.

use super::{checked::Checked, screen::thousands};
use crate::quality::tally::Tally;

/// The first line of the page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Its class in the style sheet: `whole`, `usable` or `refused`.
    pub class: &'static str,
    /// What it says.
    pub text: String,
}

impl Verdict {
    pub fn of(checked: &Checked) -> Verdict {
        if !checked.refusals.is_empty() {
            return Verdict { class: "refused", text: "No night can start from these extracts.".to_owned() };
        }
        let can_start = match &checked.in_the_way {
            None => "a night can start from these extracts".to_owned(),
            Some(why) => format!("these extracts can be used, but {why}"),
        };
        match lost(checked) {
            None => Verdict { class: "whole", text: format!("Nothing rejected or repaired: {can_start}.") },
            Some(lost) => Verdict { class: "usable", text: format!("Usable, with {lost}: {can_start}.") },
        }
    }
}

/// What was lost of the new deliveries and what is odd about them: "2 rows rejected, 1 cell repaired and 1 warning". None
/// where nothing was.
fn lost(checked: &Checked) -> Option<String> {
    let mut tally = Tally::default();
    checked.new.iter().flat_map(|delivery| &delivery.tables).for_each(|table| tally.add(&table.tally));
    let n_refused: usize = checked.new.iter().map(|delivery| delivery.refused.len()).sum();
    let n_missing = checked.ahead.as_ref().map_or(0, |ahead| ahead.missing.len());
    let n_odd: usize = checked.new.iter().map(|delivery| delivery.warned.len()).sum();
    let counted = [
        (n_refused as u64, "refusal", "refusals"),
        (tally.rejected_rows(), "row rejected", "rows rejected"),
        (tally.repaired.values().sum(), "cell repaired", "cells repaired"),
        (n_missing as u64, "feed missing", "feeds missing"),
        ((n_odd + checked.odd.len() + checked.warnings.len()) as u64, "warning", "warnings"),
    ];
    let told = counted.into_iter().filter(|(n, _, _)| *n > 0);
    let told = told.map(|(n, one, many)| format!("{} {}", thousands(n), if n == 1 { one } else { many }));
    let told: Vec<String> = told.collect();
    let (last, first) = told.split_last()?;
    Some(if first.is_empty() { last.clone() } else { format!("{} and {last}", first.join(", ")) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::Error,
        quality::tally::Rule,
        report::checked::Missing,
        report::screen::tests::{checked, deaths},
    };

    /// A check of one delivery with so many rows rejected by one rule and another, and of which nothing is missing.
    fn of_one(rejected: &[(Rule, u64)]) -> Checked {
        let mut found = checked(vec![deaths("one", 4_000, rejected)]);
        found.new[0].tables[0].tally.repaired.clear();
        found.ahead.as_mut().unwrap().missing.clear();
        found
    }

    fn verdict(checked: &Checked) -> (&'static str, String) {
        let Verdict { class, text } = Verdict::of(checked);
        (class, text)
    }

    #[test]
    fn only_where_nothing_is_lost_is_it_green() {
        let whole = "Nothing rejected or repaired: a night can start from these extracts.".to_owned();
        assert_eq!(verdict(&of_one(&[])), ("whole", whole));
        let lost = "Usable, with 1,002 rows rejected: a night can start from these extracts.".to_owned();
        assert_eq!(verdict(&of_one(&[("TYPE", 1_000), ("V06", 2)])), ("usable", lost));
    }

    #[test]
    fn what_was_repaired_or_is_odd_is_counted_too() {
        let mut found = of_one(&[("TYPE", 1)]);
        found.new[0].tables[0].tally.repaired.insert("V08", 2);
        found.new[0].refused.push("gp_events of F99901".to_owned());
        found.warnings = vec!["letters: no manifest".to_owned()];
        found.ahead.as_mut().unwrap().missing.push(Missing { table: "ed_attendances", why: None });
        let text = "Usable, with 1 refusal, 1 row rejected, 2 cells repaired, 1 feed missing and 1 warning: a night can \
                    start from these extracts.";
        assert_eq!(verdict(&found), ("usable", text.to_owned()));
    }

    #[test]
    fn where_no_night_can_start_nothing_else_is_said() {
        let mut found = of_one(&[("TYPE", 1)]);
        found.refusals.push(Error::refused("is empty", "send it again"));
        assert_eq!(verdict(&found), ("refused", "No night can start from these extracts.".to_owned()));
    }

    #[test]
    fn a_night_that_stands_is_told_beside_what_was_lost() {
        let mut found = of_one(&[("TYPE", 1)]);
        found.in_the_way = Some("night 2026-11-20.1 stands already".to_owned());
        let text = "Usable, with 1 row rejected: these extracts can be used, but night 2026-11-20.1 stands already.";
        assert_eq!(verdict(&found), ("usable", text.to_owned()));
    }
}
