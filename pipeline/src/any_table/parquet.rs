//! A table as Parquet: numbers, flags and texts of any width, plain or as dictionaries.

use std::{fs::File, path::Path};

use ::parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
};
use arrow::{
    array::{Array, ArrayRef, AsArray, StringArray},
    compute::cast,
    datatypes::{DataType, Float64Type},
};

use super::{BATCH_ROWS, Batch, Cell, Cells};
use crate::{
    error::{Error, Result},
    panics::contained,
};

/// What stands at the end of a file: its columns and where they are.
pub(super) struct Footer(ArrowReaderMetadata);

impl Footer {
    pub(super) fn read(path: &Path) -> Result<Footer> {
        let file = File::open(path).map_err(|error| Error::storage(path, "read", &error))?;
        sound(|| ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map(Footer).map_err(|_| damaged()))
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.0.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    /// What each column holds; a column that is neither numbers nor words is taken for words, and refused when it is read.
    pub(super) fn kinds(&self) -> Result<Vec<Cell>> {
        let kind = |of: &DataType| if is_number(of) { Cell::Number } else { Cell::Word };
        Ok(self.0.schema().fields().iter().map(|field| kind(field.data_type())).collect())
    }

    pub(super) fn read_columns(
        &self,
        path: &Path,
        wanted: &[(usize, Cell)],
        take: &mut dyn FnMut(Batch) -> Result<()>,
    ) -> Result<()> {
        let file = File::open(path).map_err(|error| Error::storage(path, "read", &error))?;
        let mut taken: Vec<usize> = wanted.iter().map(|(place, _)| *place).collect();
        taken.sort_unstable();
        taken.dedup();
        let mask = ProjectionMask::roots(self.0.parquet_schema(), taken.iter().copied());
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.0.clone());
        let builder = builder.with_projection(mask).with_batch_size(BATCH_ROWS);
        let mut reader = sound(|| builder.build().map_err(|_| damaged()))?;
        let mut first_row = 1;
        while let Some(batch) = sound(|| reader.next().transpose().map_err(|_| damaged()))? {
            let column = |(place, kind): &(usize, Cell)| {
                let at = taken.binary_search(place).expect("what is wanted is taken");
                let name = self.0.schema().field(*place).name();
                cells(batch.column(at), *kind).map_err(|error| error.column(name))
            };
            let columns = wanted.iter().map(column).collect::<Result<Vec<Cells>>>()?;
            let rows = batch.num_rows();
            take(Batch { first_row, rows, columns })?;
            first_row += rows as u64;
        }
        Ok(())
    }
}

fn is_number(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => is_number(values),
        kind => kind.is_numeric() || *kind == DataType::Boolean,
    }
}

fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => is_text(values),
        kind => matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null),
    }
}

fn cells(array: &ArrayRef, wanted: Cell) -> Result<Cells> {
    let kind = array.data_type();
    let cast = |to: &DataType| cast(array, to).map_err(|_| damaged());
    match wanted {
        Cell::Number if is_number(kind) || *kind == DataType::Null => {
            let numbers = cast(&DataType::Float64)?;
            // Without an end a number is none that a bin could be cut at.
            let number = |number: Option<f64>| number.filter(|number| number.is_finite()).unwrap_or(f64::NAN);
            Ok(Cells::Numbers(numbers.as_primitive::<Float64Type>().iter().map(number).collect()))
        }
        Cell::Word if kind.is_floating() => {
            // A column of whole numbers with a gap comes as decimals from some programs: 3.0 is the word 3.
            let words = cast(&DataType::Float64)?;
            let word = |number: Option<f64>| number.filter(|number| !number.is_nan()).map(|number| number.to_string());
            Ok(Cells::Words(words.as_primitive::<Float64Type>().iter().map(word).collect::<StringArray>()))
        }
        Cell::Word if is_text(kind) || is_number(kind) => {
            let words = cast(&DataType::Utf8)?;
            let word = |word: Option<&'_ str>| word.filter(|word| !word.is_empty()).map(str::to_owned);
            Ok(Cells::Words(words.as_string::<i32>().iter().map(word).collect::<StringArray>()))
        }
        Cell::Number => Err(unsuited(kind, "the model learnt numbers here")),
        Cell::Word => Err(unsuited(kind, "a model takes numbers, flags and texts: make one of it, or leave it out")),
    }
}

fn unsuited(kind: &DataType, hint: &str) -> Error {
    Error::refused(format!("the Arrow type {kind} doesn't suit"), hint)
}

/// Does `work` on bytes of a file, over which the library may panic.
fn sound<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    contained(work).unwrap_or_else(|| Err(damaged()))
}

/// The library's own words are not passed on: they may hold a cell.
fn damaged() -> Error {
    Error::refused("the file can't be read as Parquet", "write it again")
}
