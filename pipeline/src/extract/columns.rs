//! Cells turned into the Arrow columns that every later step works on.

use std::iter;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use earlycall_schemas::profile::ProfileSpec;
use earlycall_schemas::table::{ColumnSpec, DType, Presence, TableKind, TableSpec};

use crate::extract::Dialects;
use crate::extract::coded::CodedColumn;
use crate::extract::ids::{is_counted, numbers};
use crate::extract::raw::{Cells, RawBatch};
use crate::extract::{codes, typed};
use crate::quality::faults::Faults;

/// The Arrow schema of a table's accepted rows, all nullable: the columns that are [`read`](is_read), in the table's order,
/// without ids of which nothing but the [key](crate::extract::keys()) is asked for. Of what happened to persons those alone
/// that somebody asks for once rows are checked, and none of who they are: [`Persons`](crate::extract::Persons) has their
/// numbers.
///
/// Person ids and codes are `Dictionary(Int32, Utf8)`, whose values are distinct, not null, and may be more than the rows
/// name; dates and months are `Date32`, timestamps `Timestamp(Second)` in UTC, the rest booleans, `Int64`, `Float64` or
/// `Utf8`; a list is text joined by `|`.
pub fn schema(table: &TableSpec) -> SchemaRef {
    let kind = |spec: &ColumnSpec| if is_coded(spec) { coded_type() } else { arrow_type(spec) };
    let stays = read_columns(table).filter(|spec| stays(table, spec));
    Arc::new(Schema::new(stays.map(|spec| Field::new(&spec.name, kind(spec), true)).collect::<Vec<_>>()))
}

/// Whether accepted rows have a column once they are checked, and their keys and the numbers of their persons are known.
/// Millions are held until the last of a feed is there, so of what happened to persons nothing that nobody asks for again:
/// but what is kept, when and whether a row counts, what is counted of the feed, and lists of which the dialects are counted.
fn stays(table: &TableSpec, spec: &ColumnSpec) -> bool {
    let tells_when = || {
        let clocks = [&table.event, &table.received, &table.recorded].into_iter().flatten().map(String::as_str);
        clocks.chain(["registration_date", "is_deleted"]).any(|name| name == spec.name)
    };
    let is_profiled = || table.profile.iter().flat_map(ProfileSpec::columns).any(|name| name == spec.name);
    let has_dialect = spec.dtype == DType::Icd10 && spec.list;
    let is_asked_for = || spec.kept || tells_when() || is_profiled() || has_dialect;
    !is_counted(table, spec) && (table.kind != TableKind::Clinical || is_asked_for())
}

/// The Arrow type of keys and codes.
pub(super) fn coded_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// The columns of a table whose cells are read at all, in the table's order.
pub fn read_columns(table: &TableSpec) -> impl Iterator<Item = &ColumnSpec> {
    table.columns.iter().filter(|spec| is_read(table, spec))
}

/// Whether the cells of a column are read: where something uses it, it belongs to the key, every row must have it, or a
/// rule looks at it. Of the others the name and the type are checked and nothing else.
pub(super) fn is_read(table: &TableSpec, spec: &ColumnSpec) -> bool {
    let is_ordered = spec.not_before.is_some() || spec.not_after.is_some();
    let is_needed = spec.used || spec.presence == Presence::M || table.key.contains(&spec.name);
    let is_checked = table.checks.iter().any(|check| check.columns().any(|name| name == spec.name));
    is_needed || is_ordered || is_checked || spec.read
}

/// Whether few values serve many rows of a file: keys of persons, and codes, but for lists.
pub fn is_coded(spec: &ColumnSpec) -> bool {
    let is_plain = match spec.dtype {
        DType::Text | DType::Name | DType::Time => true,
        DType::Date | DType::Month | DType::Timestamp | DType::Bool | DType::Int | DType::Float => true,
        DType::PersonId | DType::Code | DType::Snomed | DType::Dmd | DType::Icd10 | DType::Opcs4 => false,
        DType::Bnf | DType::Practice | DType::Provider | DType::Site | DType::Lsoa | DType::Ucum => false,
    };
    !spec.list && !is_plain
}

/// The plain Arrow type of a column's cells, before codes are kept as dictionaries; a list is text joined by `|`.
pub fn arrow_type(spec: &ColumnSpec) -> DataType {
    match spec.dtype {
        _ if spec.list => DataType::Utf8,
        DType::Date | DType::Month => DataType::Date32,
        DType::Timestamp => DataType::Timestamp(TimeUnit::Second, None),
        DType::Bool => DataType::Boolean,
        DType::Int => DataType::Int64,
        DType::Float => DataType::Float64,
        _ => DataType::Utf8,
    }
}

/// The columns of a table that are read, and what is remembered of them from batch to batch.
pub(super) struct Columns {
    pub specs: Vec<&'static ColumnSpec>,
    table: &'static TableSpec,
    accepted: SchemaRef,
    coded: Vec<CodedColumn>,
}

impl Columns {
    pub fn of(table: &'static TableSpec) -> Columns {
        let specs: Vec<_> = read_columns(table).collect();
        let coded = specs.iter().map(|_| CodedColumn::default()).collect();
        Columns { specs, table, accepted: schema(table), coded }
    }

