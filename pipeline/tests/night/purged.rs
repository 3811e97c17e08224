//! Whoever objects is known to nothing that is kept, from the next night on: neither by their key nor by the reference
//! that a team knew them by.

use std::fs;

use data_encoding::HEXLOWER;

use crate::{
    objection::{files_below, holds},
    objection_killed::refs_of,
    published::{csv_rows, json, scores, standing, worklists},
    service::{FIRST, SECOND, Service, first_delivery, second_delivery, second_delta},
    two_nights::{first, listed, second},
};

/// The second person of a list of the first night, and the team.
fn somebody(service: &Service) -> (String, String) {
    let lists = listed(service, &first(service));
    let (team_id, people) = lists.into_iter().find(|(_, people)| people.len() > 2).expect("a list of some length");
    (people[1].clone(), team_id)
}

/// Files below the state and the output that hold a person's key or a reference to them; but for the register, which
/// must know who objects, and the roll of persons, by which a delivered objection names its person.
pub fn traces(service: &Service, person: &str) -> Vec<String> {
    let mut tells = refs_of(service, person, "");
    tells.push(person.as_bytes().to_vec());
    tells.push(HEXLOWER.decode(person.as_bytes()).unwrap());
    let mut files = files_below(&service.folder().join("state"));
    files.extend(files_below(&service.out()));
    let may_know = |path: &str| path.ends_with("state/objections.jsonl") || path.contains("/people/");
    let knows = |bytes: &[u8]| tells.iter().any(|told| holds(bytes, told));
    let files = files.into_iter().filter(|(path, bytes)| !may_know(path) && knows(bytes));
    files.map(|(path, _)| path).collect()
}

#[test]
fn after_the_next_night_nothing_is_left_of_whoever_objects() {
    let service = Service::before_second_night();
    let (person, team_id) = somebody(&service);
    assert!(!traces(&service, &person).is_empty(), "the test must be able to find somebody");
    service.must(&["objection", "add", &person, "--by", "A. Nurse", "--why", "asked us to"]);
    assert!(!traces(&service, &person).is_empty(), "the first night still knows them");
    service.must(&["run", "--index-date", SECOND]);
    assert_eq!(traces(&service, &person), Vec::<String>::new());

    // What is left of the first night is whole, and says how many it has forgotten.
    let lists = worklists(&first(&service));
    assert_eq!(lists[&team_id][1]["flags"], "Removed: do not call");
    assert_eq!(lists[&team_id][0]["line_no"], "1");
    assert_eq!(json(&first(&service), "run.json")["people_redacted"], 1);
    assert!(!scores(&first(&service)).contains_key(&person));
    assert!(standing(&second(&service), "objecting") > 0);
    // The proof names nobody.
    let proof: serde_json::Value =
        serde_json::from_slice(&fs::read(service.folder().join("state/purge.json")).unwrap()).unwrap();
    let last = proof.as_array().unwrap().last().unwrap();
    assert!(last["rows"]["patients"].as_u64().unwrap() >= 1, "{proof}");
    assert_eq!(last["nights_redacted"], 1);
}

#[test]
fn a_delivered_objection_purges_as_one_that_is_noted_does() {
    let service = Service::after_first_night();
    let (person, _) = somebody(&service);
    let mut delta = second_delta();
    let objection = delta.table("opt_outs").one(
        delta.table("opt_outs").rows().next().unwrap(),
        &[
            ("person_id", &person),
            ("objection", "type1"),
            ("status", "dissent"),
            ("recorded_at", "2026-11-18T09:00:00Z"),
        ],
    );
    delta.table_mut("opt_outs").rows.extend(objection.rows);
    service.deliver(&delta);
    service.must(&["run", "--index-date", SECOND]);
    assert_eq!(traces(&service, &person), Vec::<String>::new());
    let removed = csv_rows(&second(&service).join("removed.csv"));
    assert!(removed.iter().any(|line| line["person_ref"] == "Removed" && line["line_no_before"] == "2"));
}

#[test]
fn a_team_whose_folder_is_broken_keeps_nothing_from_being_forgotten() {
    let service = Service::before_second_night();
    let (person, team_id) = somebody(&service);
    service.add_settings(&format!("[delivery.{team_id}]\nfolder = \"/proc/nowhere\""));
    assert_eq!(service.earlycall(&["objection", "add", &person]).code, 14);
    let said = service.earlycall(&["run", "--index-date", SECOND]);
    assert_eq!(said.code, 14, "{}", said.err);
    assert_eq!(said.err.matches("cannot give the list to the team").count(), 1, "told once: {}", said.err);
    assert_eq!(traces(&service, &person), Vec::<String>::new());
    assert!(service.folder().join("state/purge.json").exists());
}

