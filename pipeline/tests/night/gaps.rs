//! A practice's file is refused: the night goes on, and whoever is its patient is listed with a word about it. A night
//! that is held leaves the history as it was.

use std::{cell::Cell, collections::BTreeSet, fs, path::Path};

use serde_json::json;

use crate::{
    delivery::{Delivery, edit_manifest, sha256},
    published::{json, worklists},
    service::{FIRST, SECOND, Service, first_delivery, second_delivery, second_delta},
    snapshot::{Snapshot, assert_same},
};

const BADGE: &str = "GP record to 13 November 2026 only";

/// Sends the GP record as in life: one file for each practice.
fn by_practice(folder: &Path, delivery: &Delivery) {
    for table in ["registrations", "gp_events", "gp_prescriptions"] {
        let sheet = delivery.table(table);
        let practices: BTreeSet<&str> = sheet.rows().map(|row| row.get("practice_code")).collect();
        fs::remove_file(folder.join(format!("{table}.csv"))).unwrap();
        fs::create_dir(folder.join(table)).unwrap();
        let files = practices.iter().map(|practice| {
            let mut own = sheet.clone();
            own.keep(|row| row.get("practice_code") == *practice);
            let (file, bytes) = (format!("{table}/{practice}.csv"), own.to_csv());
            fs::write(folder.join(&file), &bytes).unwrap();
            json!({"table": table, "file": file, "row_count": own.rows.len(), "sha256": sha256(&bytes),
                   "provider_code": practice})
        });
        let files: Vec<_> = files.collect();
        edit_manifest(folder, |manifest| {
            let all = manifest["files"].as_array_mut().unwrap();
            all.retain(|file| file["table"] != table);
            all.extend(files);
        });
    }
}

/// A service of one night whose delivery came file by practice.
fn after_first_night_by_practice() -> Service {
    let service = Service::trained();
    fs::remove_dir_all(service.folder().join("extracts")).unwrap();
    fs::remove_dir_all(service.folder().join("state")).unwrap();
    let first = first_delivery();
    by_practice(&service.deliver(&first), &first);
    service.must(&["run", "--index-date", FIRST]);
    service
}

/// A service whose two deliveries come file by practice, of which the second has one file spoilt.
fn service(spoilt: &str) -> Service {
    let service = after_first_night_by_practice();
    let second = second_delivery();
    let folder = service.deliver(&second);
    by_practice(&folder, &second);
    let path = folder.join(spoilt);
    let mut bytes = fs::read(&path).unwrap();
    bytes[0] ^= 1;
    fs::write(path, bytes).unwrap();
    service
}

/// A practice with somebody on a list.
fn listed_practice() -> String {
    let service = Service::after_first_night();
    let lines = worklists(&service.night(&format!("{FIRST}.1")));
    let practice = &lines.values().flatten().next().unwrap()["practice"];
    practice[practice.rfind('(').unwrap() + 1..practice.len() - 1].to_owned()
}

#[test]
fn a_practice_whose_file_is_refused_keeps_its_lines_and_they_say_so() {
    let practice = listed_practice();
    let service = service(&format!("gp_events/{practice}.csv"));
    service.add_settings("[gate]\nrefused_people_max = 0.5");
    let said = service.must(&["run", "--index-date", SECOND]);
    let warned =
        format!("warning: gp_events of {practice} is refused, and what arrived until 13 November 2026 stands: ");
    assert!(said.out.contains(&warned), "{}", said.out);
    // In the morning, too, when the delivery is settled.
    let checked = service.must(&["check"]);
    assert!(checked.out.contains(&warned), "{}", checked.out);
    let night = service.night(&format!("{SECOND}.1"));
    let lines: Vec<_> = worklists(&night).into_values().flatten().collect();
    let is_of_it = |line: &&std::collections::BTreeMap<String, String>| line["practice"].contains(&practice);
    assert!(lines.iter().any(|line| is_of_it(&line)), "somebody of the practice is listed");
    for line in &lines {
        assert_eq!(line["badges"].contains(BADGE), is_of_it(&line), "{}", line["practice"]);
    }
    let run = json(&night, "run.json");
    assert_eq!(run["refused_feeds"][0]["provider"], practice.as_str());
    assert_eq!(run["refused_feeds"][0]["since"], "2026-11-13");
    let notice =
        "The newest files of a practice were refused: older records stand for its patients, and their lines say so.";
    assert!(run["notices"].as_array().unwrap().contains(&json!(notice)));
}

