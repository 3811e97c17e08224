//! The columns of a file held against those of its table.

use earlycall_schemas::table::{ColumnSpec, Presence, TableSpec};

use crate::error::{Error, Result};
use crate::extract::refusal::broken;

/// Names less alike than this are no suggestion.
const ALIKE: f64 = 0.8;

/// Columns that are told by number; a file of another table has many.
const TOLD_MAX: usize = 10;

/// What parts the cells of a line where commas should, and how it is called.
const SEPARATORS: [(char, &str); 3] = [(';', "semicolons"), ('\t', "tabs"), ('|', "vertical bars")];

/// For each column of the table, its position in the file.
///
/// A name that the table doesn't have is told by its position and never repeated, unless it is one of ours but for
/// capitals and blanks: the first line of a file without a header is a row of a patient.
///
/// # Errors
/// A column is unknown, named twice, or missing though mandatory or required.
pub(super) fn positions(table: &'static TableSpec, names: &[&str]) -> Result<Vec<Option<usize>>> {
    if !names.iter().any(|name| table.column(name).is_some()) {
        return Err(no_header(table, names));
    }
    let mut positions = vec![None; table.columns.len()];
    let mut others = Vec::new();
    for (at, name) in names.iter().enumerate() {
        match table.columns.iter().position(|column| column.name == *name) {
            None => others.push(at),
            Some(column) if positions[column].replace(at).is_some() => return Err(twice(name)),
            Some(_) => {}
        }
    }
    if !others.is_empty() {
        return Err(unknown(table, names, &others));
    }
    let is_missing = |spec: &ColumnSpec, position: &Option<usize>| position.is_none() && spec.presence != Presence::O;
    let absent = table.columns.iter().zip(&positions).find(|(spec, position)| is_missing(spec, position));
    match absent {
        Some((spec, _)) => {
            let setting = setting(table);
            Err(missing(spec, &format!("have it sent; if it is there under another name, say so in {setting} columns")))
        }
        None => Ok(positions),
    }
}

/// The refusal of a file without a column that must be there.
pub(super) fn missing(spec: &ColumnSpec, what_to_do: &str) -> Error {
    let kind = if spec.presence == Presence::M { "mandatory" } else { "required" };
    broken(format!("the {kind} column is missing"), what_to_do).column(&spec.name)
}

/// The refusal of a file with two columns of one name, which is one of ours or of a mapping.
pub(super) fn twice(name: &str) -> Error {
    broken("the column is there twice", "have one of them taken out, or named otherwise").column(name)
}

/// Where a service says how a supplier's columns of a table become ours.
pub(super) fn setting(table: &TableSpec) -> String {
    format!("`[extracts.mapping.{}]`", table.name)
}

/// What to write under `columns` of a mapping where names of a file are ours but for capitals, blanks and hyphens.
pub(super) fn respelt(table: &TableSpec, names: &[&str]) -> Option<String> {
    let line = |name: &&str| {
        let ours = table.columns.iter().find(|column| bare(&column.name) == bare(name) && column.name != *name)?;
        Some(format!("{} = \"{name}\"", ours.name))
    };
    let lines: Vec<String> = names.iter().filter_map(line).collect();
    (!lines.is_empty()).then(|| format!("columns = {{ {} }}", lines.join(", ")))
}

/// A name in lower case, without what parts its words.
fn bare(name: &str) -> String {
    name.chars().filter(|c| !" _-".contains(*c)).map(|c| c.to_ascii_lowercase()).collect()
}

