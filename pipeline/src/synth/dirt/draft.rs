//! A row before it is written: its cells by name, so that a defect can be put into any of them.

use std::io;

use crate::day::{Day, Instant};

use crate::synth::{
    cells::{Cells, Columns},
    person::person_id,
};

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// The person of a number.
    Person(u32),
    /// A text; in a CSV file it may stand where something else belongs.
    Text(String),
    Day(Option<Day>),
    Moment(Option<Instant>),
    Flag(Option<bool>),
    Whole(Option<i32>),
    Decimal(Option<f64>),
    List(Vec<String>),
}

/// A row as it would be written.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    columns: Columns,
    cells: Vec<Value>,
}

impl Draft {
    /// A row of which nothing is there yet.
    pub fn new(columns: Columns) -> Draft {
        Draft { columns, cells: Vec::with_capacity(columns.len()) }
    }

    /// The row that `write` writes into a sheet of these columns.
    pub fn of(columns: Columns, write: impl FnOnce(&mut dyn Cells) -> io::Result<()>) -> Draft {
        let mut draft = Draft::new(columns);
        write(&mut draft).expect("memory takes every write");
        draft
    }

    /// Writes it into a sheet.
    pub fn write(&self, cells: &mut dyn Cells) -> io::Result<()> {
        for cell in &self.cells {
            match cell {
                Value::Person(number) => cells.person(*number),
                Value::Text(text) => cells.text(text),
                Value::Day(day) => cells.day(*day),
                Value::Moment(moment) => cells.moment(*moment),
                Value::Flag(flag) => cells.flag(*flag),
                Value::Whole(number) => cells.whole(*number),
                Value::Decimal(number) => cells.decimal(*number),
                Value::List(values) => cells.list(&values.iter().map(String::as_str).collect::<Vec<_>>()),
            }
        }
        cells.end_row()
    }

    /// What stands in a column.
    pub fn cell(&self, column: &str) -> &Value {
        &self.cells[self.position(column).expect("defects name columns that are sent")]
    }

    /// Puts something into a column.
    pub fn set(&mut self, column: &str, value: Value) {
        let at = self.position(column).expect("defects name columns that are sent");
        self.cells[at] = value;
    }

    /// The same with something else in a column.
    pub fn with(mut self, column: &str, value: Value) -> Draft {
        self.set(column, value);
        self
    }

    /// The same row of somebody else.
    pub fn of_person(self, number: u32) -> Draft {
        let person = match self.cell("person_id") {
            Value::Person(_) => Value::Person(number),
            _ => Value::Text(person_id(number)),
        };
        self.with("person_id", person)
    }

    /// The same with nothing in a column.
    pub fn without(self, column: &str) -> Draft {
        let nothing = match self.cell(column) {
            Value::Day(_) => Value::Day(None),
            Value::Moment(_) => Value::Moment(None),
            Value::Flag(_) => Value::Flag(None),
            Value::Whole(_) => Value::Whole(None),
            Value::Decimal(_) => Value::Decimal(None),
            Value::List(_) => Value::List(Vec::new()),
            Value::Person(_) | Value::Text(_) => Value::Text(String::new()),
        };
        self.with(column, nothing)
    }

    /// The text in a column; empty where something else is there.
    pub fn text(&self, column: &str) -> &str {
        match self.cell(column) {
            Value::Text(text) => text,
            _ => "",
        }
    }

    /// The day in a column.
    pub fn day(&self, column: &str) -> Option<Day> {
        match self.cell(column) {
            Value::Day(day) => *day,
            _ => None,
        }
    }

    /// The moment in a column.
    pub fn moment(&self, column: &str) -> Option<Instant> {
        match self.cell(column) {
            Value::Moment(moment) => *moment,
            _ => None,
        }
    }

    /// The same, received an hour later, where the table says when a row was received.
    pub fn an_hour_later(mut self) -> Draft {
        for column in ["received_at", "updated_at"] {
            if let Some(at) = self.position(column)
                && let Value::Moment(Some(moment)) = &mut self.cells[at]
            {
                moment.0 += 3600;
            }
        }
        self
    }

    fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|(name, _)| *name == column)
    }
}

impl Cells for Draft {
    fn person(&mut self, number: u32) {
        self.cells.push(Value::Person(number));
    }

    fn text(&mut self, value: &str) {
        self.cells.push(Value::Text(value.to_owned()));
    }

    fn day(&mut self, value: Option<Day>) {
        self.cells.push(Value::Day(value));
    }

    fn moment(&mut self, value: Option<Instant>) {
        self.cells.push(Value::Moment(value));
    }

    fn flag(&mut self, value: Option<bool>) {
        self.cells.push(Value::Flag(value));
    }

    fn whole(&mut self, value: Option<i32>) {
        self.cells.push(Value::Whole(value));
    }

    fn decimal(&mut self, value: Option<f64>) {
        self.cells.push(Value::Decimal(value));
    }

    fn list(&mut self, values: &[&str]) {
        self.cells.push(Value::List(values.iter().map(|&value| value.to_owned()).collect()));
    }

    fn end_row(&mut self) -> io::Result<()> {
        assert_eq!(self.cells.len(), self.columns.len(), "a row has a cell for each column");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::{cells::Cell, csv_cells::CsvCells};

    const COLUMNS: Columns = &[("person_id", Cell::Person), ("event_date", Cell::Day), ("received_at", Cell::Moment)];

    fn written(change: impl Fn(Draft) -> Draft) -> String {
        let draft = Draft::of(COLUMNS, |cells| {
            cells.person(7);
            cells.day(Day::parse("2026-02-03"));
            cells.moment(Instant::parse("2026-02-04T05:00:00Z"));
            cells.end_row()
        });
        let mut sheet = CsvCells::new(COLUMNS, Vec::new());
        change(draft).write(&mut sheet).unwrap();
        let text = String::from_utf8(sheet.finish().unwrap()).unwrap();
        text.lines().nth(1).unwrap().split_once(',').unwrap().1.to_owned()
    }

    #[test]
    fn a_row_is_written_as_it_came_but_for_what_was_changed() {
        assert_eq!(written(|draft| draft), "2026-02-03,2026-02-04T05:00:00Z");
        assert_eq!(written(|draft| draft.without("event_date")), ",2026-02-04T05:00:00Z");
        assert_eq!(written(Draft::an_hour_later), "2026-02-03,2026-02-04T06:00:00Z");
        let raw = |draft: Draft| draft.with("event_date", Value::Text("03.02.2026".to_owned()));
        assert_eq!(written(raw), "03.02.2026,2026-02-04T05:00:00Z");
    }
}
