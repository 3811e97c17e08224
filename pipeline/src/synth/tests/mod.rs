//! What the population as a whole promises.

mod bytes;
mod contract;
mod deliveries;
mod dirt;
mod feeds;
mod figures;
mod layout;
mod lives;

use std::collections::BTreeMap;

use super::*;

/// A population of three parts, the last one not full.
fn small() -> SynthParams {
    SynthParams { people: 2_400, years: 2, seed: 11, ..SynthParams::default() }
}

/// The same with the optional tables.
fn with_feeds() -> SynthParams {
    SynthParams { feeds: Feeds::Telling, ..small() }
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

/// Paths and bytes of everything in the folder of a delivery laid out as extracts arrive.
fn written(people: &Population, after: Option<Day>, until: Day, format: Format) -> BTreeMap<String, Vec<u8>> {
    let place = tempfile::tempdir().unwrap();
    let folder = GrowingFolder::begin(&place.path().join("out")).unwrap();
    let name = people.write_delivery(&folder, after, until, format).unwrap();
    folder.finish().unwrap();
    let mut files = BTreeMap::new();
    let out = place.path().join("out");
    let mut folders = vec![out.clone(), out.join(name)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_delivery = path.parent() == Some(&out) && path.is_dir();
            if path.is_dir() && !is_delivery {
                folders.push(path);
            } else if path.is_file() {
                let inside = path.strip_prefix(&out).unwrap().to_str().unwrap().to_owned();
                files.insert(inside, std::fs::read(path).unwrap());
            }
        }
    }
    files
}
