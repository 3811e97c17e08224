//! Intake: the accepted rows of a delivery become settled rows, with persons and codes as numbers, divided by bucket.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, OnceLock},
};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, UInt32Array},
    compute::take,
    datatypes::{DataType, Field, Int32Type, Schema, SchemaRef},
};
use earlycall_schemas::table::{TableSpec, tables};

use crate::{
    day::Day,
    error::Result,
    extract::Accepted,
    history::{
        archive::Archive,
        bucket::BUCKETS,
        heap::Heap,
        known_from::{Arrival, known_from},
        layout::{KNOWN_TO, PERSON, is_word, kept_columns, keys, settled_schema},
        ledger::Ledger,
        merge::Moves,
        records::PersonKey,
        roll::Roll,
        settle::Arriving,
        versions::column,
        words::Interner,
    },
    store::staged::Staged,
};

/// The column of a waiting row that says whether it takes a row back.
pub const WITHDRAWN: &str = "withdrawn";

/// The rows of one delivery on their way in. [`Intake::take`] is called by several threads.
pub struct Intake<'a, 's, 'd> {
    ledger: Ledger,
    lag_days: &'a BTreeMap<String, i32>,
    extracted_on: Day,
    people: &'a [Vec<PersonKey>],
    words: Interner,
    heap: Heap<'s, 'd>,
    /// Held until all of them are here: they say who was merged into whom.
    patients: Mutex<Vec<Accepted>>,
    /// Rows of tables that are not about persons.
    references: Mutex<Vec<Accepted>>,
    /// Per table: keys that may stand elsewhere in what is settled already.
    arriving: Vec<Mutex<Arriving>>,
    /// Tables of which something is settled.
    settled: BTreeSet<&'static str>,
    sealed: OnceLock<Sealed>,
    sealing: Mutex<()>,
}

/// What is known once every patient has been seen.
struct Sealed {
    ledger: Ledger,
    moves: Moves,
    roll: Roll,
}

/// What an intake leaves: the rows by bucket, and the numbers that they use.
pub struct TakenIn<'s, 'd> {
    /// The ledger with the mergers of this delivery.
    pub ledger: Ledger,
    /// Who changes bucket.
    pub moves: Moves,
    /// Persons and their numbers.
    pub roll: Roll,
    /// Words and their numbers.
    pub words: Interner,
    /// Rows about persons.
    pub heap: Heap<'s, 'd>,
    /// Per table, the keys of its deltas.
    pub arriving: Vec<Arriving>,
    /// All other rows.
    pub references: Vec<Accepted>,
}

