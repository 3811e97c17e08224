//! Two nights, a week apart: everybody is counted, the lists change little, and they say how and why.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::OnceLock,
};

use earlycall::{history::records::PersonKey, keys::Keys, worklist::person_ref::person_ref};

use crate::{
    delivery::{Row, Sheet},
    published::{Line, Score, as_listed, csv_rows, json, of_coaching, scores, worklists},
    service::{FIRST, SECOND, Service, first_delivery, second_delta},
    snapshot::Snapshot,
};

/// A service that has run both nights.
pub fn after_both() -> Service {
    static BOTH: OnceLock<Snapshot> = OnceLock::new();
    Service::restored(BOTH.get_or_init(|| {
        let service = Service::before_second_night();
        service.must(&["run", "--index-date", SECOND]);
        Snapshot::of(service.folder())
    }))
}

pub fn first(service: &Service) -> PathBuf {
    service.night(&format!("{FIRST}.1"))
}

pub fn second(service: &Service) -> PathBuf {
    service.night(&format!("{SECOND}.1"))
}

/// The people on each team's list, first to last: whoever has the reference of a line under the key of the team.
pub fn listed(service: &Service, night: &Path) -> BTreeMap<String, Vec<String>> {
    let keys = Keys::of(&service.settings()).unwrap();
    let people: Vec<String> = scores(night).into_keys().collect();
    let of_team = |(team_id, lines): (String, Vec<Line>)| {
        let key = keys.team(&team_id).unwrap();
        let ref_of = |person: &String| (person_ref(&key, PersonKey::parse(person).unwrap()), person.clone());
        let by_ref: BTreeMap<String, String> = people.iter().map(ref_of).collect();
        let people = lines.iter().map(|line| by_ref[&line["person_ref"]].clone()).collect();
        (team_id, people)
    };
    worklists(night).into_iter().map(of_team).collect()
}

/// The rows of a table in both deliveries, the newer after the older.
pub fn rows_of_both(table: &str) -> Sheet {
    let mut sheet = first_delivery().table(table).clone();
    let delta = second_delta();
    assert_eq!(sheet.header, delta.table(table).header);
    sheet.rows.extend(delta.table(table).rows.iter().cloned());
    sheet
}

pub fn people(sheet: &Sheet, wanted: impl Fn(&Row) -> bool) -> BTreeSet<String> {
    sheet.rows().filter(|row| wanted(row)).map(|row| row.get("person_id").to_owned()).collect()
}

#[test]
fn everybody_in_the_extracts_is_counted_once() {
    let service = after_both();
    let everybody = |sheet: &Sheet| people(sheet, |_| true).len() as u64;
    for (night, n_people) in [
        (first(&service), everybody(first_delivery().table("patients"))),
        (second(&service), everybody(&rows_of_both("patients"))),
    ] {
        let cohort = json(&night, "cohort.json");
        let counts = cohort["standings"].as_object().unwrap();
        assert_eq!(counts.values().map(|n| n.as_u64().unwrap()).sum::<u64>(), n_people);
        assert_eq!(cohort["people"], n_people);
        assert_eq!(cohort["standings"]["scored"], scores(&night).len());
    }
}

/// The list by its rule: whoever was on it and ranks within `hysteresis` times its length stays; the best others join.
fn by_rule(ranked: &[String], before: &[String], slots: usize, hysteresis: f64) -> Vec<String> {
    let reach = (hysteresis * slots as f64).round() as usize;
    let stay: Vec<&String> = ranked.iter().take(reach).filter(|person| before.contains(person)).take(slots).collect();
    let others = ranked.iter().filter(|person| !stay.contains(person)).take(slots - stay.len());
    let on: BTreeSet<&String> = stay.iter().copied().chain(others).collect();
    ranked.iter().filter(|person| on.contains(person)).cloned().collect()
}

