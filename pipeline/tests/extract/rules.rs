//! Each rule with a row that keeps it and one that breaks it.

use std::collections::BTreeMap;

use arrow::array::StringArray;
use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::datatypes::{Date32Type, Float64Type};
use earlycall::extract::Admitted;
use earlycall_schemas::rules::rules;

use crate::support::{Tiny, person};
use crate::{batches, inspection};

/// The table of a tiny delivery, which is not refused.
fn read(tiny: &Tiny, table: &str) -> Admitted {
    let inspection = inspection(tiny);
    assert_eq!(inspection.refusals, []);
    inspection.delivery.tables.into_iter().find(|admitted| admitted.table.name == table).unwrap()
}

/// The rejections of a table: row, column, rule.
fn rejected(tiny: &Tiny, table: &str) -> Vec<(u64, &'static str, &'static str)> {
    read(tiny, table).rejections.iter().map(|one| (one.row, one.column, one.rule)).collect()
}

/// A column of text of the first accepted rows of a table.
fn texts(tiny: &Tiny, table: &str, column: &str) -> StringArray {
    let cells = batches(tiny, table)[0].column_by_name(column).unwrap().clone();
    cast(&cells, &DataType::Utf8).unwrap().as_string().clone()
}

/// What became of a cell of row 1: its rule where the row is rejected or the cell repaired or warned about.
fn fate(table: &'static str, column: &'static str, value: &str) -> String {
    let admitted = read(&Tiny::new().set(table, 1, column, value), table);
    assert!(admitted.tally.adds_up());
    let told = |kind: &str, rules: Vec<&&str>| rules.iter().map(|rule| format!("{kind} {rule}")).collect::<String>();
    let rejected =
        admitted.rejections.iter().inspect(|one| assert_eq!((one.row, one.column), (1, column), "{}", one.rule));
    let rejected: Vec<&&str> = rejected.map(|one| &one.rule).collect();
    let (repaired, warned) = (admitted.tally.repaired.keys().collect(), admitted.tally.warned.keys().collect());
    [told("reject", rejected), told("repair", repaired), told("warn", warned)].concat()
}

