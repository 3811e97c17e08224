//! Deliveries in a few lines of text.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{ArrayRef, RecordBatch, StringArray, new_null_array},
    compute::cast,
    util::display::{ArrayFormatter, FormatOptions},
};
use earlycall_schemas::table::{TableSpec, table};

use crate::{
    day::Day,
    history::{
        View,
        arrive::plain_schema,
        bucket::settled_schema,
        decode::visible,
        settle::{Arrival, settle},
    },
};

/// Whoever a row is about unless it says otherwise.
pub const SOMEBODY: &str = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";

pub fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// Rows of a table as they pass the checks: names of columns, then one row a line, `-` for an empty cell.
pub fn rows(table: &'static TableSpec, text: &str) -> RecordBatch {
    let lines: Vec<Vec<&str>> = text.trim().lines().map(|line| line.split_whitespace().collect()).collect();
    let n_rows = lines.len() - 1;
    let schema = plain_schema(table);
    let columns = schema.fields().iter().map(|field| {
        let cells: StringArray = match lines[0].iter().position(|name| name == field.name()) {
            None if field.name() == "person_id" => vec![Some(SOMEBODY); n_rows].into(),
            None => return new_null_array(field.data_type(), n_rows),
            Some(at) => lines[1..].iter().map(|cells| Some(cells[at]).filter(|cell| *cell != "-")).collect(),
        };
        cast(&(Arc::new(cells) as ArrayRef), field.data_type()).unwrap()
    });
    RecordBatch::try_new(schema.clone(), columns.collect()).unwrap()
}

/// `2026-05-01 full by R1H`: the day, `full` or `delta`, `first` for a first full delivery, `history`, `lag N`, `by WHO`.
pub fn arrival(text: &str) -> Arrival<'_> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let after = |word: &str| words.iter().position(|one| *one == word).map(|at| words[at + 1]);
    Arrival {
        provider: after("by").unwrap_or("QMF"),
        extracted_on: day(words[0]),
        is_full: words.contains(&"full"),
        is_history: words.contains(&"history") || words.contains(&"first"),
        lag_days: after("lag").map_or(0, |days| days.parse().unwrap()),
    }
}

/// Settles deliveries one after the other.
pub fn settled(table: &'static TableSpec, deliveries: &[(&str, &str)]) -> RecordBatch {
    let nothing = RecordBatch::new_empty(settled_schema(table));
    deliveries.iter().fold(nothing, |settled, (how, text)| settle(table, settled, &rows(table, text), &arrival(how)))
}

pub fn view(on: &str) -> View {
    View { index_date: day(on), known_by: day(on), agreements: BTreeMap::new() }
}

/// The rows that count on a day: their cells of some columns, joined by spaces, sorted.
pub fn known(table: &TableSpec, settled: &RecordBatch, columns: &[&str], view: &View) -> Vec<String> {
    let options = FormatOptions::default();
    let cells: Vec<ArrayFormatter> = columns
        .iter()
        .map(|name| ArrayFormatter::try_new(settled.column_by_name(name).unwrap(), &options).unwrap())
        .collect();
    let row = |row: usize| cells.iter().map(|cells| cells.value(row).to_string()).collect::<Vec<_>>().join(" ");
    let mut known: Vec<String> = visible(table, settled, view).map(row).collect();
    known.sort();
    known
}

/// Settles deliveries and compares what is known on some days, by the columns named.
#[track_caller]
pub fn check(name: &str, deliveries: &[(&str, &str)], columns: &str, expected: &[(&str, &[&str])]) {
    let table = table(name).unwrap();
    let settled = settled(table, deliveries);
    let columns: Vec<&str> = columns.split_whitespace().collect();
    for (on, rows) in expected {
        assert_eq!(known(table, &settled, &columns, &view(on)), *rows, "known on {on}");
    }
}
