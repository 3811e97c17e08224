//! A feed is missing, or stopped weeks ago: the night is scored by the model that was trained without it, every line says
//! so, and nothing of the feed counts, not even as zero.

use std::{fs, path::Path};

use earlycall::features::model_columns;
use earlycall_model::{Column, Rows, artefact::Artefact};
use ndarray::Array2;
use serde_json::json;

use crate::{
    delivery::Delivery,
    published::{Line, json, risks, worklists},
    service::{FIRST, SECOND, Service, first_delivery, second_delivery, second_delta},
};

const RUN: [&str; 3] = ["run", "--index-date", SECOND];

/// The second night, after this was delivered to a service whose first night stands.
fn second_night(settings: &str, delivery: &Delivery) -> Service {
    let service = Service::after_first_night();
    service.add_settings(settings);
    service.deliver(delivery);
    service.must(&RUN);
    service
}

fn lines(service: &Service, night: &str) -> Vec<Line> {
    worklists(&service.night(night)).into_values().flatten().collect()
}

/// A night that a variant has scored: its record, its pages and every line say so.
#[track_caller]
fn assert_scored_by(service: &Service, night: &str, variant: &str, badge: &str) {
    let run = json(&service.night(night), "run.json");
    assert_eq!(run["inputs"]["model_variant"], variant);
    assert!(run["inputs"]["model_name"].as_str().unwrap().ends_with(variant));
    let file = service.folder().join(format!("model/current/variants/{variant}.json"));
    assert_eq!(run["inputs"]["model_sha256"], artefact(&file).checksum.as_str());
    let lines = lines(service, night);
    assert!(!lines.is_empty());
    for line in &lines {
        assert!(line["badges"].contains(badge), "{}", line["badges"]);
        assert!(line["notices"].contains("a model trained without"), "{}", line["notices"]);
    }
}

/// No column of a table is in what explains somebody's risk.
#[track_caller]
fn assert_nothing_of(table: &str, service: &Service) {
    let (person, _) = risks(&service.night(&format!("{SECOND}.1"))).pop_last().unwrap();
    let said = service.must(&["explain", &person]).out;
    let of_it = model_columns().into_iter().filter(|column| column.feeds == [table]);
    let names: Vec<String> = of_it.map(|column| column.column.name).collect();
    assert!(names.len() > 5, "{table} has columns");
    let told: Vec<&str> = said.split_whitespace().filter(|word| names.iter().any(|name| name == word)).collect();
    assert_eq!(told, [""; 0], "{said}");
    assert!(said.contains("average person of the training set"), "{said}");
}

fn artefact(file: &Path) -> Artefact {
    Artefact::from_json(&fs::read_to_string(file).unwrap()).unwrap()
}

fn without(tables: &[&str], mut delivery: Delivery) -> Delivery {
    tables.iter().for_each(|table| delivery.table_mut(table).rows.clear());
    delivery
}

#[test]
fn a_feed_that_is_not_there_is_left_to_a_model_that_never_had_it() {
    let service = second_night("", &without(&["ed_attendances"], second_delivery()));
    let night = format!("{SECOND}.1");
    assert_scored_by(&service, &night, "without_ae", "Scored without A&E attendances");
    assert_nothing_of("ed_attendances", &service);
    for line in lines(&service, &night) {
        assert!(line["recent_use"].contains("A&E attendances: no data"), "{}", line["recent_use"]);
        assert!(!line["reasons"].contains("A&E"), "{}", line["reasons"]);
        assert_eq!(line["change"], "not compared: another model");
        assert!(line["notices"].contains("Another model scored the list before"), "{}", line["notices"]);
    }
    assert_eq!(json(&service.night(&night), "run.json")["missing_feeds"], json!(["ed_attendances"]));
}

/// A delta of the second week without attendances: their newest is of the first night.
fn a_week_late() -> Delivery {
    let mut delta = second_delta();
    delta.tables.remove("ed_attendances");
    delta
}

#[test]
fn a_feed_that_stopped_too_long_ago_is_a_missing_one() {
    // Three times two days, and it is seven or more since the last attendance.
    let service = second_night("[rules.V33]\ned_attendances_days = 2", &a_week_late());
    let night = format!("{SECOND}.1");
    assert_scored_by(&service, &night, "without_ae", "Scored without A&E attendances");
    assert_nothing_of("ed_attendances", &service);
    for line in lines(&service, &night) {
        assert!(line["notices"].contains("A&E attendances stop on "), "{}", line["notices"]);
        assert!(line["notices"].contains("too long ago to count"), "{}", line["notices"]);
    }
}

