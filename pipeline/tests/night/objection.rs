//! Objections and withdrawals: the list that is in use is published anew within the command, without the person and with
//! everybody else in their place; and later nights leave them out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::{
    objection_killed::refs_of,
    published::{Line, csv_rows, json, scores, standing, worklists},
    service::{FIRST, SECOND, Service},
    snapshot::{Snapshot, assert_same},
    two_nights::{first, listed, second},
};

/// Somebody on a list: who, whose list, and the place on it.
struct Listed {
    person: String,
    team_id: String,
    at: usize,
}

/// The second of the first list that has more than two.
fn somebody(service: &Service) -> Listed {
    let lists = listed(service, &first(service));
    let (team_id, people) = lists.into_iter().find(|(_, people)| people.len() > 2).expect("a list of some length");
    Listed { person: people[1].clone(), team_id, at: 1 }
}

fn add(service: &Service, person: &str) -> crate::service::Said {
    service.earlycall(&["objection", "add", person, "--by", "A. Nurse", "--why", "said so on the phone"])
}

fn revised(service: &Service) -> std::path::PathBuf {
    service.night(&format!("{FIRST}.2"))
}

/// A line without what a revision says on every line.
fn own(line: &Line) -> BTreeMap<&str, &str> {
    let of_page = ["run_id", "notices"];
    line.iter().map(|(name, cell)| (name.as_str(), cell.as_str())).filter(|(name, _)| !of_page.contains(name)).collect()
}

#[test]
fn an_objection_blanks_one_line_and_leaves_every_other_where_it_was() {
    let service = Service::after_first_night();
    let Listed { person, team_id, at } = somebody(&service);
    let (old, old_night) = (worklists(&first(&service)), Snapshot::of(&first(&service)));
    // Nothing is scored again, so nothing of what it was scored from is needed.
    fs::remove_dir_all(service.folder().join("extracts")).unwrap();
    fs::remove_dir_all(service.folder().join("model")).unwrap();
    let said = add(&service, &person);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains(&format!("{team_id}, line {}: removed, do not call", at + 1)), "{}", said.out);
    assert!(!said.out.contains(&person) && !said.err.contains(&person));
    assert_eq!(service.current(), format!("nights/{FIRST}.2"));
    assert_same(&Snapshot::of(&first(&service)), &old_night, "a published night is never changed");

    let new = worklists(&revised(&service));
    assert_eq!(new.keys().collect::<Vec<_>>(), old.keys().collect::<Vec<_>>());
    for (team, lines) in &new {
        assert_eq!(lines.len(), old[team].len());
        for (n, line) in lines.iter().enumerate() {
            if (team, n) == (&team_id, at) {
                assert_eq!(line["line_no"], (at + 1).to_string());
                assert_eq!(line["flags"], "Removed: do not call");
                for name in ["person_ref", "age", "sex", "risk", "band", "reasons", "practice"] {
                    assert_eq!(line[name], "Removed", "{name}");
                }
            } else {
                assert_eq!(own(line), own(&old[team][n]), "{team}, line {}", n + 1);
            }
        }
    }
}

#[test]
fn a_revision_says_what_it_is_and_has_nothing_of_the_person() {
    let service = Service::after_first_night();
    let Listed { person, team_id, at } = somebody(&service);
    let person_ref = worklists(&first(&service))[&team_id][at]["person_ref"].clone();
    assert_eq!(add(&service, &person).code, 0);
    let (old, new) = (json(&first(&service), "run.json"), json(&revised(&service), "run.json"));
    assert_eq!(new["run_id"], format!("{FIRST}.2"));
    assert_eq!(new["revision_of"], format!("{FIRST}.1"));
    assert_eq!(new["inputs"]["register"]["entries"], 1);
    assert_ne!(new["fingerprint"], old["fingerprint"]);
    assert_eq!(new["inputs"]["deliveries"], old["inputs"]["deliveries"]);
    let count = |run: &serde_json::Value, name: &str| run["counts"][name].as_u64().unwrap();
    for (name, change) in [("scored", -1), ("lines", -1), ("removed", 1), ("people", 0)] {
        assert_eq!(count(&new, name), count(&old, name).saturating_add_signed(change), "{name}");
    }
    let standings = |code: &str| [standing(&first(&service), code), standing(&revised(&service), code)];
    assert_eq!(standings("scored")[0] - 1, standings("scored")[1]);
    assert_eq!(standings("objecting")[0] + 1, standings("objecting")[1]);
    assert!(!scores(&revised(&service)).contains_key(&person));
    assert_eq!(scores(&revised(&service)).len() + 1, scores(&first(&service)).len());
    let removed = csv_rows(&revised(&service).join("removed.csv"));
    let line = removed.iter().find(|line| line["team_id"] == team_id).unwrap();
    assert_eq!((line["line_no_before"].as_str(), line["reason"].as_str()), ("2", "Removed: do not call"));
    for (path, bytes) in files_below(&revised(&service)) {
        for told in [&person, &person_ref] {
            assert!(!holds(&bytes, told.as_bytes()), "{path} tells of the person");
        }
    }
}

