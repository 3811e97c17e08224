//! The checks on rows that a table declares: what several cells of a row may not say together.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{DataType, Int32Type, TimestampSecondType};
use earlycall_schemas::check::{Broken, Cells, EmptyThough, RowCheck, Span, is_one_of};
use earlycall_schemas::rules::{Action, rule};

use crate::quality::batch::Batch;
use crate::quality::faults::Faults;

const READ: &str = "columns of checks are read";

/// Tries a table's checks on a batch, and does with the rows that break one what its rule says.
pub(super) fn declared(batch: &Batch, faults: &mut Faults) {
    for check in &batch.table.checks {
        let Some(broken) = broken(check, batch) else { continue };
        let action = rule(&check.rule).expect("a test looks up the rule of every check").action;
        for row in broken.set_indices() {
            match action {
                Action::Row => faults.reject(row, &check.column, &check.rule),
                Action::Fix => faults.repair(row, &check.column, &check.rule),
                Action::Warn => faults.warn(row, &check.column, &check.rule),
                Action::Run | Action::File => unreachable!("no row refuses a file"),
            }
        }
    }
}

/// The rows that break a check; none where nothing in the batch can.
fn broken(check: &RowCheck, batch: &Batch) -> Option<BooleanBuffer> {
    match &check.broken {
        Broken::AllOf(cells) => all_of(cells, batch),
        Broken::JustOneOf([one, other]) => match (all_of(one, batch), all_of(other, batch)) {
            (Some(one), Some(other)) => Some(&one ^ &other),
            (one, other) => one.or(other),
        },
        Broken::AllEmpty(names) => {
            let columns: Vec<&ArrayRef> = names.iter().map(|name| batch.column(name).expect(READ)).collect();
            let may_be = columns.iter().all(|column| column.null_count() > 0);
            let is_empty = |row| columns.iter().all(|column| column.is_null(row));
            may_be.then(|| BooleanBuffer::collect_bool(columns[0].len(), is_empty))
        }
        Broken::EmptyThough(EmptyThough { empty, though }) => {
            let (column, though) = (batch.column(empty).expect(READ), all_of(though, batch)?);
            Some(BooleanBuffer::collect_bool(column.len(), |row| column.is_null(row) && though.value(row)))
        }
        Broken::MinutesOutside(span) => Some(outside(span, batch)),
    }
}

/// The rows in which it takes too little or too much time from one moment to the other.
fn outside(span: &Span, batch: &Batch) -> BooleanBuffer {
    let moments = |name: &str| batch.column(name).expect(READ).as_primitive::<TimestampSecondType>();
    let (from, until) = (moments(&span.from), moments(&span.until));
    let is_broken = |row| {
        from.is_valid(row) && until.is_valid(row) && span.is_broken_by(until.value(row).saturating_sub(from.value(row)))
    };
    BooleanBuffer::collect_bool(from.len(), is_broken)
}

/// The rows of which each column has one of its values; none where some column has none of them anywhere.
fn all_of(cells: &Cells, batch: &Batch) -> Option<BooleanBuffer> {
    let mut rows: Option<BooleanBuffer> = None;
    for (name, values) in cells {
        let of_column = one_of(batch.column(name).expect(READ), values)?;
        rows = Some(rows.map_or_else(|| of_column.clone(), |rows| &rows & &of_column));
    }
    rows
}

/// The rows of which a column of codes or flags has one of these values; none where no row has.
pub(super) fn one_of(column: &ArrayRef, values: &[impl AsRef<str>]) -> Option<BooleanBuffer> {
    if let DataType::Boolean = column.data_type() {
        let cells = column.as_boolean();
        let text = |row| if cells.value(row) { "true" } else { "false" };
        return Some(BooleanBuffer::collect_bool(cells.len(), |row| {
            cells.is_valid(row) && is_one_of(text(row), values)
        }));
    }
    let cells = column.as_dictionary::<Int32Type>();
    let known = cells.values().as_string::<i32>();
    let fits: Vec<bool> = known.iter().map(|value| value.is_some_and(|value| is_one_of(value, values))).collect();
    let keys = cells.keys();
    fits.contains(&true)
        .then(|| BooleanBuffer::collect_bool(keys.len(), |row| keys.is_valid(row) && fits[keys.value(row) as usize]))
}
