//! Who is looked after already: left to a virtual ward or a specialist nurse and told why, flagged where somebody else should
//! be asked first, and found for a review of home care. Rows of the optional tables are written by hand.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::OnceLock,
};

use earlycall_schemas::table::table;

use crate::{
    delivery::{Delivery, Sheet},
    published::{Line, csv_rows, json, scores, worklists},
    service::{SECOND, Service, second_delivery},
    snapshot::Snapshot,
    two_nights::{first, listed, people, second},
};

const AGREED: &str = "[feeds.virtual_ward_stays]\nlegal_basis = \"DSA-1\"\n[feeds.community_contacts]\nlegal_basis = \"DSA-2\"\n\
                      [feeds.home_care_visits]\nlegal_basis = \"DSA-3\"\n";

/// A table whose rows have these cells and no others, by column.
fn sheet<const N: usize>(name: &str, columns: [&str; N], rows: impl Iterator<Item = [String; N]>) -> (String, Sheet) {
    let header: Vec<String> = table(name).unwrap().columns.iter().map(|column| column.name.clone()).collect();
    let of = |cells: [String; N]| {
        let cell = |column: &String| columns.iter().position(|known| known == column).map(|at| cells[at].clone());
        header.iter().map(|column| cell(column).unwrap_or_default()).collect()
    };
    let rows = rows.map(of).collect();
    (name.to_owned(), Sheet { header, rows })
}

/// Of everybody scored the first is on a virtual ward, the second seen by community nurses, the third by a specialist nurse,
/// the fourth has home care, the fifth nobody; and so on.
fn in_turn() -> BTreeMap<String, usize> {
    let people = scores(&first(&Service::after_first_night())).into_keys();
    people.enumerate().map(|(n, person)| (person, n % 5)).collect()
}

/// The second night's delivery with these people looked after.
fn with_services(of: &BTreeMap<String, usize>) -> Delivery {
    let mut delivery = second_delivery();
    let with = |turn: usize| of.iter().filter(move |(_, of)| **of == turn).map(|(person, _)| person).enumerate();
    let text = |cells: [&str; 5]| cells.map(str::to_owned);
    let stays =
        with(0).map(|(n, person)| text([&format!("v{n}"), person, "R1H", "2026-11-16T10:00:00Z", "respiratory"]));
    // A specialist nurse has seen hers before, so they are on her caseload.
    let seen = [(1, "district_nursing", 17), (2, "respiratory_nurse", 5), (2, "respiratory_nurse", 17)];
    let nurses = seen.into_iter().flat_map(|(turn, team, day)| {
        let on = format!("2026-11-{day:02}");
        with(turn).map(move |(n, person)| text([&format!("c{turn}-{n}-{day}"), person, "RKE", &on, team]))
    });
    let visits = with(3).flat_map(|(n, person)| {
        let of = |day: u32, status: &str| {
            text([&format!("h{n}-{day}"), person, "1-101", &format!("2026-11-{day}T08:00:00Z"), status])
        };
        // Every second of them was left alone twice.
        let missed = if n % 2 == 0 { "missed" } else { "delivered" };
        [of(17, missed), of(18, missed), of(19, "delivered")]
    });
    let tables = [
        sheet("virtual_ward_stays", ["stay_id", "person_id", "provider_code", "start_at", "pathway"], stays),
        sheet("community_contacts", ["contact_id", "person_id", "provider_code", "contact_date", "team_type"], nurses),
        sheet("home_care_visits", ["visit_id", "person_id", "provider_id", "planned_start", "status"], visits),
    ];
    delivery.tables.extend(tables);
    delivery
}

fn second_night(settings: &str, delivery: &Delivery) -> Service {
    let service = Service::after_first_night();
    service.add_settings(settings);
    service.deliver(delivery);
    service.must(&["run", "--index-date", SECOND]);
    service
}

/// The second night of everybody in turn, as far as services have agreed.
fn after_both() -> Service {
    static BOTH: OnceLock<Snapshot> = OnceLock::new();
    Service::restored(BOTH.get_or_init(|| Snapshot::of(second_night(AGREED, &with_services(&in_turn())).folder())))
}

/// Each listed person's lines, by the person's turn.
fn by_turn(service: &Service, turns: &BTreeMap<String, usize>) -> Vec<(String, usize, String, Line)> {
    let lines = worklists(&second(service));
    let of_team = |(team, people): (String, Vec<String>)| {
        let told = people.into_iter().zip(&lines[&team]);
        told.map(|(person, line)| (team.clone(), turns[&person], person, line.clone())).collect::<Vec<_>>()
    };
    listed(service, &second(service)).into_iter().flat_map(of_team).collect()
}