#[test]
fn whoever_waits_and_objects_is_counted_among_those_who_wait_no_longer() {
    let service = Service::after_first_night();
    let waiting = |night: &Path| {
        let of_team = |team_id: String| csv_rows(&night.join(format!("worklists/{team_id}/waiting.csv")));
        let rows = worklists(night).into_keys().flat_map(of_team);
        rows.map(|row| row["person_ref"].clone().into_bytes()).collect::<BTreeSet<Vec<u8>>>()
    };
    let then = waiting(&first(&service));
    let waits = |person: &String| refs_of(&service, person, "").iter().any(|person_ref| then.contains(person_ref));
    let person = scores(&first(&service)).into_keys().find(waits).expect("somebody waits");
    assert_eq!(add(&service, &person).code, 0);
    let now = waiting(&revised(&service));
    assert!(now.len() < then.len());
    let counted = |night: &Path| json(night, "run.json")["counts"]["waiting"].as_u64().unwrap();
    assert_eq!(
        [first(&service), revised(&service)].map(|night| counted(&night)),
        [then.len(), now.len()].map(|n| n as u64)
    );
}

#[test]
fn every_page_of_a_revision_warns_and_says_nothing_of_why() {
    let service = Service::after_first_night();
    assert_eq!(add(&service, &somebody(&service).person).code, 0);
    for (path, bytes) in files_below(&revised(&service).join("worklists")) {
        if path.ends_with(".html") {
            let page = String::from_utf8(bytes).unwrap();
            assert!(page.contains("This list was revised after it was first published"), "{path}");
            assert!(!page.contains("object"), "{path}");
        }
    }
}

#[test]
fn noting_the_same_again_changes_nothing() {
    let service = Service::after_first_night();
    let person = somebody(&service).person;
    assert_eq!(add(&service, &person).code, 0);
    let before = Snapshot::of(service.folder());
    let said = add(&service, &person);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("noted as objecting: 0 of 1"), "{}", said.out);
    assert_same(&Snapshot::of(service.folder()), &before, "noted twice");
}

#[test]
fn somebody_unknown_is_noted_and_waited_for_and_a_mistyped_id_is_refused() {
    let service = Service::after_first_night();
    let unknown = "5e".repeat(32);
    let said = add(&service, &unknown);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("nothing was delivered about 1 of them so far"), "{}", said.out);
    assert!(!said.out.contains(&unknown));
    assert_eq!(service.current(), format!("nights/{FIRST}.1"));
    let register = service.folder().join("state/objections.jsonl");
    let noted = fs::read_to_string(&register).unwrap();
    assert!(noted.contains(&unknown) && noted.contains("A. Nurse"));
    let said = add(&service, "9434765919");
    assert_eq!(said.code, 2);
    assert!(!said.err.contains("9434765919"), "{}", said.err);
    assert_eq!(fs::read_to_string(&register).unwrap(), noted);
}

#[test]
fn the_register_is_its_owners_alone_and_a_damaged_or_shortened_one_stops_everything() {
    use std::os::unix::fs::PermissionsExt;
    let service = Service::after_first_night();
    let register = service.folder().join("state/objections.jsonl");
    assert_eq!(add(&service, &somebody(&service).person).code, 0);
    assert_eq!(fs::metadata(&register).unwrap().permissions().mode() & 0o777, 0o600);
    let whole = fs::read(&register).unwrap();
    fs::write(&register, &whole[..whole.len() - 10]).unwrap();
    for args in [&["run", "--index-date", FIRST][..], &["objection", "list"]] {
        let said = service.earlycall(args);
        assert_eq!(said.code, 14, "{args:?}: {}", said.err);
        assert!(said.err.contains("register of objections is damaged"), "{}", said.err);
    }
    fs::remove_file(&register).unwrap();
    let said = service.earlycall(&["run", "--index-date", FIRST]);
    assert_eq!(said.code, 14, "{}", said.err);
    assert!(said.err.contains("has 0 entries, and had 1 when night 2026-11-13.2 was made"), "{}", said.err);
    assert_eq!(add(&service, &"5e".repeat(32)).code, 14, "nothing is added to a register that has lost entries");
}

