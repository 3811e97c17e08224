//! Rows on their way from the files of a delivery to their buckets: in memory while they fit, then on disk.

use std::{
    fs::File,
    io::{BufReader, BufWriter, Write},
    path::PathBuf,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use arrow::{
    array::RecordBatch,
    compute::concat_batches,
    datatypes::SchemaRef,
    ipc::{reader::StreamReader, writer::StreamWriter},
};

use crate::{
    error::{Error, Kind, Result},
    history::bucket::BUCKETS,
    store::staged::Staged,
};

/// Where rows lie while they wait on disk, within the generation that is being made.
const FOLDER: &str = "waiting";

/// The rows of several tables by bucket.
pub struct Heap<'s, 'd> {
    tables: Vec<SchemaRef>,
    /// By table, then by bucket.
    piles: Vec<Mutex<Pile>>,
    bytes: AtomicUsize,
    budget_bytes: usize,
    staged: &'s Staged<'d>,
    /// Held while rows go to disk, so that one thread does it.
    spilling: Mutex<bool>,
}

type Spill = StreamWriter<BufWriter<Box<dyn Write + Send>>>;

#[derive(Default)]
struct Pile {
    batches: Vec<RecordBatch>,
    spill: Option<Spill>,
}

impl<'s, 'd> Heap<'s, 'd> {
    /// An empty heap for tables of these columns; beyond the budget, rows wait on disk.
    pub fn new(tables: Vec<SchemaRef>, budget_bytes: usize, staged: &'s Staged<'d>) -> Heap<'s, 'd> {
        let piles = (0..tables.len() * BUCKETS).map(|_| Mutex::default()).collect();
        Heap { tables, piles, bytes: AtomicUsize::new(0), budget_bytes, staged, spilling: Mutex::new(false) }
    }

    /// Adds rows of a table, one batch per bucket.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the disk does not take what the memory does not hold.
    pub fn add(&self, table: usize, parts: impl IntoIterator<Item = (usize, RecordBatch)>) -> Result<()> {
        let mut added = 0;
        for (bucket, rows) in parts {
            added += rows.num_rows() * row_bytes(&self.tables[table]);
            self.pile(table, bucket).lock().expect("no thread dies holding it").batches.push(rows);
        }
        let bytes = self.bytes.fetch_add(added, Ordering::Relaxed) + added;
        if bytes > self.budget_bytes { self.spill() } else { Ok(()) }
    }

    /// Takes the rows of a table and bucket, in no particular order.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when rows that waited on disk cannot be read.
    pub fn take(&self, table: usize, bucket: usize) -> Result<RecordBatch> {
        let pile = std::mem::take(&mut *self.pile(table, bucket).lock().expect("no thread dies holding it"));
        let mut batches = pile.batches;
        if let Some(mut spill) = pile.spill {
            let path = self.staged.path().join(file_of(table, bucket));
            let failed = |error: std::io::Error| Error::storage(&path, "read what waits", &error);
            spill.finish().and_then(|()| Ok(spill.get_mut().flush()?)).map_err(|_| unreadable(&path))?;
            let file = File::open(&path).map_err(failed)?;
            let reader = StreamReader::try_new(BufReader::with_capacity(1 << 20, file), None);
            for batch in reader.map_err(|_| unreadable(&path))? {
                batches.push(batch.map_err(|_| unreadable(&path))?);
            }
            self.staged.remove(&file_of(table, bucket))?;
        }
        Ok(concat_batches(&self.tables[table], &batches).expect("every batch is of this table"))
    }

    /// Removes what is left on disk.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when it cannot be removed.
    pub fn clear(self) -> Result<()> {
        if *self.spilling.lock().expect("no thread dies holding it") { self.staged.remove(FOLDER) } else { Ok(()) }
    }

    /// Sends everything to disk.
    fn spill(&self) -> Result<()> {
        let mut has_spilled = self.spilling.lock().expect("no thread dies holding it");
        if self.bytes.load(Ordering::Relaxed) <= self.budget_bytes {
            return Ok(());
        }
        if !*has_spilled {
            self.staged.create_folder(FOLDER)?;
            *has_spilled = true;
        }
        for (at, pile) in self.piles.iter().enumerate() {
            let (table, bucket) = (at / BUCKETS, at % BUCKETS);
            let mut pile = pile.lock().expect("no thread dies holding it");
            let batches = std::mem::take(&mut pile.batches);
            if batches.is_empty() {
                continue;
            }
            let schema = &self.tables[table];
            let rows = concat_batches(schema, &batches).expect("every batch is of this table");
            drop(batches);
            self.bytes.fetch_sub(rows.num_rows() * row_bytes(schema), Ordering::Relaxed);
            let path = file_of(table, bucket);
            if pile.spill.is_none() {
                let file = BufWriter::with_capacity(1 << 18, self.staged.scratch(&path)?);
                pile.spill = Some(StreamWriter::try_new(file, schema).map_err(|_| unwritable(&path))?);
            }
            let spill = pile.spill.as_mut().expect("made above");
            spill.write(&rows).map_err(|_| unwritable(&path))?;
        }
        Ok(())
    }

    fn pile(&self, table: usize, bucket: usize) -> &Mutex<Pile> {
        &self.piles[table * BUCKETS + bucket]
    }
}

fn file_of(table: usize, bucket: usize) -> String {
    format!("{FOLDER}/{table:02}-{bucket:02}")
}

/// About how many bytes a row takes; texts are counted as short.
fn row_bytes(schema: &SchemaRef) -> usize {
    schema.fields().iter().map(|field| field.data_type().primitive_width().unwrap_or(24)).sum()
}

fn unreadable(path: &std::path::Path) -> Error {
    Error::new(Kind::Storage, "rows that waited on disk cannot be read back").file(path.display().to_string())
}

fn unwritable(path: &str) -> Error {
    Error::new(Kind::Storage, "rows cannot wait on disk")
        .file(PathBuf::from(path).display().to_string())
        .hint("the state folder needs room for about 60 bytes per row of a first delivery while it is settled")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::{
        array::{ArrayRef, Date32Array, StringArray, UInt32Array},
        compute::{SortColumn, lexsort_to_indices, take_record_batch},
    };

    use super::*;
    use crate::store::{Store, disk::FileSystem};

    /// Rows with numbers, empty cells and texts.
    fn rows(first: u32, n: u32) -> RecordBatch {
        let numbers: UInt32Array = (first..first + n).collect();
        let days: Date32Array = (first..first + n).map(|at| (at % 3 != 0).then_some(at as i32)).collect();
        let texts: StringArray = (first..first + n).map(|at| (at % 4 != 0).then(|| format!("a{at}"))).collect();
        let cells: [(&str, ArrayRef); 3] =
            [("person", Arc::new(numbers)), ("date", Arc::new(days)), ("code", Arc::new(texts))];
        RecordBatch::try_from_iter_with_nullable(cells.map(|(name, cells)| (name, cells, true))).unwrap()
    }

    fn by_person(rows: &RecordBatch) -> RecordBatch {
        let column = SortColumn { values: rows.column(0).clone(), options: None };
        take_record_batch(rows, &lexsort_to_indices(&[column], None).unwrap()).unwrap()
    }

    #[test]
    fn rows_that_waited_on_disk_are_those_that_waited_in_memory() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(&FileSystem, &place.path().join("out"), &place.path().join("state")).unwrap();
        let staged = store.stage_history().unwrap();
        let schema = rows(0, 1).schema();
        // A row counts as 32 bytes: nothing fits, two of the five batches do, everything does.
        for (budget_bytes, has_spilled) in [(0, true), (32 * 200, true), (1 << 20, false)] {
            let heap = Heap::new(vec![schema.clone(), schema.clone()], budget_bytes, &staged);
            for batch in 0..5 {
                let of_buckets = [(7, rows(batch * 100, 60)), (63, rows(batch * 100 + 60, 40))];
                heap.add(1, of_buckets).unwrap();
            }
            assert_eq!(staged.path().join(FOLDER).exists(), has_spilled, "budget {budget_bytes}");
            for (table, bucket, first, n_each) in [(1, 7, 0, 60), (1, 63, 60, 40), (1, 8, 0, 0), (0, 7, 0, 0)] {
                let expected: Vec<RecordBatch> = (0..5).map(|batch| rows(batch * 100 + first, n_each)).collect();
                let taken = by_person(&heap.take(table, bucket).unwrap());
                assert_eq!(
                    taken,
                    concat_batches(&schema, &expected).unwrap(),
                    "budget {budget_bytes}, bucket {bucket}"
                );
            }
            heap.clear().unwrap();
            assert!(!staged.path().join(FOLDER).exists());
        }
    }
}