#[test]
fn a_cell_keeps_or_breaks_the_rule_of_its_column() {
    for (table, column, good, bad, expected) in [
        ("registrations", "start_date", "2009-12-31", "", "reject NULL"),
        ("registrations", "start_date", "2012-02-29", "2011-02-29", "reject TYPE"),
        ("registrations", "start_date", "2012-02-29", "29/02/2012", "reject TYPE"),
        ("registrations", "practice_code", "F99901", "F9990", "reject V22"),
        ("registrations", "end_date", "2010-01-01", "2009-12-31", "reject ORDER"),
        ("registrations", "end_date", "", "9999-12-31", "repair V08"),
        ("registrations", "registration_type", "other", "guest", "repair CODE"),
        ("patients", "sex", "X", "male", "reject CODE"),
        ("patients", "birth_month", "1900-01-01", "1899-12-01", "reject RANGE"),
        ("patients", "birth_month", "1950-04-01", "1950-04-02", "reject TYPE"),
        ("patients", "birth_month", "2026-11-01", "2026-12-01", "reject V09"),
        ("patients", "lsoa21", "W01000001", "E0100001", "repair V23"),
        ("patients", "is_confidential", "true", "TRUE", "repair TYPE"),
        ("patients", "updated_at", "2026-11-20T23:05:00Z", "2026-11-20T23:05:01Z", "reject V09"),
        ("patients", "updated_at", "2026-11-20T23:05:00+00:00", "2026-11-20 12:00:00", "reject TYPE"),
        ("gp_events", "event_date", "2020-05-01", "1900-01-01", "reject V08"),
        ("gp_events", "event_date", "2026-11-20", "2026-11-21", "reject V09"),
        ("gp_events", "event_date", "1949-06-01", "1949-05-31", "reject V10"),
        ("gp_events", "snomed_code", "73211009", "73211008", "reject V20"),
        ("gp_events", "recorded_at", "", "1801-01-01T00:00:00Z", "repair V08"),
        ("gp_events", "value", "6.5", "NaN", "repair TYPE"),
        ("gp_events", "value", "-1e3", "1,5", "repair TYPE"),
        ("gp_prescriptions", "bnf_code", "0206", "60", "reject V21"),
        ("gp_prescriptions", "dmd_code", "", "12345", "repair V21"),
        ("apc_episodes", "provider_code", "RF4", "R1H-", "reject V22"),
        ("inpatients_now", "site_code", "", "R1", "reject V22"),
        ("apc_episodes", "admission_method", "2A", "29", "reject CODE"),
        ("apc_episodes", "discharge_date", "2025-04-15", "2025-04-09", "reject V12"),
        ("apc_episodes", "episode_start", "2025-04-11", "2025-04-09", "reject V12"),
        ("apc_episodes", "episode_end", "2025-04-10", "2025-04-09", "reject V12"),
        ("apc_episodes", "episode_end", "2025-04-14", "2025-04-15", "reject V12"),
        ("apc_episodes", "episode_order", "2", "0", "reject RANGE"),
        ("apc_episodes", "episode_order", "2", "1.5", "reject TYPE"),
        ("apc_episodes", "diagnoses", "I10|E119", "I10|hello", "repair V18"),
        ("ed_attendances", "departure_at", "2025-04-10T08:15:00Z", "2025-04-10T08:14:59Z", "reject V27"),
        ("home_care_visits", "actual_end", "2026-11-02T08:02:00Z", "2026-11-02T08:01:59Z", "warn V40"),
        ("home_care_visits", "actual_end", "2026-11-02T20:00:00Z", "2026-11-02T20:00:01Z", "warn V40"),
        ("home_care_visits", "actual_end", "", "2026-11-02T07:59:59Z", "reject ORDER"),
        ("inpatients_now", "admitted_at", "2026-11-20T22:00:00Z", "2026-11-20T22:00:01Z", "reject ORDER"),
        ("deaths", "death_date", "2000-01-01", "1999-12-31", "repair V10"),
        ("deaths", "source", "gp", "hearsay", "repair CODE"),
        ("deaths", "person_id", &person(2), &person(4), "reject V07"),
        ("opt_outs", "person_id", &person(2), &person(4), "warn V07"),
        ("ed_attendances", "departure_at", "2026-11-20T23:05:00Z", "2026-11-20T23:05:01Z", "repair V09"),
        ("ed_attendances", "departure_at", "", "yesterday", "repair TYPE"),
        ("user_access", "valid_to", "2030-01-01", "2025-12-31", "reject ORDER"),
        ("reference_lsoa", "imd_rank_2019", "1", "0", "repair RANGE"),
    ] {
        assert_eq!(fate(table, column, good), "", "{table}.{column}: a good value");
        assert_eq!(fate(table, column, bad), expected, "{table}.{column}: a bad value");
    }
}

#[test]
fn a_second_reading_of_one_thing_at_one_moment_is_a_copy() {
    let again = |changes| Tiny::new().copy_row("remote_monitoring", 1, changes);
    let rejected = |tiny| rejected(&tiny, "remote_monitoring");
    // Whoever passes it on, and whatever it says.
    assert_eq!(rejected(again(&[("reading_id", "r4")])), [(4, "taken_at", "V39")]);
    assert_eq!(rejected(again(&[("device_source", "s2"), ("value", "91")])), [(4, "taken_at", "V39")]);
    assert_eq!(rejected(again(&[("reading_id", "r4"), ("taken_at", "2026-11-02T08:00:01Z")])), []);
    // A withdrawal names the moment of the reading that it withdraws.
    assert_eq!(rejected(again(&[("reading_id", "r4"), ("is_deleted", "true")])), []);
    assert_eq!(rejected(again(&[])), [(1, "reading_id", "V06")]);
}

