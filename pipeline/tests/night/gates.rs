//! What holds a night beside other nights: exit 12, yesterday's lists stand, and somebody may answer for it until a day.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use earlycall::{day::Day, history::records::PersonKey, keys::Keys, worklist::person_ref::person_ref};

use crate::{
    delivery::{Delivery, Row, Sheet},
    published::{json, scores, worklists},
    service::{FIRST, SECOND, Said, Service, first_delivery, second_delivery, second_delta},
};

/// The trust that stops sending, or does not.
const TRUST: &str = "R1H";

/// The attendances below make people look worse than a week before, which is not what is tested here.
const SETTINGS: &str = "[rules.SHARE]\nchange_times = 1000\n";

/// A service whose first night stands, and which begins its history anew with a full delivery: the weeks before are then
/// those of this delivery alone.
fn received(delivery: &Delivery, settings: &str) -> Service {
    let service = Service::after_first_night();
    for folder in ["state", "extracts"] {
        fs::remove_dir_all(service.folder().join(folder)).unwrap();
    }
    service.deliver(delivery);
    service.add_settings(&format!("{SETTINGS}{settings}"));
    service
}

/// The second delivery, with forty more A&E attendances a day of a trust, until a day.
fn with_a_busy_trust(until: &str) -> Delivery {
    let mut delivery = second_delivery();
    let people: Vec<String> = delivery.table("patients").rows().map(|row| row.get("person_id").to_owned()).collect();
    let mut people = people.iter().cycle();
    let sheet = delivery.table_mut("ed_attendances");
    let model = Sheet { header: sheet.header.clone(), rows: vec![sheet.rows[0].clone()] };
    let last = Day::parse(until).unwrap();
    for day in (0..90).map(|back| Day::parse(SECOND).unwrap() - back).filter(|day| *day <= last) {
        for n in 0..40 {
            let (person, id) = (people.next().unwrap(), format!("busy-{day}-{n}"));
            let (arrival, received) = (format!("{day}T{:02}:00:00Z", n % 20), format!("{day}T21:00:00Z"));
            let cells = [
                ("person_id", person.as_str()),
                ("attendance_id", &id),
                ("provider_code", TRUST),
                ("arrival_at", &arrival),
                ("departure_at", ""),
                ("received_at", &received),
            ];
            let row = model.rows().next().unwrap();
            let more = model.one(row, &cells);
            sheet.rows.extend(more.rows);
        }
    }
    delivery
}

/// The last of them arrived two weeks before the index date.
fn with_a_trust_that_stops() -> Delivery {
    let mut delivery = with_a_busy_trust("2026-11-06");
    let is_there = |trust: &str, arrival: &str| trust != TRUST || arrival < "2026-11-07";
    delivery.table_mut("ed_attendances").keep(|row| is_there(row.get("provider_code"), row.get("arrival_at")));
    delivery
}

fn setting_aside(until: &str) -> String {
    setting_aside_rule("V32", until)
}

fn setting_aside_rule(rule: &str, until: &str) -> String {
    format!(
        "[[override]]\nrule = \"{rule}\"\ntable = \"ed_attendances\"\nprovider = \"{TRUST}\"\nname = \"A. Engineer\"\n\
         reason = \"the department has moved\"\nuntil = \"{until}\"\n"
    )
}

fn run(service: &Service) -> Said {
    service.earlycall(&["run", "--index-date", SECOND])
}

#[test]
fn a_trust_whose_emergency_department_stops_sending_holds_the_night() {
    let service = received(&with_a_trust_that_stops(), "");
    let said = run(&service);
    assert_eq!(said.code, 12, "{}", said.err);
    for words in [
        "ed_attendances of R1H, rule V32: sent 0 rows of the week of 9 November 2026",
        "were expected, the median of 8 weeks before",
        "the lists of 13 November 2026 stand",
        "hint: Ask the provider",
    ] {
        assert!(said.err.contains(words), "{}\nshould say: {words}", said.err);
    }
    assert_eq!(service.current(), format!("nights/{FIRST}.1"));
    let checked = service.earlycall(&["check"]);
    assert_eq!(checked.code, 12, "{}", checked.err);
    assert!(checked.out.contains("holds the night: ed_attendances of R1H, rule V32"), "{}", checked.out);
}

