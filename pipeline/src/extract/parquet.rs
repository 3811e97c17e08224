//! Parquet read into batches, whatever Arrow types its writer chose for a column.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringArray, new_empty_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Field, Float64Type, Int32Type, Int64Type, Schema, TimeUnit};
use arrow::record_batch::RecordBatch;
use earlycall_schemas::table::{ColumnSpec, DType};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::errors::ParquetError;
use parquet::file::reader::Length;

use crate::error::{Error, Result};
use crate::extract::columns::{coded_type, is_coded, is_read};
use crate::extract::group::{GroupRows, Wanted};
use crate::extract::id_pages::IdPages;
use crate::extract::ids::{Ids, is_counted};
use crate::extract::input::Input;
use crate::extract::mapping::Source;
use crate::extract::raw::{Cells, RawBatch};
use crate::extract::reading::Way;
use crate::extract::refusal::broken;
use crate::extract::watch::{Shown, Watch, is_watched};
use crate::extract::{pages, typed};
use crate::panics::contained;

/// Rows of a Parquet file, batch by batch.
///
/// A batch lies within one row group, for two groups have two dictionaries, and making one of them takes longer than
/// reading either.
pub(super) struct ParquetRows {
    input: Input,
    footer: ArrowReaderMetadata,
    wanted: Wanted,
    /// The row groups that haven't been begun.
    groups: Range<usize>,
    group: Option<GroupRows>,
    columns: Vec<Column>,
    /// What they have shown in the end.
    shown: Shown,
    /// Rows that have come.
    rows: u64,
    /// Rows that the file's own footer promises and that haven't come yet.
    promised: u64,
}

/// A column that is read, or only watched for leaks.
struct Column {
    spec: &'static ColumnSpec,
    /// Where its cells are in a batch, unless they come apart.
    source: Source,
    is_read: bool,
    /// Whether it holds the ids, which come apart from all other columns.
    is_apart: bool,
    watch: Option<Watch>,
}

impl ParquetRows {
    /// Reads the footer, and holds its columns and their types against those of `table`.
    ///
    /// # Errors
    /// The file is no Parquet, exceeds a limit, or has other columns or types than the table.
    pub fn open(input: Input, way: &Way) -> Result<ParquetRows> {
        sound(|| ParquetRows::open_unguarded(input, way))
    }

