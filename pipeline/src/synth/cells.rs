//! How a row becomes cells, whatever the format: one call per column, in the order of the table.

use std::io;

use crate::day::{Day, Instant};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// A key of which there are few: the person of a row.
    Person,
    /// A key that every row has for itself.
    Id,
    Text,
    Day,
    Moment,
    Flag,
    Whole,
    Decimal,
    List,
}

/// Names and kinds of a table's columns.
pub(crate) type Columns = &'static [(&'static str, Cell)];

/// Takes rows cell by cell. Empty text and `None` are missing values.
pub(crate) trait Cells {
    /// The pseudonym of the person of a number.
    fn person(&mut self, number: u32);
    fn text(&mut self, value: &str);
    fn day(&mut self, value: Option<Day>);
    fn moment(&mut self, value: Option<Instant>);
    fn flag(&mut self, value: Option<bool>);
    fn whole(&mut self, value: Option<i32>);
    fn decimal(&mut self, value: Option<f64>);
    fn list(&mut self, values: &[&str]);
    /// The row is whole.
    fn end_row(&mut self) -> io::Result<()>;
}