#[test]
fn whoever_is_on_a_list_stays_until_they_fall_well_below_its_end() {
    let mut lists_by_hysteresis = BTreeSet::new();
    for hysteresis in [1.0, 1.2, 10.0] {
        let service = Service::before_second_night();
        service.add_settings(&format!("[worklist]\nhysteresis = {hysteresis:?}"));
        service.must(&["run", "--index-date", SECOND]);
        let end_of_life = people(&rows_of_both("gp_events"), |row| row.get("snomed_code") == "103735009");
        let (before, now) = (listed(&service, &first(&service)), of_coaching(listed(&service, &second(&service))));
        for (team_id, list) in &now {
            let is_candidate = |(person, score): &(&String, &Score)| {
                score.team_id.as_ref() == Some(team_id) && !end_of_life.contains(*person)
            };
            let scores = scores(&second(&service));
            let mut ranked: Vec<(&String, &Score)> = scores.iter().filter(is_candidate).collect();
            ranked.sort_by(|a, b| b.1.risk.total_cmp(&a.1.risk));
            assert!(ranked.windows(2).all(|pair| pair[0].1.risk > pair[1].1.risk), "no ties to break in {team_id}");
            let ranked: Vec<String> = ranked.into_iter().map(|(person, _)| person.clone()).collect();
            assert_eq!(*list, by_rule(&ranked, &before[team_id], 5, hysteresis), "{team_id} at {hysteresis}");
        }
        lists_by_hysteresis.insert(now);
    }
    assert!(lists_by_hysteresis.len() > 1, "it makes a difference");
}

#[test]
fn the_change_in_words_is_the_difference_of_the_two_nights_risks() {
    let service = after_both();
    let (before, now) = (scores(&first(&service)), scores(&second(&service)));
    let (old_lists, lists) = (listed(&service, &first(&service)), listed(&service, &second(&service)));
    let lines = worklists(&second(&service));
    let mut kinds = BTreeSet::new();
    for (team_id, list) in &lists {
        for (person, line) in list.iter().zip(&lines[team_id]) {
            let was_listed = old_lists[team_id].contains(person);
            let in_100 =
                |scores: &BTreeMap<String, Score>| scores.get(person).map(|score| (100.0 * score.risk).round());
            let points = in_100(&before).map(|before| in_100(&now).unwrap() - before);
            let moved = match points {
                None => "newly scored".to_owned(),
                Some(0.0) => if was_listed { "no change" } else { "" }.to_owned(),
                Some(points) => {
                    let way = if points > 0.0 { "up" } else { "down" };
                    format!("{way} {} point{}", points.abs(), if points.abs() == 1.0 { "" } else { "s" })
                }
            };
            let new = if points.is_some() && !was_listed { "new on this list" } else { "" };
            let joint = if new.is_empty() || moved.is_empty() { "" } else { ", " };
            assert_eq!(line["change"], format!("{new}{joint}{moved}"));
            assert_eq!(line["is_new"], (!was_listed).to_string());
            assert_eq!(line["risk"].parse::<f64>().unwrap(), as_listed(now[person].risk));
            kinds.extend(line["change"].split(' ').next().map(str::to_owned));
        }
    }
    assert!(kinds.contains("no") && kinds.len() >= 3, "a week brings changes: {kinds:?}");
}

#[test]
fn whoever_left_a_list_is_named_there_with_a_reason() {
    let service = after_both();
    let refs = |night: &Path| -> BTreeSet<(String, String)> {
        let lines = worklists(night).into_values().flatten();
        lines.map(|line| (line["team_id"].clone(), line["person_ref"].clone())).collect()
    };
    let (before, now) = (refs(&first(&service)), refs(&second(&service)));
    let removed = csv_rows(&second(&service).join("removed.csv"));
    let left = removed.iter().map(|line| (line["team_id"].clone(), line["person_ref"].clone())).collect();
    assert_eq!(before.difference(&now).cloned().collect::<BTreeSet<_>>(), left);
    // In a quiet week nobody may leave; `every_reason_to_leave_is_told_as_it_is` makes some people leave.
    assert!(removed.iter().all(|line| !line["reason"].is_empty()));
    // A reference is the same every night: a good part of the lines is there again.
    assert!(before.intersection(&now).count() > 20);
    assert_eq!(csv_rows(&first(&service).join("removed.csv")), Vec::<Line>::new());
}