#[test]
fn whoever_answers_for_it_is_named_by_every_run_and_on_every_page_until_it_ends() {
    let service = received(&with_a_trust_that_stops(), &setting_aside("2026-11-21"));
    let said = run(&service);
    assert_eq!(said.code, 0, "{}", said.err);
    let told = "Rule V32 is set aside for ed_attendances of R1H until 21 November 2026; A. Engineer decided: the department \
                has moved.";
    assert!(said.out.contains(&format!("override: {told}")), "{}", said.out);
    let breach =
        said.out.lines().find(|line| line.starts_with("warning: ed_attendances of R1H, rule V32: sent 0 rows"));
    let by = "A. Engineer lets it pass until 21 November 2026: the department has moved";
    assert!(breach.is_some_and(|line| line.ends_with(by)), "{}", said.out);
    let night = service.night(&format!("{SECOND}.1"));
    let notices = json(&night, "run.json")["notices"].to_string();
    assert!(notices.contains(told), "{notices}");
    let quality = json(&night, "quality.json");
    let of_the_night = &quality["beside_other_nights"];
    assert_eq!(of_the_night["set_aside"][0]["finding"]["rule"], "V32");
    assert_eq!(of_the_night["set_aside"][0]["finding"]["provider"], TRUST);
    let html = fs::read_dir(night.join("worklists")).unwrap().next().unwrap().unwrap().path().join("worklist.html");
    assert!(fs::read_to_string(html).unwrap().contains("A. Engineer decided"));
}

/// What every line says of its person's data, by person.
fn badges(service: &Service, night: &Path) -> BTreeMap<String, String> {
    let keys = Keys::of(&service.settings()).unwrap();
    let scored = scores(night);
    let mut badges = BTreeMap::new();
    for (team, lines) in worklists(night) {
        let key = keys.team(&team).unwrap();
        let of_team = scored.iter().filter(|(_, score)| score.is_of(&team));
        let persons: BTreeMap<String, &String> =
            of_team.map(|(id, _)| (person_ref(&key, PersonKey::parse(id).unwrap()), id)).collect();
        badges.extend(lines.iter().map(|line| (persons[&line["person_ref"]].clone(), line["badges"].clone())));
    }
    badges
}

#[test]
fn lines_of_whoever_goes_to_a_trust_that_is_late_say_so() {
    let mut delivery = with_a_trust_that_stops();
    // Half of the people are never seen in its emergency department.
    let is_seen = |trust: &str, person: &str| trust != TRUST || person < "8";
    delivery.table_mut("ed_attendances").keep(|row| is_seen(row.get("provider_code"), row.get("person_id")));
    let service = received(&delivery, &setting_aside("2026-11-21"));
    let said = run(&service);
    assert_eq!(said.code, 0, "{}", said.err);

    let seen = ["apc_episodes", "ed_attendances"].into_iter().flat_map(|table| delivery.table(table).rows());
    let of_trust = seen.filter(|row| row.get("provider_code") == TRUST);
    let goes_there: BTreeSet<&str> = of_trust.map(|row| row.get("person_id")).collect();
    let patients = delivery.table("patients").rows();
    let confidential = patients.filter(|row| row.get("is_confidential") == "true");
    let confidential: BTreeSet<&str> = confidential.map(|row| row.get("person_id")).collect();
    let badges = badges(&service, &service.night(&format!("{SECOND}.1")));
    for (person, badges) in &badges {
        let names_it = badges.contains("A&E attendances at Barts Health NHS Trust to 6 November 2026 only");
        let is_open = !confidential.contains(person.as_str());
        assert_eq!(names_it, is_open && goes_there.contains(person.as_str()), "{badges}");
        assert_eq!(badges.contains("Some A&E attendances to 6 November 2026 only"), !is_open, "{badges}");
    }
    let n_open = badges.values().filter(|badges| badges.contains("Barts")).count();
    assert!(n_open > 0 && n_open < badges.len(), "{n_open} of {}", badges.len());
}

#[test]
fn whoever_answers_for_a_trust_that_is_late_is_named_in_place_of_the_warning_and_its_lines_go_on_saying_so() {
    let overrides = setting_aside("2026-11-21") + &setting_aside_rule("V33", "2026-11-21");
    let service = received(&with_a_trust_that_stops(), &overrides);
    let by = "A. Engineer lets it pass until 21 November 2026: the department has moved";
    let late =
        "ed_attendances of R1H, rule V33: stops on 6 November 2026, 14 days before the index date, and 7 are allowed";
    let checked = service.earlycall(&["check", "--index-date", SECOND]);
    assert!(checked.out.contains(&format!("let pass: {late}; {by}\n")), "{}", checked.out);
    let said = run(&service);
    assert_eq!(said.code, 0, "{}", said.err);
    let told: Vec<&str> = said.out.lines().filter(|line| line.contains(late)).collect();
    assert_eq!(told, [format!("warning: {late}; {by}")]);
    let night = service.night(&format!("{SECOND}.1"));
    let notices = json(&night, "run.json")["notices"].to_string();
    assert!(notices.contains("Rule V33 is set aside for ed_attendances of R1H until 21 November 2026"), "{notices}");
    assert!(notices.contains("of R1H are late"), "its rows are no younger for that: {notices}");
    let badges = badges(&service, &night);
    assert!(badges.values().any(|badges| badges.contains("at Barts Health NHS Trust to 6 November 2026 only")));
}

