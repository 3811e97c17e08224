//! A segment: the rows that some suppliers brought to one table in one delivery, in one file that is never changed.
//!
//! The rows of a bucket lie column by column, and the buckets one after another. Within a bucket they lie run by run, a
//! run being what one supplier sent, sorted by person and event. Codes are numbers of words. The footer says where each
//! column of each bucket lies, its checksum, and the words; its own length and checksum end the file.

mod days;
mod folded;
mod footer;
mod without;

use std::{
    fs::File,
    io::Write,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array, new_null_array},
    compute::take,
    datatypes::{DataType, SchemaRef, UInt32Type},
};

pub use self::folded::folded;
use self::{
    days::{largest, later_than, soonest},
    footer::{Block, Footer, Group},
};
use crate::{
    day::Day,
    error::{Error, Kind, Result},
    history::{
        known_from::later,
        layout::{KNOWN_FROM, are_of, holds_words},
        pack::{self, pack, unpack},
        versions::column,
        words::{Renumbering, Words},
    },
    store::staged::{NewFile, Staged},
};

/// Bytes that are worth a call of the system.
const WRITTEN_AT_ONCE: usize = 1 << 20;

/// The number of a word that has none yet.
const NOT_YET: u32 = u32::MAX;

/// Where the segment of a table lies within a generation.
pub fn path_of(table: &str, number: u32) -> String {
    format!("{table}/{number:06}.segment")
}

/// A segment being written, bucket by bucket.
pub struct SegmentWriter {
    file: NewFile,
    path: String,
    /// Bytes that are still to be written.
    pending: Vec<u8>,
    schema: SchemaRef,
    /// Where the day or the moment of a row's event is.
    event: Option<usize>,
    footer: Footer,
    offset: u64,
    /// Where words stand in the footer, by their number in the rows that are appended; [`NOT_YET`] of those that don't.
    numbers: Vec<u32>,
}

impl SegmentWriter {
    /// Begins a segment in its table's folder, which is there. `event` names the column that says when a row happened.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the file cannot be made.
    pub fn create(
        staged: &Staged,
        path: &str,
        schema: &SchemaRef,
        event: Option<&str>,
        delivery: u32,
    ) -> Result<SegmentWriter> {
        let columns = schema.fields().iter().map(|field| field.name().clone()).collect();
        Ok(SegmentWriter {
            file: staged.create(path)?,
            path: path.to_owned(),
            pending: Vec::with_capacity(2 * WRITTEN_AT_ONCE),
            schema: schema.clone(),
            event: event.map(|name| schema.index_of(name).expect("a column of the table")),
            footer: Footer { delivery, columns, words: Vec::new(), groups: Vec::new() },
            offset: 0,
            numbers: Vec::new(),
        })
    }

    /// Appends a bucket's rows, which name words by their numbers in `lexicon`; buckets come in order, those without
    /// rows not at all.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the file does not take it.
    pub fn append(&mut self, bucket: usize, rows: &RecordBatch, lexicon: &[String]) -> Result<()> {
        self.numbers.resize(lexicon.len(), NOT_YET);
        let schema = self.schema.clone();
        let own = schema.fields().iter().zip(rows.columns()).map(|(field, column)| match holds_words(field) {
            true => self.own(column, lexicon),
            false => column.clone(),
        });
        let own = own.collect();
        self.append_own(bucket, &RecordBatch::try_new(schema, own).expect("a number stays a number"))
    }

