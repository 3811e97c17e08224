//! The text of a model is enough to compute its scores, in any language.

use earlycall_model::Error;
use earlycall_model::boosted::BoostedModel;
use serde_json::Value;

use super::model;
use crate::simulate::people;

/// The place of a value among the bins of a curve, from the bare JSON.
fn bin(curve: &Value, x: f64) -> usize {
    let numbers = |list: &Value| list.as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect::<Vec<f64>>();
    if x.is_nan() {
        0
    } else if let Some(cuts) = curve["bins"].get("cuts") {
        let mut bin = 1;
        for cut in numbers(cuts) {
            if x >= cut {
                bin += 1;
            }
        }
        bin
    } else {
        numbers(&curve["bins"]["levels"]).iter().position(|level| *level == x).map_or(0, |place| place + 1)
    }
}

/// The log-odds of one row from the bare JSON: the instructions for another program, in Rust.
fn plain_score(model: &Value, row: &[f64]) -> f64 {
    let mut log_odds = model["base"].as_f64().unwrap();
    let curves = model["curves"].as_array().unwrap();
    for (curve, x) in curves.iter().zip(row) {
        log_odds += curve["heights"][bin(curve, *x)].as_f64().unwrap();
    }
    for surface in model["surfaces"].as_array().unwrap() {
        let group = |side: usize| {
            let column = surface["columns"][side].as_u64().unwrap() as usize;
            surface["groups"][side][bin(&curves[column], row[column])].as_u64().unwrap()
        };
        let width =
            surface["groups"][1].as_array().unwrap().iter().map(|group| group.as_u64().unwrap()).max().unwrap() + 1;
        log_odds += surface["heights"][(group(0) * width + group(1)) as usize].as_f64().unwrap();
    }
    log_odds
}

#[test]
fn another_program_finds_the_same_scores_from_the_text_alone() {
    let text: Value = serde_json::from_str(&model().to_json("emergency_admission")).unwrap();
    let people = people(2000, 9);
    for (row, score) in people.x.rows().into_iter().zip(model().score(&people.rows()).unwrap()) {
        let plain = plain_score(&text["model"], &row.to_vec());
        assert!((plain - score.log_odds).abs() < 1e-12, "{plain} {}", score.log_odds);
    }
}

#[test]
fn it_reads_back_what_it_wrote_and_refuses_what_was_altered() {
    let text = model().to_json("emergency_admission");
    assert_eq!(&BoostedModel::from_json(&text).unwrap(), model());
    assert!(matches!(BoostedModel::from_json(&text.replacen("\"base\": -", "\"base\": -1", 1)), Err(Error::Altered)));
    assert!(matches!(BoostedModel::from_json(&text[..text.len() / 2]), Err(Error::Unreadable { .. })));
    let newer = text.replacen("\"schema_version\": 1", "\"schema_version\": 2", 1);
    assert!(matches!(BoostedModel::from_json(&newer), Err(Error::SchemaVersion { found: 2, expected: 1 })));
}