#[test]
fn a_practice_of_whose_newest_rows_most_cannot_be_read_has_lines_that_say_so_and_nobody_else() {
    let practice = listed_practice();
    let service = after_first_night_by_practice();
    let mut second = second_delta();
    let events = second.table_mut("gp_events");
    let n_kept = Cell::new(0);
    events.keep(|row| row.get("practice_code") != practice || n_kept.replace(n_kept.get() + 1) < 4);
    events.set("event_date", "01/02/2020", |row| row.get("practice_code") == practice);
    by_practice(&service.deliver(&second), &second);
    let said = service.must(&["run", "--index-date", SECOND]);
    let warned = format!("warning: gp_events of {practice}: 4 of 4 rows since delivery ");
    assert!(said.out.contains(&warned), "{}", said.out);
    let checked = service.must(&["check"]);
    assert!(checked.out.contains(&warned), "{}", checked.out);
    let night = service.night(&format!("{SECOND}.1"));
    let lines: Vec<_> = worklists(&night).into_values().flatten().collect();
    let is_of_it = |line: &&std::collections::BTreeMap<String, String>| line["practice"].contains(&practice);
    assert!(lines.iter().any(|line| is_of_it(&line)), "somebody of the practice is listed");
    for line in &lines {
        let is_told = line["badges"].contains("Some of the newest records of the practice could not be read");
        assert_eq!(is_told, is_of_it(&line), "{}", line["practice"]);
    }
    let run = json(&night, "run.json");
    let of_it = &run["part_read_feeds"][0];
    assert_eq!((&of_it["table"], &of_it["provider"]), (&json!("gp_events"), &json!(practice)));
    assert_eq!((&of_it["rejected"], &of_it["read"]), (&json!(4), &json!(4)));
    let notice = "Most of the newest records of a practice could not be read: the lines of its patients say so.";
    assert!(run["notices"].as_array().unwrap().contains(&json!(notice)));
}

#[test]
fn a_practice_that_never_sent_prescriptions_has_lines_that_say_so_and_nobody_else() {
    let practice = listed_practice();
    let service = Service::trained();
    fs::remove_dir_all(service.folder().join("extracts")).unwrap();
    fs::remove_dir_all(service.folder().join("state")).unwrap();
    let mut first = first_delivery();
    first.table_mut("gp_prescriptions").keep(|row| row.get("practice_code") != practice);
    by_practice(&service.deliver(&first), &first);
    let checked = service.must(&["check", "--index-date", FIRST]);
    let said = service.must(&["run", "--index-date", FIRST]);
    let sharing =
        first.table("reference_practices").rows().filter(|row| row.get("sharing_agreement") == "true").count();
    let message = format!("1 of {sharing} practices that send other GP records has never sent a sound row: {practice}");
    for out in [&checked.out, &said.out] {
        assert!(out.contains(&format!("warning: gp_prescriptions, rule ABSENT: {message}")), "{out}");
    }
    let night = service.night(&format!("{FIRST}.1"));
    let lines: Vec<_> = worklists(&night).into_values().flatten().collect();
    let is_of_it = |line: &&std::collections::BTreeMap<String, String>| line["practice"].contains(&practice);
    assert!(lines.iter().any(|line| is_of_it(&line)), "somebody of the practice is listed");
    for line in lines.iter().filter(|line| !line["practice"].is_empty()) {
        assert_eq!(
            line["badges"].contains("Prescriptions have never arrived"),
            is_of_it(&line),
            "{}",
            line["practice"]
        );
    }
    let notices = &json(&night, "run.json")["notices"];
    assert!(notices.as_array().unwrap().contains(&json!(format!("Prescriptions: {message}."))), "{notices}");
}

#[test]
fn rows_that_are_gone_from_a_full_file_are_told_by_check_and_run_and_in_the_nights_record() {
    let service = after_first_night_by_practice();
    let mut second = second_delivery();
    let practice = listed_practice();
    let is_of_it = |row: crate::delivery::Row| row.get("practice_code") == practice;
    let of = |delivery: &Delivery| delivery.table("gp_events").rows().filter(|row| is_of_it(*row)).count();
    let (stood, at) = (of(&first_delivery()), Cell::new(0));
    second.table_mut("gp_events").keep(|row| !is_of_it(row) || at.replace(at.get() + 1) % 5 > 0);
    by_practice(&service.deliver(&second), &second);
    let lost = format!(
        "gp_events of {practice}, rule V32: has {} sound rows in place of the {stood} of the full delivery before",
        of(&second)
    );
    let checked = service.must(&["check"]);
    assert!(checked.out.contains(&format!("warning: {lost}")), "{}", checked.out);
    let said = service.must(&["run", "--index-date", SECOND]);
    assert!(said.out.contains(&format!("warning: {lost}")), "{}", said.out);
    assert_eq!(said.out.matches("of the full delivery before").count(), 1, "{}", said.out);
    let quality = json(&service.night(&format!("{SECOND}.1")), "quality.json").to_string();
    assert!(quality.contains("of the full delivery before"), "{quality}");
}

