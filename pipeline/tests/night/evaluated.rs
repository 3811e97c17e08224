//! Looking back at a past night: the report says how sure its figures are, is as right for every group, and tells of
//! nobody.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    published::json,
    service::{FIRST, Service},
};

const PAST: &str = "2026-05-17";

fn evaluated(service: &Service) -> Value {
    let out = service.folder().join("evaluation");
    service.must(&["evaluate", "--index-date", PAST, "--out", out.to_str().unwrap()]);
    json(&out, "evaluation.json")[0].take()
}

#[test]
fn every_figure_has_an_interval_around_it() {
    let told = evaluated(&Service::trained());
    let figures = told["estimates"].as_array().unwrap();
    // Eight, and two for each of five shares of all people.
    assert_eq!(figures.len(), 18);
    for one in figures {
        let [value, low, high] = ["value", "low", "high"].map(|end| one[end].as_f64());
        assert!(value.is_some() && low <= high, "{one}");
        // The bin error of a draw is above that of all, for chance comes on top of chance.
        assert!(one["figure"] == "bin_error" || (low <= value && value <= high), "{one}");
    }
    assert_eq!(figures[0]["figure"], "auroc");
    assert_eq!(figures[0]["value"], told["metrics"]["auroc"]);
}

#[test]
fn the_groups_of_a_characteristic_are_everybody_and_small_ones_are_not_told() {
    let told = evaluated(&Service::trained());
    let everybody = told["metrics"]["rows"].as_f64().unwrap();
    let mut people: BTreeMap<&str, f64> = BTreeMap::new();
    let mut n_small = 0;
    for group in told["groups"].as_array().unwrap() {
        let count = |name: &str| group[name].as_u64();
        let is_hidden = ["people", "events"].iter().any(|name| group[*name] == "<8");
        n_small += u32::from(is_hidden);
        assert!(count("people").is_none_or(|n| n % 5 == 0) && count("events").is_none_or(|n| n % 5 == 0), "{group}");
        assert!(!is_hidden || (group["observed_rate"].is_null() && group["auroc"].is_null()), "{group}");
        *people.entry(group["characteristic"].as_str().unwrap()).or_default() += count("people").unwrap_or(4) as f64;
    }
    assert_eq!(
        people.keys().copied().collect::<Vec<&str>>(),
        ["age", "deprivation", "ethnicity", "interpreter", "main language", "sex"]
    );
    for (characteristic, n) in people {
        // Six groups at most, each rounded by up to two, or told as one to seven.
        assert!((n - everybody).abs() <= 6.0 * 3.0, "{characteristic}: {n} of {everybody}");
    }
    assert!(n_small > 0, "a population of this size has small groups");
}

#[test]
fn a_past_night_is_evaluated_to_the_same_bytes() {
    let [one, two] = [1, 2].map(|threads| {
        let service = Service::trained();
        let out = service.folder().join("evaluation");
        let (out_arg, threads) = (out.to_str().unwrap().to_owned(), threads.to_string());
        service.must(&["evaluate", "--index-date", PAST, "--out", &out_arg, "--threads", &threads]);
        ["evaluation.html", "evaluation.json"].map(|name| std::fs::read(out.join(name)).unwrap())
    });
    assert!(one == two);
}

#[test]
fn a_window_that_is_not_over_is_refused_with_the_date_that_is_free() {
    let said = Service::trained().earlycall(&["evaluate", "--index-date", FIRST]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("the latest date is 2026-05-17"), "{}", said.err);
}