#[test]
fn later_nights_leave_the_person_out_until_it_is_taken_back() {
    let service = Service::before_second_night();
    let person = somebody(&service).person;
    assert_eq!(add(&service, &person).code, 0);
    service.must(&["run", "--index-date", SECOND]);
    assert!(!scores(&second(&service)).contains_key(&person));
    let run = json(&second(&service), "run.json");
    assert_eq!(run["inputs"]["night_before"], format!("{FIRST}.2"));
    let taken_back = ["objection", "withdraw", &person, "--by", "A. Nurse", "--why", "changed their mind"];
    assert!(service.must(&taken_back).out.contains("taken back: 1 of 1"));
    let list = service.must(&["objection", "list"]).out;
    let programme = list.lines().find(|line| line.starts_with("programme")).unwrap();
    assert_eq!(programme.split_whitespace().collect::<Vec<_>>()[3..], ["0", "1", "removed"], "{list}");
    assert!(!list.contains(&person));
}

#[test]
fn the_same_night_run_again_is_another_and_a_revision_keeps_the_order_of_its_lines() {
    let service = Service::after_first_night();
    let Listed { person, team_id, at } = somebody(&service);
    let old = listed(&service, &first(&service)).remove(&team_id).unwrap();
    assert_eq!(add(&service, &person).code, 0);
    let said = service.earlycall(&["run", "--index-date", FIRST]);
    assert_eq!(said.code, 2, "{}", said.err);
    service.must(&["run", "--index-date", FIRST, "--revise"]);
    let third = service.night(&format!("{FIRST}.3"));
    assert!(!scores(&third).contains_key(&person));
    let new = &listed(&service, &third)[&team_id];
    let kept: Vec<&String> = old.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, person)| person).collect();
    assert_eq!(new.iter().take(kept.len()).collect::<Vec<_>>(), kept);
}

#[test]
fn a_death_and_a_wrong_line_are_withdrawn_too_and_told_apart_in_the_counts_alone() {
    for (why, code) in [("death", "died"), ("wrong", "withdrawn"), ("objection", "objecting")] {
        let service = Service::before_second_night();
        let Listed { person, team_id, .. } = somebody(&service);
        let said = service.must(&["withdraw", &person, "--why", why]);
        assert!(said.out.contains(&format!("{team_id}, line 2: removed, do not call")), "{}", said.out);
        assert_eq!(worklists(&revised(&service))[&team_id][1]["flags"], "Removed: do not call");
        let before = standing(&first(&service), code);
        assert_eq!(standing(&revised(&service), code), before + 1, "{why}");
        service.must(&["run", "--index-date", SECOND]);
        assert!(!scores(&second(&service)).contains_key(&person), "{why}");
        let said = service.must(&["withdraw", &person, "--why", why, "--undo"]);
        assert_eq!(
            said.out,
            "taken back: 1 of 1\nwhoever is still to be called comes back with the next night that begins\n"
        );
    }
}

#[test]
fn of_what_was_never_noted_nothing_is_taken_back_and_nobody_is_said_to_come_back() {
    let service = Service::after_first_night();
    let person = somebody(&service).person;
    service.must(&["withdraw", &person, "--why", "wrong"]);
    let undone = service.must(&["withdraw", &person, &"5e".repeat(32), "--why", "death", "--undo"]);
    assert_eq!(
        undone.out,
        "taken back: 0 of 2\nnothing changes for 2 of them, who had not been withdrawn for this reason: --why names it\n"
    );
    let taken_back = service.must(&["objection", "withdraw", &person]);
    assert_eq!(
        taken_back.out,
        "taken back: 0 of 1\nnothing changes for 1 of them, who had not objected to this here: --kind names it\n"
    );
}

#[test]
fn a_team_finds_the_revision_in_its_own_folder() {
    let service = Service::trained();
    let team_id = {
        service.must(&["run", "--index-date", FIRST]);
        somebody(&service).team_id
    };
    service.add_settings(&format!("[delivery.{team_id}]\nfolder = \"team\""));
    assert_eq!(add(&service, &somebody(&service).person).code, 0);
    let given = fs::read(service.folder().join("team/worklist.csv")).unwrap();
    assert_eq!(given, fs::read(revised(&service).join(format!("worklists/{team_id}/worklist.csv"))).unwrap());
}

#[test]
fn ids_may_come_from_standard_input() {
    use std::{
        io::Write,
        process::{Command, Stdio},
    };
    let service = Service::after_first_night();
    let mut command = Command::new(crate::service::EARLYCALL);
    command.args(["objection", "add", "-", "--by", "A", "--why", "B", "--config"]);
    let mut child = command
        .arg(service.folder().join("earlycall.toml"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let ids = format!("{}\n\n{}\n", somebody(&service).person, "5e".repeat(32));
    child.stdin.take().unwrap().write_all(ids.as_bytes()).unwrap();
    let out = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert!(out.contains("noted as objecting: 2 of 2"), "{out}");
    assert_eq!(service.current(), format!("nights/{FIRST}.2"));
}

/// Every file below a folder, with its bytes.
pub fn files_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            continue;
        }
        match path.is_dir() {
            true => found.extend(files_below(&path)),
            false => found.push((path.display().to_string(), fs::read(&path).unwrap())),
        }
    }
    found
}

pub fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
