//! What feeds are worth, through the command: where visits and appointments tell of an admission before it comes, the
//! report finds it, and where they tell nothing, it says so. `benchmarks/worth.sh` shows it of feeds that few people have.

use earlycall::synth::{Feeds, Format, SynthParams, generate};
use serde_json::Value;

use crate::{published::json, service::Service};

const FEEDS: [&str; 3] = ["gp_appointments", "outpatient_appointments", "home_care_visits"];

/// The report on a population whose feeds know, or do not know, what will happen.
fn worth(kind: Feeds, people: u32) -> Value {
    let params = SynthParams { people, years: 3, seed: 5, feeds: kind, ..SynthParams::default() };
    let service = Service::empty();
    let bases: String = FEEDS.iter().map(|feed| format!("[feeds.{feed}]\nlegal_basis = \"a test\"\n")).collect();
    service.set_settings(&format!("[profile]\nkind = \"research\"\n{bases}"));
    service.deliver_files(generate(&params).delivery_full(params.last_day, Format::Parquet));
    let out = service.folder().join("worth");
    let dates = ["--index-date", "2025-11-20", "--index-date", "2026-03-20"];
    service.must(&[&["worth"], &dates[..], &["--out", out.to_str().unwrap()]].concat());
    json(&out, "worth.json")
}

fn number(gain: &Value, name: &str) -> f64 {
    gain[name].as_f64().unwrap()
}

fn of_feed<'a>(worth: &'a Value, feed: &str) -> &'a Value {
    worth["feeds"].as_array().unwrap().iter().find(|one| one["feed"] == feed).unwrap()
}

fn verdict<'a>(worth: &'a Value, feed: &str) -> &'a str {
    of_feed(worth, feed)["verdict"].as_str().unwrap()
}

#[test]
fn feeds_that_tell_of_admissions_are_found_and_by_how_much() {
    let worth = worth(Feeds::Telling, 80_000);
    let together = &worth["together"];
    assert!(number(together, "gain") > 3.0 * number(together, "standard_error"), "{together}");
    assert!(number(&of_feed(&worth, "gp_appointments")["by_itself"], "low") > 0.0, "{worth}");
    assert_eq!(verdict(&worth, "home_care_visits"), "too_few", "two hundred of so few have home care");
    for one in worth["feeds"].as_array().unwrap().iter().filter(|one| one["verdict"] != "too_few") {
        let gain = &one["beside_others"];
        assert!(number(gain, "low") <= number(gain, "gain") && number(gain, "gain") <= number(gain, "high"), "{one}");
        assert_eq!(one["people"].as_u64().unwrap() % 5, 0, "counts are rounded");
    }
}

#[test]
fn feeds_that_tell_nothing_are_said_to_tell_nothing() {
    let worth = worth(Feeds::Idle, 40_000);
    let together = &worth["together"];
    assert!(number(together, "gain") < 3.0 * number(together, "standard_error"), "{together}");
    // Below, standard errors are no bound: what says nothing is learnt nonetheless, so that a small loss is to be expected, of
    // some .001, and standard errors are as small.
    assert!(number(together, "gain") > -0.005, "{together}");
    for feed in FEEDS {
        assert!(["nothing", "misleads", "too_few"].contains(&verdict(&worth, feed)), "{feed}: {worth}");
    }
    let n_misleading = FEEDS.into_iter().filter(|feed| verdict(&worth, feed) == "misleads").count();
    assert!(n_misleading <= 1, "{worth}");
}

#[test]
fn without_an_optional_feed_there_is_nothing_to_measure() {
    let service = Service::trained();
    let said = service.earlycall(&["worth", "--index-date", "2026-05-17"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("no optional feed was there on all of these index dates"), "{}", said.err);
}
