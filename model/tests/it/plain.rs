//! Another program that works out the log-odds of a boosted model from its text, slowly.

use serde_json::Value;

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
pub fn log_odds(model: &Value, row: &[f64]) -> f64 {
    let mut sum = model["base"].as_f64().unwrap();
    let curves = model["curves"].as_array().unwrap();
    for (curve, x) in curves.iter().zip(row) {
        sum += curve["heights"][bin(curve, *x)].as_f64().unwrap();
    }
    for surface in model["surfaces"].as_array().unwrap() {
        let group = |side: usize| {
            let column = surface["columns"][side].as_u64().unwrap() as usize;
            surface["groups"][side][bin(&curves[column], row[column])].as_u64().unwrap()
        };
        let width =
            surface["groups"][1].as_array().unwrap().iter().map(|group| group.as_u64().unwrap()).max().unwrap() + 1;
        sum += surface["heights"][(group(0) * width + group(1)) as usize].as_f64().unwrap();
    }
    sum
}
