//! Lists of several pathways: who is on which and why, what a contact with one team does to the others, whose people are
//! whose, and places that are kept.

use std::{collections::BTreeSet, fs, path::Path};

use earlycall::day::Day;

use crate::{
    delivery::Row,
    feedback::{add, filled_in},
    published::{csv_rows, json, scores, worklists},
    service::{FIRST, SECOND, Service, first_delivery, second_delivery},
    two_nights::{first, listed, people, second},
};

/// A rule that finds more people than the declared ones: of some three hundred, few were seen in a week.
const SEEN_LATELY: &str = "[pathways.virtual_ward.rules.seen_lately]\nae_attendance_within_days = 90\n";

fn after_first_night(settings: &str) -> Service {
    let service = Service::trained();
    service.add_settings(settings);
    service.must(&["run", "--index-date", FIRST]);
    service
}

fn was_seen_lately(row: &Row) -> bool {
    let is_one_of = |column: &str, codes: &[&str]| codes.contains(&row.get(column));
    let since = Day::parse(FIRST).unwrap() - 90;
    is_one_of("attendance_category", &["1", "2", "3"])
        && is_one_of("department_type", &["01", "02", "03", "04"])
        && Day::parse(&row.get("arrival_at")[..10]).unwrap() > since
}

#[test]
fn a_ward_s_list_has_whom_its_rule_finds_and_nobody_who_is_in_hospital() {
    let service = after_first_night(&format!(
        "{SEEN_LATELY}[pathways.virtual_ward.rules.home_from_ae]\noff = true\n[pathways.virtual_ward.rules.home_from_hospital]\noff = true"
    ));
    let delivery = first_delivery();
    let seen = people(delivery.table("ed_attendances"), was_seen_lately);
    let in_hospital = people(delivery.table("inpatients_now"), |_| true);
    let end_of_life = people(delivery.table("gp_events"), |row| row.get("snomed_code") == "103735009");
    let found = |person: &String| !in_hospital.contains(person) && !end_of_life.contains(person);
    let scored = scores(&first(&service));
    let expected: BTreeSet<&String> =
        seen.iter().filter(|person| scored.contains_key(*person) && found(person)).collect();
    let is_of_a_ward =
        |teams: &Option<String>| teams.iter().flat_map(|teams| teams.split('|')).any(|team| team.starts_with("ward-"));
    let could_be: BTreeSet<&String> =
        scored.iter().filter(|(_, score)| is_of_a_ward(&score.other_team_ids)).map(|(person, _)| person).collect();
    assert_eq!(could_be, expected);
    assert!(expected.len() > 15, "the three lists have five places each");
    let lists = listed(&service, &first(&service));
    let on_a_ward: Vec<&String> =
        lists.iter().filter(|(team, _)| team.starts_with("ward-")).flat_map(|(_, list)| list).collect();
    assert!(on_a_ward.len() > 5 && on_a_ward.iter().all(|person| expected.contains(person)));
    for (team_id, lines) in worklists(&first(&service)) {
        let is_a_ward = team_id.starts_with("ward-");
        assert!(lines.iter().all(|line| line["why_listed"].starts_with("In A&E on ") == is_a_ward), "{team_id}");
        let page = fs::read_to_string(first(&service).join(format!("worklists/{team_id}/worklist.html"))).unwrap();
        assert_eq!(page.contains("Not a monitoring alarm"), is_a_ward, "{team_id}");
    }
}

/// Somebody who is on the list of a ward and of coaches on the first night: team and place of each.
struct OnBoth {
    ward: (String, usize),
    coach: (String, usize),
    person: String,
}

fn on_both(service: &Service) -> OnBoth {
    let lists = listed(service, &first(service));
    let place = |of: &str, person: &String| {
        let mut teams = lists.iter().filter(|(team, _)| team.starts_with(of));
        teams.find_map(|(team, list)| Some((team.clone(), list.iter().position(|one| one == person)?)))
    };
    let both = lists.values().flatten().find_map(|person| {
        let (ward, coach) = (place("ward-", person)?, place("coach-", person)?);
        Some(OnBoth { ward, coach, person: person.clone() })
    });
    both.expect("somebody is on two lists")
}

/// Why a reference left a team's list on the second night.
fn why_left(service: &Service, team: &str, person_ref: &str) -> Option<String> {
    let left = csv_rows(&second(service).join("removed.csv"));
    let line = left.into_iter().find(|line| line["team_id"] == team && line["person_ref"] == person_ref);
    line.map(|line| line["reason"].clone())
}

