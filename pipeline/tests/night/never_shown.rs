//! Who must never be on a list, and what a list must never say. What the deliveries hold of a person is read from their
//! files by themselves.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use calamine::{Reader, Xlsx};
use earlycall_schemas::codelists::{condition, conditions};

use crate::{
    delivery::{Delivery, Sheet},
    published::{Line, csv_rows, risks, worklists},
    service::{FIRST, SECOND, Service, first_delivery, second_delta},
    snapshot::Snapshot,
    two_nights::{after_both, first, listed, people, rows_of_both, second, second_night_after},
};

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

#[test]
fn whoever_is_reported_dead_is_on_no_list_though_the_report_cannot_be_read() {
    let service = Service::after_first_night();
    let lists = listed(&service, &first(&service));
    let (team_id, people) = lists.iter().find(|(_, people)| people.len() > 3).expect("a list of some length");
    let (all, mut delta) = (first_delivery(), second_delta());
    let reports = all.table("deaths");
    let template = reports.rows().next().unwrap();
    for (person, spoilt) in [
        (&people[0], [("death_date", "18/11/2026"), ("registration_date", "")]),
        (&people[1], [("death_date", "2026-11-18"), ("registration_date", "2026-11-12")]),
        (&people[2], [("death_date", "2026-11-18"), ("source", "hearsay")]),
    ] {
        let report = reports.one(template, &[&[("person_id", person.as_str())][..], &spoilt].concat());
        delta.table_mut("deaths").rows.extend(report.rows);
    }
    service.deliver(&delta);
    service.must(&["run", "--index-date", SECOND]);
    let now = listed(&service, &second(&service));
    assert!(now.values().flatten().all(|person| !people[..3].contains(person)));
    let removed = csv_rows(&second(&service).join("removed.csv"));
    let dead = removed.iter().filter(|line| &line["team_id"] == team_id && line["reason"] == "has died");
    assert!(dead.count() >= 3, "{removed:?}");
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
    for column in ["practice", "borough", "neighbourhood", "pcn", "contact_hint"] {
        assert_eq!(closed[column], "Withheld");
    }
    let code = open["practice"].rsplit('(').next().unwrap().trim_end_matches(')');
    assert!(closed.values().all(|cell| !cell.contains(code)), "no cell of the line names the practice");
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
pub fn cells_of(workbook: &Path) -> String {
    let mut workbook: Xlsx<_> = calamine::open_workbook(workbook).unwrap();
    let sheets = workbook.worksheets();
    let cells = sheets.iter().flat_map(|(_, range)| range.cells().map(|(_, _, cell)| cell.to_string()));
    cells.collect::<Vec<_>>().join("\n")
}
