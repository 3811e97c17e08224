//! Cells as Parquet, by way of Arrow.

use std::sync::Arc;

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
};

use crate::day::{Day, Instant};

use super::cells::{Cell, Cells};

/// Rows as Arrow columns under construction.
pub(crate) struct ParquetCells {
    columns: Vec<Column>,
    next: usize,
    rows: u64,
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
            Cell::Text => Column::Text(StringBuilder::new()),
            Cell::Day => Column::Day(Date32Builder::new()),
            Cell::Moment => Column::Moment(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
            Cell::Flag => Column::Flag(BooleanBuilder::new()),
            Cell::Whole => Column::Whole(Int32Builder::new()),
            Cell::Decimal => Column::Decimal(Float64Builder::new()),
            Cell::List => Column::List(ListBuilder::new(StringBuilder::new())),
        }
    }

    fn finish(mut self) -> ArrayRef {
        match &mut self {
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
        Cell::Text => DataType::Utf8,
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

/// Writes batches of one schema as a Parquet file.
pub(crate) fn parquet_bytes(schema: SchemaRef, batches: &[RecordBatch]) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by("earlycall synth".to_owned())
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties)).expect("the schema is plain columns");
    for batch in batches {
        writer.write(batch).expect("batches are made of this schema, and memory takes every write");
    }
    writer.into_inner().expect("memory takes every write")
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

impl Cells for ParquetCells {
    fn new(columns: &'static [(&'static str, Cell)]) -> ParquetCells {
        ParquetCells { columns: columns.iter().map(|(_, cell)| Column::new(*cell)).collect(), next: 0, rows: 0 }
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

    fn end_row(&mut self) {
        assert_eq!(self.next, self.columns.len(), "a row has a cell for each column");
        self.next = 0;
        self.rows += 1;
    }

    fn rows(&self) -> u64 {
        self.rows
    }

    fn file(columns: &'static [(&'static str, Cell)], parts: Vec<ParquetCells>) -> Vec<u8> {
        let schema = schema(columns);
        let batch = |part: ParquetCells| {
            let arrays = part.columns.into_iter().map(Column::finish).collect();
            RecordBatch::try_new(schema.clone(), arrays).expect("every row has a cell for each column of the schema")
        };
        let batches: Vec<RecordBatch> = parts.into_iter().map(batch).collect();
        parquet_bytes(schema, &batches)
    }
}
