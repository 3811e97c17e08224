//! What coaches find counts: whoever has died or objects is off the list at once, and everything else decides the next one.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use calamine::{Data, Reader, Xlsx, open_workbook};
use rust_xlsxwriter::Workbook;

use crate::{
    published::{Line, csv_rows, of_coaching, scores, worklists},
    service::{FIRST, SECOND, Said, Service},
    two_nights::{first, listed, second},
};

/// What a coach fills in on a line, from 1: heading and text.
pub type FilledIn<'a> = (usize, &'a [(&'a str, &'a str)]);

/// A team's Excel file with some lines filled in, as another program saves it.
pub fn filled_in(night: &Path, team_id: &str, lines: &[FilledIn]) -> PathBuf {
    let given = night.join("worklists").join(team_id).join("worklist.xlsx");
    let mut book: Xlsx<_> = open_workbook(&given).unwrap();
    let cells = book.worksheet_range("Worklist").unwrap();
    let headings: Vec<String> = cells.rows().next().unwrap().iter().map(ToString::to_string).collect();
    let mut saved = Workbook::new();
    let sheet = saved.add_worksheet().set_name("Worklist").unwrap();
    for (row, of_row) in cells.rows().enumerate() {
        let typed = lines.iter().find(|(line, _)| *line == row).map_or(&[][..], |(_, typed)| typed);
        for (column, cell) in of_row.iter().enumerate() {
            let at = (row as u32, column as u16);
            let typed = typed.iter().find(|(heading, _)| *heading == headings[column]);
            match (typed, cell) {
                (Some((_, text)), _) => sheet.write_string(at.0, at.1, *text).unwrap(),
                (None, Data::String(text)) => sheet.write_string(at.0, at.1, text).unwrap(),
                (None, Data::Float(number)) => sheet.write_number(at.0, at.1, *number).unwrap(),
                (None, Data::Empty) => continue,
                (None, other) => panic!("a worklist has no {other:?}"),
            };
        }
    }
    let path = night.join(format!("../../../{team_id} filled in.xlsx"));
    fs::write(&path, saved.save_to_buffer().unwrap()).unwrap();
    path
}

pub fn add(service: &Service, file: &Path) -> Said {
    service.earlycall(&["feedback", "add", file.to_str().unwrap(), "--by", "u-01"])
}

/// The first two teams whose lists are full.
fn two_teams(service: &Service) -> [String; 2] {
    let lists = worklists(&first(service)).into_iter().filter(|(_, lines)| lines.len() == 5);
    let teams: Vec<String> = lists.map(|(team_id, _)| team_id).take(2).collect();
    teams.try_into().expect("two full lists")
}

/// Why each reference left a list.
fn removed(night: &Path) -> BTreeMap<String, String> {
    let lines = csv_rows(&night.join("removed.csv")).into_iter();
    lines.map(|line| (line["person_ref"].clone(), line["reason"].clone())).collect()
}

fn ref_of(lines: &[Line], line: usize) -> &str {
    &lines[line - 1]["person_ref"]
}

/// The first week's calls of two teams, handed in after the first night.
const CALLS: [&[FilledIn]; 2] = [
    &[
        (1, &[("Outcome", "Declined")]),
        (2, &[("Outcome", "No answer")]),
        (3, &[("Outcome", "Accepted coaching"), ("Called on", "16/11/2026")]),
        (4, &[("Outcome", "Deceased")]),
        (5, &[("Outcome", "Call back"), ("Call again on", "2026-12-01")]),
    ],
    &[
        (1, &[("Outcome", "Unsuitable"), ("Why unsuitable", "Safeguarding")]),
        (2, &[("Objects", "Yes")]),
        (3, &[("Outcome", "In hospital"), ("Called on", "14/11/2026")]),
    ],
];

fn after_calls() -> (Service, [String; 2]) {
    let service = Service::before_second_night();
    let teams = two_teams(&service);
    for (team_id, calls) in teams.iter().zip(CALLS) {
        let said = add(&service, &filled_in(&first(&service), team_id, calls));
        assert_eq!(said.code, 0, "{}", said.err);
    }
    (service, teams)
}

