//! Planted defects are where the list says, and the checks find every one of them.

use std::{collections::BTreeSet, sync::Mutex};

use arrow::array::AsArray;

use super::*;
use crate::extract::{self, Accepted, delivery::find};
use crate::quality::registry::Registry;

type Place = (String, u64, String);

fn planted(delivery: &DeliveryFiles) -> Vec<Place> {
    let mut reader = csv::Reader::from_reader(delivery.planted.as_deref().unwrap());
    let rows = reader.records().map(|row| row.unwrap());
    rows.map(|row| (row[0].to_owned(), row[1].parse().unwrap(), row[3].to_owned())).collect()
}

#[test]
fn each_planted_defect_is_found_and_nothing_else() {
    let params = SynthParams { dirt: true, people: 6_000, ..small() };
    let delivery = generate(&params).delivery_full(params.last_day, Format::Csv);
    let planted = planted(&delivery);
    let folder = on_disk(&delivery);
    let episodes = Mutex::new(Vec::new());
    let take = |_: &_, accepted: Accepted| {
        if accepted.table.name == "apc_episodes" {
            episodes.lock().unwrap().extend(accepted.rows);
        }
        Ok(())
    };
    let checked = extract::inspect(&find(folder.path()).unwrap()[0], &mut Registry::default(), 2, &take);
    assert!(checked.refusals.is_empty(), "{:?}", checked.refusals);

    let tables = &checked.delivery.tables;
    let rejected: BTreeSet<Place> = tables
        .iter()
        .flat_map(|table| &table.rejections)
        .map(|rejection| (rejection.file.to_string(), rejection.row, rejection.rule.to_owned()))
        .collect();
    let repairs = ["V18", "V25"];
    let mut expected: BTreeSet<Place> = planted.iter().filter(|place| !repairs.contains(&&*place.2)).cloned().collect();
    // Of a row that is sent twice either may be dropped.
    let first_of_two = |place: &Place| (place.0.clone(), place.1 - 1, place.2.clone());
    for place in planted.iter().filter(|place| place.2 == "V06" && rejected.contains(&first_of_two(place))) {
        expected.remove(place);
        expected.insert(first_of_two(place));
    }
    assert_eq!(expected, rejected);
    for rule in repairs {
        let repaired = tables.iter().filter_map(|table| table.tally.repaired.get(rule)).sum::<u64>();
        assert_eq!(planted.iter().filter(|place| place.2 == rule).count() as u64, repaired, "{rule}");
    }
    for batch in episodes.into_inner().unwrap() {
        let diagnoses = batch.column_by_name("diagnoses").unwrap().as_string::<i32>();
        assert!(
            diagnoses
                .iter()
                .flatten()
                .all(|codes| codes.split('|').all(|code| !code.contains('.') && !code.ends_with('X')))
        );
    }
    let rules: BTreeSet<&str> = planted.iter().map(|place| place.2.as_str()).collect();
    assert!(["V06", "V07", "V08", "V09", "V10", "V12", "V18", "V20", "V25", "V27"].iter().all(|r| rules.contains(r)));
}

#[test]
fn few_rows_are_dirty() {
    let params = SynthParams { dirt: true, ..small() };
    let delivery = generate(&params).delivery_full(params.last_day, Format::Csv);
    let all: usize = delivery.files.iter().map(|(_, bytes)| bytes.iter().filter(|&&byte| byte == b'\n').count()).sum();
    let dirty = planted(&delivery).len();
    assert!(dirty * 1000 > all && dirty * 100 < all, "{dirty} of {all}");
}