impl<'a, 's, 'd> Intake<'a, 's, 'd> {
    /// Makes ready for a delivery, after the persons and words of the generation before.
    pub fn new(
        ledger: &Ledger,
        archive: &'a Archive,
        extracted_on: Day,
        lag_days: &'a BTreeMap<String, i32>,
        staged: &'s Staged<'d>,
        budget_bytes: usize,
    ) -> Intake<'a, 's, 'd> {
        let waiting = tables().iter().map(waiting_schema).collect();
        Intake {
            ledger: ledger.clone(),
            lag_days,
            extracted_on,
            people: &archive.people,
            words: Interner::new(archive.words.texts()),
            heap: Heap::new(waiting, budget_bytes, staged),
            patients: Mutex::default(),
            references: Mutex::default(),
            arriving: tables().iter().map(|_| Mutex::default()).collect(),
            settled: archive.segments.iter().filter(|(_, of)| !of.is_empty()).map(|(table, _)| *table).collect(),
            sealed: OnceLock::new(),
            sealing: Mutex::new(()),
        }
    }

    /// Takes the accepted rows of one table of one supplier. Patients come before all other rows about persons.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when the disk does not take what the memory does not hold.
    pub fn take(&self, accepted: Accepted) -> Result<()> {
        match accepted.table.name.as_str() {
            "patients" => self.patients.lock().expect("no thread dies holding it").push(accepted),
            _ if !accepted.table.is_about_persons() => {
                self.references.lock().expect("no thread dies holding it").push(accepted);
            }
            _ => self.divide(&accepted, self.seal()?)?,
        }
        Ok(())
    }

    /// Ends the intake.
    ///
    /// # Errors
    /// As of [`Intake::take`].
    pub fn finish(self) -> Result<TakenIn<'s, 'd>> {
        self.seal()?;
        let sealed = self.sealed.into_inner().expect("sealed above");
        let mut references = self.references.into_inner().expect("no thread dies holding it");
        references.sort_by(|a, b| (&a.table.name, &a.provider).cmp(&(&b.table.name, &b.provider)));
        let Sealed { ledger, moves, roll } = sealed;
        let arriving = self.arriving.into_iter().map(|keys| keys.into_inner().expect("no thread dies holding it"));
        Ok(TakenIn {
            ledger,
            moves,
            roll,
            words: self.words,
            heap: self.heap,
            arriving: arriving.collect(),
            references,
        })
    }

    /// Learns the mergers, and sends the patients to their buckets.
    fn seal(&self) -> Result<&Sealed> {
        let _one = self.sealing.lock().expect("no thread dies holding it");
        if let Some(sealed) = self.sealed.get() {
            return Ok(sealed);
        }
        let mut patients = std::mem::take(&mut *self.patients.lock().expect("no thread dies holding it"));
        patients.sort_by(|a, b| a.provider.cmp(&b.provider));
        let mut ledger = self.ledger.clone();
        let moves = Moves::learn(&mut ledger, patients.iter().flat_map(|of| &of.rows));
        let roll = Roll::new(self.people, &ledger);
        moves.persons().for_each(|person| _ = roll.place(person));
        let sealed = Sealed { ledger, moves, roll };
        patients.iter().try_for_each(|patients| self.divide(patients, &sealed))?;
        Ok(self.sealed.get_or_init(|| sealed))
    }

    fn divide(&self, accepted: &Accepted, sealed: &Sealed) -> Result<()> {
        let Accepted { table, provider, .. } = accepted;
        let had_full = self.ledger.supply(&table.name, provider).is_some_and(|supply| supply.had_full);
        let arrival = Arrival {
            provider,
            extracted_on: self.extracted_on,
            is_history: accepted.is_history || (accepted.is_full && !had_full),
            lag_days: self.lag_days.get(&table.name).copied().unwrap_or(0),
        };
        let supplier = self.words.number(provider);
        let at = tables().iter().position(|known| known.name == table.name).expect("the table is declared");
        let mut places = Places::new(&sealed.roll);
        for rows in &accepted.rows {
            let (buckets, persons) = places.of(rows);
            let waiting = waiting(table, rows, persons, supplier, &arrival, &self.words);
            if !accepted.is_full && self.settled.contains(table.name.as_str()) {
                self.arriving[at].lock().expect("no thread dies holding it").add(&waiting, &buckets);
            }
            self.heap.add(at, by_bucket(&waiting, &buckets))?;
        }
        Ok(())
    }
}

/// The columns of a row that waits: those of a settled one without its end, and whether it takes a row back.
pub fn waiting_schema(table: &'static TableSpec) -> SchemaRef {
    let settled = settled_schema(table);
    let mut fields: Vec<Arc<Field>> =
        settled.fields().iter().filter(|field| field.name() != KNOWN_TO).cloned().collect();
    fields.push(Arc::new(Field::new(WITHDRAWN, DataType::Boolean, false)));
    Arc::new(Schema::new(fields))
}

/// Where persons live. Batches of one row group share a dictionary, so each person in it is looked up once.
struct Places<'a> {
    roll: &'a Roll,
    values: Option<ArrayRef>,
    known: Vec<Option<(u8, u32)>>,
}

