//! One table of one provider: its files read batch by batch, each row put on one side.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, Int32Array, UInt64Array};
use arrow::compute::{filter, filter_record_batch};
use arrow::datatypes::Int32Type;
use arrow::record_batch::RecordBatch;
use earlycall_schemas::codelists::is_known_provider;
use earlycall_schemas::table::TableSpec;

use crate::day::Day;
use crate::error::{Error, Result};
use crate::extract::columns::Columns;
use crate::extract::delivery::DeliveryFolder;
use crate::extract::keys::{keys, keys_when_unread};
use crate::extract::manifest::FileEntry;
use crate::extract::mapping::Mapping;
use crate::extract::raw::RawBatch;
use crate::extract::reading::{Reading, Way};
use crate::extract::refusal::broken;
use crate::extract::spoilt::Cells;
use crate::extract::sums::Sums;
use crate::extract::watch::{self, Shown};
use crate::extract::{Accepted, Admitted, Dialects, Persons, Stood, file, no_person};
use crate::history::records::ShortCode;
use crate::quality::across::{self, Place, Sent};
use crate::quality::faults::{Fault, Faults, by_rule};
use crate::quality::measures::Measures;
use crate::quality::profile;
use crate::quality::quarantine::Rejection;
use crate::quality::report::FileQuality;
use crate::quality::rows::{RowChecks, Yardstick};
use crate::quality::tally::{self, Tally};
use crate::quality::ten_digits::{self, TenDigits, Told};
use crate::quality::trace::{Kept, Traces};

/// Rows read at a time.
const BATCH_ROWS: usize = 1 << 16;

/// The files of one table and provider, in the order of the manifest.
pub(super) struct Feed<'a> {
    pub table: &'static TableSpec,
    pub provider: String,
    pub files: Vec<&'a FileEntry>,
    /// How many rows that stay are listed for each rule and file.
    pub traces_per_rule: usize,
}

/// A feed that is refused.
pub(super) struct RefusedFeed {
    /// Why: every file of it that is refused, or what is wrong with it as a whole.
    pub errors: Vec<Error>,
    /// What was found in its rows, as far as they were read.
    pub found: Box<Admitted>,
}

/// Reads a feed whole.
///
/// # Errors
/// Every file of the feed that is refused, with what was found in the rows before it broke off and in the other files.
pub(super) fn read(
    delivery: &DeliveryFolder,
    feed: &Feed,
    yardstick: &Yardstick,
    sums: &Sums,
) -> Result<(Admitted, Accepted), RefusedFeed> {
    let mut rows = Rows { traces: Traces::up_to(feed.traces_per_rule), ..Rows::default() };
    let mut checks = Checks::new(feed, &delivery.reading, yardstick);
    let mut errors = Vec::new();
    for entry in &feed.files {
        if let Err(error) = rows.take_file(delivery, entry, &mut checks, sums) {
            errors.push(error.file(delivery.place(&entry.file)));
        }
    }
    let (said, refused) = rows.judge_digits(feed, yardstick);
    errors.extend(refused);
    rows.said = said;
    let is_organisation =
        yardstick.registry.sharing.contains_key(&ShortCode::new(&feed.provider)) || is_known_provider(&feed.provider);
    let whose = Whose { feed, delivery, is_organisation };
    if !errors.is_empty() {
        let (found, _) = rows.count(&whose, checks.columns.dialects());
        return Err(RefusedFeed { errors, found: Box::new(found) });
    }
    for check in across::checks(feed.table) {
        let batches: Vec<RecordBatch> = rows.held.iter().map(|held| held.batch.clone()).collect();
        let keys: Vec<UInt64Array> = rows.held.iter().map(|held| held.keys.clone()).collect();
        let likenesses: Vec<&[u64]> = rows.held.iter().filter_map(|held| held.likeness.as_deref()).collect();
        let sent = Sent { table: feed.table, batches: &batches, keys: &keys, likenesses: &likenesses };
        let dropped = (check.drop)(&sent);
        rows.drop_rows(dropped, checks.told(Fault::new(check.column, check.rule)));
    }
    Ok(rows.admit(&whose, checks.columns.dialects()))
}

