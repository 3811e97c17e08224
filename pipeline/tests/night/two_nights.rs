//! Two nights, a week apart: everybody is counted, the lists change little and say how, and nobody is on one who must
//! not be called. What the deliveries say of a person is read from their files by themselves.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use calamine::{Reader, Xlsx};
use earlycall::{history::records::PersonKey, keys::Keys, worklist::person_ref::person_ref};
use earlycall_schemas::codelists::{condition, conditions};

use crate::{
    delivery::{Delivery, Row, Sheet},
    published::{Line, Score, as_listed, csv_rows, json, risks, scores, worklists},
    service::{FIRST, SECOND, Service, first_delivery, second_delta},
    snapshot::Snapshot,
};

/// A service that has run both nights.
fn after_both() -> Service {
    static BOTH: OnceLock<Snapshot> = OnceLock::new();
    Service::restored(BOTH.get_or_init(|| {
        let service = Service::before_second_night();
        service.must(&["run", "--index-date", SECOND]);
        Snapshot::of(service.folder())
    }))
}

fn first(service: &Service) -> PathBuf {
    service.night(&format!("{FIRST}.1"))
}

fn second(service: &Service) -> PathBuf {
    service.night(&format!("{SECOND}.1"))
}

/// The people on each team's list, first to last: whoever has the reference of a line under the key of the team.
fn listed(service: &Service, night: &Path) -> BTreeMap<String, Vec<String>> {
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
fn rows_of_both(table: &str) -> Sheet {
    let mut sheet = first_delivery().table(table).clone();
    let delta = second_delta();
    assert_eq!(sheet.header, delta.table(table).header);
    sheet.rows.extend(delta.table(table).rows.iter().cloned());
    sheet
}

fn people(sheet: &Sheet, wanted: impl Fn(&Row) -> bool) -> BTreeSet<String> {
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

#[test]
fn nobody_is_on_a_list_who_must_not_be_called() {
    let service = after_both();
    let end_of_life = condition("palliative_care").unwrap();
    let must_not = [
        ("dead", people(&rows_of_both("deaths"), |row| !row.get("death_date").is_empty())),
        ("objecting", objecting(&rows_of_both("opt_outs"))),
        ("a test patient", people(&rows_of_both("patients"), |row| row.get("is_test_patient") == "true")),
        ("merged", people(&rows_of_both("patients"), |row| !row.get("superseded_by").is_empty())),
        (
            "at the end of life",
            people(&rows_of_both("gp_events"), |row| {
                end_of_life.snomed.iter().any(|snomed| row.get("snomed_code") == snomed.to_string())
            }),
        ),
    ];
    let (lists, scored) = (listed(&service, &second(&service)), risks(&second(&service)));
    for (why, whom) in must_not {
        assert!(!whom.is_empty(), "nobody is {why}");
        assert!(lists.values().flatten().all(|person| !whom.contains(person)), "somebody listed is {why}");
        let may_be_scored = why == "at the end of life";
        assert!(may_be_scored || scored.keys().all(|person| !whom.contains(person)), "somebody scored is {why}");
    }
}

/// Whoever's newest word on one of the three kinds that count is a dissent.
fn objecting(sheet: &Sheet) -> BTreeSet<String> {
    let mut newest: BTreeMap<(&str, &str), (&str, &str)> = BTreeMap::new();
    for row in sheet.rows().filter(|row| row.get("objection") != "local_shared_record") {
        let said = newest.entry((row.get("person_id"), row.get("objection"))).or_default();
        // Of two words of one moment, "dissent" must win; it sorts before "withdrawn".
        if row.get("recorded_at") > said.0 || (row.get("recorded_at") == said.0 && row.get("status") < said.1) {
            *said = (row.get("recorded_at"), row.get("status"));
        }
    }
    newest
        .into_iter()
        .filter(|(_, (_, status))| *status == "dissent")
        .map(|((person, _), _)| person.to_owned())
        .collect()
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
        let (before, now) = (listed(&service, &first(&service)), listed(&service, &second(&service)));
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
    assert!(!removed.is_empty() && removed.iter().all(|line| !line["reason"].is_empty()));
    // A reference is the same every night: a good part of the lines is there again.
    assert!(before.intersection(&now).count() > 20);
    assert_eq!(csv_rows(&first(&service).join("removed.csv")), Vec::<Line>::new());
}

/// The second night after a delta of a few tables that somebody wrote by hand, and the first night's lists.
fn second_night_after(edits: &[(&str, Sheet)]) -> (Service, BTreeMap<String, Vec<String>>) {
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
    assert_eq!(reason(objects), "objects to the use of their data");
    assert_eq!(reason(died), "has died");
    assert_eq!(reason(palliative), "on the end-of-life register");
    assert_eq!(reason(test), "test record");
}

#[test]
fn a_person_has_another_reference_with_another_team() {
    let teams = first_delivery().table("reference_teams").clone();
    let mut swapped = teams.clone();
    let scope_of =
        |team_id: &str| teams.rows().find(|row| row.get("team_id") == team_id).unwrap().get("scope").to_owned();
    swapped.set("scope", &scope_of("coach-hackney"), |row| row.get("team_id") == "coach-newham");
    swapped.set("scope", &scope_of("coach-newham"), |row| row.get("team_id") == "coach-hackney");
    let (service, before) = second_night_after(&[("reference_teams", swapped)]);
    let now = listed(&service, &second(&service));
    let refs = |night: &Path, team_id: &str| -> BTreeSet<String> {
        worklists(night)[team_id].iter().map(|line| line["person_ref"].clone()).collect()
    };
    let both: Vec<&String> =
        before["coach-hackney"].iter().filter(|person| now["coach-newham"].contains(person)).collect();
    assert!(both.len() >= 3, "the people of Hackney are on Newham's list now");
    assert!(refs(&first(&service), "coach-hackney").is_disjoint(&refs(&second(&service), "coach-newham")));
    let removed = csv_rows(&second(&service).join("removed.csv"));
    let of_hackney: Vec<&Line> = removed.iter().filter(|line| line["team_id"] == "coach-hackney").collect();
    assert_eq!(of_hackney.len(), before["coach-hackney"].len());
    assert!(of_hackney.iter().all(|line| line["reason"] == "now with another team"));
}

#[test]
fn a_protected_record_shows_neither_practice_nor_borough() {
    let service = Service::after_first_night();
    let person = listed(&service, &first(&service))["coach-hackney"][1].clone();
    let mut delivery: Delivery = first_delivery();
    assert_eq!(delivery.table_mut("patients").set("is_confidential", "true", |row| row.get("person_id") == person), 1);
    let protected = Service::empty();
    Snapshot::of(&service.folder().join("model")).write_to(&protected.folder().join("model"));
    protected.deliver(&delivery);
    protected.must(&["run", "--index-date", FIRST]);

    let open = &worklists(&first(&service))["coach-hackney"][1];
    let closed = &worklists(&first(&protected))["coach-hackney"][1];
    assert_eq!(open["person_ref"], closed["person_ref"]);
    assert!(open["practice"].starts_with("Synthetic Practice") && open["borough"] == "Hackney");
    for column in ["practice", "borough", "contact_hint"] {
        assert_eq!(closed[column], "Withheld");
    }
    let code = open["practice"].rsplit('(').next().unwrap().trim_end_matches(')');
    assert!(closed.values().all(|cell| !cell.contains(code)), "no cell of the line names the practice");
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

/// The beginnings of words that nobody may read on a list, whatever is in the record.
const DENIED: [&str; 22] = [
    "abort",
    "abus",
    "addict",
    "alcohol",
    "anxi",
    "bipolar",
    "contracep",
    "depress",
    "drug",
    "hiv",
    "mental",
    "miscarr",
    "overdos",
    "poison",
    "pregn",
    "psych",
    "rape",
    "safeguard",
    "schizo",
    "sexual",
    "suicid",
    "violen",
];

#[test]
fn no_text_of_a_list_says_anything_sensitive() {
    let service = after_both();
    let on_lists: BTreeSet<String> = listed(&service, &second(&service)).into_values().flatten().collect();
    let has_depression = people(&rows_of_both("gp_events"), |row| row.get("snomed_code") == "35489007");
    let has_mental_illness = people(&rows_of_both("apc_episodes"), |row| row.get("diagnoses").contains('F'));
    let n = on_lists
        .iter()
        .filter(|&person| has_depression.contains(person) || has_mental_illness.contains(person))
        .count();
    assert!(n >= 5, "only {n} people on lists have something to keep quiet about");

    let labels: Vec<String> =
        conditions().iter().filter(|known| known.is_sensitive).map(|known| known.label.to_lowercase()).collect();
    for night in [first(&service), second(&service)] {
        for team in fs::read_dir(night.join("worklists")).unwrap() {
            let team = team.unwrap().path();
            let files = [
                fs::read_to_string(team.join("worklist.csv")).unwrap(),
                fs::read_to_string(team.join("worklist.html")).unwrap(),
                cells_of(&team.join("worklist.xlsx")),
            ];
            for text in files.map(|text| text.to_lowercase()) {
                assert!(text.contains("supports a clinician") || text.lines().count() == 1, "the file was read");
                for word in text.split(|letter: char| !letter.is_alphanumeric()) {
                    assert!(!DENIED.iter().any(|denied| word.starts_with(denied)), "{word} in {}", team.display());
                }
                assert!(!labels.iter().any(|label| text.contains(label.as_str())), "{}", team.display());
            }
        }
    }
}

/// Every cell of every sheet.
fn cells_of(workbook: &Path) -> String {
    let mut workbook: Xlsx<_> = calamine::open_workbook(workbook).unwrap();
    let sheets = workbook.worksheets();
    let cells = sheets.iter().flat_map(|(_, range)| range.cells().map(|(_, _, cell)| cell.to_string()));
    cells.collect::<Vec<_>>().join("\n")
}
