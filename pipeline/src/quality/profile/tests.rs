use std::{iter, sync::Arc};

use arrow::{
    array::{ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, RecordBatch, StringArray},
    compute::cast,
    datatypes::{DataType, Int32Type, TimeUnit},
};
use earlycall_schemas::table::table;
use proptest::prelude::*;

use super::*;
use crate::extract::Accepted;

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn codes<'a>(cells: impl IntoIterator<Item = &'a str>) -> ArrayRef {
    let cells = cells.into_iter().map(|cell| Some(cell).filter(|cell| !cell.is_empty()));
    Arc::new(cells.collect::<DictionaryArray<Int32Type>>())
}

fn dates<'a>(cells: impl IntoIterator<Item = &'a str>) -> ArrayRef {
    Arc::new(cells.into_iter().map(|cell| Day::parse(cell).map(|day| day.0)).collect::<Date32Array>())
}

fn moments(cells: &[&str]) -> ArrayRef {
    let text: ArrayRef = Arc::new(StringArray::from(cells.to_vec()));
    cast(&text, &DataType::Timestamp(TimeUnit::Second, None)).unwrap()
}

/// The profile of the rows of one supplier, extracted on 20 November 2026.
fn counted(name: &str, columns: Vec<(&str, ArrayRef)>) -> FeedProfile {
    let accepted = Accepted {
        table: table(name).unwrap(),
        provider: "QMF".to_owned(),
        is_full: true,
        is_history: false,
        rows: vec![RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true))).unwrap()],
        keys: Vec::new(),
        unread: Vec::new(),
        persons: Vec::new(),
        survivors: Vec::new(),
    };
    count(&accepted, day("2026-11-20")).unwrap()
}

#[test]
fn rows_count_for_their_trust_on_the_london_day_of_arrival_and_withdrawn_ones_nowhere() {
    let arrivals = ["2026-11-16T10:00:00Z", "2026-11-22T23:30:00Z", "2026-06-30T23:30:00Z", "2025-10-15T10:00:00Z"];
    let profile = counted(
        "ed_attendances",
        vec![
            ("provider_code", codes(["R1H", "R1H", "RF4", "RF4"])),
            ("arrival_at", moments(&arrivals)),
            ("department_type", codes(["01", "01", "03", "01"])),
            ("is_deleted", Arc::new(BooleanArray::from(vec![None, Some(true), Some(false), None]))),
        ],
    );
    let [r1h, rf4] = ["R1H", "RF4"].map(|trust| &profile.organisations[trust]);
    assert_eq!((r1h.rows, rf4.rows), (1, 2));
    assert_eq!(r1h.days, BTreeMap::from([(day("2026-11-16"), 1)]));
    // Half past eleven in the evening, UTC, of a summer's day is the next one in London; 401 days ago is too long ago.
    assert_eq!(rf4.days, BTreeMap::from([(day("2026-07-01"), 1)]));
    assert_eq!(rf4.newest, Some(day("2026-07-01")));
    let mix = &r1h.mix["department_type"];
    assert_eq!((mix.recent.clone(), mix.earlier.clone()), (BTreeMap::from([("01".to_owned(), 1)]), BTreeMap::new()));
    assert_eq!(rf4.mix["department_type"].earlier, BTreeMap::from([("03".to_owned(), 1)]));
}

#[test]
fn rows_that_take_others_back_count_nowhere_wherever_they_stand() {
    let rows = |are_deleted: &[bool]| {
        let n = are_deleted.len();
        let profile = counted(
            "gp_events",
            vec![
                ("practice_code", codes(iter::repeat_n("F99901", n))),
                ("event_date", dates(iter::repeat_n("2026-11-16", n))),
                ("snomed_code", codes(iter::repeat_n("1022431000000105", n))),
                ("value", Arc::new(Float64Array::from(vec![48.0; n]))),
                ("is_deleted", Arc::new(BooleanArray::from(are_deleted.to_vec()))),
            ],
        );
        profile.organisations.get("F99901").map_or((0, 0), |of| (of.rows, of.days.values().sum::<u64>()))
    };
    assert_eq!(rows(&[false, true, false]), (2, 2));
    assert_eq!(rows(&[true, true, false, true, true, false, true]), (2, 2));
    assert_eq!(rows(&[true, true]), (0, 0));
}

#[test]
fn what_is_only_booked_or_lies_ahead_proves_of_no_provider_that_it_still_sends() {
    let starts = ["2026-10-01T08:00:00Z", "2026-11-18T08:00:00Z", "2026-11-25T08:00:00Z", "2026-11-26T08:00:00Z"];
    let visits = counted(
        "home_care_visits",
        vec![
            ("provider_id", codes(["1-101"; 4])),
            ("planned_start", moments(&starts)),
            ("status", codes(["delivered", "planned", "planned", "cancelled_by_person"])),
        ],
    );
    let [of_provider] = visits.organisations.values().collect::<Vec<_>>()[..] else { panic!("one provider") };
    assert_eq!((of_provider.rows, of_provider.newest), (4, Some(day("2026-10-01"))));
    assert_eq!(of_provider.days, BTreeMap::from([(day("2026-10-01"), 1)]));
    // A contact without a status took place; a test of a device shows that it is heard.
    let contacts = counted(
        "community_contacts",
        vec![
            ("provider_code", codes(["RAT"; 3])),
            ("contact_date", dates(["2026-11-01", "2026-11-02", "2026-11-03"])),
            ("team_type", codes(["other"; 3])),
            ("attendance_status", codes(["5", "", "0"])),
        ],
    );
    assert_eq!(contacts.organisations["RAT"].newest, Some(day("2026-11-02")));
    let events = counted(
        "telecare_events",
        vec![
            ("occurred_at", moments(&["2026-11-18T08:00:00Z"])),
            ("device_type", codes(["pendant"])),
            ("event_type", codes(["test"])),
        ],
    );
    assert_eq!(events.organisations.values().next().unwrap().newest, Some(day("2026-11-18")));
}

