//! What goes in: named columns, rows of raw values, and what happened to each row.

use std::collections::BTreeSet;
use std::fmt;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// One input of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Unique name, for example `emergency_admissions_n_365d`.
    pub name: String,
    /// The group of columns whose contributions are told together in one sentence.
    pub statement: String,
    /// What a raw value means.
    pub kind: ColumnKind,
}

impl Column {
    /// A column from its parts.
    pub fn new(name: impl Into<String>, statement: impl Into<String>, kind: ColumnKind) -> Column {
        Column { name: name.into(), statement: statement.into(), kind }
    }
}

/// What a raw value means, and so which curve it can have. Values outside the range are taken as its nearest end.
///
/// Curves are those of the regression. The boosted model takes a missing value for a finding, of whatever kind, where
/// training has met it in ten rows or more beside values: a score that is for old people alone is missing of all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// 0 or 1. NaN: the feed is missing.
    Flag,
    /// A number of things, 0 or more. NaN: the feed is missing. Curve: a step from none to any, and ln(1 + n).
    Count,
    /// A sum, 0 or more, such as days in a bed. NaN: the feed is missing. Curve: ln(1 + sum).
    Amount,
    /// Days since an event, infinite where it never happened, or too long ago to count. NaN: the feed is missing.
    /// Curve: three decays, over 30, 120 and 480 days.
    DaysSince,
    /// A measurement. NaN: not measured, which is a finding of its own. Curve: straight pieces between training
    /// quantiles, flat beyond the outer ones, and a step for "not measured".
    Measure,
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ColumnKind::Flag => "flag",
            ColumnKind::Count => "count",
            ColumnKind::Amount => "amount",
            ColumnKind::DaysSince => "days_since",
            ColumnKind::Measure => "measure",
        })
    }
}

/// Whether the columns given are those expected: same names, order and kinds.
pub(crate) fn check_same(expected: &[Column], found: &[Column]) -> Result<()> {
    for position in 0..expected.len().max(found.len()) {
        let (expected, found) = (expected.get(position), found.get(position));
        let same = expected.zip(found).is_some_and(|(e, f)| e.name == f.name && e.kind == f.kind);
        if !same {
            let told = |column: Option<&Column>| match column {
                Some(column) => format!("{} ({})", column.name, column.kind),
                None => "absent".to_owned(),
            };
            return Err(Error::ColumnsDiffer { position: position + 1, expected: told(expected), found: told(found) });
        }
    }
    Ok(())
}

/// Raw values: one row per person and index date, one column per [`Column`].
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// The columns, in the order of the values.
    pub columns: &'a [Column],
    /// The values, rows by columns.
    pub x: ArrayView2<'a, f64>,
}

impl Rows<'_> {
    /// Whether there is a value for every column, and no other.
    pub(crate) fn check_shape(&self) -> Result<()> {
        let (found, expected) = (self.x.ncols(), self.columns.len());
        if found == expected { Ok(()) } else { Err(Error::Length { what: "columns of values", found, expected }) }
    }

    /// Whether no two columns have one name.
    fn check_names(&self) -> Result<()> {
        let mut names = BTreeSet::new();
        match self.columns.iter().find(|column| !names.insert(&column.name)) {
            Some(repeated) => Err(Error::RepeatedColumn(repeated.name.clone())),
            None => Ok(()),
        }
    }
}

/// Rows of the past with what happened next.
#[derive(Clone, Copy, Debug)]
pub struct Training<'a> {
    /// What was known on the index date.
    pub rows: Rows<'a>,
    /// Whether the event happened within the horizon, per row.
    pub events: &'a [bool],
    /// Whose row it is. All rows of a person are in one fold, or the metrics would flatter.
    pub persons: &'a [u64],
}

impl Training<'_> {
    /// Whether every row has an outcome and a person.
    pub(crate) fn check(&self) -> Result<()> {
        self.rows.check_shape()?;
        self.rows.check_names()?;
        let expected = self.rows.x.nrows();
        for (what, found) in [("outcomes", self.events.len()), ("persons", self.persons.len())] {
            if found != expected {
                return Err(Error::Length { what, found, expected });
            }
        }
        Ok(())
    }
}
