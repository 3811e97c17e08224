//! The text of a model of several horizons is enough to compute its risks, in any language.

use earlycall_model::Error;
use earlycall_model::artefact::Artefact;
use ring::digest::{SHA256, digest};
use serde_json::Value;

use super::{cohort, model};
use crate::plain::log_odds;

fn artefact() -> Artefact {
    Artefact { outcome: "emergency_admission".to_owned(), ..Artefact::of(model().clone()) }
}

/// The risks of one row from the bare JSON, from the shortest horizon to the longest.
fn plain_risks(text: &Value, row: &[f64]) -> Vec<f64> {
    let share = |part: &Value| 1.0 / (1.0 + (-log_odds(&part["model"], row)).exp());
    let lead = share(&text["lead"]);
    let mut risks = vec![lead];
    for link in text["sooner"].as_array().unwrap() {
        risks.insert(0, risks[0] * share(link));
    }
    for link in text["later"].as_array().unwrap() {
        let neighbour = risks[risks.len() - 1];
        risks.push(neighbour + (1.0 - neighbour) * share(link));
    }
    risks
}

#[test]
fn another_program_finds_the_same_risks_from_the_text_alone() {
    let text: Value = serde_json::from_str(&artefact().to_json()).unwrap();
    let people = cohort(2000, 21);
    let risks = model().risks(&people.rows()).unwrap();
    for (row, risks) in people.x.rows().into_iter().zip(risks.rows()) {
        let plain = plain_risks(&text, &row.to_vec());
        assert_eq!(plain.len(), risks.len());
        assert!(plain.iter().zip(risks).all(|(plain, risk)| (plain - risk).abs() < 1e-12), "{plain:?} {risks}");
    }
}

#[test]
fn it_reads_back_what_it_wrote_and_refuses_what_was_altered() {
    let text = artefact().to_json();
    let read = Artefact::from_json(&text).unwrap();
    assert!(text.contains(&read.checksum) && read.checksum.len() == 64);
    assert_eq!(read, Artefact { checksum: read.checksum.clone(), ..artefact() });
    let refused = |text: &str| Artefact::from_json(text).unwrap_err();
    assert!(matches!(refused(&text.replacen("\"base\": -", "\"base\": -1", 1)), Error::Altered));
    assert!(matches!(refused(&text[..text.len() / 2]), Error::Unreadable { .. }));
    let newer = text.replacen("\"schema_version\": 2", "\"schema_version\": 3", 1);
    assert!(matches!(refused(&newer), Error::SchemaVersion { found: 3, expected: 2 }));
}

#[test]
fn parts_that_contradict_each_other_are_refused_though_the_checksum_is_right() {
    let text = artefact().to_json();
    let forged = |from: &str, to: &str| {
        let (content, _) = text.rsplit_once(",\n  \"checksum\"").unwrap();
        assert!(content.contains(from), "{from}");
        Artefact::from_json(&sealed(&content.replacen(from, to, 1))).unwrap_err().to_string()
    };
    let lead = "\"lead\": {\n    \"horizon_days\": 180";
    let refused = "the model contradicts itself: ";
    let order = forged(lead, &lead.replace("180", "366"));
    assert_eq!(order, format!("{refused}its horizons are not in order"));
    let none = forged(lead, &lead.replace("180", "null"));
    assert_eq!(none, format!("{refused}a part has no horizon"));
    let told = forged(lead, &lead.replace("180", "120"));
    assert_eq!(told, format!("{refused}it does not tell of each of its horizons"));
    assert_eq!(forged("additive", "subtractive"), format!("{refused}it is of another kind"));
    // The first column of the first link, which comes after those of the leading model.
    let (_, links) = text.split_once("\"sooner\": [").unwrap();
    let link = &links[..links.find("was_discharged").unwrap() + "was_discharged".len()];
    assert_eq!(forged(link, &link.replace("was_discharged", "was_seen")), format!("{refused}a link has other columns"));
}

/// Some content under a checksum that matches it.
fn sealed(content: &str) -> String {
    let sum = digest(&SHA256, format!("{content}\n}}").as_bytes());
    let sum: String = sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{content},\n  \"checksum\": \"{sum}\"\n}}\n")
}
