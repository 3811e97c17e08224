//! Settling: one delivery joins one table of one bucket. Nothing is overwritten: a correction closes the older version.

use std::collections::HashMap;

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array, RecordBatch, StringArray, UInt32Array},
    compute::{concat_batches, filter_record_batch, take_record_batch},
    datatypes::{Date32Type, TimestampSecondType},
    row::{RowConverter, Rows, SortField},
};
use earlycall_schemas::table::{TableKind, TableSpec};

use crate::{
    day::{Day, Instant},
    history::bucket::{KNOWN_FROM, KNOWN_TO, SUPPLIED_BY, kept_columns, settled_schema},
};

/// What settling needs to know of a delivery.
#[derive(Clone, Debug)]
pub struct Arrival<'a> {
    /// Who delivered.
    pub provider: &'a str,
    /// The London day of the extract.
    pub extracted_on: Day,
    /// Replaces all earlier rows of the table and provider.
    pub is_full: bool,
    /// Rows were known when they happened, not when they arrived: a history, or a first full delivery.
    pub is_history: bool,
    /// Days by which a row was known after it happened, for a history.
    pub lag_days: i32,
}

/// Joins a delivery's rows to the settled ones.
///
/// Per row of the delivery, by provider and primary key: the same content leaves the settled row as it is; another
/// content closes it (`known_to`) and adds a version known from then on; a new key adds a row; `is_deleted` closes. A
/// full delivery closes what it no longer holds. Closed versions are kept for clinical tables alone, since the others
/// have no past to replay.
///
/// `arrived` has the columns of the table's specification; the result those of [`settled_schema`], sorted by person,
/// event and key.
pub fn settle(
    table: &'static TableSpec,
    settled: RecordBatch,
    arrived: &RecordBatch,
    arrival: &Arrival,
) -> RecordBatch {
    let fresh = fresh_rows(table, arrived, arrival);
    let withdrawn = withdrawals(arrived);
    let old = Fingerprints::of(table, &settled);
    let new = Fingerprints::of(table, &fresh);
    let suppliers: &StringArray = column(&settled, SUPPLIED_BY).as_string();
    let is_open: Vec<bool> = (0..settled.num_rows()).map(|row| column(&settled, KNOWN_TO).is_null(row)).collect();
    let is_theirs = |row: usize| is_open[row] && suppliers.value(row) == arrival.provider;
    let standing: HashMap<&[u8], usize> =
        (0..settled.num_rows()).filter(|&row| is_theirs(row)).map(|row| (old.key(row), row)).collect();

    let mut closes = vec![false; settled.num_rows()];
    let mut seen = vec![false; settled.num_rows()];
    let mut joins = vec![false; fresh.num_rows()];
    let mut known_from: Vec<i32> = column(&fresh, KNOWN_FROM).as_primitive::<Date32Type>().values().to_vec();
    for row in 0..fresh.num_rows() {
        let older = standing.get(new.key(row)).copied();
        if let Some(older) = older {
            seen[older] = true;
        }
        match older {
            Some(older) if withdrawn[row] => closes[older] = true,
            Some(older) if old.content(older) != new.content(row) => {
                closes[older] = true;
                joins[row] = true;
                // Until it arrived, everybody believed the older version.
                known_from[row] = known_from[row].max(arrival.extracted_on.0);
            }
            Some(_) => {}
            None => joins[row] = !withdrawn[row],
        }
    }
    if arrival.is_full {
        (0..settled.num_rows()).filter(|&row| is_theirs(row) && !seen[row]).for_each(|row| closes[row] = true);
    }
    let kept = close(table, settled, &closes, arrival.extracted_on);
    let fresh = with_column(&fresh, KNOWN_FROM, std::sync::Arc::new(Date32Array::from(known_from)));
    let joining = filter_record_batch(&fresh, &BooleanArray::from(joins)).expect("one flag per row");
    let rows = concat_batches(&settled_schema(table), [&kept, &joining]).expect("both are settled tables");
    sorted(table, &rows)
}

/// The delivered rows with the columns that are kept, and those that settling adds.
fn fresh_rows(table: &'static TableSpec, arrived: &RecordBatch, arrival: &Arrival) -> RecordBatch {
    let n_rows = arrived.num_rows();
    let mut columns: Vec<ArrayRef> = kept_columns(table).map(|spec| column(arrived, &spec.name).clone()).collect();
    let known: Date32Array = (0..n_rows).map(|row| Some(known_from(table, arrived, row, arrival).0)).collect();
    columns.push(std::sync::Arc::new(known));
    columns.push(crate::history::bucket::nothing(&arrow::datatypes::DataType::Date32, n_rows));
    columns.push(std::sync::Arc::new(StringArray::from(vec![arrival.provider; n_rows])));
    RecordBatch::try_new(settled_schema(table), columns).expect("the checks give every column its declared type")
}

