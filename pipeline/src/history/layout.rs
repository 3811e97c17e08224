//! The columns of a settled table: persons and codes as small integers, and what tells from when until when a row counts.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use earlycall_schemas::table::{ColumnSpec, TableSpec, tables};

use crate::extract::{arrow_type, is_coded};

/// The person's number in their bucket.
pub const PERSON: &str = "person";
/// The row's primary key as a number, by its supplier: of ids that go on counting, near each other
/// ([`crate::extract::keys()`]).
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

/// Whether columns are those of a settled table, but for some that are empty in it: they were not kept yet when the others
/// were written. A column without which a row cannot be read makes another [`VERSION`](super::ledger::VERSION).
pub fn are_of<'a>(names: impl Iterator<Item = &'a str>, schema: &Schema) -> bool {
    let mut names = names.peekable();
    let may_be_absent = |field: &Field| field.is_nullable() && field.name() != KNOWN_TO;
    let mut is_there = |field: &Field| names.next_if(|name| name == field.name()).is_some();
    let has_all = schema.fields().iter().all(|field| is_there(field) || may_be_absent(field));
    has_all && names.next().is_none()
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

#[cfg(test)]
mod tests {
    use earlycall_schemas::table::table;

    use super::*;

    #[test]
    fn columns_that_may_be_empty_may_be_absent_and_no_others_and_none_is_of_another_table() {
        let schema = settled_schema(table("deaths").unwrap());
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let without = |absent: &str| are_of(names.iter().copied().filter(|name| *name != absent), &schema);
        assert!(without(""));
        assert!(without("source"));
        assert!(
            !without(PERSON) && !without(KEY) && !without(KNOWN_FROM) && !without(KNOWN_TO) && !without(SUPPLIED_BY)
        );
        assert!(!are_of(names.iter().copied().chain(["sex"]), &schema));
        assert!(!are_of(names.iter().rev().copied(), &schema));
    }
}
