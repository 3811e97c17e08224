//! One cell of a table that people hand in, held against the declaration of its column.

use earlycall_schemas::table::{ColumnSpec, DType};

use crate::{
    day::{Day, Instant},
    history::records::PersonKey,
};

/// The longest text of a cell: names and keys, and no notes.
const CHARS_MAX: usize = 100;

/// What is wrong with a cell that is not empty; none where it is as declared.
pub(crate) fn misfit(column: &ColumnSpec, cell: &str) -> Option<&'static str> {
    let within = |number: f64| {
        column.min.is_none_or(|min| number >= min) && column.max.is_none_or(|max| number <= max) && number.is_finite()
    };
    match column.dtype {
        DType::PersonId => PersonKey::parse(cell).is_none().then_some("is not a person id"),
        DType::Timestamp => Instant::parse(cell).is_none().then_some("is not a time as 2026-11-20T09:30:00Z"),
        DType::Date => Day::parse(cell).is_none().then_some("is not a date of the form YYYY-MM-DD"),
        DType::Bool => (!["true", "false"].contains(&cell)).then_some("is neither `true` nor `false`"),
        DType::Code => (!column.one_of.iter().any(|code| code == cell)).then_some("is not one of the codes"),
        DType::Float => (!cell.parse().is_ok_and(within)).then_some("is not a number within its limits"),
        _ => (cell.chars().count() > CHARS_MAX || cell.chars().any(char::is_control))
            .then_some("is too long, or holds what is no letter"),
    }
}