/// The day from which a row counts.
///
/// The London day of its `received_at` where the table has one; a death's registration, else the death; in a history
/// the later of the event and its recording, plus the table's lag; else the day of the extract.
/// Source: the contract, "Time".
fn known_from(table: &TableSpec, rows: &RecordBatch, row: usize, arrival: &Arrival) -> Day {
    let day_of = |name: &str| day_at(column(rows, name), row);
    if table.name == "deaths" {
        return day_of("registration_date").or_else(|| day_of("death_date")).unwrap_or(arrival.extracted_on);
    }
    if let Some(received) = table.received.as_deref().and_then(day_of) {
        return received;
    }
    let event = table.event.as_deref().and_then(day_of);
    match event {
        Some(event) if arrival.is_history => {
            let recorded = table.recorded.as_deref().and_then(day_of).unwrap_or(event);
            event.max(recorded) + arrival.lag_days
        }
        _ => arrival.extracted_on,
    }
}

/// A date, or the London day of a timestamp.
fn day_at(array: &ArrayRef, row: usize) -> Option<Day> {
    if array.is_null(row) {
        return None;
    }
    match array.as_primitive_opt::<Date32Type>() {
        Some(days) => Some(Day(days.value(row))),
        None => Some(Day::of(Instant(array.as_primitive::<TimestampSecondType>().value(row)))),
    }
}

fn withdrawals(rows: &RecordBatch) -> Vec<bool> {
    match rows.column_by_name("is_deleted") {
        None => vec![false; rows.num_rows()],
        Some(flags) => {
            let flags = flags.as_boolean();
            (0..rows.num_rows()).map(|row| flags.is_valid(row) && flags.value(row)).collect()
        }
    }
}

/// Closes the flagged rows of a clinical table, and drops them from any other.
fn close(table: &TableSpec, settled: RecordBatch, closes: &[bool], on: Day) -> RecordBatch {
    if table.kind != TableKind::Clinical {
        let stays: BooleanArray = closes.iter().map(|&closed| Some(!closed)).collect();
        return filter_record_batch(&settled, &stays).expect("one flag per row");
    }
    let until = column(&settled, KNOWN_TO).as_primitive::<Date32Type>();
    let closed: Date32Array = (0..settled.num_rows())
        .map(|row| match closes[row] {
            true => Some(on.0),
            false => until.is_valid(row).then(|| until.value(row)),
        })
        .collect();
    with_column(&settled, KNOWN_TO, std::sync::Arc::new(closed))
}

/// Sorts by person, event and the rest of the key, then by when the version was known.
fn sorted(table: &'static TableSpec, rows: &RecordBatch) -> RecordBatch {
    let mut names: Vec<&str> = Vec::new();
    names.extend(table.is_about_persons().then_some("person_id"));
    names.extend(table.event.as_deref());
    names.extend(table.key.iter().map(String::as_str));
    names.extend([SUPPLIED_BY, KNOWN_FROM]);
    let order = encode(rows, &names);
    let mut index: Vec<u32> = (0..rows.num_rows() as u32).collect();
    index.sort_unstable_by(|&a, &b| order.row(a as usize).cmp(&order.row(b as usize)).then(a.cmp(&b)));
    take_record_batch(rows, &UInt32Array::from(index)).expect("every index is a row")
}

/// Comparable bytes of every row's key and content.
struct Fingerprints {
    keys: Rows,
    contents: Rows,
}

impl Fingerprints {
    fn of(table: &'static TableSpec, rows: &RecordBatch) -> Fingerprints {
        let keys: Vec<&str> = table.key.iter().map(String::as_str).collect();
        // `updated_at` and `is_deleted` say how a row came, not what it says.
        let says_something = |name: &&str| !matches!(*name, "updated_at" | "is_deleted");
        let contents: Vec<&str> =
            kept_columns(table).map(|column| column.name.as_str()).filter(says_something).collect();
        Fingerprints { keys: encode(rows, &keys), contents: encode(rows, &contents) }
    }

    fn key(&self, row: usize) -> &[u8] {
        self.keys.row(row).data()
    }

    fn content(&self, row: usize) -> &[u8] {
        self.contents.row(row).data()
    }
}

fn encode(rows: &RecordBatch, names: &[&str]) -> Rows {
    let columns: Vec<ArrayRef> = names.iter().map(|name| column(rows, name).clone()).collect();
    let fields = columns.iter().map(|column| SortField::new(column.data_type().clone())).collect();
    let converter = RowConverter::new(fields).expect("every type of a table has an order");
    converter.convert_columns(&columns).expect("the columns have the converter's types")
}

fn column<'a>(rows: &'a RecordBatch, name: &str) -> &'a ArrayRef {
    rows.column_by_name(name).expect("the column is declared for this table")
}

fn with_column(rows: &RecordBatch, name: &str, values: ArrayRef) -> RecordBatch {
    let at = rows.schema().index_of(name).expect("the column is declared for this table");
    let mut columns = rows.columns().to_vec();
    columns[at] = values;
    RecordBatch::try_new(rows.schema(), columns).expect("the new column has the old one's type")
}