#[test]
fn whoever_has_died_or_objects_is_off_the_list_at_once_and_nobody_else() {
    let (service, [called, other]) = after_calls();
    assert_eq!(service.current(), format!("nights/{FIRST}.3"), "one revision for each file");
    let (old, new) = (worklists(&first(&service)), worklists(&service.night(&format!("{FIRST}.3"))));
    for (team_id, lines) in &new {
        for (n, line) in lines.iter().enumerate() {
            let is_gone = (team_id, n) == (&called, 3) || (team_id, n) == (&other, 1);
            let expected = if is_gone { "Removed" } else { &old[team_id][n]["person_ref"] };
            assert_eq!(line["person_ref"], expected, "{team_id}, line {}", n + 1);
        }
    }
    let counts = service.must(&["objection", "list"]).out;
    assert!(counts.lines().any(|line| line.starts_with("death ") && line.contains(" 1 ")), "{counts}");
    assert!(counts.lines().any(|line| line.starts_with("programme ") && line.contains(" 1 ")), "{counts}");
}

#[test]
fn the_next_list_is_what_the_calls_make_of_it() {
    let (service, [called, other]) = after_calls();
    let people = listed(&service, &first(&service));
    let lines = worklists(&first(&service));
    service.must(&["run", "--index-date", SECOND]);
    let now = second(&service);
    // Of the pathway whose teams called.
    let (lists, left) = (of_coaching(listed(&service, &now)), removed(&now));
    for (team_id, gone) in [(&called, [0, 2, 3, 4].as_slice()), (&other, &[0, 1, 2])] {
        for person in gone.iter().map(|line| &people[team_id][*line]) {
            assert!(lists.values().all(|list| !list.contains(person)), "{team_id}");
        }
    }
    for (team_id, line, reason) in [
        (&called, 1, "declined on 14 November 2026"),
        (&called, 3, "accepted coaching on 16 November 2026"),
        (&called, 5, "to be called again from 1 December 2026"),
        (&other, 1, "found unsuitable by the team on 14 November 2026"),
        (&other, 3, "in hospital when called on 14 November 2026"),
    ] {
        assert_eq!(left[ref_of(&lines[team_id], line)], reason);
    }
    // Whoever did not answer is first, and takes none of the four places that are left of five in this week.
    let list = &worklists(&now)[&called];
    assert_eq!(list.len(), 5);
    assert_eq!(lists[&called][0], people[&called][1]);
    assert_eq!(list[0]["contact"], "Tried once, on 14 November 2026: no answer");
    assert_eq!([&list[0]["is_carried_over"], &list[1]["is_carried_over"]], ["true", "false"]);
    assert_eq!(list[1]["contact"], "No call on record");
    assert_eq!(worklists(&now)[&other].len(), 5, "nobody took a place there");
    let page = fs::read_to_string(now.join(format!("worklists/{called}/worklist.html"))).unwrap();
    assert!(!page.to_lowercase().contains("safeguarding"), "why somebody is unsuitable is never told");
}

#[test]
fn handing_the_same_in_again_changes_nothing_and_a_changed_line_corrects_it() {
    let (service, [called, _]) = after_calls();
    let log = service.folder().join("state/contacts.jsonl");
    let before = fs::read(&log).unwrap();
    let again = add(&service, &filled_in(&first(&service), &called, CALLS[0]));
    assert!(again.out.contains("contacts taken: 0 new, 0 corrected, 5 known already"), "{}", again.out);
    assert_eq!(fs::read(&log).unwrap(), before);
    let changed = filled_in(&first(&service), &called, &[(1, &[("Outcome", "Accepted coaching")])]);
    assert!(add(&service, &changed).out.contains("contacts taken: 0 new, 1 corrected, 0 known already"));
}