/// Whose rows they are, and of which delivery.
struct Whose<'a> {
    feed: &'a Feed<'a>,
    delivery: &'a DeliveryFolder,
    is_organisation: bool,
}

/// What every batch of a feed goes through, with what it remembers from batch to batch.
struct Checks<'a> {
    table: &'static TableSpec,
    provider: &'a str,
    mapping: Option<&'a Mapping>,
    columns: Columns,
    measures: Measures,
    rows: RowChecks<'a>,
}

impl<'a> Checks<'a> {
    fn new(feed: &'a Feed, reading: &'a Reading, yardstick: &'a Yardstick<'a>) -> Checks<'a> {
        let mapping = reading.mapping(&feed.table.name, &feed.provider);
        let columns = Columns::of(feed.table);
        let rows = RowChecks::new(feed.table, columns.specs.clone(), yardstick);
        Checks { table: feed.table, provider: &feed.provider, mapping, columns, measures: Measures::default(), rows }
    }

    /// What the supplier calls a column.
    fn name_of(&self, column: &'static str) -> &'static str {
        self.mapping.map_or(column, |mapping| mapping.name_of(column))
    }

    /// A fault under the name by which the supplier knows the column.
    fn told(&self, fault: Fault) -> Fault {
        Fault { column: self.name_of(fault.column), ..fault }
    }
}

/// Accepted rows of a batch, and where in their file each came from.
struct Held {
    batch: RecordBatch,
    keys: UInt64Array,
    unread: Option<UInt64Array>,
    persons: Persons,
    /// What makes a row the same as another; of most tables nothing does but its key.
    likeness: Option<Vec<u64>>,
    file: usize,
    first_row: u64,
    /// Per row of the batch, its place among the rows that were read; none where all of them are held.
    places: Option<Vec<u32>>,
}

impl Held {
    fn row(&self, at: usize) -> u64 {
        self.first_row + self.places.as_ref().map_or(at as u64, |places| u64::from(places[at]))
    }

    /// Leaves only the rows whose flag is set.
    fn keep(&mut self, stays: Vec<bool>) {
        let kept = (0..stays.len()).filter(|&at| stays[at]);
        let place = |at: usize| self.places.as_ref().map_or(at as u32, |places| places[at]);
        self.places = Some(kept.map(place).collect());
        if let Some(likeness) = &mut self.likeness {
            let mut stays = stays.iter();
            likeness.retain(|_| *stays.next().expect("one flag per row"));
        }
        let stays = BooleanArray::from(stays);
        let left = |of_rows: &dyn Array| filter(of_rows, &stays).expect("one flag per row");
        self.batch = filter_record_batch(&self.batch, &stays).expect("one flag per row");
        self.keys = left(&self.keys).as_primitive().clone();
        self.unread = self.unread.as_ref().map(|unread| left(unread).as_primitive().clone());
        // A table that is about nobody has no places.
        if !self.persons.places.is_empty() {
            self.persons.places = left(&self.persons.places).as_primitive().clone();
        }
    }
}

/// What a feed's files gave so far.
#[derive(Default)]
struct Rows {
    held: Vec<Held>,
    names: Vec<Arc<str>>,
    rejections: Vec<Rejection>,
    traces: Traces,
    files: Vec<FileQuality>,
    /// By column, the numbers of ten digits of all files, and the file and row of the first NHS number.
    digits: BTreeMap<&'static str, TenDigits<(usize, u64)>>,
    /// What is said of them.
    said: Vec<String>,
}

