//! Manifests, and deliveries beside each other.

use std::fs;

use earlycall::extract::delivery::find;
use earlycall::extract::manifest::{Manifest, Mode};
use serde_json::{Value, json};

use crate::support::{Tiny, line_of, sha256};
use crate::{admitted, assert_refused};

#[test]
fn a_manifest_is_read_and_written() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Tiny::new().write(dir.path());
    let found = &find(&folder).unwrap()[0];
    assert_eq!((found.manifest.delivery, found.manifest.files.len()), (Mode::Full, 13));
    let json = fs::read(folder.join("manifest.json")).unwrap();
    assert_eq!(found.manifest_sha256, sha256(&json));
    assert_eq!(Manifest::parse(&serde_json::to_vec(&found.manifest).unwrap()).unwrap(), found.manifest);
}

#[test]
fn every_key_that_is_written_can_be_read() {
    let full = json!({
        "extract_id": "x", "schema_version": "1", "supplier": "s", "provider_code": "R1H", "period_from": "2020-01-01",
        "period_to": "2020-12-31", "extracted_at": "2021-01-01T00:00:00Z", "delivery": "delta", "history": true,
        "pseudonym_key_id": "k", "purpose_code": "p", "legal_basis_ref": "l", "type1_applied_at": "2021-01-01",
        "ndo_applied_at": "2021-01-01", "is_synthetic": false,
        "files": [{"table": "deaths", "file": "deaths/a-1.parquet", "row_count": 0, "sha256": "0".repeat(64),
                   "provider_code": "RF4", "history": false}],
    });
    let manifest = Manifest::parse(full.to_string().as_bytes()).unwrap();
    assert_eq!(serde_json::to_value(&manifest).unwrap(), full);
    assert_eq!(
        (manifest.provider_of(&manifest.files[0]).as_str(), manifest.is_history(&manifest.files[0])),
        ("RF4", false)
    );
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_name() {
    let misspelt = |manifest: &mut Value| manifest["extracted_on"] = json!("2026-11-20");
    assert_refused(
        Tiny::new().manifest(misspelt),
        "the key `extracted_on` is unknown; hint: the nearest known name is `extract",
    );
    assert_refused(
        Tiny::new().line("deaths", "rowcount", json!(1)),
        "].rowcount` is unknown; hint: the nearest known name is `row_count`",
    );
}

#[test]
fn a_key_that_is_missing_or_of_the_wrong_form_is_named() {
    let without = |manifest: &mut Value| drop(manifest.as_object_mut().unwrap().remove("pseudonym_key_id"));
    assert_refused(Tiny::new().manifest(without), "delivery/manifest.json, rule V01: `pseudonym_key_id` is missing");
    let set = |key: &'static str, value: Value| Tiny::new().manifest(move |manifest| manifest[key] = value.clone());
    assert_refused(set("extracted_at", json!("yesterday")), "`extracted_at` is not of the form");
    assert_refused(set("delivery", json!("partial")), "`delivery` is not of the form");
    assert_refused(set("schema_version", json!("2")), "`schema_version` is not 1");
    assert_refused(set("extract_id", json!("../x")), "`extract_id` is no name");
    assert_refused(Tiny::new().line("deaths", "row_count", json!(-1)), ".row_count` is not of the form");
    assert_refused(Tiny::new().line("deaths", "sha256", json!("DEAD")), "`sha256` is not 64 lower-case");
    let text = br#"{"extract_id": "a", }"#;
    assert!(Manifest::parse(text).unwrap_err().to_string().contains("line 1 is not JSON"));
}

#[test]
fn a_path_cannot_leave_the_delivery() {
    for path in ["../deaths.csv", "/etc/deaths.csv", "deaths/../../deaths.csv", "deaths\\..\\x.csv"] {
        assert_refused(Tiny::new().line("deaths", "file", json!(path)), ": the path leads out of the delivery");
    }
    for path in [
        "births.csv",
        "deaths.tsv",
        "deaths/.hidden.csv",
        "deaths/a/b.csv",
        "./deaths.csv",
        "deaths/\u{1}.csv",
        "deaths/",
    ] {
        assert_refused(Tiny::new().line("deaths", "file", json!(path)), ": the path is not deaths.csv, deaths.csv.gz");
    }
}

#[test]
fn an_unknown_table_is_refused_with_the_nearest_name() {
    assert_refused(
        Tiny::new().line("deaths", "table", json!("death")),
        "the table is unknown; hint: the nearest known name is deaths",
    );
}

#[test]
fn a_table_may_come_in_parts_and_from_several_providers() {
    let part = |provider: &str, file: &str, rows: &str| {
        let text = format!("person_id,death_date,source\n{rows}");
        let line = json!({"table": "deaths", "file": file, "row_count": rows.lines().count(),
                          "sha256": sha256(text.as_bytes()), "provider_code": provider});
        (line, text)
    };
    let row = |n| format!("{},2026-0{n}-01,gp\n", crate::support::person(n));
    let parts = [
        part("RF4", "deaths/b.csv", &row(1)),
        part("R1H", "deaths/a.csv", &(row(2) + &row(3))),
        part("RF4", "deaths/c.csv", &row(3)),
    ];
    let lines: Vec<Value> = parts.iter().map(|(line, _)| line.clone()).collect();
    let dir = tempfile::tempdir().unwrap();
    let tiny = Tiny::new().drop_table("deaths");
    let add = move |manifest: &mut Value| manifest["files"].as_array_mut().unwrap().extend(lines.clone());
    let folder = tiny.manifest(add).write(dir.path());
    fs::create_dir(folder.join("deaths")).unwrap();
    for (line, text) in &parts {
        fs::write(folder.join(line["file"].as_str().unwrap()), text).unwrap();
    }
    let inspection = crate::inspected(&folder);
    assert_eq!(inspection.refusals, []);
    let deaths = inspection.delivery.tables.iter().filter(|admitted| admitted.table.name == "deaths");
    let told: Vec<_> =
        deaths.map(|admitted| (admitted.provider.as_str(), admitted.tally.accepted, admitted.files.len())).collect();
    assert_eq!(told, [("R1H", 2, 1), ("RF4", 2, 2)]);
}

#[test]
fn a_table_cannot_be_sent_twice_for_one_provider() {
    let twice = |manifest: &mut Value| {
        let mut line = line_of(manifest, "deaths").clone();
        line["file"] = json!("deaths.csv.gz");
        manifest["files"].as_array_mut().unwrap().push(line);
    };
    assert_refused(Tiny::new().manifest(twice), "the table is sent twice for one provider");
    let same = |manifest: &mut Value| {
        let line = line_of(manifest, "deaths").clone();
        manifest["files"].as_array_mut().unwrap().push(line);
    };
    assert_refused(Tiny::new().manifest(same), "delivery/manifest.json, rule V01: deaths.csv: the file is named twice");
}

#[test]
fn deliveries_are_found_oldest_first_and_unfinished_ones_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    for (name, id, at) in [
        ("b", "two", "2026-11-21T23:00:00Z"),
        ("c", "one", "2026-11-20T23:00:00Z"),
        ("a", "three", "2026-11-22T23:00:00Z"),
    ] {
        let tiny = Tiny::new().manifest(move |manifest| {
            manifest["extract_id"] = json!(id);
            manifest["extracted_at"] = json!(at);
        });
        fs::rename(tiny.write(dir.path()), dir.path().join(name)).unwrap();
    }
    fs::create_dir(dir.path().join("still-copying")).unwrap();
    let ids: Vec<String> = find(dir.path()).unwrap().into_iter().map(|found| found.manifest.extract_id).collect();
    assert_eq!(ids, ["one", "two", "three"]);
}

