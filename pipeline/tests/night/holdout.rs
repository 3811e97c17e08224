//! A randomised trial: nobody in usual care is on a list, nothing that anybody is shown tells who that is, and an arm is for
//! good.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::OnceLock,
};

use data_encoding::HEXLOWER;
use earlycall::{store::disk::FileSystem, worklist::parquet};
use serde_json::Value;

use crate::{
    killed::{self, DiesAt},
    never_shown::cells_of,
    objection::{files_below, holds},
    objection_killed::refs_of,
    published::{csv_rows, json, of_coaching, scores, worklists},
    purged::traces,
    service::{FIRST, SECOND, Service},
    snapshot::{Snapshot, assert_same, night},
    two_nights::{after_both, first, listed, second},
};

/// A trial whose first list is that of the first night.
pub fn trial(starts: &str, ends: &str) -> String {
    format!(
        "[holdout]\ntrial_id = \"coaching-1\"\napproval = \"REC 26/1\"\ndpia = \"DPIA 7\"\nstop_rules = \"Protocol, 9\"\n\
         starts = \"{starts}\"\nends = \"{ends}\"\n"
    )
}

const STARTS: &str = "2026-11-14";
/// The day of the second night's list.
const SECOND_LIST: &str = "2026-11-21";
/// The last list of a trial that includes the second night's, and of one that does not.
const ENDS: [&str; 2] = ["2026-11-21", "2026-11-20"];

/// The first night was one of the trial, and the second week has arrived.
fn before_second_night() -> Service {
    static FIRST_NIGHT: OnceLock<Snapshot> = OnceLock::new();
    let service = Service::restored(FIRST_NIGHT.get_or_init(|| {
        let service = Service::before_second_night();
        ["out", "state"].iter().for_each(|folder| fs::remove_dir_all(service.folder().join(folder)).unwrap());
        service.add_settings(&trial(STARTS, ENDS[0]));
        service.must(&["run", "--index-date", FIRST]);
        Snapshot::of(service.folder())
    }));
    assert!(!in_arm(&service, "usual_care").is_empty(), "the test must have somebody to look for");
    service
}

/// The lines of the ledger but for the last, which seals them.
fn ledger(service: &Service) -> Vec<Value> {
    let text = fs::read_to_string(service.folder().join("state/holdout.jsonl")).unwrap_or_default();
    let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.pop();
    lines
}

/// Everybody who is in an arm, by the ledger.
pub fn in_arm(service: &Service, arm: &str) -> BTreeSet<String> {
    let entries = ledger(service).into_iter().filter(|entry| entry["arm"] == arm);
    entries.filter_map(|entry| entry["person_id"].as_str().map(str::to_owned)).collect()
}

/// Everybody who is on a coaching list.
fn on_lists(service: &Service, night: &Path) -> BTreeSet<String> {
    of_coaching(listed(service, night)).into_values().flatten().collect()
}

fn run(service: &Service) {
    service.must(&["run", "--index-date", SECOND]);
}

#[test]
fn two_of_three_are_listed_and_whoever_is_not_can_be_told_from_nothing() {
    let (service, without) = (before_second_night(), Service::after_first_night());
    let (night, controls) = (first(&service), in_arm(&service, "usual_care"));
    assert_eq!(on_lists(&service, &night), in_arm(&service, "offered"), "whoever is listed was drawn, and no other");
    assert!(controls.iter().all(|person| scores(&night).contains_key(person)), "they are scored as everybody");
    assert_eq!(scores(&night), scores(&first(&without)));
    assert_eq!(json(&night, "cohort.json"), json(&first(&without), "cohort.json"));
    let sizes = |service: &Service| worklists(&first(service)).into_values().map(|list| list.len()).collect::<Vec<_>>();
    assert_eq!(sizes(&service), sizes(&without), "the lists are as long as without a trial");
    // Under the keys of coaching teams: other pathways hold nobody out.
    let refs =
        |people: &BTreeSet<String>| people.iter().flat_map(|one| refs_of(&service, one, "coach-")).collect::<Vec<_>>();
    let ids = controls.iter().flat_map(|one| [one.as_bytes().to_vec(), HEXLOWER.decode(one.as_bytes()).unwrap()]);
    let words =
        ["usual_care", "usual care", "not_randomised", "coaching-1", "REC 26/1"].map(|word| word.as_bytes().to_vec());
    let forbidden: Vec<Vec<u8>> = refs(&controls).into_iter().chain(ids).chain(words).collect();
    let of_a_listed_one = refs(&on_lists(&service, &night).into_iter().take(1).collect());
    let mut n_tell_of_them = 0;
    for (path, bytes) in files_below(&night) {
        let bytes = match path.rsplit('/').next().unwrap() {
            "scores.parquet" => continue, // held against those without a trial above
            "lists.json" => without_who_waits(&bytes),
            "worklist.parquet" => format!("{:?}", parquet::read_lines(&bytes).unwrap()).into_bytes(),
            "worklist.xlsx" => cells_of(Path::new(&path)).into_bytes(),
            name if name.ends_with(".html") => without_tags(bytes),
            _ => bytes,
        };
        assert!(
            !forbidden.iter().any(|told| holds(&bytes, told)),
            "{path} tells of somebody in usual care, or of the trial"
        );
        n_tell_of_them += usize::from(of_a_listed_one.iter().any(|told| holds(&bytes, told)));
    }
    assert_eq!(
        n_tell_of_them, 5,
        "whoever is listed is found in both data files and in the page, sheet and CSV of the team"
    );
}