#[test]
fn whoever_accepts_a_ward_is_off_its_list_although_a_coach_was_told() {
    let service = after_first_night(SEEN_LATELY);
    let lines = worklists(&first(&service));
    let OnBoth { ward, coach, person } = on_both(&service);
    let accepted = [(coach.1 + 1, [("Outcome", "Accepted virtual ward")].as_slice())];
    let said = add(&service, &filled_in(&first(&service), &coach.0, &accepted));
    assert_eq!(said.code, 0, "{}", said.err);
    service.deliver(&crate::service::second_delta());
    service.must(&["run", "--index-date", SECOND]);
    assert!(listed(&service, &second(&service)).values().all(|list| !list.contains(&person)));
    for (team, place) in [ward, coach] {
        let why = why_left(&service, &team, &lines[&team][place]["person_ref"]);
        assert_eq!(why.as_deref(), Some("accepted a virtual ward on 14 November 2026"), "{team}");
    }
}

#[test]
fn somebody_on_two_lists_is_told_of_on_both_and_what_one_team_hears_keeps_them_off_its_own() {
    let service = after_first_night(SEEN_LATELY);
    let lines = worklists(&first(&service));
    let OnBoth { ward: (ward, at), coach: (coach, place), person } = &on_both(&service);
    let (at, place) = (*at, *place);
    assert!(lines[ward][at]["other_pathways"].contains(&format!("(on the list of {coach})")));
    assert!(lines[ward][at]["flags"].contains(&format!("On the list of {coach} too")));
    let told = &lines[coach][place]["other_pathways"];
    assert!(
        told.contains("Virtual ward review: in A&E on ") && told.contains(&format!("(on the list of {ward})")),
        "{told}"
    );

    let said = add(&service, &filled_in(&first(&service), ward, &[(at + 1, &[("Outcome", "Declined")])]));
    assert_eq!(said.code, 0, "{}", said.err);
    service.deliver(&crate::service::second_delta());
    service.must(&["run", "--index-date", SECOND]);
    let now = listed(&service, &second(&service));
    assert!(now.iter().all(|(team, list)| !team.starts_with("ward-") || !list.contains(person)));
    let reason = |team: &str, person_ref: &str| why_left(&service, team, person_ref);
    let declined = Some("declined on 14 November 2026".to_owned());
    assert_eq!(reason(ward, &lines[ward][at]["person_ref"]), declined);
    assert_ne!(reason(coach, &lines[coach][place]["person_ref"]), declined, "nobody declined coaching");
}

#[test]
fn a_decided_owner_has_its_people_and_kept_places_have_theirs() {
    let without = scores(&first(&Service::after_first_night()));
    let practices = first_delivery();
    // The practice of most people who are scored, and a team that has none of them.
    let of = |practice: &str| {
        let here = people(practices.table("registrations"), |row| {
            row.get("practice_code") == practice && row.get("end_date").is_empty()
        });
        here.into_iter().filter(|person| without.contains_key(person)).collect::<BTreeSet<String>>()
    };
    let codes: BTreeSet<String> =
        practices.table("reference_practices").rows().map(|row| row.get("practice_code").to_owned()).collect();
    let practice = codes.iter().max_by_key(|code| of(code).len()).unwrap();
    let theirs = of(practice);
    let owner = without[theirs.first().unwrap()].team_id.clone().unwrap();
    let other = ["coach-havering", "coach-hackney"].into_iter().find(|team| *team != owner).unwrap();
    let service = after_first_night(&format!(
        "[[owner]]\nteam_id = \"{other}\"\ncodes = [\"{practice}\"]\nname = \"A. Lead\"\nreason = \"nearer\"\n\
         [[floor]]\nteam_id = \"{other}\"\ncodes = [\"{practice}\"]\nshare = 0.6\n"
    ));
    let now = scores(&first(&service));
    assert!(theirs.len() > 3 && theirs.iter().all(|person| now[person].team_id.as_deref() == Some(other)));
    let moved = now.iter().filter(|(person, score)| score.team_id != without[*person].team_id).count();
    assert_eq!(moved, theirs.iter().filter(|person| without[*person].team_id.as_deref() != Some(other)).count());
    let list = &listed(&service, &first(&service))[other];
    assert!(list.len() == 5 && list.iter().filter(|person| theirs.contains(*person)).count() >= 3, "three of five");
    let page = fs::read_to_string(first(&service).join(format!("worklists/{other}/team.html"))).unwrap();
    assert!(page.contains(&format!("Places kept for {practice}")) && page.contains("at least 3: "));
}