    /// Appends rows that name words by the segment's own numbers.
    fn append_own(&mut self, bucket: usize, rows: &RecordBatch) -> Result<()> {
        let mut blocks: Vec<Block> = Vec::with_capacity(rows.num_columns());
        for (at, column) in rows.columns().iter().enumerate() {
            let (largest, is_known_from) = (largest(column), self.schema.field(at).name() == KNOWN_FROM);
            let event = self.event.filter(|event| is_known_from && *event < at);
            // Rows that count so many days after their event say it once.
            if let Some((event, by)) = event.and_then(|event| Some((event, later_than(rows.column(event), column)?))) {
                blocks.push(Block { largest, later_by: Some(by), ..blocks[event] });
                continue;
            }
            let start = self.pending.len();
            pack(column, &mut self.pending);
            let bytes = &self.pending[start..];
            let length = u32::try_from(bytes.len()).expect("a column of a bucket is below 4 GiB");
            blocks.push(Block { offset: self.offset, length, crc32: crc32fast::hash(bytes), largest, later_by: None });
            self.offset += u64::from(length);
        }
        self.write_if(WRITTEN_AT_ONCE)?;
        let soonest = self.event.and_then(|event| soonest(rows.column(event), column(rows, KNOWN_FROM)));
        let rows = u32::try_from(rows.num_rows()).expect("a bucket has below 4 billion rows");
        self.footer.groups.push(Group { bucket: bucket as u8, rows, soonest, blocks });
        Ok(())
    }

    /// Ends the file: the buckets that have rows in it, in their order.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the file does not take its footer.
    pub fn finish(mut self) -> Result<Vec<u8>> {
        self.pending.extend(self.footer.to_bytes());
        self.write_if(1)?;
        self.file.flush().map_err(|_| unwritable(&self.path))?;
        Ok(self.footer.groups.iter().map(|group| group.bucket).collect())
    }

    /// Writes what is pending if it is that many bytes or more.
    fn write_if(&mut self, n_bytes: usize) -> Result<()> {
        if self.pending.len() >= n_bytes {
            self.file.write_all(&self.pending).map_err(|_| unwritable(&self.path))?;
            self.pending.clear();
        }
        Ok(())
    }

    /// A column of words with the segment's own numbers.
    fn own(&mut self, column: &ArrayRef, lexicon: &[String]) -> ArrayRef {
        let words = &mut self.footer.words;
        let numbers = &mut self.numbers;
        let mut own = |number: u32| {
            let own = &mut numbers[number as usize];
            if *own == NOT_YET {
                *own = words.len() as u32;
                words.push(lexicon[number as usize].clone());
            }
            *own
        };
        let column = column.as_primitive::<UInt32Type>();
        Arc::new(match column.null_count() {
            0 => column.values().iter().map(|number| own(*number)).collect::<Vec<u32>>().into(),
            _ => column.iter().map(|number| number.map(&mut own)).collect::<UInt32Array>(),
        })
    }
}

fn unwritable(path: &str) -> Error {
    Error::new(Kind::Storage, "the settled history cannot be written").file(path).hint("is the disk full?")
}

/// A segment open for reading. Its footer is read once.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its number, which no other segment of the table has.
    pub number: u32,
    path: PathBuf,
    /// The columns of its table.
    of_table: SchemaRef,
    /// Those of them that it has.
    schema: SchemaRef,
    footer: Arc<Footer>,
    /// From its words' numbers to those of the generation.
    words: Arc<Renumbering>,
}

impl Segment {
    /// Opens a segment of a table with these columns, and takes its words into those of the generation.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when it is missing, damaged or another version's.
    pub fn open(path: PathBuf, number: u32, of_table: SchemaRef, buckets: &[u8], words: &mut Words) -> Result<Segment> {
        let file = File::open(&path).map_err(|error| Error::storage(&path, "read", &error))?;
        let footer = Footer::of(&file).ok_or_else(|| damaged(&path, "its footer is damaged"))?;
        if !are_of(footer.columns.iter().map(String::as_str), &of_table) {
            return Err(damaged(&path, "its columns are another version's"));
        }
        if !footer.groups.iter().map(|group| group.bucket).eq(buckets.iter().copied()) {
            return Err(damaged(&path, "its buckets are not those of the ledger"));
        }
        let own = footer.columns.iter().map(|name| of_table.index_of(name).expect("a column of the table"));
        let schema = Arc::new(of_table.project(&own.collect::<Vec<_>>()).expect("every position is a column"));
        let renumbering = words.take_in(&footer.words);
        Ok(Segment { number, path, of_table, schema, footer: Arc::new(footer), words: Arc::new(renumbering) })
    }

