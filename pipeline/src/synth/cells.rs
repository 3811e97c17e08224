//! How a row becomes cells, whatever the format: one call per column, in the order of the table.

use crate::day::{Day, Instant};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Text,
    Day,
    Moment,
    Flag,
    Whole,
    Decimal,
    List,
}

/// Takes rows cell by cell. Empty text and `None` are missing values.
pub(crate) trait Cells: Sized {
    /// A sheet for a table's columns.
    fn new(columns: &'static [(&'static str, Cell)]) -> Self;
    fn text(&mut self, value: &str);
    fn day(&mut self, value: Option<Day>);
    fn moment(&mut self, value: Option<Instant>);
    fn flag(&mut self, value: Option<bool>);
    fn whole(&mut self, value: Option<i32>);
    fn decimal(&mut self, value: Option<f64>);
    fn list(&mut self, values: &[&str]);
    /// The row is whole.
    fn end_row(&mut self);
    /// Rows so far.
    fn rows(&self) -> u64;
    /// The bytes of one file out of the sheets of each part of the population, in order.
    fn file(columns: &'static [(&'static str, Cell)], parts: Vec<Self>) -> Vec<u8>;
}