#[test]
fn what_decides_nothing_is_told_and_so_is_whom_a_rule_finds_and_no_team_covers() {
    let service = Service::after_first_night();
    service.add_settings(&format!(
        "{SEEN_LATELY}[[owner]]\nteam_id = \"coach-hackney\"\ncodes = [\"F99999X\"]\nname = \"A\"\nreason = \"B\"\n\
         [[floor]]\nteam_id = \"coach-hackney\"\ncodes = [\"E09000012\"]\nshare = 0.1\n"
    ));
    let mut delivery = second_delivery();
    // Wards that cover trusts alone own nobody who was not admitted in the last twelve months.
    for (team_id, trust) in [("ward-r1h", "R1H"), ("ward-rf4", "RF4"), ("ward-rqx", "RQX")] {
        assert_eq!(delivery.table_mut("reference_teams").set("scope", trust, |row| row.get("team_id") == team_id), 1);
    }
    service.deliver(&delivery);
    let said = service.must(&["run", "--index-date", SECOND]);
    let told = said.out.lines().find(|line| line.contains("people whom a rule of virtual_ward finds are on no list"));
    let n: u64 = told.unwrap_or_else(|| panic!("{}", said.out)).split_whitespace().nth(1).unwrap().parse().unwrap();
    assert_eq!(json(&second(&service), "cohort.json")["of_the_scored"]["found_without_team"]["virtual_ward"], n);
    assert!(said.out.contains("[[owner]] names F99999X, which is no practice"), "{}", said.out);
    assert!(said.out.contains("[[floor]] of coach-hackney keeps no place"), "{}", said.out);
}

#[test]
fn a_team_that_offers_something_else_now_has_none_of_its_old_people_and_nobody_is_told_of_coaching() {
    let service = Service::after_first_night();
    let lists = worklists(&first(&service)).into_iter();
    let listed = lists.filter(|(team_id, lines)| team_id.starts_with("social-") && !lines.is_empty());
    let teams: Vec<String> = listed.map(|(team_id, _)| team_id).take(2).collect();
    let mut delivery = second_delivery();
    // A team of social prescribing gets another name, and another one becomes a ward's.
    let table = delivery.table_mut("reference_teams");
    assert_eq!(table.set("team_id", "renamed", |row| row.get("team_id") == teams[0]), 1);
    assert_eq!(table.set("pathway", "virtual_ward", |row| row.get("team_id") == teams[1]), 1);
    service.deliver(&delivery);
    service.must(&["run", "--index-date", SECOND]);
    let left = csv_rows(&second(&service).join("removed.csv"));
    for team_id in &teams {
        let reasons: BTreeSet<&str> =
            left.iter().filter(|line| line["team_id"] == *team_id).map(|line| line["reason"].as_str()).collect();
        assert!(reasons.contains("now with another team"), "{team_id}: {reasons:?}");
        assert!(!reasons.iter().any(|reason| reason.contains("unplanned care")), "{team_id}: {reasons:?}");
    }
}

#[test]
fn of_a_team_that_offers_something_else_every_line_has_a_cause_and_nobody_has_waited() {
    // Both pathways look for the same people, so whoever leaves the one list may be on the other, of the same team.
    let seen = |pathway: &str| format!("[pathways.{pathway}.rules.seen_lately]\nae_attendance_within_days = 365\n");
    let service = after_first_night(&format!("{}{}", seen("virtual_ward"), seen("social_prescribing")));
    let mut delivery = second_delivery();
    let of_teams = |delivery: &mut crate::delivery::Delivery, from: &str, to: &str| {
        delivery.table_mut("reference_teams").set("pathway", to, |row| row.get("pathway") == from)
    };
    assert!(of_teams(&mut delivery, "virtual_ward", "home_care") > 0);
    assert!(of_teams(&mut delivery, "social_prescribing", "virtual_ward") > 0);
    service.deliver(&delivery);
    service.must(&["run", "--index-date", SECOND]);

    let (old, new) = (listed(&service, &first(&service)), listed(&service, &second(&service)));
    let lines = worklists(&first(&service));
    let (mut n_on_both, mut n_waited) = (0, 0);
    for (team_id, people) in old.iter().filter(|(team_id, _)| team_id.starts_with("social-")) {
        for line in &lines[team_id] {
            assert!(why_left(&service, team_id, &line["person_ref"]).is_some(), "{team_id}, line {}", line["line_no"]);
        }
        n_on_both += new.get(team_id).map_or(0, |now| people.iter().filter(|person| now.contains(person)).count());
        let waiting = |night: &Path| csv_rows(&night.join(format!("worklists/{team_id}/waiting.csv")));
        if !new.contains_key(team_id) {
            continue;
        }
        let waited: BTreeSet<String> =
            waiting(&first(&service)).into_iter().map(|line| line["person_ref"].clone()).collect();
        for line in waiting(&second(&service)) {
            assert_eq!(line["waiting_since"], "2026-11-21", "{team_id}: nobody has waited for a ward before");
            n_waited += usize::from(waited.contains(&line["person_ref"]));
        }
    }
    assert!(n_on_both > 0 && n_waited > 0, "{n_on_both}, {n_waited}: the test must have somebody to look for");
}
