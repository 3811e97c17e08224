//! Feeds of which more than half is lost, and so few rows that their share alone refuses nothing (V42): a practice of seven
//! patients would be gone from every list, and nothing but a count would say so.

use std::{cmp::Reverse, collections::BTreeMap};

use earlycall_schemas::{rules::Action, table::TableKind};

use crate::extract::Admitted;
use crate::quality::finding::{Finding, percent};
use crate::quality::quarantine::Rejection;
use crate::quality::tally::{Rule, Tally};
use crate::settings::Settings;

const RULE: Rule = "V42";

/// Whether most of what a practice sent is lost, and more than a row or two: a gap in what is known of its patients.
pub(crate) fn is_most_of_a_practice(admitted: &Admitted, settings: &Settings) -> bool {
    let is_by_practice = admitted.is_organisation && admitted.table.is_of_practice_record();
    let is_many = admitted.tally.rejected_in_share() as f64 >= settings.rules.limit(RULE, "gap_rows_min");
    is_by_practice && is_many && is_mostly_lost(admitted, settings)
}

/// Whether a file brought something, and most of it could be read.
pub(crate) fn is_read_well(admitted: &Admitted, settings: &Settings) -> bool {
    admitted.tally.accepted > 0 && !is_mostly_lost(admitted, settings)
}

fn is_mostly_lost(admitted: &Admitted, settings: &Settings) -> bool {
    admitted.tally.rejected_share() > settings.rules.limit(RULE, "said_share")
}

/// Says that most of a small feed is lost, by what, and what to do. A lost objection refuses its file anyway.
pub(super) fn finding(admitted: &Admitted, settings: &Settings) -> Option<Finding> {
    let Admitted { table, provider, tally, rejections, .. } = admitted;
    let is_small = (tally.rejected_in_share() as f64) < settings.rules.limit(RULE, "rows_min");
    let is_lost = is_small && is_mostly_lost(admitted, settings) && table.kind != TableKind::Permission;
    is_lost.then(|| {
        let above = percent(settings.rules.limit(RULE, "said_share"));
        let rejected = format!("{} of {}, more than {above}", tally.rejected_in_share(), are_rejected(tally.read));
        let why = most(rejections).map_or(String::new(), |most| format!(": {most}"));
        let message = format!("{rejected}{why}; {}", what_to_do(admitted));
        let (table, provider) = (table.name.clone(), Some(provider.clone()));
        Finding { rule: RULE, action: Action::Warn, table, provider, message }
    })
}

/// How many rows are rejected, what is wrong with most of them, and where that is first seen.
pub(super) fn rejected_too_many<'a>(
    tally: &Tally,
    above: f64,
    rows: impl IntoIterator<Item = &'a Rejection>,
) -> String {
    let told =
        format!("{} of {}, more than {}", percent(tally.rejected_share()), are_rejected(tally.read), percent(above));
    most(rows).map_or(told.clone(), |most| format!("{told}: {most}"))
}

/// What is wrong with most of the rejected rows, and where that is first seen.
pub(crate) fn most<'a>(rows: impl IntoIterator<Item = &'a Rejection>) -> Option<String> {
    let (n, Rejection { rule, column, file, row }) = worst(rows)?;
    Some(format!("{n} by {rule} in {column}, the first in {file}, row {row}"))
}

fn are_rejected(n_read: u64) -> String {
    if n_read == 1 { "1 row is rejected".to_owned() } else { format!("{n_read} rows are rejected") }
}

/// The fault that most rows have, of those that speak against the table: how many, and the first of them.
fn worst<'a>(rows: impl IntoIterator<Item = &'a Rejection>) -> Option<(u64, &'a Rejection)> {
    let mut faults: BTreeMap<(Rule, &str), (u64, &Rejection)> = BTreeMap::new();
    for row in rows.into_iter().filter(|row| Tally::is_in_share(row.rule)) {
        faults.entry((row.rule, row.column)).or_insert((0, row)).0 += 1;
    }
    let most = faults.into_iter().max_by_key(|(fault, (n, _))| (*n, Reverse(*fault)))?;
    Some(most.1)
}

/// A warning must say itself what a refusal ends with.
fn what_to_do(admitted: &Admitted) -> String {
    match worst(&admitted.rejections).map(|(_, first)| first.rule) {
        Some("TYPE" | "CODE") => format!(
            "if the supplier writes dates or codes in its own way, `[extracts.mapping.{}]` says how they are read",
            admitted.table.name
        ),
        Some(rule) => format!("`earlycall explain rule {rule}` says what to do"),
        None => "ask the supplier what they are".to_owned(),
    }
}
