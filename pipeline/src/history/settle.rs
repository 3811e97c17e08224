//! Settling: what a delivery brings to one table of one bucket, as rows of the next segment and ends of older rows.

use std::collections::{BTreeSet, HashMap, HashSet};

use arrow::{
    array::{ArrayRef, AsArray, BooleanArray, RecordBatch, UInt32Array},
    compute::{concat_batches, filter_record_batch, take},
    datatypes::{Date32Type, UInt32Type, UInt64Type},
};
use earlycall_schemas::table::{TableKind, TableSpec};

use crate::{
    day::Day,
    error::Result,
    history::{
        archive::Archive,
        closings::End,
        layout::{KEY, KNOWN_FROM, PERSON, settled_schema},
        merge::Moves,
        records::PersonKey,
        standing::{KeySet, Standing, Wanted, persons},
        versions::{Changes, Fresh, Terms, changes, close, column, days, with_column},
    },
};

/// What settling a table needs besides the rows of the bucket.
pub struct Settling<'a> {
    /// The table.
    pub table: &'static TableSpec,
    /// What is settled so far.
    pub archive: &'a Archive,
    /// Who changes bucket.
    pub moves: &'a Moves,
    /// The delivery's terms for this table.
    pub terms: Terms,
    /// The delivered keys of all buckets, each with its bucket and the day from which it counts; empty when nothing is
    /// settled yet.
    pub arriving: &'a Arriving,
    /// Segments that are written anew together with what arrives.
    pub folded: BTreeSet<u32>,
}

/// Delivered keys of a table.
#[derive(Default)]
pub struct Arriving {
    /// The bucket of each.
    pub buckets: HashMap<u64, u8>,
    /// From when each counts.
    pub known_from: HashMap<u64, Day>,
}

impl Arriving {
    /// Adds waiting rows, each of which goes to a bucket.
    pub fn add(&mut self, waiting: &RecordBatch, buckets: &[u8]) {
        let keys = column(waiting, KEY).as_primitive::<UInt64Type>().values();
        let from = column(waiting, KNOWN_FROM).as_primitive::<Date32Type>().values();
        for ((&key, &bucket), &from) in keys.iter().zip(buckets).zip(from) {
            self.buckets.insert(key, bucket);
            self.known_from.insert(key, Day(from));
        }
    }
}

/// What becomes of a bucket's table.
pub struct Settled {
    /// Rows of the next segment, sorted by person, event and key.
    pub rows: RecordBatch,
    /// Ends of rows of older segments: segment, row, end.
    pub ends: Vec<(u32, u32, End)>,
    /// By how many the rows that count have grown.
    pub growth: i64,
}

