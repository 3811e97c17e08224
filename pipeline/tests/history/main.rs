//! Deliveries that arrive on disk and are settled: mergers, objections, agreements, and what comes too late.

mod ahead;
mod contact_needs;
mod counted_once;
mod dead;
mod emptied;
mod gaps;
mod late;
mod left_out;
mod legal_basis;
mod lists;
mod merged;
mod no_defect;
mod numbers;
mod part_read;
mod permissions;
mod planted;
mod seen;
mod segments;
#[allow(dead_code, reason = "the tests of what arrives spoil deliveries in more ways than these")]
#[path = "../support/mod.rs"]
mod support;
mod untrusted;
mod whole;

use std::{fs, path::Path};

use earlycall::{
    day::Day,
    error::{Kind, Result},
    history::{
        History,
        arrive::settle_deliveries,
        records::{Person, PersonKey},
    },
    settings::Settings,
    store::{Store, disk::FileSystem},
};
use support::Tiny;
use tempfile::TempDir;

/// A service: a folder in which deliveries arrive, and what was settled of them.
struct Service {
    folder: TempDir,
}

impl Service {
    fn new() -> Service {
        Service { folder: tempfile::tempdir().unwrap() }
    }

    /// Settles a first delivery of 20 November 2026.
    fn with(tiny: Tiny) -> (Service, History) {
        let service = Service::new();
        let history = service.deliver("first", "full", "2026-11-20", tiny).unwrap();
        (service, history)
    }

    /// Puts a delivery among those that have arrived, extracted at 23:00 of a day.
    fn put(&self, id: &'static str, mode: &'static str, on: &str, tiny: Tiny) {
        let extracted_at = format!("{on}T23:00:00Z");
        let tiny = tiny.manifest(move |manifest| {
            manifest["extract_id"] = id.into();
            manifest["delivery"] = mode.into();
            manifest["extracted_at"] = extracted_at.as_str().into();
        });
        let written = tiny.write(&self.folder.path().join("arriving"));
        let arrived = self.folder.path().join("extracts");
        fs::create_dir_all(&arrived).unwrap();
        fs::rename(written, arrived.join(id)).unwrap();
    }

    fn settle(&self, threads: usize) -> Result<History> {
        self.settle_into("state", threads)
    }

    fn settle_into(&self, state: &str, threads: usize) -> Result<History> {
        self.settle_all(state, threads, "")
    }

    /// Settles under more settings than that this is research.
    fn settle_with(&self, settings: &str) -> Result<History> {
        self.settle_all("state", 2, settings)
    }

    fn settle_all(&self, state: &str, threads: usize, settings: &str) -> Result<History> {
        let settings = format!("[profile]\nkind = \"research\"\n{settings}");
        let settings = Settings::parse(&settings, self.folder.path()).unwrap();
        let store = Store::open(&FileSystem, &self.folder.path().join("out"), &self.folder.path().join(state))?;
        settle_deliveries(&store, &settings, threads)
    }

    fn deliver(&self, id: &'static str, mode: &'static str, on: &str, tiny: Tiny) -> Result<History> {
        self.deliver_with(id, mode, on, tiny, "")
    }

    fn deliver_with(
        &self,
        id: &'static str,
        mode: &'static str,
        on: &str,
        tiny: Tiny,
        settings: &str,
    ) -> Result<History> {
        self.put(id, mode, on, tiny);
        self.settle_with(settings)
    }

    /// The refusal of a delivery, as a person reads it.
    fn refusal(&self, id: &'static str, mode: &'static str, on: &str, tiny: Tiny) -> String {
        let error = self.deliver(id, mode, on, tiny).unwrap_err();
        assert_eq!(error.kind(), Kind::Extract);
        error.to_string()
    }
}

/// A tiny delivery of some of its tables.
fn only(tables: &[&str]) -> Tiny {
    let all = earlycall_schemas::table::tables().iter().map(|table| table.name.as_str());
    all.filter(|table| !tables.contains(table)).fold(Tiny::new(), Tiny::drop_table)
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// Everybody, as known on a day.
fn people(history: &History, on: &str) -> Vec<Person> {
    let people = history.each_bucket(&history.view(day(on)), 2, |_| true, |people| people).unwrap();
    let mut people: Vec<Person> = people.into_iter().flatten().collect();
    people.sort_by_key(|person| person.key);
    people
}

/// One of them.
fn somebody(history: &History, on: &str, id: &str) -> Person {
    let key = PersonKey::parse(id).unwrap();
    people(history, on).into_iter().find(|person| person.key == key).unwrap()
}

/// The files of a folder with their bytes, by path.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push((path.strip_prefix(folder).unwrap().display().to_string(), fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}
