//! The proof of the rules about rows: in more than a hundred thousand rows, every planted defect is caught by its rule,
//! and no clean row by any.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use earlycall::extract::{Inspection, Registry, delivery::find, inspect};
use earlycall::synth::{DeliveryFiles, Feeds, Format, SynthParams, generate};
use tempfile::TempDir;

use crate::proof::{PERSON_RULES, ROW_RULES};
use crate::research;

/// File, row and rule.
type Place = (String, u64, String);

/// What a dirty population sends, on disk.
fn dirty() -> (DeliveryFiles, TempDir) {
    let feeds = Feeds::Telling;
    let params = SynthParams { people: 4_000, years: 2, seed: 4, dirt: true, feeds, ..SynthParams::default() };
    let delivery = generate(&params).delivery_full(params.last_day + 1, Format::Csv);
    let folder = tempfile::tempdir().unwrap();
    delivery.files.iter().for_each(|(name, bytes)| fs::write(folder.path().join(name), bytes).unwrap());
    (delivery, folder)
}

/// The places of a list of planted defects.
fn planted(delivery: &DeliveryFiles) -> BTreeSet<Place> {
    let mut reader = csv::Reader::from_reader(delivery.planted.as_deref().unwrap());
    assert_eq!(reader.headers().unwrap(), ["file", "row", "column", "rule"].as_slice());
    let rows = reader.records().map(|row| row.unwrap());
    rows.map(|row| (row[0].to_owned(), row[1].parse().unwrap(), row[3].to_owned())).collect()
}

/// A file without the name of its delivery's folder, as the list of what was planted has it.
fn inside(file: &str) -> String {
    file.split_once('/').expect("the folder stands before the file").1.to_owned()
}

/// Every place where a rule was found broken, whatever was done about it.
fn found(inspection: &Inspection) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    for table in &inspection.delivery.tables {
        places.extend(table.rejections.iter().map(|one| (inside(&one.file), one.row, one.rule.to_owned())));
        places.extend(table.traces.iter().map(|one| (inside(&one.file), one.row, one.rule.to_owned())));
    }
    places
}

/// Rows that are counted apart and are no defect: test patients, same day emergency care, planned follow-ups. Read from
/// the files by themselves.
fn counted_apart(folder: &Path, rejected: &BTreeSet<(String, u64)>) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    for (file, rule, column, cell) in [
        ("patients.csv", "V37", "is_test_patient", "true"),
        ("ed_attendances.csv", "V28", "department_type", "05"),
        ("ed_attendances.csv", "V28", "attendance_category", "4"),
    ] {
        let mut reader = csv::Reader::from_path(folder.join(file)).unwrap();
        let at = reader.headers().unwrap().iter().position(|name| name == column).unwrap();
        let rows = (1..).zip(reader.records()).filter(|(_, row)| &row.as_ref().unwrap()[at] == cell);
        let here = rows.map(|(row, _)| (file.to_owned(), row)).filter(|place| !rejected.contains(place));
        places.extend(here.map(|(file, row)| (file, row, rule.to_owned())));
    }
    places
}

#[test]
fn every_planted_defect_is_caught_by_its_rule_and_no_clean_row_by_any() {
    let (delivery, folder) = dirty();
    let found_here = find(folder.path()).unwrap();
    let inspection = inspect(&found_here[0], &mut Registry::default(), 2, usize::MAX, &|_, _| Ok(()));
    assert_eq!(inspection.refusals, []);
    let read: u64 = inspection.delivery.tables.iter().map(|table| table.tally.read).sum();
    assert!(read > 100_000, "only {read} rows");

    let planted = planted(&delivery);
    let rejections = inspection.delivery.tables.iter().flat_map(|table| &table.rejections);
    let rejected: BTreeSet<(String, u64)> = rejections.map(|one| (inside(&one.file), one.row)).collect();
    let apart = counted_apart(folder.path(), &rejected);
    // Of restricted entries nothing is told but how many there are; what only a person's rows tell, the night finds.
    let is_told = |(_, _, rule): &&Place| rule != "V38" && !PERSON_RULES.contains(&rule.as_str());
    let expected: BTreeSet<Place> = planted.iter().filter(is_told).chain(&apart).cloned().collect();
    let restricted = planted.iter().filter(|(_, _, rule)| rule == "V38").count() as u64;
    let counted = inspection.delivery.tables.iter().filter_map(|table| table.tally.rejected.get("V38")).sum::<u64>();
    assert!(restricted > 0 && restricted == counted, "{restricted} restricted entries, {counted} counted");
    let found = found(&inspection);
    let missed: Vec<&Place> = expected.difference(&found).take(9).collect();
    let clean: Vec<&Place> = found.difference(&expected).take(9).collect();
    assert!(missed.is_empty() && clean.is_empty(), "planted and missed: {missed:?}; clean and caught: {clean:?}");

    let rules: BTreeSet<&str> = planted.iter().map(|(_, _, rule)| rule.as_str()).collect();
    let never: Vec<&str> = ROW_RULES.into_iter().filter(|rule| !rules.contains(rule)).collect();
    assert!(never.is_empty(), "rules of which no breach was planted: {never:?}");
    // So few that a night goes on from here.
    assert!(inspection.admit(&research()).is_ok());
}
