//! A polars table to Parquet bytes and back, for the two Parquet files of a night.

use std::io::Cursor;

use polars::prelude::*;
use polars_io::prelude::{ParquetReader, ParquetWriter, SerReader};

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
    frame: DataFrame,
    file: &'static str,
}

impl Table {
    /// Reads the bytes of a file. What the Parquet reader says is not passed on: it may quote a cell.
    pub fn read(bytes: &[u8], file: &'static str) -> Result<Table> {
        let frame = contained(|| ParquetReader::new(Cursor::new(bytes)).finish());
        Ok(Table { frame: frame.and_then(Result::ok).ok_or_else(|| damaged(file))?, file })
    }

    /// The names of the columns, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.frame.columns().iter().map(|column| column.name().as_str())
    }

    /// A text column without gaps.
    pub fn texts(&self, name: &str) -> Result<Vec<String>> {
        self.each_text(name)?.map(|cell| self.present(name, cell.map(str::to_owned))).collect()
    }

    /// The cells of a text column, one after another.
    pub fn each_text(&self, name: &str) -> Result<impl Iterator<Item = Option<&str>>> {
        Ok(self.column(name)?.str().map_err(|_| self.wrong(name))?.iter())
    }

    /// A column of decimal numbers without gaps.
    pub fn decimals(&self, name: &str) -> Result<Vec<f64>> {
        let cells = self.column(name)?.f64().map_err(|_| self.wrong(name))?;
        cells.iter().map(|cell| self.present(name, cell)).collect()
    }

    /// A column of decimal numbers with gaps.
    pub fn decimals_or_none(&self, name: &str) -> Result<Vec<Option<f64>>> {
        Ok(self.column(name)?.f64().map_err(|_| self.wrong(name))?.iter().collect())
    }

    /// A column of whole numbers without gaps.
    pub fn wholes(&self, name: &str) -> Result<Vec<u32>> {
        let cells = self.column(name)?.u32().map_err(|_| self.wrong(name))?;
        cells.iter().map(|cell| self.present(name, cell)).collect()
    }

    /// The error of a column that is missing or holds what it should not.
    pub fn wrong(&self, name: &str) -> Error {
        damaged(self.file).column(name)
    }

    fn column(&self, name: &str) -> Result<&Column> {
        self.frame.column(name).map_err(|_| self.wrong(name))
    }

    fn present<T>(&self, name: &str, cell: Option<T>) -> Result<T> {
        cell.ok_or_else(|| self.wrong(name))
    }
}

fn damaged(file: &str) -> Error {
    Error::new(Kind::Storage, "is damaged, or was not written by this program")
        .file(file)
        .hint("restore the night from a backup, or run it again")
}
