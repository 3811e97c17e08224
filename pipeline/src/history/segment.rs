//! A segment: the rows that one delivery brought to one table, in one Parquet file that is never changed.
//!
//! Each bucket with rows is a row group, in the order of the buckets; its rows are sorted by person, event and key.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{array::RecordBatch, compute::concat_batches, datatypes::SchemaRef};
use parquet::{
    arrow::{
        ArrowSchemaConverter, ProjectionMask,
        arrow_reader::{
            ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
            RowSelection,
        },
        arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves},
    },
    basic::Compression,
    file::{
        metadata::PageIndexPolicy,
        properties::{EnabledStatistics, WriterProperties},
        writer::SerializedFileWriter,
    },
};

use crate::{
    error::{Error, Kind, Result},
    history::layout::KEY,
    store::staged::{NewFile, Staged},
};

/// Rows decoded at a time.
const BATCH_ROWS: usize = 1 << 16;

/// Where the segment of a table and a delivery lies within a generation.
pub fn path_of(table: &str, number: u32) -> String {
    format!("{table}/{number:06}.parquet")
}

/// A segment being written: buckets are encoded on any thread, and appended in order.
pub struct SegmentWriter {
    file: SerializedFileWriter<BufWriter<NewFile>>,
    path: String,
    buckets: Vec<u8>,
}

impl SegmentWriter {
    /// Begins a segment in its table's folder, which is there.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the file cannot be made.
    pub fn create(staged: &Staged, path: &str, schema: &SchemaRef) -> Result<SegmentWriter> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::UNCOMPRESSED)
            // Hashes don't repeat: a dictionary of them would be built only to be thrown away.
            .set_column_dictionary_enabled(KEY.into(), false)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_created_by("earlycall".to_owned())
            .build();
        let parquet = ArrowSchemaConverter::new().convert(schema).expect("every column has a Parquet type");
        let file = BufWriter::with_capacity(1 << 20, staged.create(path)?);
        let file = SerializedFileWriter::new(file, parquet.root_schema_ptr(), Arc::new(properties))
            .map_err(|_| unwritable(path))?;
        Ok(SegmentWriter { file, path: path.to_owned(), buckets: Vec::new() })
    }

    /// What encodes buckets for this file.
    pub fn encoder(&self, schema: &SchemaRef) -> Encoder {
        Encoder { schema: schema.clone(), columns: ArrowRowGroupWriterFactory::new(&self.file, schema.clone()) }
    }

    /// Appends a bucket; buckets come in order, those without rows not at all.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the file does not take it.
    pub fn append(&mut self, bucket: usize, encoded: Encoded) -> Result<()> {
        let path = &self.path;
        let failed = |_| unwritable(path);
        let mut group = self.file.next_row_group().map_err(failed)?;
        for chunk in encoded.0 {
            chunk.append_to_row_group(&mut group).map_err(failed)?;
        }
        group.close().map_err(failed)?;
        self.buckets.push(bucket as u8);
        Ok(())
    }

    /// Ends the file: the buckets that have rows in it, in the order of its row groups.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the file does not take its footer.
    pub fn finish(self) -> Result<Vec<u8>> {
        let mut file = self.file.into_inner().map_err(|_| unwritable(&self.path))?;
        file.flush().map_err(|_| unwritable(&self.path))?;
        Ok(self.buckets)
    }
}

/// Encodes buckets of a segment.
pub struct Encoder {
    schema: SchemaRef,
    columns: ArrowRowGroupWriterFactory,
}

/// A bucket's rows as Parquet has them.
pub struct Encoded(Vec<ArrowColumnChunk>);

impl Encoder {
    /// Encodes a bucket's rows.
    pub fn encode(&self, rows: &RecordBatch) -> Encoded {
        let writers = self.columns.create_column_writers(0).expect("every column has a Parquet type");
        let columns = self.schema.fields().iter().zip(rows.columns()).zip(writers);
        let chunks = columns.map(|((field, column), mut writer)| {
            let leaves = compute_leaves(field, column).expect("the column is the field's");
            leaves.iter().for_each(|leaf| writer.write(leaf).expect("memory takes what is written to it"));
            writer.close().expect("memory takes what is written to it")
        });
        Encoded(chunks.collect())
    }
}

fn unwritable(path: &str) -> Error {
    Error::new(Kind::Storage, "the settled history cannot be written").file(path).hint("is the disk full?")
}

/// A segment open for reading. Its footer is read once.
#[derive(Clone, Debug)]
pub struct Segment {
    /// The number of the delivery that brought it.
    pub number: u32,
    path: PathBuf,
    schema: SchemaRef,
    metadata: ArrowReaderMetadata,
    buckets: Vec<u8>,
}

