//! Versions: what a delivery changes of what is settled. Nothing is overwritten: a correction closes the older version.

use std::collections::{BTreeSet, HashMap};

use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, Date32Array, RecordBatch, UInt32Array, UInt64Array, new_null_array,
    },
    compute::{concat_batches, filter_record_batch, take_record_batch},
    datatypes::{Date32Type, TimestampSecondType, UInt32Type, UInt64Type},
    row::{RowConverter, Rows, SortField},
};
use earlycall_schemas::table::{TableKind, TableSpec};

use crate::{
    day::{Day, Instant},
    history::{
        arriving::WITHDRAWN,
        layout::{KEY, KNOWN_FROM, KNOWN_TO, PERSON, SUPPLIED_BY, kept_columns, settled_schema},
    },
};

/// What a delivery brings to a table: rows of the settled schema, each open.
#[derive(Clone, Debug)]
pub struct Fresh {
    /// The rows.
    pub rows: RecordBatch,
    /// Which of them take a row back (`is_deleted`).
    pub withdrawn: BooleanArray,
}

impl Fresh {
    /// Rows that arrive, as open ones.
    pub fn of(table: &'static TableSpec, arriving: &RecordBatch) -> Fresh {
        let schema = settled_schema(table);
        let columns = schema.fields().iter().map(|field| match field.name().as_str() {
            KNOWN_TO => new_null_array(field.data_type(), arriving.num_rows()),
            name => column(arriving, name).clone(),
        });
        let rows = RecordBatch::try_new(schema.clone(), columns.collect());
        let withdrawn = column(arriving, WITHDRAWN).as_boolean().clone();
        Fresh { rows: rows.expect("the columns are those of the schema"), withdrawn }
    }
}

/// How a delivery joins what is settled.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The London day of the extract.
    pub extracted_on: Day,
    /// The suppliers, by number, all of whose earlier rows of the table this delivery replaces.
    pub full_suppliers: BTreeSet<u32>,
}

/// What a delivery does to settled rows.
#[derive(Debug)]
pub struct Changes {
    /// Per settled row: the day on which it is closed, if it is.
    pub closes: Vec<Option<Day>>,
    /// The delivered rows that join, with the days from which they count.
    pub joins: RecordBatch,
}

/// Holds a delivery against the settled rows that it may concern: those with one of its keys, and of suppliers who
/// deliver all of a table, every row.
///
/// Per row of the delivery, by supplier and primary key: the same content leaves the settled row as it is; another
/// content closes it and adds a version known from that day on; a new key adds a row; `is_deleted` closes. A full
/// delivery closes what it no longer holds. On no day are two versions of a row known.
pub fn changes(table: &'static TableSpec, settled: &RecordBatch, fresh: &Fresh, terms: &Terms) -> Changes {
    let (from, to) = (days(column(settled, KNOWN_FROM)), days(column(settled, KNOWN_TO)));
    let (old_keys, new_keys) = (keys(settled), keys(&fresh.rows));
    let (old, new) = (Contents::of(table, settled), Contents::of(table, &fresh.rows));
    let mut open: HashMap<u64, usize> = HashMap::new();
    let mut last_closed: HashMap<u64, Day> = HashMap::new();
    for (row, key) in old_keys.values().iter().enumerate() {
        if let Some(day) = to[row] {
            let last = last_closed.entry(*key).or_insert(day);
            *last = day.max(*last);
        } else {
            open.insert(*key, row);
        }
    }
    let mut closes = vec![None; settled.num_rows()];
    let mut is_named = vec![false; settled.num_rows()];
    let mut joins = vec![false; fresh.rows.num_rows()];
    let mut known_from = days(column(&fresh.rows, KNOWN_FROM));
    for (row, key) in new_keys.values().iter().enumerate() {
        let is_withdrawn = fresh.withdrawn.value(row);
        let older = open.get(key).copied();
        if let Some(older) = older {
            is_named[older] = true;
            if !is_withdrawn && old.row(older) == new.row(row) {
                continue;
            }
        }
        let closed = last_closed.get(key).copied();
        if let Some(before) = older.and_then(|older| from[older]).max(closed) {
            // Until something newer was known, everybody believed the version before, or that there was none.
            let on = known_from[row].filter(|&day| day > before).unwrap_or(terms.extracted_on);
            known_from[row] = Some(on).max(closed);
        }
        if let Some(older) = older {
            closes[older] = known_from[row];
        }
        joins[row] = !is_withdrawn;
    }
    let suppliers: &UInt32Array = column(settled, SUPPLIED_BY).as_primitive::<UInt32Type>();
    let is_replaced = |row: &usize| terms.full_suppliers.contains(&suppliers.value(*row)) && !is_named[*row];
    let replaced: Vec<usize> = open.values().copied().filter(is_replaced).collect();
    replaced.into_iter().for_each(|row| closes[row] = Some(terms.extracted_on));
    let dated = with_column(&fresh.rows, KNOWN_FROM, date_array(&known_from));
    Changes { closes, joins: filter_record_batch(&dated, &BooleanArray::from(joins)).expect("one flag per row") }
}

