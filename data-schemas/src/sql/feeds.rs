//! The optional tables as facts, each as its `feeds/TABLE.toml` says.

use std::fmt::Write;

use crate::{
    feeds::{Amount, Asked, FeedView, feeds},
    table::{ColumnSpec, DType, TableSpec, table},
};

const T: &str = "getvariable('t')";

/// A table `facts_TABLE` per feed: one row per fact, with its day and moment, its end, amount and item, and each test as a
/// column.
pub(super) fn facts() -> String {
    feeds().iter().map(|feed| of_feed(feed, table(feed.table()).expect("a test looks up every feed's table"))).collect()
}

/// The table `feed`: which tables have a row that was known.
pub(super) fn present() -> String {
    let columns: String =
        feeds().iter().map(|feed| format!(", EXISTS (FROM known_{0}) AS {0}", feed.table())).collect();
    format!("\nCREATE TEMP TABLE feed AS SELECT *{columns} FROM core_feed;\n")
}

fn of_feed(feed: &FeedView, table: &TableSpec) -> String {
    let name = &table.name;
    let end = feed.until.as_ref().map_or("CAST(NULL AS DATE)".to_owned(), |until| {
        let day = day_of(column(table, until));
        format!("CASE WHEN {day} <= {T} THEN {day} END")
    });
    let (amount, item, joins) = match (&feed.amount, &feed.item) {
        (Some(Amount::ThousandthsOf(value)), Some(code)) => reading(value, code),
        (amount, _) => (amount.as_ref().map_or("1".to_owned(), amount_of), "NULL".to_owned(), String::new()),
    };
    let mut tests = String::new();
    for (test, asked) in &feed.tests {
        write!(tests, ",\n        {} AS {test}", holds(feed, table, asked)).expect("writing to a string can't fail");
    }
    if let Some(until) = &feed.until {
        write!(tests, ",\n        end_day IS NULL AND NOT {} AS is_open", ended(feed, table, until))
            .expect("writing to a string can't fail");
    }
    tests.push_str(if feed.amount.is_some() { ",\n        amount IS NOT NULL AS has_amount" } else { "" });
    format!(
        "CREATE TEMP TABLE facts_{name} AS\n    WITH dated AS (\n        \
             SELECT pid, known_{name}.*, {} AS day, {} AS moment, {end} AS end_day, {amount} AS amount, {item} AS item\n        \
             FROM known_{name} JOIN record USING (person_id){joins}\n    )\n    \
             SELECT pid, day, moment, end_day, amount, item{tests}\n    FROM dated WHERE {};\n\n",
        day_of(column(table, &feed.day)),
        feed.day,
        holds(feed, table, &feed.counts),
    )
}

/// Whether a row has ended, though it doesn't say when.
fn ended(feed: &FeedView, table: &TableSpec, until: &str) -> String {
    let said = feed.ended.columns().map(|(name, values, _)| one_of(column(table, name), values));
    let said: Vec<String> = said.map(|said| format!("coalesce({said}, false)")).collect();
    if said.is_empty() { "false".to_owned() } else { format!("({until} IS NULL AND {})", said.join(" AND ")) }
}

/// A reading's amount in its usual unit where a body can show it, its item, and what both are looked up in.
fn reading(value: &str, code: &str) -> (String, String, String) {
    let in_unit = format!("CASE WHEN multiply_by = 1 AND add = 0 THEN {value} ELSE {value} * multiply_by + add END");
    let amount =
        format!("CASE WHEN {in_unit} BETWEEN smallest AND largest THEN CAST(round(({in_unit}) * 1000) AS BIGINT) END");
    let joins = format!(
        "\n        LEFT JOIN (SELECT DISTINCT item, snomed_code FROM observation) measured ON measured.snomed_code = {code}\n        \
         LEFT JOIN reading ON reading.snomed_code = {code} AND reading.sent_unit = coalesce(unit, '')\n            \
             AND coalesce({value} >= above, true) AND coalesce({value} < below, true)"
    );
    (amount, "measured.item".to_owned(), joins)
}

fn amount_of(amount: &Amount) -> String {
    match amount {
        Amount::ThousandthsOf(value) => format!("CAST(round({value} * 1000) AS BIGINT)"),
        Amount::MinutesBetween([from, to]) => {
            format!("CAST(epoch({to}) AS BIGINT) // 60 - CAST(epoch({from}) AS BIGINT) // 60")
        }
        Amount::NumberOf(list) => format!("nullif(len({list}), 0)"),
    }
}

/// Whether a row is as it is asked for.
fn holds(feed: &FeedView, table: &TableSpec, asked: &Asked) -> String {
    let conditions: Vec<String> = asked
        .columns()
        .map(|(name, values, should)| {
            let has = has(feed, column(table, name), values);
            format!("{}coalesce({has}, false)", if should { "" } else { "NOT " })
        })
        .collect();
    if conditions.is_empty() { "true".to_owned() } else { conditions.join(" AND ") }
}

/// Whether a cell has one of some values; one of [`FeedView::at_end`] has none before the end.
fn has(feed: &FeedView, column: &ColumnSpec, values: &[String]) -> String {
    let has = one_of(column, values);
    if feed.at_end.contains(&column.name) { format!("({has} AND end_day IS NOT NULL)") } else { has }
}

fn one_of(column: &ColumnSpec, values: &[String]) -> String {
    let name = &column.name;
    let quoted = || values.iter().map(|value| format!("'{value}'")).collect::<Vec<_>>().join(", ");
    let is_any = values.iter().any(|value| value == "*");
    match column.dtype {
        DType::Date | DType::Timestamp => format!("{} <= {T}", day_of(column)),
        _ if column.list && is_any => format!("len({name}) > 0"),
        _ if column.list => format!("list_has_any({name}, [{}])", quoted()),
        _ if is_any => format!("{name} IS NOT NULL"),
        _ => format!("{name} IN ({})", quoted()),
    }
}

fn column<'a>(table: &'a TableSpec, name: &str) -> &'a ColumnSpec {
    table.column(name).expect("a test looks up every column of a feed")
}

/// The London day of a cell.
fn day_of(column: &ColumnSpec) -> String {
    match column.dtype {
        DType::Timestamp => format!("london_day({})", column.name),
        _ => column.name.clone(),
    }
}