impl Segment {
    /// Opens the segment of a delivery.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when it is missing, damaged or another version's.
    pub fn open(path: PathBuf, number: u32, schema: SchemaRef, buckets: &[u8]) -> Result<Segment> {
        let file = File::open(&path).map_err(|error| Error::storage(&path, "read", &error))?;
        let options = ArrowReaderOptions::new()
            .with_page_index_policy(PageIndexPolicy::Optional)
            // Seconds have no type of their own in Parquet.
            .with_schema(schema.clone());
        let metadata = ArrowReaderMetadata::load(&file, options)
            .map_err(|_| damaged(&path, "its footer is damaged, or its columns are another version's"))?;
        if metadata.metadata().num_row_groups() != buckets.len() {
            return Err(damaged(&path, "its buckets are not those of the ledger"));
        }
        Ok(Segment { number, path, schema, metadata, buckets: buckets.to_vec() })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The buckets that have rows in it.
    pub fn buckets(&self) -> &[u8] {
        &self.buckets
    }

    /// Rows of a bucket.
    pub fn rows_of(&self, bucket: usize) -> usize {
        self.group_of(bucket).map_or(0, |group| self.metadata.metadata().row_group(group).num_rows() as usize)
    }

    /// Rows of all buckets.
    pub fn rows(&self) -> usize {
        self.metadata.metadata().file_metadata().num_rows() as usize
    }

    /// The largest value that a column of days or moments has in a bucket, if the file tells.
    pub fn largest(&self, bucket: usize, column: &str) -> Option<i64> {
        let at = self.schema.index_of(column).ok()?;
        let statistics = self.metadata.metadata().row_group(self.group_of(bucket)?).column(at).statistics()?;
        match statistics {
            parquet::file::statistics::Statistics::Int32(days) => days.max_opt().map(|day| i64::from(*day)),
            parquet::file::statistics::Statistics::Int64(moments) => moments.max_opt().copied(),
            _ => None,
        }
    }

    /// The rows of a bucket, batch by batch: the columns named, in the table's order, of all rows or of those selected.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the file cannot be read.
    pub fn batches(&self, bucket: usize, columns: &[&str], selection: Option<RowSelection>) -> Result<Batches> {
        let Some(group) = self.group_of(bucket) else { return Ok(Batches { reader: None, path: self.path.clone() }) };
        let file = File::open(&self.path).map_err(|error| Error::storage(&self.path, "read", &error))?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
        let positions = columns.iter().map(|name| self.schema.index_of(name).expect("a column of the table"));
        let mask = ProjectionMask::roots(builder.parquet_schema(), positions);
        let mut builder = builder.with_row_groups(vec![group]).with_projection(mask).with_batch_size(BATCH_ROWS);
        if let Some(selection) = selection {
            builder = builder.with_row_selection(selection);
        }
        let reader = builder.build().map_err(|_| damaged(&self.path, "its footer is damaged"))?;
        Ok(Batches { reader: Some(reader), path: self.path.clone() })
    }

    /// The same as one batch.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the file cannot be read.
    pub fn read(&self, bucket: usize, columns: &[&str], selection: Option<RowSelection>) -> Result<RecordBatch> {
        let mut positions: Vec<usize> =
            columns.iter().map(|name| self.schema.index_of(name).expect("a column of the table")).collect();
        positions.sort_unstable();
        let schema = Arc::new(self.schema.project(&positions).expect("every position is a column"));
        let batches = self.batches(bucket, columns, selection)?.collect::<Result<Vec<_>>>()?;
        let typed = batches.into_iter().map(|batch| RecordBatch::try_new(schema.clone(), batch.columns().to_vec()));
        let typed =
            typed.collect::<Result<Vec<_>, _>>().map_err(|_| damaged(&self.path, "its columns are another's"))?;
        Ok(concat_batches(&schema, &typed).expect("every batch has this schema"))
    }

    fn group_of(&self, bucket: usize) -> Option<usize> {
        self.buckets.binary_search(&(bucket as u8)).ok()
    }
}

/// Batches of a segment.
pub struct Batches {
    reader: Option<ParquetRecordBatchReader>,
    path: PathBuf,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Result<RecordBatch>> {
        let batch = self.reader.as_mut()?.next()?;
        Some(batch.map_err(|_| damaged(&self.path, "a page is damaged")))
    }
}

fn damaged(path: &Path, what: &str) -> Error {
    Error::new(Kind::Storage, format!("is not a settled table: {what}"))
        .file(path.display().to_string())
        .hint("point [state] at an empty folder and run again; the deliveries are settled anew")
}
