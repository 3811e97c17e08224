//! Deliveries read from disk: what is admitted, what is refused, and in which words.

mod canary;
mod checked;
mod dirt;
mod feeds;
mod files;
mod formats;
mod hostile;
mod leaks;
mod manifests;
mod mapping;
mod planted;
mod proof;
mod recent;
mod rules;
mod small_feeds;
mod spoilt;
mod stand_in;
#[allow(dead_code, reason = "the tests of the history need a little more of it")]
#[path = "../support/mod.rs"]
mod support;
mod third_party;
mod told;
mod whole_feeds;

use std::path::Path;
use std::sync::{Arc, Mutex};

use arrow::array::{ArrayRef, UInt32Array};
use arrow::record_batch::RecordBatch;
use earlycall::error::Kind;
use earlycall::extract::{Accepted, Delivery, Inspection, Persons, Registry, delivery, inspect};
use earlycall::settings::Settings;
use earlycall_schemas::table::tables;
use support::Tiny;

/// The settings of a research service that leaves everything else as it is.
fn research() -> Settings {
    Settings::parse("[profile]\nkind = \"research\"", Path::new("")).unwrap()
}

/// The same, with other limits.
fn with_limits(limits: &str) -> Settings {
    Settings::parse(&format!("[profile]\nkind = \"research\"\n{limits}"), Path::new("")).unwrap()
}

/// Inspects the one delivery of a folder.
fn inspected(folder: &Path) -> Inspection {
    let found = delivery::find(folder).unwrap();
    assert_eq!(found.len(), 1);
    inspect(&found[0], &mut Registry::default(), 2, 0, &|_, _| Ok(()))
}

/// Writes and inspects a tiny delivery, and keeps what is handed over, in the order of the contract.
fn taken(tiny: &Tiny, threads: usize) -> (Inspection, Vec<Accepted>) {
    let dir = tempfile::tempdir().unwrap();
    let found = delivery::find(&tiny.write(dir.path())).unwrap();
    let taken = Mutex::new(Vec::new());
    let take = |_: &mut _, accepted| {
        taken.lock().unwrap().push(accepted);
        Ok(())
    };
    let inspection = inspect(&found[0], &mut Registry::default(), threads, 0, &take);
    let mut taken: Vec<Accepted> = taken.into_inner().unwrap();
    let position = |accepted: &Accepted| tables().iter().position(|table| table.name == accepted.table.name);
    taken.sort_by_key(|accepted| (position(accepted), accepted.provider.clone()));
    (inspection, taken)
}

/// Accepted rows, batch by batch, with a column of the numbers of their persons, which is empty where they are about nobody.
fn with_persons(accepted: &Accepted) -> impl Iterator<Item = RecordBatch> {
    accepted.rows.iter().zip(&accepted.persons).map(|(rows, Persons { places, numbers })| {
        let persons: UInt32Array = match places.len() {
            0 => UInt32Array::new_null(rows.num_rows()),
            _ => places.values().iter().map(|at| Some(numbers[*at as usize])).collect(),
        };
        let schema = rows.schema();
        let columns = schema.fields().iter().zip(rows.columns()).map(|(field, column)| (field.name(), column.clone()));
        let person = "person".to_owned();
        let columns =
            columns.chain([(&person, Arc::new(persons) as ArrayRef)]).map(|(name, column)| (name, column, true));
        RecordBatch::try_from_iter_with_nullable(columns).unwrap()
    })
}

/// The accepted rows of a table, batch by batch.
fn batches(tiny: &Tiny, table: &str) -> Vec<RecordBatch> {
    let (_, taken) = taken(tiny, 1);
    taken.into_iter().find(|accepted| accepted.table.name == table).unwrap().rows
}

/// Writes and inspects a tiny delivery.
fn inspection(tiny: &Tiny) -> Inspection {
    let dir = tempfile::tempdir().unwrap();
    inspected(&tiny.write(dir.path()))
}

/// Writes and admits a tiny delivery; the error as a person reads it.
fn admitted(tiny: &Tiny) -> Result<Delivery, String> {
    let dir = tempfile::tempdir().unwrap();
    let found = delivery::find(&tiny.write(dir.path()));
    let outcome =
        found.and_then(|found| inspect(&found[0], &mut Registry::default(), 2, 0, &|_, _| Ok(())).admit(&research()));
    outcome.map_err(|error| {
        assert_eq!(error.kind(), Kind::Extract, "{error}");
        error.to_string()
    })
}

/// Asserts that a delivery is refused in words that contain these.
#[track_caller]
fn assert_refused(tiny: Tiny, words: &str) {
    match admitted(&tiny) {
        Ok(_) => panic!("admitted, where it should say: {words}"),
        Err(message) => assert!(message.contains(words), "{message}\nshould contain: {words}"),
    }
}
