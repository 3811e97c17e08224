//! From which day a row counts, as far as the delivery that brings it can say.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, Date32Array, RecordBatch},
    datatypes::{DataType, Date32Type, TimestampSecondType},
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

/// From when rows count.
pub struct KnownFrom {
    /// Per row, a day.
    pub days: ArrayRef,
    /// By so many days later each row counts.
    pub later_by: i32,
}

/// Per row, the day from which it counts. Where rows count so many days after their event, the column is that of the
/// events: shared, so that nobody moves it twice.
///
/// The London day of its `received_at` where the table has one; a death's registration, else the death; in a history
/// the later of the event and its recording, plus the table's lag; else the day of the extract.
/// Source: the contract, "Time".
pub fn known_from(table: &TableSpec, rows: &RecordBatch, arrival: &Arrival) -> KnownFrom {
    match known_by_event(table, rows, arrival) {
        Some(events) => KnownFrom { days: events.clone(), later_by: arrival.lag_days },
        None => KnownFrom { days: Arc::new(computed(table, rows, arrival)), later_by: 0 },
    }
}

/// So many days after those of a column.
pub fn later(days: &ArrayRef, by: i32) -> ArrayRef {
    match by {
        0 => days.clone(),
        // Days of the contract lie near enough: without asking each time, many are looked at at once.
        _ => Arc::new(days.as_primitive::<Date32Type>().unary::<_, Date32Type>(|day| day.wrapping_add(by))),
    }
}

/// The column of events, where it alone says from when a row counts.
fn known_by_event<'a>(table: &TableSpec, rows: &'a RecordBatch, arrival: &Arrival) -> Option<&'a ArrayRef> {
    let says_more = table.name == "deaths" || table.received.is_some() || table.recorded.is_some();
    let events = column(rows, table.event.as_deref()?);
    let are_days = *events.data_type() == DataType::Date32 && events.null_count() == 0;
    (are_days && !says_more && arrival.is_history).then_some(events)
}

fn computed(table: &TableSpec, rows: &RecordBatch, arrival: &Arrival) -> Date32Array {
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
            // Days of the contract lie near enough: without asking each time, many are looked at at once.
            let days = event.values().iter().zip(recorded.values());
            Date32Array::from_iter_values(days.map(|(event, recorded)| event.max(recorded).wrapping_add(lag)))
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

#[cfg(test)]
mod tests {
    use arrow::datatypes::{Field, Schema};
    use earlycall_schemas::table::table;

    use super::*;

    #[test]
    fn rows_that_count_by_the_day_of_their_event_share_its_column_and_others_have_their_own() {
        let prescriptions = table("gp_prescriptions").unwrap();
        let schema = Arc::new(Schema::new(vec![Field::new("issue_date", DataType::Date32, true)]));
        let issued = |days: Vec<Option<i32>>| {
            RecordBatch::try_new(schema.clone(), vec![Arc::new(Date32Array::from(days))]).unwrap()
        };
        let arrival = |is_history, lag_days| Arrival { extracted_on: Day(100), is_history, lag_days };
        let rows = issued(vec![Some(7), Some(9)]);
        for (rows, arrival, is_shared, expected) in [
            (&rows, arrival(true, 0), true, [7, 9]),
            (&rows, arrival(true, 2), true, [9, 11]),
            (&rows, arrival(false, 2), false, [100, 100]),
            (&issued(vec![Some(7), None]), arrival(true, 2), false, [9, 100]),
        ] {
            let KnownFrom { days, later_by } = known_from(prescriptions, rows, &arrival);
            assert_eq!(Arc::ptr_eq(&days, rows.column(0)), is_shared);
            assert_eq!(later(&days, later_by).as_primitive::<Date32Type>().values(), &expected);
        }
    }
}
