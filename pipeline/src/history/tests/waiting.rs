//! Which new deliveries are a night's own, and which wait: by the moments of their extraction, written as day and hour of
//! November 2026.

use std::fs;

use serde_json::json;

use crate::{
    day::Day,
    extract::delivery::find,
    history::{
        ledger::{Ledger, SettledDelivery},
        waiting::{Vouched, divide},
    },
    store::nights::NightId,
};

/// A night, and what there is for it.
struct Case {
    /// When what is settled was extracted.
    settled: &'static [&'static str],
    /// The newest published night.
    night: Option<&'static str>,
    /// When what is new was extracted, and the last day that it says it covers.
    new: &'static [(&'static str, Option<&'static str>)],
    /// The index date that is asked for.
    named: Option<&'static str>,
}

fn day(of_month: &str) -> Day {
    Day::parse(&format!("2026-11-{of_month}")).unwrap()
}

fn moment(text: &str) -> String {
    let (day, hour) = text.split_once(' ').unwrap();
    format!("2026-11-{day}T{hour}:30:00Z")
}

/// The moments of those that wait.
fn waiting(case: &Case) -> Vec<String> {
    waiting_of(case, |_| "deaths")
}

/// The same where each brings a table.
fn waiting_of(case: &Case, table: impl Fn(&str) -> &'static str) -> Vec<String> {
    let parent = tempfile::tempdir().unwrap();
    for (at, period_to) in case.new {
        let manifest = json!({
            "extract_id": at, "schema_version": "1", "supplier": "S", "extracted_at": moment(at),
            "period_to": period_to.map(|day| format!("2026-11-{day}")), "delivery": "delta", "pseudonym_key_id": "k",
            "files": [{
                "table": table(at), "file": format!("{}.csv", table(at)), "row_count": 0, "sha256": "0".repeat(64),
            }],
        });
        fs::create_dir(parent.path().join(at)).unwrap();
        fs::write(parent.path().join(at).join("manifest.json"), manifest.to_string()).unwrap();
    }
    let settled = case.settled.iter().map(|at| SettledDelivery { extracted_at: moment(at), ..Default::default() });
    let ledger = Ledger { deliveries: settled.collect(), ..Ledger::default() };
    let newest_night = case.night.map(|night| NightId { index_date: day(night), revision: 1 });
    let folders = find(parent.path()).unwrap();
    let divided = divide(folders.iter().collect(), &ledger, Vouched { index_date: case.named.map(day), newest_night });
    assert_eq!(divided.due.len() + divided.waiting.len(), folders.len(), "each is on one side");
    divided.waiting.iter().map(|folder| folder.manifest.extract_id.clone()).collect()
}

#[test]
fn extracted_in_the_evening_or_in_the_morning_after_each_night_has_its_own() {
    let evenings: &[(&str, Option<&str>)] = &[("14 23", None), ("15 23", None)];
    let evening = |named| Case { settled: &["13 23"], night: Some("13"), new: evenings, named };
    assert_eq!(waiting(&evening(Some("14"))), ["15 23"]);
    assert!(waiting(&evening(Some("15"))).is_empty());
    assert!(waiting(&evening(None)).is_empty(), "where no day is named");
    let mornings: &[(&str, Option<&str>)] = &[("15 02", None), ("16 02", None)];
    let morning = |named| Case { settled: &["14 02"], night: Some("13"), new: mornings, named };
    assert_eq!(waiting(&morning(Some("14"))), ["16 02"]);
    assert!(waiting(&morning(Some("15"))).is_empty());
}

#[test]
fn what_is_taken_late_is_of_the_day_that_it_says_it_covers() {
    let late = |period_to| Case {
        settled: &["14 02"],
        night: Some("13"),
        new: if period_to { &[("15 02", None), ("15 14", Some("14"))] } else { &[("15 02", None), ("15 14", None)] },
        named: Some("14"),
    };
    assert!(waiting(&late(true)).is_empty());
    assert_eq!(waiting(&late(false)), ["15 14"]);
}

#[test]
fn the_evening_after_is_taken_in_where_the_day_has_nothing_of_its_own_or_nights_are_always_made_so() {
    let evening_after =
        |settled, night| Case { settled, night: Some(night), new: &[("15 23", None)], named: Some("14") };
    assert!(waiting(&evening_after(&["13 23"], "13")).is_empty(), "nothing else covers the 14th");
    assert!(waiting(&evening_after(&["14 23"], "13")).is_empty(), "so was the night of the 13th");
    assert_eq!(waiting(&evening_after(&["14 23"], "14")), ["15 23"]);
}

#[test]
fn the_first_night_and_a_past_one_take_in_nothing_of_later_nights() {
    let first = Case { settled: &["13 23"], night: None, new: &[("14 23", None)], named: Some("13") };
    assert_eq!(waiting(&first), ["14 23"]);
    let new: &[(&str, Option<&str>)] = &[("14 22", None), ("15 23", None)];
    let past = Case { settled: &["14 21"], night: Some("14"), new, named: Some("10") };
    assert_eq!(waiting(&past), ["15 23"], "what the newest night may have counts for past ones");
}

#[test]
fn a_first_look_into_the_past_is_made_with_everything_there_is() {
    let case = Case { settled: &[], night: None, new: &[("13 23", None), ("14 23", None)], named: Some("01") };
    assert!(waiting(&case).is_empty());
}

#[test]
fn optional_tables_alone_wait_for_a_day_that_others_are_of() {
    let visits = |hour: &'static str| move |at: &str| if at.ends_with(hour) { "home_care_visits" } else { "deaths" };
    let unnamed = |new| Case { settled: &["14 02"], night: Some("13"), new, named: None };
    assert_eq!(waiting_of(&unnamed(&[("14 05", None), ("16 05", None)]), visits("05")), ["16 05"]);
    assert!(waiting_of(&unnamed(&[("16 02", None), ("16 05", None)]), visits("05")).is_empty());
    // A first look into the past is made with everything but what is of no day that is known.
    let past = Case { settled: &[], night: None, new: &[("14 23", None), ("20 05", None)], named: Some("01") };
    assert_eq!(waiting_of(&past, visits("05")), ["20 05"]);
}

#[test]
fn optional_tables_alone_do_not_say_of_when_a_night_is() {
    let visits = |hour: &'static str| move |at: &str| if at.ends_with(hour) { "home_care_visits" } else { "deaths" };
    // The 14th has nothing of its own but visits, so what was taken on the evening after is its own.
    let case =
        Case { settled: &["13 23"], night: Some("13"), new: &[("15 02", None), ("15 23", None)], named: Some("14") };
    assert!(waiting_of(&case, visits("02")).is_empty());
    assert_eq!(waiting(&case), ["15 23"]);
}
