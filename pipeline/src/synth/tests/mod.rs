//! What the population as a whole promises.

mod bytes;
mod contract;
mod deliveries;
mod dirt;
mod figures;
mod lives;

use std::collections::BTreeMap;

use super::*;

/// A population of three parts, the last one not full.
fn small() -> SynthParams {
    SynthParams { people: 2_400, years: 2, seed: 11, ..SynthParams::default() }
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// The rows of a CSV file of a delivery: column to value.
fn rows(delivery: &DeliveryFiles, table: &str) -> Vec<BTreeMap<String, String>> {
    let name = format!("{table}.csv");
    let (_, bytes) = delivery.files.iter().find(|(file, _)| *file == name).unwrap();
    csv::Reader::from_reader(bytes.as_slice()).into_deserialize().collect::<Result<_, _>>().unwrap()
}

/// Writes a delivery as the service would find it.
fn on_disk(delivery: &DeliveryFiles) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in &delivery.files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}
