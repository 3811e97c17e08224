//! Rows sent again, corrected, withdrawn and left out.

use std::collections::BTreeMap;

use arrow::{array::UInt32Array, compute::take_record_batch};
use earlycall_schemas::table::table;

use super::support::{Table, arrival, check, day, rows, settled, view};
use crate::history::{
    View,
    cells::Cells,
    closings::End,
    decode::{Decode, visible},
    records::Registration,
};

const A_AND_B: &str = "event_id event_date value\n a 2026-04-10 1\n b 2026-04-11 2";

#[test]
fn the_same_row_sent_again_stays_one_row() {
    let again = [("2026-06-01 first full", A_AND_B), ("2026-06-02 full", A_AND_B), ("2026-06-03 delta", A_AND_B)];
    let table = table("gp_events").unwrap();
    assert_eq!(settled(table, &again).rows, settled(table, &again[..1]).rows);
}

#[test]
fn a_row_that_only_says_that_it_was_received_again_stays_one_row() {
    let sent = |received: &str| {
        format!("provider_code episode_id admission_date received_at\n R1H a 2026-04-10 {received}T06:00:00Z")
    };
    check(
        "apc_episodes",
        &[("2026-06-01 delta", &sent("2026-04-20")), ("2026-07-01 delta", &sent("2026-06-20"))],
        "episode_id known_from",
        &[("2026-04-19", &[]), ("2026-04-20", &["a 2026-04-20"]), ("2026-06-20", &["a 2026-04-20"])],
    );
}

#[test]
fn a_correction_counts_from_its_extract_and_the_older_version_until_then() {
    check(
        "gp_events",
        &[
            ("2026-06-01 first full", A_AND_B),
            ("2026-06-10 delta", "event_id event_date value\n a 2026-04-10 9"),
            ("2026-06-20 full", "event_id event_date value\n a 2026-04-10 7\n b 2026-04-11 2"),
        ],
        "event_id value",
        &[
            ("2026-04-10", &["a 1.0"]),
            ("2026-06-09", &["a 1.0", "b 2.0"]),
            ("2026-06-10", &["a 9.0", "b 2.0"]),
            ("2026-06-19", &["a 9.0", "b 2.0"]),
            ("2026-06-20", &["a 7.0", "b 2.0"]),
        ],
    );
}

#[test]
fn a_correction_with_a_moment_of_receipt_counts_from_then_where_that_is_later() {
    let version = |received: &str, diagnoses: &str| {
        format!(
            "provider_code episode_id admission_date received_at diagnoses
             R1H a 2026-04-10 {received}T06:00:00Z {diagnoses}"
        )
    };
    check(
        "apc_episodes",
        &[
            ("2026-05-01 delta", &version("2026-04-12", "-")),
            ("2026-06-01 delta", &version("2026-05-20", "J440")),
            // Corrected behind the back of the clock: nobody can have known before it was sent.
            ("2026-07-01 delta", &version("2026-05-20", "J441")),
        ],
        "episode_id diagnoses",
        &[
            ("2026-04-11", &[]),
            ("2026-04-12", &["a "]),
            ("2026-05-19", &["a "]),
            ("2026-05-20", &["a J440"]),
            ("2026-06-30", &["a J440"]),
            ("2026-07-01", &["a J441"]),
        ],
    );
}

#[test]
fn a_withdrawal_closes_and_a_row_that_comes_back_was_not_known_in_between() {
    let sent = |deleted: &str| {
        format!(
            "provider_code episode_id admission_date received_at is_deleted\n R1H a 2026-04-10 2026-04-12T06:00:00Z {deleted}"
        )
    };
    check(
        "apc_episodes",
        &[
            ("2026-05-01 delta", &sent("false")),
            ("2026-05-10 delta", &sent("true")),
            ("2026-05-11 delta", &sent("true")),
            ("2026-05-20 delta", &sent("-")),
        ],
        "episode_id",
        &[
            ("2026-04-12", &["a"]),
            ("2026-05-09", &["a"]),
            ("2026-05-10", &[]),
            ("2026-05-19", &[]),
            ("2026-05-20", &["a"]),
        ],
    );
    check("apc_episodes", &[("2026-05-01 delta", &sent("true"))], "episode_id", &[("2026-12-31", &[])]);
}

#[test]
fn a_full_delivery_closes_what_it_no_longer_holds_of_its_own_provider_alone() {
    let of = |provider: &str, id: &str| {
        format!(
            "provider_code attendance_id arrival_at received_at\n {provider} {id} 2026-04-10T08:00:00Z 2026-04-11T00:00:00Z"
        )
    };
    check(
        "ed_attendances",
        &[
            ("2026-05-01 first full by R1H", &of("R1H", "a")),
            ("2026-05-01 first full by RF4", &of("RF4", "x")),
            ("2026-05-08 full by R1H", &of("R1H", "b")),
        ],
        "attendance_id",
        &[("2026-05-07", &["a", "b", "x"]), ("2026-05-08", &["b", "x"])],
    );
}