    fn open_unguarded(input: Input, way: &Way) -> Result<ParquetRows> {
        let Way { table, limits, .. } = *way;
        limits.hold("footer_bytes", footer_bytes(&input)?)?;
        let footer = ArrowReaderMetadata::load(&input, ArrowReaderOptions::new()).map_err(|_| damaged())?;
        limits.hold("columns", footer.schema().fields().len() as u64)?;
        let names: Vec<&str> = footer.schema().fields().iter().map(|field| field.name().as_str()).collect();
        let sources = way.sources(&names)?;
        for (spec, source) in table.columns.iter().zip(&sources) {
            match source {
                Source::At(at) => drop(read(spec, &new_empty_array(footer.schema().field(*at).data_type()))?),
                Source::Made(_) => return Err(csv_alone(spec)),
                Source::Absent | Source::Constant(_) => {}
            }
        }
        let promised = u64::try_from(footer.metadata().file_metadata().num_rows()).map_err(|_| damaged())?;
        limits.hold("rows", promised)?;
        let is_there = |source: &Source| !matches!(source, Source::Absent);
        let is_wanted = |(spec, source): &(&ColumnSpec, Source)| {
            is_read(table, spec) || (is_there(source) && is_watched(table, spec))
        };
        let specs: Vec<(&'static ColumnSpec, Source)> = table.columns.iter().zip(sources).filter(is_wanted).collect();
        let mut taken: BTreeSet<usize> = specs.iter().filter_map(|(_, source)| place(source)).collect();
        let mask = ProjectionMask::roots(footer.parquet_schema(), taken.iter().copied());
        let leaves = 0..footer.parquet_schema().num_columns();
        let leaves: Vec<usize> = leaves.filter(|&leaf| mask.leaf_included(leaf)).collect();
        pages::hold(&input, footer.metadata(), &leaves, limits, damaged_from)?;
        let ids = ids_apart(&input, &footer, way, &specs);
        let footer = with_types(footer, &specs).map_err(|_| damaged())?;
        if let Some(ids) = ids {
            taken.remove(&ids.column);
        }
        let wanted = Wanted {
            columns: ProjectionMask::roots(footer.parquet_schema(), taken.iter().copied()),
            ids: ids.map(|ids| ids.leaf),
            batch_rows: way.batch_rows,
            cell_bytes: limits.most("cell_bytes"),
        };
        // A batch has the columns of the mask in the order of the file.
        let in_batch = |source| match source {
            Source::At(at) => Source::At(taken.range(..at).count()),
            source => source,
        };
        let column = |(spec, source): (&'static ColumnSpec, Source)| Column {
            spec,
            is_read: is_read(table, spec),
            is_apart: ids.is_some_and(|ids| place(&source) == Some(ids.column)),
            source: in_batch(source),
            watch: is_watched(table, spec).then(|| Watch::over(spec)),
        };
        let columns = specs.into_iter().map(column).collect();
        let groups = 0..footer.metadata().num_row_groups();
        let shown = way.shown.clone();
        Ok(ParquetRows { input, footer, wanted, groups, group: None, columns, shown, rows: 0, promised })
    }

    /// The next batch as the library gives it, and its ids where they come apart.
    fn next_batch(&mut self) -> Result<Option<(RecordBatch, Option<Ids>)>> {
        loop {
            if let Some(batch) = self.group.as_mut().and_then(GroupRows::next) {
                return batch.map(Some).ok_or_else(|| self.damaged_here());
            }
            let Some(group) = self.groups.next() else { return Ok(None) };
            let begun = GroupRows::begin(&self.input, &self.footer, group, &self.wanted);
            self.group = Some(begun.ok_or_else(|| self.damaged_here())?);
        }
    }

    /// The file is damaged, as far as is known behind the rows that have come.
    fn damaged_here(&self) -> Error {
        damaged_from(self.rows + 1)
    }

    fn batch(&mut self, batch: &RecordBatch, mut ids: Option<Ids>) -> Result<RawBatch> {
        let rows = batch.num_rows();
        self.promised = self.promised.checked_sub(rows as u64).ok_or_else(|| self.damaged_here())?;
        let mut columns = Vec::with_capacity(self.columns.len());
        for Column { spec, source, is_read, is_apart, watch } in &mut self.columns {
            let cells = match source {
                Source::At(_) if *is_apart => Cells::Ids(ids.take().expect("one column of a file is that of its ids")),
                Source::At(at) => read(spec, batch.column(*at))?,
                Source::Constant(text) => Cells::constant(text, rows),
                Source::Absent | Source::Made(_) => Cells::Absent,
            };
            if let Some(watch) = watch {
                watch.look_at(&cells, self.rows + 1)?;
            }
            if *is_read {
                columns.push(cells);
            }
        }
        self.rows += rows as u64;
        Ok(RawBatch { rows, columns })
    }

    /// What the columns have shown, told once.
    fn verdict(&mut self) -> Option<Error> {
        self.shown.end(self.columns.iter_mut().filter_map(|column| column.watch.take())).err()
    }
}

/// Where a file has the ids that come apart: the number of their column, and of what lies of it in each row group.
#[derive(Clone, Copy)]
struct IdsAt {
    column: usize,
    leaf: usize,
}

/// The column of a file whose ids can be read as numbers where they lie, if it has one, and that serves for nothing else.
fn ids_apart(
    input: &Input,
    footer: &ArrowReaderMetadata,
    way: &Way,
    specs: &[(&'static ColumnSpec, Source)],
) -> Option<IdsAt> {
    let (_, ids) = specs.iter().find(|(spec, _)| is_counted(way.table, spec))?;
    let column = place(ids).filter(|at| is_text(footer.schema().field(*at).data_type()))?;
    let schema = footer.parquet_schema();
    let leaf = (0..schema.num_columns()).find(|leaf| schema.get_column_root_idx(*leaf) == column)?;
    let is_alone = specs.iter().filter(|(_, source)| place(source) == Some(column)).count() == 1;
    let can_be_read =
        footer.metadata().row_groups().iter().all(|group| IdPages::can_read(input, group.column(leaf), way.limits));
    (is_alone && can_be_read).then_some(IdsAt { column, leaf })
}

/// Asks the reader for text as `Utf8`, and for keys and codes as the dictionaries that the file most likely holds.
fn with_types(
    footer: ArrowReaderMetadata,
    specs: &[(&'static ColumnSpec, Source)],
) -> Result<ArrowReaderMetadata, ParquetError> {
    let mut fields = footer.schema().fields().to_vec();
    for (spec, at) in specs.iter().filter_map(|(spec, source)| Some((spec, place(source)?))) {
        if is_text(fields[at].data_type()) {
            let kind = if is_coded(spec) { coded_type() } else { DataType::Utf8 };
            fields[at] = Arc::new(fields[at].as_ref().clone().with_data_type(kind));
        }
    }
    let schema = Schema::new_with_metadata(fields, footer.schema().metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
    ArrowReaderMetadata::try_new(footer.metadata().clone(), options)
}

fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => is_text(values),
        kind => matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
    }
}

impl Iterator for ParquetRows {
    type Item = Result<RawBatch>;

    fn next(&mut self) -> Option<Result<RawBatch>> {
        let batch = contained(|| match self.next_batch()? {
            Some((batch, ids)) => self.batch(&batch, ids).map(Some),
            None => Ok(None),
        });
        match batch.unwrap_or_else(|| Err(self.damaged_here())) {
            Ok(Some(batch)) => Some(Ok(batch)),
            Ok(None) if self.promised > 0 => {
                self.promised = 0;
                Some(Err(self.damaged_here()))
            }
            Ok(None) => self.verdict().map(Err),
            Err(error) => Some(Err(error)),
        }
    }
}

fn place(source: &Source) -> Option<usize> {
    match source {
        Source::At(at) => Some(*at),
        _ => None,
    }
}

fn csv_alone(spec: &ColumnSpec) -> Error {
    broken(
        "the mapping joins columns or names a form of dates, which it can for CSV alone",
        "Parquet has types for dates and lists; have the column sent as one of these",
    )
    .column(&spec.name)
}

/// Does `work` on bytes of a file, over which the library may panic: its own pages and footers are read with checks, but
/// not with every check.
fn sound<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    contained(work).unwrap_or_else(|| Err(damaged()))
}

/// The length that the file's last bytes give for its footer.
fn footer_bytes(input: &Input) -> Result<u64> {
    const TAIL: u64 = 8;
    let place = input.len().checked_sub(TAIL).ok_or_else(damaged)?;
    let tail = input.bytes_at(place, TAIL as usize).map_err(|_| damaged())?;
    match tail[..] {
        [a, b, c, d, b'P', b'A', b'R', b'1'] => Ok(u32::from_le_bytes([a, b, c, d]).into()),
        _ => Err(damaged()),
    }
}

/// The library's own words are not passed on: they may hold a cell.
fn damaged() -> Error {
    broken("the file can't be read as Parquet", "it was cut short or damaged before it was sent: have it made again")
}

/// The same where the rows before this one could be read, or lie in groups of rows that look as they should.
fn damaged_from(row: u64) -> Error {
    broken(
        "from this row on the file can't be read as Parquet",
        "it was cut short or damaged before it was sent: have it made again",
    )
    .row(row)
}

/// The cells of a column, if its Arrow type suits the column's own.
fn read(spec: &ColumnSpec, array: &ArrayRef) -> Result<Cells> {
    let cells = match array.as_dictionary_opt::<Int32Type>() {
        Some(coded) if is_coded(spec) && *coded.values().data_type() == DataType::Utf8 => {
            Some(Cells::Coded(coded.clone()))
        }
        _ => cells(array),
    };
    let suits = cells.as_ref().is_some_and(|cells| match cells {
        Cells::Text(_) | Cells::Ids(_) | Cells::Coded(_) | Cells::Absent => true,
        Cells::Days(_) => matches!(spec.dtype, DType::Date | DType::Month) && !spec.list,
        Cells::Seconds(_) => matches!(spec.dtype, DType::Date | DType::Month | DType::Timestamp) && !spec.list,
        Cells::Flags(_) => spec.dtype == DType::Bool && !spec.list,
        Cells::Whole(_) | Cells::Decimal(_) => matches!(spec.dtype, DType::Int | DType::Float) && !spec.list,
    });
    cells.filter(|_| suits).ok_or_else(|| {
        let message = format!("the Arrow type {} doesn't suit the column", array.data_type());
        broken(message, suitable(spec)).column(&spec.name)
    })
}

/// What to ask of the supplier in place of a type that does not suit.
fn suitable(spec: &ColumnSpec) -> &'static str {
    match spec.dtype {
        _ if spec.list => "have it sent as a list of text, or as text joined by `|`",
        DType::Date | DType::Month => "have it sent as Date32, or as text YYYY-MM-DD",
        DType::Timestamp => "have it sent as a timestamp in UTC, or as text of RFC 3339",
        DType::Bool => "have it sent as booleans, or as text `true` and `false`",
        DType::Int | DType::Float => "have it sent as numbers, or as text",
        _ => "have it sent as text: codes are text, never numbers, which lose zeros in front and digits at the end",
    }
}

fn cells(array: &ArrayRef) -> Option<Cells> {
    let cast = |to: &DataType| cast(array, to).ok();
    match array.data_type() {
        DataType::Null => Some(Cells::Absent),
        DataType::Dictionary(_, values) => cells(&cast(values)?),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Time32(_) | DataType::Time64(_) => {
            Some(Cells::Text(without_empty(cast(&DataType::Utf8)?.as_string())))
        }
        DataType::List(_) | DataType::LargeList(_) => joined(array),
        DataType::Date32 | DataType::Date64 => {
            Some(Cells::Days(cast(&DataType::Date32)?.as_primitive::<Date32Type>().clone()))
        }
        DataType::Timestamp(unit, _) => {
            Some(Cells::Seconds(seconds(cast(&DataType::Int64)?.as_primitive::<Int64Type>(), *unit)))
        }
        DataType::Boolean => Some(Cells::Flags(array.as_boolean().clone())),
        kind if kind.is_integer() && *kind != DataType::UInt64 => {
            Some(Cells::Whole(cast(&DataType::Int64)?.as_primitive::<Int64Type>().clone()))
        }
        // UInt64 is among them: what it holds beyond 2^53 is no whole number of the contract.
        kind if kind.is_numeric() => {
            Some(Cells::Decimal(cast(&DataType::Float64)?.as_primitive::<Float64Type>().clone()))
        }
        _ => None,
    }
}

fn without_empty(text: &StringArray) -> StringArray {
    // Under a null nothing stands either.
    let n_empty = text.value_offsets().windows(2).filter(|ends| ends[0] == ends[1]).count();
    if n_empty > text.null_count() {
        text.iter().map(|cell| cell.filter(|cell| !cell.is_empty())).collect()
    } else {
        text.clone()
    }
}

fn joined(array: &ArrayRef) -> Option<Cells> {
    let text = DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)));
    let lists = cast(array, &text).ok()?;
    let cell = |list: ArrayRef| list.as_string::<i32>().iter().flatten().collect::<Vec<&str>>().join("|");
    let joined: StringArray = lists.as_list::<i32>().iter().map(|list| list.map(cell)).collect();
    Some(Cells::Text(without_empty(&joined)))
}

fn seconds(counts: &Int64Array, unit: TimeUnit) -> Int64Array {
    // Each number of its own, for it is faster to divide by one that is known beforehand.
    match unit {
        TimeUnit::Second => counts.unary(typed::tellable_second),
        TimeUnit::Millisecond => counts.unary(|count| typed::tellable_second(count.div_euclid(1_000))),
        TimeUnit::Microsecond => counts.unary(|count| typed::tellable_second(count.div_euclid(1_000_000))),
        TimeUnit::Nanosecond => counts.unary(|count| typed::tellable_second(count.div_euclid(1_000_000_000))),
    }
}
