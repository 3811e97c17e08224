//! A batch of rows as a file gives them, before they are read as the types of their table.

use std::iter;

use arrow::array::{Array, AsArray, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int64Array, StringArray};
use arrow::datatypes::Int32Type;

use crate::extract::ids::Ids;

/// Rows of a file: one [`Cells`] per column that is read, in the table's order.
pub(crate) struct RawBatch {
    pub rows: usize,
    pub columns: Vec<Cells>,
}

impl Cells {
    /// The same text in every row.
    pub fn constant(text: &str, rows: usize) -> Cells {
        Cells::Text(iter::repeat_n(Some(text).filter(|text| !text.is_empty()), rows).collect())
    }

    /// A cell of text as it was sent; empty where there is none, or nothing but its number.
    pub fn text(&self, row: usize) -> &str {
        match self {
            Cells::Text(texts) if texts.is_valid(row) => texts.value(row),
            Cells::Coded(coded) => coded.key(row).map_or("", |key| coded.values().as_string::<i32>().value(key)),
            _ => "",
        }
    }

    /// Whether there is anything in a cell.
    pub fn is_filled(&self, row: usize) -> bool {
        match self {
            Cells::Absent => false,
            Cells::Text(_) | Cells::Coded(_) => !self.text(row).is_empty(),
            Cells::Ids(ids) => ids.numbers.is_valid(row),
            Cells::Days(days) => days.is_valid(row),
            Cells::Seconds(seconds) => seconds.is_valid(row),
            Cells::Flags(flags) => flags.is_valid(row),
            Cells::Whole(whole) => whole.is_valid(row),
            Cells::Decimal(decimal) => decimal.is_valid(row),
        }
    }
}

/// Stands for a cell that is there and is no date.
pub(crate) const NO_DAY: i32 = i32::MIN;
/// Stands for a cell that is there and is no moment.
pub(crate) const NO_SECOND: i64 = i64::MIN;

/// The cells of one column. CSV gives those of its type or text; Parquet one of these for each family of Arrow types.
pub(crate) enum Cells {
    /// The file doesn't have the column.
    Absent,
    /// Text without empty cells: an empty cell is null. A list is joined by `|`.
    Text(StringArray),
    /// Ids that were read as numbers in a Parquet file; an empty one is none.
    Ids(Ids),
    /// Text of which few values serve many rows. The values are `Utf8`; an empty one is the same as none.
    Coded(DictionaryArray<Int32Type>),
    /// Days since 1970-01-01; [`NO_DAY`], like any other that [`Day`](crate::day::Day) can't tell, is no date.
    Days(Date32Array),
    /// Seconds of UTC since 1970-01-01T00:00:00Z; [`NO_SECOND`] is no moment.
    Seconds(Int64Array),
    /// Booleans.
    Flags(BooleanArray),
    /// Whole numbers.
    Whole(Int64Array),
    /// Decimal numbers; one that is not finite is no number.
    Decimal(Float64Array),
}