#[test]
fn two_providers_may_use_the_same_key() {
    let event = |value: u8| format!("event_id event_date value\n 1 2026-04-10 {value}");
    check(
        "gp_events",
        &[("2026-05-01 first full by F86001", &event(1)), ("2026-05-02 first full by F86002", &event(2))],
        "supplied_by value",
        &[("2026-04-10", &["F86001 1.0", "F86002 2.0"])],
    );
}

#[test]
fn a_table_without_a_past_keeps_the_newest_version_only() {
    let patients = |sex: &str| format!("sex birth_month\n {sex} 1950-03-01");
    let table_of = table("patients").unwrap();
    let deliveries = [("2026-05-01 first full", &*patients("1")), ("2026-05-02 delta", &patients("2"))];
    let settled = settled(table_of, &deliveries);
    assert_eq!(settled.rows.num_rows(), 1);
    assert_eq!(settled.known(&["sex"], &view("2026-05-01")), ["2"]);
    let practices = |codes: &str| {
        codes.split(' ').fold("practice_code sharing_agreement".to_owned(), |text, code| text + "\n" + code + " true")
    };
    check(
        "reference_practices",
        &[("2026-05-01 full", &practices("F99901 F99902")), ("2026-05-02 full", &practices("F99902 F99903"))],
        "practice_code",
        &[("2026-01-01", &["F99902", "F99903"])],
    );
}

#[test]
fn the_order_of_rows_in_a_delivery_changes_nothing() {
    let table = table("gp_events").unwrap();
    let older = || settled(table, &[("2026-05-01 first full", A_AND_B)]);
    let text = "event_id event_date value is_deleted
                c 2026-04-01 1 false
                a 2026-04-10 5 false
                b 2026-04-11 2 true
                d 2026-04-01 1 false";
    let delivered = rows(table, text);
    let reversed = take_record_batch(&delivered, &UInt32Array::from(vec![3, 2, 1, 0])).unwrap();
    let how = arrival("2026-05-02 delta");
    assert_eq!(older().settle(&delivered, &how).rows, older().settle(&reversed, &how).rows);
}

#[test]
fn the_end_of_a_registration_counts_when_it_has_come_and_is_known() {
    let table = table("registrations").unwrap();
    let ends = |end: &str| format!("practice_code start_date end_date\n F99901 2020-01-01 {end}");
    let first = ends("2026-05-10");
    let settled = settled(table, &[("2026-06-01 first full", &first), ("2026-06-20 delta", &ends("2026-04-30"))]);
    let ends = |table: &Table, view: &View| {
        let mut found = Vec::new();
        let rows = visible(table.spec, &table.rows, None, view);
        Registration::decode(&Cells::of(&table.rows, &table.words), rows, view, |_, row| found.push(row.end_date));
        assert_eq!(found.len(), 1);
        found[0]
    };
    let end_on = |on: &str| ends(&settled, &view(on)).map(|day| day.to_string());
    assert_eq!(end_on("2026-05-09"), None, "ends tomorrow: reads as open");
    assert_eq!(end_on("2026-05-10").as_deref(), Some("2026-05-10"));
    assert_eq!(end_on("2026-06-19").as_deref(), Some("2026-05-10"), "the correction is not known yet");
    assert_eq!(end_on("2026-06-20").as_deref(), Some("2026-04-30"));
    // In hindsight, what is known last counts for the same days.
    let hindsight = View { known_by: day("2199-01-01"), ..view("2026-05-09") };
    assert_eq!(ends(&settled, &hindsight), Some(day("2026-04-30")));
}

#[test]
fn rows_count_unless_they_are_known_later_or_have_ended_in_their_segment_or_beside_it() {
    let table = table("gp_events").unwrap();
    let text = format!("{A_AND_B}\n c 2026-04-12 3");
    let of = |deliveries: &[(&str, &str)]| settled(table, deliveries);
    let seen = |table: &Table, ended: Option<&BTreeMap<u32, End>>, on: &str| {
        visible(table.spec, &table.rows, ended, &view(on)).collect::<Vec<_>>()
    };
    let whole = of(&[("2026-06-01 first full", &text)]);
    assert_eq!(seen(&whole, None, "2026-05-01"), [0, 1, 2]);
    let ended = BTreeMap::from([(0, None), (2, Some(day("2026-05-01")))]);
    assert_eq!(seen(&whole, Some(&ended), "2026-05-01"), [1], "one without a past, one that ends on the day");
    assert_eq!(seen(&whole, Some(&ended), "2026-04-30"), [1, 2]);
    assert_eq!(seen(&whole, None, "2026-04-11"), [0, 1], "the third is not known yet");
}
