//! Accepted rows on their way to a bucket: the columns of settled ones, but for what is known only where they arrive.

use std::sync::{Arc, Mutex};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, UInt32Array, UInt64Array},
    buffer::BooleanBuffer,
    datatypes::{DataType, Field, Int32Type, Schema, SchemaRef, UInt32Type},
};
use earlycall_schemas::table::TableSpec;

use crate::history::{
    known_from::{Arrival, KnownFrom, known_from},
    layout::{KNOWN_TO, is_word, kept_columns, settled_schema},
    versions::column,
    words::Lexicon,
};

/// The column of an arriving row that says whether it takes a row back.
pub const WITHDRAWN: &str = "withdrawn";

/// The columns of a row that arrives: those of a settled one without its end, and whether it takes a row back.
pub fn arriving_schema(table: &'static TableSpec) -> SchemaRef {
    let settled = settled_schema(table);
    let mut fields: Vec<Arc<Field>> =
        settled.fields().iter().filter(|field| field.name() != KNOWN_TO).cloned().collect();
    fields.push(Arc::new(Field::new(WITHDRAWN, DataType::Boolean, false)));
    Arc::new(Schema::new(fields))
}

/// Accepted rows and their keys, with the days from which they count, and words as numbers; where a table is about
/// persons, their numbers are still missing. They count so many days later than they say as are told beside them: a column
/// that they share with their events is moved once.
pub fn arriving(
    table: &'static TableSpec,
    (rows, keys): (&RecordBatch, &UInt64Array),
    supplier: u32,
    arrival: &Arrival,
    words: &Mutex<Lexicon>,
) -> (RecordBatch, i32) {
    let schema = arriving_schema(table);
    let n_rows = rows.num_rows();
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    if table.is_about_persons() {
        columns.push(Arc::new(UInt32Array::from_value(0, n_rows)));
    }
    columns.push(Arc::new(keys.clone()));
    for spec in kept_columns(table) {
        let cells = column(rows, &spec.name);
        columns.push(match is_word(table, spec) {
            true => numbered(cells, words),
            false => plain(cells),
        });
    }
    let KnownFrom { days, later_by } = known_from(table, rows, arrival);
    columns.push(days);
    columns.push(Arc::new(UInt32Array::from_value(supplier, n_rows)));
    columns.push(Arc::new(withdrawals(rows)));
    let rows = RecordBatch::try_new(schema, columns).expect("the checks give every column its declared type");
    (rows, later_by)
}

/// A dictionary's cells as numbers of words.
fn numbered(cells: &ArrayRef, words: &Mutex<Lexicon>) -> ArrayRef {
    let coded = cells.as_dictionary::<Int32Type>();
    let values = coded.values().as_string::<i32>();
    let mut words = words.lock().expect("no thread dies holding it");
    let numbers: Vec<u32> = values.iter().map(|text| words.number(text.unwrap_or_default())).collect();
    // What lies under an empty cell may be anything.
    Arc::new(coded.keys().unary::<_, UInt32Type>(|at| numbers.get(at as usize).copied().unwrap_or_default()))
}

/// A column without a dictionary.
fn plain(cells: &ArrayRef) -> ArrayRef {
    match cells.data_type() {
        DataType::Dictionary(_, values) => arrow::compute::cast(cells, values).expect("a dictionary unfolds"),
        _ => cells.clone(),
    }
}

fn withdrawals(rows: &RecordBatch) -> BooleanArray {
    match rows.column_by_name("is_deleted").map(|flags| flags.as_boolean()) {
        Some(flags) if flags.true_count() > 0 => {
            (0..rows.num_rows()).map(|row| Some(flags.is_valid(row) && flags.value(row))).collect()
        }
        _ => no_withdrawals(rows.num_rows()),
    }
}

pub fn no_withdrawals(n_rows: usize) -> BooleanArray {
    BooleanArray::new(BooleanBuffer::new_unset(n_rows), None)
}
