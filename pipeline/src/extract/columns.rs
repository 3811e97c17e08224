//! Cells turned into the Arrow columns that every later step works on.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use earlycall_schemas::table::{ColumnSpec, DType, TableSpec};

use crate::extract::raw::Cells;
use crate::extract::{codes, typed};
use crate::quality::faults::Faults;

/// The Arrow schema of a table's accepted rows: the columns of its declaration, in order, all nullable.
///
/// Dates and months are `Date32`, timestamps `Timestamp(Second)` in UTC, the rest booleans, `Int64`, `Float64` or
/// `Utf8`; a list is text joined by `|`.
pub fn schema(table: &TableSpec) -> SchemaRef {
    let field = |spec: &ColumnSpec| Field::new(&spec.name, arrow_type(spec), true);
    Arc::new(Schema::new(table.columns.iter().map(field).collect::<Vec<_>>()))
}

/// The Arrow type of a column's cells; a list is text joined by `|`.
pub fn arrow_type(spec: &ColumnSpec) -> DataType {
    match spec.dtype {
        _ if spec.list => DataType::Utf8,
        DType::Date | DType::Month => DataType::Date32,
        DType::Timestamp => DataType::Timestamp(TimeUnit::Second, None),
        DType::Bool => DataType::Boolean,
        DType::Int => DataType::Int64,
        DType::Float => DataType::Float64,
        _ => DataType::Utf8,
    }
}

/// Reads one column of a batch, noting what is wrong with its cells.
///
/// # Errors
/// The row, counted from 0, whose person id is no person id: that refuses the file (V04).
pub(super) fn read(
    spec: &'static ColumnSpec,
    cells: &Cells,
    rows: usize,
    faults: &mut Faults,
) -> Result<ArrayRef, usize> {
    Ok(match spec.dtype {
        DType::Date if !spec.list => typed::dates(spec, cells, rows, faults),
        DType::Month if !spec.list => typed::months(spec, cells, rows, faults),
        DType::Timestamp if !spec.list => typed::timestamps(spec, cells, rows, faults),
        DType::Bool if !spec.list => typed::booleans(spec, cells, rows, faults),
        DType::Int if !spec.list => typed::integers(spec, cells, rows, faults),
        DType::Float if !spec.list => typed::decimals(spec, cells, rows, faults),
        _ => match cells {
            Cells::Text(text) => Arc::new(codes::texts(spec, text, faults)?),
            // A Parquet column of nulls, or one that the file doesn't have.
            _ => Arc::new(codes::texts(spec, &StringArray::new_null(rows), faults)?),
        },
    })
}
