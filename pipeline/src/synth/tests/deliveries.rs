//! What was known by when: full and delta deliveries, and their manifests.

use std::collections::BTreeSet;

use earlycall_schemas::table::{Presence, table, tables};

use super::*;
use crate::sha256::sha256;

type Table = BTreeMap<Vec<String>, BTreeMap<String, String>>;

fn by_key(delivery: &DeliveryFiles, name: &str) -> Table {
    let key = &table(name).unwrap().key;
    let all = rows(delivery, name);
    let count = all.len();
    let keyed: Table = all.into_iter().map(|row| (key.iter().map(|k| row[k].clone()).collect(), row)).collect();
    assert_eq!(keyed.len(), count, "{name}: keys are unique");
    keyed
}

#[test]
fn a_full_delivery_is_an_earlier_one_and_the_delta_since() {
    let people = generate(&with_feeds());
    let (before, after) = (day("2026-09-01"), day("2026-11-20"));
    let first = people.delivery_full(before, Format::Csv);
    let delta = people.delivery_delta(before, after, Format::Csv);
    let second = people.delivery_full(after, Format::Csv);
    for spec in tables() {
        let mut sum = by_key(&first, &spec.name);
        sum.extend(by_key(&delta, &spec.name));
        if spec.name == "inpatients_now" {
            // A count of beds stands for itself: whoever is not in the newest has gone home.
            let newest = sum.values().map(|row| row["snapshot_at"].clone()).max();
            sum.retain(|_, row| Some(&row["snapshot_at"]) == newest.as_ref());
        }
        assert!(sum == by_key(&second, &spec.name), "{}", spec.name);
    }
    for name in ["patients", "gp_events", "gp_prescriptions", "apc_episodes", "ed_attendances", "deaths"] {
        let (some, all) = (rows(&delta, name).len(), rows(&second, name).len());
        assert!(some > 0 && some * 3 < all, "{name}: {some} of {all}");
    }
}

#[test]
fn a_delta_brings_corrections_of_earlier_rows() {
    let people = generate(&small());
    let first = by_key(&people.delivery_full(day("2026-09-01"), Format::Csv), "apc_episodes");
    let delta = by_key(&people.delivery_delta(day("2026-09-01"), day("2026-11-20"), Format::Csv), "apc_episodes");
    let coded_since = delta.iter().filter(|(key, row)| {
        first.get(*key).is_some_and(|old| old["diagnoses"].is_empty() && !row["diagnoses"].is_empty())
    });
    assert!(coded_since.count() > 0);
}

#[test]
fn nothing_is_delivered_before_it_was_known() {
    let evening = day("2026-09-01");
    let delivery = generate(&with_feeds()).delivery_full(evening, Format::Csv);
    for (table, column) in [
        ("gp_events", "recorded_at"),
        ("apc_episodes", "received_at"),
        ("ed_attendances", "received_at"),
        ("opt_outs", "recorded_at"),
        ("registrations", "start_date"),
        ("registrations", "end_date"),
        ("deaths", "death_date"),
        ("deaths", "registration_date"),
        ("patients", "updated_at"),
        ("gp_appointments", "booked_at"),
        ("waiting_list_entries", "referral_date"),
        ("waiting_list_entries", "decided_to_admit_on"),
        ("waiting_list_entries", "removed_on"),
        ("community_contacts", "contact_date"),
        ("home_care_visits", "actual_start"),
        ("home_care_visits", "actual_end"),
        ("social_prescribing_referrals", "referred_at"),
        ("social_prescribing_referrals", "outcome_date"),
        ("virtual_ward_stays", "start_at"),
        ("virtual_ward_stays", "end_at"),
        ("remote_monitoring", "taken_at"),
        ("telecare_events", "occurred_at"),
        ("mental_health_contacts", "contact_date"),
    ] {
        for row in rows(&delivery, table) {
            let value = &row[column];
            assert!(value.is_empty() || value.as_str() <= "2026-09-01T22:30:00Z", "{table}.{column}");
        }
    }
    for (table, column, status, ahead) in [
        ("gp_appointments", "start_at", "status", "booked"),
        ("outpatient_appointments", "appointment_date", "attended", "0"),
        ("home_care_visits", "planned_start", "status", "planned"),
    ] {
        let rows = rows(&delivery, table);
        let later = rows.iter().filter(|row| row[column].as_str() > "2026-09-01T22:30:00Z");
        let said: BTreeSet<&str> = later.map(|row| row[status].as_str()).collect();
        assert!(said.contains(ahead) && said.len() <= 2, "{table}: {said:?}"); // or called off, of whoever died
    }
    let late = rows(&delivery, "gp_prescriptions").iter().map(|row| day(&row["issue_date"])).max().unwrap();
    assert!(late <= evening);
}

#[test]
fn the_manifest_is_true() {
    let delivery = generate(&small()).delivery_full(small().last_day, Format::Csv);
    let (_, json) = delivery.files.iter().find(|(name, _)| name == "manifest.json").unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(json).unwrap();
    assert_eq!(manifest["extracted_at"], "2026-11-20T23:30:00Z");
    assert_eq!(manifest["delivery"], "full");
    assert_eq!(manifest["history"], true);
    assert_eq!(manifest["is_synthetic"], true);
    assert_eq!(manifest["pseudonym_key_id"], "synthetic");
    let entries = manifest["files"].as_array().unwrap();
    assert_eq!(entries.len() + 1, delivery.files.len());
    for entry in entries {
        let (_, bytes) = delivery.files.iter().find(|(name, _)| *name == entry["file"].as_str().unwrap()).unwrap();
        let lines = bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
        assert_eq!(entry["row_count"], lines - 1);
        assert_eq!(entry["sha256"], sha256(bytes));
    }
}

#[test]
fn columns_stand_in_the_order_of_the_contract_and_no_needed_one_is_missing() {
    let delivery = generate(&SynthParams { people: 10, ..with_feeds() }).delivery_full(small().last_day, Format::Csv);
    for spec in tables() {
        let (_, bytes) = delivery.files.iter().find(|(name, _)| *name == format!("{}.csv", spec.name)).unwrap();
        let header = csv::Reader::from_reader(bytes.as_slice()).headers().unwrap().clone();
        let sent: BTreeSet<&str> = header.iter().collect();
        let declared = spec.columns.iter().filter(|column| sent.contains(column.name.as_str()));
        assert!(header.iter().eq(declared.map(|column| column.name.as_str())), "{}", spec.name);
        for column in spec.columns.iter().filter(|column| column.presence != Presence::O) {
            assert!(sent.contains(column.name.as_str()), "{}.{}", spec.name, column.name);
        }
    }
}