#[test]
fn deliveries_that_do_not_go_together_are_refused() {
    let beside = |key: &'static str, value: &'static str| {
        let dir = tempfile::tempdir().unwrap();
        fs::rename(Tiny::new().write(dir.path()), dir.path().join("another")).unwrap();
        let other = Tiny::new().manifest(|manifest| manifest["extract_id"] = json!("tiny-2"));
        other.manifest(move |manifest| manifest[key] = json!(value)).write(dir.path());
        find(dir.path()).map(|found| found.len()).map_err(|error| error.to_string())
    };
    assert_eq!(beside("supplier", "Another"), Ok(2));
    assert!(beside("extract_id", "tiny-1").unwrap_err().contains("another delivery has the same `extract_id`"));
    let told = "delivery/manifest.json, rule V02: its persons are under another `pseudonym_key_id` than those of \
                another/manifest.json; hint: ";
    let error = beside("pseudonym_key_id", "other").unwrap_err();
    assert!(error.starts_with(told), "{error}");
}

#[test]
fn a_folder_without_a_delivery_or_with_a_linked_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    assert!(find(dir.path()).unwrap_err().to_string().contains("there is no delivery"));
    assert!(find(&dir.path().join("x")).unwrap_err().to_string().contains("the folder of deliveries is not there"));
    let folder = Tiny::new().write(dir.path());
    let drop_folder = dir.path().join("drop");
    fs::create_dir(&drop_folder).unwrap();
    std::os::unix::fs::symlink(&folder, drop_folder.join("linked")).unwrap();
    assert!(find(&drop_folder).unwrap_err().to_string().contains("is a link to another folder"));
}

#[test]
fn history_and_delta_are_handed_on() {
    let tiny = Tiny::new()
        .line("gp_events", "history", json!(true))
        .manifest(|manifest| manifest["delivery"] = json!("delta"));
    for table in admitted(&tiny).unwrap().tables {
        assert_eq!((table.is_full, table.is_history), (false, table.table.name == "gp_events"), "{}", table.table.name);
    }
}
