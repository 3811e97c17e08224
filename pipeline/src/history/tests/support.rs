//! Deliveries in a few lines of text.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, UInt32Array, new_null_array},
    compute::cast,
    datatypes::{DataType, Field, FieldRef, Schema, UInt32Type},
    util::display::{ArrayFormatter, FormatOptions},
};
use earlycall_schemas::table::{TableSpec, table};

use crate::{
    day::Day,
    extract,
    history::{
        View,
        arriving::arriving,
        decode::visible,
        known_from::{Arrival, later},
        layout::{KNOWN_FROM, PERSON, is_word, settled_schema},
        versions::{self, Fresh, Terms, column, with_column},
        words::Words,
    },
    meaning::embedded,
};

/// Whoever a row is about unless it says otherwise.
pub const SOMEBODY: &str = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";

pub fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// Rows of a table as they pass the checks: names of columns, then one row a line, `-` for an empty cell.
pub fn rows(table: &'static TableSpec, text: &str) -> RecordBatch {
    let lines: Vec<Vec<&str>> = text.trim().lines().map(|line| line.split_whitespace().collect()).collect();
    let n_rows = lines.len() - 1;
    let mut fields = extract::schema(table).fields().to_vec();
    // Accepted rows have the numbers of these alone; here they are wanted by name.
    let person = table.is_about_persons().then_some("person_id");
    let names: BTreeSet<&str> = table.key.iter().map(String::as_str).chain(person).collect();
    let missing = names.into_iter().filter(|name| fields.iter().all(|field| field.name() != name));
    let coded = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let kind = |name: &str| if person == Some(name) { coded.clone() } else { DataType::Utf8 };
    let missing: Vec<FieldRef> = missing.map(|name| Arc::new(Field::new(name, kind(name), true))).collect();
    fields.extend(missing);
    let schema = Arc::new(Schema::new(fields));
    let columns = schema.fields().iter().map(|field| {
        let cells: StringArray = match lines[0].iter().position(|name| name == field.name()) {
            None if field.name() == "person_id" => vec![Some(SOMEBODY); n_rows].into(),
            None => return new_null_array(field.data_type(), n_rows),
            Some(at) => lines[1..].iter().map(|cells| Some(cells[at]).filter(|cell| *cell != "-")).collect(),
        };
        cast(&(Arc::new(cells) as ArrayRef), field.data_type()).unwrap()
    });
    RecordBatch::try_new(schema.clone(), columns.collect()).unwrap()
}

/// A delivery's terms beside what [`Arrival`] says of it.
#[derive(Clone, Debug)]
pub struct How<'a> {
    pub arrival: Arrival,
    pub provider: &'a str,
    pub is_full: bool,
}

/// `2026-05-01 full by R1H`: the day, `full` or `delta`, `first` for a first full delivery, `history`, `lag N`, `by WHO`.
pub fn arrival(text: &str) -> How<'_> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let after = |word: &str| words.iter().position(|one| *one == word).map(|at| words[at + 1]);
    How {
        provider: after("by").unwrap_or("QMF"),
        arrival: Arrival {
            extracted_on: day(words[0]),
            is_history: words.contains(&"history") || words.contains(&"first"),
            lag_days: after("lag").map_or(0, |days| days.parse().unwrap()),
        },
        is_full: words.contains(&"full"),
    }
}

/// A table while it is settled, all of it in one bucket.
pub struct Table {
    pub spec: &'static TableSpec,
    pub rows: RecordBatch,
    pub words: Words,
    suppliers: Vec<String>,
    /// What each key was called where it arrived.
    names: BTreeMap<u64, String>,
}

impl Table {
    pub fn empty(spec: &'static TableSpec) -> Table {
        let rows = RecordBatch::new_empty(settled_schema(spec));
        Table { spec, rows, words: Words::under(embedded()), suppliers: Vec::new(), names: BTreeMap::new() }
    }