    /// The cells read so far that should be SNOMED CT and are not: how many, by column and what they look like.
    pub fn dialects(&self) -> Dialects {
        let of = |(spec, coded): (&&'static ColumnSpec, &CodedColumn)| {
            let name = spec.name.as_str();
            coded.dialects.iter().map(|(dialect, n)| ((name, *dialect), *n)).collect::<Vec<_>>()
        };
        self.specs.iter().zip(&self.coded).flat_map(of).collect()
    }

    /// Reads a batch, noting what is wrong with its cells.
    ///
    /// # Errors
    /// The first row, counted from 0, whose person id is no person id, and its column: that refuses the file (V04).
    pub fn read(&mut self, raw: &RawBatch, faults: &mut Faults) -> Result<Vec<ArrayRef>, (usize, &'static ColumnSpec)> {
        let columns = self.specs.iter().zip(&raw.columns).zip(&mut self.coded);
        columns
            .map(|((spec, cells), coded)| match is_counted(self.table, spec) {
                true => Ok(Arc::new(ids(spec, cells, raw.rows, faults)) as ArrayRef),
                false => read(spec, cells, raw.rows, coded, faults).map_err(|row| (row, *spec)),
            })
            .collect()
    }

    /// What was read as rows, ids as numbers.
    pub fn rows(&self, typed: Vec<ArrayRef>) -> RecordBatch {
        let field =
            |(spec, column): (&&ColumnSpec, &ArrayRef)| Field::new(&spec.name, column.data_type().clone(), true);
        let fields: Vec<Field> = self.specs.iter().zip(&typed).map(field).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), typed).expect("each column has one cell for every row")
    }

    /// Of rows what is asked for once they are checked, and their keys and the numbers of their persons are known.
    pub fn accepted(&self, rows: &RecordBatch) -> RecordBatch {
        let stays = |(spec, _): &(&&'static ColumnSpec, &ArrayRef)| stays(self.table, spec);
        let columns = self.specs.iter().zip(rows.columns()).filter(stays).map(|(_, column)| column.clone());
        RecordBatch::try_new(self.accepted.clone(), columns.collect()).expect("columns are read by the schema")
    }
}

/// The numbers of ids. Every row must have one.
fn ids(spec: &'static ColumnSpec, cells: &Cells, rows: usize, faults: &mut Faults) -> UInt64Array {
    let numbers = match cells {
        Cells::Ids(ids) => ids.numbers.clone(),
        Cells::Text(texts) => numbers(texts),
        _ => UInt64Array::new_null(rows),
    };
    if numbers.null_count() > 0 {
        (0..rows).filter(|row| numbers.is_null(*row)).for_each(|row| _ = faults.breach(row, spec, "NULL"));
    }
    numbers
}

fn read(
    spec: &'static ColumnSpec,
    cells: &Cells,
    rows: usize,
    coded: &mut CodedColumn,
    faults: &mut Faults,
) -> Result<ArrayRef, usize> {
    if is_coded(spec) {
        return Ok(match cells {
            Cells::Coded(cells) => Arc::new(coded.read(spec, cells, faults)?),
            Cells::Text(text) => Arc::new(coded.read(spec, &text.iter().collect(), faults)?),
            // A Parquet column of nulls, or one that the file doesn't have.
            _ => Arc::new(coded.read(spec, &iter::repeat_n(None, rows).collect(), faults)?),
        });
    }
    Ok(match spec.dtype {
        DType::Date if !spec.list => typed::dates(spec, cells, rows, faults),
        DType::Month if !spec.list => typed::months(spec, cells, rows, faults),
        DType::Timestamp if !spec.list => typed::timestamps(spec, cells, rows, faults),
        DType::Bool if !spec.list => typed::booleans(spec, cells, rows, faults),
        DType::Int if !spec.list => typed::integers(spec, cells, rows, faults),
        DType::Float if !spec.list => typed::decimals(spec, cells, rows, faults),
        _ => match cells {
            Cells::Text(text) => Arc::new(codes::texts(spec, text, faults)),
            _ => Arc::new(codes::texts(spec, &StringArray::new_null(rows), faults)),
        },
    })
}

#[cfg(test)]
mod tests {
    use earlycall_schemas::table::{table, tables};

    use super::*;

    #[test]
    fn of_what_happened_to_persons_stays_what_somebody_asks_for_again() {
        let names = |name: &str| {
            schema(table(name).unwrap()).fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>()
        };
        assert_eq!(
            names("gp_events"),
            ["practice_code", "event_date", "recorded_at", "snomed_code", "value", "is_deleted"]
        );
        assert_eq!(names("deaths"), ["death_date", "source", "registration_date", "contributing_causes"]);
        // A withdrawal is asked for wherever there may be one, and nobody would be told that it is missing.
        for table in tables() {
            assert_eq!(
                names(&table.name).iter().any(|name| name == "is_deleted"),
                table.column("is_deleted").is_some()
            );
        }
        // Of who there is and who objects, everything that is read.
        let objections = ["person_id", "objection", "status", "recorded_at", "source", "checked_at"];
        assert_eq!(names("opt_outs"), objections);
    }
}
