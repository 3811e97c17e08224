//! A batch of rows as a file gives them, before they are read as the types of their table.

use arrow::array::{BooleanArray, Date32Array, DictionaryArray, Float64Array, Int64Array, StringArray};
use arrow::datatypes::Int32Type;

/// Rows of a file: one [`Cells`] per column that is read, in the table's order.
pub(crate) struct RawBatch {
    pub rows: usize,
    pub columns: Vec<Cells>,
}

/// The cells of one column. CSV gives text; Parquet gives one of these for each family of Arrow types.
pub(crate) enum Cells {
    /// The file doesn't have the column.
    Absent,
    /// Text without empty cells: an empty cell is null. A list is joined by `|`.
    Text(StringArray),
    /// Text of which few values serve many rows. The values are `Utf8`; an empty one is the same as none.
    Coded(DictionaryArray<Int32Type>),
    /// Days since 1970-01-01.
    Days(Date32Array),
    /// Seconds of UTC since 1970-01-01T00:00:00Z.
    Seconds(Int64Array),
    /// Booleans.
    Flags(BooleanArray),
    /// Whole numbers.
    Whole(Int64Array),
    /// Decimal numbers.
    Decimal(Float64Array),
}
