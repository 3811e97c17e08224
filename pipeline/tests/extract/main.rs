//! Deliveries read from disk: what is admitted, what is refused, and in which words.

mod canary;
mod dirt;
mod files;
mod formats;
mod manifests;
mod rules;
#[allow(dead_code, reason = "the tests of the history need a little more of it")]
#[path = "../support/mod.rs"]
mod support;
mod third_party;

use std::path::Path;

use earlycall::error::Kind;
use earlycall::extract::{Delivery, Inspection, Registry, admit, delivery, inspect};
use support::Tiny;

/// Inspects the one delivery of a folder.
fn inspected(folder: &Path) -> Inspection {
    let found = delivery::find(folder).unwrap();
    assert_eq!(found.len(), 1);
    inspect(&found[0], &mut Registry::default())
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
    let outcome = found.and_then(|found| admit(&found[0], &mut Registry::default()));
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
