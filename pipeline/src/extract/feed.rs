//! One table of one provider: its files read batch by batch, each row put on one side.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::BooleanArray;
use arrow::compute::filter_record_batch;
use arrow::record_batch::RecordBatch;
use earlycall_schemas::table::TableSpec;

use crate::error::{Error, Kind, Result};
use crate::extract::delivery::DeliveryFolder;
use crate::extract::manifest::FileEntry;
use crate::extract::raw::RawBatch;
use crate::extract::{Accepted, Admitted, columns, file};
use crate::quality::across::{self, Place};
use crate::quality::faults::Faults;
use crate::quality::measures;
use crate::quality::quarantine::Rejection;
use crate::quality::report::FileQuality;
use crate::quality::rows::{self, Yardstick};
use crate::quality::tally::{self, Rule, Tally};

/// Rows read at a time.
const BATCH_ROWS: usize = 1 << 16;

/// The files of one table and provider, in the order of the manifest.
pub(super) struct Feed<'a> {
    pub table: &'static TableSpec,
    pub provider: String,
    pub files: Vec<&'a FileEntry>,
}

/// Reads a feed whole.
///
/// # Errors
/// Every file of the feed that is refused.
pub(super) fn read(
    delivery: &DeliveryFolder,
    feed: &Feed,
    yardstick: &Yardstick,
) -> Result<(Admitted, Accepted), Vec<Error>> {
    let mut rows = Rows::default();
    let mut refusals = Vec::new();
    for entry in &feed.files {
        if let Err(error) = rows.take_file(delivery, entry, feed.table, yardstick) {
            refusals.push(error.file(delivery.place(&entry.file)));
        }
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    for check in across::checks(feed.table) {
        let batches: Vec<RecordBatch> = rows.held.iter().map(|held| held.batch.clone()).collect();
        rows.drop_rows((check.drop)(feed.table, &batches), check.column, check.rule);
    }
    Ok(rows.admit(feed, delivery))
}

/// Accepted rows, and where in their file each came from.
struct Held {
    batch: RecordBatch,
    file: usize,
    rows: Vec<u64>,
}

/// What a feed's files gave so far.
#[derive(Default)]
struct Rows {
    held: Vec<Held>,
    names: Vec<Arc<str>>,
    rejections: Vec<Rejection>,
    files: Vec<FileQuality>,
}

impl Rows {
    fn take_file(
        &mut self,
        delivery: &DeliveryFolder,
        entry: &FileEntry,
        table: &'static TableSpec,
        yardstick: &Yardstick,
    ) -> Result<()> {
        self.names.push(entry.file.as_str().into());
        self.files.push(FileQuality { file: entry.file.clone(), tally: Tally::default() });
        let mut read = 0;
        for batch in file::open(&delivery.path, entry, table, BATCH_ROWS)? {
            let batch = batch?;
            let rows = batch.rows as u64;
            // Stop at the first row too many: a small file may unpack to more than the memory holds.
            if read + rows > entry.row_count {
                return Err(miscounted(entry, "more"));
            }
            self.take_batch(batch, read + 1, table, yardstick)?;
            read += rows;
        }
        if read < entry.row_count {
            return Err(miscounted(entry, &format!("only {read}")));
        }
        Ok(())
    }

    fn take_batch(
        &mut self,
        raw: RawBatch,
        first_row: u64,
        table: &'static TableSpec,
        yardstick: &Yardstick,
    ) -> Result<()> {
        let mut faults = Faults::none(raw.rows);
        let mut typed = Vec::with_capacity(table.columns.len());
        for (spec, cells) in table.columns.iter().zip(&raw.columns) {
            let column = columns::read(spec, cells, raw.rows, &mut faults);
            typed.push(column.map_err(|row| no_person(first_row + row as u64).column(&spec.name))?);
        }
        measures::to_canonical(table, &mut typed, &mut faults);
        rows::check(table, &mut typed, yardstick, &mut faults);

        let file = self.files.len() - 1;
        for (row, fault) in faults.rejected() {
            self.reject(file, first_row + row as u64, fault.column, fault.rule);
        }
        let tally = &mut self.files[file].tally;
        tally.read += raw.rows as u64;
        tally::add(&mut tally.repaired, &faults.repairs());
        tally::add(&mut tally.warned, &faults.warnings());
        let batch = RecordBatch::try_from_iter_with_nullable(
            table.columns.iter().zip(typed).map(|(spec, column)| (&spec.name, column, true)),
        )
        .expect("columns are read by the schema");
        let batch = filter_record_batch(&batch, &faults.sound()).expect("one flag per row");
        self.held.push(Held { batch, file, rows: faults.sound_rows().map(|row| first_row + row as u64).collect() });
        Ok(())
    }

    fn drop_rows(&mut self, places: Vec<Place>, column: &'static str, rule: Rule) {
        let mut by_batch: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (batch, row) in places {
            by_batch.entry(batch).or_default().push(row);
        }
        for (at, dropped) in by_batch {
            let mut stays = vec![true; self.held[at].rows.len()];
            for row in dropped {
                stays[row] = false;
                self.reject(self.held[at].file, self.held[at].rows[row], column, rule);
            }
            let held = &mut self.held[at];
            let mut flags = stays.iter();
            held.rows.retain(|_| *flags.next().expect("one flag per row"));
            held.batch = filter_record_batch(&held.batch, &BooleanArray::from(stays)).expect("one flag per row");
        }
    }

    fn reject(&mut self, file: usize, row: u64, column: &'static str, rule: Rule) {
        *self.files[file].tally.rejected.entry(rule).or_default() += 1;
        self.rejections.push(Rejection { file: Arc::clone(&self.names[file]), row, column, rule });
    }

    fn admit(mut self, feed: &Feed, delivery: &DeliveryFolder) -> (Admitted, Accepted) {
        for held in &self.held {
            self.files[held.file].tally.accepted += held.rows.len() as u64;
        }
        let mut tally = Tally::default();
        for file in &self.files {
            assert!(file.tally.adds_up(), "every row of {} is on exactly one side", file.file);
            tally.add(&file.tally);
        }
        self.rejections.sort();
        let batches = self.held.into_iter().map(|held| held.batch).filter(|batch| batch.num_rows() > 0);
        let accepted = Accepted {
            table: feed.table,
            provider: feed.provider.clone(),
            is_full: delivery.manifest.delivery == super::manifest::Mode::Full,
            is_history: delivery.manifest.is_history(feed.files[0]),
            rows: batches.map(|batch| as_delivered(feed.table, &batch)).collect(),
        };
        let admitted = Admitted {
            table: accepted.table,
            provider: accepted.provider.clone(),
            is_full: accepted.is_full,
            is_history: accepted.is_history,
            tally,
            files: self.files,
            rejections: self.rejections,
        };
        (admitted, accepted)
    }
}

fn as_delivered(table: &'static TableSpec, batch: &RecordBatch) -> RecordBatch {
    let schema = super::schema(table);
    let columns = schema.fields().iter().map(|field| {
        let column = batch.column_by_name(field.name()).expect("a column of the table");
        arrow::compute::cast(column, field.data_type()).expect("text makes a dictionary")
    });
    let columns = columns.collect();
    RecordBatch::try_new(schema, columns).expect("columns are cast to the schema")
}

fn miscounted(entry: &FileEntry, read: &str) -> Error {
    let message = format!("the manifest counts {} rows and the file has {read}", entry.row_count);
    Error::new(Kind::Extract, message).rule("V01")
}

fn no_person(row: u64) -> Error {
    Error::new(Kind::Extract, "is not a pseudonym: 64 lower-case hexadecimal characters")
        .row(row)
        .rule("V04")
        .hint("NHS numbers must never reach this program; tell the supplier")
}
