//! Settling: one delivery joins one table of one bucket. Nothing is overwritten: a correction closes the older version.

use std::{collections::HashMap, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array, RecordBatch, StringArray, UInt32Array},
    compute::{concat_batches, filter_record_batch, take_record_batch},
    datatypes::{DataType, Date32Type, TimestampSecondType},
    row::{RowConverter, Rows, SortField},
};
use earlycall_schemas::table::{TableKind, TableSpec};

use crate::{
    day::{Day, Instant},
    history::bucket::{KNOWN_FROM, KNOWN_TO, SUPPLIED_BY, kept_columns, nothing, settled_schema},
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
/// content closes it (`known_to`) and adds a version known from that day on; a new key adds a row; `is_deleted` closes.
/// A full delivery closes what it no longer holds. Closed versions are kept for clinical tables alone, since the others
/// have no past to replay. On no day are two versions of a row known.
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
    let changes = changes(table, &settled, &fresh, &withdrawals(arrived), arrival);
    let kept = close(table, settled, &changes.closes);
    let fresh = with_column(&fresh, KNOWN_FROM, date_array(&changes.known_from));
    let joining = filter_record_batch(&fresh, &BooleanArray::from(changes.joins)).expect("one flag per row");
    let rows = concat_batches(&settled_schema(table), [&kept, &joining]).expect("both are settled tables");
    sorted(table, &rows)
}

/// What a delivery does to a settled table.
struct Changes {
    /// Per settled row: the day on which it is closed, if it is.
    closes: Vec<Option<Day>>,
    /// Per delivered row: whether it is a new row or version.
    joins: Vec<bool>,
    /// Per delivered row: the day from which it counts.
    known_from: Vec<Option<Day>>,
}

fn changes(
    table: &'static TableSpec,
    settled: &RecordBatch,
    fresh: &RecordBatch,
    withdrawn: &[bool],
    arrival: &Arrival,
) -> Changes {
    let (old, new) = (Fingerprints::of(table, settled), Fingerprints::of(table, fresh));
    let (from, to) = (days(column(settled, KNOWN_FROM)), days(column(settled, KNOWN_TO)));
    let suppliers: &StringArray = column(settled, SUPPLIED_BY).as_string();
    let mut open: HashMap<&[u8], usize> = HashMap::new();
    let mut last_closed: HashMap<&[u8], Day> = HashMap::new();
    for row in (0..settled.num_rows()).filter(|&row| suppliers.value(row) == arrival.provider) {
        if let Some(day) = to[row] {
            let last = last_closed.entry(old.key(row)).or_insert(day);
            *last = day.max(*last);
        } else {
            open.insert(old.key(row), row);
        }
    }
    let mut closes = vec![None; settled.num_rows()];
    let mut is_named = vec![false; settled.num_rows()];
    let mut joins = vec![false; fresh.num_rows()];
    let mut known_from = days(column(fresh, KNOWN_FROM));
    for row in 0..fresh.num_rows() {
        let older = open.get(new.key(row)).copied();
        if let Some(older) = older {
            is_named[older] = true;
            if !withdrawn[row] && old.content(older) == new.content(row) {
                continue;
            }
        }
        let closed = last_closed.get(new.key(row)).copied();
        if let Some(before) = older.and_then(|older| from[older]).max(closed) {
            // Until something newer was known, everybody believed the version before, or that there was none.
            let on = known_from[row].filter(|&day| day > before).unwrap_or(arrival.extracted_on);
            known_from[row] = Some(on).max(closed);
        }
        if let Some(older) = older {
            closes[older] = known_from[row];
        }
        joins[row] = !withdrawn[row];
    }
    if arrival.is_full {
        open.values().filter(|&&row| !is_named[row]).for_each(|&row| closes[row] = Some(arrival.extracted_on));
    }
    Changes { closes, joins, known_from }
}

/// The delivered rows with the columns that are kept, and those that settling adds.
fn fresh_rows(table: &'static TableSpec, arrived: &RecordBatch, arrival: &Arrival) -> RecordBatch {
    let n_rows = arrived.num_rows();
    let mut columns: Vec<ArrayRef> = kept_columns(table).map(|spec| column(arrived, &spec.name).clone()).collect();
    columns.push(date_array(&known_from(table, arrived, arrival)));
    columns.push(nothing(&DataType::Date32, n_rows));
    columns.push(Arc::new(StringArray::from(vec![arrival.provider; n_rows])));
    RecordBatch::try_new(settled_schema(table), columns).expect("the checks give every column its declared type")
}

/// Per row, the day from which it counts, as far as the delivery alone can say.
///
/// The London day of its `received_at` where the table has one; a death's registration, else the death; in a history
/// the later of the event and its recording, plus the table's lag; else the day of the extract.
/// Source: the contract, "Time".
fn known_from(table: &TableSpec, rows: &RecordBatch, arrival: &Arrival) -> Vec<Option<Day>> {
    let days_of = |name: &Option<String>| name.as_deref().map(|name| days(column(rows, name)));
    let (event, received, recorded) = (days_of(&table.event), days_of(&table.received), days_of(&table.recorded));
    let registered = (table.name == "deaths").then(|| days(column(rows, "registration_date")));
    let at = |days: &Option<Vec<Option<Day>>>, row: usize| days.as_ref().and_then(|days| days[row]);
    let of_row = |row: usize| match at(&event, row) {
        event if registered.is_some() => at(&registered, row).or(event),
        _ if received.is_some() => at(&received, row),
        Some(event) if arrival.is_history => Some(event.max(at(&recorded, row).unwrap_or(event)) + arrival.lag_days),
        _ => None,
    };
    (0..rows.num_rows()).map(|row| of_row(row).or(Some(arrival.extracted_on))).collect()
}

/// The dates of a column, or the London days of its timestamps.
pub(super) fn days(array: &ArrayRef) -> Vec<Option<Day>> {
    match array.as_primitive_opt::<Date32Type>() {
        Some(days) => days.iter().map(|day| day.map(Day)).collect(),
        None => {
            let moments = array.as_primitive::<TimestampSecondType>();
            moments.iter().map(|moment| moment.map(|second| Day::of(Instant(second)))).collect()
        }
    }
}

fn date_array(days: &[Option<Day>]) -> ArrayRef {
    Arc::new(days.iter().map(|day| day.map(|day| day.0)).collect::<Date32Array>())
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

/// Closes rows of a clinical table on their day, and drops them from any other.
fn close(table: &TableSpec, settled: RecordBatch, closes: &[Option<Day>]) -> RecordBatch {
    if table.kind != TableKind::Clinical {
        let stays: BooleanArray = closes.iter().map(|closed| Some(closed.is_none())).collect();
        return filter_record_batch(&settled, &stays).expect("one flag per row");
    }
    let until = days(column(&settled, KNOWN_TO));
    let closed: Vec<Option<Day>> = closes.iter().zip(until).map(|(now, before)| now.or(before)).collect();
    with_column(&settled, KNOWN_TO, date_array(&closed))
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
        // These say how a row came, not what it says. The moment of a snapshot is not among them: it is what was seen.
        let says_something = |name: &&str| !matches!(*name, "updated_at" | "received_at" | "is_deleted");
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