impl Rows {
    fn take_file(
        &mut self,
        delivery: &DeliveryFolder,
        entry: &FileEntry,
        checks: &mut Checks,
        sums: &Sums,
    ) -> Result<()> {
        let place = delivery.place(&entry.file);
        self.names.push(place.as_str().into());
        self.files.push(FileQuality { file: place, tally: Tally::default(), lost: Vec::new() });
        let mut cells = Cells::of(&checks.columns.specs);
        let mut read = 0;
        let shown = Shown::default();
        let way = Way {
            table: checks.table,
            mapping: checks.mapping,
            extracted_at: delivery.manifest.extracted_at,
            batch_rows: BATCH_ROWS,
            limits: &delivery.reading.limits,
            shown: &shown,
        };
        for batch in file::open(delivery, entry, &way, sums)? {
            let batch = batch?;
            let rows = batch.rows as u64;
            // Stop at the first row too many: a small file may unpack to more than the memory holds.
            if read + rows > entry.row_count {
                return Err(miscounted(
                    entry,
                    "more",
                    "rows were added after the manifest was made, or the header is there twice",
                ));
            }
            let long = way.limits.hold_cells(checks.columns.specs.iter().copied(), &batch);
            long.map_err(|(row, spec, error)| error.row(read + 1 + row as u64).column(checks.name_of(&spec.name)))?;
            self.take_batch(batch, read + 1, checks, &mut cells)?;
            read += rows;
        }
        if read < entry.row_count {
            let cut = "the file was cut short, or the manifest is of another extract";
            return Err(miscounted(entry, &format!("only {read}"), cut));
        }
        let at = self.files.len() - 1;
        self.files[at].lost = cells.lost(|column| checks.name_of(column));
        for (column, digits) in shown.take() {
            self.digits.entry(column).or_default().add(&digits, |row| (at, row));
        }
        Ok(())
    }

    /// V03, over all files and beside recent deliveries: what is said of columns, and the refusal of the files of each that
    /// holds NHS numbers.
    fn judge_digits(&self, feed: &Feed, yardstick: &Yardstick) -> (Vec<String>, Vec<Error>) {
        let (mut said, mut refused) = (Vec::new(), Vec::new());
        for (column, digits) in &self.digits {
            let (file, row) = digits.place().unwrap_or_default();
            match ten_digits::judge((feed.table, &feed.provider, column), digits, &yardstick.registry.shown) {
                None => {}
                Some(Told::Said(what)) => said.push(format!("{column} in {}: {what}", self.names[file])),
                Some(Told::Refused(what)) => {
                    let error = watch::refused(column, what).file(self.names[file].to_string());
                    // A word of a file's dictionary may stand in no row.
                    refused.push(if row == 0 { error } else { error.row(row) });
                }
            }
        }
        (said, refused)
    }

    fn take_batch(&mut self, raw: RawBatch, first_row: u64, checks: &mut Checks, cells: &mut Cells) -> Result<()> {
        let mut faults = Faults::none(raw.rows);
        let typed = checks.columns.read(&raw, &mut faults);
        let mut typed = typed.map_err(|(row, spec)| {
            let at = checks.columns.specs.iter().position(|one| one.name == spec.name).expect("it was read");
            no_person::refusal(spec, raw.columns[at].text(row))
                .row(first_row + row as u64)
                .column(checks.name_of(&spec.name))
        })?;
        checks.measures.make_canonical(&checks.columns.specs, &mut typed, &mut faults);
        let numbers = checks.rows.check(&mut typed, &mut faults);
        cells.count(&raw, &typed, &faults);

        let file = self.files.len() - 1;
        for (row, fault) in faults.rejected() {
            self.reject(file, first_row + row as u64, checks.told(fault));
        }
        let tally = &mut self.files[file].tally;
        tally.read += raw.rows as u64;
        tally::add(&mut tally.repaired, &by_rule(faults.repaired()));
        tally::add(&mut tally.warned, &by_rule(faults.warned()));
        let told = |(row, fault)| (row, checks.told(fault));
        self.traces.note(&self.names[file], first_row, Kept::Repaired, faults.repaired().map(told));
        self.traces.note(&self.names[file], first_row, Kept::Odd, faults.warned().map(told));
        let batch = checks.columns.rows(typed);
        let (batch, places) = match faults.sound() {
            None => (batch, None),
            Some(sound) => {
                let places = (0..sound.len() as u32).filter(|&at| sound[at as usize]).collect();
                (filter_record_batch(&batch, &BooleanArray::from(sound)).expect("one flag per row"), Some(places))
            }
        };
        // Of sound rows alone: they have a key.
        let keys = keys(checks.table, &batch, checks.provider);
        let unread = keys_when_unread(checks.table, &batch, checks.provider);
        let likeness = across::likeness(checks.table, &batch);
        let persons = Persons { places: places_of_persons(checks.table, &batch), numbers };
        let batch = checks.columns.accepted(&batch);
        self.held.push(Held { batch, keys, unread, persons, likeness, file, first_row, places });
        Ok(())
    }

