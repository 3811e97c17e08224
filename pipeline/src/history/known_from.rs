//! From which day a row counts, as far as the delivery that brings it can say.

use arrow::{
    array::{Array, ArrayRef, AsArray, Date32Array, RecordBatch},
    datatypes::{Date32Type, TimestampSecondType},
};
use earlycall_schemas::table::TableSpec;

use crate::{
    day::{Day, Instant},
    history::versions::column,
};

/// How the rows of a table of a supplier arrive.
#[derive(Clone, Debug)]
pub struct Arrival {
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
pub fn known_from(table: &TableSpec, rows: &RecordBatch, arrival: &Arrival) -> Date32Array {
    let of = |name: &Option<String>| name.as_deref().map(|name| london_days(column(rows, name)));
    let extracted_on = arrival.extracted_on.0;
    let n_rows = rows.num_rows();
    if table.name == "deaths" {
        let (died, registered) =
            (london_days(column(rows, "death_date")), london_days(column(rows, "registration_date")));
        let known = registered.iter().zip(&died).map(|(registered, died)| registered.or(died).unwrap_or(extracted_on));
        return Date32Array::from_iter_values(known);
    }
    if let Some(received) = of(&table.received) {
        return Date32Array::from_iter_values(received.iter().map(|day| day.unwrap_or(extracted_on)));
    }
    let Some(event) = of(&table.event).filter(|_| arrival.is_history) else {
        return Date32Array::from_value(extracted_on, n_rows);
    };
    let lag = arrival.lag_days;
    match of(&table.recorded) {
        Some(recorded) if event.null_count() == 0 && recorded.null_count() == 0 => {
            let days = event.values().iter().zip(recorded.values());
            Date32Array::from_iter_values(days.map(|(event, recorded)| event.max(recorded) + lag))
        }
        None => Date32Array::from_iter_values(event.iter().map(|day| day.map_or(extracted_on, |day| day + lag))),
        Some(recorded) => {
            let later = |(event, recorded): (Option<i32>, Option<i32>)| {
                event.map_or(extracted_on, |event| event.max(recorded.unwrap_or(event)) + lag)
            };
            Date32Array::from_iter_values(event.iter().zip(&recorded).map(later))
        }
    }
}

/// The dates of a column, or the London days of its timestamps.
pub fn london_days(cells: &ArrayRef) -> Date32Array {
    match cells.as_primitive_opt::<Date32Type>() {
        Some(days) => days.clone(),
        None => cells.as_primitive::<TimestampSecondType>().unary(|second| {
            // What lies under an empty cell may be any number.
            let is_a_moment = (-10_000_000_000..=10_000_000_000).contains(&second);
            if is_a_moment { Day::of(Instant(second)).0 } else { 0 }
        }),
    }
}
