//! Deliveries follow one another (AHEAD): one that is dated ahead would make all others late until its day.

use crate::{Service, Tiny, files, only};

/// A delivery of a few rows, which is what a day brings.
fn of_a_day() -> Tiny {
    only(&["gp_events"])
}

#[test]
fn a_delivery_far_behind_the_one_before_it_is_dated_ahead_and_leaves_no_trace() {
    let (service, _) = Service::with(Tiny::new());
    let before = files(&service.folder.path().join("state"));
    assert_eq!(
        service.refusal("second", "delta", "2026-11-28", of_a_day()),
        "second/manifest.json, rule AHEAD: says that it was extracted on 28 November 2026, 8 days after the newest delivery \
         before it, and 7 are the most; hint: If its date is wrong, have the manifest corrected and sent again: nothing of \
         it is settled. If it is right, say so with `earlycall run --index-date` and the last day that it covers, after the \
         nights before it; or raise [rules.AHEAD] days, and it waits for its night"
    );
    assert_eq!(files(&service.folder.path().join("state")), before);
    // Under its right date the same delivery is as welcome as any, and so is the next.
    std::fs::remove_dir_all(service.folder.path().join("extracts/second")).unwrap();
    service.deliver("second", "delta", "2026-11-21", of_a_day()).unwrap();
    service.deliver("third", "delta", "2026-11-28", of_a_day()).unwrap();
}

#[test]
fn deliveries_that_have_waited_are_no_further_apart_than_they_are_from_each_other() {
    let (service, _) = Service::with(Tiny::new());
    for (id, on) in [("second", "2026-11-25"), ("third", "2026-11-30"), ("fourth", "2026-12-07")] {
        service.put(id, "delta", on, of_a_day());
    }
    assert_eq!(service.settle(2).unwrap().ledger.deliveries.len(), 4);
}

#[test]
fn the_first_deliveries_may_lie_years_apart() {
    let service = Service::new();
    service.put("old", "full", "2026-11-20", Tiny::new());
    assert!(service.settle(2).is_ok());
    let service = Service::new();
    service.put("new", "full", "2027-11-20", Tiny::new());
    assert!(service.settle(2).is_ok());
}

#[test]
fn a_service_says_how_far_apart_its_deliveries_are() {
    let (service, _) = Service::with(Tiny::new());
    let settings = "[rules.AHEAD]\ndays = 31";
    service.deliver_with("second", "delta", "2026-12-21", of_a_day(), settings).unwrap();
    let told = service.deliver_with("third", "delta", "2027-01-22", of_a_day(), settings).unwrap_err().to_string();
    assert!(told.contains("32 days after the newest delivery before it, and 31 are the most"), "{told}");
}