/// Everybody waits there alike, whether held out or not: see below.
fn without_who_waits(lists: &[u8]) -> Vec<u8> {
    let mut lists: Value = serde_json::from_slice(lists).unwrap();
    for list in lists["lists"].as_array_mut().unwrap() {
        list.as_object_mut().unwrap().remove("waiting_unshown");
    }
    lists.to_string().into_bytes()
}

/// Of each coaching team, what `lists.json` has.
fn lists_of(night: &Path) -> BTreeMap<String, Value> {
    let lists = json(night, "lists.json")["lists"].as_array().unwrap().clone();
    of_coaching(lists.into_iter().map(|list| (list["team_id"].as_str().unwrap().to_owned(), list)).collect())
}

/// Whoever waits for a place on a team's list by `lists.json`, and since when.
fn waiting_of(list: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let shown = list["waiting"].as_array().unwrap().iter().map(|one| (text(&one["person_ref"]), text(&one["since"])));
    let unshown = list["waiting_unshown"].as_object().into_iter().flatten();
    shown.chain(unshown.map(|(person_ref, since)| (person_ref.clone(), text(since)))).collect()
}

fn listed_refs(list: &Value) -> BTreeSet<String> {
    list["lines"].as_array().unwrap().iter().map(|line| line["person_ref"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn nobody_stops_waiting_because_of_an_arm_and_no_waiting_list_shows_anybody() {
    let (service, without) = (Service::before_second_night(), after_both());
    service.add_settings(&trial(SECOND_LIST, ENDS[0]));
    run(&service);
    let nights = [first(&service), second(&service), second(&without)];
    let [before, in_trial, in_none] = nights.each_ref().map(|night| lists_of(night));
    let (mut n_controls, mut n_others, mut n_waited) = (0, 0, 0);
    for (team_id, list) in &in_trial {
        let (waiting, without) = (waiting_of(list), waiting_of(&in_none[team_id]));
        let all = |list, waiting: &BTreeMap<String, String>| -> BTreeSet<String> {
            listed_refs(list).into_iter().chain(waiting.keys().cloned()).collect()
        };
        assert_eq!(all(list, &waiting), all(&in_none[team_id], &without), "{team_id}: who is listed or waits");
        assert!(listed_refs(list).iter().all(|on_list| !waiting.contains_key(on_list)), "{team_id}: both");
        assert_eq!(waiting.len(), without.len(), "{team_id}: so the counts and the lists are as long");
        let held_out = in_arm(&service, "usual_care");
        let controls: BTreeSet<String> = held_out.iter().flat_map(|one| refs_in(&service, one, team_id)).collect();
        let waited = waiting_of(&before[team_id]);
        for (person_ref, since) in &waiting {
            assert_eq!(since, waited.get(person_ref).map_or(SECOND_LIST, String::as_str), "{team_id}: {person_ref}");
            n_waited += usize::from(waited.contains_key(person_ref) && controls.contains(person_ref));
            *(if controls.contains(person_ref) { &mut n_controls } else { &mut n_others }) += 1;
        }
        assert_eq!(list["waiting"], serde_json::json!([]), "{team_id}: neither risk nor place");
        for (path, bytes) in files_below(&second(&service).join("worklists").join(team_id)) {
            let text = match path.rsplit('.').next().unwrap() {
                "html" => without_tags(bytes),
                "xlsx" => cells_of(Path::new(&path)).into_bytes(),
                _ => bytes,
            };
            let is_told = |person_ref: &String| holds(&text, person_ref.as_bytes());
            assert!(!path.contains("/waiting.") || !waiting.keys().any(is_told), "{path} shows who waits");
            assert!(!controls.iter().any(is_told), "{path} tells of somebody in usual care");
        }
        let eligible = |list: &Value| {
            let reach = list["summary"]["reach"].as_array().unwrap().iter();
            reach.map(|reach| reach["eligible"].as_u64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(eligible(list), eligible(&in_none[team_id]), "{team_id}: of each group, those who could be listed");
    }
    assert_eq!(n_controls, in_arm(&service, "usual_care").len(), "they all wait");
    assert!(n_waited > 0 && n_others > 0, "{n_waited}, {n_others}: some waited before, and others wait beside them");
}

/// Somebody's reference within a team.
fn refs_in(service: &Service, person: &str, team_id: &str) -> Vec<String> {
    let refs = refs_of(service, person, team_id).into_iter();
    refs.map(|person_ref| String::from_utf8(person_ref).unwrap()).collect()
}

/// A reference stands in two halves on a page.
fn without_tags(bytes: Vec<u8>) -> Vec<u8> {
    let mut is_in_tag = false;
    let is_text = |byte: &u8| {
        is_in_tag = (is_in_tag || *byte == b'<') && *byte != b'>';
        !is_in_tag && *byte != b'>'
    };
    bytes.into_iter().filter(is_text).collect()
}

#[test]
fn the_arms_are_balanced_in_every_stratum() {
    let service = before_second_night();
    let mut strata: BTreeMap<(String, u64), Vec<(u64, bool)>> = BTreeMap::new();
    for entry in ledger(&service) {
        let stratum = (entry["team_id"].as_str().unwrap().to_owned(), entry["risk_third"].as_u64().unwrap());
        let is_held_out = entry["arm"] == "usual_care";
        strata.entry(stratum).or_default().push((entry["place"].as_u64().unwrap(), is_held_out));
        assert_eq!(entry["entered_on"], STARTS);
    }
    for (stratum, places) in strata {
        assert!((0..).zip(&places).all(|(n, (place, _))| n == *place), "{stratum:?}");
        for block in places.chunks_exact(6) {
            assert_eq!(block.iter().filter(|(_, is_held_out)| *is_held_out).count(), 2, "{stratum:?}");
        }
    }
}

#[test]
fn an_arm_is_kept_while_the_trial_runs_and_a_night_run_again_is_the_same() {
    let service = before_second_night();
    let (then, offered) = (ledger(&service), on_lists(&service, &first(&service)));
    run(&service);
    let (now, on_list) = (ledger(&service), on_lists(&service, &second(&service)));
    assert_eq!(now[..then.len()], then, "the ledger only grows");
    assert!(on_list.is_disjoint(&in_arm(&service, "usual_care")));
    assert!(on_list.is_subset(&in_arm(&service, "offered")) && on_list.intersection(&offered).count() > 20);
    assert_eq!(json(&second(&service), "run.json")["counts"]["allocated"], now.len());
    let whole = Snapshot::of(service.folder());
    let again = service.earlycall(&["run", "--index-date", SECOND]);
    assert_eq!(again.code, 99, "{}", again.err);
    assert_same(&whole, &Snapshot::of(service.folder()), "the whole service");
}

#[test]
fn a_past_night_brings_nobody_into_the_trial_and_lists_nobody_who_is_held_out() {
    let service = Service::before_second_night();
    ["out", "state"].iter().for_each(|folder| fs::remove_dir_all(service.folder().join(folder)).unwrap());
    service.add_settings(&trial(STARTS, ENDS[0]));
    run(&service);
    let (drawn, all) = (ledger(&service), |arm| in_arm(&service, arm));
    service.must(&["run", "--index-date", FIRST]);
    assert_eq!(ledger(&service), drawn);
    let on_list = on_lists(&service, &first(&service));
    assert!(on_list.is_disjoint(&all("usual_care")) && !on_list.is_subset(&all("offered")), "some have no arm yet");
}

#[test]
fn after_its_last_list_everybody_may_be_listed() {
    let service = before_second_night();
    service.add_settings(&trial(STARTS, ENDS[1]));
    let then = ledger(&service);
    run(&service);
    assert!(!on_lists(&service, &second(&service)).is_disjoint(&in_arm(&service, "usual_care")));
    assert_eq!(ledger(&service), then, "and nobody enters any more");
}

#[test]
fn whoever_was_on_a_list_before_the_trial_has_no_arm_and_no_line_goes_because_of_it() {
    let left = |settings: &str| {
        let service = Service::before_second_night();
        service.add_settings(settings);
        run(&service);
        let removed = csv_rows(&second(&service).join("removed.csv"));
        let left: BTreeSet<String> = removed.iter().map(|line| line["person_ref"].clone()).collect();
        (service, left)
    };
    let ((service, left_in_trial), (_, left_without)) = (left(&trial(SECOND_LIST, ENDS[0])), left(""));
    assert!(left_in_trial.is_subset(&left_without), "{left_in_trial:?} {left_without:?}");
    let stayed = &on_lists(&service, &second(&service)) & &on_lists(&service, &first(&service));
    assert_eq!(stayed, in_arm(&service, "not_randomised"));
}

#[test]
fn a_ledger_that_is_lost_or_of_another_ratio_stops_the_night() {
    let service = before_second_night();
    let path = service.folder().join("state/holdout.jsonl");
    let refused = |code: i32, words: &str| {
        let said = service.earlycall(&["run", "--index-date", SECOND]);
        assert_eq!(said.code, code, "{}", said.err);
        assert!(said.err.contains("holdout.jsonl") && said.err.contains(words), "{}", said.err);
        assert_eq!(service.current(), format!("nights/{FIRST}.1"));
    };
    let kept = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    refused(14, "the ledger of the trial has 0 people, and had");
    fs::write(&path, &kept[..kept.len() / 2]).unwrap();
    refused(14, "damaged");
    fs::write(&path, &kept).unwrap();
    service.add_settings(&format!("{}offered = 1\n", trial(STARTS, ENDS[0])));
    refused(16, "not drawn under this key in this ratio");
}

#[test]
fn a_ledger_that_was_lost_while_no_trial_ran_stops_the_next_night_of_it() {
    let service = before_second_night();
    service.add_settings("");
    run(&service);
    assert!(json(&second(&service), "run.json")["counts"]["allocated"].is_null());
    fs::remove_file(service.folder().join("state/holdout.jsonl")).unwrap();
    service.add_settings(&trial(STARTS, ENDS[0]));
    let said = service.earlycall(&["run", "--index-date", SECOND, "--revise"]);
    assert_eq!(said.code, 14, "{}", said.err);
    let words = format!("when night {FIRST}.1 was made");
    assert!(
        said.err.contains("the ledger of the trial has 0 people, and had") && said.err.contains(&words),
        "{}",
        said.err
    );
}

#[test]
fn a_dry_run_allocates_nobody_and_the_ledger_of_a_run_is_its_owners_alone() {
    let (service, path) = (Service::trained(), "state/holdout.jsonl");
    service.add_settings(&trial(STARTS, ENDS[0]));
    service.must(&["run", "--index-date", FIRST, "--dry-run"]);
    assert!(!service.folder().join(path).exists());
    service.must(&["run", "--index-date", FIRST]);
    assert_eq!(fs::metadata(service.folder().join(path)).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn whoever_objects_is_forgotten_by_the_ledger_and_stays_counted() {
    let service = before_second_night();
    let person = in_arm(&service, "usual_care").pop_first().unwrap();
    assert!(traces(&service, &person).iter().any(|path| path.ends_with("holdout.jsonl")));
    service.must(&["objection", "add", &person, "--by", "A. Nurse", "--why", "asked us to"]);
    run(&service);
    assert_eq!(traces(&service, &person), Vec::<String>::new());
    let withdrawn: Vec<Value> = ledger(&service).into_iter().filter(|line| line["n_withdrawn"] == 1).collect();
    assert_eq!(withdrawn.len(), 1);
    assert_eq!(withdrawn[0]["arm"], "usual_care");
    let again = service.earlycall(&["run", "--index-date", SECOND]);
    assert_eq!(again.code, 99, "{}", again.err);
}

#[test]
fn whoever_is_referred_by_a_clinician_counts_as_anybody_and_keeps_their_arm() {
    let service = before_second_night();
    let entry = ledger(&service).into_iter().find(|entry| entry["arm"] == "usual_care").unwrap();
    let (person, team_id) = (entry["person_id"].as_str().unwrap(), entry["team_id"].as_str().unwrap());
    let file = service.folder().join("contacts.csv");
    let contacts = format!(
        "contact_id,person_id,worklist_run_id,team_id,user_id,contact_at,contact_type,outcome\n\
         c1,{person},,{team_id},u-01,2026-11-17T10:00:00Z,call,accepted_coaching\n"
    );
    fs::write(&file, contacts).unwrap();
    service.must(&["feedback", "add", file.to_str().unwrap()]);
    assert_eq!(in_arm(&service, "usual_care").len(), in_arm(&before_second_night(), "usual_care").len());
    run(&service);
    let lists = of_coaching(listed(&service, &second(&service)));
    assert!(!lists.values().flatten().any(|one| one == person));
    assert_eq!(lists[team_id].len(), 4, "they have taken one of the team's five places this week");
    assert!(ledger(&service).contains(&entry));
}

#[test]
fn on_any_number_of_threads_the_same_people_are_drawn() {
    let [one, two] = ["1", "2"].map(|threads| {
        let service = before_second_night();
        service.must(&["run", "--index-date", SECOND, "--threads", threads]);
        (ledger(&service), night(&second(&service)))
    });
    assert_eq!(one.0, two.0);
    assert_same(&one.1, &two.1, "the night");
}

#[test]
fn whatever_a_run_dies_of_nobody_is_on_a_list_who_is_not_in_the_ledger_and_the_next_run_draws_the_same() {
    let ready = || {
        let service = Service::restored(killed::before());
        service
            .add_settings(&format!("[delivery.coach-city-of-london]\nfolder = \"team\"\n{}", trial(SECOND, ENDS[0])));
        service
    };
    let undisturbed = ready();
    let counts = DiesAt::after(100_000);
    killed::run(&undisturbed, &counts).unwrap();
    let (n_all, drawn) = (100_000 - counts.n_left(), ledger(&undisturbed));
    let (mut n_before, mut n_in_between) = (0, 0);
    // From the end of the publication back to before the ledger was written.
    for n in (0..n_all).rev().step_by(2) {
        let (service, when) = (ready(), format!("killed at operation {n} of {n_all}"));
        assert!(killed::run(&service, &DiesAt::after(n)).is_err());
        let (is_published, found) = (service.current().contains(SECOND), ledger(&service));
        assert!(found.is_empty() || found == drawn, "{when}: whole or not at all");
        assert!(!is_published || found == drawn, "{when}: a list before its ledger");
        n_in_between += usize::from(!is_published && found == drawn);
        drop(killed::run(&service, &FileSystem));
        assert_eq!(ledger(&service), drawn, "{when}");
        assert_same(&night(&second(&service)), &night(&second(&undisturbed)), &when);
        n_before += usize::from(found.is_empty());
        if n_before == 4 {
            break;
        }
    }
    assert!(n_before == 4 && n_in_between > 10, "{n_before}, {n_in_between}");
}

#[test]
fn other_pathways_hold_nobody_out_and_do_not_tell_who_fits_coaching_and_is_on_no_list() {
    let service = Service::trained();
    service.add_settings(&format!(
        "{}[pathways.virtual_ward.rules.seen_lately]\nae_attendance_within_days = 365\n",
        trial(STARTS, ENDS[0])
    ));
    service.must(&["run", "--index-date", FIRST]);
    let (night, held_out) = (first(&service), in_arm(&service, "usual_care"));
    let (lists, lines) = (listed(&service, &night), worklists(&night));
    let mut n_on_a_ward = 0;
    for (team_id, people) in lists.iter().filter(|(team_id, _)| !team_id.starts_with("coach-")) {
        for (person, line) in people.iter().zip(&lines[team_id]) {
            let is_told = line["other_pathways"].contains("Coaching: ");
            assert_eq!(is_told, on_lists(&service, &night).contains(person), "{team_id}: {}", line["other_pathways"]);
            n_on_a_ward += usize::from(held_out.contains(person));
        }
    }
    assert!(n_on_a_ward > 0, "somebody who is held out of coaching is looked at by a ward");
}