/// Joins a delivery to a whole table, for tables that are read and written whole. Rows are sorted by key.
pub fn settle(table: &'static TableSpec, settled: &RecordBatch, fresh: &Fresh, terms: &Terms) -> RecordBatch {
    let changes = changes(table, settled, fresh, terms);
    let kept = close(table, settled, &changes.closes);
    let rows = concat_batches(&settled_schema(table), [&kept, &changes.joins]).expect("both are settled tables");
    let (keys, from) = (keys(&rows), days(column(&rows, KNOWN_FROM)));
    let mut order: Vec<u32> = (0..rows.num_rows() as u32).collect();
    order.sort_by_key(|&row| (keys.value(row as usize), from[row as usize]));
    take_record_batch(&rows, &UInt32Array::from(order)).expect("every index is a row")
}

/// Closes rows of a clinical table on their day, and drops them from any other, since those have no past to replay.
pub fn close(table: &TableSpec, settled: &RecordBatch, closes: &[Option<Day>]) -> RecordBatch {
    if table.kind != TableKind::Clinical {
        let stays: BooleanArray = closes.iter().map(|closed| Some(closed.is_none())).collect();
        return filter_record_batch(settled, &stays).expect("one flag per row");
    }
    let until = days(column(settled, KNOWN_TO));
    let closed: Vec<Option<Day>> = closes.iter().zip(until).map(|(now, before)| now.or(before)).collect();
    with_column(settled, KNOWN_TO, date_array(&closed))
}

/// The keys of settled rows.
pub fn keys(rows: &RecordBatch) -> &UInt64Array {
    column(rows, KEY).as_primitive::<UInt64Type>()
}

/// The dates of a column, or the London days of its timestamps.
pub fn days(array: &ArrayRef) -> Vec<Option<Day>> {
    match array.as_primitive_opt::<Date32Type>() {
        Some(days) => days.iter().map(|day| day.map(Day)).collect(),
        None => {
            let moments = array.as_primitive::<TimestampSecondType>();
            moments.iter().map(|moment| moment.map(|second| Day::of(Instant(second)))).collect()
        }
    }
}

/// Days as a column.
pub fn date_array(days: &[Option<Day>]) -> ArrayRef {
    std::sync::Arc::new(days.iter().map(|day| day.map(|day| day.0)).collect::<Date32Array>())
}

/// A column of a settled table.
pub fn column<'a>(rows: &'a RecordBatch, name: &str) -> &'a ArrayRef {
    rows.column_by_name(name).expect("the column is declared for this table")
}

/// The same rows with another column of that name.
pub fn with_column(rows: &RecordBatch, name: &str, values: ArrayRef) -> RecordBatch {
    let at = rows.schema().index_of(name).expect("the column is declared for this table");
    let mut columns = rows.columns().to_vec();
    columns[at] = values;
    RecordBatch::try_new(rows.schema(), columns).expect("the new column has the old one's type")
}

/// Comparable bytes of what every row says: the person and the cells that are kept.
struct Contents(Rows);

impl Contents {
    fn of(table: &'static TableSpec, rows: &RecordBatch) -> Contents {
        let person = table.is_about_persons().then_some(PERSON);
        let names = person.into_iter().chain(kept_columns(table).map(|column| column.name.as_str()));
        let columns: Vec<ArrayRef> = names.map(|name| column(rows, name).clone()).collect();
        let fields = columns.iter().map(|column| SortField::new(column.data_type().clone())).collect();
        let converter = RowConverter::new(fields).expect("every type of a table has an order");
        Contents(converter.convert_columns(&columns).expect("the columns have the converter's types"))
    }

    fn row(&self, row: usize) -> &[u8] {
        self.0.row(row).data()
    }
}
