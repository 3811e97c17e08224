//! CSV read into batches of text.

use std::io::{self, Cursor, Read};
use std::str::{self, Utf8Error};

use arrow::array::StringBuilder;
use csv::{ByteRecord, ErrorKind, ReaderBuilder, StringRecord};
use earlycall_schemas::table::TableSpec;

use crate::error::{Error, Kind, Result};
use crate::extract::columns::{is_coded, is_read};
use crate::extract::interner::Interner;
use crate::extract::raw::{Cells, RawBatch};
use crate::extract::strict::{Breach, Strict};
use crate::extract::{file, header};

/// The byte order mark of UTF-8. It says no more than what the contract asks for anyway, and database exports on
/// Windows write it unasked, so it is passed over. Those of UTF-16 are refused with the rest of what is not UTF-8.
const UTF8_MARK: &[u8] = "\u{feff}".as_bytes();

/// An input without its byte order mark.
type Unmarked<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// Rows of a CSV file, batch by batch.
pub(super) struct CsvRows<R> {
    reader: csv::Reader<Strict<Unmarked<R>>>,
    record: ByteRecord,
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
    Text(StringBuilder),
}

impl<R: Read> CsvRows<R> {
    /// Reads the header of `input`, and holds it against the columns of `table`.
    ///
    /// # Errors
    /// The header is missing, malformed or not that of the table.
    pub fn open(input: R, table: &'static TableSpec, batch_rows: usize) -> Result<CsvRows<R>> {
        let input = Strict::new(unmarked(input).map_err(|error| file::refusal(&error))?);
        let mut reader = ReaderBuilder::new().has_headers(false).buffer_capacity(1 << 16).from_reader(input);
        let mut names = StringRecord::new();
        let is_there = reader.read_record(&mut names).map_err(|error| refusal(error, 0))?;
        if !is_there {
            return Err(Error::new(Kind::Extract, "the file is empty, without even a header").rule("V01"));
        }
        let positions = header::positions(table, &names.iter().collect::<Vec<&str>>())?;
        let wanted = table.columns.iter().zip(positions).filter(|(spec, _)| is_read(table, spec));
        let column = |(spec, position)| match is_coded(spec) {
            true => Column { position, cells: Builder::Coded(Interner::new()) },
            false => Column { position, cells: Builder::Text(StringBuilder::new()) },
        };
        let columns = wanted.map(column).collect();
        Ok(CsvRows { reader, record: ByteRecord::new(), columns, batch_rows, rows: 0 })
    }

    fn batch(&mut self) -> Result<RawBatch> {
        let mut rows = 0;
        while rows < self.batch_rows {
            let is_there = self.reader.read_byte_record(&mut self.record);
            if !is_there.map_err(|error| refusal(error, self.rows + 1))? {
                break;
            }
            self.take_record().map_err(|_| not_utf8(self.rows + 1))?;
            rows += 1;
            self.rows += 1;
        }
        Ok(RawBatch { rows, columns: self.columns.iter_mut().map(Column::finish).collect() })
    }

    fn take_record(&mut self) -> Result<(), Utf8Error> {
        if !self.record.as_slice().is_ascii() {
            // Cell by cell: halves of two characters side by side are no character.
            self.record.iter().try_for_each(|cell| str::from_utf8(cell).map(drop))?;
        }
        for Column { position, cells } in &mut self.columns {
            let Some(position) = *position else { continue };
            let cell = &self.record[position];
            match cells {
                Builder::Coded(interner) => interner.push(cell)?,
                Builder::Text(builder) if cell.is_empty() => builder.append_null(),
                Builder::Text(builder) => builder.append_value(str::from_utf8(cell)?),
            }
        }
        Ok(())
    }

    /// The parser's count of rows against that of [`Strict`].
    fn check_count(&self) -> Result<()> {
        let counted = self.reader.get_ref().records().saturating_sub(1);
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
            (Some(_), Builder::Text(builder)) => Cells::Text(builder.finish()),
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

fn not_utf8(row: u64) -> Error {
    let error = Error::new(Kind::Extract, "is not UTF-8").rule("V01");
    let error = if row == 0 { error } else { error.row(row) };
    error.hint("export the file as UTF-8, not as UTF-16 or Windows-1252")
}

/// The parser's error in our words: its own text may hold a cell.
fn refusal(error: csv::Error, row: u64) -> Error {
    // Record 0 is the header.
    let refused = |row: u64, what: String| {
        let error = Error::new(Kind::Extract, what).rule("V01");
        if row == 0 { error } else { error.row(row) }
    };
    match error.into_kind() {
        ErrorKind::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<Breach>()) {
            Some(breach) => refused(breach.record, format!("the row {}", breach.what)),
            None => file::refusal(&error),
        },
        ErrorKind::Utf8 { .. } => not_utf8(row),
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            refused(row, format!("the row has {len} cells where the header has {expected_len}"))
        }
        _ => refused(row, "the row is not RFC 4180".to_owned()),
    }
}
