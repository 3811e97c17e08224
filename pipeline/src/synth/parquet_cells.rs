//! Cells as Parquet, by way of Arrow.

use std::{
    io::{self, Write},
    sync::Arc,
};

use arrow::{
    array::{
        ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int32Builder, ListBuilder, RecordBatch, StringBuilder,
        TimestampMicrosecondBuilder,
    },
    datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit},
};
use parquet::{
    arrow::ArrowWriter,
    basic::Compression,
    file::properties::{EnabledStatistics, WriterProperties},
    schema::types::ColumnPath,
};

use crate::day::{Day, Instant};

use super::{
    cells::{Cell, Cells, Columns},
    person::person_id,
};

/// Rows turned into Arrow columns at a time.
const BATCH_ROWS: usize = 1 << 16;
/// Rows of a row group: a practice's file has one or a few.
const GROUP_ROWS: usize = 1 << 20;
/// So large that the keys of a practice's people stay a dictionary through the whole row group.
const DICTIONARY_BYTES: usize = 8 << 20;

/// Rows as Arrow columns under construction, written batch by batch.
pub(crate) struct ParquetCells<W: Write + Send> {
    schema: SchemaRef,
    writer: ArrowWriter<W>,
    columns: Vec<Column>,
    next: usize,
    rows: usize,
}

enum Column {
    Text(StringBuilder),
    Day(Date32Builder),
    Moment(TimestampMicrosecondBuilder),
    Flag(BooleanBuilder),
    Whole(Int32Builder),
    Decimal(Float64Builder),
    List(ListBuilder<StringBuilder>),
}

impl Column {
    fn new(cell: Cell) -> Column {
        match cell {
            Cell::Person | Cell::Id | Cell::Text => Column::Text(StringBuilder::new()),
            Cell::Day => Column::Day(Date32Builder::new()),
            Cell::Moment => Column::Moment(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
            Cell::Flag => Column::Flag(BooleanBuilder::new()),
            Cell::Whole => Column::Whole(Int32Builder::new()),
            Cell::Decimal => Column::Decimal(Float64Builder::new()),
            Cell::List => Column::List(ListBuilder::new(StringBuilder::new())),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Column::Text(column) => Arc::new(column.finish()),
            Column::Day(column) => Arc::new(column.finish()),
            Column::Moment(column) => Arc::new(column.finish()),
            Column::Flag(column) => Arc::new(column.finish()),
            Column::Whole(column) => Arc::new(column.finish()),
            Column::Decimal(column) => Arc::new(column.finish()),
            Column::List(column) => Arc::new(column.finish()),
        }
    }
}

fn data_type(cell: Cell) -> DataType {
    match cell {
        Cell::Person | Cell::Id | Cell::Text => DataType::Utf8,
        Cell::Day => DataType::Date32,
        Cell::Moment => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Cell::Flag => DataType::Boolean,
        Cell::Whole => DataType::Int32,
        Cell::Decimal => DataType::Float64,
        Cell::List => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
    }
}

fn schema(columns: &[(&str, Cell)]) -> SchemaRef {
    let fields: Vec<Field> = columns.iter().map(|(name, cell)| Field::new(*name, data_type(*cell), true)).collect();
    Arc::new(Schema::new(fields))
}

fn properties(columns: Columns) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_created_by("earlycall synth".to_owned());
    // A dictionary of keys that never come twice only costs space.
    for (name, _) in columns.iter().filter(|(_, cell)| *cell == Cell::Id) {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(*name), false);
    }
    properties.build()
}

impl<W: Write + Send> ParquetCells<W> {
    /// A sheet for a table's columns.
    pub fn new(columns: Columns, out: W) -> io::Result<ParquetCells<W>> {
        let schema = schema(columns);
        let writer = ArrowWriter::try_new(out, schema.clone(), Some(properties(columns))).map_err(io::Error::other)?;
        let columns = columns.iter().map(|(_, cell)| Column::new(*cell)).collect();
        Ok(ParquetCells { schema, writer, columns, next: 0, rows: 0 })
    }

    /// Writes what is left, and gives back where it went.
    pub fn finish(mut self) -> io::Result<W> {
        self.write_batch()?;
        self.writer.into_inner().map_err(io::Error::other)
    }

    fn write_batch(&mut self) -> io::Result<()> {
        let arrays = self.columns.iter_mut().map(Column::finish).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), arrays).map_err(io::Error::other)?;
        self.rows = 0;
        self.writer.write(&batch).map_err(io::Error::other)
    }
}

macro_rules! put {
    ($self:ident, $kind:ident, $column:ident => $put:expr) => {{
        let Some(Column::$kind($column)) = $self.columns.get_mut($self.next) else {
            panic!("cell {} of a row is not of its column's kind", $self.next)
        };
        $put;
        $self.next += 1;
    }};
}

impl<W: Write + Send> Cells for ParquetCells<W> {
    fn person(&mut self, number: u32) {
        self.text(&person_id(number));
    }

    fn text(&mut self, value: &str) {
        put!(self, Text, column => column.append_option((!value.is_empty()).then_some(value)));
    }

    fn day(&mut self, value: Option<Day>) {
        put!(self, Day, column => column.append_option(value.map(|day| day.0)));
    }

    fn moment(&mut self, value: Option<Instant>) {
        put!(self, Moment, column => column.append_option(value.map(|instant| instant.0 * 1_000_000)));
    }

    fn flag(&mut self, value: Option<bool>) {
        put!(self, Flag, column => column.append_option(value));
    }

    fn whole(&mut self, value: Option<i32>) {
        put!(self, Whole, column => column.append_option(value));
    }

    fn decimal(&mut self, value: Option<f64>) {
        put!(self, Decimal, column => column.append_option(value));
    }

    fn list(&mut self, values: &[&str]) {
        put!(self, List, column => {
            values.iter().for_each(|value| column.values().append_value(value));
            column.append(!values.is_empty());
        });
    }

    fn end_row(&mut self) -> io::Result<()> {
        assert_eq!(self.next, self.columns.len(), "a row has a cell for each column");
        self.next = 0;
        self.rows += 1;
        if self.rows == BATCH_ROWS { self.write_batch() } else { Ok(()) }
    }
}
