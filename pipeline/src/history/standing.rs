//! The settled rows of a bucket's table that a delivery may concern, wherever they stand.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use arrow::{
    array::{Array, AsArray, BooleanArray, Date32Array, RecordBatch, UInt32Array},
    compute::{concat_batches, filter_record_batch},
    datatypes::{Date32Type, UInt32Type, UInt64Type},
};
use earlycall_schemas::table::TableSpec;

use crate::{
    day::Day,
    error::Result,
    history::{
        archive::Archive,
        closings::End,
        layout::{KEY, KNOWN_FROM, KNOWN_TO, PERSON, SUPPLIED_BY, settled_schema},
        part::Part,
        segment::Segment,
        versions::{column, with_column},
    },
    quality::hashes::Filter,
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
    Concerned { keys: &'a Arriving, suppliers: &'a BTreeSet<u32> },
    /// Those of these persons, by number.
    Persons(&'a HashSet<u32>),
}

/// The keys of a table's rows that a delta brings, sorted, each with the bucket in which it arrives and the day from which
/// it counts. A filter stands before them: of the many keys of a segment nearly all are told apart by one look.
pub struct Arriving {
    filter: Filter,
    keys: Vec<(u64, (u8, Day))>,
}

impl Arriving {
    /// Those of rows with their buckets; of two rows with one key the later counts.
    pub fn in_rows(rows: impl Iterator<Item = (usize, RecordBatch)>) -> Arriving {
        let mut arriving: Vec<(u64, (u8, Day))> = Vec::new();
        for (bucket, rows) in rows {
            let keys = column(&rows, KEY).as_primitive::<UInt64Type>().values();
            let from = column(&rows, KNOWN_FROM).as_primitive::<Date32Type>().values();
            arriving.extend(keys.iter().zip(from).map(|(key, from)| (*key, (bucket as u8, Day(*from)))));
        }
        // Of equal keys the first stays: the last that came.
        arriving.reverse();
        arriving.sort_by_key(|(key, _)| *key);
        arriving.dedup_by_key(|(key, _)| *key);
        let mut filter = Filter::for_about(arriving.len());
        arriving.iter().for_each(|(key, _)| _ = filter.add(*key));
        Arriving { filter, keys: arriving }
    }

    /// Whether nothing arrives.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The bucket in which a key arrives.
    pub fn bucket_of(&self, key: u64) -> Option<usize> {
        self.of(key).map(|(bucket, _)| usize::from(bucket))
    }

    /// From when the row with a key counts.
    pub fn known_from(&self, key: u64) -> Option<Day> {
        self.of(key).map(|(_, from)| from)
    }

    fn of(&self, key: u64) -> Option<(u8, Day)> {
        let at = self.keys.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        Some(self.keys[at].1)
    }

    fn contains(&self, key: u64) -> bool {
        self.filter.may_hold(key) && self.of(key).is_some()
    }

    /// Whether one of the keys is neither below the one number nor above the other.
    fn has_one_within(&self, least: u64, most: u64) -> bool {
        let next = self.keys.partition_point(|(key, _)| *key < least);
        self.keys.get(next).is_some_and(|(key, _)| *key <= most)
    }
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
        let rows = segment.read(bucket, &columns, Some(&numbers))?;
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
    pub fn filtered(&self, keeps: impl Fn(usize) -> bool) -> Standing {
        let flags: Vec<bool> = (0..self.places.len()).map(keeps).collect();
        let places = self.places.iter().zip(&flags).filter(|(_, keeps)| **keeps).map(|(place, _)| *place).collect();
        let rows = filter_record_batch(&self.rows, &BooleanArray::from(flags)).expect("one flag per row");
        Standing { rows, places }
    }
}

/// Of some rows, those that are the business of a part.
pub fn owned(rows: &Standing, part: &Part) -> Standing {
    let suppliers = column(&rows.rows, SUPPLIED_BY).as_primitive::<UInt32Type>().clone();
    rows.filtered(|row| part.owns(suppliers.value(row)))
}

/// The rows of a segment with one of these keys, or of one of these suppliers.
fn concerned(segment: &Segment, bucket: usize, keys: &Arriving, suppliers: &BTreeSet<u32>) -> Result<Vec<u32>> {
    let mut rows =
        segment.rows_where(bucket, KEY, |least, most| keys.has_one_within(least, most), |key| keys.contains(key))?;
    if !suppliers.is_empty() {
        let suppliers: Vec<u32> = suppliers.iter().copied().collect();
        rows.extend(segment.rows_with(bucket, SUPPLIED_BY, &suppliers)?);
        rows.sort_unstable();
        rows.dedup();
    }
    Ok(rows)
}

/// The rows of a segment that are about one of these persons.
pub fn of_persons(segment: &Segment, bucket: usize, persons: &HashSet<u32>) -> Result<Vec<u32>> {
    let mut persons: Vec<u32> = persons.iter().copied().collect();
    persons.sort_unstable();
    segment.rows_with(bucket, PERSON, &persons)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, UInt64Array};

    use super::*;

    fn rows(keys: &[u64], known_from: i32) -> RecordBatch {
        let days = Date32Array::from(vec![known_from; keys.len()]);
        let columns: [(&str, ArrayRef); 2] =
            [(KEY, Arc::new(UInt64Array::from(keys.to_vec()))), (KNOWN_FROM, Arc::new(days))];
        RecordBatch::try_from_iter(columns).unwrap()
    }

    #[test]
    fn of_rows_with_one_key_the_one_that_came_last_counts_and_stretches_without_a_key_are_known() {
        let arriving = Arriving::in_rows([(3, rows(&[50, 20], 1)), (4, rows(&[u64::MAX, 50], 2))].into_iter());
        assert_eq!([20, 50, u64::MAX].map(|key| arriving.bucket_of(key)), [Some(3), Some(4), Some(4)]);
        assert_eq!((arriving.known_from(50), arriving.known_from(51)), (Some(Day(2)), None));
        assert!([20, 50, u64::MAX].into_iter().all(|key| arriving.contains(key)) && !arriving.contains(21));
        for (least, most, expected) in
            [(0, 19, false), (0, 20, true), (20, 20, true), (21, 49, false), (50, 60, true), (51, u64::MAX - 1, false)]
        {
            assert_eq!(arriving.has_one_within(least, most), expected, "{least} to {most}");
        }
        assert!(arriving.has_one_within(51, u64::MAX));
    }
}
