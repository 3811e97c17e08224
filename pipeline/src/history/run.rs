//! A run: what one supplier sends of one table, as settled rows by bucket, and within a bucket by person and event.

use std::{
    borrow::Cow,
    ops::Range,
    sync::{Arc, Mutex},
};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array, Int32Array, RecordBatch, UInt32Array, UInt64Array},
    compute::{filter, filter_record_batch, take},
    datatypes::{DataType, Date32Type, Int32Type, TimestampSecondType, UInt32Type},
};
use earlycall_schemas::table::TableSpec;

use crate::{
    day::{Day, Instant},
    extract::{Accepted, Persons},
    history::{
        arriving::{WITHDRAWN, arriving, arriving_schema, no_withdrawals},
        bucket::BUCKETS,
        known_from::{Arrival, later},
        layout::{KEY, KNOWN_FROM, PERSON, SUPPLIED_BY},
        pieces,
        roll::{NOWHERE, Place},
        sorting::{Scratch, Sorted},
        versions::{column, with_column},
        words::Lexicon,
    },
};

/// The accepted rows of one table of one supplier, divided by bucket. Words have the numbers of a lexicon that all runs of
/// a delivery share.
pub struct Run {
    /// Who sent them.
    pub supplier: u32,
    /// Rows that were left out, because their persons object.
    pub withheld: u64,
    batches: Vec<Divided>,
    /// Whether some row takes another back.
    withdraws: bool,
}

/// Rows in the order of their buckets.
struct Divided {
    rows: RecordBatch,
    /// Where each bucket's rows begin, and where the last one's end.
    bounds: Vec<usize>,
    /// Days by which they count later than they say.
    later_by: i32,
}

impl Divided {
    fn places_of(&self, bucket: usize) -> Range<usize> {
        self.bounds[bucket]..self.bounds[bucket + 1]
    }

    fn of_bucket(&self, bucket: usize) -> RecordBatch {
        let places = self.places_of(bucket);
        let rows = self.rows.slice(places.start, places.len());
        with_column(&rows, KNOWN_FROM, later(column(&rows, KNOWN_FROM), self.later_by))
    }
}

impl Run {
    /// Divides accepted rows. `place` tells where a person lives, by the registry's number, or [`NOWHERE`] where their rows
    /// are to be left out.
    ///
    /// Batch by batch, while its columns are still in the processor's cache.
    pub fn new(
        accepted: Accepted,
        place: impl Fn(u32) -> Place,
        supplier: u32,
        arrival: &Arrival,
        words: &Mutex<Lexicon>,
    ) -> Run {
        let Accepted { table, rows, keys, unread, persons, .. } = accepted;
        assert_eq!([keys.len(), unread.len(), persons.len()], [rows.len(); 3], "one of each for every batch");
        let mut withheld = 0;
        let mut batches = Vec::with_capacity(rows.len());
        // Batches of one row group share their persons.
        let (mut latest, mut of_values) = (Arc::default(), Vec::new());
        for (((rows, keys), unread), Persons { places, numbers }) in rows.into_iter().zip(keys).zip(unread).zip(persons)
        {
            let (arriving, later_by) = arriving(table, (&rows, &keys), supplier, arrival, words);
            if !Arc::ptr_eq(&latest, &numbers) {
                of_values = numbers.iter().map(|number| place(*number)).collect::<Vec<Place>>();
                latest = numbers;
            }
            let divided = divided(&arriving, later_by, &places, &of_values);
            withheld += (rows.num_rows() - divided.rows.num_rows()) as u64;
            batches.push(divided);
            if let Some(unread) = unread {
                let (replaced, places) = replaced(&arriving, &places, &keys, &unread);
                batches.push(self::divided(&replaced, later_by, &places, &of_values));
            }
        }
        let withdraws = |batch: &Divided| column(&batch.rows, WITHDRAWN).as_boolean().true_count() > 0;
        let withdraws = batches.iter().any(withdraws);
        Run { supplier, withheld, batches, withdraws }
    }

    /// The keys of each bucket's rows, and the days from which they count.
    pub fn arriving(&self) -> impl Iterator<Item = (usize, RecordBatch)> {
        self.batches.iter().flat_map(|batch| (0..BUCKETS).map(move |bucket| (bucket, batch.of_bucket(bucket))))
    }
}

