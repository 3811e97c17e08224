//! The cells of a column of CSV, gathered some rows at a time: read at once where the type of the column says how.

use std::mem;

use arrow::array::{Date32Builder, Float64Builder, Int64Builder, StringBuilder};
use earlycall_schemas::table::{ColumnSpec, DType};

use crate::extract::columns::is_coded;
use crate::extract::interner::Interner;
use crate::extract::raw::Cells;
use crate::extract::sound::Sound;
use crate::extract::typed;
use crate::extract::word::word;

/// Gathers [`Cells`].
pub(super) enum CellsBuilder {
    Coded(Interner),
    Days(Date32Builder, LatestDay),
    Seconds(Int64Builder),
    Decimal(Float64Builder),
    Text(StringBuilder),
}

/// The latest cell as a [`word`], and the day that it names: many rows of a file may be of one day.
#[derive(Default)]
pub(super) struct LatestDay(u128, i32);

impl LatestDay {
    #[inline]
    fn of(&mut self, text: &str) -> i32 {
        match word(text.as_bytes()) {
            Some(word) if word == self.0 => self.1,
            Some(word) => {
                *self = LatestDay(word, typed::day_of(text));
                self.1
            }
            None => typed::day_of(text),
        }
    }
}

impl CellsBuilder {
    pub fn of(spec: &ColumnSpec) -> CellsBuilder {
        match spec.dtype {
            _ if is_coded(spec) => CellsBuilder::Coded(Interner::new()),
            _ if spec.list => CellsBuilder::Text(StringBuilder::new()),
            DType::Date | DType::Month => CellsBuilder::Days(Date32Builder::new(), LatestDay::default()),
            DType::Timestamp => CellsBuilder::Seconds(Int64Builder::new()),
            DType::Float => CellsBuilder::Decimal(Float64Builder::new()),
            _ => CellsBuilder::Text(StringBuilder::new()),
        }
    }

    /// Adds a column of rows as they stand in the file.
    pub fn extend_from(&mut self, sound: &Sound, column: usize, rows: usize) {
        match self {
            CellsBuilder::Coded(interner) => sound.bytes(column, rows).for_each(|cell| interner.push(cell)),
            _ => self.extend(sound.column(column, rows)),
        }
    }

    /// Adds rows; an empty cell is null.
    #[inline]
    pub fn extend<'a>(&mut self, cells: impl Iterator<Item = &'a str>) {
        match self {
            CellsBuilder::Coded(interner) => cells.for_each(|cell| interner.push(cell.as_bytes())),
            CellsBuilder::Days(days, latest) => {
                cells.for_each(|cell| days.append_option(filled(cell).map(|cell| latest.of(cell))));
            }
            CellsBuilder::Seconds(seconds) => {
                cells.for_each(|cell| seconds.append_option(filled(cell).map(typed::second_of)));
            }
            CellsBuilder::Decimal(decimals) => {
                cells.for_each(|cell| decimals.append_option(filled(cell).map(typed::decimal_of)));
            }
            CellsBuilder::Text(texts) => cells.for_each(|cell| texts.append_option(filled(cell))),
        }
    }

    /// The cells of all rows since the last time. There may well be as many in the next batch.
    pub fn finish(&mut self, rows: usize) -> Cells {
        match self {
            CellsBuilder::Coded(interner) => Cells::Coded(interner.finish()),
            CellsBuilder::Days(days, _) => Cells::Days(mem::replace(days, Date32Builder::with_capacity(rows)).finish()),
            CellsBuilder::Seconds(seconds) => {
                Cells::Seconds(mem::replace(seconds, Int64Builder::with_capacity(rows)).finish())
            }
            CellsBuilder::Decimal(decimals) => {
                Cells::Decimal(mem::replace(decimals, Float64Builder::with_capacity(rows)).finish())
            }
            CellsBuilder::Text(texts) => {
                let bytes = texts.values_slice().len();
                Cells::Text(mem::replace(texts, StringBuilder::with_capacity(rows, bytes)).finish())
            }
        }
    }
}

fn filled(cell: &str) -> Option<&str> {
    Some(cell).filter(|cell| !cell.is_empty())
}