#[test]
fn an_override_that_has_ended_or_lasts_too_long_lets_nothing_pass() {
    let ended = run(&received(&with_a_trust_that_stops(), &setting_aside("2026-11-19")));
    assert_eq!(ended.code, 12, "{}", ended.err);
    let told = "override: Rule V32 was set aside for ed_attendances of R1H until 19 November 2026; A. Engineer decided: the \
                department has moved. That has ended: take it out of the settings, or have it decided anew.\n";
    assert!(ended.out.starts_with(told), "{}", ended.out);
    assert!(ended.err.contains("the override by A. Engineer ended on 19 November 2026"), "{}", ended.err);
    let lasting = run(&received(&with_a_trust_that_stops(), &setting_aside("2026-12-22")));
    assert_eq!(lasting.code, 10, "{}", lasting.err);
    assert!(lasting.err.contains("more than 31 days"), "{}", lasting.err);
    assert_eq!(lasting.out, "", "nobody is told that it works");
}

#[test]
fn an_override_for_somebody_of_whom_nothing_has_come_is_told_by_run_and_check_and_holds_nothing() {
    let service = Service::after_first_night();
    let told =
        "warning: the override of V32 by A. Engineer lets nothing pass: nothing has ever arrived of R1J; was R1H";
    let run = ["run", "--index-date", FIRST, "--revise", "--dry-run"];
    service.add_settings(&setting_aside("2026-11-21").replace(TRUST, "R1J"));
    for said in [service.must(&run), service.must(&["check"])] {
        assert!(said.out.contains(told), "{}", said.out);
    }
    // A trust that sends nothing itself is known by the rows that name it.
    service.add_settings(&setting_aside("2026-11-21"));
    for said in [service.must(&run), service.must(&["check"])] {
        assert!(!said.out.contains("nothing has ever arrived"), "{}", said.out);
    }
}

#[test]
fn an_ordinary_second_week_is_held_by_nothing() {
    let service = received(&with_a_busy_trust(SECOND), "");
    let said = run(&service);
    assert_eq!(said.code, 0, "{}", said.err);
    let night = service.night(&format!("{SECOND}.1"));
    let quality = json(&night, "quality.json");
    assert_eq!(quality["beside_other_nights"]["set_aside"], serde_json::json!([]));
    assert!(!said.out.contains("rule COHORT") && !said.out.contains("rule ABSENT"), "{}", said.out);
    assert!(badges(&service, &night).values().all(|badges| !badges.contains("A&E attendances")));
}

#[test]
fn a_table_that_was_left_out_is_named_by_check_and_run_and_on_every_page_and_its_rows_stand() {
    let service = Service::after_first_night();
    let mut delivery = second_delivery();
    delivery.tables.remove("deaths").unwrap();
    let since = first_delivery().manifest["extracted_at"].as_str().unwrap()[..10].to_owned();
    let since = Day::parse(&since).unwrap().in_words();
    service.deliver(&delivery);
    let told = format!(
        "rule ABSENT: was left out of the full delivery of 20 November 2026: what arrived until {since} stands"
    );
    let checked = service.must(&["check"]);
    assert!(checked.out.contains("warning: deaths of ") && checked.out.contains(&told), "{}", checked.out);
    let page = fs::read_to_string(service.out().join("check.html")).unwrap();
    assert!(page.contains(&told), "the page of the check");
    let said = service.must(&["run", "--index-date", SECOND]);
    assert!(said.out.contains(&told), "{}", said.out);
    let night = service.night(&format!("{SECOND}.1"));
    let quality = json(&night, "quality.json");
    let warned = &quality["beside_other_nights"]["warned"][0];
    assert_eq!((&warned["rule"], &warned["table"]), (&"ABSENT".into(), &"deaths".into()), "{warned}");
    let notices = json(&night, "run.json")["notices"].to_string();
    assert!(notices.contains("were left out of a full delivery: what came before stands"), "{notices}");
}

