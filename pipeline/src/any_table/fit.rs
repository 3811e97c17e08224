//! Learning from a table: its numbers and words as columns, its label as events, its ids as people.

use std::collections::{BTreeSet, HashMap};

use arrow::array::StringArray;
use earlycall_model::{
    Column, ColumnKind, Rows, Training,
    artefact::{Artefact, Categories},
    boosted::{BoostedParams, Shape},
    horizons::HorizonsModel,
};
use ndarray::{Array2, ShapeBuilder};

use super::{Cell, Cells, Table, categories};
use crate::{
    error::{Error, Kind, Result},
    progress::Progress,
};

/// What of a table means what, and what is known of its columns beforehand.
#[derive(Clone, Debug, Default)]
pub struct Meaning {
    /// The column of 0 and 1, or false and true: whether the event happened.
    pub label: String,
    /// The column that says whose row it is. All rows of one are in one bag.
    pub id: String,
    /// Columns of which a larger value never lowers the risk.
    pub rising: Vec<String>,
    /// Columns of which a larger value never raises the risk.
    pub falling: Vec<String>,
    /// Columns whose numbers are names of categories.
    pub categories: Vec<String>,
}

/// Fits a model to a table: every column but label and id is a number, or a category where it holds words or is said to.
///
/// A word that stands in fewer than ten rows is no category of its own, and the model does not name it.
///
/// # Errors
/// * [`Kind::Extract`] when a column is not there, a label is not 0 or 1, an id is missing, or a column is neither numbers
///   nor words.
/// * [`Kind::Usage`] when something is said of a column that contradicts itself.
/// * [`Kind::Model`] when there are too few rows or events to learn from.
/// * [`Kind::Storage`] when the file cannot be read.
pub fn fit(table: &Table, meaning: &Meaning, params: BoostedParams, progress: &mut Progress) -> Result<Artefact> {
    progress.stage("reading");
    let columns = columns(table, meaning)?;
    let read = Learning::read(table, meaning, &columns)?;
    progress.handled(read.events.len() as u64, "rows");
    progress.stage("fitting");
    let params = columns.iter().fold(params, |params, column| match column.shape {
        Shape::Free => params,
        shape => params.shape(&column.name, shape),
    });
    let names: Vec<Column> = columns.iter().map(|one| Column::new(&one.name, &one.name, ColumnKind::Measure)).collect();
    let rows = Rows { columns: &names, x: read.x.view() };
    let training = Training { rows, events: &read.events, persons: &read.persons };
    let refused = |error: earlycall_model::Error| super::named(&table.path, Error::new(Kind::Model, error.to_string()));
    let model = params.check().map_err(refused)?.fit(&training).map_err(refused)?;
    let mut known = Categories::new();
    for (curve, words) in model.formula().curves.iter().zip(&read.words) {
        if let Some(words) = words {
            known.insert(curve.column.name.clone(), categories::names_of_levels(&curve.bins, words));
        }
    }
    let (outcome, id) = (meaning.label.clone(), meaning.id.clone());
    Ok(Artefact { outcome, id, categories: known, ..Artefact::of(HorizonsModel::of_one(model)) })
}

/// A column to learn from.
struct Learnt {
    name: String,
    place: usize,
    cell: Cell,
    shape: Shape,
}

/// Every column but label and id, with what is known of it.
fn columns(table: &Table, meaning: &Meaning) -> Result<Vec<Learnt>> {
    let apart = [table.place(&meaning.label)?, table.place(&meaning.id)?];
    if apart[0] == apart[1] {
        return Err(Error::new(Kind::Usage, "label and id are one column").column(&meaning.id));
    }
    let said = [&meaning.rising, &meaning.falling, &meaning.categories];
    let mut met = BTreeSet::new();
    for name in said.into_iter().flatten() {
        if apart.contains(&table.place(name)?) || !met.insert(name) {
            return Err(Error::new(Kind::Usage, "more than one thing is said of this column").column(name));
        }
    }
    let kinds = table.kinds()?;
    let learnt = |(place, name): (usize, &String)| {
        let is_word = kinds[place] == Cell::Word || meaning.categories.contains(name);
        let cell = if is_word { Cell::Word } else { Cell::Number };
        let shape = match () {
            () if meaning.rising.contains(name) => Shape::Rising,
            () if meaning.falling.contains(name) => Shape::Falling,
            () if is_word => Shape::Levels,
            () => Shape::Free,
        };
        if kinds[place] == Cell::Word && !matches!(shape, Shape::Levels) {
            let what = "is not a column of numbers, and words neither rise nor fall";
            return Err(table.refused(what, "leave it out of --rising and --falling").column(name));
        }
        Ok(Learnt { name: name.clone(), place, cell, shape })
    };
    table.names.iter().enumerate().filter(|(place, _)| !apart.contains(place)).map(learnt).collect()
}