#[test]
fn every_example_of_a_rule_keeps_or_breaks_it_as_it_says() {
    for rule in rules() {
        for example in &rule.examples {
            let breaks = |cells: &'static BTreeMap<String, String>| {
                let set = |tiny: Tiny, (column, cell): (&String, &String)| tiny.set(&example.table, 1, column, cell);
                let tally = read(&cells.iter().fold(Tiny::new(), set), &example.table).tally;
                [tally.rejected, tally.repaired, tally.warned].iter().any(|counts| counts.contains_key(&*rule.id))
            };
            assert!(!breaks(&example.keeps), "{}: {:?}", rule.id, example.keeps);
            assert!(breaks(&example.breaks), "{}: {:?}", rule.id, example.breaks);
        }
    }
}

#[test]
fn an_emergency_day_case_is_warned_about_and_stays() {
    let tiny = |method, class| {
        let tiny = Tiny::new().set("apc_episodes", 1, "admission_method", method);
        read(&tiny.set("apc_episodes", 1, "patient_classification", class), "apc_episodes").tally
    };
    for (method, class, is_odd) in [("21", "2", true), ("2D", "4", true), ("11", "2", false), ("21", "5", false)] {
        let tally = tiny(method, class);
        assert_eq!((tally.accepted, tally.warned.contains_key("V15")), (2, is_odd), "{method} {class}");
    }
}

#[test]
fn births_are_of_the_newly_born_and_obstetrics_of_nobody_male() {
    // Person 1 is of male sex and born in March 1950, person 2 of female sex and born in July 1980.
    let warned = |row, column, cell: &str, admitted: &str| {
        let tiny = Tiny::new().set("apc_episodes", row, column, cell);
        let tiny = tiny.set("apc_episodes", row, "admission_date", admitted);
        let dates = ["discharge_date", "episode_start", "episode_end"];
        let tiny = dates.iter().fold(tiny, |tiny, column| tiny.set("apc_episodes", row, column, admitted));
        read(&tiny, "apc_episodes").tally.warned.get("V16").copied().unwrap_or_default()
    };
    assert_eq!(warned(1, "admission_method", "82", "1950-04-30"), 0);
    assert_eq!(warned(1, "admission_method", "82", "1950-05-01"), 1);
    assert_eq!(warned(1, "treatment_function", "501", "2020-01-01"), 1);
    assert_eq!(warned(2, "treatment_function", "501", "2020-01-01"), 0);
}

#[test]
fn a_practice_must_share_or_be_none() {
    for (practice, expected) in [("F99901", ""), ("V81997", ""), ("F99902", "reject V05"), ("F99903", "reject V05")] {
        assert_eq!(fate("gp_events", "practice_code", practice), expected, "{practice}");
        assert_eq!(fate("registrations", "practice_code", practice), expected, "{practice}");
    }
    assert_eq!(fate("apc_episodes", "practice_code", "F99902"), "");
}

#[test]
fn a_restricted_entry_is_counted_and_told_of_nowhere_else() {
    // Whatever else is wrong with it.
    for (column, cell) in [("event_date", "2020-05-01"), ("event_date", "2031-05-01"), ("practice_code", "F99902")] {
        let tiny = Tiny::new().set("gp_events", 1, "snomed_code", "52637005").set("gp_events", 1, column, cell);
        let admitted = read(&tiny, "gp_events");
        assert_eq!(admitted.tally.rejected, BTreeMap::from([("V38", 1)]));
        assert!(admitted.tally.adds_up() && admitted.rejections.is_empty());
        let concepts = texts(&tiny, "gp_events", "snomed_code");
        assert_eq!(concepts.iter().flatten().collect::<Vec<_>>(), ["999791000000106", "27113001"]);
    }
    assert_eq!(read(&Tiny::new(), "gp_events").tally.rejected, BTreeMap::new());
}

#[test]
fn a_prescription_says_what_was_prescribed() {
    let tiny = Tiny::new().set("gp_prescriptions", 2, "bnf_code", "");
    assert_eq!(rejected(&tiny, "gp_prescriptions"), [(2, "dmd_code", "V21")]);
    let tiny = tiny.set("gp_prescriptions", 2, "dmd_code", "73211009");
    assert_eq!(rejected(&tiny, "gp_prescriptions"), []);
}