impl<'a> Places<'a> {
    fn new(roll: &'a Roll) -> Places<'a> {
        Places { roll, values: None, known: Vec::new() }
    }

    /// Per row, the person's bucket and number.
    fn of(&mut self, rows: &RecordBatch) -> (Vec<u8>, Vec<u32>) {
        let coded = column(rows, "person_id").as_dictionary::<Int32Type>();
        // A filter wraps the same values anew.
        let is_same = |values: &ArrayRef| values.to_data().ptr_eq(&coded.values().to_data());
        if !self.values.as_ref().is_some_and(is_same) {
            self.values = Some(coded.values().clone());
            self.known = vec![None; coded.values().len()];
        }
        let values = coded.values().as_string::<i32>();
        let places = coded.keys().values().iter().map(|&at| {
            *self.known[at as usize].get_or_insert_with(|| {
                let person = PersonKey::parse(values.value(at as usize));
                self.roll.place(person.expect("the checks refuse malformed person ids"))
            })
        });
        places.unzip()
    }
}

/// Rows as they wait.
pub fn waiting(
    table: &'static TableSpec,
    rows: &RecordBatch,
    persons: Vec<u32>,
    supplier: u32,
    arrival: &Arrival,
    words: &Interner,
) -> RecordBatch {
    let n_rows = rows.num_rows();
    let mut columns: Vec<ArrayRef> = Vec::new();
    if table.is_about_persons() {
        columns.push(Arc::new(UInt32Array::from(persons)));
    }
    columns.push(Arc::new(keys(table, rows, arrival.provider)));
    for spec in kept_columns(table) {
        let cells = column(rows, &spec.name);
        columns.push(match is_word(table, spec) {
            true => numbered(cells, words),
            false => plain(cells),
        });
    }
    columns.push(Arc::new(known_from(table, rows, arrival)));
    columns.push(Arc::new(UInt32Array::from_value(supplier, n_rows)));
    columns.push(Arc::new(withdrawals(rows)));
    RecordBatch::try_new(waiting_schema(table), columns).expect("the checks give every column its declared type")
}

/// A dictionary's cells as numbers of words.
fn numbered(cells: &ArrayRef, words: &Interner) -> ArrayRef {
    let coded = cells.as_dictionary::<Int32Type>();
    let values = coded.values().as_string::<i32>();
    let mut known: Vec<Option<u32>> = vec![None; values.len()];
    let mut number = |at: i32| {
        let at = at as usize;
        *known[at].get_or_insert_with(|| words.number(values.value(at)))
    };
    let keys = coded.keys();
    match keys.null_count() {
        0 => Arc::new(
            keys.values().iter().map(|&at| number(at)).collect::<Vec<u32>>().into_iter().collect::<UInt32Array>(),
        ),
        _ => Arc::new(keys.iter().map(|at| at.map(&mut number)).collect::<UInt32Array>()),
    }
}

/// A column without a dictionary.
fn plain(cells: &ArrayRef) -> ArrayRef {
    match cells.data_type() {
        DataType::Dictionary(_, values) => arrow::compute::cast(cells, values).expect("a dictionary unfolds"),
        _ => cells.clone(),
    }
}

fn withdrawals(rows: &RecordBatch) -> BooleanArray {
    match rows.column_by_name("is_deleted") {
        None => BooleanArray::from(vec![false; rows.num_rows()]),
        Some(flags) => {
            let flags = flags.as_boolean();
            (0..rows.num_rows()).map(|row| Some(flags.is_valid(row) && flags.value(row))).collect()
        }
    }
}

/// The rows of each bucket that has any, in their order.
fn by_bucket(rows: &RecordBatch, buckets: &[u8]) -> Vec<(usize, RecordBatch)> {
    let mut ends = [0; BUCKETS + 1];
    buckets.iter().for_each(|&bucket| ends[usize::from(bucket) + 1] += 1);
    (0..BUCKETS).for_each(|bucket| ends[bucket + 1] += ends[bucket]);
    let mut next = ends;
    let mut order = vec![0; buckets.len()];
    for (row, &bucket) in buckets.iter().enumerate() {
        let place = &mut next[usize::from(bucket)];
        order[*place] = row as u32;
        *place += 1;
    }
    let order = UInt32Array::from(order);
    let columns = rows.columns().iter().map(|column| take(column, &order, None).expect("every index is a row"));
    let sorted = RecordBatch::try_new(rows.schema(), columns.collect()).expect("the columns keep their types");
    let of_bucket = |bucket: usize| (bucket, sorted.slice(ends[bucket], ends[bucket + 1] - ends[bucket]));
    (0..BUCKETS).map(of_bucket).filter(|(_, rows)| rows.num_rows() > 0).collect()
}

/// Waiting rows with final numbers, as settled rows.
pub fn settled(
    table: &'static TableSpec,
    waiting: &RecordBatch,
    persons: Option<&crate::history::words::Renumbering>,
    words: &crate::history::words::Renumbering,
) -> RecordBatch {
    use crate::history::layout::SUPPLIED_BY;
    let schema = settled_schema(table);
    let n_rows = waiting.num_rows();
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        let name = field.name();
        if name == KNOWN_TO {
            return arrow::array::new_null_array(field.data_type(), n_rows);
        }
        let cells = column(waiting, name);
        let numbers = || cells.as_primitive::<arrow::datatypes::UInt32Type>();
        match name.as_str() {
            PERSON => Arc::new(persons.expect("the table is about persons").apply(numbers())),
            SUPPLIED_BY => Arc::new(words.apply(numbers())),
            _ if *field.data_type() == DataType::UInt32 => Arc::new(words.apply(numbers())),
            _ => cells.clone(),
        }
    });
    RecordBatch::try_new(schema.clone(), columns.collect()).expect("the columns are those of the schema")
}