#[test]
fn whoever_is_on_a_virtual_ward_is_left_to_it_and_told_why_and_whoever_nurses_see_is_flagged() {
    let (turns, service) = (in_turn(), after_both());
    let lines = by_turn(&service, &turns);
    let turns_of = |of: &str| -> BTreeSet<usize> {
        lines.iter().filter(|(team, ..)| team.starts_with(of)).map(|(_, turn, ..)| *turn).collect()
    };
    assert_eq!(turns_of("coach-"), [1, 3, 4].into(), "neither a virtual ward's people nor a specialist nurse's");
    assert!(!turns_of("ward-").contains(&0) && !turns_of("ward-").is_empty());
    let nurses = "Community nurses saw them on 17 November 2026: speak with them first";
    let carers = "Home care came on 19 November 2026: ask what the carers see";
    let unknown = "No data on: social prescriber, alarm or sensors at home";
    for (team, turn, _, line) in lines.iter().filter(|(team, ..)| team.starts_with("coach-")) {
        assert_eq!(line["flags"].contains(nurses), *turn == 1, "{team}: {}", line["flags"]);
        assert_eq!(line["flags"].contains(carers), *turn == 3, "{team}: {}", line["flags"]);
        let told = match turn {
            1 => "Community nurses, last on 17 November 2026",
            3 => "Home care, last visit on 19 November 2026",
            _ => "Nobody else on record",
        };
        assert_eq!(line["looked_after"], format!("{told}; {unknown}"));
        let page = fs::read_to_string(second(&service).join(format!("worklists/{team}/worklist.html"))).unwrap();
        assert!(page.contains("Looked after by") && page.contains(told), "{team}");
    }
    let left = csv_rows(&second(&service).join("removed.csv"));
    let left_coaching = |reason: &str| {
        left.iter().filter(|row| row["team_id"].starts_with("coach-") && row["reason"] == reason).count()
    };
    assert!(left_coaching("on a virtual ward since 16 November 2026, looked after there") > 0);
    assert!(
        left_coaching("seen by a specialist nurse more than once, last on 17 November 2026, looked after there") > 0
    );
}

#[test]
fn nobody_is_on_the_lists_of_two_coaches_or_of_a_coach_and_a_ward_that_looks_after_them() {
    let (turns, service) = (in_turn(), after_both());
    let mut coached = BTreeSet::new();
    for (team, turn, person, line) in by_turn(&service, &turns) {
        let is_coaching = team.starts_with("coach-");
        assert!(!is_coaching || coached.insert(person), "{team}: on the list of another coach");
        let is_on_a_ward = line["looked_after"].contains("Virtual ward since");
        assert_eq!(is_on_a_ward, turn == 0);
        assert!(!is_on_a_ward || !(is_coaching || team.starts_with("ward-")), "{team}: phoned twice");
    }
    assert!(coached.len() > 20);
}

#[test]
fn a_lead_is_told_how_many_are_left_to_whom_and_the_record_counts_them() {
    let (turns, service) = (in_turn(), after_both());
    let left_to = &json(&second(&service), "cohort.json")["of_the_scored"]["left_to_services"];
    let scored = scores(&second(&service));
    let end_of_life = people(second_delivery().table("gp_events"), |row| row.get("snomed_code") == "103735009");
    let found = |person: &&String| scored.contains_key(*person) && !end_of_life.contains(*person);
    // Of coaching everybody scored is found here.
    for (service, turn) in [("virtual_ward", 0), ("specialist_nurse", 2)] {
        let n = turns.iter().filter(|(_, of)| **of == turn).map(|(person, _)| person).filter(found).count();
        assert_eq!(left_to["coaching"][service], n, "{service}");
    }
    assert!(left_to["coaching"].get("community_nurses").is_none() && left_to.get("home_care").is_none());
    let pages = fs::read_dir(second(&service).join("worklists")).unwrap();
    let told = pages.filter(|team| {
        let page = fs::read_to_string(team.as_ref().unwrap().path().join("team.html")).unwrap();
        page.contains("Found by a rule, and left to: virtual ward")
    });
    assert!(told.count() >= 5, "each coaching team has some");
}

#[test]
fn whoever_objects_after_publication_is_counted_as_left_to_a_service_no_longer() {
    let (turns, service) = (in_turn(), after_both());
    let left_to = |night: &Path| json(night, "cohort.json")["of_the_scored"]["left_to_services"]["coaching"].clone();
    let before = left_to(&second(&service));
    let scored = scores(&second(&service));
    let is_on_ward = |person: &&String| {
        let left_to = scored.get(*person).and_then(|score| score.left_to_services.as_deref());
        left_to.is_some_and(|left_to| left_to.contains("coaching:virtual_ward:"))
    };
    let gone = turns.keys().find(is_on_ward).unwrap();
    assert_eq!(turns[gone], 0);
    service.must(&["objection", "add", gone, "--by", "A. Nurse", "--why", "said so on the phone"]);
    let after = left_to(&service.night(&format!("{SECOND}.2")));
    assert_eq!(after["virtual_ward"], before["virtual_ward"].as_u64().unwrap() - 1);
    assert_eq!(after["specialist_nurse"], before["specialist_nurse"]);
}

