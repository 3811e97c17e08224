//! A model is let out by somebody with a key, and for a time.

use std::{collections::BTreeMap, fs};

use crate::service::{SECOND, Service};

#[test]
fn a_candidate_is_signed_with_all_its_variants_and_only_once() {
    let service = Service::trained();
    let key = service.folder().join("release").display().to_string();
    let candidates = fs::read_dir(service.folder().join("model/candidates")).unwrap();
    let candidate = candidates.map(|entry| entry.unwrap()).next().unwrap();
    let name = candidate.file_name().into_string().unwrap();
    service.must(&["model", "keygen", &key]);
    let public = fs::read_to_string(format!("{key}.pub")).unwrap();
    assert!(service.must(&["model", "sign", &name, "--key", &key]).out.contains(public.trim_end()));

    let signatures = fs::read(candidate.path().join("signatures.json")).unwrap();
    let signatures: BTreeMap<String, String> = serde_json::from_slice(&signatures).unwrap();
    let mut files: Vec<String> = fs::read_dir(candidate.path().join("variants"))
        .unwrap()
        .map(|file| format!("variants/{}", file.unwrap().file_name().into_string().unwrap()))
        .collect();
    files.push("model.json".to_owned());
    files.sort();
    assert_eq!(signatures.keys().cloned().collect::<Vec<String>>(), files);
    assert!(signatures.values().all(|signature| signature.len() == 128));

    let again = service.earlycall(&["model", "sign", &name, "--key", &key]);
    assert_eq!(again.code, 2, "{}", again.err);
    let nobody = service.earlycall(&["model", "sign", "best", "--key", &key]);
    assert!(nobody.code == 13 && nobody.err.contains(&name), "{}", nobody.err);
    let no_key = service.earlycall(&["model", "sign", &name, "--key", &format!("{key}.old")]);
    assert!(no_key.code == 16 && no_key.err.contains("model keygen"), "{}", no_key.err);
    let same_key = service.earlycall(&["model", "keygen", &key]);
    assert_eq!(same_key.code, 2, "{}", same_key.err);
}

#[test]
fn research_is_warned_of_a_model_that_has_expired() {
    let service = Service::before_second_night();
    service.add_settings("[model]\nexpires_after_days = 6");
    let said = service.must(&["run", "--index-date", SECOND]);
    let told = format!("{}{}", said.out, said.err);
    assert!(told.contains("7 days before the index date") && told.contains("train again"), "{told}");
}
