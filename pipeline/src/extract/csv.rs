//! CSV read into batches of cells.

use std::io::{self, Cursor, Read};

use earlycall_schemas::table::TableSpec;
use simdutf8::basic::from_utf8;

use crate::error::{Error, Kind, Result};
use crate::extract::builder::CellsBuilder;
use crate::extract::columns::is_read;
use crate::extract::limits::Limits;
use crate::extract::raw::{Cells, RawBatch};
use crate::extract::split::{Record, Records, Refusal};
use crate::extract::watch::{Watch, is_watched};
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
    records: Records<Unmarked<R>>,
    /// Cells in the header.
    width: usize,
    columns: Vec<Column>,
    /// Columns that are watched for leaks, read or not, and their places in a record.
    watched: Vec<(usize, Watch)>,
    batch_rows: usize,
    rows: u64,
    limits: Limits,
}

/// A column that is read.
struct Column {
    /// Its place in a record, unless the file doesn't have it.
    position: Option<usize>,
    cells: CellsBuilder,
}

impl<R: Read> CsvRows<R> {
    /// Reads the header of `input`, and holds it against the columns of `table`.
    ///
    /// # Errors
    /// The header is missing, malformed or not that of the table.
    pub fn open(input: R, table: &'static TableSpec, batch_rows: usize, limits: &Limits) -> Result<CsvRows<R>> {
        let input = unmarked(input).map_err(|error| file::refusal(&error))?;
        let mut records = Records::new(input, limits.most("line_bytes"));
        let Some(Record { line, cells }) = records.next().map_err(|refusal| refused(&refusal, None, limits))? else {
            return Err(Error::new(Kind::Extract, "the file is empty, without even a header").rule("V01"));
        };
        limits.hold("columns", cells.len() as u64)?;
        let line = from_utf8(line).map_err(|_| not_utf8())?;
        let names: Vec<&str> = cells.iter().map(|name| &line[name.clone()]).collect();
        let positions = header::positions(table, &names)?;
        let width = names.len();
        let placed = table.columns.iter().zip(&positions).filter_map(|(spec, position)| Some(((*position)?, spec)));
        let watched = placed.filter(|(_, spec)| is_watched(table, spec));
        let watched = watched.map(|(position, spec)| (position, Watch::over(spec))).collect();
        let wanted = table.columns.iter().zip(positions).filter(|(spec, _)| is_read(table, spec));
        let columns = wanted.map(|(spec, position)| Column { position, cells: CellsBuilder::of(spec) }).collect();
        Ok(CsvRows { records, width, columns, watched, batch_rows, rows: 0, limits: limits.clone() })
    }

    fn batch(&mut self) -> Result<RawBatch> {
        let (mut rows, mut bytes) = (0, 0);
        while rows < self.batch_rows && bytes < BATCH_BYTES {
            let row = self.rows + 1;
            let record = self.records.next().map_err(|refusal| refused(&refusal, Some(row), &self.limits))?;
            let Some(Record { line, cells }) = record else { break };
            if cells.len() != self.width {
                let message = format!("the row has {} cells where the header has {}", cells.len(), self.width);
                return Err(Error::new(Kind::Extract, message).rule("V01").row(row));
            }
            let line = from_utf8(line).map_err(|_| not_utf8().row(row))?;
            for Column { position, cells: column } in &mut self.columns {
                if let Some(position) = *position {
                    column.push(&line[cells[position].clone()]);
                }
            }
            for (position, watch) in &mut self.watched {
                watch.look(&line[cells[*position].clone()], row)?;
            }
            bytes += line.len();
            rows += 1;
            self.rows = row;
        }
        Ok(RawBatch { rows, columns: self.columns.iter_mut().map(|column| column.finish(rows)).collect() })
    }
}

impl<R: Read> Iterator for CsvRows<R> {
    type Item = Result<RawBatch>;

    fn next(&mut self) -> Option<Result<RawBatch>> {
        match self.batch() {
            Ok(batch) if batch.rows == 0 => {
                let watched = std::mem::take(&mut self.watched);
                watched.iter().find_map(|(_, watch)| watch.verdict().err()).map(Err)
            }
            outcome => Some(outcome),
        }
    }
}

impl Column {
    fn finish(&mut self, rows: usize) -> Cells {
        if self.position.is_some() { self.cells.finish(rows) } else { Cells::Absent }
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

fn not_utf8() -> Error {
    let error = Error::new(Kind::Extract, "is not UTF-8").rule("V01");
    error.hint("export the file as UTF-8, not as UTF-16 or Windows-1252")
}

/// A refusal in our words; what breaks the form does so in a row, if not in the header.
fn refused(refusal: &Refusal, row: Option<u64>, limits: &Limits) -> Error {
    let error = match refusal {
        Refusal::Input(error) => return file::refusal(error),
        Refusal::Form(what) => Error::new(Kind::Extract, format!("the row {what}")).rule("V01"),
        Refusal::Length => limits.exceeded("line_bytes"),
    };
    row.into_iter().fold(error, Error::row)
}
