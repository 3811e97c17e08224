//! Rules that need the other rows of a table: repeated keys (V06), a visit sent twice within minutes (V27), records
//! merged in a circle (V37) and a reading sent twice (V39).
//!
//! Each takes the rows that passed so far and names those to drop, so that the order of the files decides only where a
//! rule says "the last".

use std::collections::HashMap;

use arrow::array::{Array, ArrayAccessor, ArrayRef, AsArray, StringArray, TypedDictionaryArray, UInt64Array};
use arrow::datatypes::{Int32Type, TimestampSecondType};
use arrow::record_batch::RecordBatch;
use earlycall_schemas::table::{TableKind, TableSpec};

use crate::quality::hashes;
use crate::quality::tally::Rule;

/// Two attendances of a person at one provider this close together are one visit.
const SAME_VISIT_SECONDS: i64 = 600;

/// A row among several batches: batch, then row in it. Ordered as the rows arrived.
pub(crate) type Place = (usize, usize);

/// A rule to apply across the rows of a table, with the column to name.
pub(crate) struct Check {
    pub rule: Rule,
    pub column: &'static str,
    /// The rows to drop.
    pub drop: fn(&Sent) -> Vec<Place>,
}

/// The rows of a table that passed so far.
pub(crate) struct Sent<'a> {
    pub table: &'static TableSpec,
    pub batches: &'a [RecordBatch],
    /// Per batch, a number for the key of each row.
    pub keys: &'a [UInt64Array],
    /// Per batch, the [`likeness`] of each row, where the table has one.
    pub likenesses: &'a [&'a [u64]],
}

/// Per row, a hash of 64 bits of what makes it the same as another whatever its key is: of an attendance the person and the
/// provider, of a reading the person, the thing and the moment. None of any other table.
pub(crate) fn likeness(table: &TableSpec, batch: &RecordBatch) -> Option<Vec<u64>> {
    let columns: &[&str] = match table.name.as_str() {
        "ed_attendances" => &["person_id", "provider_code"],
        "remote_monitoring" => &["person_id", "code", "taken_at"],
        _ => return None,
    };
    let columns = columns.iter().map(|name| batch.column_by_name(name).expect("a column of the table").clone());
    Some(hashes::of_rows(&columns.collect::<Vec<ArrayRef>>()))
}

/// The rules of a table, in the order in which they apply.
pub(crate) fn checks(table: &'static TableSpec) -> Vec<Check> {
    let mut checks = vec![Check { rule: "V06", column: told_of_key(table), drop: repeated }];
    match table.name.as_str() {
        "ed_attendances" => checks.push(Check { rule: "V27", column: "arrival_at", drop: sent_twice }),
        "remote_monitoring" => checks.push(Check { rule: "V39", column: "taken_at", drop: taken_twice }),
        "patients" => checks.push(Check { rule: "V37", column: "superseded_by", drop: merged_in_a_circle }),
        _ => {}
    }
    checks
}