    fn drop_rows(&mut self, places: Vec<Place>, fault: Fault) {
        let mut by_batch: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (batch, row) in places {
            by_batch.entry(batch).or_default().push(row);
        }
        for (at, dropped) in by_batch {
            let mut stays = vec![true; self.held[at].batch.num_rows()];
            for row in dropped {
                stays[row] = false;
                self.reject(self.held[at].file, self.held[at].row(row), fault);
            }
            self.held[at].keep(stays);
        }
    }

    fn reject(&mut self, file: usize, row: u64, Fault { column, rule, is_listed }: Fault) {
        *self.files[file].tally.rejected.entry(rule).or_default() += 1;
        if is_listed {
            self.rejections.push(Rejection { file: Arc::clone(&self.names[file]), row, column, rule });
        }
    }

    /// What became of the rows, in numbers, and the rows that are held.
    fn count(mut self, whose: &Whose, dialects: Dialects) -> (Admitted, Vec<Held>) {
        let Whose { feed, delivery, is_organisation } = *whose;
        for held in &self.held {
            self.files[held.file].tally.accepted += held.batch.num_rows() as u64;
        }
        let mut tally = Tally::default();
        for file in &self.files {
            assert!(file.tally.adds_up(), "every row of {} is on exactly one side", file.file);
            tally.add(&file.tally);
        }
        self.rejections.sort();
        let shown = |(column, digits)| ten_digits::Shown::of(&feed.table.name, &feed.provider, column, digits);
        let shown = self.digits.iter().map(|(column, digits)| (*column, digits)).filter_map(shown).collect();
        let admitted = Admitted {
            table: feed.table,
            provider: feed.provider.clone(),
            is_organisation,
            is_full: delivery.manifest.delivery == super::manifest::Mode::Full,
            is_history: delivery.manifest.is_history(feed.files[0]),
            tally,
            files: self.files,
            traces: self.traces.beside(&self.rejections),
            rejections: self.rejections,
            dialects,
            shown,
            perhaps_leaks: self.said,
            profile: None,
            stood: Stood::default(),
        };
        (admitted, self.held)
    }

    fn admit(self, whose: &Whose, dialects: Dialects) -> (Admitted, Accepted) {
        let (admitted, held) = self.count(whose, dialects);
        let held = held.into_iter().filter(|held| held.batch.num_rows() > 0);
        let (mut batches, mut keys, mut unread, mut persons) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for held in held {
            batches.push(held.batch);
            keys.push(held.keys);
            unread.push(held.unread);
            persons.push(held.persons);
        }
        let accepted = Accepted {
            table: admitted.table,
            provider: admitted.provider.clone(),
            is_full: admitted.is_full,
            is_history: admitted.is_history,
            rows: batches,
            keys,
            unread,
            persons,
            survivors: Vec::new(),
        };
        let profile = profile::count(&accepted, Day::of(whose.delivery.manifest.extracted_at));
        (Admitted { profile, ..admitted }, accepted)
    }
}

/// Per row, the place of its person among the values of the column; none of a table that is not about persons.
fn places_of_persons(table: &TableSpec, rows: &RecordBatch) -> Int32Array {
    let persons = rows.column_by_name("person_id").filter(|_| table.is_about_persons());
    let places = persons.map(|persons| persons.as_dictionary::<Int32Type>().keys().clone());
    places.unwrap_or_else(|| Vec::<i32>::new().into())
}

fn miscounted(entry: &FileEntry, read: &str, why: &str) -> Error {
    let message = format!("the manifest counts {} rows and the file has {read}", entry.row_count);
    broken(message, format!("{why}: have both made and sent again"))
}