#[test]
fn a_cell_that_nobody_uses_is_emptied_and_costs_no_row() {
    assert_eq!(fate("ed_attendances", "departure_at", "2025-04-11T00:00:00Z"), "");
    assert_eq!(fate("ed_attendances", "departure_at", "yesterday"), "repair TYPE");
    assert_eq!(fate("ed_attendances", "departure_at", "2027-01-01T00:00:00Z"), "repair V09");
    // The same in a column that is used, or mandatory.
    assert_eq!(fate("gp_events", "recorded_at", "yesterday"), "reject TYPE");
    assert_eq!(fate("user_access", "may_reidentify", "perhaps"), "reject TYPE");
}

#[test]
fn a_column_that_nobody_uses_is_not_even_read() {
    for (table, column) in [("gp_prescriptions", "quantity"), ("deaths", "place")] {
        let tiny = Tiny::new().set(table, 1, column, "nonsense");
        assert_eq!(read(&tiny, table).tally.repaired.len(), 0, "{table}.{column}");
    }
}

#[test]
fn a_drug_code_that_is_emptied_leaves_no_drug() {
    let tiny = Tiny::new().set("gp_prescriptions", 2, "bnf_code", "").set("gp_prescriptions", 2, "dmd_code", "12345");
    assert_eq!(rejected(&tiny, "gp_prescriptions"), [(2, "dmd_code", "V21")]);
}

#[test]
fn of_a_dissent_and_a_withdrawal_of_one_moment_the_dissent_stays() {
    let withdrawn = Tiny::new().copy_row("opt_outs", 1, &[("status", "withdrawn")]);
    assert_eq!(rejected(&withdrawn, "opt_outs"), [(2, "person_id", "V06")]);
    let reversed = withdrawn.set("opt_outs", 1, "status", "withdrawn").set("opt_outs", 2, "status", "dissent");
    assert_eq!(rejected(&reversed, "opt_outs"), [(1, "person_id", "V06")]);
}

#[test]
fn the_first_broken_rule_of_a_row_is_the_one_told() {
    let tiny = Tiny::new()
        .set("apc_episodes", 1, "admission_method", "??")
        .set("apc_episodes", 1, "discharge_date", "2027-01-01")
        .set("apc_episodes", 1, "person_id", &person(9));
    assert_eq!(rejected(&tiny, "apc_episodes"), [(1, "admission_method", "CODE")]);
}

#[test]
fn of_repeated_rows_one_stays() {
    let tiny = Tiny::new().copy_row("gp_events", 1, &[]).copy_row("gp_events", 2, &[]);
    assert_eq!(rejected(&tiny, "gp_events"), [(1, "event_id", "V06"), (2, "event_id", "V06")]);
    assert_eq!(rejected(&Tiny::new().copy_row("gp_events", 1, &[("event_id", "e9")]), "gp_events"), []);
    // What the key is of, and not the trust whose code begins it.
    let visit = Tiny::new().keep_rows("ed_attendances", &[1]).copy_row("ed_attendances", 1, &[]);
    assert_eq!(rejected(&visit, "ed_attendances"), [(1, "attendance_id", "V06")]);
}

#[test]
fn of_versions_of_a_row_the_newest_stays_and_of_equals_the_last() {
    let versions = |first: &str, second: &str| {
        Tiny::new().copy_row("apc_episodes", 1, &[("received_at", first), ("diagnoses", "I10")]).copy_row(
            "apc_episodes",
            1,
            &[("received_at", second), ("diagnoses", "E119")],
        )
    };
    let stays = |tiny: &Tiny| {
        assert_eq!(read(tiny, "apc_episodes").tally.rejected.get("V06"), Some(&2));
        texts(tiny, "apc_episodes", "diagnoses").iter().flatten().map(str::to_owned).collect::<Vec<String>>()
    };
    assert_eq!(stays(&versions("2025-06-01T00:00:00Z", "2025-05-15T00:00:00Z")), ["I10"]);
    assert_eq!(stays(&versions("2025-05-15T00:00:00Z", "2025-06-01T00:00:00Z")), ["E119"]);
    assert_eq!(stays(&versions("2025-06-01T00:00:00Z", "2025-06-01T00:00:00Z")), ["E119"]);
    assert_eq!(stays(&versions("2025-04-01T00:00:00Z", "2025-04-01T00:00:00Z")), ["J440|I10"]);
}

