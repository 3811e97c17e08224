//! The order of deliveries: by their extraction, never by their arrival.

use serde_json::json;

use crate::{Service, Tiny, day, only, somebody, support::person};

#[test]
fn a_delivery_that_is_older_than_a_settled_one_of_the_same_table_and_provider_is_refused() {
    let (service, _) = Service::with(Tiny::new());
    assert_eq!(
        service.refusal("late", "full", "2026-11-19", only(&["gp_events"])),
        "late/manifest.json, rule AHEAD: was extracted at 2026-11-19T23:00:00Z, before a delivery of gp_events by QMF that is settled \
         already; hint: have these tables extracted anew; or point [state] at an empty folder while all deliveries are \
         still there: they are then settled in the order of their extraction"
    );
    let anew = service.settle_into("another state", 1).unwrap();
    let order: Vec<&str> = anew.ledger.deliveries.iter().map(|delivery| delivery.extract_id.as_str()).collect();
    assert_eq!(order, ["late", "first"]);
}

#[test]
fn an_older_delivery_of_another_provider_or_table_is_not_late() {
    let (service, _) = Service::with(Tiny::new().drop_table("inpatients_now"));
    let of_another = only(&["gp_events"]).manifest(|manifest| manifest["provider_code"] = "F99901".into());
    let history =
        service.deliver("of another", "full", "2026-11-19", of_another.set("gp_events", 1, "value", "2")).unwrap();
    assert_eq!(history.ledger.rows_of("gp_events"), 6);
    let beds = only(&["inpatients_now"]).set("inpatients_now", 1, "snapshot_at", "2026-11-19T22:00:00Z");
    assert!(service.deliver("of another table", "full", "2026-11-19", beds).is_ok());
}

#[test]
fn two_deliveries_of_one_moment_are_not_late() {
    let (service, _) = Service::with(Tiny::new());
    let value = only(&["gp_events"]).set("gp_events", 3, "value", "71.5");
    let history = service.deliver("same moment", "delta", "2026-11-20", value).unwrap();
    let weights: Vec<_> =
        somebody(&history, "2026-11-20", &person(3)).gp_events.iter().map(|e| e.value_milli).collect();
    assert_eq!(weights, [Some(71_500)]);
}

#[test]
fn deliveries_that_arrive_together_are_settled_in_the_order_of_their_extraction() {
    let service = Service::new();
    service.put("a-newer", "full", "2026-11-21", Tiny::new().set("gp_events", 3, "value", "72"));
    service.put("b-older", "full", "2026-11-20", Tiny::new().set("gp_events", 3, "value", "71"));
    let history = service.settle(1).unwrap();
    let weight = |on| somebody(&history, on, &person(3)).gp_events[0].value_milli;
    assert_eq!((weight("2026-11-20"), weight("2026-11-21")), (Some(71_000), Some(72_000)));
}

#[test]
fn persons_under_another_key_are_refused_also_when_the_older_delivery_is_gone() {
    let (service, _) = Service::with(Tiny::new());
    std::fs::remove_dir_all(service.folder.path().join("extracts/first")).unwrap();
    let other_key = Tiny::new().manifest(|manifest| manifest["pseudonym_key_id"] = json!("another"));
    assert_eq!(
        service.refusal("second", "full", "2026-11-21", other_key),
        "second/manifest.json, rule V02: its persons are under another `pseudonym_key_id` than those of delivery first, \
         which is settled in `[state] folder`; hint: the same person would be two; have one key used for all"
    );
}

#[test]
fn a_settled_delivery_must_not_change() {
    let (service, _) = Service::with(Tiny::new());
    std::fs::remove_dir_all(service.folder.path().join("extracts/first")).unwrap();
    let changed = Tiny::new().set("gp_events", 3, "value", "71");
    let told = service.refusal("first", "full", "2026-11-20", changed);
    assert!(told.starts_with("first/manifest.json, rule V01: the manifest has changed since"), "{told}");
}

#[test]
fn what_was_booked_ahead_does_not_make_a_feed_that_stopped_look_new() {
    let visits = "\
visit_id,person_id,provider_id,package_id,planned_start,actual_start,actual_end,status,concern_flags,is_deleted
v1,P1,1-101,,2026-11-18T09:00:00Z,2026-11-18T09:05:00Z,2026-11-18T09:35:00Z,delivered,,false
v2,P1,1-101,,2026-11-19T09:00:00Z,,,hospital,,false
v3,P1,1-101,,2026-12-20T09:00:00Z,,,planned,,false";
    let agreed = "[feeds.home_care_visits]\nlegal_basis = \"DSA-2026-014\"";
    let tiny = Tiny::new().with_table("home_care_visits", visits);
    let service = Service::new();
    let history = service.deliver_with("first", "full", "2026-11-20", tiny, agreed).unwrap();
    assert_eq!(history.ledger.rows_of("home_care_visits"), 3, "all are kept");
    let newest = history.newest_events(&history.view(day("2026-12-20")), 2).unwrap();
    assert_eq!(newest["home_care_visits"], day("2026-11-18"));
}
