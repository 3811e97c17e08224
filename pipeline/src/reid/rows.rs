//! A table that is handed to this program, in CSV, row by row: every cell is held against its declaration.

use std::io::Read;

use csv::StringRecord;
use earlycall_schemas::table::{ColumnSpec, Presence, TableSpec};

use crate::{
    error::{Error, Result},
    quality::cell::misfit,
};

/// The columns of a file, and its rows still to be read.
pub struct Rows<R> {
    csv: csv::Reader<R>,
    columns: Vec<&'static ColumnSpec>,
    n_read: u64,
}

/// A row whose cells are as declared.
pub struct Row<'r> {
    columns: &'r [&'static ColumnSpec],
    cells: &'r StringRecord,
}

impl Row<'_> {
    /// A cell; none where it is empty or its column is not there.
    pub fn cell(&self, name: &str) -> Option<&str> {
        let at = self.columns.iter().position(|column| column.name == name)?;
        self.cells.get(at).filter(|cell| !cell.is_empty())
    }

    /// A cell that is mandatory.
    pub fn needed(&self, name: &str) -> &str {
        self.cell(name).expect("a mandatory cell is checked")
    }
}

impl<R: Read> Rows<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Extract`] when it is no header of the table.
    pub fn open(table: &'static TableSpec, reader: R) -> Result<Rows<R>> {
        let mut csv = csv::Reader::from_reader(reader);
        let header = csv.headers().map_err(|_| refused("is not UTF-8 text in CSV"))?.clone();
        let names = header.iter().map(|name| name.strip_prefix('\u{feff}').unwrap_or(name));
        let columns: Option<Vec<&ColumnSpec>> = names.map(|name| table.column(name)).collect();
        let columns = columns.ok_or_else(|| refused(format!("has a column that `{}` has not", table.name)))?;
        for column in &table.columns {
            let n = columns.iter().filter(|found| found.name == column.name).count();
            if n > 1 || (n == 0 && column.presence != Presence::O) {
                return Err(refused("must be there, once").column(&column.name));
            }
        }
        Ok(Rows { csv, columns, n_read: 0 })
    }

    /// Gives each row to `take`, with its number; the first that is not as declared, or that `take` refuses, is an error
    /// that says where it is.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Extract`] at such a row: row and column, and never what it says.
    pub fn each(mut self, mut take: impl FnMut(&Row) -> Result<()>) -> Result<u64> {
        let mut cells = StringRecord::new();
        loop {
            let row = self.n_read + 1;
            let broken = |_| refused("is not UTF-8 text in CSV with as many cells in every row").row(row);
            if !self.csv.read_record(&mut cells).map_err(broken)? {
                return Ok(self.n_read);
            }
            self.n_read = row;
            for (column, cell) in self.columns.iter().zip(&cells) {
                let wrong = match (cell.is_empty(), column.presence) {
                    (true, Presence::M) => Some("is empty"),
                    (true, _) => None,
                    (false, _) => misfit(column, cell),
                };
                if let Some(what) = wrong {
                    return Err(refused(what).column(&column.name).row(row));
                }
            }
            take(&Row { columns: &self.columns, cells: &cells }).map_err(|error| error.row(row))?;
        }
    }
}

/// A file that is not taken.
pub fn refused(what: impl Into<String>) -> Error {
    Error::refused(
        what,
        "mend the file and load it again: nothing of it is taken, and what was loaded before stands; `reference.md` in \
         the folder of the service tells what may stand where",
    )
}
