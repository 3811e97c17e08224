//! A file is named with the folder of its delivery, wherever somebody reads of it: several deliveries have files of one
//! name, and an `extract_id` is no folder.

use std::{collections::BTreeSet, fs};

use serde_json::json;

use crate::{
    delivery::{Delivery, edit_manifest, line_of},
    published::{self, csv_rows},
    service::{FIRST, SECOND, Service, first_delivery, second_delta},
};

/// GP entries of which one has no date.
fn with_a_fault(id: &str) -> Delivery {
    let delivery = first_delivery();
    let sheet = delivery.table("gp_events");
    let row = sheet.rows().next().unwrap();
    let changes = [("event_id", id), ("event_date", "sometime"), ("recorded_at", "")];
    delivery.delta(id, SECOND, "gp_events", sheet.one(row, &changes))
}

#[test]
fn rejected_rows_of_two_deliveries_are_told_apart_by_their_folders() {
    let service = Service::after_first_night();
    let places = ["monday, first/gp_events.csv", "monday, second/gp_events.csv"];
    for (id, place) in ["one", "two"].into_iter().zip(places) {
        let (folder, _) = place.split_once('/').unwrap();
        with_a_fault(id).write(&service.folder().join("extracts").join(folder));
    }
    let said = service.must(&["run", "--index-date", SECOND]);
    let night = service.night(&format!("{SECOND}.1"));
    let rejected: BTreeSet<String> =
        csv_rows(&night.join("quarantine/gp_events.csv")).iter().map(|row| row["file"].clone()).collect();
    assert_eq!(rejected, places.map(str::to_owned).into(), "{}", said.out);
    let quality = published::json(&night, "quality.json");
    let deliveries = quality["deliveries"].as_array().unwrap();
    let files: Vec<&str> =
        deliveries.iter().map(|delivery| delivery["tables"][0]["files"][0]["file"].as_str().unwrap()).collect();
    assert_eq!(files, places);
}

#[test]
fn a_refused_delivery_is_named_by_its_folder() {
    let service = Service::after_first_night();
    let folder = service.folder().join("extracts/of monday");
    second_delta().write(&folder);
    let refused = |words: &str| {
        let said = service.earlycall(&["run", "--index-date", SECOND]);
        assert_eq!(said.code, 11, "{}", said.err);
        assert!(said.err.starts_with(&format!("earlycall: {words}")), "{}\nshould say: {words}", said.err);
    };
    edit_manifest(&folder, |manifest| line_of(manifest, "deaths")["sha256"] = json!("0".repeat(64)));
    refused("of monday/deaths.csv, rule V01: the file differs from the manifest's sha256");
    edit_manifest(&folder, |manifest| manifest["extracted_at"] = json!(format!("{FIRST}T01:00:00Z")));
    refused("of monday/manifest.json, rule AHEAD: was extracted at 2026-11-13T01:00:00Z, before a delivery of ");
    fs::remove_dir_all(folder).unwrap();
}
