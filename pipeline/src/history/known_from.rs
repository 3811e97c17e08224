//! From which day a row counts, as far as the delivery that brings it can say.

use arrow::array::{ArrayRef, RecordBatch};
use earlycall_schemas::table::TableSpec;

use crate::{
    day::Day,
    history::versions::{column, days},
};

/// How the rows of a table of a supplier arrive.
#[derive(Clone, Debug)]
pub struct Arrival<'a> {
    /// Who delivered.
    pub provider: &'a str,
    /// The London day of the extract.
    pub extracted_on: Day,
    /// Rows were known when they happened, not when they arrived: a history, or a first full delivery.
    pub is_history: bool,
    /// Days by which a row was known after it happened, for a history.
    pub lag_days: i32,
}

/// Per row, the day from which it counts.
///
/// The London day of its `received_at` where the table has one; a death's registration, else the death; in a history
/// the later of the event and its recording, plus the table's lag; else the day of the extract.
/// Source: the contract, "Time".
pub fn known_from(table: &TableSpec, rows: &RecordBatch, arrival: &Arrival) -> Vec<Option<Day>> {
    let days_of = |name: &Option<String>| name.as_deref().map(|name| days_of_column(rows, name));
    let (event, received, recorded) = (days_of(&table.event), days_of(&table.received), days_of(&table.recorded));
    let registered = (table.name == "deaths").then(|| days_of_column(rows, "registration_date"));
    let at = |days: &Option<Vec<Option<Day>>>, row: usize| days.as_ref().and_then(|days| days[row]);
    let of_row = |row: usize| match at(&event, row) {
        event if registered.is_some() => at(&registered, row).or(event),
        _ if received.is_some() => at(&received, row),
        Some(event) if arrival.is_history => Some(event.max(at(&recorded, row).unwrap_or(event)) + arrival.lag_days),
        _ => None,
    };
    (0..rows.num_rows()).map(|row| of_row(row).or(Some(arrival.extracted_on))).collect()
}

fn days_of_column(rows: &RecordBatch, name: &str) -> Vec<Option<Day>> {
    let cells: &ArrayRef = column(rows, name);
    days(cells)
}
