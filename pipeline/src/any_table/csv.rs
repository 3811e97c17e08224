//! A table as CSV: UTF-8, comma, header. An empty cell is missing, and so are NA and NaN among numbers.

use std::{fs::File, path::Path};

use ::csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};
use arrow::array::StringBuilder;

use super::{BATCH_ROWS, Batch, Cell, Cells};
use crate::error::{Error, Kind, Result};

/// What is missing where numbers are expected, as statistical programs write it.
const MISSING: [&str; 3] = ["", "NA", "NaN"];

/// The names of the columns.
pub(super) fn names(path: &Path) -> Result<Vec<String>> {
    let mut reader = open(path)?;
    let header = reader.headers().map_err(|error| refusal(error, 0))?;
    Ok(header.iter().map(str::to_owned).collect())
}

/// What each column holds: numbers where every cell of it is one or missing, and any is one.
pub(super) fn kinds(path: &Path, width: usize) -> Result<Vec<Cell>> {
    let mut has_word = vec![false; width];
    let mut has_any = vec![false; width];
    each_row(path, |_, record| {
        for (place, cell) in record.iter().enumerate() {
            has_any[place] |= !cell.is_empty();
            // Once is enough.
            has_word[place] = has_word[place] || number(cell).is_none();
        }
        Ok(())
    })?;
    let kind = |(has_word, has_any): (bool, bool)| if has_word || !has_any { Cell::Word } else { Cell::Number };
    Ok(has_word.into_iter().zip(has_any).map(kind).collect())
}

/// Reads some columns, batch by batch.
pub(super) fn read(
    path: &Path,
    names: &[String],
    wanted: &[(usize, Cell)],
    take: &mut dyn FnMut(Batch) -> Result<()>,
) -> Result<()> {
    let mut growing: Vec<Growing> = wanted.iter().map(|(_, kind)| Growing::of(*kind)).collect();
    let (mut first_row, mut rows) = (1, 0);
    each_row(path, |row, record| {
        for ((place, _), cells) in wanted.iter().zip(&mut growing) {
            cells.push(&record[*place]).map_err(|error| error.row(row).column(&names[*place]))?;
        }
        rows += 1;
        if rows == BATCH_ROWS {
            take(Batch { first_row, rows, columns: growing.iter_mut().map(Growing::taken).collect() })?;
            (first_row, rows) = (row + 1, 0);
        }
        Ok(())
    })?;
    if rows > 0 {
        take(Batch { first_row, rows, columns: growing.iter_mut().map(Growing::taken).collect() })?;
    }
    Ok(())
}

/// Cells on their way into a batch.
enum Growing {
    Numbers(Vec<f64>),
    Words(StringBuilder),
}

impl Growing {
    fn of(kind: Cell) -> Growing {
        match kind {
            Cell::Number => Growing::Numbers(Vec::new()),
            Cell::Word => Growing::Words(StringBuilder::new()),
        }
    }

    fn push(&mut self, cell: &str) -> Result<()> {
        match self {
            Growing::Numbers(numbers) => {
                let hint = "a missing number is an empty cell; what is no number can be learnt as a category";
                let refused = || Error::refused("is not a number", hint);
                numbers.push(number(cell).ok_or_else(refused)?);
            }
            Growing::Words(words) => words.append_option(Some(cell).filter(|cell| !cell.is_empty())),
        }
        Ok(())
    }

    fn taken(&mut self) -> Cells {
        match self {
            Growing::Numbers(numbers) => Cells::Numbers(std::mem::take(numbers)),
            Growing::Words(words) => Cells::Words(words.finish()),
        }
    }
}

/// A cell as a number; NaN where it is missing, and none where it is something else.
fn number(cell: &str) -> Option<f64> {
    if MISSING.contains(&cell) {
        return Some(f64::NAN);
    }
    match cell {
        "true" | "True" | "TRUE" => Some(1.0),
        "false" | "False" | "FALSE" => Some(0.0),
        // Rust would take "inf" and "nan" for numbers, too.
        _ if cell.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) => {
            cell.parse().ok().filter(|number: &f64| number.is_finite())
        }
        _ => None,
    }
}

fn open(path: &Path) -> Result<Reader<File>> {
    let file = File::open(path).map_err(|error| Error::storage(path, "read", &error))?;
    Ok(ReaderBuilder::new().from_reader(file))
}

/// Does something with every row and its number, from 1.
fn each_row(path: &Path, mut take: impl FnMut(u64, &StringRecord) -> Result<()>) -> Result<()> {
    let mut reader = open(path)?;
    let mut record = StringRecord::new();
    let mut row = 0;
    loop {
        row += 1;
        match reader.read_record(&mut record) {
            Ok(true) => take(row, &record)?,
            Ok(false) => return Ok(()),
            Err(error) => return Err(refusal(error, row)),
        }
    }
}

/// The library's own words are not passed on: they may hold a cell.
fn refusal(error: ::csv::Error, row: u64) -> Error {
    let message = match error.kind() {
        ErrorKind::Io(error) => return Error::new(Kind::Storage, format!("cannot read: {error}")),
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("there are {len} cells where the header has {expected_len}")
        }
        ErrorKind::Utf8 { .. } => "is not UTF-8".to_owned(),
        _ => "cannot be read as CSV".to_owned(),
    };
    let error = Error::refused(message, "the table is CSV in UTF-8 with commas and a header, or Parquet");
    if row > 0 { error.row(row) } else { error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_what_is_none() {
        let numbers = ["0", "-1.5", "+2", "1e3", "007", "true", "FALSE"].map(number);
        assert_eq!(numbers, [0.0, -1.5, 2.0, 1000.0, 7.0, 1.0, 0.0].map(Some));
        assert!(["", "NA", "NaN"].iter().all(|cell| number(cell).is_some_and(f64::is_nan)));
        for cell in ["inf", "nan", "1e999", "3,5", "1 000", "0x10", "e", "-", " 1", "one"] {
            assert_eq!(number(cell), None, "{cell}");
        }
    }
}
