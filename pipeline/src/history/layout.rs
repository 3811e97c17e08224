//! The columns of a settled table: persons and codes as small integers, and what tells from when until when a row counts.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use earlycall_schemas::table::{ColumnSpec, TableSpec, tables};

use crate::extract::{arrow_type, is_coded};

/// The person's number in their bucket.
pub const PERSON: &str = "person";
/// Hash of the supplier and the row's primary key.
pub const KEY: &str = "key";
/// The first day on which the row counts.
pub const KNOWN_FROM: &str = "known_from";
/// The first day on which a row no longer counts; empty while it does.
pub const KNOWN_TO: &str = "known_to";
/// Who delivered the row, by the number that the ledger gives to suppliers.
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

/// Whether a column of a segment holds numbers of words.
pub fn holds_words(field: &Field) -> bool {
    *field.data_type() == DataType::UInt32 && ![PERSON, SUPPLIED_BY].contains(&field.name().as_str())
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
