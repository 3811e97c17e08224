//! Every order of nights: plain runs and dated ones, newer and older. The list in use never becomes an older one, and no
//! delivery is in a night that comes before its own.

use std::fs;

use serde_json::json;

use crate::{
    delivery::Delivery,
    published::json,
    service::{FIRST, SECOND, Said, Service, first_delivery, second_delivery, second_delta},
    snapshot::{Snapshot, assert_same},
};

/// What is run, its exit code, and the night in use after it.
type Run = (&'static str, i32, &'static str);

/// Dates are those of November 2026; `plain` names none. The first night, of the 13th, is published, and a delivery of the
/// evening of the 20th is there. The runs, and at last all nights.
const ORDERS: [(&[Run], &[&str]); 9] = [
    // A plain run is of the day before the newest extract, and again there is nothing to do.
    (&[("plain", 0, "19.1"), ("plain", 99, "19.1")], &["13.1", "19.1"]),
    // The day itself may follow.
    (&[("plain", 0, "19.1"), ("20", 0, "20.1"), ("plain", 99, "20.1")], &["13.1", "19.1", "20.1"]),
    // A plain run after the day itself would make an older night: it makes none, and revises none.
    (&[("20", 0, "20.1"), ("plain", 99, "20.1"), ("20", 99, "20.1")], &["13.1", "20.1"]),
    (&[("20", 0, "20.1"), ("plain --revise", 2, "20.1")], &["13.1", "20.1"]),
    // A past night on purpose is published, and the newer list stays in use. It is the night before of the newer one now,
    // which could be made anew with what it says.
    (&[("20", 0, "20.1"), ("19", 0, "20.1"), ("plain", 99, "20.1"), ("19", 99, "20.1")], &["13.1", "19.1", "20.1"]),
    (
        &[("20", 0, "20.1"), ("19", 0, "20.1"), ("20", 2, "20.1"), ("20 --revise", 0, "20.2")],
        &["13.1", "19.1", "20.1", "20.2"],
    ),
    // The first night knows nothing of a delivery that waits, so there is nothing to do.
    (&[("13", 99, "13.1"), ("13 --revise", 99, "13.1"), ("20", 0, "20.1")], &["13.1", "20.1"]),
    // Once that is settled, the first night would be another.
    (
        &[("20", 0, "20.1"), ("13", 2, "20.1"), ("13 --revise", 0, "20.1"), ("13", 99, "20.1")],
        &["13.1", "13.2", "20.1"],
    ),
    // Nothing covers a later day.
    (&[("21", 11, "13.1"), ("20", 0, "20.1"), ("21", 11, "20.1")], &["13.1", "20.1"]),
];

fn run(service: &Service, what: &str) -> Said {
    let args: Vec<String> = what.split(' ').map(str::to_owned).collect();
    let date = (args[0] != "plain").then(|| format!("--index-date=2026-11-{}", args[0]));
    let args: Vec<&str> =
        ["run"].into_iter().chain(date.as_deref()).chain(args[1..].iter().map(String::as_str)).collect();
    service.earlycall(&args)
}