/// What some runs bring to a bucket: run by run, sorted by person and event; rows of one day stand as they were sent.
pub fn of_bucket(table: &'static TableSpec, runs: &[Run], bucket: usize, scratch: &mut Scratch) -> RecordBatch {
    let (mut pieces, mut ends) = (Vec::new(), Vec::with_capacity(runs.len()));
    let mut n_rows = 0;
    for run in runs {
        let of_run = run.batches.iter().map(|batch| (batch, batch.places_of(bucket)));
        pieces.extend(of_run.filter(|(_, places)| !places.is_empty()).inspect(|(_, places)| n_rows += places.len()));
        ends.push(n_rows);
    }
    let schema = arriving_schema(table);
    let joined = |at: usize| {
        let columns: Vec<_> = pieces.iter().map(|(batch, places)| (batch.rows.column(at), places.clone())).collect();
        pieces::joined(schema.field(at).data_type(), &columns)
    };
    let place = |name: &str| schema.index_of(name).expect("a column of the table");
    let (person_at, event_at) = (place(PERSON), table.event.as_deref().map(place));
    let (persons, events) = (joined(person_at), event_at.map(joined));
    let from_at = place(KNOWN_FROM);
    let known_later_by = event_at.and_then(|event_at| later_than_events(&pieces, event_at, from_at));
    let days = events.as_ref().map_or_else(|| vec![0; n_rows].into(), days_of);
    let numbers = persons.as_primitive::<UInt32Type>().values();
    let mut sorted = Sorted::with_room_for(n_rows);
    let mut start = 0;
    for &end in &ends {
        scratch.sort(&numbers[start..end], &days[start..end], start, &mut sorted);
        start = end;
    }
    let Sorted { order, persons, days } = sorted;
    let (order, persons): (UInt32Array, ArrayRef) = (order.into(), Arc::new(UInt32Array::from(persons)));
    let withdraws = runs.iter().any(|run| run.withdraws);
    let events = events.as_ref().map(|events| match are_days(events) {
        true => Arc::new(Date32Array::from(days)),
        false => in_order(events, &order, &ends),
    });
    // Column by column, so that each is still in the processor's cache when its rows are put in order.
    let columns = (0..schema.fields().len()).map(|at| match schema.field(at).name().as_str() {
        // Rows stay with their runs.
        SUPPLIED_BY => suppliers(runs, &ends),
        WITHDRAWN if !withdraws => Arc::new(no_withdrawals(n_rows)),
        _ if at == person_at => persons.clone(),
        _ if event_at == Some(at) => events.clone().expect("its table has events"),
        _ if at == from_at => match (known_later_by, &events) {
            (Some(by), Some(events)) => later(events, by),
            _ => in_order(&known_from(&pieces, &joined(at)), &order, &ends),
        },
        _ => in_order(&joined(at), &order, &ends),
    });
    RecordBatch::try_new(schema.clone(), columns.collect()).expect("the columns keep their types")
}

/// A range of the rows of a batch.
type Piece<'a> = (&'a Divided, Range<usize>);

/// Days by which every row of some pieces counts later than its event, where one column says both and it is the same for all.
fn later_than_events(pieces: &[Piece], event_at: usize, from_at: usize) -> Option<i32> {
    let (first, _) = pieces.first()?;
    let is_shared = |batch: &Divided| Arc::ptr_eq(batch.rows.column(event_at), batch.rows.column(from_at));
    let is_alike = |(batch, _): &Piece| is_shared(batch) && batch.later_by == first.later_by;
    pieces.iter().all(is_alike).then_some(first.later_by)
}

/// From when the rows of some pieces count, given what they say of it.
fn known_from(pieces: &[Piece], said: &ArrayRef) -> ArrayRef {
    if pieces.iter().all(|(batch, _)| batch.later_by == 0) {
        return said.clone();
    }
    let mut days = said.as_primitive::<Date32Type>().values().to_vec();
    let mut rest = &mut days[..];
    for (batch, places) in pieces {
        let (of_piece, others) = rest.split_at_mut(places.len());
        // Days of the contract lie near enough: without asking each time, many are looked at at once.
        of_piece.iter_mut().for_each(|day| *day = day.wrapping_add(batch.later_by));
        rest = others;
    }
    Arc::new(Date32Array::from(days))
}

/// Per row, who sent it, given where the rows of each run end.
fn suppliers(runs: &[Run], ends: &[usize]) -> ArrayRef {
    let mut suppliers = Vec::with_capacity(ends.last().copied().unwrap_or(0));
    runs.iter().zip(ends).for_each(|(run, end)| suppliers.resize(*end, run.supplier));
    Arc::new(UInt32Array::from(suppliers))
}