#[test]
fn a_contact_with_somebody_who_objected_by_extract_long_ago_is_forgotten_by_the_next_night() {
    let service = Service::before_second_night();
    let delivery = first_delivery();
    let objector =
        delivery.table("opt_outs").rows().find(|row| row.get("objection") == "type1" && row.get("status") == "dissent");
    let (person, (other, team_id)) = (objector.unwrap().get("person_id").to_owned(), somebody(&service));
    let row = |n: u8, person: &str| format!("c{n},{person},,{team_id},u-01,2026-11-17T10:00:00Z,call,declined\n");
    let contacts = format!(
        "contact_id,person_id,worklist_run_id,team_id,user_id,contact_at,contact_type,outcome\n{}{}",
        row(1, &person),
        row(2, &other)
    );
    let file = service.folder().join("contacts.csv");
    fs::write(&file, contacts).unwrap();
    service.must(&["feedback", "add", file.to_str().unwrap()]);
    fs::remove_file(&file).unwrap();
    assert!(traces(&service, &person).iter().any(|path| path.ends_with("contacts.jsonl")));
    service.must(&["run", "--index-date", SECOND]);
    let is_the_log = |path: &String| path.ends_with("contacts.jsonl");
    assert!(!traces(&service, &person).iter().any(is_the_log));
    assert!(traces(&service, &other).iter().any(is_the_log), "whoever does not object is remembered");
}

#[test]
fn rows_that_arrive_about_whoever_objects_are_counted_and_not_kept() {
    let service = Service::after_first_night();
    let (person, _) = somebody(&service);
    service.must(&["objection", "add", &person, "--by", "A. Nurse", "--why", "asked us to"]);
    // Everything anew, about them too.
    service.deliver(&second_delivery());
    service.must(&["run", "--index-date", SECOND]);
    assert_eq!(traces(&service, &person), Vec::<String>::new());
    let ledger = service.folder().join("state/history/current/history.json");
    let ledger: serde_json::Value = serde_json::from_slice(&fs::read(ledger).unwrap()).unwrap();
    let objecting = standing(&second(&service), "objecting");
    assert_eq!(ledger["withheld"]["patients"].as_u64(), Some(objecting));
}

#[test]
fn an_objection_that_is_taken_back_lets_the_person_return_with_the_next_full_delivery() {
    let service = Service::after_first_night();
    let (person, _) = somebody(&service);
    let note = |command| service.must(&["objection", command, &person, "--by", "A. Nurse", "--why", "asked us to"]);
    note("add");
    note("withdraw");
    service.deliver(&second_delivery());
    service.must(&["run", "--index-date", SECOND]);
    assert!(scores(&second(&service)).contains_key(&person));
    assert!(!traces(&service, &person).is_empty());
}

#[test]
fn an_objection_to_the_shared_record_purges_only_where_the_settings_say_so() {
    for (text, is_gone) in [("", false), ("[objections]\nlocal_shared_record = \"removes\"", true)] {
        let service = Service::before_second_night();
        service.add_settings(text);
        let (person, _) = somebody(&service);
        let kind = ["--kind", "local_shared_record", "--by", "A. Nurse", "--why", "asked us to"];
        service.must(&[&["objection", "add", &person], &kind[..]].concat());
        let revision = service.night(&format!("{FIRST}.2"));
        assert_eq!(revision.exists(), is_gone);
        service.must(&["run", "--index-date", SECOND]);
        assert_eq!(traces(&service, &person).is_empty(), is_gone, "{text}");
    }
}

#[test]
fn an_expired_exemption_stops_the_run_and_one_in_force_is_told() {
    let service = Service::before_second_night();
    let exempt = |expires: &str| {
        service.add_settings(&format!(
            "[objections]\nndo_policy = \"exempt\"\nndo_exemption = {{ reference = \"CAG 1\", approver = \"A. Guardian\", \
             expires = \"{expires}\" }}"
        ));
        service.earlycall(&["run", "--index-date", SECOND])
    };
    let said = exempt("2026-11-01");
    assert_eq!(said.code, 10, "{}", said.err);
    assert!(said.err.contains("ended on 2026-11-01"), "{}", said.err);
    let said = exempt("2027-01-31");
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.out.contains("the national data opt-out is not applied: CAG 1, decided by A. Guardian"),
        "{}",
        said.out
    );
    let notices = json(&second(&service), "run.json")["notices"].to_string();
    assert!(notices.contains("CAG 1") && notices.contains("31 January 2027"), "{notices}");
}