fn nights(service: &Service) -> Vec<String> {
    let names = fs::read_dir(service.out().join("nights")).unwrap();
    let mut names: Vec<String> = names.map(|name| name.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn in_whatever_order_nights_are_made_the_list_in_use_never_becomes_an_older_one() {
    for (runs, all) in ORDERS {
        let service = Service::before_second_night();
        for (what, code, in_use) in runs {
            let said = run(&service, what);
            assert_eq!(said.code, *code, "{what} of {runs:?}: {}{}", said.out, said.err);
            assert_eq!(service.current(), format!("nights/2026-11-{in_use}"), "{what} of {runs:?}");
        }
        let all: Vec<String> = all.iter().map(|night| format!("2026-11-{night}")).collect();
        assert_eq!(nights(&service), all, "{runs:?}");
    }
}

#[test]
fn whoever_runs_an_older_night_hears_which_list_is_in_use() {
    let service = Service::before_second_night();
    service.must(&["run", "--index-date", SECOND]);
    let stays = "the list of 20 November 2026 stays in use";
    let by_default = run(&service, "plain");
    assert_eq!(
        by_default.err,
        format!("earlycall: {stays}: the extracts cover no later day whole than 19 November 2026\n")
    );
    let on_purpose = run(&service, "19");
    assert!(
        on_purpose.out.ends_with(&format!("this is a past night: {stays} (night 2026-11-20.1)\n")),
        "{}",
        on_purpose.out
    );
    assert!(!run(&service, "20 --revise").out.contains("past night"));
}

/// A few rows of a table, extracted at this moment.
fn later(id: &str, extracted_at: &str) -> Delivery {
    let delivery = second_delivery();
    let sheet = delivery.table("gp_events");
    let row =
        sheet.one(sheet.rows().next().unwrap(), &[("event_id", id), ("event_date", "2026-11-19"), ("recorded_at", "")]);
    let mut delivery = first_delivery().delta(id, "2026-11-20", "gp_events", row);
    delivery.manifest["extracted_at"] = json!(extracted_at);
    delivery.manifest["period_to"] = json!(&extracted_at[..10]);
    delivery
}

#[test]
fn what_has_arrived_since_is_no_reason_for_an_older_list_either() {
    let service = Service::before_second_night();
    service.must(&["run", "--index-date", SECOND]);
    service.deliver(&later("late", "2026-11-20T23:45:00Z"));
    let said = run(&service, "plain");
    assert_eq!(said.code, 2, "{}", said.err);
    for words in
        ["the list of 20 November 2026 stays in use", "hint: `--index-date 2026-11-20 --revise` makes that list anew"]
    {
        assert!(said.err.contains(words), "{}", said.err);
    }
    service.must(&["run", "--index-date", SECOND, "--revise"]);
    assert_eq!(run(&service, "plain").code, 99);
}

#[test]
fn where_nights_are_named_by_the_day_of_the_delivery_run_and_check_name_the_date_that_is_free() {
    let service = Service::before_second_night();
    service.must(&["run", "--index-date", SECOND]);
    service.deliver(&later("of-21", "2026-11-21T23:30:00Z"));
    let (stands, free) = (
        "night 2026-11-20.1 stands already",
        "`--index-date 2026-11-21` makes the next night, of the day on which the newest delivery was taken",
    );
    let said = run(&service, "plain");
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.starts_with(&format!("earlycall: {stands}, from other inputs; hint: {free}; ")), "{}", said.err);
    let checked = service.must(&["check"]);
    let told = format!("\naccepted: these extracts can be used, but {stands}; {free}; ");
    assert!(checked.out.contains(&told) && !checked.out.contains("can start"), "{}", checked.out);
    let page = fs::read_to_string(service.out().join("check.html")).unwrap();
    assert!(page.contains(stands) && !page.contains("can start"), "the page of the check");
    let checked = service.must(&["check", "--index-date", "2026-11-21"]);
    assert!(checked.out.contains("\naccepted: a night can start from these extracts\n"), "{}", checked.out);
    service.must(&["run", "--index-date", "2026-11-21"]);
}

/// Every file of a service but the times that its nights took and where on the disk its deliveries lie.
fn everything(service: &Service) -> Snapshot {
    let kept = Snapshot::of(service.folder()).only(|path| path.starts_with("out") || path.starts_with("state"));
    kept.without("timings.json").without("seen.json")
}

/// Days and their deliveries, in the order of the nights: delivered one by one, or all before the first of the nights.
#[track_caller]
fn assert_made_up_for(service: fn() -> Service, days: &[(&str, Vec<Delivery>)]) {
    let [ordinary, waited] = [service(), service()];
    for (day, deliveries) in days {
        deliveries.iter().for_each(|delivery| _ = ordinary.deliver(delivery));
        ordinary.must(&["run", "--index-date", day]);
    }
    days.iter().flat_map(|(_, deliveries)| deliveries).for_each(|delivery| _ = waited.deliver(delivery));
    for (at, (day, _)) in days.iter().enumerate() {
        let said = waited.must(&["run", "--index-date", day]);
        assert_eq!(waited.current(), format!("nights/{day}.1"));
        let n_waiting = days[at + 1..].iter().map(|(_, deliveries)| deliveries.len()).sum::<usize>();
        assert_eq!(said.out.matches("waits for its own night").count(), n_waiting, "{}", said.out);
    }
    assert_same(&everything(&waited), &everything(&ordinary), "what waited, and what came night by night");
}

#[test]
fn nights_that_were_missed_are_made_up_for_one_after_the_other_as_if_none_had_been() {
    let evening = |on: &str| later(&format!("of-{on}"), &format!("{on}T23:30:00Z"));
    let days = [
        ("2026-11-20", vec![second_delta()]),
        ("2026-11-21", vec![evening("2026-11-21")]),
        ("2026-11-22", vec![evening("2026-11-22")]),
    ];
    assert_made_up_for(Service::after_first_night, &days);
}

#[test]
fn a_service_without_a_night_makes_up_for_its_first_ones_too() {
    let days = [(FIRST, vec![]), (SECOND, vec![second_delta()])];
    assert_made_up_for(Service::trained, &days);
    let evening = |on: &str| later(&format!("of-{on}"), &format!("{on}T23:30:00Z"));
    assert_made_up_for(Service::trained, &[(FIRST, vec![]), ("2026-11-14", vec![evening("2026-11-14")])]);
}

#[test]
fn what_is_extracted_in_the_morning_is_of_the_day_before() {
    let morning = |on: &str| later(&format!("of-{on}"), &format!("{on}T02:00:00Z"));
    let days = [
        ("2026-11-20", vec![second_delta(), morning("2026-11-21")]),
        ("2026-11-21", vec![morning("2026-11-22")]),
        ("2026-11-22", vec![morning("2026-11-23")]),
    ];
    assert_made_up_for(Service::after_first_night, &days);
}

#[test]
fn a_past_night_takes_in_nothing_that_no_night_has_seen() {
    let service = Service::before_second_night();
    let said = run(&service, "13");
    assert!(said.err.contains("night 2026-11-13.1 stands already, from the same inputs; "), "{}", said.err);
    let waits = "/manifest.json: was extracted on 20 November 2026 and waits for its own night; what it says, objections \
                 too, counts from then on";
    assert!(said.err.contains(waits), "{}", said.err);
    service.must(&["run", "--index-date", SECOND]);
    let of_second = json(&service.night("2026-11-20.1"), "quality.json");
    assert_eq!(of_second["deliveries"].as_array().unwrap().len(), 1, "its own delivery");
}