    /// Settles accepted rows into it.
    pub fn settle(mut self, rows: &RecordBatch, how: &How) -> Table {
        let provider = how.provider;
        let supplier = self.suppliers.iter().position(|known| known == provider).unwrap_or(self.suppliers.len());
        self.suppliers.resize(self.suppliers.len().max(supplier + 1), provider.to_owned());
        let words = Mutex::new(self.words.lexicon().clone());
        let keys = extract::keys(self.spec, rows, provider);
        let (arriving, later_by) = arriving(self.spec, (rows, &keys), supplier as u32, &how.arrival, &words);
        let known_from = later(column(&arriving, KNOWN_FROM), later_by);
        let mut arriving = with_column(&arriving, KNOWN_FROM, known_from);
        if self.spec.is_about_persons() {
            arriving = with_column(&arriving, PERSON, person_numbers(rows));
        }
        let full_suppliers = if how.is_full { BTreeSet::from([supplier as u32]) } else { BTreeSet::new() };
        let terms = Terms { extracted_on: how.arrival.extracted_on, full_suppliers };
        let fresh = Fresh::of(self.spec, &arriving);
        let named = self.spec.key.last().unwrap();
        let names = cast(column(rows, named), &DataType::Utf8).unwrap();
        for (row, key) in keys.values().iter().enumerate() {
            self.names.insert(*key, names.as_string::<i32>().value(row).to_owned());
        }
        self.rows = versions::settle(self.spec, &self.rows, &fresh, &terms);
        self.words.take_in(words.into_inner().unwrap().texts());
        self
    }

    /// A cell as text: of a column that is kept, or of the last column of the key.
    fn cell(&self, name: &str, row: usize) -> String {
        if self.spec.key.last().is_some_and(|key| key == name) && !self.spec.column(name).unwrap().kept {
            return self.names[&versions::keys(&self.rows).value(row)].clone();
        }
        let cells = column(&self.rows, name);
        let of_number = match name {
            "supplied_by" => Some(&self.suppliers[..]),
            name => self.spec.column(name).is_some_and(|spec| is_word(self.spec, spec)).then(|| self.words.texts()),
        };
        if let Some(texts) = of_number {
            let numbers = cells.as_primitive::<UInt32Type>();
            return if numbers.is_valid(row) { texts[numbers.value(row) as usize].clone() } else { String::new() };
        }
        let options = FormatOptions::default();
        ArrayFormatter::try_new(cells, &options).unwrap().value(row).to_string()
    }

    /// The rows that count on a day: their cells of some columns, joined by spaces, sorted.
    pub fn known(&self, columns: &[&str], view: &View) -> Vec<String> {
        let row = |row: usize| columns.iter().map(|name| self.cell(name, row)).collect::<Vec<_>>().join(" ");
        let mut known: Vec<String> = visible(self.spec, &self.rows, None, view).map(row).collect();
        known.sort();
        known
    }
}

/// Persons by the first two characters of their keys.
fn person_numbers(rows: &RecordBatch) -> ArrayRef {
    let ids = cast(column(rows, "person_id"), &DataType::Utf8).unwrap();
    let number = |id: Option<&str>| u32::from_str_radix(&id.unwrap()[..2], 16).unwrap();
    Arc::new(ids.as_string::<i32>().iter().map(number).collect::<UInt32Array>())
}

/// Settles deliveries one after the other.
pub fn settled(table: &'static TableSpec, deliveries: &[(&str, &str)]) -> Table {
    deliveries
        .iter()
        .fold(Table::empty(table), |settled, (how, text)| settled.settle(&rows(table, text), &arrival(how)))
}

pub fn view(on: &str) -> View {
    View { index_date: day(on), known_by: day(on), agreements: BTreeMap::new() }
}

/// Settles deliveries and compares what is known on some days, by the columns named.
#[track_caller]
pub fn check(name: &str, deliveries: &[(&str, &str)], columns: &str, expected: &[(&str, &[&str])]) {
    let settled = settled(table(name).unwrap(), deliveries);
    let columns: Vec<&str> = columns.split_whitespace().collect();
    for (on, rows) in expected {
        assert_eq!(settled.known(&columns, &view(on)), *rows, "known on {on}");
    }
}