#[test]
fn a_file_from_another_night_or_team_is_refused_whole() {
    let (service, [called, other]) = {
        let service = Service::after_first_night();
        let teams = two_teams(&service);
        (service, teams)
    };
    let declined: &[(&str, &str)] = &[("Outcome", "Declined")];
    let with = |more: &[(&'static str, &'static str)]| [declined, more].concat();
    let night = with(&[("Run", "2026-10-01.1")]);
    // Every line says so, or it would be a file of two nights.
    let lines: Vec<FilledIn> = (1..=5).map(|line| (line, night.as_slice())).collect();
    let said = add(&service, &filled_in(&first(&service), &called, &lines));
    assert_eq!(said.code, 11);
    assert!(said.err.contains("is of night 2026-10-01.1, which this service has not published"), "{}", said.err);
    let stranger = ref_of(&worklists(&first(&service))[&other], 1).to_owned();
    let typed = [("Outcome", "Declined"), ("Person", stranger.as_str())];
    let said = add(&service, &filled_in(&first(&service), &called, &[(1, declined), (2, &typed)]));
    assert_eq!(said.code, 11);
    assert!(said.err.contains("line 3: names nobody who was on this list"), "{}", said.err);
    assert!(!said.err.contains(&stranger));
    assert!(!service.folder().join("state/contacts.jsonl").exists(), "nothing of either is taken");
}

#[test]
fn contacts_come_as_rows_too_and_a_person_who_objects_is_kept_out_of_the_log() {
    let service = Service::after_first_night();
    let people: Vec<String> = scores(&first(&service)).into_keys().take(3).collect();
    let header =
        "contact_id,person_id,worklist_run_id,team_id,user_id,contact_at,contact_type,outcome,objects_to_use\n";
    let rows: String = (1..)
        .zip(&people)
        .map(|(n, person)| format!("c{n},{person},,coach-01,u-01,2026-11-14T10:00:00Z,call,declined,{}\n", n == 3))
        .collect();
    let file = service.folder().join("contacts.csv");
    fs::write(&file, format!("{header}{rows}")).unwrap();
    let said = add(&service, &file);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("contacts taken: 2 new, 0 corrected, 0 known already"), "{}", said.out);
    assert!(said.out.contains("about people who object, of which nothing is kept: 1"), "{}", said.out);
    let log = fs::read_to_string(service.folder().join("state/contacts.jsonl")).unwrap();
    assert!(log.contains(&people[0]) && !log.contains(&people[2]));
    fs::write(&file, format!("{header}{}", rows.replace("declined", "did not want to"))).unwrap();
    let said = add(&service, &file);
    assert_eq!(said.code, 11);
    assert!(said.err.contains("row 1, column outcome: is not one of the codes"), "{}", said.err);
}

#[test]
fn whoever_objects_later_is_forgotten_by_the_log_with_the_next_night_and_that_night_run_again_is_the_same() {
    let service = Service::before_second_night();
    let [called, _] = two_teams(&service);
    let people = listed(&service, &first(&service))[&called].clone();
    add(
        &service,
        &filled_in(&first(&service), &called, &[(1, &[("Outcome", "Declined")]), (2, &[("Outcome", "Voicemail")])]),
    );
    service.must(&["objection", "add", &people[0]]);
    service.must(&["run", "--index-date", SECOND]);
    let log = fs::read_to_string(service.folder().join("state/contacts.jsonl")).unwrap();
    assert!(!log.contains(&people[0]) && log.contains(&people[1]));
    let again = service.earlycall(&["run", "--index-date", SECOND]);
    assert_eq!(again.code, 99, "{}", again.err);
}

#[test]
fn a_team_whose_folder_is_broken_keeps_no_other_team_s_calls_from_being_taken_in() {
    let service = Service::after_first_night();
    let [called, other] = two_teams(&service);
    let people = listed(&service, &first(&service))[&called].clone();
    service.add_settings(&format!("[delivery.{other}]\nfolder = \"/proc/nowhere\""));
    let calls: [FilledIn; 3] =
        [(1, &[("Outcome", "Deceased")]), (2, &[("Objects", "Yes")]), (3, &[("Outcome", "Declined")])];
    let said = add(&service, &filled_in(&first(&service), &called, &calls));
    assert_eq!(said.code, 14, "{}", said.err);
    assert!(said.err.contains("/proc/nowhere: cannot give the list to the team"), "{}", said.err);
    let told = ["contacts taken: 2 new", "noted as dead: 1 of 1", "noted as objecting: 1 of 1"];
    assert!(told.iter().all(|told| said.out.contains(told)), "{}", said.out);
    assert_eq!(service.current(), format!("nights/{FIRST}.3"));
    let kept = |name: &str| fs::read_to_string(service.folder().join("state").join(name)).unwrap();
    let (register, log) = (kept("objections.jsonl"), kept("contacts.jsonl"));
    assert_eq!([0, 1, 2].map(|n| register.contains(&people[n])), [true, true, false]);
    assert_eq!([0, 1, 2].map(|n| log.contains(&people[n])), [true, false, true]);
}

