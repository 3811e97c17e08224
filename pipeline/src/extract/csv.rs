//! CSV read into batches of cells.

use std::io::{self, Cursor, Read};
use std::iter;

use earlycall_schemas::table::ColumnSpec;

use crate::error::{Error, Result};
use crate::extract::builder::CellsBuilder;
use crate::extract::columns::{is_coded, is_read};
use crate::extract::file;
use crate::extract::limits::Limits;
use crate::extract::mapping::Source;
use crate::extract::raw::{Cells, RawBatch};
use crate::extract::reading::Way;
use crate::extract::refusal::broken;
use crate::extract::sound::Sound;
use crate::extract::split::{Records, Refusal};
use crate::extract::watch::{Shown, Watch, is_watched};
use crate::settings::Encoding;

/// The byte order mark of UTF-8. It says no more than what the contract asks for anyway, and database exports on
/// Windows write it unasked, so it is passed over. Those of UTF-16 are refused with the rest of what is not UTF-8.
const UTF8_MARK: &[u8] = "\u{feff}".as_bytes();

/// A batch ends here although it may have more rows: a small gzip file may unpack to very long ones.
const BATCH_BYTES: usize = 64 << 20;

/// Rows that are cut before any of them is read: so few that they and what is made of them stay in the nearest cache.
const SHEAF_ROWS: usize = 64;

/// An input without its byte order mark.
type Unmarked<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// Rows of a CSV file, batch by batch.
pub(super) struct CsvRows<R> {
    records: Records<Unmarked<R>>,
    /// Cells in the header.
    width: usize,
    columns: Vec<Column>,
    /// Columns that are watched for leaks cell by cell, read or not, and where their cells come from.
    watched: Vec<(Source, Watch)>,
    /// What they have shown in the end.
    shown: Shown,
    batch_rows: usize,
    rows: u64,
    limits: Limits,
    encoding: Encoding,
    /// Where a cell is made, if it does not stand in the row as it is.
    made: String,
    /// Why the file breaks off behind the latest batch.
    broken: Option<Error>,
}

/// A column that is read.
struct Column {
    source: Source,
    cells: CellsBuilder,
    /// Over codes, which are watched word by word once a batch is gathered.
    watch: Option<Watch>,
}

impl<R: Read> CsvRows<R> {
    /// Reads the header of `input`, and holds it against the columns of its table or its mapping.
    ///
    /// # Errors
    /// The header is missing, malformed or not as it should be.
    pub fn open(input: R, way: &Way) -> Result<CsvRows<R>> {
        let (table, limits) = (way.table, way.limits);
        let input = unmarked(input).map_err(|error| file::refusal(&error))?;
        let mut records = Records::new(input, limits.most("line_bytes"));
        let Some(header) = records.sheaf(1).map_err(|refusal| refused(&refusal, None, limits))? else {
            return Err(broken(
                "the file is empty, without even a header",
                "the export has failed: have it sent again; a table without rows still has its header",
            ));
        };
        let width = header.cells(0).len();
        limits.hold("columns", width as u64)?;
        let header = Sound::header(&header, way.encoding())?;
        let names: Vec<&str> = (0..width).map(|at| header.cell(0, at)).collect();
        let sources = way.sources(&names)?;
        let has_words = |spec: &ColumnSpec| is_read(table, spec) && is_coded(spec);
        let is_by_cell = |spec: &ColumnSpec| is_watched(table, spec) && !has_words(spec);
        let watched = table.columns.iter().zip(&sources).filter(|(spec, _)| is_by_cell(spec));
        let watched = watched.map(|(spec, source)| (source.clone(), Watch::over(spec))).collect();
        let wanted = table.columns.iter().zip(sources).filter(|(spec, _)| is_read(table, spec));
        let watch = |spec| (is_watched(table, spec) && has_words(spec)).then(|| Watch::over(spec));
        let column = |(spec, source)| Column { source, cells: CellsBuilder::of(spec), watch: watch(spec) };
        let columns = wanted.map(column).collect();
        let (limits, batch_rows) = (limits.clone(), way.batch_rows);
        Ok(CsvRows {
            records,
            width,
            columns,
            watched,
            shown: way.shown.clone(),
            batch_rows,
            rows: 0,
            limits,
            encoding: way.encoding(),
            made: String::new(),
            broken: None,
        })
    }

