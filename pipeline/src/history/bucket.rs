//! Buckets: who lives in which part of the history, and how one table of one part is written and read.

use std::{fs::File, path::Path, sync::Arc};

use arrow::{
    array::{ArrayRef, RecordBatch, new_null_array},
    compute::concat_batches,
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use earlycall_schemas::table::{ColumnSpec, TableSpec};
use parquet::{
    arrow::{ArrowWriter, ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder},
    basic::{Compression, ZstdLevel},
    file::properties::WriterProperties,
};

use crate::{
    error::{Error, Kind, Result},
    extract::arrow_type,
    history::records::PersonKey,
};

/// Number of buckets. A person's bucket is the first four bits of their key, which is uniformly random.
pub const BUCKETS: usize = 16;

/// Columns that settling adds to every table.
pub const KNOWN_FROM: &str = "known_from";
/// The first day on which a row no longer counts; empty while it does.
pub const KNOWN_TO: &str = "known_to";
/// Who delivered the row.
pub const SUPPLIED_BY: &str = "supplied_by";

/// The bucket of a person.
pub fn bucket_of(person: PersonKey) -> usize {
    usize::from(person.as_bytes()[0] >> 4)
}

/// Where a table of a bucket lies within a generation; tables without persons lie in `reference`.
pub fn path_of(table: &TableSpec, bucket: usize) -> String {
    match table.is_about_persons() {
        true => format!("bucket-{bucket:02}/{}.parquet", table.name),
        false => format!("reference/{}.parquet", table.name),
    }
}

/// The columns of a table that are kept: those the contract uses, and the key.
pub fn kept_columns(table: &'static TableSpec) -> impl Iterator<Item = &'static ColumnSpec> {
    table.columns.iter().filter(|column| column.used || table.key.contains(&column.name))
}

/// The columns of a settled table.
pub fn settled_schema(table: &'static TableSpec) -> SchemaRef {
    let mut fields: Vec<Field> =
        kept_columns(table).map(|column| Field::new(&column.name, arrow_type(column), true)).collect();
    fields.push(Field::new(KNOWN_FROM, DataType::Date32, false));
    fields.push(Field::new(KNOWN_TO, DataType::Date32, true));
    fields.push(Field::new(SUPPLIED_BY, DataType::Utf8, false));
    Arc::new(Schema::new(fields))
}

/// The bytes of a settled table. The same rows give the same bytes.
pub fn to_parquet(rows: &RecordBatch) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).expect("level 1 exists")))
        .set_created_by("earlycall".to_owned())
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, rows.schema(), Some(properties))
        .expect("every type of a settled table has a Parquet type");
    writer.write(rows).expect("memory takes what is written to it");
    writer.close().expect("memory takes what is written to it");
    bytes
}

/// The rows of a settled table; an absent file has none.
///
/// # Errors
/// * [`Kind::Storage`] when the file cannot be read or is not a settled table.
pub fn read(generation: &Path, table: &'static TableSpec, bucket: usize) -> Result<RecordBatch> {
    read_columns(generation, table, bucket, |_| true)
}

/// Some columns of a settled table, in its order; the others are not even decompressed.
///
/// # Errors
/// * [`Kind::Storage`] when the file cannot be read or is not a settled table.
pub fn read_columns(
    generation: &Path,
    table: &'static TableSpec,
    bucket: usize,
    wanted: impl Fn(&str) -> bool,
) -> Result<RecordBatch> {
    let path = generation.join(path_of(table, bucket));
    let all = settled_schema(table);
    let positions: Vec<usize> = (0..all.fields().len()).filter(|&at| wanted(all.field(at).name())).collect();
    let schema = Arc::new(all.project(&positions).expect("every position is a column"));
    let file = match File::open(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(RecordBatch::new_empty(schema)),
        file => file.map_err(|error| Error::storage(&path, "read", &error))?,
    };
    let damaged = |what: &str| {
        Error::new(Kind::Storage, format!("is not a settled table: {what}"))
            .file(path.display().to_string())
            .hint("point [state] at an empty folder and run again; the deliveries are settled anew")
    };
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|_| damaged("its footer is damaged"))?;
    let names = |schema: &Schema| schema.fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
    if names(builder.schema()) != names(&all) {
        return Err(damaged("its columns are another version's"));
    }
    let mask = ProjectionMask::roots(builder.parquet_schema(), positions);
    let reader = builder.with_projection(mask).with_batch_size(1 << 16).build();
    let mut batches = Vec::new();
    for batch in reader.map_err(|_| damaged("its footer is damaged"))? {
        let batch = batch.map_err(|_| damaged("a page is damaged"))?;
        let batch = RecordBatch::try_new(schema.clone(), batch.columns().to_vec());
        batches.push(batch.map_err(|_| damaged("its columns are another version's"))?);
    }
    Ok(concat_batches(&schema, &batches).expect("every batch has this schema"))
}

/// A column of nothing.
pub fn nothing(of: &DataType, rows: usize) -> ArrayRef {
    new_null_array(of, rows)
}
