//! A matrix as plain bytes, little-endian, column after column, with a JSON header: what programs in other languages write.

use std::fs;
use std::path::Path;

use earlycall_model::{Column, ColumnKind};
use ndarray::{Array2, Axis, ShapeBuilder};

/// Rows and what happened to them.
pub struct Matrix {
    pub columns: Vec<Column>,
    pub x: Array2<f64>,
    pub events: Vec<bool>,
}

impl Matrix {
    /// Reads `NAME.json` (`{"columns": [...]}`), `NAME.f64` and `NAME.u8`.
    pub fn read(folder: &Path, name: &str) -> Result<Matrix, Box<dyn std::error::Error>> {
        let header: serde_json::Value = serde_json::from_slice(&fs::read(folder.join(format!("{name}.json")))?)?;
        let names = header["columns"].as_array().ok_or("the header has no columns")?;
        let names = names.iter().filter_map(|name| name.as_str());
        let columns: Vec<Column> = names.map(|name| Column::new(name, name, ColumnKind::Measure)).collect();
        let events: Vec<bool> = fs::read(folder.join(format!("{name}.u8")))?.iter().map(|event| *event != 0).collect();
        let bytes = fs::read(folder.join(format!("{name}.f64")))?;
        let values = bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
        let x = Array2::from_shape_vec((events.len(), columns.len()).f(), values)?;
        Ok(Matrix { columns, x, events })
    }

    /// Its rows again and again until there are so many, in short numbers, as data frames have them.
    pub fn many(&self, n: usize) -> Array2<f32> {
        let rows = self.events.len();
        Array2::from_shape_fn((n, self.columns.len()).f(), |(row, column)| self.x[[row % rows, column]] as f32)
    }

    /// Some of its rows.
    pub fn rows(&self, rows: &[usize]) -> Matrix {
        Matrix {
            columns: self.columns.clone(),
            x: self.x.select(Axis(0), rows),
            events: rows.iter().map(|row| self.events[*row]).collect(),
        }
    }
}