    /// The next rows; none after the last. Where the file breaks off behind some, these come first, for whoever looks for
    /// the reason needs to know what was wrong with them.
    fn batch(&mut self) -> Result<RawBatch> {
        self.broken.take().map_or(Ok(()), Err)?;
        let first_row = self.rows + 1;
        let gathered = self.gather();
        let rows = (self.rows + 1 - first_row) as usize;
        match gathered {
            Err(error) if rows == 0 => return Err(error),
            gathered => self.broken = gathered.err(),
        }
        let columns = self.columns.iter_mut().map(|column| column.finish(rows, first_row));
        Ok(RawBatch { rows, columns: columns.collect::<Result<_>>()? })
    }

    /// Gathers the rows of a batch, a sheaf at a time and of each sheaf column by column. Of a row that is refused nothing is
    /// gathered.
    fn gather(&mut self) -> Result<()> {
        let (mut rows, mut bytes) = (0, 0);
        while rows < self.batch_rows && bytes < BATCH_BYTES {
            let first_row = self.rows + 1;
            let sheaf = self.records.sheaf(SHEAF_ROWS.min(self.batch_rows - rows));
            let Some(sheaf) = sheaf.map_err(|refusal| refused(&refusal, Some(first_row), &self.limits))? else { break };
            let (sound, mut broken) = Sound::of(&sheaf, self.width, self.encoding, first_row);
            let mut n = sound.rows;
            for (source, watch) in &mut self.watched {
                let mut look = |at: usize, cell: &str| watch.look(cell, first_row + at as u64);
                let refused = match source {
                    Source::At(position) => first_refused(n, |at| look(at, sound.cell(at, *position))),
                    Source::Made(made) => first_refused(n, |at| look(at, sound.made(at, made, &mut self.made))),
                    Source::Absent | Source::Constant(_) => None,
                };
                if let Some((at, error)) = refused {
                    (n, broken) = (at, Some(error));
                }
            }
            for Column { source, cells, .. } in &mut self.columns {
                match source {
                    Source::At(position) => cells.extend_from(&sound, *position, n),
                    Source::Made(made) => {
                        (0..n).for_each(|at| cells.extend(iter::once(sound.made(at, made, &mut self.made))));
                    }
                    Source::Absent | Source::Constant(_) => {}
                }
            }
            bytes += sheaf.lines(n).0.len();
            rows += n;
            self.rows += n as u64;
            broken.map_or(Ok(()), Err)?;
        }
        Ok(())
    }
}

impl<R: Read> Iterator for CsvRows<R> {
    type Item = Result<RawBatch>;

    fn next(&mut self) -> Option<Result<RawBatch>> {
        match self.batch() {
            Ok(batch) if batch.rows == 0 => {
                let by_cell = std::mem::take(&mut self.watched).into_iter().map(|(_, watch)| watch);
                let by_word = self.columns.iter_mut().filter_map(|column| column.watch.take());
                self.shown.end(by_cell.chain(by_word)).err().map(Err)
            }
            outcome => Some(outcome),
        }
    }
}

impl Column {
    fn finish(&mut self, rows: usize, first_row: u64) -> Result<Cells> {
        let cells = match &self.source {
            Source::At(_) | Source::Made(_) => self.cells.finish(rows),
            Source::Constant(text) => Cells::constant(text, rows),
            Source::Absent => Cells::Absent,
        };
        self.watch.as_mut().map_or(Ok(()), |watch| watch.look_at(&cells, first_row))?;
        Ok(cells)
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

/// The first of some rows that is refused, and why.
fn first_refused(rows: usize, mut look: impl FnMut(usize) -> Result<()>) -> Option<(usize, Error)> {
    (0..rows).find_map(|at| look(at).err().map(|error| (at, error)))
}

/// A refusal in our words; what breaks the form does so in a row, if not in the header.
fn refused(refusal: &Refusal, row: Option<u64>, limits: &Limits) -> Error {
    let error = match refusal {
        Refusal::Input(error) => return file::refusal(error),
        Refusal::Form(breach) => broken(format!("the row {}", breach.what), breach.what_to_do),
        Refusal::Length => limits.exceeded("line_bytes"),
    };
    row.into_iter().fold(error, Error::row)
}
