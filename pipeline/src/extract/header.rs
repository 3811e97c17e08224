//! The columns of a file held against those of its table.

use earlycall_schemas::table::{ColumnSpec, Presence, TableSpec};

use crate::error::{Error, Kind, Result};

/// Names less alike than this are no suggestion.
const ALIKE: f64 = 0.8;

/// For each column of the table, its position in the file.
///
/// A name that the table doesn't have is told by its position and never repeated: the first line of a file without a
/// header is a row of a patient.
///
/// # Errors
/// A column is unknown, named twice, or missing though mandatory or required.
pub(super) fn positions(table: &'static TableSpec, names: &[&str]) -> Result<Vec<Option<usize>>> {
    if !names.iter().any(|name| table.column(name).is_some()) {
        let columns = "its first line names no column of the table";
        return Err(
            refusal(columns).hint(format!("send a header; `earlycall schema {}` lists the columns", table.name))
        );
    }
    let mut positions = vec![None; table.columns.len()];
    for (at, name) in names.iter().enumerate() {
        let Some(column) = table.columns.iter().position(|column| column.name == *name) else {
            return Err(unknown(table, at, name));
        };
        if positions[column].replace(at).is_some() {
            return Err(refusal("the column is there twice").column(&table.columns[column].name));
        }
    }
    for (spec, position) in table.columns.iter().zip(&positions) {
        if position.is_none() && spec.presence != Presence::O {
            return Err(missing(spec));
        }
    }
    Ok(positions)
}

/// The refusal of a file without a column that must be there.
pub(super) fn missing(spec: &ColumnSpec) -> Error {
    let kind = if spec.presence == Presence::M { "mandatory" } else { "required" };
    refusal(format!("the {kind} column is missing")).column(&spec.name)
}

fn unknown(table: &TableSpec, at: usize, name: &str) -> Error {
    let error = refusal(format!("column number {} is unknown", at + 1));
    match nearest(name, table.columns.iter().map(|column| column.name.as_str())) {
        Some(known) => error.hint(format!("the nearest known name is {known}")),
        None => error.hint(format!("`earlycall schema {}` lists the columns", table.name)),
    }
}

fn refusal(message: impl Into<String>) -> Error {
    Error::new(Kind::Extract, message).rule("V01")
}

/// The known name most like another, if any is like it.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let alike = |other: &str| strsim::jaro_winkler(&name.to_lowercase(), other);
    known.into_iter().filter(|other| alike(other) >= ALIKE).max_by(|a, b| alike(a).total_cmp(&alike(b)))
}

#[cfg(test)]
mod tests {
    use earlycall_schemas::table::table;

    use super::*;

    fn told(names: &[&str]) -> String {
        positions(table("deaths").unwrap(), names).unwrap_err().to_string()
    }

    #[test]
    fn columns_may_stand_in_any_order_and_optional_ones_may_be_absent() {
        let positions = positions(table("deaths").unwrap(), &["source", "person_id", "death_date"]).unwrap();
        assert_eq!(positions[..3], [Some(1), Some(2), Some(0)]);
        assert!(positions[3..].iter().all(Option::is_none));
    }

    #[test]
    fn a_wrong_header_is_told_by_known_names_and_positions_only() {
        let missing = told(&["person_id", "source"]);
        assert_eq!(missing, "column death_date, rule V01: the mandatory column is missing");
        let unknown = told(&["person_id", "deth_date", "source"]);
        assert!(
            unknown.contains("column number 2 is unknown; hint: the nearest known name is death_date"),
            "{unknown}"
        );
        let twice = told(&["person_id", "death_date", "source", "source"]);
        assert_eq!(twice, "column source, rule V01: the column is there twice");
        let headless = told(&["4de1b5", "2020-01-31", "ons"]);
        assert!(headless.contains("names no column") && !headless.contains("4de1b5"), "{headless}");
    }
}