#[test]
fn what_was_let_pass_on_arrival_is_told_by_every_run_with_its_numbers_and_stands_in_the_record() {
    let mut delivery = second_delivery();
    let sheet = delivery.table_mut("apc_episodes");
    let at = sheet.header.iter().position(|column| column == "admission_date").unwrap();
    sheet.rows.iter_mut().step_by(40).for_each(|row| row[at] = "never".to_owned());
    let answered = "[[override]]\nrule = \"V42\"\ntable = \"apc_episodes\"\nname = \"A. Engineer\"\n\
                    reason = \"known\"\nuntil = \"2026-11-25\"\n";
    let service = received(&delivery, answered);
    let said = service.must(&["run", "--index-date", SECOND]);
    let told = |out: &str| {
        let line = out.lines().find(|line| line.starts_with("warning: apc_episodes, rule V42: 2."));
        line.is_some_and(|line| {
            line.contains(" rows are rejected, more than 2.0%: ")
                && line.contains(" by TYPE in admission_date, the first in ")
                && line.ends_with("; A. Engineer lets it pass until 25 November 2026: known")
        })
    };
    assert!(told(&said.out), "{}", said.out);
    let quality = json(&service.night(&format!("{SECOND}.1")), "quality.json");
    let breach = &quality["set_aside_on_arrival"][0];
    assert_eq!((&breach["finding"]["rule"], &breach["by"]["name"]), (&"V42".into(), &"A. Engineer".into()));
    // It stands as long as somebody answers for it, whatever else is run.
    let again = service.must(&["run", "--index-date", FIRST, "--revise"]);
    assert!(told(&again.out), "{}", again.out);
    let checked = service.must(&["check"]);
    assert!(checked.out.contains("let pass: apc_episodes, rule V42: 2."), "{}", checked.out);
}

#[test]
fn a_night_that_is_held_tells_all_that_holds_it_and_what_it_would_have_warned_of() {
    let service = Service::after_first_night();
    // Every fourth person is marked as a test patient.
    let first = first_delivery();
    let mut second = second_delta();
    let sent: BTreeSet<String> = second.table("patients").rows().map(|row| row.get("person_id").to_owned()).collect();
    let marked = [("is_test_patient", "true"), ("updated_at", "2026-11-20T01:00:00Z")];
    let patients = first.table("patients");
    for row in patients.rows().filter(|row| !sent.contains(row.get("person_id"))).step_by(4) {
        second.table_mut("patients").rows.extend(patients.one(row, &marked).rows);
    }
    service.deliver(&second);
    let said = run(&service);
    assert_eq!(said.code, 12, "{}", said.err);
    let holds = "holds the night: ";
    let held: Vec<&str> =
        said.err.lines().filter_map(|line| line.strip_prefix("earlycall: ")?.strip_prefix(holds)).collect();
    assert_eq!(held.len(), 2, "{}{}", said.out, said.err);
    assert!(held.iter().all(|line| line.contains("patients, rule COHORT: ")), "{}", said.err);
    let last = said.err.lines().last().unwrap();
    assert!(
        last.contains(held[0]) && last.contains("1 more finding holds the night, told beside this"),
        "{}",
        said.err
    );
    assert!(said.err.contains("`earlycall explain rule COHORT` tells more"), "{}", said.err);
    assert!(said.err.contains("earlycall: warning: registrations, rule COHORT: "), "{}", said.err);
    assert!(!said.out.contains("rule COHORT"), "nothing of it stands elsewhere: {}", said.out);
    // For machines it is one object.
    let said = service.earlycall(&["--log-format", "json", "--quiet", "run", "--index-date", SECOND]);
    let told: serde_json::Value = serde_json::from_str(&said.err).unwrap();
    let beside = told["beside"].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
    let beside: Vec<&str> = beside.filter_map(|line| line.strip_prefix(holds)).collect();
    assert_eq!((beside, &told["exit_code"]), (held, &12.into()), "{}", said.err);
    // It could say nothing of all that.
    assert!(!said.err.contains("earlycall check"), "{}", said.err);
}