#[test]
fn a_feed_that_is_late_still_counts_and_the_page_says_since_when() {
    // Three times three days are not over yet.
    let service = second_night("[rules.V33]\ned_attendances_days = 3", &a_week_late());
    let night = format!("{SECOND}.1");
    assert!(json(&service.night(&night), "run.json")["inputs"].get("model_variant").is_none());
    for line in lines(&service, &night) {
        assert!(!line["badges"].contains("Scored without"), "{}", line["badges"]);
        assert!(line["notices"].contains("A&E attendances stop on "), "{}", line["notices"]);
        assert!(line["notices"].contains("what came later is not known"), "{}", line["notices"]);
        assert!(!line["change"].contains("not compared"), "{}", line["change"]);
    }
}

#[test]
fn without_any_gp_record_the_hospitals_alone_make_a_night() {
    let service = Service::trained();
    fs::remove_dir_all(service.folder().join("extracts")).unwrap();
    fs::remove_dir_all(service.folder().join("state")).unwrap();
    service.deliver(&without(&["gp_events", "gp_prescriptions"], first_delivery()));
    service.must(&["run", "--index-date", FIRST]);
    let night = format!("{FIRST}.1");
    assert_scored_by(&service, &night, "without_gp_record", "Scored without the GP record");
    for line in lines(&service, &night) {
        assert!(line["badges"].contains("Conditions from the hospital record only"), "{}", line["badges"]);
        assert!(!line["conditions"].contains("GP"), "{}", line["conditions"]);
    }
}

#[test]
fn a_gp_record_that_has_stopped_takes_nobody_off_the_lists() {
    let mut delta = second_delta();
    delta.tables.remove("gp_events");
    let service = second_night("[rules.V33]\ngp_events_days = 1", &delta);
    let night = service.night(&format!("{SECOND}.1"));
    // Prescriptions are there; the variant that does without both is the one that will do.
    assert_scored_by(&service, &format!("{SECOND}.1"), "without_gp_record", "Scored without the GP record");
    assert_nothing_of("gp_events", &service);
    let counts = |night: &Path| json(night, "cohort.json")["standings"].clone();
    let (before, now) = (counts(&service.night(&format!("{FIRST}.1"))), counts(&night));
    let scored = |counts: &serde_json::Value| counts["scored"].as_u64().unwrap();
    assert!(scored(&now) * 20 > scored(&before) * 19, "{now}");
}

/// Somebody of 80 of whom nothing is recorded, by the columns of a model; nothing is known of some tables.
fn somebody(columns: &[Column], missing: &[String]) -> Array2<f64> {
    let value = |column: &Column| {
        let declared = model_columns().into_iter().find(|known| known.column == *column).unwrap();
        if declared.feeds.iter().all(|feed| missing.contains(feed)) {
            f64::NAN
        } else if column.name == "age_years" {
            80.0
        } else {
            0.0
        }
    };
    Array2::from_shape_vec((1, columns.len()), columns.iter().map(value).collect()).unwrap()
}

#[test]
fn a_variant_says_something_else_than_the_whole_model_told_that_nothing_is_known() {
    let service = Service::trained();
    let current = service.folder().join("model/current");
    let main = artefact(&current.join("model.json"));
    for variant in ["without_ae", "without_prescriptions", "without_gp_record", "hospital_stays_alone"] {
        let variant = artefact(&current.join(format!("variants/{variant}.json")));
        let risk = |artefact: &Artefact| {
            let columns = artefact.model.columns();
            let x = somebody(columns, &variant.without);
            artefact.lead().score(&Rows { columns, x: x.view() }).unwrap()[0].risk
        };
        let (whole, without) = (risk(&main), risk(&variant));
        assert!((whole - without).abs() > 1e-6, "{}: {whole} and {without}", variant.name);
        let names: Vec<&str> = variant.model.columns().iter().map(|column| column.name.as_str()).collect();
        assert!(names.contains(&"has_copd") && names.contains(&"age_years"), "{names:?}");
        assert_eq!(names.contains(&"prescriptions_n_0_30d"), !variant.without.contains(&"gp_prescriptions".to_owned()));
    }
}

#[test]
fn the_card_lists_every_variant_with_its_checksum() {
    let service = Service::trained();
    let current = service.folder().join("model/current");
    let (card, main) = (fs::read_to_string(current.join("card.md")).unwrap(), artefact(&current.join("model.json")));
    let files: Vec<_> = fs::read_dir(current.join("variants")).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 5);
    for variant in files.iter().map(|file| artefact(file)) {
        let more = variant.without.iter().filter(|table| !main.without.contains(table));
        let without = more.cloned().collect::<Vec<_>>().join(", ");
        let [auroc, of_baseline] = [variant.metrics(), variant.baseline.as_ref().unwrap()].map(|m| m.auroc.unwrap());
        let line = format!("| {without} | {auroc:.4} | {of_baseline:.4} | {} |", variant.checksum);
        assert!(card.lines().any(|found| found == line), "the card lacks: {line}");
    }
}