/// The refusal of a file whose first line has no name of ours.
fn no_header(table: &TableSpec, names: &[&str]) -> Error {
    let schema = format!("`earlycall schema {}` lists the columns", table.name);
    let is_ours = |name: &str| table.columns.iter().any(|column| bare(&column.name) == bare(name));
    let is_parted_by = |separator: char| names.len() == 1 && names[0].split(separator).any(is_ours);
    if let Some((_, separator)) = SEPARATORS.iter().find(|(separator, _)| is_parted_by(*separator)) {
        return broken(
            format!("its cells are parted by {separator} and not by commas"),
            "have it exported with commas (RFC 4180); no setting reads another separator",
        );
    }
    match respelt(table, names) {
        Some(lines) => broken(
            "its columns are ours, but written otherwise",
            format!(
                "have them named as `earlycall schema {}` has them, or write in {}: {lines}",
                table.name,
                setting(table)
            ),
        ),
        None => broken(
            "its first line names no column of the table",
            format!("send a header; {schema}. A supplier's own names are mapped in {}", setting(table)),
        ),
    }
}

/// The refusal of a file with columns that the table does not have.
fn unknown(table: &TableSpec, names: &[&str], others: &[usize]) -> Error {
    let numbers: Vec<String> = others.iter().take(TOLD_MAX).map(|at| (at + 1).to_string()).collect();
    let what = match numbers.as_slice() {
        [only] => format!("column number {only} is unknown"),
        _ if others.len() > TOLD_MAX => {
            format!("{} columns are unknown, numbers {} ...", others.len(), numbers.join(", "))
        }
        _ => format!("columns number {} are unknown", numbers.join(", ")),
    };
    let setting = setting(table);
    let unknown_names: Vec<&str> = others.iter().map(|at| names[*at]).collect();
    let nearest = nearest(names[others[0]], table.columns.iter().map(|column| column.name.as_str()));
    let way_out = format!("map what is ours under columns of {setting}, and name the rest under its ignore");
    let what_to_do = match (respelt(table, &unknown_names), nearest) {
        (Some(lines), _) => format!("write in {setting}: {lines}; what else there is goes under its ignore"),
        (None, Some(known)) if others.len() == 1 => {
            format!("the nearest known name is {known}: have it named so; or {way_out}")
        }
        (None, _) => format!("{way_out}; `earlycall schema {}` lists the columns", table.name),
    };
    broken(what, what_to_do)
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
        assert!(
            missing.starts_with("column death_date, rule V01: the mandatory column is missing; hint: "),
            "{missing}"
        );
        let unknown = told(&["person_id", "deth_date", "source"]);
        assert!(
            unknown.contains("column number 2 is unknown; hint: the nearest known name is death_date"),
            "{unknown}"
        );
        let several = told(&["person_id", "death_date", "source", "4de1b5", "Smith"]);
        assert!(
            several.contains("columns number 4, 5 are unknown; hint: map") && !several.contains("Smith"),
            "{several}"
        );
        let twice = told(&["person_id", "death_date", "source", "source"]);
        assert!(twice.starts_with("column source, rule V01: the column is there twice; hint: "), "{twice}");
        let headless = told(&["4de1b5", "2020-01-31", "ons"]);
        assert!(headless.contains("names no column") && !headless.contains("4de1b5"), "{headless}");
    }

    #[test]
    fn columns_written_otherwise_are_told_with_the_lines_that_map_them() {
        let lines = r#"columns = { person_id = "PERSON_ID", death_date = "Death Date", source = "Source" }"#;
        for names in
            [&["PERSON_ID", "Death Date", "Source"][..], &["PERSON_ID", "Death Date", "Source", "underlying_cause"]]
        {
            let told = told(names);
            assert!(told.contains("`[extracts.mapping.deaths]`") && told.contains(lines), "{told}");
        }
    }

    #[test]
    fn cells_that_are_not_parted_by_commas_are_told_as_such() {
        for (line, separator) in [("person_id;death_date;source", "semicolons"), ("PERSON_ID\tSOURCE", "tabs")] {
            let told = told(&[line]);
            assert!(told.contains(&format!("its cells are parted by {separator} and not by commas")), "{told}");
        }
        assert!(told(&["4de1b5;2020-01-31;ons"]).contains("names no column of the table"));
    }
}
