//! Risks for a table, and what is refused.

use std::fs;

use crate::desk::{Desk, PREDICT};

#[test]
fn a_category_never_seen_counts_as_missing_and_is_told_by_its_number() {
    let desk = Desk::with_model();
    desk.put("new.csv", "stay,age_years,ward,admissions_n\nx,50,secret,1\ny,50,,1\nz,50,b,1\n");
    let told = desk.must(&PREDICT);
    assert!(told.contains("warning: column ward: 1 rows with a category that the model does not know"), "{told}");
    assert!(!told.contains("secret"));
    let risks = desk.read("risks.csv");
    let risk = |row: usize| risks.lines().nth(row).unwrap().split_once(',').unwrap().1.to_owned();
    assert_eq!(risk(1), risk(2));
    assert_ne!(risk(1), risk(3));
}

#[test]
fn the_order_of_columns_and_the_label_make_no_difference_nor_do_threads() {
    let desk = Desk::with_model();
    desk.put("new.csv", "stay,age_years,ward,admissions_n\nx,50,a,1\n\"y,z\",51.5,b,\n");
    desk.must(&PREDICT);
    desk.put("new.csv", "ward,came_back,admissions_n,stay,age_years\na,?,1,x,50\nb,,,\"y,z\",51.5\n");
    let again = ["model", "predict", "--model", "m", "--data", "new.csv", "--out", "again.csv", "--threads", "2"];
    desk.must(&again);
    assert_eq!(desk.read("again.csv"), desk.read("risks.csv"));
    assert!(desk.read("risks.csv").contains("\n\"y,z\",0."));
}

#[test]
fn a_table_of_other_columns_is_refused_by_their_names() {
    let desk = Desk::with_model();
    desk.put("new.csv", "stay,age_years,wards,admissions_n,x\n1,50,a,1,1\n");
    assert_eq!(
        desk.refused(&PREDICT, 11),
        "new.csv: its columns are not those of the model: it lacks ward; it has besides wards, x; hint: give it the \
         columns that the model learnt from, by the same names"
    );
    desk.put("new.csv", "age_years,ward,admissions_n\n50,a,1\n");
    assert!(desk.refused(&PREDICT, 11).starts_with("new.csv, column stay: there is no column of this name"));
    assert!(!desk.path("risks.csv").exists());
}

#[test]
fn a_cell_that_is_no_number_is_refused_with_its_place_and_without_its_value() {
    let desk = Desk::with_model();
    for (row, words) in [
        ("2,secret,a,1", "new.csv, row 2, column age_years: is not a number"),
        (",50,a,1", "new.csv, row 2, column stay: the id is missing"),
        ("=secret(),50,a,1", "new.csv, row 2, column stay: the id could be taken for a formula"),
    ] {
        desk.put("new.csv", &format!("stay,age_years,ward,admissions_n\n1,50,a,1\n{row}\n"));
        let told = desk.refused(&PREDICT, 11);
        assert!(told.starts_with(words) && !told.contains("secret"), "{told}");
    }
    assert!(!desk.path("risks.csv").exists());
}

#[test]
fn a_model_that_was_altered_is_refused() {
    let desk = Desk::with_model();
    desk.put("new.csv", "stay,age_years,ward,admissions_n\n1,50,a,1\n");
    let text = desk.read("m/model.json");
    desk.put("m/model.json", &text.replacen("\"learning_rate\": 0.1", "\"learning_rate\": 0.2", 1));
    let refusal = "m/model.json: the model was altered: its checksum does not match; hint: fit it again";
    assert_eq!(desk.refused(&PREDICT, 13), refusal);
    assert_eq!(desk.refused(&["model", "show", "m"], 13), refusal);
    fs::remove_file(desk.path("m/model.json")).unwrap();
    assert!(desk.refused(&PREDICT, 13).starts_with("m/model.json: cannot be read: "));
}

#[test]
fn what_stands_there_already_is_left_alone() {
    let desk = Desk::with_model();
    desk.put("new.csv", "stay,age_years,ward,admissions_n\n1,50,a,1\n");
    desk.put("risks.csv", "mine");
    assert!(desk.refused(&PREDICT, 2).starts_with("risks.csv: is there already"));
    assert_eq!(desk.read("risks.csv"), "mine");
}
