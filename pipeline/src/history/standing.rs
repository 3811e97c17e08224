//! The settled rows of a bucket's table that a delivery may concern, wherever they stand.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use arrow::{
    array::{Array, AsArray, BooleanArray, Date32Array, RecordBatch, UInt32Array},
    compute::{concat_batches, filter_record_batch},
    datatypes::{Date32Type, UInt32Type, UInt64Type},
};
use earlycall_schemas::table::TableSpec;
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};

use crate::{
    error::Result,
    history::{
        archive::Archive,
        closings::End,
        layout::{KEY, KNOWN_TO, PERSON, SUPPLIED_BY, settled_schema},
        segment::Segment,
        versions::{column, with_column},
    },
};

/// Where a settled row stands: segment and row within its bucket. A loose row, which is written anew, stands nowhere.
pub type Place = Option<(u32, u32)>;

/// Settled rows with their places.
pub struct Standing {
    /// The rows, of the settled schema.
    pub rows: RecordBatch,
    /// Per row.
    pub places: Vec<Place>,
}

/// Which rows of a segment are wanted.
pub enum Wanted<'a> {
    /// All.
    All,
    /// Those with one of these keys, and all of these suppliers.
    Concerned { keys: &'a KeySet<'a>, suppliers: &'a BTreeSet<u32> },
    /// Those of these persons, by number.
    Persons(&'a HashSet<u32>),
}

/// Keys with a filter before them: of the many keys of a segment nearly all are told apart by one look.
pub struct KeySet<'a> {
    filter: Vec<u64>,
    keys: &'a HashMap<u64, u8>,
}

impl<'a> KeySet<'a> {
    /// The keys of arriving rows, each with its bucket.
    pub fn new(keys: &'a HashMap<u64, u8>) -> KeySet<'a> {
        // Sixteen bits per key keep wrong answers of the filter near one in sixteen.
        let words = (keys.len() / 4).next_power_of_two().max(16);
        let mut filter = vec![0; words];
        keys.keys().for_each(|&key| filter[word(key, words)] |= bit(key));
        KeySet { filter, keys }
    }

    fn contains(&self, key: u64) -> bool {
        self.filter[word(key, self.filter.len())] & bit(key) != 0 && self.keys.contains_key(&key)
    }
}

fn word(key: u64, words: usize) -> usize {
    (key >> 6) as usize & (words - 1)
}

fn bit(key: u64) -> u64 {
    1 << (key & 63)
}

impl Standing {
    /// No rows.
    pub fn none(table: &'static TableSpec) -> Standing {
        Standing { rows: RecordBatch::new_empty(settled_schema(table)), places: Vec::new() }
    }

    /// The wanted rows of a segment's bucket that have not ended altogether, with their ends.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when the segment cannot be read.
    pub fn read(
        archive: &Archive,
        table: &'static TableSpec,
        segment: &Segment,
        bucket: usize,
        wanted: &Wanted,
    ) -> Result<Standing> {
        let n_rows = segment.rows_of(bucket);
        if n_rows == 0 {
            return Ok(Standing::none(table));
        }
        let nothing = BTreeMap::new();
        let ended = archive.closings.of(table, segment.number, bucket).unwrap_or(&nothing);
        let is_gone = |row: u32| ended.get(&row) == Some(&None);
        let numbers: Vec<u32> = match wanted {
            Wanted::All => (0..n_rows as u32).collect(),
            Wanted::Concerned { keys, suppliers } => concerned(segment, bucket, keys, suppliers)?,
            Wanted::Persons(persons) => of_persons(segment, bucket, persons)?,
        };
        let numbers: Vec<u32> = numbers.into_iter().filter(|&row| !is_gone(row)).collect();
        if numbers.is_empty() {
            return Ok(Standing::none(table));
        }
        let schema = settled_schema(table);
        let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let rows = segment.read(bucket, &columns, Some(selection(&numbers, n_rows)))?;
        let rows = with_ends(rows, &numbers, ended);
        Ok(Standing { rows, places: numbers.into_iter().map(|row| Some((segment.number, row))).collect() })
    }

    /// Makes every row loose: it will be written anew.
    pub fn loosened(self) -> Standing {
        Standing { places: vec![None; self.places.len()], ..self }
    }

