//! What stands in place of cells that break a rule, where their row must stay: a report of a death that cannot be read is a
//! report of a death, and an entry of the GP record is one whose result cannot be read.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array};
use arrow::compute::nullif;
use arrow::datatypes::Date32Type;
use earlycall_schemas::table::{ColumnSpec, Otherwise};

use crate::day::{Day, Instant};
use crate::quality::faults::Faults;

/// Puts what is declared in the place of every cell of a batch that was found to break a rule.
pub(super) fn fill(specs: &[&'static ColumnSpec], columns: &mut [ArrayRef], extracted_at: Instant, faults: &Faults) {
    for (spec, column) in specs.iter().zip(columns) {
        let Some(otherwise) = spec.otherwise else { continue };
        let mut is_filled = vec![false; column.len()];
        faults.replaced_in(&spec.name).for_each(|row| is_filled[row] = true);
        if !is_filled.contains(&true) {
            continue;
        }
        let rows = is_filled.iter().copied().enumerate();
        *column = match otherwise {
            Otherwise::Nothing => nullif(column, &BooleanArray::from(is_filled)).expect("one flag per row"),
            Otherwise::True => {
                let flags = column.as_boolean();
                let cell = |row: usize| flags.is_valid(row).then(|| flags.value(row));
                Arc::new(rows.map(|(row, fill)| if fill { Some(true) } else { cell(row) }).collect::<BooleanArray>())
            }
            Otherwise::DayBeforeExtract => {
                let (days, before) = (column.as_primitive::<Date32Type>(), Day::of(extracted_at) - 1);
                let cell = |row: usize| days.is_valid(row).then(|| days.value(row));
                let filled = rows.map(|(row, fill)| if fill { Some(before.0) } else { cell(row) });
                Arc::new(filled.collect::<Date32Array>())
            }
        };
    }
}
