//! Risks for a table: read batch by batch, scored, and written as CSV.

use std::fmt::Write;

use arrow::array::StringArray;
use earlycall_model::{Score, artefact::Artefact};
use ndarray::{Array2, ShapeBuilder};

use super::{Batch, Cell, Cells, Table, categories::Known};
use crate::{
    error::{Error, Result},
    worklist::inert::inert,
};

/// The risks of a table.
pub struct Predicted {
    /// A CSV of id and risk, a row for each row of the table, in its order.
    pub csv: Vec<u8>,
    /// How many rows there are.
    pub rows: u64,
    /// Columns with categories that training had not, or in too few rows, and in how many rows.
    pub unknown: Vec<(String, u64)>,
}

/// Gives every row of a table its risk.
///
/// The table has the id, the columns that the model learnt from, in any order, and no others but the label, at which
/// nobody looks. A category that is not known counts as missing, and is counted.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] when it has other columns, or a cell is none that the model can take.
/// * [`crate::error::Kind::Storage`] when the file cannot be read.
pub fn predict(artefact: &Artefact, table: &Table, threads: usize) -> Result<Predicted> {
    let columns = wanted(artefact, table)?;
    let curves = &artefact.lead().formula().curves;
    let known: Vec<Option<Known>> = curves
        .iter()
        .map(|curve| artefact.categories.get(&curve.column.name).map(|names| Known::of(&curve.bins, names)))
        .collect();
    let mut unknown = vec![0; curves.len()];
    let mut csv = format!("{},risk\n", quoted(&artefact.id));
    let mut n_rows = 0;
    table.read(&columns, &mut |batch| {
        let (x, ids) = matrix(&batch, &known, &mut unknown);
        let log_odds = artefact.lead().log_odds(x.view(), threads).expect("there is a value for every column");
        for (row, (id, log_odds)) in ids.iter().zip(log_odds).enumerate() {
            let at = batch.first_row + row as u64;
            let id = id.ok_or_else(|| id_refused("the id is missing", &artefact.id, at))?;
            if inert(id) != id {
                return Err(id_refused("the id could be taken for a formula by a spreadsheet", &artefact.id, at));
            }
            let risk = Score::of_log_odds(log_odds).risk;
            writeln!(csv, "{},{risk}", quoted(id)).expect("a string takes any text");
        }
        n_rows += batch.rows as u64;
        Ok(())
    })?;
    let unknown = curves.iter().zip(unknown).filter(|(_, n)| *n > 0);
    let unknown = unknown.map(|(curve, n)| (curve.column.name.clone(), n)).collect();
    Ok(Predicted { csv: csv.into_bytes(), rows: n_rows, unknown })
}

fn id_refused(message: &str, column: &str, row: u64) -> Error {
    Error::refused(message, "every row needs an id of letters and digits").row(row).column(column)
}

/// Where the columns of the model are in the table, and after them the id.
fn wanted(artefact: &Artefact, table: &Table) -> Result<Vec<(usize, Cell)>> {
    let model = artefact.model.columns();
    let is_known = |name: &&String| {
        **name == artefact.id || **name == artefact.outcome || model.iter().any(|column| column.name == **name)
    };
    let there = |name: &&str| !table.names().iter().any(|other| other == *name);
    let lacking: Vec<&str> = model.iter().map(|column| column.name.as_str()).filter(there).collect();
    let strange: Vec<&str> = table.names().iter().filter(|name| !is_known(name)).map(String::as_str).collect();
    let differences: Vec<String> = [("lacks", lacking), ("has besides", strange)]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| format!("{what} {}", names.join(", ")))
        .collect();
    if !differences.is_empty() {
        let message = format!("its columns are not those of the model: it {}", differences.join("; it "));
        return Err(table.refused(message, "give it the columns that the model learnt from, by the same names"));
    }
    let mut wanted = Vec::with_capacity(model.len() + 1);
    for column in model {
        let is_word = artefact.categories.contains_key(&column.name);
        wanted.push((table.place(&column.name)?, if is_word { Cell::Word } else { Cell::Number }));
    }
    wanted.push((table.place(&artefact.id)?, Cell::Word));
    Ok(wanted)
}

/// Some rows as numbers, column after column, and their ids. Counts the categories that are not known.
fn matrix<'b>(batch: &'b Batch, known: &[Option<Known>], unknown: &mut [u64]) -> (Array2<f64>, &'b StringArray) {
    let (ids, columns) = batch.columns.split_last().expect("the id was asked for");
    let Cells::Words(ids) = ids else { unreachable!("cells come as they were asked for") };
    let mut values = Vec::with_capacity(batch.rows * columns.len());
    for ((cells, known), unknown) in columns.iter().zip(known).zip(unknown) {
        match (cells, known) {
            (Cells::Numbers(numbers), None) => values.extend_from_slice(numbers),
            (Cells::Words(words), Some(known)) => {
                let (numbers, n_unknown) = known.numbers(words);
                values.extend(numbers);
                *unknown += n_unknown;
            }
            _ => unreachable!("cells come as they were asked for"),
        }
    }
    let shape = (batch.rows, columns.len()).f();
    (Array2::from_shape_vec(shape, values).expect("every column has as many rows"), ids)
}

/// A cell of a CSV.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
