//! Any table, CSV or Parquet, as a model of numbers and categories takes it: `model fit` and `model predict`.
//!
//! [`Table::open`] says what columns there are, [`fit::fit`] learns from it, [`predict::predict`] gives its rows risks. A
//! message names file, row and column, and never a value.

mod categories;
mod csv;
pub mod fit;
mod parquet;
pub mod predict;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use ::arrow::array::StringArray;
use earlycall_model::artefact::Artefact;

use crate::error::{Error, Kind, Result};

/// The file of a folder that `model fit` has made.
pub const MODEL_FILE: &str = "model.json";

/// Rows that are worked on at a time.
const BATCH_ROWS: usize = 1 << 16;

/// What the cells of a column are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A number; true and false are 1 and 0. NaN where it is missing.
    Number,
    /// A word, as it stands there. Null where it is missing.
    Word,
}

/// The cells of a column in some rows.
enum Cells {
    Numbers(Vec<f64>),
    Words(StringArray),
}

/// Some rows of a table, with the columns that were asked for.
struct Batch {
    /// The first of the rows, from 1.
    first_row: u64,
    rows: usize,
    columns: Vec<Cells>,
}

/// A table in a file.
pub struct Table {
    path: PathBuf,
    names: Vec<String>,
    format: Format,
}

enum Format {
    Csv,
    Parquet(Box<parquet::Footer>),
}

impl Table {
    /// Looks at the columns of a file. One whose name ends in `.parquet` is Parquet, any other CSV.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the file cannot be read.
    /// * [`Kind::Extract`] when it is no such table, or two of its columns have one name.
    pub fn open(path: &Path) -> Result<Table> {
        let is_parquet = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"));
        let (names, format) = if is_parquet {
            let footer = parquet::Footer::read(path).map_err(|error| named(path, error))?;
            (footer.names(), Format::Parquet(Box::new(footer)))
        } else {
            (csv::names(path).map_err(|error| named(path, error))?, Format::Csv)
        };
        let table = Table { path: path.to_owned(), names, format };
        let mut met = BTreeSet::new();
        match table.names.iter().find(|name| !met.insert(name.as_str())) {
            Some(twice) => {
                Err(table.refused("there are two columns of this name", "give each a name of its own").column(twice))
            }
            None => Ok(table),
        }
    }

    /// The names of the columns, in their order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The place of a column.
    ///
    /// # Errors
    /// * [`Kind::Extract`] when there is none of this name.
    fn place(&self, name: &str) -> Result<usize> {
        let place = self.names.iter().position(|other| other == name);
        place.ok_or_else(|| {
            let columns = format!("its columns are {}", self.names.join(", "));
            self.refused("there is no column of this name", columns).column(name)
        })
    }

    /// What each column holds: numbers where every cell of it is one, else words. CSV is read through for that.
    fn kinds(&self) -> Result<Vec<Cell>> {
        match &self.format {
            Format::Csv => csv::kinds(&self.path, self.names.len()),
            Format::Parquet(footer) => footer.kinds(),
        }
        .map_err(|error| named(&self.path, error))
    }

    /// Reads some columns, batch by batch.
    fn read(&self, wanted: &[(usize, Cell)], take: &mut dyn FnMut(Batch) -> Result<()>) -> Result<()> {
        // An error of whoever takes is theirs, and knows its file.
        match &self.format {
            Format::Csv => csv::read(&self.path, &self.names, wanted, take),
            Format::Parquet(footer) => footer.read_columns(&self.path, wanted, take),
        }
        .map_err(|error| named(&self.path, error))
    }

    fn refused(&self, what: impl Into<String>, what_to_do: impl Into<String>) -> Error {
        named(&self.path, Error::refused(what, what_to_do))
    }
}

/// An error about a file, which it names.
fn named(path: &Path, error: Error) -> Error {
    error.file(path.display().to_string())
}

/// The model of a folder that `model fit` has made.
///
/// # Errors
/// * [`Kind::Model`] when it cannot be read, was altered, or is of another version.
pub fn open_model(folder: &Path) -> Result<Artefact> {
    let path = folder.join(MODEL_FILE);
    let refused = |message: String| named(&path, Error::new(Kind::Model, message));
    let text = std::fs::read_to_string(&path).map_err(|error| {
        refused(format!("cannot be read: {error}")).hint("`--model` is a folder that `earlycall model fit` has made")
    })?;
    Artefact::from_json(&text).map_err(|error| refused(error.to_string()).hint("fit it again"))
}