/// The column of a table's key to name: the supplier's code, where it is part of the key, is the same in all its rows.
fn told_of_key(table: &'static TableSpec) -> &'static str {
    const SUPPLIERS: [&str; 4] = ["provider_code", "provider_id", "supplier_id", "device_source"];
    table.key.iter().find(|name| !SUPPLIERS.contains(&name.as_str())).unwrap_or(&table.key[0])
}

/// V06: of the rows with one key, all but the newest version; of equal versions, all but the last. Of a dissent and a
/// withdrawal of one moment, the dissent stays.
fn repeated(sent: &Sent) -> Vec<Place> {
    let keys: Vec<&[u64]> = sent.keys.iter().map(|keys| &keys.values()[..]).collect();
    hashes::repeated(&keys).into_iter().flat_map(|same| all_but_newest(sent.table, sent.batches, same)).collect()
}

fn all_but_newest(table: &TableSpec, batches: &[RecordBatch], mut same: Vec<Place>) -> Vec<Place> {
    let version = |&(batch, row): &Place| {
        let name = table.received.as_deref().unwrap_or("updated_at");
        let column = batches[batch].column_by_name(name)?.as_primitive::<TimestampSecondType>();
        column.is_valid(row).then(|| column.value(row))
    };
    let is_dissent = |&(batch, row): &Place| {
        let is_permission = table.kind == TableKind::Permission;
        is_permission && coded(&batches[batch], "status").value(row) == "dissent"
    };
    same.sort_by_key(|place| (version(place), is_dissent(place), *place));
    same.pop();
    same
}

/// V27: an attendance within ten minutes of an earlier one of the same person at the same provider.
fn sent_twice(sent: &Sent) -> Vec<Place> {
    let arrivals: Vec<_> = sent
        .batches
        .iter()
        .map(|batch| batch.column_by_name("arrival_at").expect("a column").as_primitive::<TimestampSecondType>())
        .collect();
    // Most people come again some day: to sort all rows takes less than to look for those whose hash is there twice.
    let mut visits: Vec<(u64, i64, (u32, u32))> = Vec::with_capacity(sent.keys.iter().map(Array::len).sum());
    for (at, hashes) in sent.likenesses.iter().enumerate() {
        let rows = hashes.iter().copied().enumerate().filter(|(row, _)| !is_withdrawn(&sent.batches[at], *row));
        visits.extend(rows.map(|(row, hash)| (hash, arrivals[at].value(row), (at as u32, row as u32))));
    }
    visits.sort_unstable();
    let mut dropped = Vec::new();
    let mut kept = None;
    for (hash, arrival, (at, row)) in visits {
        if kept.is_some_and(|(of, before)| of == hash && arrival - before <= SAME_VISIT_SECONDS) {
            dropped.push((at as usize, row as usize));
        } else {
            kept = Some((hash, arrival));
        }
    }
    dropped
}

/// V39: of the readings of one thing that one person took at one moment, all but the first, whatever they say and under
/// whichever ids they come. A withdrawal is none of them: it may well say what the row says that it withdraws.
fn taken_twice(sent: &Sent) -> Vec<Place> {
    let stays = |&(at, row): &Place| !is_withdrawn(&sent.batches[at], row);
    hashes::repeated(sent.likenesses).into_iter().flat_map(|group| group.into_iter().filter(stays).skip(1)).collect()
}

fn is_withdrawn(batch: &RecordBatch, row: usize) -> bool {
    let flags = batch.column_by_name("is_deleted").expect("a column").as_boolean();
    flags.is_valid(row) && flags.value(row)
}

/// V37: records each of which is said to be merged into the next, round in a circle: nobody is left to score.
fn merged_in_a_circle(sent: &Sent) -> Vec<Place> {
    let mut merged: HashMap<&str, (&str, Place)> = HashMap::new();
    for (at, batch) in sent.batches.iter().enumerate() {
        let (persons, survivors) = (coded(batch, "person_id"), coded(batch, "superseded_by"));
        let rows = (0..batch.num_rows()).filter(|&row| survivors.is_valid(row));
        merged.extend(rows.map(|row| (persons.value(row), (survivors.value(row), (at, row)))));
    }
    let mut starts: Vec<(Place, &str)> = merged.iter().map(|(person, (_, place))| (*place, *person)).collect();
    starts.sort_unstable();
    let mut walk_of: HashMap<&str, usize> = HashMap::new();
    let mut dropped = Vec::new();
    for (walk, &(_, start)) in starts.iter().enumerate() {
        let mut person = start;
        while let Some(&(survivor, _)) = merged.get(person).filter(|_| !walk_of.contains_key(person)) {
            walk_of.insert(person, walk);
            person = survivor;
        }
        // Back on this walk's own path: everything from here round to here is the circle.
        if walk_of.get(person) == Some(&walk) && merged.contains_key(person) {
            let first = person;
            loop {
                let (survivor, place) = merged[person];
                dropped.push(place);
                person = survivor;
                if person == first {
                    break;
                }
            }
        }
    }
    dropped
}

fn coded<'a>(batch: &'a RecordBatch, name: &str) -> TypedDictionaryArray<'a, Int32Type, StringArray> {
    let column = batch.column_by_name(name).expect("a column of the table");
    column.as_dictionary().downcast_dict().expect("the values are text")
}
