//! Reports of deaths of which it could not be read who reported them: they count, until one that says so is there.

use serde_json::json;

use crate::{Service, Tiny, only, somebody, support::person};

/// The one report of the tiny delivery, of its third person, from this source and of this day.
fn report(tiny: Tiny, source: &str, day: &str) -> Tiny {
    tiny.set("deaths", 1, "source", source).set("deaths", 1, "death_date", day)
}

fn next(source: &str, day: &str) -> Tiny {
    report(only(&["deaths"]), source, day)
}

/// The days of the reports of a person's death, and their sources.
fn reports(history: &earlycall::history::History, on: &str, n: u32) -> Vec<(String, String)> {
    let reports = somebody(history, on, &person(n)).deaths.into_iter();
    reports.map(|one| (one.death_date.to_string(), one.source.as_str().to_owned())).collect()
}

fn told(reports: &[(&str, &str)]) -> Vec<(String, String)> {
    reports.iter().map(|(day, source)| ((*day).to_owned(), (*source).to_owned())).collect()
}

#[test]
fn a_report_whose_source_could_not_be_read_is_replaced_by_the_one_that_says_it() {
    let (service, first) = Service::with(report(Tiny::new(), "hearsay", "2026-10-01"));
    assert_eq!(reports(&first, "2026-11-20", 3), told(&[("2026-10-01", "")]), "it counts");
    let history = service.deliver("second", "delta", "2026-11-21", next("ons", "2026-10-02")).unwrap();
    assert_eq!(reports(&history, "2026-11-21", 3), told(&[("2026-10-02", "ons")]));
    assert_eq!(history.ledger.rows_of("deaths"), 1);
    let history = service.deliver("third", "delta", "2026-11-22", next("gp", "2026-10-03")).unwrap();
    let both = told(&[("2026-10-02", "ons"), ("2026-10-03", "gp")]);
    assert_eq!(reports(&history, "2026-11-22", 3), both, "reports of two sources stand side by side");
}

#[test]
fn it_stands_until_then_whatever_is_reported_of_others_or_by_another_supplier() {
    let (service, _) = Service::with(report(Tiny::new(), "hearsay", "2026-10-01"));
    let of_another_person = next("ons", "2026-10-02").set("deaths", 1, "person_id", &person(1));
    let history = service.deliver("second", "delta", "2026-11-21", of_another_person).unwrap();
    assert_eq!(reports(&history, "2026-11-21", 3), told(&[("2026-10-01", "")]));
    let by_another = next("ons", "2026-10-02").manifest(|manifest| manifest["provider_code"] = json!("QWE"));
    let history = service.deliver("third", "delta", "2026-11-22", by_another).unwrap();
    assert_eq!(reports(&history, "2026-11-22", 3), told(&[("2026-10-01", ""), ("2026-10-02", "ons")]));
    let unread_again = next("hearsay", "2026-10-04");
    let history = service.deliver("fourth", "delta", "2026-11-23", unread_again).unwrap();
    assert_eq!(reports(&history, "2026-11-23", 3), told(&[("2026-10-02", "ons"), ("2026-10-04", "")]));
}

#[test]
fn a_night_of_before_still_knows_it() {
    let (service, _) = Service::with(report(Tiny::new(), "hearsay", "2026-10-01"));
    let history = service.deliver("second", "delta", "2026-11-21", next("ons", "2026-11-21")).unwrap();
    assert_eq!(reports(&history, "2026-11-20", 3), told(&[("2026-10-01", "")]));
    assert_eq!(reports(&history, "2026-11-21", 3), told(&[("2026-11-21", "ons")]));
}
