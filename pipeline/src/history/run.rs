//! A run: what one supplier sends of one table, as settled rows by bucket, and within a bucket by person and event.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Int32Array, RecordBatch, UInt32Array, UInt64Array},
    compute::{concat_batches, take},
    datatypes::{DataType, Date32Type, Field, Int32Type, Schema, SchemaRef, TimestampSecondType, UInt32Type},
};
use earlycall_schemas::table::TableSpec;

use crate::{
    day::{Day, Instant},
    extract::Accepted,
    history::{
        bucket::BUCKETS,
        known_from::{Arrival, known_from},
        layout::{KNOWN_TO, PERSON, is_word, kept_columns, settled_schema},
        roll::Place,
        versions::{column, with_column},
        words::Lexicon,
    },
};

/// The column of an arriving row that says whether it takes a row back.
pub const WITHDRAWN: &str = "withdrawn";

/// The accepted rows of one table of one supplier, divided by bucket.
pub struct Run {
    /// Who sent them.
    pub supplier: u32,
    table: &'static TableSpec,
    batches: Vec<Divided>,
    /// What the numbers of words in these rows stand for.
    pub words: Vec<String>,
}

/// Rows in the order of their buckets.
struct Divided {
    rows: RecordBatch,
    /// Where each bucket's rows begin, and where the last one's end.
    bounds: Vec<usize>,
}

impl Divided {
    fn of_bucket(&self, bucket: usize) -> RecordBatch {
        self.rows.slice(self.bounds[bucket], self.bounds[bucket + 1] - self.bounds[bucket])
    }
}

impl Run {
    /// Divides accepted rows; `places` are by the registry's numbers.
    ///
    /// Batch by batch, while its columns are still in the processor's cache.
    pub fn new(accepted: Accepted, places: &[Place], supplier: u32, arrival: &Arrival) -> Run {
        let table = accepted.table;
        let mut words = Lexicon::default();
        let mut batches = Vec::with_capacity(accepted.rows.len());
        // Batches of one row group share their persons.
        let (mut latest, mut of_values) = (Arc::default(), Vec::new());
        for ((rows, keys), persons) in accepted.rows.into_iter().zip(accepted.keys).zip(accepted.persons) {
            let arriving = arriving(table, (&rows, &keys), supplier, arrival, &mut words);
            if !Arc::ptr_eq(&latest, &persons) {
                // Of a stranger there is no row that was accepted.
                let place = |&number: &u32| places.get(number as usize).copied().unwrap_or_default();
                of_values = persons.iter().map(place).collect::<Vec<Place>>();
                latest = persons;
            }
            let coded = column(&rows, "person_id").as_dictionary::<Int32Type>();
            batches.push(divided(&arriving, coded.keys(), &of_values));
        }
        Run { supplier, table, batches, words: words.texts().to_vec() }
    }

    /// The rows of a bucket, sorted by person and event; rows of one day stand as they were sent.
    pub fn of_bucket(&self, bucket: usize, scratch: &mut Scratch) -> RecordBatch {
        let slices = self.batches.iter().map(|batch| batch.of_bucket(bucket));
        let slices: Vec<RecordBatch> = slices.filter(|rows| rows.num_rows() > 0).collect();
        let rows = concat_batches(&arriving_schema(self.table), &slices).expect("all are of one table");
        let persons = column(&rows, PERSON).as_primitive::<UInt32Type>().values();
        let order = scratch.order(persons, &events(self.table, &rows));
        in_order(&rows, &order)
    }

    /// The keys of each bucket's rows, and the days from which they count.
    pub fn arriving(&self) -> impl Iterator<Item = (usize, RecordBatch)> {
        self.batches.iter().flat_map(|batch| (0..BUCKETS).map(move |bucket| (bucket, batch.of_bucket(bucket))))
    }
}

/// Rows in the order of their buckets, with the numbers of their persons.
fn divided(rows: &RecordBatch, persons: &Int32Array, places: &[Place]) -> Divided {
    let places = || persons.values().iter().map(|&at| places[at as usize]);
    let mut bounds = vec![0; BUCKETS + 1];
    places().for_each(|(bucket, _)| bounds[usize::from(bucket) + 1] += 1);
    (0..BUCKETS).for_each(|bucket| bounds[bucket + 1] += bounds[bucket]);
    let mut next = bounds.clone();
    let mut order = vec![0_u32; rows.num_rows()];
    let mut numbers = vec![0_u32; rows.num_rows()];
    for (row, (bucket, number)) in places().enumerate() {
        let at = &mut next[usize::from(bucket)];
        (order[*at], numbers[*at]) = (row as u32, number);
        *at += 1;
    }
    let rows = with_column(&in_order(rows, &order), PERSON, Arc::new(UInt32Array::from(numbers)));
    Divided { rows, bounds }
}

fn in_order(rows: &RecordBatch, order: &[u32]) -> RecordBatch {
    let order = UInt32Array::from(order.to_vec());
    let columns = rows.columns().iter().map(|column| match is_alike(column) {
        true => column.clone(),
        false => take(column, &order, None).expect("every index is a row"),
    });
    RecordBatch::try_new(rows.schema(), columns.collect()).expect("the columns keep their types")
}

