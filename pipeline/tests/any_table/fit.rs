//! Learning from a table: what a model is made of, and what is refused.

use std::{fs, sync::Arc};

use arrow::{
    array::{ArrayRef, Float32Array, Int64Array, StringArray, TimestampSecondArray},
    record_batch::RecordBatch,
};
use parquet::arrow::ArrowWriter;
use serde_json::Value;

use crate::desk::{Desk, FIT, stays};

fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// The stays as typed columns.
fn stays_as_parquet() -> Vec<(&'static str, ArrayRef)> {
    let text = stays();
    let column = |place: usize| text.lines().skip(1).map(move |line| line.split(',').nth(place).unwrap());
    let wholes = |place| Arc::new(column(place).map(|cell| cell.parse().ok()).collect::<Int64Array>()) as ArrayRef;
    let words = |place| Arc::new(column(place).map(Some).collect::<StringArray>()) as ArrayRef;
    let shorts = Arc::new(column(2).map(|cell| cell.parse().ok()).collect::<Float32Array>());
    vec![
        ("stay", words(0)),
        ("came_back", wholes(1)),
        ("age_years", shorts),
        ("ward", words(3)),
        ("admissions_n", wholes(4)),
    ]
}

#[test]
fn one_thread_or_two_csv_or_parquet_make_the_same_bytes() {
    let desk = Desk::with_model();
    let expected = desk.read("m/model.json");
    fs::write(desk.path("stays.parquet"), parquet(stays_as_parquet())).unwrap();
    for (threads, file) in [("1", "stays.csv"), ("2", "stays.csv"), ("3", "stays.parquet")] {
        let out = format!("m{threads}");
        let args = ["model", "fit", "--label", "came_back", "--id", "stay", "--pairs", "2", "--quiet"];
        desk.must(&[&args[..], &["--train", file, "--out", &out, "--threads", threads]].concat());
        assert!(desk.read(&format!("{out}/model.json")) == expected, "{threads} threads, {file}");
    }
    let args = ["model", "fit", "--train", "stays.csv", "--label", "came_back", "--id", "stay", "--pairs", "2"];
    desk.must(&[&args[..], &["--seed", "1", "--out", "other"]].concat());
    assert!(desk.read("other/model.json") != expected);
}

#[test]
fn a_word_of_few_rows_is_named_nowhere() {
    let desk = Desk::new();
    // Nine rows of a ward that would tell who was there.
    desk.put("stays.csv", &stays().replacen(",a,", ",home of Mrs Jones,", 9));
    desk.must(&FIT);
    let model: Value = serde_json::from_str(&desk.read("m/model.json")).unwrap();
    assert_eq!(model["categories"]["ward"], serde_json::json!(["a", "b", "c"]));
    assert!(!desk.read("m/model.json").contains("Jones") && !desk.read("m/card.md").contains("Jones"));
}

#[test]
fn a_curve_that_must_rise_does_and_numbers_may_be_categories() {
    let desk = Desk::new();
    desk.put("stays.csv", &stays());
    desk.must(&[&FIT[..], &["--falling", "age_years", "--category", "admissions_n"]].concat());
    let model: Value = serde_json::from_str(&desk.read("m/model.json")).unwrap();
    let heights = |column: usize| -> Vec<f64> {
        let heights = model["lead"]["model"]["curves"][column]["heights"].as_array().unwrap();
        heights.iter().map(|height| height.as_f64().unwrap()).collect()
    };
    // The old come back more often, but it was said not to be so.
    assert!(heights(0)[1..].windows(2).all(|pair| pair[0] >= pair[1] - 1e-9));
    assert_eq!(model["categories"]["admissions_n"], serde_json::json!(["0", "1", "2", "3", "4"]));
}

#[test]
fn what_cannot_be_learnt_from_is_refused_with_its_place_and_without_a_value() {
    let desk = Desk::new();
    let refused = |text: &str, args: &[&str], code: i32| {
        desk.put("stays.csv", text);
        let told = desk.refused(&[&FIT[..], args].concat(), code);
        assert!(!told.contains("secret") && !desk.path("m").exists(), "{told}");
        told
    };
    let (stays, row) = (stays(), |n: usize| stays().lines().nth(n).unwrap().to_owned());
    let with = |n: usize, other: &str| stays.replacen(&row(n), other, 1);
    assert_eq!(
        refused(&with(3, "p1,7secret,30,a,1"), &[], 11),
        "stays.csv, row 3, column came_back: is not a number; hint: a missing number is an empty cell; what is no number \
         can be learnt as a category"
    );
    assert!(
        refused(&with(3, "p1,2,30,a,1"), &[], 11).starts_with("stays.csv, row 3, column came_back: a label must be 0")
    );
    assert!(
        refused(&with(3, "p1,,30,a,1"), &[], 11).starts_with("stays.csv, row 3, column came_back: a label must be 0")
    );
    assert!(refused(&with(5, ",1,30,a,1"), &[], 11).starts_with("stays.csv, row 5, column stay: the id is missing"));
    assert_eq!(
        refused(&with(8, "p4,1,30,secret"), &[], 11),
        "stays.csv, row 8: there are 4 cells where the header has 5; hint: the table is CSV in UTF-8 with commas and a \
         header, or Parquet"
    );
    assert!(refused(&stays.replacen("ward", "stay", 1), &[], 11).contains("column stay: there are two columns"));
    assert!(refused(&stays.replacen("came_back", "back", 1), &[], 11).contains("column came_back: there is no column"));
    assert!(refused(&stays, &["--rising", "ward"], 11).contains("column ward: is not a column of numbers"));
    assert!(refused(&stays, &["--rising", "age_years", "--falling", "age_years"], 2).contains("more than one thing"));
    assert!(refused(&stays.lines().take(9).collect::<Vec<_>>().join("\n"), &[], 13).contains("people"));
    desk.put("stays.csv", &stays);
    desk.must(&FIT);
    assert!(desk.refused(&FIT, 2).starts_with("m: is there already"));
}

#[test]
fn parquet_of_other_kinds_is_refused_by_its_column() {
    let desk = Desk::new();
    let mut columns = stays_as_parquet();
    columns.push(("seen_at", Arc::new(TimestampSecondArray::from(vec![0; 800]))));
    fs::write(desk.path("stays.parquet"), parquet(columns)).unwrap();
    let fit = ["model", "fit", "--train", "stays.parquet", "--label", "came_back", "--id", "stay", "--out", "m"];
    let told = desk.refused(&fit, 11);
    assert!(told.starts_with("stays.parquet, column seen_at: the Arrow type Timestamp(s) doesn't suit"), "{told}");
    fs::write(desk.path("stays.parquet"), b"PAR1 and no more").unwrap();
    assert!(desk.refused(&fit, 11).contains("can't be read as Parquet"));
}
