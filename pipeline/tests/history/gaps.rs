//! A practice's refused file: its records stay as the last good delivery left them, everybody else's go on, and the gap
//! is known until it is closed.

use earlycall::{
    error::Result,
    history::{History, RecordsEnd, records::ShortCode},
};
use serde_json::json;

use crate::{Service, Tiny, day, only};

pub const PRACTICE: &str = "F99901";
/// Three people make a large share.
pub const ANY_SHARE: &str = "[gate]\nrefused_people_max = 1.0";

/// A delivery whose GP record and registrations are those of one practice, the rest a trust's.
pub fn of_a_practice(tiny: Tiny) -> Tiny {
    let tables = ["registrations", "gp_events", "gp_prescriptions"];
    tables.into_iter().fold(tiny, |tiny, table| {
        tiny.manifest(move |manifest| {
            let files = manifest["files"].as_array_mut().unwrap();
            files
                .iter_mut()
                .filter(|file| file["table"] == table)
                .for_each(|file| file["provider_code"] = json!(PRACTICE));
        })
    })
}

fn damaged(tiny: Tiny, table: &'static str) -> Tiny {
    of_a_practice(tiny).line(table, "sha256", json!("0".repeat(64)))
}

/// A service with a good delivery of 20 November.
fn service() -> Service {
    let service = Service::new();
    service.deliver_with("first", "full", "2026-11-20", of_a_practice(Tiny::new()), ANY_SHARE).unwrap();
    service
}

/// The table, the day since when it is lacking, and the delivery that lacks it.
pub fn gaps(history: &History) -> Vec<(&str, Option<String>, &str)> {
    let gaps = history.ledger.gaps.iter();
    gaps.map(|gap| (gap.table.as_str(), gap.since.map(|day| day.to_string()), gap.extract_id.as_str())).collect()
}

fn end_of_records(history: &History) -> Option<RecordsEnd> {
    history.reference.practices[&ShortCode::new(PRACTICE)].gap
}

#[test]
fn a_practice_most_of_whose_rows_are_rejected_stays_at_its_last_good_delivery() {
    let service = service();
    let unread = |n: usize| {
        let copy = |tiny: Tiny, n: usize| {
            tiny.copy_row("gp_events", 1, &[("event_id", &format!("x{n}")), ("event_date", "01/05/2020")])
        };
        of_a_practice((0..n).fold(Tiny::new().keep_rows("gp_events", &[1]), copy))
    };
    let history = service.deliver_with("second", "full", "2026-11-21", unread(20), ANY_SHARE).unwrap();
    assert_eq!(history.ledger.rows_of("gp_events"), 3, "as the first delivery has them");
    assert_eq!(gaps(&history), [("gp_events", Some("2026-11-20".to_owned()), "second")]);
    let any_table = format!("{ANY_SHARE}\nrejected_rows_max = 1.0");
    let history = service.deliver_with("third", "full", "2026-11-22", unread(20), &any_table).unwrap();
    assert_eq!(history.ledger.rows_of("gp_events"), 1, "as the third has them, where the gate is open");
    assert_eq!(gaps(&history), []);
}

#[test]
fn a_refused_file_leaves_its_practice_at_the_last_good_delivery_and_everybody_else_goes_on() {
    let service = service();
    let second = damaged(Tiny::new().keep_rows("gp_events", &[1]).keep_rows("ed_attendances", &[2]), "gp_events");
    let history = service.deliver_with("second", "full", "2026-11-21", second, ANY_SHARE).unwrap();
    assert_eq!(history.ledger.rows_of("gp_events"), 3, "as the first delivery has them");
    assert_eq!(history.ledger.rows_of("ed_attendances"), 1, "as the second has them");
    assert_eq!(gaps(&history), [("gp_events", Some("2026-11-20".to_owned()), "second")]);
    assert_eq!(end_of_records(&history), Some(RecordsEnd::On(day("2026-11-20"))));
    assert_eq!(history.ledger.deliveries[1].refused, ["gp_events.csv"]);
    assert!(history.ledger.gaps[0].why.contains("second/gp_events.csv, rule V01: the file differs from"));
    // The next night looks at settled deliveries again, and must not stumble over the file that was refused.
    assert_eq!(gaps(&service.settle_with(ANY_SHARE).unwrap()).len(), 1);
}

