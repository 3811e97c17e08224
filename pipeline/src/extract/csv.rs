//! CSV read into batches of text.

use std::io::{self, Cursor, Read};
use std::str::{self, Utf8Error};

use arrow::array::{BinaryBuilder, StringArray};
use earlycall_schemas::table::TableSpec;

use crate::error::{Error, Kind, Result};
use crate::extract::columns::{is_coded, is_read};
use crate::extract::interner::Interner;
use crate::extract::raw::{Cells, RawBatch};
use crate::extract::split::{Record, Records};
use crate::extract::strict::{Breach, Strict};
use crate::extract::{file, header};

/// The byte order mark of UTF-8. It says no more than what the contract asks for anyway, and database exports on
/// Windows write it unasked, so it is passed over. Those of UTF-16 are refused with the rest of what is not UTF-8.
const UTF8_MARK: &[u8] = "\u{feff}".as_bytes();

/// A batch ends here although it may have more rows: a small gzip file may unpack to very long ones.
const BATCH_BYTES: usize = 64 << 20;

/// An input without its byte order mark.
type Unmarked<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// Rows of a CSV file, batch by batch.
pub(super) struct CsvRows<R> {
    records: Records<Strict<Unmarked<R>>>,
    /// Cells in the header.
    width: usize,
    columns: Vec<Column>,
    batch_rows: usize,
    rows: u64,
}

/// A column that is read.
struct Column {
    /// Its place in a record, unless the file doesn't have it.
    position: Option<usize>,
    cells: Builder,
}

enum Builder {
    Coded(Interner),
    Text(BinaryBuilder),
}

impl<R: Read> CsvRows<R> {
    /// Reads the header of `input`, and holds it against the columns of `table`.
    ///
    /// # Errors
    /// The header is missing, malformed or not that of the table.
    pub fn open(input: R, table: &'static TableSpec, batch_rows: usize) -> Result<CsvRows<R>> {
        let mut records = Records::new(Strict::new(unmarked(input).map_err(|error| refusal(&error))?));
        let Some(names) = records.next().map_err(|error| refusal(&error))? else {
            return Err(Error::new(Kind::Extract, "the file is empty, without even a header").rule("V01"));
        };
        let names: Vec<&str> = names.cells().map(str::from_utf8).collect::<Result<_, _>>().map_err(|_| not_utf8())?;
        let positions = header::positions(table, &names)?;
        let width = names.len();
        let wanted = table.columns.iter().zip(positions).filter(|(spec, _)| is_read(table, spec));
        let column = |(spec, position)| match is_coded(spec) {
            true => Column { position, cells: Builder::Coded(Interner::new()) },
            false => Column { position, cells: Builder::Text(BinaryBuilder::new()) },
        };
        let columns = wanted.map(column).collect();
        Ok(CsvRows { records, width, columns, batch_rows, rows: 0 })
    }

    fn batch(&mut self) -> Result<RawBatch> {
        let (mut rows, mut bytes) = (0, 0);
        while rows < self.batch_rows && bytes < BATCH_BYTES {
            let Some(record) = self.records.next().map_err(|error| refusal(&error))? else { break };
            bytes += record.len();
            self.rows += 1;
            let n_cells = record.cells().len();
            if n_cells != self.width {
                let message = format!("the row has {n_cells} cells where the header has {}", self.width);
                return Err(Error::new(Kind::Extract, message).rule("V01").row(self.rows));
            }
            take(&record, &mut self.columns).map_err(|_| not_utf8().row(self.rows))?;
            rows += 1;
        }
        Ok(RawBatch { rows, columns: self.columns.iter_mut().map(Column::finish).collect() })
    }

    /// The count of rows against that of [`Strict`].
    fn check_count(&self) -> Result<()> {
        let counted = self.records.input().records().saturating_sub(1);
        if counted == self.rows {
            return Ok(());
        }
        let message = format!("{} rows were read where a second count finds {counted}", self.rows);
        Err(Error::new(Kind::Extract, message).rule("V01"))
    }
}

impl<R: Read> Iterator for CsvRows<R> {
    type Item = Result<RawBatch>;

    fn next(&mut self) -> Option<Result<RawBatch>> {
        match self.batch() {
            Ok(batch) if batch.rows == 0 => self.check_count().err().map(Err),
            outcome => Some(outcome),
        }
    }
}

impl Column {
    fn finish(&mut self) -> Cells {
        match (&self.position, &mut self.cells) {
            (None, _) => Cells::Absent,
            (Some(_), Builder::Coded(interner)) => Cells::Coded(interner.finish()),
            (Some(_), Builder::Text(builder)) => {
                let text = StringArray::try_from_binary(builder.finish());
                Cells::Text(text.expect("every record is held against UTF-8 as it comes"))
            }
        }
    }
}

fn unmarked<R: Read>(mut input: R) -> io::Result<Unmarked<R>> {
    let mut start = Vec::new();
    input.by_ref().take(UTF8_MARK.len() as u64).read_to_end(&mut start)?;
    if start == UTF8_MARK {
        start.clear();
    }
    Ok(Cursor::new(start).chain(input))
}

fn take(record: &Record, columns: &mut [Column]) -> Result<(), Utf8Error> {
    if !record.is_ascii() {
        record.cells().try_for_each(|cell| str::from_utf8(cell).map(drop))?;
    }
    for Column { position, cells } in columns {
        let Some(position) = *position else { continue };
        match (cells, record.cell(position)) {
            (Builder::Coded(interner), cell) => interner.push(cell)?,
            (Builder::Text(builder), b"") => builder.append_null(),
            (Builder::Text(builder), cell) => builder.append_value(cell),
        }
    }
    Ok(())
}

fn not_utf8() -> Error {
    let error = Error::new(Kind::Extract, "is not UTF-8").rule("V01");
    error.hint("export the file as UTF-8, not as UTF-16 or Windows-1252")
}

/// An error of reading in our words.
fn refusal(error: &io::Error) -> Error {
    let Some(breach) = error.get_ref().and_then(|inner| inner.downcast_ref::<Breach>()) else {
        return file::refusal(error);
    };
    let refused = Error::new(Kind::Extract, format!("the row {}", breach.what)).rule("V01");
    // Record 0 is the header.
    if breach.record == 0 { refused } else { refused.row(breach.record) }
}