impl Settling<'_> {
    /// Whether a delivery changes anything of a bucket.
    pub fn is_touched(&self, bucket: usize, n_fresh: usize) -> bool {
        n_fresh > 0
            || !self.arriving.buckets.is_empty()
            || !self.terms.full_suppliers.is_empty()
            || !self.folded.is_empty()
            || self.moves.touches(bucket)
    }

    /// Settles one bucket. `people` are its persons by number.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a segment cannot be read.
    pub fn settle(&self, bucket: usize, fresh: Fresh, people: &[PersonKey]) -> Result<Settled> {
        let (leaving, standing) = self.standing(bucket, people)?;
        let mut ends: Vec<(u32, u32, End)> =
            leaving.places.iter().flatten().map(|&(segment, row)| (segment, row, None)).collect();
        let fresh = self.with_those_gone_elsewhere(bucket, fresh, &standing);
        let Changes { closes, joins } = self.changes(&standing, &fresh);
        let has_past = self.table.kind == TableKind::Clinical;
        for (place, closed) in standing.places.iter().zip(&closes) {
            if let (Some((segment, row)), Some(day)) = (place, closed) {
                ends.push((*segment, *row, has_past.then_some(*day)));
            }
        }
        let growth = joins.num_rows() as i64 - closes.iter().flatten().count() as i64;
        let loose: Vec<bool> = standing.places.iter().map(Option::is_none).collect();
        let mut rows = joins;
        if loose.contains(&true) {
            let flags = BooleanArray::from(loose.clone());
            let kept = filter_record_batch(&standing.rows, &flags).expect("one flag per row");
            let closed: Vec<Option<Day>> =
                closes.iter().zip(&loose).filter(|(_, loose)| **loose).map(|(closed, _)| *closed).collect();
            let kept = close(self.table, &kept, &closed);
            rows = concat_batches(&settled_schema(self.table), [&kept, &rows]).expect("both are settled tables");
        }
        Ok(Settled { rows: sorted(self.table, &rows), ends, growth })
    }

    fn changes(&self, standing: &Standing, fresh: &Fresh) -> Changes {
        if standing.places.is_empty() && fresh.withdrawn.true_count() == 0 {
            return Changes { closes: Vec::new(), joins: fresh.rows.clone() };
        }
        changes(self.table, &standing.rows, fresh, &self.terms)
    }

    /// The rows of persons who leave the bucket, and the rows that the delivery may concern: of its own segments, of
    /// those that are folded, and of persons who come.
    fn standing(&self, bucket: usize, people: &[PersonKey]) -> Result<(Standing, Standing)> {
        let table = self.table;
        let keys = KeySet::new(&self.arriving.buckets);
        let concerned = Wanted::Concerned { keys: &keys, suppliers: &self.terms.full_suppliers };
        let gone: HashSet<u32> =
            (0..people.len() as u32).filter(|&number| self.moves.is_leaving(bucket, people[number as usize])).collect();
        let (mut leaving, mut staying) = (Vec::new(), Vec::new());
        for segment in self.archive.segments(table) {
            if !gone.is_empty() {
                leaving.push(Standing::read(self.archive, table, segment, bucket, &Wanted::Persons(&gone))?);
            }
            let is_folded = self.folded.contains(&segment.number);
            let rows = match is_folded {
                true => Standing::read(self.archive, table, segment, bucket, &Wanted::All)?.loosened(),
                false => Standing::read(self.archive, table, segment, bucket, &concerned)?,
            };
            let of_row: Vec<bool> = persons(&rows.rows).values().iter().map(|person| !gone.contains(person)).collect();
            staying.push(rows.filtered(|row| of_row[row]));
        }
        staying.extend(self.coming(bucket, people)?);
        Ok((Standing::together(table, leaving), Standing::together(table, staying)))
    }

    /// The rows of persons who come from other buckets, under their new numbers.
    fn coming(&self, bucket: usize, people: &[PersonKey]) -> Result<Vec<Standing>> {
        let mut coming: HashMap<usize, Vec<PersonKey>> = HashMap::new();
        self.moves.coming(bucket).for_each(|(from, person)| coming.entry(from).or_default().push(person));
        let mut sources: Vec<(usize, Vec<PersonKey>)> = coming.into_iter().collect();
        sources.sort_unstable();
        let number_here = |key: &PersonKey| people.iter().position(|known| known == key).map(|n| n as u32);
        let mut found = Vec::new();
        for (from, persons_coming) in sources {
            let older = &self.archive.people[from];
            let renumbered: HashMap<u32, u32> = persons_coming
                .iter()
                .filter_map(|key| {
                    let number_there = older.iter().position(|known| known == key)?;
                    Some((number_there as u32, number_here(key).expect("the roll has a place for whoever moves")))
                })
                .collect();
            let wanted: HashSet<u32> = renumbered.keys().copied().collect();
            for segment in self.archive.segments(self.table) {
                let rows = Standing::read(self.archive, self.table, segment, from, &Wanted::Persons(&wanted))?;
                let numbers: UInt32Array = persons(&rows.rows).unary(|person| renumbered[&person]);
                let rows = Standing { rows: with_column(&rows.rows, PERSON, std::sync::Arc::new(numbers)), ..rows };
                found.push(rows.loosened());
            }
        }
        Ok(found)
    }

    /// The delivered rows, and as withdrawals the keys that arrived in other buckets: an episode that now is somebody
    /// else's is taken back from whoever had it.
    fn with_those_gone_elsewhere(&self, bucket: usize, fresh: Fresh, standing: &Standing) -> Fresh {
        let keys = column(&standing.rows, KEY).as_primitive::<UInt64Type>().values();
        let is_elsewhere = |key: &u64| self.arriving.buckets.get(key).is_some_and(|&of| usize::from(of) != bucket);
        let mut elsewhere: Vec<u64> = keys.iter().copied().filter(is_elsewhere).collect();
        if elsewhere.is_empty() {
            return fresh;
        }
        elsewhere.sort_unstable();
        elsewhere.dedup();
        let withdrawals = withdrawals(self.table, &elsewhere, &self.arriving.known_from);
        let n_own = fresh.rows.num_rows();
        let flags: BooleanArray =
            (0..n_own + elsewhere.len()).map(|row| Some(row >= n_own || fresh.withdrawn.value(row))).collect();
        let rows = concat_batches(&settled_schema(self.table), [&fresh.rows, &withdrawals]);
        Fresh { rows: rows.expect("both are settled tables"), withdrawn: flags }
    }
}

