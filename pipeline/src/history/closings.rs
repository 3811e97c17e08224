//! Closings: from which day a row of a segment no longer counts. Segments never change, so what ends a row stands here.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use arrow::{
    array::{Array, AsArray, Date32Array, RecordBatch, StringArray, UInt32Array},
    datatypes::{DataType, Date32Type, Field, Schema, UInt32Type},
};
use earlycall_schemas::table::{TableSpec, table};
use parquet::arrow::ArrowWriter;

use crate::{
    day::Day,
    error::{Error, Kind, Result},
    history::whole,
};

/// Name of the file within a generation.
pub const FILE: &str = "closings.parquet";

/// When a row ends: on a day, or altogether, because it has moved, was folded into another segment, or has no past.
pub type End = Option<Day>;

/// Ended rows, by table, segment and bucket, then by row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closings(BTreeMap<(&'static str, u32, u8), BTreeMap<u32, End>>);

impl Closings {
    /// Ends a row. A row that ends again ends as said last.
    pub fn add(&mut self, table: &'static TableSpec, segment: u32, bucket: usize, row: u32, end: End) {
        self.0.entry((&table.name, segment, bucket as u8)).or_default().insert(row, end);
    }

    /// The ended rows of a segment's bucket, by row.
    pub fn of(&self, table: &'static TableSpec, segment: u32, bucket: usize) -> Option<&BTreeMap<u32, End>> {
        self.0.get(&(table.name.as_str(), segment, bucket as u8))
    }

    /// Follows the rows of a segment's bucket that is written anew without some; `gone` are sorted.
    pub fn without(&mut self, table: &'static TableSpec, segment: u32, bucket: usize, gone: &[u32]) {
        let key = (table.name.as_str(), segment, bucket as u8);
        let Some(rows) = self.0.remove(&key) else { return };
        let place = |row: u32| gone.binary_search(&row).err().map(|before| row - before as u32);
        let left: BTreeMap<u32, End> = rows.into_iter().filter_map(|(row, end)| Some((place(row)?, end))).collect();
        if !left.is_empty() {
            self.0.insert(key, left);
        }
    }

    /// Forgets the segments of a table that are no longer there.
    pub fn forget(&mut self, table: &'static TableSpec, is_there: impl Fn(u32) -> bool) {
        self.0.retain(|(of, segment, _), _| *of != table.name || is_there(*segment));
    }

    /// The file's bytes.
    pub fn to_parquet(&self) -> Vec<u8> {
        let rows = || self.0.iter().flat_map(|(of, rows)| rows.iter().map(move |(row, end)| (*of, *row, *end)));
        let number = |of: fn(&(&'static str, u32, u8), u32) -> u32| {
            rows().map(|(key, row, _)| of(&key, row)).collect::<UInt32Array>()
        };
        let tables: StringArray = rows().map(|((table, _, _), _, _)| Some(table)).collect();
        let ends: Date32Array = rows().map(|(_, _, end)| end.map(|day| day.0)).collect();
        let segments = number(|(_, segment, _), _| *segment);
        let buckets = number(|(_, _, bucket), _| u32::from(*bucket));
        let batch = RecordBatch::try_new(
            schema(),
            vec![
                Arc::new(tables),
                Arc::new(segments),
                Arc::new(buckets),
                Arc::new(number(|_, row| row)),
                Arc::new(ends),
            ],
        )
        .expect("the columns are those of the schema");
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, schema(), None).expect("every type has a Parquet type");
        writer.write(&batch).expect("memory takes what is written to it");
        writer.close().expect("memory takes what is written to it");
        bytes
    }

    /// Reads the closings of a generation.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when they cannot be read.
    pub fn read(generation: &Path) -> Result<Closings> {
        let path = generation.join(FILE);
        let damaged = || {
            Error::new(Kind::Storage, "is not a list of closed rows")
                .file(path.display().to_string())
                .hint("point [state] at an empty folder and run again; the deliveries are settled anew")
        };
        let file = std::fs::File::open(&path).map_err(|error| Error::storage(&path, "read", &error))?;
        let mut closings = Closings::default();
        for batch in whole::batches(file).ok_or_else(damaged)? {
            if batch.schema().fields() != schema().fields() {
                return Err(damaged());
            }
            let tables = batch.column(0).as_string::<i32>();
            let number = |at: usize| batch.column(at).as_primitive::<UInt32Type>();
            let ends = batch.column(4).as_primitive::<Date32Type>();
            for row in 0..batch.num_rows() {
                let of = table(tables.value(row)).ok_or_else(damaged)?;
                let end = ends.is_valid(row).then(|| Day(ends.value(row)));
                closings.add(of, number(1).value(row), number(2).value(row) as usize, number(3).value(row), end);
            }
        }
        Ok(closings)
    }
}

fn schema() -> Arc<Schema> {
    let number = |name: &str| Field::new(name, DataType::UInt32, false);
    let table = Field::new("table", DataType::Utf8, false);
    let end = Field::new("known_to", DataType::Date32, true);
    Arc::new(Schema::new(vec![table, number("segment"), number("bucket"), number("row"), end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_rows_move_up_where_others_are_taken_out() {
        let events = table("gp_events").unwrap();
        let mut closings = Closings::default();
        for (row, end) in [(1, None), (4, Some(Day(7))), (6, Some(Day(8)))] {
            closings.add(events, 1, 3, row, end);
        }
        closings.without(events, 1, 3, &[0, 4, 5]);
        assert_eq!(closings.of(events, 1, 3), Some(&[(0, None), (3, Some(Day(8)))].into()));
        closings.without(events, 1, 3, &[0, 3]);
        assert_eq!(closings.of(events, 1, 3), None);
    }

    #[test]
    fn what_is_written_reads_back() {
        let [events, deaths] = ["gp_events", "deaths"].map(|name| table(name).unwrap());
        let mut closings = Closings::default();
        closings.add(events, 1, 3, 17, Some(Day(20_000)));
        closings.add(events, 2, 3, 4, None);
        closings.add(deaths, 1, 63, 0, Some(Day(1)));
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), closings.to_parquet()).unwrap();
        let read = Closings::read(folder.path()).unwrap();
        assert_eq!(read, closings);
        assert_eq!(read.of(events, 1, 3), Some(&[(17, Some(Day(20_000)))].into()));
        assert_eq!(read.of(events, 1, 4), None);
    }
}
