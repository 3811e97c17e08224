//! The matrix as plain bytes, little-endian, row after row, with a JSON header: for programs in other languages.

use std::fs::{self, File};
use std::io::{BufWriter, Result, Write};
use std::path::Path;

use earlycall_model::Basis;
use earlycall_model::RiskModel;

use crate::population::Population;

/// Writes `matrix.json`, `x.f64`, `events.u8`, and with a model `z.f32`: every function of every column, standardised,
/// which is what a plain logistic regression needs to find the same line.
pub fn write(folder: &Path, people: &Population, model: Option<&RiskModel>) -> Result<()> {
    fs::create_dir_all(folder)?;
    let (rows, columns) = people.x.dim();
    let functions = model.map_or(Vec::new(), |model| functions(model, people));
    let l2 = model.map_or(0.0, |model| model.formula().l2);
    let header = serde_json::json!({ "rows": rows, "columns": columns, "functions": functions.len(), "l2": l2 });
    fs::write(folder.join("matrix.json"), format!("{header}\n"))?;
    fs::write(folder.join("events.u8"), people.events.iter().map(|event| u8::from(*event)).collect::<Vec<u8>>())?;
    let mut file = BufWriter::new(File::create(folder.join("x.f64"))?);
    for x in &people.x {
        file.write_all(&x.to_le_bytes())?;
    }
    file.flush()?;
    let mut file = BufWriter::new(File::create(folder.join("z.f32"))?);
    for row in people.x.rows() {
        for function in &functions {
            file.write_all(&function.height(row[function.column]).to_le_bytes())?;
        }
    }
    file.flush()
}

struct Function {
    column: usize,
    basis: Basis,
    centre: f64,
    spread: f64,
}

impl Function {
    fn height(&self, x: f64) -> f32 {
        let height = self.basis.at(x);
        if height.is_nan() { 0.0 } else { ((height - self.centre) / self.spread) as f32 }
    }
}

/// The functions of a model with their spread over the people, at least a tenth as in training.
fn functions(model: &RiskModel, people: &Population) -> Vec<Function> {
    let mut functions = Vec::new();
    for (column, curve) in model.formula().curves.iter().enumerate() {
        for term in &curve.terms {
            let values = people.x.column(column);
            let squares = values.iter().map(|x| term.basis.at(*x) - term.centre);
            let total: f64 = squares.filter(|height| !height.is_nan()).map(|height| height * height).sum();
            let spread = (total / people.x.nrows() as f64).sqrt().max(0.1);
            functions.push(Function { column, basis: term.basis, centre: term.centre, spread });
        }
    }
    functions
}
