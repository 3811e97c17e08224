//! Invented people are for research alone (R31).

use std::{fs, path::Path};

use crate::{
    error::{Kind, Result},
    extract::delivery::find,
    history::due::refuse_synthetic,
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