#[test]
fn an_attendance_within_ten_minutes_of_another_is_a_copy() {
    let again = |at: &'static str, changes: &[(&str, &str)]| {
        let changes = [&[("attendance_id", "d9"), ("arrival_at", at)], changes].concat();
        rejected(&Tiny::new().copy_row("ed_attendances", 1, &changes), "ed_attendances")
    };
    assert_eq!(again("2025-04-10T08:25:00Z", &[]), [(4, "arrival_at", "V27")]);
    assert_eq!(again("2025-04-10T08:25:01Z", &[]), []);
    assert_eq!(again("2025-04-10T08:05:00Z", &[]), [(1, "arrival_at", "V27")]);
    assert_eq!(again("2025-04-10T08:16:00Z", &[("provider_code", "RF4")]), []);
    assert_eq!(again("2025-04-10T08:16:00Z", &[("is_deleted", "true")]), []);
}

#[test]
fn records_merged_in_a_circle_are_rejected_and_chains_are_not() {
    let merged = |pairs: &[(usize, u32)]| {
        let merge = |tiny: Tiny, &(row, into): &(usize, u32)| tiny.set("patients", row, "superseded_by", &person(into));
        rejected(&pairs.iter().fold(Tiny::new(), merge), "patients")
    };
    assert_eq!(merged(&[(1, 2), (2, 3)]), []);
    assert_eq!(merged(&[(1, 1)]), [(1, "superseded_by", "V37")]);
    assert_eq!(merged(&[(1, 2), (2, 3), (3, 2)]), [(2, "superseded_by", "V37"), (3, "superseded_by", "V37")]);
}

#[test]
fn a_person_whose_own_record_is_rejected_is_not_known() {
    let tiny = Tiny::new().set("patients", 2, "sex", "male");
    assert_eq!(rejected(&tiny, "registrations"), [(2, "person_id", "V07")]);
}

#[test]
fn an_unknown_date_becomes_empty_and_the_row_stays() {
    let tiny = Tiny::new().set("registrations", 2, "end_date", "1900-01-01");
    let rows = &batches(&tiny, "registrations")[0];
    assert!(rows.column_by_name("end_date").unwrap().as_primitive::<Date32Type>().is_null(1));
    assert_eq!(rows.num_rows(), 3);
}

#[test]
fn results_are_brought_to_the_usual_unit() {
    // Row 2 is an HbA1c.
    for (value, unit, expected, repair) in [
        ("48", "mmol/mol", Some(48.0), None),
        ("6.5", "%", Some(47.5), None),
        ("6.5", "", Some(47.5), Some("V26")),
        ("48", "mg", None, Some("V25")),
        ("900", "mmol/mol", None, Some("V25")),
    ] {
        let tiny = Tiny::new().set("gp_events", 2, "value", value).set("gp_events", 2, "unit", unit);
        let admitted = read(&tiny, "gp_events");
        let rows = batches(&tiny, "gp_events");
        let values = rows[0].column_by_name("value").unwrap().as_primitive::<Float64Type>();
        let kept = values.is_valid(1).then(|| (values.value(1) * 10.0).round() / 10.0);
        assert_eq!(kept, expected, "{value} {unit}");
        assert_eq!(admitted.tally.repaired.keys().copied().next(), repair, "{value} {unit}");
        assert_eq!(admitted.tally.accepted, 3);
    }
}

#[test]
fn lists_are_put_into_normal_form() {
    let tiny = Tiny::new().set("apc_episodes", 1, "diagnoses", "j44.0||I10X|nonsense|E11.9");
    let codes = texts(&tiny, "apc_episodes", "diagnoses");
    assert_eq!(codes.value(0), "J440|I10|E119");
    assert!(codes.is_null(1));
}