#[test]
fn a_practices_file_that_tells_who_somebody_is_is_told_on_stderr_though_the_night_is_published_without_it() {
    let practice = listed_practice();
    let service = after_first_night_by_practice();
    service.add_settings("[gate]\nrefused_people_max = 0.5");
    let mut second = second_delta();
    let of_practice = second.table("gp_events").rows().filter(|row| row.get("practice_code") == practice).count();
    assert!(of_practice > 0, "the practice sends something");
    second.table_mut("gp_events").set("event_id", "07700 900123", |row| row.get("practice_code") == practice);
    by_practice(&service.deliver(&second), &second);
    for (args, done) in [
        (&["check"][..], "a night can start"),
        (&["run", "--index-date", SECOND, "--dry-run"], "the night goes on"),
        (&["run", "--index-date", SECOND], "the night goes on"),
    ] {
        let said = service.earlycall(args);
        assert_eq!(said.code, 0, "{args:?}: {}", said.err);
        let told = format!("earlycall: DATA INCIDENT, {done} without the file: ");
        assert!(said.err.contains(&told), "{}", said.err);
        assert!(
            said.err.contains(&format!("gp_events/{practice}.csv, row 1, column event_id, rule V03: ")),
            "{}",
            said.err
        );
        assert!(said.err.contains("; hint: Delete the file, tell the supplier"), "{}", said.err);
        assert!(!said.err.contains("07700"), "{}", said.err);
    }
    assert_eq!(service.current(), format!("nights/{SECOND}.1"), "published all the same");
    // It is told of the night on which it arrived; after that the gap is.
    assert_eq!(service.earlycall(&["run", "--index-date", SECOND]).code, 99);
    let checked = service.must(&["check"]);
    assert!(checked.out.contains(&format!("gp_events of {practice} is refused")), "{}", checked.out);
}

#[test]
fn a_few_rows_that_are_all_lost_are_told_by_the_run_and_by_its_revision() {
    let service = Service::after_first_night();
    let mut second = second_delta();
    second.table_mut("registrations").rows.truncate(7);
    let n = second.table("registrations").rows.len();
    assert!(n > 0, "somebody has moved in a week");
    second.table_mut("registrations").set("start_date", "01/02/2020", |_| true);
    service.deliver(&second);
    let warned = format!("rule V42: {n} of {n} row");
    // A night is revised where something is other than before: here a limit.
    for (settings, revise) in [("", None), ("\n[rules.V36]\ngp_rows_min = 2000\n", Some("--revise"))] {
        service.add_settings(settings);
        let said = service.must(&["run", "--index-date", SECOND].into_iter().chain(revise).collect::<Vec<_>>());
        let of_it = said.out.lines().find(|line| line.contains(&warned)).unwrap_or_else(|| panic!("{}", said.out));
        assert!(
            of_it.starts_with("warning: registrations of ") && of_it.contains(" by TYPE in start_date, "),
            "{of_it}"
        );
        assert!(of_it.contains("`[extracts.mapping.registrations]`"), "{of_it}");
    }
}

#[test]
fn a_night_that_is_held_leaves_the_history_as_it_was() {
    let service = Service::after_first_night();
    // Whoever has no registration with a practice of the area, and lives elsewhere, is nobody's to call.
    let mut second = second_delivery();
    second.table_mut("registrations").keep(|row| row.get("person_id") < "a");
    second.table_mut("patients").set("lsoa21", "", |_| true);
    service.deliver(&second);
    let before = Snapshot::of(service.folder());
    let said = service.earlycall(&["run", "--index-date", SECOND]);
    assert_eq!(said.code, 12, "{}", said.err);
    assert!(said.err.contains("scored_fall_max"), "{}", said.err);
    assert_same(&before, &Snapshot::of(service.folder()), "everything kept and published");
}

#[test]
fn a_dry_run_keeps_nothing() {
    let service = Service::before_second_night();
    let before = Snapshot::of(service.folder());
    service.must(&["run", "--index-date", SECOND, "--dry-run"]);
    assert_same(&before, &Snapshot::of(service.folder()), "everything kept and published");
    service.must(&["run", "--index-date", SECOND]);
}