/// Whether a column says the same in every row, as the practice of a practice's rows does.
fn is_alike(column: &ArrayRef) -> bool {
    match column.data_type() {
        _ if column.null_count() > 0 => false,
        DataType::UInt32 => {
            let numbers = column.as_primitive::<UInt32Type>().values();
            numbers.iter().all(|number| number == &numbers[0])
        }
        DataType::Boolean => column.as_boolean().true_count() == 0,
        _ => false,
    }
}

/// Memory for sorting one bucket after another.
#[derive(Default)]
pub struct Scratch {
    /// Per number of a person: how many rows, then where the next one goes. Between two buckets, nothing.
    next: Vec<u32>,
}

impl Scratch {
    /// The rows by person and event, rows of one day as they came.
    fn order(&mut self, persons: &[u32], events: &[i32]) -> Vec<u32> {
        let most = persons.iter().max().map_or(0, |most| *most as usize + 1);
        self.next.resize(self.next.len().max(most), 0);
        let mut met: Vec<u32> = Vec::new();
        for &person in persons {
            let n = &mut self.next[person as usize];
            if *n == 0 {
                met.push(person);
            }
            *n += 1;
        }
        met.sort_unstable();
        let mut first = 0;
        for &person in &met {
            let n = std::mem::replace(&mut self.next[person as usize], first);
            first += n;
        }
        let mut order = vec![0_u64; persons.len()];
        for (row, (&person, &event)) in persons.iter().zip(events).enumerate() {
            let at = &mut self.next[person as usize];
            // The day and then the row, both as their order wants it, in one number.
            order[*at as usize] = u64::from(event.cast_unsigned() ^ (1 << 31)) << 32 | row as u64;
            *at += 1;
        }
        let mut first = 0;
        for person in met {
            let end = std::mem::take(&mut self.next[person as usize]) as usize;
            order[first..end].sort_unstable();
            first = end;
        }
        order.into_iter().map(|event_and_row| event_and_row as u32).collect()
    }
}

/// The columns of a row that arrives: those of a settled one without its end, and whether it takes a row back.
pub fn arriving_schema(table: &'static TableSpec) -> SchemaRef {
    let settled = settled_schema(table);
    let mut fields: Vec<Arc<Field>> =
        settled.fields().iter().filter(|field| field.name() != KNOWN_TO).cloned().collect();
    fields.push(Arc::new(Field::new(WITHDRAWN, DataType::Boolean, false)));
    Arc::new(Schema::new(fields))
}

/// Accepted rows and their keys, with the days from which they count, and words as numbers; where a table is about
/// persons, their numbers are still missing.
pub fn arriving(
    table: &'static TableSpec,
    (rows, keys): (&RecordBatch, &UInt64Array),
    supplier: u32,
    arrival: &Arrival,
    words: &mut Lexicon,
) -> RecordBatch {
    let schema = arriving_schema(table);
    let n_rows = rows.num_rows();
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    if table.is_about_persons() {
        columns.push(Arc::new(UInt32Array::from_value(0, n_rows)));
    }
    columns.push(Arc::new(keys.clone()));
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
    RecordBatch::try_new(schema, columns).expect("the checks give every column its declared type")
}

/// A dictionary's cells as numbers of words.
fn numbered(cells: &ArrayRef, words: &mut Lexicon) -> ArrayRef {
    let coded = cells.as_dictionary::<Int32Type>();
    let values = coded.values().as_string::<i32>();
    let numbers: Vec<u32> = values.iter().map(|text| words.number(text.unwrap_or_default())).collect();
    // What lies under an empty cell may be anything.
    Arc::new(coded.keys().unary::<_, UInt32Type>(|at| numbers.get(at as usize).copied().unwrap_or_default()))
}

/// A column without a dictionary.
fn plain(cells: &ArrayRef) -> ArrayRef {
    match cells.data_type() {
        DataType::Dictionary(_, values) => arrow::compute::cast(cells, values).expect("a dictionary unfolds"),
        _ => cells.clone(),
    }
}

fn withdrawals(rows: &RecordBatch) -> BooleanArray {
    match rows.column_by_name("is_deleted").map(|flags| flags.as_boolean()) {
        Some(flags) if flags.true_count() > 0 => {
            (0..rows.num_rows()).map(|row| Some(flags.is_valid(row) && flags.value(row))).collect()
        }
        _ => BooleanArray::from(vec![false; rows.num_rows()]),
    }
}

/// Per row, the day of its event; 0 where the table has none.
fn events(table: &TableSpec, rows: &RecordBatch) -> Vec<i32> {
    let Some(event) = &table.event else { return vec![0; rows.num_rows()] };
    let cells = column(rows, event);
    match cells.as_primitive_opt::<Date32Type>() {
        Some(days) => days.values().to_vec(),
        None => {
            let moments = cells.as_primitive::<TimestampSecondType>();
            moments.iter().map(|second| second.map_or(0, |second| Day::of(Instant(second)).0)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_by_person_and_event_and_rows_of_one_day_stay_as_they_came() {
        let mut scratch = Scratch::default();
        // Twice, as the memory of the first must not reach the second.
        for _ in 0..2 {
            assert_eq!(scratch.order(&[7, 2, 7, 2, 7, 9], &[5, -1, 5, -3, 4, 0]), [3, 1, 4, 0, 2, 5]);
            assert_eq!(scratch.order(&[0, 0], &[1, 0]), [1, 0]);
            assert!(scratch.order(&[], &[]).is_empty());
        }
    }
}
