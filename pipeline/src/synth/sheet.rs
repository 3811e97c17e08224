//! A file of a table: written in one go, counted and summed up for the manifest on the way.

use std::io::{self, Write};

use flate2::{Compression, write::GzEncoder};

use crate::error::Result;

use super::{
    cells::{Cells, Columns},
    csv_cells::CsvCells,
    parquet_cells::ParquetCells,
    place::Place,
};
use crate::sha256::Running;

/// The format of a delivery's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// NAME.csv, uncompressed.
    Csv,
    /// NAME.csv.gz.
    CsvGz,
    /// NAME.parquet.
    Parquet,
}

impl Format {
    /// How the names of its files end.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::CsvGz => "csv.gz",
            Format::Parquet => "parquet",
        }
    }
}

/// A file to be written.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    pub table: &'static str,
    pub columns: Columns,
    /// Path inside the delivery, without its ending.
    pub stem: String,
    /// Whose records these are, where the manifest must say so.
    pub provider: Option<String>,
}

/// What the manifest says of a file.
#[derive(Clone, Debug)]
pub(crate) struct TableFile {
    pub table: &'static str,
    pub path: String,
    pub provider: Option<String>,
    pub rows: u64,
    pub sha256: String,
}

impl Sheet {
    /// Writes the file; `fill` puts the rows in and says how many.
    pub fn write(
        &self,
        place: &dyn Place,
        format: Format,
        fill: &mut dyn FnMut(&mut dyn Cells) -> io::Result<u64>,
    ) -> Result<TableFile> {
        let path = format!("{}.{}", self.stem, format.ending());
        let (mut rows, mut sha256) = (0, String::new());
        place.put(&path, &mut |out| {
            let out = Summed { out, sum: Running::new() };
            let done = match format {
                Format::Csv => {
                    let mut cells = CsvCells::new(self.columns, out);
                    rows = fill(&mut cells)?;
                    cells.finish()?
                }
                Format::CsvGz => {
                    let mut cells = CsvCells::new(self.columns, GzEncoder::new(out, Compression::fast()));
                    rows = fill(&mut cells)?;
                    cells.finish()?.finish()?
                }
                Format::Parquet => {
                    let mut cells = ParquetCells::new(self.columns, out)?;
                    rows = fill(&mut cells)?;
                    cells.finish()?
                }
            };
            sha256 = done.sum.finish();
            Ok(())
        })?;
        Ok(TableFile { table: self.table, path, provider: self.provider.clone(), rows, sha256 })
    }
}

/// Takes the checksum of what passes.
struct Summed<'w> {
    out: &'w mut (dyn Write + Send),
    sum: Running,
}

impl Write for Summed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