#[test]
fn registrations_that_a_delivery_ends_are_told_by_the_run_with_the_practice_and_hold_nothing() {
    let service = Service::after_first_night();
    let first = first_delivery();
    let is_open = |row: &Row| row.get("end_date").is_empty() && row.get("registration_type") == "regular";
    let largest = largest_practice(&first);
    let registrations = first.table("registrations");
    let of_it = registrations.rows().filter(|row| is_open(row) && row.get("practice_code") == largest);
    let mut second = second_delta();
    for row in of_it.take(40) {
        let ended = registrations.one(row, &[("end_date", "2026-11-16")]);
        second.table_mut("registrations").rows.extend(ended.rows);
    }
    service.deliver(&second);
    let said = service.must(&["run", "--index-date", SECOND]);
    let registered =
        |night: &str| json(&service.night(night), "cohort.json")["practices"][&largest]["registered"].as_u64();
    let (then, now) = (registered(&format!("{FIRST}.1")).unwrap(), registered(&format!("{SECOND}.1")).unwrap());
    assert!((30..=45).contains(&(then - now)), "of the forty a few had died, and a few others moved: {then}, {now}");
    let told = format!(
        "warning: registrations of {largest}, rule COHORT: {now} people are registered, and {then} were on 13 November 2026"
    );
    assert!(said.out.contains(&told), "{}", said.out);
    assert_eq!(said.out.matches("registrations of ").count(), 1, "no other practice: {}", said.out);
    let warned = &json(&service.night(&format!("{SECOND}.1")), "quality.json")["beside_other_nights"]["warned"];
    assert!(warned.to_string().contains("people are registered, and"), "{warned}");
}

/// The practice of the first delivery that has the most people with an open registration.
fn largest_practice(first: &Delivery) -> String {
    let is_open = |row: &Row| row.get("end_date").is_empty() && row.get("registration_type") == "regular";
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    let registrations = first.table("registrations");
    registrations.rows().filter(is_open).for_each(|row| *sizes.entry(row.get("practice_code")).or_default() += 1);
    sizes.into_iter().max_by_key(|(practice, n)| (*n, *practice)).unwrap().0.to_owned()
}

#[test]
fn a_practice_that_is_off_the_list_is_told_by_the_run_with_its_people() {
    let service = Service::after_first_night();
    let practice = largest_practice(&first_delivery());
    let mut second = second_delivery();
    second.table_mut("reference_practices").keep(|row| row.get("practice_code") != practice);
    service.deliver(&second);
    let wide = "[gate]\nscored_fall_max = 0.9\n[rules.COHORT]\nchange_max = 0.9\n";
    service.add_settings(wide);
    let off =
        format!("warning: reference_practices of {practice}, rule COHORT: is no longer on the list of practices; ");
    let checked = service.must(&["check", "--index-date", SECOND]);
    assert_eq!(checked.out.matches(&off).count(), 1, "{}", checked.out);
    let said = service.must(&["run", "--index-date", SECOND]);
    let line = said.out.lines().find(|line| line.starts_with(&off)).unwrap_or_else(|| panic!("{}", said.out));
    let then = json(&service.night(&format!("{FIRST}.1")), "cohort.json");
    let then = then["practices"][&practice]["registered"].as_u64().unwrap();
    let n = line[off.len()..].split(' ').next().unwrap().parse::<u64>().unwrap();
    assert!(n.abs_diff(then) < 5, "a week's joiners, leavers and deaths: {then}, {line}");
    assert!(line.ends_with("people registered there are on no list"), "{line}");
    assert!(said.out.contains("warning: registrations, rule COHORT: "), "of all: {}", said.out);
    assert!(checked.out.contains(line), "`check` counts them as the night does: {}", checked.out);
    let second = json(&service.night(&format!("{SECOND}.1")), "cohort.json");
    assert_eq!(second["practices"][&practice]["registered"].as_u64().unwrap_or(0), 0);
    let kept = serde_json::json!({ "registered": then, "on": FIRST, "is_answered_for": false });
    assert_eq!(second["practices_that_left"], serde_json::json!({ &practice: kept }), "for the nights to come");
    // Somebody answers for it.
    service.add_settings(&format!(
        "{wide}[[override]]\nrule = \"COHORT\"\ntable = \"reference_practices\"\nprovider = \"{practice}\"\n\
         name = \"A. Engineer\"\nreason = \"it has left\"\nuntil = \"2026-12-01\"\n"
    ));
    let passed = format!("{line}; A. Engineer lets it pass until 1 December 2026: it has left");
    let said = service.must(&["run", "--index-date", SECOND, "--revise"]);
    assert!(said.out.lines().any(|line| line == passed), "{}", said.out);
    let checked = service.must(&["check", "--index-date", SECOND]);
    assert!(checked.out.contains(&passed.replacen("warning: ", "let pass: ", 1)), "{}", checked.out);
}
