//! What is odd about people is counted, and a record that may mix two people is listed and badged.

use std::fs;

use crate::{
    delivery::{Delivery, Sheet},
    published::{csv_rows, json, scores, worklists},
    service::{FIRST, SECOND, Service, first_delivery, second_delivery},
    snapshot::Snapshot,
    two_nights::{first, listed, second},
};

const BADGE: &str = "May be the records of two people: check who it is before calling";

/// An ordinary stay at a trust, made of any other.
fn stay(episodes: &Sheet, person: &str, provider: &str, from: &str, to: &str) -> Vec<String> {
    let other = episodes.rows().find(|row| row.get("patient_classification") == "1" && row.get("site_code").is_empty());
    let other = other.or_else(|| episodes.rows().find(|row| row.get("patient_classification") == "1")).unwrap();
    let id = format!("odd-{provider}");
    let changes = [
        ("person_id", person),
        ("episode_id", id.as_str()),
        ("spell_id", id.as_str()),
        ("provider_code", provider),
        ("site_code", ""),
        ("admission_date", from),
        ("admission_method", "21"),
        ("discharge_date", to),
        ("discharge_method", "1"),
        ("discharge_destination", "19"),
        ("episode_start", from),
        ("episode_end", to),
        ("episode_order", "1"),
        ("received_at", "2026-08-01T06:00:00Z"),
    ];
    episodes.one(other, &changes).rows.remove(0)
}

#[test]
fn a_record_that_may_mix_two_people_keeps_its_line_with_a_badge_and_is_listed_for_the_data_quality_team() {
    let service = Service::after_first_night();
    let person = listed(&service, &first(&service))["coach-hackney"][0].clone();
    let mut delivery: Delivery = first_delivery();
    let episodes = delivery.table("apc_episodes").clone();
    let at_two_places = [
        stay(&episodes, &person, "R1H", "2026-07-01", "2026-07-10"),
        stay(&episodes, &person, "RF4", "2026-07-04", "2026-07-12"),
    ];
    delivery.table_mut("apc_episodes").rows.extend(at_two_places);
    let odd = Service::empty();
    Snapshot::of(&service.folder().join("model")).write_to(&odd.folder().join("model"));
    odd.deliver(&delivery);
    odd.must(&["run", "--index-date", FIRST]);

    let night = first(&odd);
    let mixed = csv_rows(&night.join("mixed_records.csv"));
    let of_them: Vec<_> = mixed.iter().filter(|line| line["person_id"] == person).collect();
    assert_eq!(of_them.len(), 1);
    assert_eq!((&*of_them[0]["rule"], &*of_them[0]["reason"]), ("V30", "in two hospitals at once"));
    assert!(
        fs::read_to_string(first(&service).join("mixed_records.csv"))
            .unwrap()
            .lines()
            .all(|line| !line.contains(&person))
    );

    let at = listed(&odd, &night)["coach-hackney"].iter().position(|listed| *listed == person).unwrap();
    assert!(worklists(&night)["coach-hackney"][at]["badges"].contains(BADGE));
    let n_badged = |night| worklists(night).values().flatten().filter(|line| line["badges"].contains(BADGE)).count();
    assert_eq!(n_badged(&night), n_badged(&first(&service)) + 1);

    let people = json(&night, "quality.json")["people"].clone();
    let told = people.as_array().unwrap().iter().find(|told| told["what"].as_str().unwrap().contains("at two places"));
    assert_eq!(told.unwrap()["rule"], "V30");
}

#[test]
fn whoever_is_merged_into_a_record_that_nobody_has_sent_keeps_their_line_until_that_record_objects() {
    let service = Service::after_first_night();
    let person = listed(&service, &first(&service))["coach-hackney"][0].clone();
    let mut delivery = second_delivery();
    let stranger = "ab".repeat(32);
    delivery.table_mut("patients").set("superseded_by", &stranger, |row| row.get("person_id") == person);
    service.deliver(&delivery);
    let said = service.must(&["run", "--index-date", SECOND]);
    let told = "warning: patients, rule V37: records merged into others that patients does not have: 1; each stands";
    assert!(said.out.contains(told), "{}", said.out);
    assert!(!said.out.contains(&stranger), "nobody is named");
    let stands = |night: &str| {
        let of_team = worklists(&service.night(night)).remove("coach-hackney").unwrap();
        let of_night = csv_rows(&service.night(night).join("removed.csv"));
        (scores(&service.night(night)).contains_key(&person), of_team.len(), of_night.len())
    };
    let (is_scored, n_lines, n_removed) = stands(&format!("{SECOND}.1"));
    assert!(is_scored && listed(&service, &second(&service))["coach-hackney"].contains(&person));
    service.must(&["objection", "add", &stranger, "--by", "A. Nurse", "--why", "asked us to"]);
    assert_eq!(stands(&format!("{SECOND}.2")), (false, n_lines, n_removed + 1), "the line is blank");
    // The mergers of an ordinary delivery are into somebody.
    let service = Service::after_first_night();
    service.deliver(&second_delivery());
    assert!(!service.must(&["run", "--index-date", SECOND]).out.contains("rule V37: records merged"));
}

#[test]
fn a_death_reported_under_a_survivor_that_nobody_has_sent_takes_off_whoever_is_merged_and_explain_says_so_too() {
    let service = Service::after_first_night();
    let person = listed(&service, &first(&service))["coach-hackney"][0].clone();
    let mut delivery = second_delivery();
    let stranger = "ab".repeat(32);
    delivery.table_mut("patients").set("superseded_by", &stranger, |row| row.get("person_id") == person);
    let deaths = delivery.table("deaths");
    let changes = [("person_id", stranger.as_str()), ("death_date", "2026-01-10"), ("source", "pds_formal")];
    let death = deaths.one(deaths.rows().next().unwrap(), &changes).rows.remove(0);
    delivery.table_mut("deaths").rows.push(death);
    service.deliver(&delivery);
    service.must(&["run", "--index-date", SECOND]);
    assert!(!scores(&second(&service)).contains_key(&person));
    let explained = service.must(&["explain", &person, "--index-date", SECOND]).out;
    assert!(explained.contains("not scored"), "{explained}");
}