/// Rows that say nothing but their key.
fn withdrawals(table: &'static TableSpec, keys: &[u64], known_from: &HashMap<u64, Day>) -> RecordBatch {
    let schema = settled_schema(table);
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        match field.name().as_str() {
            KEY => std::sync::Arc::new(arrow::array::UInt64Array::from(keys.to_vec())),
            KNOWN_FROM => {
                let days = keys.iter().map(|key| known_from.get(key).map(|day| day.0));
                std::sync::Arc::new(days.collect::<arrow::array::PrimitiveArray<Date32Type>>())
            }
            _ if !field.is_nullable() => std::sync::Arc::new(UInt32Array::from_value(0, keys.len())),
            _ => arrow::array::new_null_array(field.data_type(), keys.len()),
        }
    });
    RecordBatch::try_new(schema.clone(), columns.collect()).expect("the columns are those of the schema")
}

/// Rows sorted by person, event and key, then by when the version was known.
fn sorted(table: &'static TableSpec, rows: &RecordBatch) -> RecordBatch {
    let order = UInt32Array::from(order(table, rows));
    let columns = rows.columns().iter().map(|column| take(column, &order, None).expect("every index is a row"));
    RecordBatch::try_new(rows.schema(), columns.collect()).expect("the columns keep their types")
}

fn order(table: &'static TableSpec, rows: &RecordBatch) -> Vec<u32> {
    let n_rows = rows.num_rows();
    let persons = column(rows, PERSON).as_primitive::<UInt32Type>().values();
    let keys = column(rows, KEY).as_primitive::<UInt64Type>().values();
    let from = column(rows, KNOWN_FROM).as_primitive::<Date32Type>().values();
    let events: Vec<i32> = match &table.event {
        Some(event) => days(column(rows, event)).into_iter().map(|day| day.map_or(i32::MIN, |day| day.0)).collect(),
        None => vec![0; n_rows],
    };
    // By person first, by counting; a person's few rows are then sorted among themselves.
    let n_persons = persons.iter().max().map_or(0, |most| *most as usize + 1);
    let mut ends = vec![0_u32; n_persons + 1];
    persons.iter().for_each(|&person| ends[person as usize + 1] += 1);
    (0..n_persons).for_each(|person| ends[person + 1] += ends[person]);
    let mut next = ends.clone();
    let mut order = vec![(0_u64, 0_u32); n_rows];
    for (row, &person) in persons.iter().enumerate() {
        // The event and the first half of the key, in their order, decide nearly every comparison.
        let first = u64::from((events[row] as u32) ^ (1 << 31)) << 32 | keys[row] >> 32;
        order[next[person as usize] as usize] = (first, row as u32);
        next[person as usize] += 1;
    }
    for bounds in ends.windows(2) {
        order[bounds[0] as usize..bounds[1] as usize].sort_unstable_by(|(a, m), (b, n)| {
            let rest = |row: u32| (keys[row as usize], from[row as usize]);
            a.cmp(b).then_with(|| rest(*m).cmp(&rest(*n)))
        });
    }
    order.into_iter().map(|(_, row)| row).collect()
}
