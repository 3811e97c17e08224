//! From which day a row counts, for each kind of table and delivery.

use super::support::check;

#[test]
fn a_row_with_a_moment_of_receipt_counts_from_its_london_day() {
    check(
        "apc_episodes",
        &[(
            "2026-06-01 first full",
            "provider_code episode_id admission_date received_at
             R1H           a          2026-04-10     2026-04-20T06:00:00Z
             R1H           b          2026-04-10     2026-04-20T23:30:00Z",
        )],
        "episode_id",
        &[("2026-04-19", &[]), ("2026-04-20", &["a"]), ("2026-04-21", &["a", "b"])],
    );
}

#[test]
fn in_a_first_full_delivery_a_row_counts_from_its_event_or_its_recording_plus_the_lag() {
    let events = "event_id event_date recorded_at
                  a        2026-04-10 2026-04-10T09:00:00Z
                  b        2026-04-10 2026-04-14T09:00:00Z
                  c        2026-04-10 2026-04-01T09:00:00Z
                  d        2026-04-10 -";
    check(
        "gp_events",
        &[("2026-06-01 first full", events)],
        "event_id",
        &[("2026-04-09", &[]), ("2026-04-10", &["a", "c", "d"]), ("2026-04-14", &["a", "b", "c", "d"])],
    );
    check(
        "gp_prescriptions",
        &[("2026-06-01 first full lag 3", "prescription_id issue_date\n a 2026-04-10")],
        "prescription_id",
        &[("2026-04-12", &[]), ("2026-04-13", &["a"])],
    );
}

#[test]
fn a_delta_that_says_history_counts_like_a_first_full_delivery() {
    check(
        "gp_prescriptions",
        &[("2026-06-01 delta history", "prescription_id issue_date\n a 2026-04-10")],
        "prescription_id",
        &[("2026-04-09", &[]), ("2026-04-10", &["a"])],
    );
}

#[test]
fn a_later_row_counts_from_the_day_of_its_extract_and_without_a_lag() {
    check(
        "gp_prescriptions",
        &[
            ("2026-06-01 first full lag 3", "prescription_id issue_date\n a 2026-04-10"),
            ("2026-06-05 delta lag 3", "prescription_id issue_date\n b 2026-04-11"),
            ("2026-06-09 full lag 3", "prescription_id issue_date\n a 2026-04-10\n b 2026-04-11\n c 2026-04-12"),
        ],
        "prescription_id",
        &[
            ("2026-04-13", &["a"]),
            ("2026-06-04", &["a"]),
            ("2026-06-05", &["a", "b"]),
            ("2026-06-08", &["a", "b"]),
            ("2026-06-09", &["a", "b", "c"]),
        ],
    );
}

#[test]
fn a_death_counts_from_its_registration_or_else_from_its_day() {
    check(
        "deaths",
        &[(
            "2026-06-01 delta",
            "death_date source registration_date
             2026-04-10 ons    2026-04-15
             2026-04-12 gp     -",
        )],
        "source",
        &[("2026-04-11", &[]), ("2026-04-12", &["gp"]), ("2026-04-14", &["gp"]), ("2026-04-15", &["gp", "ons"])],
    );
}

#[test]
fn tables_of_people_permissions_and_organisations_have_no_past() {
    let patients = "sex birth_month\n 1 1950-03-01";
    check("patients", &[("2026-06-01 delta", patients)], "sex", &[("1999-01-01", &["1"])]);
    let objections = "objection status recorded_at\n type1 dissent 2026-05-01T00:00:00Z";
    check("opt_outs", &[("2026-06-01 delta", objections)], "objection", &[("1999-01-01", &["type1"])]);
    let practices = "practice_code sharing_agreement\n F99901 true";
    check("reference_practices", &[("2026-06-01 delta", practices)], "practice_code", &[("1999-01-01", &["F99901"])]);
}