#[test]
fn a_main_diagnosis_is_expected_sixty_days_after_discharge() {
    let discharged = ["2026-09-20", "2026-09-21", "2026-01-05", ""];
    let profile = counted(
        "apc_episodes",
        vec![
            ("provider_code", codes(["R1H"; 4])),
            ("admission_date", dates(["2026-01-01"; 4])),
            ("admission_method", codes(["21"; 4])),
            ("discharge_date", dates(discharged)),
            ("diagnoses", Arc::new(StringArray::from(vec![Some("J440|I10"), None, None, None]))),
        ],
    );
    // The second was discharged sixty days ago and may still wait for its codes; the last is in hospital.
    assert_eq!(profile.organisations["R1H"].complete["primary_diagnosis"], Part { of: 2, n: 1 });
}

#[test]
fn rows_without_a_practice_count_for_their_supplier_and_results_by_their_commonest_value() {
    let values = [48.0, 48.0, 53.0, 36.5, 70.0];
    let profile = counted(
        "gp_events",
        vec![
            ("practice_code", codes(["F99901", "F99901", "F99901", "F99901", ""])),
            ("event_date", dates(["2026-11-01"; 5])),
            // Four results of HbA1c, a body temperature, which is common by nature, and a weight without a practice.
            ("snomed_code", codes(iter::repeat_n("999791000000106", 3).chain(["386725007", "27113001"]))),
            ("value", Arc::new(Float64Array::from(values.to_vec()))),
        ],
    );
    let of = |organisation: &str| profile.organisations[organisation].commonest.clone();
    assert_eq!(of("F99901"), BTreeMap::from([("hba1c".to_owned(), Part { of: 3, n: 2 })]));
    assert_eq!(of("QMF"), BTreeMap::from([("weight".to_owned(), Part { of: 1, n: 1 })]));
}

#[test]
fn codes_beyond_the_commonest_are_counted_together() {
    let rows: Vec<String> = (0..=CODES_KEPT).map(|n| format!("{n:04}")).chain(["0000".to_owned()]).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let n = rows.len();
    let profile = counted(
        "gp_prescriptions",
        vec![
            ("practice_code", codes(iter::repeat_n("F99901", n))),
            ("issue_date", dates(iter::repeat_n("2026-11-19", n))),
            ("bnf_code", codes(rows)),
        ],
    );
    let recent = &profile.organisations["F99901"].mix["bnf_code"].recent;
    assert_eq!((recent.len(), recent["0000"], recent[OTHER]), (CODES_KEPT + 1, 2, 1));
    assert!(!recent.contains_key("0200"), "of codes that are as common the smaller ones are kept");
}

#[test]
fn a_week_is_named_by_its_monday() {
    let days = [("2026-11-16", 3), ("2026-11-22", 4), ("2026-11-23", 5)].map(|(text, n)| (day(text), n));
    let counts = Counts { days: BTreeMap::from(days), ..Counts::default() };
    assert_eq!(counts.weeks(), BTreeMap::from([(day("2026-11-16"), 7), (day("2026-11-23"), 5)]));
}

#[test]
fn what_is_written_is_read_back() {
    let counts = Counts { rows: 2, newest: Some(day("2026-11-16")), ..Counts::default() };
    let feed = FeedProfile {
        table: "deaths".into(),
        organisations: BTreeMap::from([("QMF".into(), counts)]),
        ..FeedProfile::default()
    };
    let profile = Profile {
        extract_id: "tiny".into(),
        extracted_on: day("2026-11-20"),
        feeds: vec![feed],
        sender: String::new(),
        is_full: false,
        lists: Vec::new(),
    };
    assert_eq!(Profile::parse(&profile.to_bytes()).unwrap(), profile);
    assert!(Profile::parse(b"{}").is_err());
}

prop_compose! {
    fn any_counts()(
        rows in 0..100u64,
        newest in prop::option::of(0..50),
        days in prop::collection::btree_map(0..9, 1..9u64, 0..5),
        part in (0..50u64, 0..50u64),
        codes in prop::collection::btree_map("[ab]", 1..9u64, 0..3),
    ) -> Counts {
        let part = Part { of: part.0 + part.1, n: part.0 };
        Counts {
            rows,
            newest: newest.map(Day),
            days: days.into_iter().map(|(day, n)| (Day(day), n)).collect(),
            complete: BTreeMap::from([("sex".to_owned(), part)]),
            mix: BTreeMap::from([("code".to_owned(), CodeMix { earlier: codes.clone(), recent: codes })]),
            commonest: BTreeMap::from([("bmi".to_owned(), part)]),
        }
    }
}

proptest! {
    #[test]
    fn counts_add_up_in_any_order(counts in prop::collection::vec(any_counts(), 1..6), start in 0..6usize) {
        let sum = |counts: &mut dyn Iterator<Item = &Counts>| {
            let mut sum = Counts::default();
            counts.for_each(|one| sum.add(one));
            sum
        };
        let start = start % counts.len();
        let turned = &mut counts[start..].iter().rev().chain(counts[..start].iter().rev());
        prop_assert_eq!(sum(&mut counts.iter()), sum(turned));
    }
}
