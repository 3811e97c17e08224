//! What is written of a generation, and which feeds a day knows of.

use crate::{Service, Tiny, day, files, merged::FAR, only};

#[test]
fn the_ledger_counts_the_rows_that_count_now() {
    let (service, history) = Service::with(Tiny::new());
    let rows = |history: &earlycall::history::History| {
        ["patients", "gp_events", "apc_episodes", "ed_attendances", "reference_practices"]
            .map(|t| history.ledger.rows_of(t))
    };
    assert_eq!(rows(&history), [3, 3, 2, 3, 2]);
    let changes = only(&["gp_events", "apc_episodes"])
        .set("gp_events", 1, "is_deleted", "true")
        .set("gp_events", 3, "value", "71")
        .keep_rows("apc_episodes", &[1]);
    let history = service.deliver("second", "delta", "2026-11-21", changes).unwrap();
    assert_eq!(rows(&history), [3, 2, 2, 3, 2]);
    let one = only(&["ed_attendances"]).keep_rows("ed_attendances", &[2]);
    let history = service.deliver("third", "full", "2026-11-22", one).unwrap();
    assert_eq!(rows(&history), [3, 2, 2, 1, 2]);
}

#[test]
fn nothing_new_writes_nothing() {
    let (service, first) = Service::with(Tiny::new());
    let again = service.settle(2).unwrap();
    assert_eq!(first.folder(), again.folder());
}

#[test]
fn any_number_of_threads_settles_the_same_bytes() {
    let service = Service::new();
    service.put(
        "first",
        "full",
        "2026-11-20",
        Tiny::new().set("patients", 1, "superseded_by", &crate::support::person(2)),
    );
    let far = [("person_id", FAR)];
    service.put("second", "delta", "2026-11-21", only(&["patients", "gp_events"]).copy_row("patients", 1, &far));
    // Whose rows move to another bucket, in tables of which nothing comes.
    let merged = only(&["patients"]).set("patients", 2, "superseded_by", FAR);
    service.put("third", "delta", "2026-11-22", merged);
    let [one, two] = [("one", 1), ("two", 2)].map(|(state, threads)| service.settle_into(state, threads).unwrap());
    assert_eq!(files(one.folder()), files(two.folder()));
}

#[test]
fn a_feed_is_there_once_a_row_of_it_is_known() {
    let (service, _) = Service::with(Tiny::new().drop_table("gp_prescriptions").drop_table("ed_attendances"));
    let prescriptions = only(&["gp_prescriptions"]).manifest(|manifest| manifest["history"] = false.into());
    service.put("second", "delta", "2026-11-22", prescriptions);
    let history = service.settle(1).unwrap();
    let newest = |on: &str, table: &str| {
        let newest = history.newest_events(&history.view(day(on)), 2).unwrap();
        newest.get(table).map(|day| day.to_string())
    };
    assert_eq!(newest("2026-11-21", "gp_prescriptions"), None, "issued in January, known from the 22nd");
    assert_eq!(newest("2026-11-22", "gp_prescriptions").as_deref(), Some("2026-02-15"));
    assert_eq!(newest("2026-11-22", "ed_attendances"), None);
    assert_eq!(
        newest("2026-11-18", "apc_episodes").as_deref(),
        Some("2025-04-10"),
        "the second is received on the 19th"
    );
    assert_eq!(newest("2026-11-19", "apc_episodes").as_deref(), Some("2026-11-18"));
    assert_eq!(newest("2019-12-31", "gp_events"), None);
}

#[test]
fn a_feed_that_nobody_may_use_is_not_there() {
    let shares =
        |agrees: &str| only(&["reference_practices"]).set("reference_practices", 1, "sharing_agreement", agrees);
    let (service, _) = Service::with(Tiny::new());
    let history = service.deliver("second", "full", "2026-11-21", shares("false")).unwrap();
    let newest = history.newest_events(&history.view(day("2026-11-21")), 1).unwrap();
    assert!(!newest.contains_key("gp_prescriptions"));
    assert!(newest.contains_key("gp_events"), "one of them names no practice");
}

#[test]
fn months_of_birth_are_those_of_everybody() {
    let (_service, history) = Service::with(Tiny::new());
    let births: Vec<String> =
        history.everybody(2).unwrap().into_iter().map(|known| known.patient.unwrap().birth.to_string()).collect();
    assert_eq!(births, ["1950-03-01", "1980-07-01", "2000-01-01"]);
}
