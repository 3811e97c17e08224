//! An optional table without a legal basis is not opened, and one whose basis is gone leaves the history.

use std::fs;

use earlycall::{history::History, supply::Supply};
use serde_json::json;

use crate::{Service, Tiny, day, files, only, people};

const TABLE: &str = "home_care_visits";
const AGREED: &str = "[feeds.home_care_visits]\nlegal_basis = \"DSA-2026-014\"";
const VISITS: &str = "\
visit_id,person_id,provider_id,package_id,planned_start,actual_start,actual_end,status,concern_flags,is_deleted
v1,P1,1-101,,2026-11-18T09:00:00Z,2026-11-18T09:05:00Z,2026-11-18T09:35:00Z,delivered,,false
v2,P1,1-101,,2026-11-19T09:00:00Z,,,missed,,false";

fn with_visits() -> Tiny {
    Tiny::new().with_table(TABLE, VISITS)
}

/// How many rows of optional tables anybody has.
fn rows_read(history: &History) -> usize {
    people(history, "2026-11-20").iter().map(|person| person.feeds.len()).sum()
}

/// The visits are known to nothing that is asked of a history.
#[track_caller]
fn assert_unknown(history: &History) {
    assert_eq!(rows_read(history), 0);
    assert_eq!(history.ledger.arrived_of(TABLE), 0);
    assert!(history.ledger.supplies.keys().all(|key| !key.starts_with(TABLE)));
    assert!(
        history
            .profiles_since(day("2026-01-01"))
            .unwrap()
            .iter()
            .all(|one| one.feeds.iter().all(|of| of.table != TABLE))
    );
    let view = history.view(day("2026-11-20"));
    assert!(!history.newest_events(&view, 2).unwrap().contains_key(TABLE));
    let supply = Supply::under(history, &view, &Default::default(), 2).unwrap();
    assert!(supply.is_missing(TABLE) && supply.missing().all(|table| table != TABLE));
}

/// Files of the table's rows in the history on disk.
fn settled_files(history: &History) -> usize {
    files(history.folder()).iter().filter(|(path, _)| path.contains(TABLE) && path.ends_with(".segment")).count()
}

#[test]
fn a_table_without_a_legal_basis_is_not_opened_whatever_is_in_its_file() {
    let service = Service::new();
    let spoilt = || with_visits().bytes(TABLE, |_| b"name,nhs_number\nA. Patient,9434765919".to_vec());
    let spoilt = || spoilt().line(TABLE, "sha256", json!("0".repeat(64))).line(TABLE, "row_count", json!(7));
    let history = service.deliver("first", "full", "2026-11-20", spoilt()).unwrap();
    assert_unknown(&history);
    assert_eq!(settled_files(&history), 0);
    assert_eq!(history.ledger.deliveries[0].unread, ["home_care_visits.csv"]);
    // Nor is it held against its manifest afterwards, also once there is a basis.
    fs::write(service.folder.path().join("extracts/first/home_care_visits.csv"), "altered").unwrap();
    assert_unknown(&service.settle(2).unwrap());
    assert_eq!(rows_read(&service.settle_with(AGREED).unwrap()), 0);
    // With a basis the same file would have been refused.
    let gaps = Service::new().deliver_with("first", "full", "2026-11-20", spoilt(), AGREED).unwrap().ledger.gaps;
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(gaps[0].why.contains("home_care_visits.csv"), "{}", gaps[0].why);
}

