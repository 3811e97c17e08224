//! `run.json`: what a night was made from, and the numbers it came to. No timings, no absolute paths.

use std::collections::BTreeMap;

use earlycall_model::artefact::Artefact;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    day::Day,
    error::{Error, Kind, Result},
    history::{History, gaps::Gap, ledger::SettledDelivery},
    night::Before,
    settings::Settings,
};

/// Version of `run.json`.
const FORMAT: u32 = 1;

/// Everything that decides what comes out. Two nights with the same inputs have the same bytes.
#[derive(Clone, Debug, Serialize)]
pub struct Inputs {
    index_date: Day,
    deliveries: Vec<SettledDelivery>,
    settings_sha256: String,
    model_name: String,
    model_sha256: String,
    catalogue_sha256: String,
    code_lists_sha256: BTreeMap<String, String>,
    restricted_codes_sha256: String,
    night_before: Option<String>,
    program: &'static str,
}

impl Inputs {
    /// The inputs of a night.
    pub fn of(
        history: &History,
        settings: &Settings,
        artefact: &Artefact,
        before: Option<&Before>,
        index_date: Day,
    ) -> Inputs {
        Inputs {
            index_date,
            deliveries: history.ledger.deliveries.clone(),
            settings_sha256: settings.fingerprint(),
            model_name: artefact.name.clone(),
            model_sha256: artefact.checksum.clone(),
            catalogue_sha256: artefact.catalogue_hash.clone(),
            code_lists_sha256: history.lists.hashes(),
            restricted_codes_sha256: history.lists.restricted.sha256(),
            night_before: before.map(|before| before.night.to_string()),
            program: env!("CARGO_PKG_VERSION"),
        }
    }

    /// One number for all inputs.
    pub fn fingerprint(&self) -> String {
        let text = serde_json::to_vec(self).expect("inputs are plain data");
        data_encoding::HEXLOWER.encode(&Sha256::digest(text))
    }

    /// The deliveries that the night before did not have: how many came before them.
    pub fn n_known_before(&self, older: &Value) -> usize {
        older["inputs"]["deliveries"].as_array().map_or(0, Vec::len).min(self.deliveries.len())
    }
}

/// The fingerprint of a published night's inputs.
///
/// # Errors
/// * [`Kind::Storage`] when `run.json` cannot be understood.
pub fn fingerprint_of(run_json: &[u8]) -> Result<String> {
    let value = parse(run_json)?;
    value["fingerprint"].as_str().map(str::to_owned).ok_or_else(|| unreadable("it has no fingerprint"))
}

/// A published `run.json`.
///
/// # Errors
/// * [`Kind::Storage`] when it is not JSON.
pub fn parse(run_json: &[u8]) -> Result<Value> {
    serde_json::from_slice(run_json).map_err(|_| unreadable("it is not JSON"))
}

fn unreadable(why: &str) -> Error {
    Error::new(Kind::Storage, format!("the record of a published night cannot be read: {why}")).file("run.json")
}

/// The bytes of `run.json`.
pub fn to_bytes(
    run_id: &str,
    inputs: &Inputs,
    counts: BTreeMap<&str, Value>,
    missing: Vec<&str>,
    gaps: &[Gap],
    notices: &[String],
) -> Vec<u8> {
    let record = json!({
        "format": FORMAT,
        "run_id": run_id,
        "index_date": inputs.index_date,
        "fingerprint": inputs.fingerprint(),
        "inputs": inputs,
        "counts": counts,
        "missing_feeds": missing,
        "refused_feeds": gaps,
        "notices": notices,
    });
    let mut bytes = serde_json::to_vec_pretty(&record).expect("a record is plain data");
    bytes.push(b'\n');
    bytes
}
