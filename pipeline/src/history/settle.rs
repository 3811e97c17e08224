//! Settling: what a delivery brings to one table of one bucket, as rows of the next segment and ends of older rows.

use std::collections::BTreeSet;

use arrow::{
    array::{ArrayRef, AsArray, BooleanArray, RecordBatch, UInt32Array},
    compute::{concat_batches, filter_record_batch},
    datatypes::{Date32Type, UInt64Type},
};
use earlycall_schemas::table::{TableKind, TableSpec};

use crate::{
    day::Day,
    error::Result,
    history::{
        archive::Archive,
        closings::End,
        layout::{KEY, KNOWN_FROM, settled_schema},
        moving::Moving,
        part::Part,
        roll::Roll,
        standing::{Arriving, Standing, Wanted, owned, persons},
        versions::{Changes, Fresh, Terms, changes, close, column},
    },
};

/// What settling a part needs besides the rows of the bucket.
pub struct Settling<'a> {
    /// The number of the delivery.
    pub delivery: u32,
    /// The part.
    pub part: &'a Part,
    /// What is settled so far.
    pub archive: &'a Archive,
    /// Where everybody lives.
    pub roll: &'a Roll,
    /// The rows of whoever changes bucket.
    pub moving: Moving<'a>,
    /// The delivery's terms for this part.
    pub terms: Terms,
    /// The delivered keys of all buckets, each with its bucket and the day from which it counts; empty when nothing is
    /// settled yet.
    pub arriving: Arriving,
    /// Segments that are written anew together with what arrives.
    pub folded: BTreeSet<u32>,
}

/// What becomes of a bucket's table.
pub struct Settled {
    /// Rows of the next segment.
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
            || !self.arriving.is_empty()
            || !self.terms.full_suppliers.is_empty()
            || !self.folded.is_empty()
            || self.moving.touches(bucket)
    }

    /// Settles one bucket.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a segment cannot be read.
    pub fn settle(&self, bucket: usize, fresh: Fresh) -> Result<Settled> {
        let table = self.part.table;
        let standing = self.standing(bucket)?;
        let leaving = self.moving.leaving(bucket).into_iter().flat_map(|leaving| &leaving.places);
        let mut ends: Vec<(u32, u32, End)> = leaving.flatten().map(|&(segment, row)| (segment, row, None)).collect();
        let fresh = self.with_those_gone_elsewhere(bucket, fresh, &standing);
        let Changes { closes, joins } = self.changes(&standing, &fresh);
        let has_past = table.kind == TableKind::Clinical;
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
            let kept = close(table, &kept, &closed);
            rows = concat_batches(&settled_schema(table), [&kept, &rows]).expect("both are settled tables");
        }
        Ok(Settled { rows, ends, growth })
    }

    fn changes(&self, standing: &Standing, fresh: &Fresh) -> Changes {
        if standing.places.is_empty() && fresh.withdrawn.true_count() == 0 {
            return Changes { closes: Vec::new(), joins: fresh.rows.clone() };
        }
        changes(self.part.table, &standing.rows, fresh, &self.terms)
    }

    /// The rows that the part may concern, but for those that leave the bucket: of its own segments, of those that are
    /// folded, and of persons who come.
    fn standing(&self, bucket: usize) -> Result<Standing> {
        let table = self.part.table;
        let concerned = Wanted::Concerned { keys: &self.arriving, suppliers: &self.terms.full_suppliers };
        let mut staying = Vec::new();
        for segment in self.archive.segments(table) {
            let is_folded = self.folded.contains(&segment.number);
            let rows = match is_folded {
                true => {
                    let all = Standing::read(self.archive, table, segment, bucket, &Wanted::All)?;
                    owned(&all, self.part).loosened()
                }
                false => Standing::read(self.archive, table, segment, bucket, &concerned)?,
            };
            let stays = |person: &u32| !self.moving.is_leaving(bucket, *person);
            let stay: Vec<bool> = persons(&rows.rows).values().iter().map(stays).collect();
            staying.push(rows.filtered(|row| stay[row]));
        }
        staying.extend(self.moving.coming(bucket, self.roll));
        Ok(Standing::together(table, staying))
    }

    /// The delivered rows, and as withdrawals the keys that arrived in other buckets: an episode that now is somebody
    /// else's is taken back from whoever had it.
    fn with_those_gone_elsewhere(&self, bucket: usize, fresh: Fresh, standing: &Standing) -> Fresh {
        let keys = column(&standing.rows, KEY).as_primitive::<UInt64Type>().values();
        let is_elsewhere = |key: &u64| self.arriving.bucket_of(*key).is_some_and(|of| of != bucket);
        let mut elsewhere: Vec<u64> = keys.iter().copied().filter(is_elsewhere).collect();
        if elsewhere.is_empty() {
            return fresh;
        }
        elsewhere.sort_unstable();
        elsewhere.dedup();
        let withdrawals = withdrawals(self.part.table, &elsewhere, &self.arriving);
        let n_own = fresh.rows.num_rows();
        let flags: BooleanArray =
            (0..n_own + elsewhere.len()).map(|row| Some(row >= n_own || fresh.withdrawn.value(row))).collect();
        let rows = concat_batches(&settled_schema(self.part.table), [&fresh.rows, &withdrawals]);
        Fresh { rows: rows.expect("both are settled tables"), withdrawn: flags }
    }
}

/// Rows that say nothing but their key.
fn withdrawals(table: &'static TableSpec, keys: &[u64], arriving: &Arriving) -> RecordBatch {
    let schema = settled_schema(table);
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        match field.name().as_str() {
            KEY => std::sync::Arc::new(arrow::array::UInt64Array::from(keys.to_vec())),
            KNOWN_FROM => {
                let days = keys.iter().map(|key| arriving.known_from(*key).map(|day| day.0));
                std::sync::Arc::new(days.collect::<arrow::array::PrimitiveArray<Date32Type>>())
            }
            _ if !field.is_nullable() => std::sync::Arc::new(UInt32Array::from_value(0, keys.len())),
            _ => arrow::array::new_null_array(field.data_type(), keys.len()),
        }
    });
    RecordBatch::try_new(schema.clone(), columns.collect()).expect("the columns are those of the schema")
}