/// A table as training takes it.
struct Learning {
    x: Array2<f64>,
    /// The words of each column that has words; the number of one is its place.
    words: Vec<Option<Vec<String>>>,
    events: Vec<bool>,
    persons: Vec<u64>,
}

impl Learning {
    fn read(table: &Table, meaning: &Meaning, columns: &[Learnt]) -> Result<Learning> {
        let mut wanted: Vec<(usize, Cell)> = columns.iter().map(|column| (column.place, column.cell)).collect();
        wanted.push((table.place(&meaning.label)?, Cell::Number));
        wanted.push((table.place(&meaning.id)?, Cell::Word));
        let mut gathered: Vec<Gathered> = columns.iter().map(|column| Gathered::of(column.cell)).collect();
        let (mut events, mut people) = (Vec::new(), People::default());
        table.read(&wanted, &mut |batch| {
            let mut cells = batch.columns.into_iter();
            gathered.iter_mut().zip(&mut cells).for_each(|(column, cells)| column.add(cells));
            let (Some(Cells::Numbers(labels)), Some(Cells::Words(ids))) = (cells.next(), cells.next()) else {
                unreachable!("cells come as they were asked for")
            };
            let at = |row: usize| batch.first_row + row as u64;
            for (row, label) in labels.into_iter().enumerate() {
                events.push(event(label).ok_or_else(|| no_label().row(at(row)).column(&meaning.label))?);
            }
            people.add(&ids).map_err(|row| no_id().row(at(row)).column(&meaning.id))
        })?;
        let (values, words): (Vec<Vec<f64>>, Vec<Option<Vec<String>>>) =
            gathered.into_iter().map(Gathered::done).unzip();
        let shape = (events.len(), columns.len()).f();
        let x = Array2::from_shape_vec(shape, values.concat()).expect("every column has as many rows");
        Ok(Learning { x, words, events, persons: people.of_rows })
    }
}

fn event(label: f64) -> Option<bool> {
    [(0.0, false), (1.0, true)].into_iter().find(|(number, _)| *number == label).map(|(_, event)| event)
}

fn no_label() -> Error {
    Error::refused("a label must be 0 or 1", "leave out the rows of which nobody knows what happened")
}

fn no_id() -> Error {
    Error::refused("the id is missing", "every row needs one: it says which rows belong together")
}

/// The cells of a column so far.
enum Gathered {
    Numbers(Vec<f64>),
    Words(categories::Met),
}

impl Gathered {
    fn of(cell: Cell) -> Gathered {
        match cell {
            Cell::Number => Gathered::Numbers(Vec::new()),
            Cell::Word => Gathered::Words(categories::Met::default()),
        }
    }

    fn add(&mut self, cells: Cells) {
        match (self, cells) {
            (Gathered::Numbers(all), Cells::Numbers(numbers)) => all.extend(numbers),
            (Gathered::Words(met), Cells::Words(words)) => met.add(&words),
            _ => unreachable!("cells come as they were asked for"),
        }
    }

    fn done(self) -> (Vec<f64>, Option<Vec<String>>) {
        match self {
            Gathered::Numbers(numbers) => (numbers, None),
            Gathered::Words(met) => {
                let (values, words) = met.numbered();
                (values, Some(words))
            }
        }
    }
}

/// Whose each row is.
#[derive(Default)]
struct People {
    numbers: HashMap<String, u64>,
    of_rows: Vec<u64>,
}

impl People {
    /// Fails with the first row, from 0, that is nobody's.
    fn add(&mut self, ids: &StringArray) -> Result<(), usize> {
        for (row, id) in ids.iter().enumerate() {
            let id = id.ok_or(row)?;
            let next = self.numbers.len() as u64;
            let number = match self.numbers.get(id) {
                Some(number) => *number,
                None => *self.numbers.entry(id.to_owned()).or_insert(next),
            };
            self.of_rows.push(number);
        }
        Ok(())
    }
}