/// What rows take back with which they share all of their key but what could not be read then: a report of a death by
/// nobody in particular is the same as the one that says by whom, and would stand beside it for good.
fn replaced(
    arriving: &RecordBatch,
    persons: &Int32Array,
    keys: &UInt64Array,
    unread: &UInt64Array,
) -> (RecordBatch, Int32Array) {
    let is_read: BooleanArray =
        keys.values().iter().zip(unread.values()).map(|(key, unread)| Some(key != unread)).collect();
    let rows = with_column(arriving, KEY, Arc::new(unread.clone()));
    let rows = with_column(&rows, WITHDRAWN, Arc::new(BooleanArray::from(vec![true; rows.num_rows()])));
    let persons = filter(persons, &is_read).expect("one flag per row");
    (filter_record_batch(&rows, &is_read).expect("one flag per row"), persons.as_primitive::<Int32Type>().clone())
}

/// Rows in the order of their buckets, with the numbers of their persons; rows that live nowhere are left out.
fn divided(rows: &RecordBatch, later_by: i32, persons: &Int32Array, places: &[Place]) -> Divided {
    let is_somewhere = |place: &Place| *place != NOWHERE;
    let of_rows: Vec<Place> = persons.values().iter().map(|&at| places[at as usize]).collect();
    // As many as a bucket's number can say, so that none need be asked whether it is one.
    let mut next = [0_usize; 1 << u8::BITS];
    of_rows.iter().for_each(|(bucket, _)| next[usize::from(*bucket)] += 1);
    let mut bounds = Vec::with_capacity(BUCKETS + 1);
    let mut end = 0;
    for rows in &mut next[..BUCKETS] {
        bounds.push(end);
        end += std::mem::replace(rows, end);
    }
    bounds.push(end);
    // Whoever was not met has no bucket: a row of theirs would end the night.
    next[BUCKETS..].fill(usize::MAX);
    let (mut order, mut numbers) = (vec![0_u32; end], vec![0_u32; end]);
    for (row, (bucket, number)) in of_rows.iter().enumerate().filter(|(_, place)| is_somewhere(place)) {
        let at = &mut next[usize::from(*bucket)];
        (order[*at], numbers[*at]) = (row as u32, *number);
        *at += 1;
    }
    let (order, numbers): (UInt32Array, ArrayRef) = (order.into(), Arc::new(UInt32Array::from(numbers)));
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(rows.num_columns());
    for (field, column) in rows.schema().fields().iter().zip(rows.columns()) {
        // Rows that count from the day of their event have one column for both.
        let same = rows.columns()[..columns.len()].iter().position(|before| Arc::ptr_eq(before, column));
        columns.push(match (field.name().as_str(), same) {
            (PERSON, _) => numbers.clone(),
            // A run has one supplier.
            (SUPPLIED_BY, _) => column.slice(0, end),
            (_, Some(at)) => columns[at].clone(),
            (_, None) => in_order(column, &order, &[column.len()]),
        });
    }
    let rows = RecordBatch::try_new(rows.schema(), columns).expect("the columns keep their types");
    Divided { rows, bounds, later_by }
}

/// Rows of a column in an order that leaves each among those of its run; `ends` says where these end.
fn in_order(column: &ArrayRef, order: &UInt32Array, ends: &[usize]) -> ArrayRef {
    match is_alike(column, ends) {
        true => column.slice(0, order.len()),
        false => take(column, order, None).expect("every index is a row"),
    }
}

/// Whether a column says the same in every row of a run, as the practice of a practice's rows does.
fn is_alike(column: &ArrayRef, ends: &[usize]) -> bool {
    match column.data_type() {
        _ if column.null_count() > 0 => false,
        DataType::UInt32 => {
            let mut rest = &column.as_primitive::<UInt32Type>().values()[..];
            let mut start = 0;
            ends.iter().all(|&end| {
                let (run, others) = rest.split_at(end - start);
                (rest, start) = (others, end);
                // So many at once, for the processor compares them together.
                run.chunks(64).all(|some| some.iter().fold(0, |differ, number| differ | (number ^ run[0])) == 0)
            })
        }
        DataType::Boolean => column.as_boolean().true_count() == 0,
        _ => false,
    }
}