    /// Several together.
    pub fn together(table: &'static TableSpec, parts: Vec<Standing>) -> Standing {
        let rows = concat_batches(&settled_schema(table), parts.iter().map(|part| &part.rows));
        let rows = rows.expect("all are settled tables");
        Standing { rows, places: parts.into_iter().flat_map(|part| part.places).collect() }
    }

    /// The rows for which `keeps` holds.
    pub fn filtered(self, keeps: impl Fn(usize) -> bool) -> Standing {
        let flags: Vec<bool> = (0..self.places.len()).map(keeps).collect();
        let places = self.places.iter().zip(&flags).filter(|(_, keeps)| **keeps).map(|(place, _)| *place).collect();
        let rows = filter_record_batch(&self.rows, &BooleanArray::from(flags)).expect("one flag per row");
        Standing { rows, places }
    }
}

/// The rows of a segment with one of these keys, or of one of these suppliers.
fn concerned(segment: &Segment, bucket: usize, keys: &KeySet, suppliers: &BTreeSet<u32>) -> Result<Vec<u32>> {
    let columns: &[&str] = if suppliers.is_empty() { &[KEY] } else { &[KEY, SUPPLIED_BY] };
    let mut found = Vec::new();
    let mut first = 0;
    for batch in segment.batches(bucket, columns, None)? {
        let batch = batch?;
        let of_rows = column(&batch, KEY).as_primitive::<UInt64Type>().values();
        let sent_by = batch.column_by_name(SUPPLIED_BY).map(|column| column.as_primitive::<UInt32Type>().values());
        for (row, &key) in of_rows.iter().enumerate() {
            let is_replaced = || sent_by.is_some_and(|sent_by| suppliers.contains(&sent_by[row]));
            if keys.contains(key) || is_replaced() {
                found.push(first + row as u32);
            }
        }
        first += batch.num_rows() as u32;
    }
    Ok(found)
}

/// The rows of a segment that are about one of these persons.
pub fn of_persons(segment: &Segment, bucket: usize, persons: &HashSet<u32>) -> Result<Vec<u32>> {
    let mut found = Vec::new();
    let mut first = 0;
    for batch in segment.batches(bucket, &[PERSON], None)? {
        let batch = batch?;
        let of_rows = column(&batch, PERSON).as_primitive::<UInt32Type>().values();
        // Sorted by person: look once per run.
        let mut last = None;
        for (row, &person) in of_rows.iter().enumerate() {
            let is_one = match last {
                Some((before, is_one)) if before == person => is_one,
                _ => persons.contains(&person),
            };
            last = Some((person, is_one));
            if is_one {
                found.push(first + row as u32);
            }
        }
        first += batch.num_rows() as u32;
    }
    Ok(found)
}

/// Rows by number, ascending, as a selection among `n_rows`.
pub fn selection(numbers: &[u32], n_rows: usize) -> RowSelection {
    let mut selectors = Vec::new();
    let mut next = 0;
    for run in numbers.chunk_by(|a, b| a + 1 == *b) {
        let first = run[0] as usize;
        selectors.push(RowSelector::skip(first - next));
        selectors.push(RowSelector::select(run.len()));
        next = first + run.len();
    }
    selectors.push(RowSelector::skip(n_rows - next));
    RowSelection::from(selectors)
}

/// Rows with the ends that stand apart from them.
fn with_ends(rows: RecordBatch, numbers: &[u32], ended: &BTreeMap<u32, End>) -> RecordBatch {
    if ended.is_empty() {
        return rows;
    }
    let own: &Date32Array = column(&rows, KNOWN_TO).as_primitive::<Date32Type>();
    let end = |(at, row): (usize, &u32)| match ended.get(row) {
        Some(end) => end.map(|day| day.0),
        None => own.is_valid(at).then(|| own.value(at)),
    };
    let ends: Date32Array = numbers.iter().enumerate().map(end).collect();
    with_column(&rows, KNOWN_TO, std::sync::Arc::new(ends))
}

/// The numbers of the persons of rows.
pub fn persons(rows: &RecordBatch) -> &UInt32Array {
    column(rows, PERSON).as_primitive::<UInt32Type>()
}
