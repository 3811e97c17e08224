//! Where to look first: of each table and rule the first row that breaks it, over all deliveries that have been read.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;

use crate::{
    extract::Inspection,
    quality::{tally::Rule, trace::Kept},
};

/// What becomes of most rows that break a rule: nobody sees them any more, so they are told before the others.
pub(super) const REJECTED: &str = "rejected";

/// The first row of a table that breaks a rule.
#[derive(Serialize)]
pub struct First {
    /// The table.
    pub table: &'static str,
    /// The rule.
    pub rule: Rule,
    /// What becomes of such rows: "rejected", "repaired", "odd and kept".
    pub what: &'static str,
    /// How many rows, or cells of them, there are.
    pub n: u64,
    /// The delivery with the first of them.
    pub delivery: String,
    /// Its file, behind the name of the delivery's folder.
    pub file: String,
    /// Its row.
    pub row: u64,
    /// Its column.
    pub column: &'static str,
}

/// Where a row is: the place of its delivery in the order of extraction, its file, row and column.
type At = (usize, Arc<str>, u64, &'static str);

/// The first row by table, rule and what becomes of it: rejected rows first, and the rule that most rows break.
pub(super) fn firsts(inspections: &[Inspection]) -> Vec<First> {
    let mut found: BTreeMap<(&'static str, Rule, &'static str), (u64, At)> = BTreeMap::new();
    let mut note = |table, rule, what, n: u64, at: At| {
        let (sum, first) = found.entry((table, rule, what)).or_insert_with(|| (0, at.clone()));
        *sum += n;
        if at < *first {
            *first = at;
        }
    };
    let deliveries = || inspections.iter().map(|inspection| &inspection.delivery).enumerate();
    for (nth, admitted) in
        deliveries().flat_map(|(nth, delivery)| delivery.tables.iter().map(move |table| (nth, table)))
    {
        let (table, tally) = (admitted.table.name.as_str(), &admitted.tally);
        for one in &admitted.rejections {
            note(table, one.rule, REJECTED, 1, (nth, one.file.clone(), one.row, one.column));
        }
        // Of these only the first few are listed one by one, and all of them are counted.
        for (kept, counts) in [(Kept::Repaired, &tally.repaired), (Kept::Odd, &tally.warned)] {
            for (rule, n) in counts {
                let first = admitted.traces.iter().filter(|one| one.rule == *rule && one.kept == kept).min();
                if let Some(one) = first {
                    note(table, rule, kept.in_words(), *n, (nth, one.file.clone(), one.row, one.column));
                }
            }
        }
    }
    let first = |((table, rule, what), (n, at)): ((&'static str, Rule, &'static str), (u64, At))| {
        let (nth, file, row, column) = at;
        let delivery = &inspections[nth].delivery;
        First { table, rule, what, n, delivery: delivery.id.clone(), file: file.to_string(), row, column }
    };
    let mut firsts: Vec<First> = found.into_iter().map(first).collect();
    let is_kept = |first: &First| first.what != REJECTED;
    firsts.sort_by_key(|first| (is_kept(first), std::cmp::Reverse(first.n)));
    firsts
}