/// Whether every cell of a column is a day.
fn are_days(cells: &ArrayRef) -> bool {
    *cells.data_type() == DataType::Date32 && cells.null_count() == 0
}

/// Per row, the day of a column of days or moments.
fn days_of(cells: &ArrayRef) -> Cow<'_, [i32]> {
    match cells.as_primitive_opt::<Date32Type>() {
        Some(days) => days.values()[..].into(),
        None => {
            let moments = cells.as_primitive::<TimestampSecondType>();
            moments.iter().map(|second| second.map_or(0, |second| Day::of(Instant(second)).0)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::roll::UNMET;

    #[test]
    fn a_column_that_is_alike_within_each_run_stays_and_any_other_is_put_in_order() {
        let order = UInt32Array::from(vec![1, 0, 3, 2]);
        let put = |cells: Vec<u32>, ends: &[usize]| {
            let column: ArrayRef = Arc::new(UInt32Array::from(cells));
            in_order(&column, &order, ends).as_primitive::<UInt32Type>().values().to_vec()
        };
        // The first run has no row, the next two have two each.
        assert_eq!(put(vec![7, 7, 8, 8], &[0, 2, 4]), [7, 7, 8, 8]);
        assert_eq!(put(vec![7, 7, 8, 9], &[0, 2, 4]), [7, 7, 9, 8]);
        assert_eq!(put(vec![7, 7, 7, 7], &[4]), [7, 7, 7, 7]);
        assert_eq!(put(vec![7, 6, 7, 7], &[4]), [6, 7, 7, 7]);
    }

    #[test]
    fn rows_are_divided_by_bucket_and_those_that_live_nowhere_are_left_out() {
        let rows = |n: u32| {
            let numbers = |numbers: Vec<u32>| Arc::new(UInt32Array::from(numbers)) as ArrayRef;
            let columns = [(PERSON, numbers(vec![0; n as usize])), ("row", numbers((0..n).collect()))];
            RecordBatch::try_from_iter(columns).unwrap()
        };
        let told = |column: &ArrayRef| column.as_primitive::<UInt32Type>().values().to_vec();
        let Divided { rows: put, bounds, .. } =
            divided(&rows(4), 0, &Int32Array::from(vec![2, 1, 0, 2]), &[(3, 0), NOWHERE, (1, 7)]);
        assert_eq!((told(put.column(0)), told(put.column(1))), (vec![7, 7, 0], vec![0, 3, 2]));
        assert_eq!((bounds[1], bounds[2], bounds[3], bounds[4], bounds[BUCKETS]), (0, 2, 2, 3, 3));
        // Nobody else gets the row of somebody who was not met.
        let of_unmet = || divided(&rows(3), 0, &Int32Array::from(vec![0, 1, 2]), &[(3, 0), (3, 1), UNMET]);
        assert!(std::panic::catch_unwind(of_unmet).is_err());
    }

    #[test]
    fn rows_of_each_piece_count_as_much_later_as_its_batch_does() {
        let days = |days: Vec<i32>| Arc::new(Date32Array::from(days)) as ArrayRef;
        let batch = |event: ArrayRef, known_from: ArrayRef, later_by| {
            let columns = [("event", event), (KNOWN_FROM, known_from)];
            Divided { rows: RecordBatch::try_from_iter(columns).unwrap(), bounds: Vec::new(), later_by }
        };
        let shared = |events: ArrayRef, later_by| batch(events.clone(), events, later_by);
        let (one, other) = (shared(days(vec![1, 2, 3]), 3), shared(days(vec![10, 20]), 3));
        assert_eq!(later_than_events(&[(&one, 1..3), (&other, 0..1)], 0, 1), Some(3));
        assert_eq!(
            known_from(&[(&one, 1..3), (&other, 0..1)], &days(vec![2, 3, 10])).as_ref(),
            days(vec![5, 6, 13]).as_ref()
        );
        // Of one run the days are told as they are, and of another from their events.
        let told = batch(days(vec![10, 20]), days(vec![30, 30]), 0);
        let pieces = [(&told, 0..2), (&one, 0..1)];
        assert_eq!(later_than_events(&pieces, 0, 1), None);
        assert_eq!(known_from(&pieces, &days(vec![30, 30, 1])).as_ref(), days(vec![30, 30, 4]).as_ref());
        assert_eq!(later_than_events(&[(&one, 0..1), (&shared(days(vec![1]), 2), 0..1)], 0, 1), None);
    }
}
