//! Invented people are for research alone (R31).

use std::path::Path;

use crate::{
    error::{Kind, Result},
    extract::manifest::Manifest,
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
    let manifest = Manifest::parse(manifest.to_string().as_bytes()).unwrap();
    refuse_synthetic([&manifest], &Settings::parse(profile, Path::new("")).unwrap())
}

#[test]
fn invented_people_are_for_research_alone() {
    let research = "[profile]\nkind = \"research\"";
    for (profile, is_synthetic) in [("", false), (research, false), (research, true)] {
        assert_eq!(taken_in(profile, is_synthetic), Ok(()), "{profile} {is_synthetic}");
    }
    let error = taken_in("", true).unwrap_err();
    assert_eq!(error.kind(), Kind::Extract);
    assert!(error.to_string().starts_with("first/manifest.json, rule R31: is synthetic"), "{error}");
}
