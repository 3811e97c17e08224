//! Invented people are for research alone (R31), and so is what states no purpose or legal basis that is allowed (V02). Of
//! optional tables alone that refuses their delivery, and not the night.

use std::{fs, path::Path};

use earlycall_schemas::table::{Tier, tables};
use serde_json::{Value, json};

use crate::{
    error::{Kind, Result},
    extract::delivery::find,
    history::{
        due::{deliveries, refuse_synthetic},
        ledger::Ledger,
        seen::Seen,
    },
    settings::Settings,
};

/// What a profile says to a delivery whose manifest says whether its people are invented.
fn taken_in(profile: &str, is_synthetic: bool) -> Result<()> {
    let manifest = serde_json::json!({
        "extract_id": "first", "schema_version": "1", "supplier": "S", "extracted_at": "2026-11-20T23:00:00Z",
        "delivery": "full", "pseudonym_key_id": "k", "is_synthetic": is_synthetic,
        "files": [{"table": "deaths", "file": "deaths.csv", "row_count": 0, "sha256": "0".repeat(64)}],
    });
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("of friday");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
    let found = find(parent.path()).unwrap();
    refuse_synthetic(&[&found[0]], &Settings::parse(profile, Path::new("")).unwrap())
}

#[test]
fn invented_people_are_for_research_alone() {
    let research = "[profile]\nkind = \"research\"";
    for (profile, is_synthetic) in [("", false), (research, false), (research, true)] {
        assert_eq!(taken_in(profile, is_synthetic), Ok(()), "{profile} {is_synthetic}");
    }
    let error = taken_in("", true).unwrap_err();
    assert_eq!(error.kind(), Kind::Extract);
    // By its folder, which is where the engineer looks, and not by its `extract_id`.
    assert!(error.to_string().starts_with("of friday/manifest.json, rule R31: is synthetic"), "{error}");
}

/// Of a new delivery of one table, whether it may join, or what is told of it.
fn told(table: &str, change: impl Fn(&mut Value)) -> Result<Option<String>> {
    let mut manifest = json!({
        "extract_id": "first", "schema_version": "1", "supplier": "S", "extracted_at": "2026-11-20T23:00:00Z",
        "delivery": "full", "pseudonym_key_id": "k", "purpose_code": "stratification", "legal_basis_ref": "DSA",
        "files": [{"table": table, "file": format!("{table}.csv"), "row_count": 0, "sha256": "0".repeat(64)}],
    });
    change(&mut manifest);
    let parent = tempfile::tempdir().unwrap();
    fs::create_dir(parent.path().join("friday")).unwrap();
    fs::write(parent.path().join("friday/manifest.json"), manifest.to_string()).unwrap();
    let settings = format!("[extracts]\npurposes = [\"stratification\"]\n[feeds.{table}]\nlegal_basis = \"DSA\"");
    let settings = if table == "deaths" {
        "[extracts]\npurposes = [\"stratification\"]\nlegal_bases = [\"DSA\"]".to_owned()
    } else {
        settings
    };
    let settings = Settings::parse(&settings, Path::new("")).unwrap();
    let folders = find(parent.path()).unwrap();
    let new = deliveries(&Ledger::default(), &folders, &mut Seen::default(), &settings, 1)?;
    assert_eq!(new.deliveries.len() + new.untrusted.len(), 1, "each is on one side");
    Ok(new.untrusted.first().map(|one| one.why.to_string()))
}

#[test]
fn production_leaves_out_a_delivery_of_optional_tables_that_is_invented_or_states_another_purpose_or_basis() {
    let spoil = |key: &'static str, value: Value| move |manifest: &mut Value| manifest[key] = value.clone();
    for table in tables().iter().filter(|table| table.tier == Tier::Optional) {
        let told = |key, value| told(&table.name, spoil(key, value)).unwrap();
        assert_eq!(told("supplier", json!("another")), None, "{}", table.name);
        for (key, value, why) in [
            ("is_synthetic", json!(true), "friday/manifest.json, rule R31: is synthetic"),
            ("purpose_code", json!("research"), "friday/manifest.json, rule V02: states no purpose_code"),
            ("legal_basis_ref", json!("another"), "friday/manifest.json, rule V02: states no legal_basis_ref"),
        ] {
            let told = told(key, value).unwrap();
            assert!(told.starts_with(why), "{}: {told}", table.name);
        }
    }
    // What every service needs is asked where the night is refused by it.
    assert_eq!(told("deaths", spoil("is_synthetic", json!(true))), Ok(None));
}
