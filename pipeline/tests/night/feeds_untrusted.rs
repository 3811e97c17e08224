//! A delivery of an optional table that cannot be trusted by its manifest: the night is published as if it had not come, and
//! says so.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    delivery::{Delivery, edit_manifest},
    feeds::{SECOND_DELIVERY, VISITS, run_json, trained},
    objection::files_below,
    service::{SECOND, Service},
};

/// A change of a manifest.
type Spoil = fn(&mut Value);

/// The second week without visits, and the visits in a delivery of their own.
fn apart() -> (Delivery, Delivery) {
    let (mut others, mut visits) = (SECOND_DELIVERY.clone(), SECOND_DELIVERY.clone());
    others.tables.remove(VISITS);
    visits.tables.retain(|table, _| table == VISITS);
    visits.manifest["extract_id"] = json!("visits");
    (others, visits)
}

/// What coaches are given of a night, and everybody's risks: all but its record.
fn published(service: &Service) -> BTreeMap<String, Vec<u8>> {
    let night = service.night(&format!("{SECOND}.1"));
    let within = |path: String| path.strip_prefix(&night.display().to_string()).unwrap().to_owned();
    let files = files_below(&night).into_iter().map(|(path, bytes)| (within(path), bytes));
    let files: BTreeMap<_, _> =
        files.filter(|(path, _)| path.starts_with("/worklists/") || path == "/scores.parquet").collect();
    assert!(files.contains_key("/scores.parquet") && files.len() > 1, "{:?}", files.keys());
    files
}

#[test]
fn a_delivery_of_an_optional_table_that_cannot_be_trusted_is_not_in_the_night_and_told() {
    let (others, visits) = apart();
    let night_with = |spoil: &dyn Fn(&Service)| {
        let service = trained();
        service.deliver(&others);
        spoil(&service);
        let said = service.must(&["run", "--index-date", SECOND]);
        (service, said.out)
    };
    let (without, _) = night_with(&|_| ());
    let expected = published(&without);
    let cases: [(Spoil, &str); 3] = [
        (|manifest| manifest["pseudonym_key_id"] = json!("other"), "rule V02: its persons are under another"),
        (|manifest| manifest["files"][0]["sha256"] = json!("DEAD"), "rule V01: "),
        (|manifest| manifest["delivery"] = json!("some"), "rule V01: `delivery` is not of the form"),
    ];
    for (spoil, why) in cases {
        let (service, told) = night_with(&|service| edit_manifest(&service.deliver(&visits), spoil));
        let warning = format!("warning: {VISITS} of ");
        assert!(told.contains(&warning) && told.contains(&format!("visits/manifest.json, {why}")), "{told}");
        let refused = &run_json(&service)["refused_feeds"];
        assert_eq!((refused.as_array().unwrap().len(), &refused[0]["table"]), (1, &json!(VISITS)), "{refused}");
        assert!(refused[0]["why"].as_str().unwrap().contains(why), "{refused}");
        assert_eq!(published(&service), expected, "{why}");
        // The same again is the same night.
        let again = service.earlycall(&["run", "--index-date", SECOND]);
        assert!(again.err.contains("stands already, from the same inputs"), "{}", again.err);
        let checked = service.must(&["check", "--index-date", SECOND]).out;
        assert!(checked.contains(&format!("visits/manifest.json, {why}")), "{checked}");
    }
}

#[test]
fn what_cannot_be_trusted_and_is_of_a_later_night_is_no_part_of_this_one_and_told() {
    let (others, visits) = apart();
    let record = |service: &Service| run_json(service);
    let service = trained();
    service.deliver(&others);
    service.must(&["run", "--index-date", SECOND]);
    let expected = record(&service);
    let cases: [(Spoil, &str); 2] = [
        (|manifest| manifest["pseudonym_key_id"] = json!("other"), "rule V02: its persons are under another"),
        (|_| (), "rule AHEAD: says that it was extracted"),
    ];
    for (spoil, why) in cases {
        let service = trained();
        service.deliver(&others);
        edit_manifest(&service.deliver(&visits), |manifest| {
            manifest["extracted_at"] = json!("2027-11-20T23:00:00Z");
            spoil(manifest);
        });
        let told = format!(
            "extracted after the day that follows the index date, and no part of this night: visits/manifest.json, {why}"
        );
        let checked = service.must(&["check", "--index-date", SECOND]).out;
        assert!(checked.contains(&told), "{checked}");
        let said = service.must(&["run", "--index-date", SECOND]).out;
        assert!(said.contains(&told), "{said}");
        assert_eq!(record(&service), expected, "{why}");
    }
}

#[test]
fn an_optional_table_of_a_later_day_moves_no_date() {
    let (others, mut visits) = apart();
    visits.manifest["extracted_at"] = json!("2026-11-23T23:00:00Z");
    let service = trained();
    service.deliver(&others);
    service.deliver(&visits);
    let told = service.must(&["run"]).out;
    assert_eq!(service.current(), "nights/2026-11-19.1", "the day before the newest extract of the others");
    assert!(
        told.contains("visits/manifest.json: was extracted on 23 November 2026 and waits for its own night"),
        "{told}"
    );
}
