//! The columns of a settled table: persons and codes as small integers, and what tells from when until when a row counts.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, UInt64Array},
    datatypes::{
        ArrowPrimitiveType, DataType, Date32Type, Field, Float64Type, Int32Type, Int64Type, Schema, SchemaRef,
        TimestampSecondType,
    },
};
use earlycall_schemas::table::{ColumnSpec, TableSpec, tables};
use twox_hash::XxHash3_64;

use crate::extract::{arrow_type, is_coded};

/// The person's number in their bucket.
pub const PERSON: &str = "person";
/// Hash of the supplier and the row's primary key.
pub const KEY: &str = "key";
/// The first day on which the row counts.
pub const KNOWN_FROM: &str = "known_from";
/// The first day on which a row no longer counts; empty while it does.
pub const KNOWN_TO: &str = "known_to";
/// Who delivered the row, as a word.
pub const SUPPLIED_BY: &str = "supplied_by";

/// The tables about persons, in the order of the contract.
pub fn person_tables() -> impl Iterator<Item = &'static TableSpec> {
    tables().iter().filter(|table| table.is_about_persons())
}

/// The columns of a table whose cells stay.
pub fn kept_columns(table: &'static TableSpec) -> impl Iterator<Item = &'static ColumnSpec> {
    table.columns.iter().filter(|column| column.kept)
}

/// Whether a kept column holds the numbers of words: a code of few values in a table about persons.
pub fn is_word(table: &TableSpec, column: &ColumnSpec) -> bool {
    table.is_about_persons() && is_coded(column)
}

/// The columns of a settled table.
pub fn settled_schema(table: &'static TableSpec) -> SchemaRef {
    let of_column = |column: &ColumnSpec| match is_word(table, column) {
        true => DataType::UInt32,
        false => arrow_type(column),
    };
    let mut fields = Vec::new();
    fields.extend(table.is_about_persons().then(|| Field::new(PERSON, DataType::UInt32, false)));
    fields.push(Field::new(KEY, DataType::UInt64, false));
    fields.extend(kept_columns(table).map(|column| Field::new(&column.name, of_column(column), true)));
    fields.push(Field::new(KNOWN_FROM, DataType::Date32, false));
    fields.push(Field::new(KNOWN_TO, DataType::Date32, true));
    fields.push(Field::new(SUPPLIED_BY, DataType::UInt32, false));
    Arc::new(Schema::new(fields))
}

/// Each row's primary key as a number: a hash of the supplier and the key's cells.
///
/// Two of n rows of a supplier are taken for one with a probability of n²/2⁶⁵: for a trust's ten million rows, one in
/// 400,000.
pub fn keys(table: &TableSpec, rows: &RecordBatch, supplier: &str) -> UInt64Array {
    let seed = XxHash3_64::oneshot(supplier.as_bytes());
    let mut hashes = vec![seed; rows.num_rows()];
    for name in &table.key {
        add(&mut hashes, rows.column_by_name(name).expect("a key is a column that is read"));
    }
    hashes.into()
}

/// Adds the cells of a column to the hashes of their rows.
fn add(hashes: &mut [u64], column: &ArrayRef) {
    match column.data_type() {
        DataType::Utf8 => {
            let text = column.as_string::<i32>();
            for (row, hash) in hashes.iter_mut().enumerate() {
                *hash = XxHash3_64::oneshot_with_seed(*hash, text.value(row).as_bytes());
            }
        }
        DataType::Dictionary(_, _) => {
            let coded = column.as_dictionary::<Int32Type>();
            let values = coded.values().as_string::<i32>();
            for (hash, at) in hashes.iter_mut().zip(coded.keys().values()) {
                *hash = XxHash3_64::oneshot_with_seed(*hash, values.value(*at as usize).as_bytes());
            }
        }
        DataType::Date32 => add_numbers::<Date32Type>(hashes, column, i64::from),
        DataType::Timestamp(_, _) => add_numbers::<TimestampSecondType>(hashes, column, |second| second),
        DataType::Int64 => add_numbers::<Int64Type>(hashes, column, |number| number),
        DataType::Float64 => add_numbers::<Float64Type>(hashes, column, |number| number.to_bits() as i64),
        other => unreachable!("no table has a key of type {other}"),
    }
}

fn add_numbers<T: ArrowPrimitiveType>(hashes: &mut [u64], column: &ArrayRef, number: impl Fn(T::Native) -> i64) {
    for (hash, value) in hashes.iter_mut().zip(column.as_primitive::<T>().values()) {
        *hash = XxHash3_64::oneshot_with_seed(*hash, &number(*value).to_le_bytes());
    }
}