#[test]
fn a_service_that_would_rather_phone_has_them_on_its_list_with_a_word() {
    let turns = in_turn();
    let own = "[pathways.coaching.looked_after]\nvirtual_ward = \"check\"\nhome_care = \"tell\"\n";
    let service = second_night(&format!("{AGREED}{own}"), &with_services(&turns));
    let lines = by_turn(&service, &turns);
    let coached = |turn: usize| {
        lines.iter().filter(move |(team, of, ..)| team.starts_with("coach-") && *of == turn).map(|(.., line)| line)
    };
    let ward = "On a virtual ward since 16 November 2026: speak with its team first";
    assert!(coached(0).count() > 0 && coached(0).all(|line| line["flags"].contains(ward)));
    assert!(coached(3).count() > 0 && coached(3).all(|line| !line["flags"].contains("Home care came")));
}

#[test]
fn without_a_legal_basis_the_lists_are_as_if_nothing_had_come() {
    let turns = in_turn();
    let [with, without] = [with_services(&turns), second_delivery()].map(|delivery| second_night("", &delivery));
    let lists = worklists(&second(&without));
    assert_eq!(worklists(&second(&with)), lists);
    assert!(lists.values().flatten().all(|line| line["looked_after"] == "No data"));
    assert!(lists.values().flatten().all(|line| !line["recent_use"].contains("Missed")));
}

/// The delivery with one more team, for home care everywhere.
fn with_a_home_care_team(mut delivery: Delivery) -> Delivery {
    let boroughs: BTreeSet<&str> = delivery.tables["reference_lsoa"].rows().map(|row| row.get("lad_code")).collect();
    let scope = boroughs.into_iter().collect::<Vec<_>>().join("|");
    let team = [("team_id", "home-1"), ("pathway", "home_care"), ("scope", scope.as_str()), ("weekly_capacity", "200")];
    let teams = delivery.tables.get_mut("reference_teams").unwrap();
    let row: Vec<String> = teams
        .rows()
        .next()
        .map(|row| {
            let of = |column: &String| {
                team.iter().find(|(name, _)| name == column).map_or(row.get(column), |(_, cell)| cell)
            };
            teams.header.iter().map(|column| of(column).to_owned()).collect()
        })
        .unwrap();
    teams.rows.push(row);
    delivery
}

#[test]
fn a_review_of_home_care_has_whoever_was_left_alone_and_says_how_often() {
    let turns = in_turn();
    let service = second_night(AGREED, &with_a_home_care_team(with_services(&turns)));
    let with_care: Vec<&String> = turns.iter().filter(|(_, turn)| **turn == 3).map(|(person, _)| person).collect();
    let left_alone: BTreeSet<&String> = with_care.into_iter().step_by(2).collect();
    let lists = listed(&service, &second(&service));
    let on_it: BTreeSet<&String> = lists["home-1"].iter().collect();
    assert!(on_it.len() > 20 && on_it.is_subset(&left_alone));
    for line in &worklists(&second(&service))["home-1"] {
        let why = "2 home-care visits that nobody came to since 24 October 2026, the last on 18 November 2026";
        assert_eq!(line["why_listed"], why);
        assert!(line["looked_after"].starts_with("Home care, last visit on 19 November 2026"));
        assert!(!line["flags"].contains("Home care came"), "the list is about it");
    }
    let coached = worklists(&second(&service)).into_iter().filter(|(team, _)| team.starts_with("coach-"));
    let told = coached
        .flat_map(|(_, lines)| lines)
        .filter(|line| line["other_pathways"].contains("Home-care review: 2 home-care visits that nobody came to"));
    assert!(told.count() > 0);
}

#[test]
fn a_home_care_team_gets_no_list_while_its_rules_cannot_be_asked_and_is_told_why() {
    let service = Service::after_first_night();
    service.deliver(&with_a_home_care_team(second_delivery()));
    let said = service.must(&["run", "--index-date", SECOND]);
    assert!(!worklists(&second(&service)).contains_key("home-1"));
    let why = "home-1 gets no list: home_care asks for what is not there or has no legal basis, home_care_visits";
    assert!(said.out.contains(why), "{}", said.out);
}
