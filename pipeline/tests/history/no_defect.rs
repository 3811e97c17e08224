//! What looks like a defect and is none: patients who are taken to another trust, diagnoses that arrive weeks after the
//! stay, and the day on which a trust begins to record same day emergency care elsewhere. Person 1, counted by hand.

use std::fs;

use earlycall::{
    cohort::{Circumstances, assess, one_fate::Fates},
    features::{Feeds, Value, build},
    history::History,
    settings::Settings,
};
use earlycall_schemas::table::tables;

use crate::{Service, Tiny, day, somebody, support::person};

const INDEX_DATE: &str = "2026-11-20";

/// A stay of person 1 in April 2026, from the 10th to the 14th.
const STAY: [(&str, &str); 5] = [
    ("admission_date", "2026-04-10"),
    ("episode_start", "2026-04-10"),
    ("discharge_date", "2026-04-14"),
    ("episode_end", "2026-04-14"),
    ("received_at", "2026-05-01T06:00:00Z"),
];

/// The tiny delivery with person 1's only stay changed, on top of [`STAY`].
fn with_stay(changes: &[(&str, &str)]) -> Tiny {
    let set = |tiny: Tiny, (column, value): &(&str, &str)| tiny.set("apc_episodes", 1, column, value);
    changes.iter().fold(STAY.iter().fold(Tiny::new(), set), set)
}

/// Features of person 1.
fn features<const N: usize>(history: &History, index_date: &str, names: [&str; N]) -> [i64; N] {
    let settings = Settings::parse("[profile]\nkind = \"research\"", std::path::Path::new("")).unwrap();
    let feeds = Feeds::new(["gp_events", "gp_prescriptions", "apc_episodes", "ed_attendances"]);
    let at = Circumstances::of(&history.reference, day(index_date), &feeds, &settings, Fates::none());
    let one = somebody(history, index_date, &person(1));
    let row = build(&assess(&one, &at).subject(), day(index_date), &feeds);
    names.map(|name| match row.get(name) {
        Value::Known(value) => value,
        other => panic!("{name} is {other:?}"),
    })
}

/// Rows rejected, and cells repaired by rule, in the newest delivery.
fn faults(service: &Service) -> (u64, Vec<String>) {
    let folder = fs::canonicalize(service.folder.path().join("state/history/current/quality")).unwrap();
    let mut folders: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let json = fs::read(folders.last().unwrap().join("quality.json")).unwrap();
    let quality: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let (mut rejected, mut repaired) = (0, Vec::new());
    for table in quality["tables"].as_array().unwrap() {
        rejected += table["read"].as_u64().unwrap() - table["accepted"].as_u64().unwrap();
        let rules = table["repaired"].as_object().unwrap();
        repaired.extend(rules.iter().map(|(rule, n)| format!("{rule} {n}")));
    }
    (rejected, repaired)
}

#[test]
fn a_transfer_to_another_trust_is_one_stay_and_one_emergency() {
    let moved_on = with_stay(&[("discharge_destination", "51")]).copy_row(
        "apc_episodes",
        1,
        &[
            ("episode_id", "a9"),
            ("spell_id", "s9"),
            ("provider_code", "RF4"),
            ("site_code", ""),
            ("admission_date", "2026-04-14"),
            ("episode_start", "2026-04-14"),
            ("admission_method", "81"),
            ("admission_source", "51"),
            ("discharge_date", "2026-04-20"),
            ("episode_end", "2026-04-20"),
            ("discharge_destination", "19"),
        ],
    );
    let (service, history) = Service::with(moved_on);
    assert_eq!(faults(&service), (0, vec![]));
    let names = ["emergency_admissions_n_365d", "bed_days_emergency_365d", "other_stays_n_365d"];
    // From the 10th to the 20th of April.
    assert_eq!(features(&history, INDEX_DATE, names), [1, 10, 0]);
}

#[test]
fn diagnoses_that_arrive_late_complete_the_stay_from_the_day_they_are_known() {
    let (service, _) = Service::with(with_stay(&[("diagnoses", "")]));
    assert_eq!(faults(&service), (0, vec![]));
    let coded = with_stay(&[("diagnoses", "J440|I10"), ("received_at", "2026-11-25T06:00:00Z")]);
    let others = tables().iter().map(|table| table.name.as_str()).filter(|name| *name != "apc_episodes");
    let coded = others.fold(coded.keep_rows("apc_episodes", &[1]), Tiny::drop_table);
    let history = service.deliver("second", "delta", "2026-11-26", coded).unwrap();
    assert_eq!(faults(&service), (0, vec![]), "a newer version in a later delivery is no copy");
    let codes = |on: &str| {
        let found = somebody(&history, on, &person(1));
        assert_eq!(found.episodes.len(), 1);
        found.episodes[0].diagnoses.iter().map(|code| code.as_str().to_owned()).collect::<Vec<String>>()
    };
    assert_eq!((codes("2026-11-24"), codes("2026-11-25")), (vec![], vec!["J440".to_owned(), "I10".to_owned()]));
    // The stay counted all along.
    assert_eq!(features(&history, "2026-11-24", ["emergency_admissions_n_365d"]), [1]);
    assert_eq!(features(&history, "2026-11-25", ["emergency_admissions_n_365d"]), [1]);
}

#[test]
fn the_day_on_which_a_trust_records_same_day_care_elsewhere_changes_no_count_of_emergencies() {
    let names = ["emergency_admissions_n_365d", "ae_attendances_n_365d", "same_day_emergency_care_n_365d"];
    // Before the switch: an admission of no night with a flag. The attendance of 2025 is long ago.
    let same_day = [("is_sdec", "true"), ("discharge_date", "2026-04-10"), ("episode_end", "2026-04-10")];
    let (service, history) = Service::with(with_stay(&same_day));
    assert_eq!(faults(&service), (0, vec![]));
    assert_eq!(features(&history, INDEX_DATE, names), [0, 0, 0]);
    // Since the switch: an attendance of a department of its own.
    let attended = [("department_type", "05"), ("arrival_at", "2026-04-10T08:15:00Z"), ("departure_at", "")];
    let set = |tiny: Tiny, (column, value): &(&str, &str)| tiny.set("ed_attendances", 1, column, value);
    let attended = attended.iter().fold(Tiny::new().keep_rows("apc_episodes", &[2]), set);
    let (service, history) = Service::with(attended);
    assert_eq!(faults(&service), (0, vec!["V28 1".to_owned()]), "counted apart, and kept");
    assert_eq!(features(&history, INDEX_DATE, names), [0, 0, 1]);
}