#[test]
fn a_basis_lets_the_rows_in_and_without_it_they_count_no_more_and_leave_the_disk() {
    let service = Service::new();
    let history = service.deliver_with("first", "full", "2026-11-20", with_visits(), AGREED).unwrap();
    assert_eq!((rows_read(&history), history.ledger.rows_of(TABLE), settled_files(&history)), (2, 2, 1));
    // Nothing new has arrived, and past days are asked no other than the newest.
    let history = service.settle(2).unwrap();
    assert_unknown(&history);
    assert_eq!(settled_files(&history), 0, "the next generation does not have them");
    assert_eq!(people(&history, "2026-11-20").len(), 3, "everything else stands");
    let generations = fs::read_dir(service.folder.path().join("state/history")).unwrap().count();
    assert_eq!(generations, 2, "the older generation is gone: `current`, and the one that it points to");
    // The basis may come again; what has gone comes with the next delivery and not before.
    assert_eq!(rows_read(&service.settle_with(AGREED).unwrap()), 0);
    let again = service.deliver_with("second", "full", "2026-11-21", with_visits(), AGREED).unwrap();
    assert_eq!(rows_read(&again), 2);
}

#[test]
fn what_ended_a_row_under_an_older_basis_ends_none_under_a_newer_one() {
    let service = Service::new();
    service.deliver_with("first", "full", "2026-11-20", with_visits(), AGREED).unwrap();
    let withdrawn = with_visits().keep_rows(TABLE, &[1]).set(TABLE, 1, "is_deleted", "true");
    let history = service.deliver_with("second", "delta", "2026-11-20", withdrawn, AGREED).unwrap();
    assert_eq!(history.ledger.rows_of(TABLE), 1);
    service.settle(2).unwrap();
    let again = service.deliver_with("third", "full", "2026-11-21", with_visits(), AGREED).unwrap();
    let known: usize = people(&again, "2026-11-21").iter().map(|person| person.feeds.len()).sum();
    assert_eq!(known, 2);
}

#[test]
fn a_refused_file_of_an_optional_table_leaves_it_where_it_stood_and_everybody_else_goes_on() {
    let service = Service::new();
    service.deliver_with("first", "full", "2026-11-20", with_visits(), AGREED).unwrap();
    let damaged = with_visits().line(TABLE, "sha256", json!("0".repeat(64)));
    let history = service.deliver_with("second", "full", "2026-11-21", damaged, AGREED).unwrap();
    assert_eq!(rows_read(&history), 2);
    let gaps: Vec<&str> = history.ledger.gaps.iter().map(|gap| gap.table.as_str()).collect();
    assert_eq!(gaps, [TABLE]);
    assert!(history.reference.practices.values().all(|practice| practice.gap.is_none()), "no practice's record ends");
}

/// A delivery of visits and nothing else, late on 25 November.
fn put_visits_alone(service: &Service, change: impl Fn(&mut serde_json::Value) + 'static) {
    let alone = only(&[TABLE]).with_table(TABLE, VISITS);
    service.put("visits", "full", "2026-11-25", alone.manifest(change));
}

#[test]
fn a_delivery_of_which_nothing_may_be_read_neither_refuses_a_night_nor_moves_its_date() {
    let (service, _) = Service::with(Tiny::new());
    put_visits_alone(&service, |manifest| manifest["pseudonym_key_id"] = json!("another"));
    let history = service.settle(2).unwrap();
    assert_eq!(history.ledger.newest_extract(), Some(day("2026-11-20")));
    assert_eq!(history.ledger.deliveries.len(), 1, "it is not settled");
    assert_unknown(&history);
    assert_eq!(history.gaps().count(), 0, "nobody misses it");
    // Once it may be read it is asked what every other is.
    let history = service.settle_with(AGREED).unwrap();
    let whys: Vec<&str> = history.gaps().map(|gap| gap.why.as_str()).collect();
    assert!(whys.len() == 1 && whys[0].contains("rule V02"), "{whys:?}");
}

#[test]
fn a_delivery_of_which_nothing_could_be_read_is_read_once_there_is_a_basis() {
    let (service, _) = Service::with(Tiny::new());
    put_visits_alone(&service, |_| ());
    assert_unknown(&service.settle(2).unwrap());
    service.put("next", "full", "2026-11-25", Tiny::new());
    let history = service.settle_with(AGREED).unwrap();
    assert_eq!(history.ledger.rows_of(TABLE), 2);
}
