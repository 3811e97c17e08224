//! What was known by the index date: the rows of the first delivery, corrected and withdrawn by later ones.

use crate::{
    feeds::{FeedView, feeds},
    table::{DType, TableKind, TableSpec, table},
};

/// The tables that the script reads, beside the optional ones.
const TABLES: [&str; 10] = [
    "patients",
    "reference_practices",
    "reference_lsoa",
    "opt_outs",
    "registrations",
    "gp_events",
    "gp_prescriptions",
    "apc_episodes",
    "ed_attendances",
    "deaths",
];

/// The tables that the script reads, of which only the columns marked as used are needed.
pub fn source_tables() -> impl Iterator<Item = &'static TableSpec> {
    let feeds = feeds().iter().map(FeedView::table);
    TABLES.into_iter().chain(feeds).map(|name| table(name).expect("the script reads tables of the contract"))
}

pub(super) fn clinical_tables() -> impl Iterator<Item = &'static TableSpec> {
    source_tables().filter(|table| table.kind == TableKind::Clinical)
}

/// Tables without a past: the newest version of each row counts, whatever the index date.
pub(super) fn state_and_permission() -> String {
    let of_table = |table: &TableSpec| {
        let (name, key) = (&table.name, table.key.join(", "));
        let columns = columns(table);
        format!(
            "CREATE TEMP TABLE late_{name} AS\n    \
                 SELECT {columns} FROM later_{name}\n    \
                 QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY delivery DESC) = 1;\n\
             CREATE TEMP VIEW now_{name} AS\n    \
                 SELECT {columns} FROM first_{name} ANTI JOIN late_{name} USING ({key})\n    \
                 UNION ALL SELECT {columns} FROM late_{name};\n"
        )
    };
    source_tables().filter(|table| table.kind != TableKind::Clinical).map(of_table).collect()
}

/// The view `known_TABLE`: of each row the newest version known by the index date, unless it is a withdrawal, and only
/// if it has happened by then and its practice shares.
pub(super) fn clinical(table: &TableSpec, lag_days: i32) -> String {
    let (name, key) = (&table.name, table.key.join(", "));
    let columns = columns(table);
    let stays = if table.column("is_deleted").is_some() { "is_deleted IS NOT TRUE" } else { "true" };
    let known_first = known_in_first(table, lag_days);
    let known_from = known_from(table, lag_days);
    let older = older_versions(table, lag_days);
    let counts = format!("{}{}", happened(table), shares(table));
    format!(
        "CREATE TEMP TABLE late_{name} AS\n    \
             WITH arrived AS (SELECT {columns}, delivery, extracted_on, {known_from} AS sent_as_known_from FROM later_{name}),\n    \
             versions AS (SELECT {key}, delivery, sent_as_known_from FROM arrived{older}),\n    \
             dated AS (SELECT {key}, delivery,\n        \
                 lag(sent_as_known_from) OVER (PARTITION BY {key} ORDER BY delivery) AS older_known_from FROM versions)\n    \
             SELECT {columns} FROM arrived JOIN dated USING ({key}, delivery)\n    \
             -- until something newer was known, everybody believed the version before\n    \
             WHERE CASE WHEN sent_as_known_from <= older_known_from THEN extracted_on ELSE sent_as_known_from END\n        \
                 <= getvariable('t')\n    \
             QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY delivery DESC) = 1;\n\
         CREATE TEMP VIEW known_{name} AS\n    \
             SELECT {columns} FROM first_{name} ANTI JOIN late_{name} USING ({key})\n    \
             WHERE {stays} AND {known_first} AND {counts}\n    \
             UNION ALL SELECT {columns} FROM late_{name} WHERE {stays} AND {counts};\n"
    )
}

fn columns(table: &TableSpec) -> String {
    let used: Vec<&str> =
        table.columns.iter().filter(|column| column.used).map(|column| column.name.as_str()).collect();
    used.join(", ")
}

/// Where a row says itself when it was known, its older version is asked for in the first delivery too. A row without
/// says nothing: it is known from the delivery on that brought it, which is later than any before.
fn older_versions(table: &TableSpec, lag_days: i32) -> String {
    if table.received.is_none() && table.name != "deaths" {
        return String::new();
    }
    let (name, key) = (&table.name, table.key.join(", "));
    format!(
        "\n        UNION ALL SELECT {key}, 0, {} FROM (SELECT *, true AS is_history FROM first_{name}) \
         SEMI JOIN arrived USING ({key})",
        known_from(table, lag_days),
    )
}

/// The day from which a row was known, by its own columns or its delivery's.
fn known_from(table: &TableSpec, lag_days: i32) -> String {
    if table.name == "deaths" {
        return "coalesce(registration_date, death_date, extracted_on)".to_owned();
    }
    if let Some(received) = &table.received {
        return format!("coalesce(london_day({received}), extracted_on)");
    }
    let event = event_day(table);
    let recorded = match &table.recorded {
        Some(recorded) => format!("greatest({event}, coalesce(london_day({recorded}), {event}))"),
        None => event,
    };
    format!("CASE WHEN is_history THEN coalesce({recorded} + {lag_days}, extracted_on) ELSE extracted_on END")
}

/// Whether a row of the first delivery was known. Says the same as [`known_from`], in comparisons of whole columns with
/// constants, for this is asked of every row of the largest tables.
fn known_in_first(table: &TableSpec, lag_days: i32) -> String {
    if table.name == "deaths" {
        return "coalesce(registration_date, death_date) <= getvariable('t')".to_owned();
    }
    if let Some(received) = &table.received {
        return format!(
            "({received} < {} OR ({received} IS NULL AND extracted_on <= getvariable('t')))",
            midnight_after(0)
        );
    }
    let event = table.event.as_deref().expect("clinical rows happen on a day");
    let by_event = match is_moment(table, event) {
        true => format!("{event} < {}", midnight_after(lag_days)),
        false => format!("{event} <= getvariable('t') - {lag_days}"),
    };
    match &table.recorded {
        Some(recorded) => {
            format!("{by_event} AND ({recorded} IS NULL OR {recorded} < {})", midnight_after(lag_days))
        }
        None => by_event,
    }
}

fn happened(table: &TableSpec) -> String {
    let event = table.event.as_deref().expect("clinical rows happen on a day");
    match is_moment(table, event) {
        true => format!("{event} < {}", midnight_after(0)),
        false => format!("{event} <= getvariable('t')"),
    }
}

fn is_moment(table: &TableSpec, column: &str) -> bool {
    table.column(column).is_some_and(|column| column.dtype == DType::Timestamp)
}

/// The London day on which a row happened.
fn event_day(table: &TableSpec) -> String {
    let event = table.event.as_deref().expect("clinical rows happen on a day");
    if is_moment(table, event) { format!("london_day({event})") } else { event.to_owned() }
}

/// The London midnight that ends the index date, or a day before it.
fn midnight_after(days_before: i32) -> String {
    format!("(CAST(getvariable('t') + 1 - {days_before} AS TIMESTAMP) AT TIME ZONE 'Europe/London')")
}

/// V05: GP practices speak only if they have agreed; a row without a practice has nobody to ask.
fn shares(table: &TableSpec) -> &'static str {
    match table.is_kept_by_practices() {
        true => " AND coalesce(practice_code, '') IN (SELECT practice_code FROM sharing_practice)",
        false => "",
    }
}