#[test]
fn a_full_delivery_closes_a_gap() {
    let service = service();
    service.deliver_with("second", "full", "2026-11-21", damaged(Tiny::new(), "gp_events"), ANY_SHARE).unwrap();
    let third = of_a_practice(Tiny::new().keep_rows("gp_events", &[1, 2]));
    let history = service.deliver_with("third", "full", "2026-11-22", third, ANY_SHARE).unwrap();
    assert_eq!((gaps(&history), end_of_records(&history)), (vec![], None));
    assert_eq!(history.ledger.rows_of("gp_events"), 2);
}

#[test]
fn what_adds_closes_a_gap_only_where_it_goes_on_from_the_last_good_extract() {
    let service = service();
    let from = |tiny: Tiny, day: &'static str| tiny.manifest(move |manifest| manifest["period_from"] = json!(day));
    let week = || only(&["gp_events"]);
    let lost = from(damaged(week(), "gp_events"), "2026-11-20");
    service.deliver_with("second", "delta", "2026-11-27", lost, ANY_SHARE).unwrap();
    let next = from(of_a_practice(week()), "2026-11-27");
    let history = service.deliver_with("third", "delta", "2026-12-04", next, ANY_SHARE).unwrap();
    assert_eq!(gaps(&history), [("gp_events", Some("2026-11-20".to_owned()), "second")], "a week is still lacking");
    let again = from(of_a_practice(week()), "2026-11-20");
    let history = service.deliver_with("again", "delta", "2026-12-05", again, ANY_SHARE).unwrap();
    assert_eq!(gaps(&history), []);
}

#[test]
fn gaps_of_too_many_people_refuse_the_night_and_leave_no_trace() {
    let refused = |settings: &str| -> Result<History> {
        service().deliver_with("second", "full", "2026-11-21", damaged(Tiny::new(), "gp_events"), settings)
    };
    let told = refused("").unwrap_err().to_string();
    let expected = "gp_events of F99901: the refused files are of a practice with 1 of 1 registered people, \
                    more than 2.0%; the first: second/gp_events.csv, rule V01: the file differs";
    assert!(told.starts_with(expected), "{told}");
    let what_to_do = "; hint: it was altered or cut short on its way; have it sent again; `earlycall check` lists all \
                      refused files, and the last night's worklists stand";
    assert!(told.ends_with(what_to_do) && told.matches("hint: ").count() == 1, "{told}");
    assert_eq!(told.matches("sent again").count(), 1, "{told}");
    assert!(refused("[gate]\nrefused_people_max = 0.99").is_err());
    assert!(refused(ANY_SHARE).is_ok());
}

#[test]
fn a_practice_without_any_good_list_of_registrations_would_leave_its_patients_nowhere() {
    let first =
        |table| Service::new().deliver_with("first", "full", "2026-11-20", damaged(Tiny::new(), table), ANY_SHARE);
    let told = first("registrations").unwrap_err().to_string();
    assert!(told.contains("registrations"), "{told}");
    // A record that has never arrived is told on each line.
    assert_eq!(end_of_records(&first("gp_events").unwrap()), Some(RecordsEnd::Never));
}

#[test]
fn a_refused_file_of_a_trust_or_of_who_there_is_refuses_the_delivery() {
    for table in ["ed_attendances", "apc_episodes", "deaths", "patients", "opt_outs", "reference_practices"] {
        let told = service().deliver_with("second", "full", "2026-11-21", damaged(Tiny::new(), table), ANY_SHARE);
        let told = told.unwrap_err().to_string();
        assert!(told.starts_with(&format!("second/{table}.csv, rule V01: the file differs")), "{told}");
    }
}
