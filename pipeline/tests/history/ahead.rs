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

#[test]
fn a_first_delivery_that_is_dated_ahead_is_told_by_its_date_and_not_as_an_old_one() {
    // Three entries are enough to judge by.
    let any_rows = "[rules.V33]\nrows_min = 1";
    let told = |on: &str, settings: &str| {
        let service = Service::new();
        service.deliver_with("first", "full", on, Tiny::new(), settings).map_err(|error| error.to_string())
    };
    let ahead = told("2027-11-20", any_rows).unwrap_err();
    assert!(
        ahead.starts_with(
            "first/manifest.json, rule AHEAD: `extracted_at` is of 20 November 2027, and in no table did anything happen in the \
             364 days before: the newest row is of 20 November 2026; hint: a clock or a typing error has most likely set it"
        ),
        "{ahead}"
    );
    // Where one table is as fresh as its date says, the others are old: the last entry of the GP record is of January 2025.
    let old = told("2026-11-21", any_rows).unwrap_err();
    assert!(old.starts_with("gp_events of QMF, rule V33: stops on 31 January 2025"), "{old}");
    // Behind another delivery the one before it vouches for the date.
    let (service, _) = Service::with(Tiny::new());
    let later = "[rules.AHEAD]\ndays = 400\n[rules.V33]\nrows_min = 1";
    let second = service.deliver_with("second", "full", "2027-11-20", Tiny::new(), later).unwrap_err().to_string();
    assert!(second.contains("rule V33: stops on"), "{second}");
    let lenient = "[rules.AHEAD]\nfirst_days = 400\n[rules.V33]\nrows_min = 1";
    assert!(told("2027-11-20", lenient).unwrap_err().contains("rule V33: stops on"));
}
