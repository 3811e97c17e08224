//! Columns to Parquet bytes and back, for the two Parquet files of a night. Polars writes them; they are read by the reader of
//! deliveries, which refuses what is spoiled where the other asks for all the memory there could be.

use arrow::{
    array::{Array, ArrayRef, AsArray, LargeStringArray, PrimitiveArray},
    compute::{cast, concat_batches},
    datatypes::{ArrowPrimitiveType, DataType, Float64Type, UInt32Type},
    record_batch::RecordBatch,
};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use polars::prelude::{Column, DataFrame};
use polars_io::prelude::ParquetWriter;

use crate::{
    error::{Error, Kind, Result},
    panics::contained,
};

/// Parquet bytes of columns of equal length. Same columns, same bytes.
pub(super) fn to_bytes(columns: Vec<Column>) -> Vec<u8> {
    let height = columns.first().map_or(0, Column::len);
    let mut frame = DataFrame::new(height, columns).expect("columns are declared with unique names and one length");
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).expect("memory takes every table");
    bytes
}

/// A Parquet file of this program, opened to read columns by name.
pub(super) struct Table {
    columns: Vec<(String, Cells)>,
    file: &'static str,
}

/// The cells of a column, in the widest type of their kind.
enum Cells {
    Texts(LargeStringArray),
    Decimals(PrimitiveArray<Float64Type>),
    Wholes(PrimitiveArray<UInt32Type>),
    Others,
}

impl Table {
    /// Reads the bytes of a file. What the Parquet reader says is not passed on: it may quote a cell.
    pub fn read(bytes: &[u8], file: &'static str) -> Result<Table> {
        let columns = contained(|| columns(bytes)).flatten();
        Ok(Table { columns: columns.ok_or_else(|| damaged(file))?, file })
    }

    /// The names of the columns, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// A text column without gaps.
    pub fn texts(&self, name: &str) -> Result<Vec<String>> {
        self.each_text(name)?.map(|cell| self.present(name, cell.map(str::to_owned))).collect()
    }

    /// The cells of a text column, one after another.
    pub fn each_text(&self, name: &str) -> Result<impl Iterator<Item = Option<&str>>> {
        match self.column(name)? {
            Cells::Texts(texts) => Ok(texts.iter()),
            _ => Err(self.wrong(name)),
        }
    }

    /// A column of decimal numbers without gaps.
    pub fn decimals(&self, name: &str) -> Result<Vec<f64>> {
        self.decimals_or_none(name)?.into_iter().map(|cell| self.present(name, cell)).collect()
    }

    /// A column of decimal numbers with gaps.
    pub fn decimals_or_none(&self, name: &str) -> Result<Vec<Option<f64>>> {
        match self.column(name)? {
            Cells::Decimals(numbers) => Ok(numbers.iter().collect()),
            _ => Err(self.wrong(name)),
        }
    }

    /// A column of whole numbers without gaps.
    pub fn wholes(&self, name: &str) -> Result<Vec<u32>> {
        match self.column(name)? {
            Cells::Wholes(numbers) => numbers.iter().map(|cell| self.present(name, cell)).collect(),
            _ => Err(self.wrong(name)),
        }
    }

    /// The error of a column that is missing or holds what it should not.
    pub fn wrong(&self, name: &str) -> Error {
        damaged(self.file).column(name)
    }

    fn column(&self, name: &str) -> Result<&Cells> {
        let found = self.columns.iter().find(|(of, _)| of == name);
        found.map(|(_, cells)| cells).ok_or_else(|| self.wrong(name))
    }

    fn present<T>(&self, name: &str, cell: Option<T>) -> Result<T> {
        cell.ok_or_else(|| self.wrong(name))
    }
}

/// The columns of a file, with their names; none if it cannot be read.
fn columns(bytes: &[u8]) -> Option<Vec<(String, Cells)>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::copy_from_slice(bytes)).ok()?;
    let schema = reader.schema().clone();
    let batches: Vec<RecordBatch> = reader.build().ok()?.collect::<Result<_, _>>().ok()?;
    let whole = concat_batches(&schema, &batches).ok()?;
    let named = schema.fields().iter().zip(whole.columns());
    named.map(|(field, column)| Some((field.name().clone(), cells(column)?))).collect()
}

fn cells(column: &ArrayRef) -> Option<Cells> {
    fn of<T: ArrowPrimitiveType>(column: &ArrayRef) -> PrimitiveArray<T> {
        column.as_primitive::<T>().clone()
    }
    Some(match column.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            Cells::Texts(cast(column, &DataType::LargeUtf8).ok()?.as_string::<i64>().clone())
        }
        DataType::Float64 => Cells::Decimals(of(column)),
        DataType::UInt32 => Cells::Wholes(of(column)),
        _ => Cells::Others,
    })
}

fn damaged(file: &str) -> Error {
    Error::new(Kind::Storage, "is damaged, or was not written by this program")
        .file(file)
        .hint("restore the night from a backup, or run it again")
}