    /// The number of the delivery that brought it.
    pub fn delivery(&self) -> u32 {
        self.footer.delivery
    }

    /// The generation that it lies in has another place now.
    pub fn moved(&mut self, from: &Path, to: &Path) {
        let within = self.path.strip_prefix(from).expect("a segment lies in its generation");
        self.path = to.join(within);
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The buckets that have rows in it.
    pub fn buckets(&self) -> impl Iterator<Item = u8> {
        self.footer.groups.iter().map(|group| group.bucket)
    }

    /// Rows of a bucket.
    pub fn rows_of(&self, bucket: usize) -> usize {
        self.group_of(bucket).map_or(0, |group| group.rows as usize)
    }

    /// Rows of all buckets.
    pub fn rows(&self) -> usize {
        self.footer.groups.iter().map(|group| group.rows as usize).sum()
    }

    /// The largest value that a column of days or moments has in a bucket, if any row has one.
    pub fn largest(&self, bucket: usize, column: &str) -> Option<i64> {
        let at = self.schema.index_of(column).ok()?;
        self.group_of(bucket)?.blocks[at].largest
    }

    /// Whether every row of a bucket counts from that day or sooner, unless it has ended.
    pub fn is_known(&self, bucket: usize, day: Day) -> bool {
        self.largest(bucket, KNOWN_FROM).is_some_and(|latest| latest <= day.0.into())
    }

    /// So many days after its event, or later, a row of a bucket begins to count; absent where that is not known.
    pub fn soonest(&self, bucket: usize) -> Option<i32> {
        self.group_of(bucket)?.soonest
    }

    /// The rows of a bucket, all or those selected by number: the columns named, in the table's order. Words have the
    /// generation's numbers. A column that was not kept yet is empty.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the file cannot be read, or is not what was written.
    pub fn read(&self, bucket: usize, columns: &[&str], selected: Option<&[u32]>) -> Result<RecordBatch> {
        let mut positions: Vec<usize> =
            columns.iter().map(|name| self.of_table.index_of(name).expect("a column of the table")).collect();
        positions.sort_unstable();
        let schema = Arc::new(self.of_table.project(&positions).expect("every position is a column"));
        let Some(group) = self.group_of(bucket) else { return Ok(RecordBatch::new_empty(schema)) };
        let selected = selected.map(|rows| UInt32Array::from(rows.to_vec()));
        let file = File::open(&self.path).map_err(|error| Error::storage(&self.path, "read", &error))?;
        let (mut bytes, mut read) = (Vec::new(), Vec::new());
        let columns = schema.fields().iter().map(|field| {
            let column = match self.schema.index_of(field.name()) {
                Ok(at) => self.column_beside(&mut read, at, group, &file, &mut bytes)?,
                Err(_) => new_null_array(field.data_type(), group.rows as usize),
            };
            Ok(match &selected {
                None => column,
                Some(rows) => take(&column, rows, None).expect("every number is a row"),
            })
        });
        let columns = columns.collect::<Result<Vec<ArrayRef>>>()?;
        Ok(RecordBatch::try_new(schema.clone(), columns).expect("a column is unpacked as its type"))
    }

    /// The rows of a bucket that say one of some numbers, which are sorted, in a column of numbers that is nowhere empty:
    /// faster than to read it.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the file cannot be read, or is not what was written.
    pub fn rows_with(&self, bucket: usize, column: &str, numbers: &[u32]) -> Result<Vec<u32>> {
        self.search(bucket, column, |n_rows, bytes| pack::rows_with(numbers, n_rows, bytes))
    }

    /// The rows of a bucket of whose key something holds, in a column of keys that is nowhere empty: faster than to read
    /// it. `may_hold` tells whether it may hold of a key between two numbers, both included.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the file cannot be read, or is not what was written.
    pub fn rows_where(
        &self,
        bucket: usize,
        column: &str,
        may_hold: impl Fn(u64, u64) -> bool,
        holds: impl Fn(u64) -> bool,
    ) -> Result<Vec<u32>> {
        self.search(bucket, column, |n_rows, bytes| pack::rows_where(may_hold, holds, n_rows, bytes))
    }

    fn search(
        &self,
        bucket: usize,
        column: &str,
        found: impl FnOnce(usize, &[u8]) -> Option<Vec<u32>>,
    ) -> Result<Vec<u32>> {
        let Some(group) = self.group_of(bucket) else { return Ok(Vec::new()) };
        let at = self.schema.index_of(column).expect("a column of the table");
        let file = File::open(&self.path).map_err(|error| Error::storage(&self.path, "read", &error))?;
        let mut bytes = Vec::new();
        self.packed(&group.blocks[at], &file, &mut bytes)?;
        found(group.rows as usize, &bytes).ok_or_else(|| damaged(&self.path, "a column is no column"))
    }

    /// A column, given those of the bucket that are read already and that others lie beside, each with its place in the file.
    fn column_beside(
        &self,
        read: &mut Vec<(u64, ArrayRef)>,
        at: usize,
        group: &Group,
        file: &File,
        bytes: &mut Vec<u8>,
    ) -> Result<ArrayRef> {
        let Block { offset, later_by, .. } = group.blocks[at];
        let beside = later_by.and_then(|by| Some((by, read.iter().find(|(place, _)| *place == offset)?)));
        if let Some((by, (_, days))) = beside.filter(|(_, (_, days))| *days.data_type() == DataType::Date32) {
            return Ok(later(days, by));
        }
        let column = self.column(at, group, file, bytes)?;
        let lies_there = |other: &Block| other.later_by.is_some() && other.offset == offset;
        if later_by.is_none() && group.blocks.iter().any(lies_there) {
            read.push((offset, column.clone()));
        }
        Ok(column)
    }

    fn column(&self, at: usize, group: &Group, file: &File, bytes: &mut Vec<u8>) -> Result<ArrayRef> {
        let column = self.own_column(at, group, file, bytes)?;
        if !holds_words(self.schema.field(at)) {
            return Ok(column);
        }
        // Nobody else has the column then, and the other numbers take the place of its own.
        let numbers: UInt32Array = column.as_primitive().clone();
        drop(column);
        Ok(Arc::new(self.words.apply(numbers)))
    }

    /// A column whose words have the segment's own numbers.
    fn own_column(&self, at: usize, group: &Group, file: &File, bytes: &mut Vec<u8>) -> Result<ArrayRef> {
        self.packed(&group.blocks[at], file, bytes)?;
        let column = unpack(self.schema.field(at).data_type(), group.rows as usize, bytes);
        let later_by = group.blocks[at].later_by.unwrap_or(0);
        let column = column.filter(|column| later_by == 0 || *column.data_type() == DataType::Date32);
        let column = column.ok_or_else(|| damaged(&self.path, "a column is no column"))?;
        Ok(later(&column, later_by))
    }

    /// Fills `bytes` with a column as it lies in the file.
    fn packed(&self, block: &Block, file: &File, bytes: &mut Vec<u8>) -> Result<()> {
        bytes.resize(block.length as usize, 0);
        let read = file.read_exact_at(bytes, block.offset);
        read.map_err(|error| Error::storage(&self.path, "read", &error))?;
        match crc32fast::hash(bytes) == block.crc32 {
            true => Ok(()),
            false => Err(damaged(&self.path, "a column differs from its checksum")),
        }
    }

    fn group_of(&self, bucket: usize) -> Option<&Group> {
        let at = self.footer.groups.binary_search_by_key(&bucket, |group| usize::from(group.bucket)).ok()?;
        Some(&self.footer.groups[at])
    }
}

fn damaged(path: &Path, what: &str) -> Error {
    Error::new(Kind::Storage, format!("is not a settled table: {what}"))
        .file(path.display().to_string())
        .hint("point [state] at an empty folder and run again; the deliveries are settled anew")
}
