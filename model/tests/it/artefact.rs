//! The text of a model is enough to compute its scores, in any language.

use std::collections::BTreeMap;

use earlycall_model::Rows;
use earlycall_model::artefact::{Artefact, TrainingWindow};
use serde_json::Value;

use crate::simulate::{columns, model, people};

/// The log-odds of one person from the bare JSON: the instructions for another program, in Rust.
fn plain_score(model: &Value, person: &BTreeMap<String, f64>) -> f64 {
    let number = |value: &Value| value.as_f64().unwrap();
    let mut log_odds = number(&model["base"]);
    for curve in model["curves"].as_array().unwrap() {
        let x = person[curve["column"]["name"].as_str().unwrap()];
        let mut contribution = 0.0;
        for term in curve["terms"].as_array().unwrap() {
            let basis = &term["basis"];
            let height = if basis == "missing" {
                if x.is_nan() { 1.0 } else { 0.0 }
            } else if x.is_nan() {
                continue;
            } else if let Some(ramp) = basis.get("ramp") {
                ((x - number(&ramp["from"])) / (number(&ramp["to"]) - number(&ramp["from"]))).clamp(0.0, 1.0)
            } else if let Some(log1p) = basis.get("log1p") {
                x.clamp(0.0, number(&log1p["most"])).ln_1p()
            } else {
                (-x.max(0.0) / number(&basis["decay"]["days"])).exp()
            };
            contribution += number(&term["coefficient"]) * (height - number(&term["centre"]));
        }
        log_odds += contribution;
    }
    log_odds
}

fn artefact() -> Artefact {
    Artefact {
        name: "trial".to_owned(),
        outcome: "emergency_admission".to_owned(),
        training: TrainingWindow { index_dates: vec!["2024-05-01".to_owned()], data_to: "2024-10-28".to_owned() },
        catalogue_hash: "c0ffee".to_owned(),
        code_list_hashes: BTreeMap::from([("copd".to_owned(), "beef".to_owned())]),
        cohort: BTreeMap::from([("in training".to_owned(), 1200), ("left the area".to_owned(), 3)]),
        ..Artefact::of(model().clone())
    }
}

#[test]
fn plain_code_and_the_json_give_the_same_score() {
    let json: Value = serde_json::from_str(&artefact().to_json()).unwrap();
    let people = people(500, 77);
    let scores = model().score(&people.rows()).unwrap();
    for (row, score) in people.x.rows().into_iter().zip(scores) {
        let names = columns().into_iter().map(|column| column.name);
        let person: BTreeMap<String, f64> = names.zip(row.iter().copied()).collect();
        assert_eq!(plain_score(&json["model"], &person), score.log_odds);
    }
}

#[test]
fn a_model_that_was_written_and_read_scores_the_same_bits() {
    let read = Artefact::from_json(&artefact().to_json()).unwrap();
    assert_eq!(read.model, *model());
    assert_eq!(Artefact { checksum: String::new(), ..read.clone() }, artefact());
    let people = people(500, 78);
    let rows = Rows { columns: read.model.columns(), x: people.x.view() };
    assert_eq!(read.model.score(&rows).unwrap(), model().score(&people.rows()).unwrap());
}

#[test]
fn the_text_names_what_it_is() {
    let json: Value = serde_json::from_str(&artefact().to_json()).unwrap();
    assert_eq!(json["schema_version"], 1);
    assert_eq!(json["kind"], "additive-risk-model");
    assert_eq!(json["training"]["index_dates"][0], "2024-05-01");
    assert_eq!(json["cohort"]["left the area"], 3);
    assert_eq!(json["model"]["n_columns"], 9);
    assert_eq!(json["model"]["curves"][3]["column"]["kind"], "days_since");
}