/// The second night after a delta of a few tables that somebody wrote by hand, and the first night's lists.
pub fn second_night_after(edits: &[(&str, Sheet)]) -> (Service, BTreeMap<String, Vec<String>>) {
    let service = Service::after_first_night();
    for (n, (table, sheet)) in edits.iter().enumerate() {
        service.deliver(&first_delivery().delta(&format!("by-hand-{n}"), SECOND, table, sheet.clone()));
    }
    let before = listed(&service, &first(&service));
    service.must(&["run", "--index-date", SECOND]);
    (service, before)
}

#[test]
fn every_reason_to_leave_is_told_as_it_is() {
    let service = Service::after_first_night();
    let lists = listed(&service, &first(&service));
    let mut listed = lists.values().flatten();
    let mut next = || listed.next().unwrap().as_str();
    let delivery = first_delivery();
    let any = |table: &str, changes: &[(&str, &str)]| {
        let sheet = delivery.table(table);
        sheet.one(sheet.rows().next().unwrap(), changes)
    };
    let theirs = |table: &str, person: &str, changes: &[(&str, &str)]| {
        let sheet = delivery.table(table);
        sheet.one(sheet.rows().find(|row| row.get("person_id") == person).unwrap(), changes)
    };
    let (objects, died, palliative, test) = (next(), next(), next(), next());
    let edits = [
        (
            "opt_outs",
            any(
                "opt_outs",
                &[
                    ("person_id", objects),
                    ("objection", "programme"),
                    ("status", "dissent"),
                    ("recorded_at", "2026-11-18T09:00:00Z"),
                ],
            ),
        ),
        (
            "deaths",
            any(
                "deaths",
                &[("person_id", died), ("death_date", "2026-11-19"), ("source", "ons"), ("registration_date", SECOND)],
            ),
        ),
        (
            "gp_events",
            any(
                "gp_events",
                &[
                    ("event_id", "by-hand"),
                    ("person_id", palliative),
                    ("event_date", "2026-11-18"),
                    ("value", ""),
                    ("recorded_at", "2026-11-18T09:00:00Z"),
                    ("snomed_code", "103735009"),
                    ("unit", ""),
                ],
            ),
        ),
        ("patients", theirs("patients", test, &[("is_test_patient", "true"), ("updated_at", "2026-11-18T09:00:00Z")])),
    ];
    let (service, _) = second_night_after(&edits);
    let removed = csv_rows(&second(&service).join("removed.csv"));
    let keys = Keys::of(&service.settings()).unwrap();
    let reason = |person: &str| {
        let (team_id, _) = lists.iter().find(|(_, list)| list.iter().any(|listed| listed == person)).unwrap();
        let person_ref = person_ref(&keys.team(team_id).unwrap(), PersonKey::parse(person).unwrap());
        let line = removed.iter().find(|line| line["person_ref"] == person_ref && line["team_id"] == *team_id);
        line.expect("whoever left is named")["reason"].clone()
    };
    // Of whoever objects not even the reference is kept: coaches find the line of the older list.
    let (team_id, list) = lists.iter().find(|(_, list)| list.iter().any(|listed| listed == objects)).unwrap();
    let line_no = 1 + list.iter().position(|listed| listed == objects).unwrap();
    let line = removed.iter().find(|line| line["person_ref"] == "Removed" && line["team_id"] == *team_id).unwrap();
    assert_eq!(line["line_no_before"], line_no.to_string());
    assert_eq!(line["reason"], format!("line {line_no} of the list before: do not call"));
    assert_eq!(reason(died), "has died");
    assert_eq!(reason(palliative), "on the end-of-life register");
    assert_eq!(reason(test), "test record");
}

#[test]
fn every_line_says_to_which_day_each_feed_reaches() {
    let service = after_both();
    for line in worklists(&second(&service)).values().flatten() {
        let dates: Vec<&str> = line["data_dates"].split("; ").collect();
        assert_eq!(dates.len(), 5, "{dates:?}");
        // The picture of the beds was taken that evening; whoever lies in them was admitted before.
        assert!(dates.contains(&"People in hospital now: 20 November 2026"), "{dates:?}");
        assert!(dates.iter().all(|date| date.ends_with("November 2026")), "{dates:?}");
    }
}
