//! The manifest of a synthetic delivery.

use serde::Serialize;

use crate::day::Day;

use super::{calendar::delivery_time, rows::Window, sheet::TableFile, world::World};

#[derive(Serialize)]
struct Manifest<'a> {
    extract_id: String,
    schema_version: &'static str,
    supplier: &'static str,
    period_from: Day,
    period_to: Day,
    extracted_at: String,
    delivery: &'static str,
    history: bool,
    pseudonym_key_id: &'static str,
    purpose_code: &'static str,
    legal_basis_ref: &'static str,
    is_synthetic: bool,
    files: Vec<ManifestFile<'a>>,
}

#[derive(Serialize)]
struct ManifestFile<'a> {
    table: &'static str,
    file: &'a str,
    row_count: u64,
    sha256: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_code: Option<&'a str>,
}

/// What `manifest.json` says of these files.
pub(crate) fn json(world: &World, window: Window, files: &[TableFile]) -> Vec<u8> {
    let files = files.iter().map(|file| ManifestFile {
        table: file.table,
        file: &file.path,
        row_count: file.rows,
        sha256: &file.sha256,
        provider_code: file.provider.as_deref(),
    });
    let kind = window.kind();
    let manifest = Manifest {
        extract_id: format!("synthetic-{}-{}-{kind}", world.params.seed, window.until),
        schema_version: "1",
        supplier: "earlycall synth",
        period_from: window.after.map_or(world.first_day, |day| day + 1),
        period_to: window.until,
        extracted_at: delivery_time(window.until).to_string(),
        delivery: kind,
        history: window.after.is_none(),
        pseudonym_key_id: "synthetic",
        purpose_code: "research",
        legal_basis_ref: "synthetic-data",
        is_synthetic: true,
        files: files.collect(),
    };
    let mut json = serde_json::to_vec_pretty(&manifest).expect("a manifest is text, numbers and lists");
    json.push(b'\n');
    json
}