#[test]
fn a_line_that_was_filled_in_by_mistake_is_taken_back() {
    let service = Service::before_second_night();
    let [called, _] = two_teams(&service);
    let people = listed(&service, &first(&service))[&called].clone();
    add(&service, &filled_in(&first(&service), &called, &[(1, &[("Outcome", "Declined")])]));
    let mistake = filled_in(&first(&service), &called, &[(1, &[("Outcome", "Entered by mistake")])]);
    let said = add(&service, &mistake);
    assert!(said.out.contains("taken back, which were entered by mistake: 1"), "{} {}", said.out, said.err);
    service.must(&["run", "--index-date", SECOND]);
    assert!(!removed(&second(&service)).values().any(|why| why.starts_with("declined")));
    let log = fs::read_to_string(service.folder().join("state/contacts.jsonl")).unwrap();
    assert!(!log.contains(&people[0]));
}

#[test]
fn a_death_that_was_taken_back_is_not_noted_again_by_the_same_line() {
    let service = Service::after_first_night();
    let [called, _] = two_teams(&service);
    let person = listed(&service, &first(&service))[&called][0].clone();
    let dead: FilledIn = (1, &[("Outcome", "Deceased")]);
    add(&service, &filled_in(&first(&service), &called, &[dead]));
    service.must(&["withdraw", &person, "--why", "death", "--undo"]);
    let more = filled_in(&first(&service), &called, &[dead, (2, &[("Outcome", "Voicemail")])]);
    assert!(!add(&service, &more).out.contains("noted as dead"));
    let counts = service.must(&["objection", "list"]).out;
    assert!(counts.lines().any(|line| line.starts_with("death ") && line.contains(" 0 ")), "{counts}");
}

#[test]
fn a_log_that_is_gone_stops_the_next_night() {
    let (service, _) = after_calls();
    service.must(&["run", "--index-date", SECOND]);
    fs::remove_file(service.folder().join("state/contacts.jsonl")).unwrap();
    let said = service.earlycall(&["run", "--index-date", SECOND, "--revise"]);
    assert_eq!(said.code, 14);
    assert!(said.err.contains("the log of contacts is gone, and had"), "{}", said.err);
}

#[test]
fn rows_from_days_to_come_about_strangers_or_under_another_s_name_are_refused() {
    let service = Service::after_first_night();
    let person = scores(&first(&service)).into_keys().next().unwrap();
    let other = scores(&first(&service)).into_keys().nth(1).unwrap();
    let header = "contact_id,person_id,worklist_run_id,team_id,user_id,contact_at,contact_type,outcome\n";
    let file = service.folder().join("contacts.csv");
    let add_row = |person: &str, on: &str| {
        fs::write(&file, format!("{header}c1,{person},,coach-01,u-01,{on}T10:00:00Z,call,declined\n")).unwrap();
        add(&service, &file)
    };
    let ahead = add_row(&person, "2027-04-12");
    assert_eq!(ahead.code, 11);
    assert!(ahead.err.contains("row 1: lies more than a week after the newest list"), "{}", ahead.err);
    let stranger = add_row(&"ab".repeat(32), "2026-11-14");
    assert!(stranger.err.contains("is about nobody whom the newest night scores"), "{}", stranger.err);
    assert_eq!(add_row(&person, "2026-11-14").code, 0);
    let taken = add_row(&other, "2026-11-14");
    assert!(
        taken.err.contains("row 1: has the name of a contact that the team had with somebody else"),
        "{}",
        taken.err
    );
}
