//! The text of a model is enough to compute its scores, in any language.

use earlycall_model::artefact::{Artefact, Categories};
use earlycall_model::boosted::{BoostedModel, Shape};
use earlycall_model::horizons::HorizonsModel;
use earlycall_model::{Column, ColumnKind, Error, Rows};
use ndarray::Array2;
use serde_json::Value;

use super::{fitted, model, params};
use crate::plain::log_odds;
use crate::simulate::people;

#[test]
fn another_program_finds_the_same_scores_from_the_text_alone() {
    let text: Value = serde_json::from_str(&artefact().to_json()).unwrap();
    let people = people(2000, 9);
    for (row, score) in people.x.rows().into_iter().zip(model().score(&people.rows()).unwrap()) {
        let plain = log_odds(&text["lead"]["model"], &row.to_vec());
        assert!((plain - score.log_odds).abs() < 1e-12, "{plain} {}", score.log_odds);
    }
}

#[test]
fn another_program_finds_the_same_scores_also_of_levels_and_of_pairs_with_them() {
    // Two wards at odds with a flag: a curve of levels, and a surface with it. Ward 9 is rare, ward 5 was never there.
    let columns = ["ward", "flag"].map(|name| Column::new(name, name, ColumnKind::Measure)).to_vec();
    let x = Array2::from_shape_fn((4000, 2), |(row, column)| match column {
        0 if row % 1000 == 0 => 9.0,
        0 if row % 11 == 0 => f64::NAN,
        0 => (row % 3) as f64,
        _ => (row / 3 % 2) as f64,
    });
    let is_at_odds = |row: usize| (x[[row, 0]] == 1.0) != (x[[row, 1]] == 1.0);
    let events: Vec<bool> = (0..4000).map(|row| row % 7 < if is_at_odds(row) { 5 } else { 1 }).collect();
    let model = fitted(params().pairs(1).shape("ward", Shape::Levels), &columns, &x, &events);
    assert_eq!(model.formula().surfaces[0].columns, [0, 1]);
    let text: Value = serde_json::from_str(&of(model.clone()).to_json()).unwrap();
    let values = [0.0, 1.0, 2.0, 5.0, 9.0, f64::NAN, f64::INFINITY];
    let rows = Array2::from_shape_fn((49, 2), |(row, column)| values[if column == 0 { row / 7 } else { row % 7 }]);
    let scores = model.score(&Rows { columns: &columns, x: rows.view() }).unwrap();
    for (row, score) in rows.rows().into_iter().zip(scores) {
        let plain = log_odds(&text["lead"]["model"], &row.to_vec());
        assert!((plain - score.log_odds).abs() < 1e-12, "{row}: {plain} {}", score.log_odds);
    }
}

fn of(model: BoostedModel) -> Artefact {
    Artefact { outcome: "emergency_admission".to_owned(), ..Artefact::of(HorizonsModel::of_one(model)) }
}

fn artefact() -> Artefact {
    of(model().clone())
}

#[test]
fn it_reads_back_what_it_wrote_to_the_bit() {
    let read = Artefact::from_json(&artefact().to_json()).unwrap();
    assert_eq!(read, Artefact { checksum: read.checksum.clone(), ..artefact() });
    let people = people(500, 78);
    assert_eq!(read.lead().score(&people.rows()).unwrap(), model().score(&people.rows()).unwrap());
}

#[test]
fn levels_have_one_name_each_and_other_columns_none() {
    let columns = [Column::new("ward", "ward", ColumnKind::Measure)];
    let x = Array2::from_shape_fn((300, 1), |(row, _)| (row % 3) as f64);
    let events: Vec<bool> = (0..300).map(|row| row % 3 == 0 || row % 7 == 0).collect();
    let levels = fitted(params().shape("ward", Shape::Levels), &columns, &x, &events);
    let read = |column: &str, names: &[&str]| {
        let names = names.iter().map(|name| name.to_string()).collect();
        let categories = Categories::from([(column.to_owned(), names)]);
        Artefact::from_json(&Artefact { categories, ..of(levels.clone()) }.to_json())
    };
    assert_eq!(read("ward", &["a", "b", "c"]).unwrap().categories["ward"], ["a", "b", "c"]);
    for (column, names) in [("ward", vec!["a", "b"]), ("ward", vec!["a", "b", "b"]), ("age", vec!["a", "b", "c"])] {
        assert!(matches!(read(column, &names), Err(Error::Inconsistent(_))), "{column}, {names:?}");
    }
}
