//! Tables that are not about persons: few rows, read and written whole.

use std::{fs::File, path::Path, sync::Arc};

use arrow::{
    array::{RecordBatch, new_null_array},
    compute::concat_batches,
    datatypes::{Field, SchemaRef},
};
use earlycall_schemas::table::TableSpec;
use parquet::{
    arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder},
    errors::ParquetError,
};

use crate::{
    error::{Error, Kind, Result},
    history::layout::{are_of, settled_schema},
    panics::contained,
};

/// Where such a table lies within a generation.
pub fn path_of(table: &TableSpec) -> String {
    format!("reference/{}.parquet", table.name)
}

/// The bytes of a settled table. The same rows give the same bytes.
pub fn to_parquet(rows: &RecordBatch) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, rows.schema(), None).expect("every type has a Parquet type");
    writer.write(rows).expect("memory takes what is written to it");
    writer.close().expect("memory takes what is written to it");
    bytes
}

/// The rows of a settled table; an absent file has none, and a column that was not kept yet is empty.
///
/// # Errors
/// * [`Kind::Storage`] when the file cannot be read or is not a settled table.
pub fn read(generation: &Path, table: &'static TableSpec) -> Result<RecordBatch> {
    let path = generation.join(path_of(table));
    let schema = settled_schema(table);
    let file = match File::open(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(RecordBatch::new_empty(schema)),
        file => file.map_err(|error| Error::storage(&path, "read", &error))?,
    };
    let damaged = || {
        Error::new(Kind::Storage, "is not a settled table of this version")
            .file(path.display().to_string())
            .hint("point [state] at an empty folder and run again; the deliveries are settled anew")
    };
    let typed = batches(file).ok_or_else(damaged)?.into_iter().map(|batch| under(&schema, &batch));
    let typed = typed.collect::<Option<Vec<_>>>().ok_or_else(damaged)?;
    Ok(concat_batches(&schema, &typed).expect("every batch has this schema"))
}

/// Rows under the columns of their table; none if they are not of it.
fn under(schema: &SchemaRef, batch: &RecordBatch) -> Option<RecordBatch> {
    let own = batch.schema();
    let column = |field: &Arc<Field>| match batch.column_by_name(field.name()) {
        Some(column) => column.clone(),
        None => new_null_array(field.data_type(), batch.num_rows()),
    };
    let columns = || schema.fields().iter().map(column).collect();
    let is_of_it = are_of(own.fields().iter().map(|field| field.name().as_str()), schema);
    is_of_it.then(|| RecordBatch::try_new(schema.clone(), columns()).ok()).flatten()
}

/// The rows of a Parquet file; none if it is damaged, over which the library may panic.
pub fn batches(file: File) -> Option<Vec<RecordBatch>> {
    contained(|| ParquetRecordBatchReaderBuilder::try_new(file)?.build()?.map(|batch| Ok(batch?)).collect())
        .and_then(|read: Result<Vec<RecordBatch>, ParquetError>| read.ok())
}
