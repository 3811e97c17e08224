//! `earlycall check`: do the lists find whom they should, and are the codes in the lists' dialects?

use std::{
    fs,
    path::{Path, PathBuf},
};

use earlycall::{
    day::Day,
    synth::{DeliveryFiles, Format, SynthParams, generate},
};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::import::{OWN, Service};

const LAST_DAY: &str = "2026-11-20";

/// A service that has received the records of some thousand synthetic people.
fn service() -> Service {
    let last_day = Day::parse(LAST_DAY).unwrap();
    let population = generate(&SynthParams { people: 3000, years: 2, last_day, ..SynthParams::default() });
    let service = Service::new();
    deliver(&service, population.delivery_full(last_day, Format::Csv));
    service
}

/// Puts a delivery where the service finds it, and says where that is.
fn deliver(service: &Service, DeliveryFiles { folder_name, files, .. }: DeliveryFiles) -> PathBuf {
    let folder = service.path("extracts").join(folder_name);
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// Replaces a text in the files of a table, as often as it is there or only so often, and mends the manifest.
fn replace(delivery: &Path, table: &str, text: &str, with: &str, times: usize) {
    let path = delivery.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let mut left = times;
    for file in manifest["files"].as_array_mut().unwrap().iter_mut().filter(|file| file["table"] == table) {
        let path = delivery.join(file["file"].as_str().unwrap());
        let rows = fs::read_to_string(&path).unwrap();
        let n = rows.matches(text).count().min(left);
        left -= n;
        let rows = rows.replacen(text, with, n);
        file["sha256"] = json!(data_encoding::HEXLOWER.encode(&Sha256::digest(rows.as_bytes())));
        fs::write(path, rows).unwrap();
    }
    assert!(left < times, "{text} is nowhere in {table}");
    fs::write(path, manifest.to_string()).unwrap();
}

/// What a check says of a register to machines.
#[track_caller]
fn register(service: &Service, condition: &str) -> Value {
    let (_, json, err) = service.run(&["check", "--quiet", "--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap_or_else(|_| panic!("{err}"));
    let all = json["registers"]["registers"].as_array().unwrap();
    all.iter().find(|register| register["condition"] == condition).unwrap().clone()
}

#[test]
fn each_register_is_told_against_what_is_expected_and_a_list_that_finds_nobody_is_marked() {
    let service = service();
    let (code, out, err) = service.run(&["check", "--quiet"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("registers on 19 November 2026: 2"), "{out}");
    assert!(!out.contains("  hypertension: "), "{out}");
    let (hypertension, diabetes) = (register(&service, "hypertension"), register(&service, "diabetes"));
    assert_eq!(hypertension["is_far"], false);
    // The population writes concepts of the embedded list, and this list has none of them.
    assert_eq!(service.import_text("list.csv", "code\n404684003\n", "HYP_COD", &OWN).0, 0);
    let (_, again, _) = service.run(&["check", "--quiet"]);
    let told = format!("  hypertension: 0 found, {} expected: look at its code list", hypertension["expected"]);
    assert!(again.contains(&told), "{again}");
    assert_eq!(register(&service, "diabetes"), diabetes);
    assert!(!service.path("state/history/current").exists(), "nothing is settled by looking");
    // The page has every register, and needs nothing from elsewhere.
    let page = fs::read_to_string(service.path("out/check.html")).unwrap();
    assert_eq!(page.matches("far from expected").count(), 1, "{page}");
    assert!(page.contains("<polyline") && !page.contains("http:") && !page.contains("<script"), "{page}");
}

#[test]
fn codes_of_another_dialect_are_told_by_column_and_never_by_value() {
    let service = service();
    let (_, clean, _) = service.run(&["check", "--quiet"]);
    assert!(!clean.contains("another dialect"), "{clean}");
    let folder = fs::read_dir(service.path("extracts")).unwrap().next().unwrap().unwrap().path();
    replace(&folder, "apc_episodes", "N390", "Z9181", usize::MAX);
    replace(&folder, "apc_episodes", "J189", "N186", usize::MAX);
    replace(&folder, "gp_events", ",38341003,", ",G20..,", 1);
    let (code, out, err) = service.run(&["check", "--quiet"]);
    assert_eq!(code, 0, "{err}");
    for words in [
        "  apc_episodes.diagnoses  each ",
        "looks like ICD-10-CM (a fifth character",
        "is not in use in England",
        "gp_events.snomed_code  each looks like Read or CTV3",
    ] {
        assert!(out.contains(words), "{out}");
    }
    for value in ["N186", "Z9181", "G20.."] {
        assert!(!out.contains(value), "{out}");
    }
    let (_, json, _) = service.run(&["check", "--quiet", "--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    let is_of_a_trust = |one: &Value| one["column"] == "diagnoses" && one["provider"] == "R1H" && one["n"] != 0;
    assert!(json["dialects"].as_array().unwrap().iter().any(is_of_a_trust));
    assert_eq!(json["registers"]["registers"].as_array().unwrap().len(), 21);
}

#[test]
fn the_first_row_of_a_rule_is_told_with_its_delivery_for_several_have_files_of_one_name() {
    let last_day = Day::parse(LAST_DAY).unwrap();
    let population = generate(&SynthParams { people: 1000, years: 2, last_day, ..SynthParams::default() });
    let service = Service::new();
    let full = deliver(&service, population.delivery_full(last_day - 5, Format::Csv));
    let delta = deliver(&service, population.delivery_delta(last_day - 5, last_day, Format::Csv));
    for (delivery, n) in [(&delta, 1), (&full, 2)] {
        replace(delivery, "ed_attendances", ",R1H,", ",R1H-,", 1);
        let folder = delivery.file_name().unwrap().to_str().unwrap();
        let file = format!("{folder}/ed_attendances");
        let (_, out, err) = service.run(&["check", "--quiet"]);
        let told = format!("ed_attendances: {n} rejected by V22, the first in {file}");
        assert!(out.contains(&told), "{out}{err}\nshould say: {told}");
        let page = fs::read_to_string(service.path("out/check.html")).unwrap();
        assert!(page.contains(&format!("<td>{file}")), "the page");
        let (_, json, _) = service.run(&["check", "--quiet", "--format", "json"]);
        let json: Value = serde_json::from_str(&json).unwrap();
        let first = json["firsts"].as_array().unwrap().iter().find(|first| first["rule"] == "V22").unwrap();
        assert!(first["file"].as_str().unwrap().starts_with(&file), "{first}");
        assert_eq!(first["delivery"], format!("synthetic-1-{folder}"));
        assert_eq!((first["table"].as_str(), first["n"].as_u64()), (Some("ed_attendances"), Some(n)));
    }
}
