//! A full delivery without a table, or without one provider of a table, that came with the rest before: the rows stand, and
//! somebody says so.

use earlycall::{history::History, night::deliveries::Beside, quality::recent::Newest, settings::Settings};
use serde_json::json;

use crate::{
    Service, Tiny, day,
    gaps::{PRACTICE, of_a_practice},
    only,
    support::{person, sha256},
};

/// What is left out, by table and provider, with the day of the first full delivery without it.
fn left_out(history: &History) -> Vec<(&str, &str, String)> {
    history.ledger.left_out().map(|one| (one.table, one.provider, one.on.to_string())).collect()
}

/// What a night is told of it.
fn told(history: &History, index_date: &str) -> Vec<String> {
    let found = Beside::of(history, &Settings::default(), day(index_date), &Default::default()).unwrap().findings;
    found.iter().filter(|finding| finding.rule == "ABSENT").map(|finding| finding.text()).collect()
}

/// The tiny delivery, with a report of a death from another provider beside the first one's.
fn with_deaths_of(provider: &'static str) -> Tiny {
    let text = format!("person_id,death_date,source\n{},2026-10-02,ons\n", person(2));
    let line = json!({"table": "deaths", "file": "deaths/b.csv", "row_count": 1, "sha256": sha256(text.as_bytes()),
                      "provider_code": provider});
    Tiny::new()
        .stray("deaths/b.csv", text.as_bytes())
        .manifest(move |manifest| manifest["files"].as_array_mut().unwrap().push(line.clone()))
}

#[test]
fn what_came_with_the_rest_and_is_left_out_is_named_and_stands() {
    let (service, first) = Service::with(Tiny::new());
    assert_eq!((left_out(&first), told(&first, "2026-11-20")), (vec![], vec![]));
    let history = service.deliver("second", "full", "2026-11-21", Tiny::new().drop_table("ed_attendances")).unwrap();
    assert_eq!(history.ledger.rows_of("ed_attendances"), 3, "as the first delivery has them");
    assert_eq!(left_out(&history), [("ed_attendances", "QMF", "2026-11-21".to_owned())]);
    assert_eq!(
        told(&history, "2026-11-20"),
        [
            "ed_attendances of QMF, rule ABSENT: was left out of the full delivery of 21 November 2026: what arrived until \
             20 November 2026 stands"
        ]
    );
    assert_eq!(told(&history, "2026-11-19"), Vec::<String>::new(), "of a past night a later delivery says nothing");
    // It is told until it is sent again, however many full deliveries lack it.
    let history = service.deliver("third", "full", "2026-11-22", Tiny::new().drop_table("ed_attendances")).unwrap();
    assert_eq!(left_out(&history), [("ed_attendances", "QMF", "2026-11-21".to_owned())]);
    let history = service.deliver("fourth", "full", "2026-11-23", Tiny::new()).unwrap();
    assert_eq!(left_out(&history), []);
    let history = service.deliver("fifth", "full", "2026-11-24", Tiny::new().drop_table("deaths")).unwrap();
    assert_eq!(left_out(&history), [("deaths", "QMF", "2026-11-24".to_owned())], "another table, from its own day on");
}

#[test]
fn one_provider_of_a_table_is_missed_though_another_sends_it() {
    let (service, _) = Service::with(with_deaths_of("RF4"));
    let history = service.deliver("second", "full", "2026-11-21", Tiny::new()).unwrap();
    assert_eq!(left_out(&history), [("deaths", "RF4", "2026-11-21".to_owned())]);
    assert_eq!(history.ledger.rows_of("deaths"), 2);
    // An addition is news of it as well.
    let history = service.deliver("adds", "delta", "2026-11-22", with_deaths_of("RF4")).unwrap();
    assert_eq!(left_out(&history), []);
}

#[test]
fn whoever_sends_apart_is_not_missed_in_the_deliveries_of_others() {
    let gp = || only(&["registrations", "gp_events", "gp_prescriptions"]);
    let others = || {
        ["registrations", "gp_events", "gp_prescriptions"]
            .into_iter()
            .fold(Tiny::new(), |tiny, table| tiny.drop_table(table))
    };
    let service = Service::new();
    service.put("first", "full", "2026-11-20", others());
    service.put("gp", "full", "2026-11-21", gp());
    let settle = |id, on, tiny| service.deliver(id, "full", on, tiny).unwrap();
    assert_eq!(left_out(&settle("second", "2026-11-22", others())), []);
    assert_eq!(left_out(&settle("gp again", "2026-11-23", gp())), []);
    // An addition need not have everything.
    assert_eq!(left_out(&service.deliver("adds", "delta", "2026-11-24", only(&["gp_events"])).unwrap()), []);
    let history = settle("gp in part", "2026-11-25", gp().drop_table("gp_events"));
    assert_eq!(left_out(&history), [("gp_events", "QMF", "2026-11-25".to_owned())]);
}

#[test]
fn a_file_that_is_refused_has_been_sent() {
    let (service, _) = Service::with(of_a_practice(Tiny::new()));
    let damaged = of_a_practice(Tiny::new()).line("gp_events", "sha256", json!("0".repeat(64)));
    let settings = crate::gaps::ANY_SHARE;
    let history = service.deliver_with("second", "full", "2026-11-21", damaged, settings).unwrap();
    assert_eq!((left_out(&history), history.ledger.gaps.len()), (vec![], 1));
}

#[test]
fn nothing_is_expected_of_a_practice_that_shares_no_more() {
    let without = || of_a_practice(Tiny::new().drop_table("gp_events"));
    let (service, _) = Service::with(of_a_practice(Tiny::new()));
    let history = service.deliver("second", "full", "2026-11-21", without()).unwrap();
    assert_eq!(told(&history, "2026-11-20").len(), 1, "of {PRACTICE} while it shares");
    let ended = without().set("reference_practices", 1, "sharing_agreement", "false");
    let limits = "[gate]\nrejected_rows_max = 1.0";
    let history = service.deliver_with("third", "full", "2026-11-22", ended, limits).unwrap();
    assert_eq!(told(&history, "2026-11-21"), Vec::<String>::new());
}

/// A delivery in which a practice that shares has twenty people, and a second one has so many, all with entries; the first
/// has prescriptions as well.
fn of_two_practices(n_of_second: u32) -> Tiny {
    let tiny = Tiny::new().copy_row("reference_practices", 1, &[("practice_code", "F99903")]);
    (100..120 + n_of_second).map(person).enumerate().fold(tiny, |tiny, (at, id)| {
        let practice = if at < 20 { PRACTICE } else { "F99903" };
        let of = [("person_id", id.as_str()), ("practice_code", practice)];
        tiny.copy_row("patients", 1, &of[..1]).copy_row("registrations", 1, &of).copy_row(
            "gp_events",
            1,
            &[of[0], of[1], ("event_id", &id)],
        )
    })
}

#[test]
fn a_practice_that_never_sent_a_table_that_others_send_is_named_until_it_does() {
    let (service, history) = Service::with(of_two_practices(20));
    let lacks = "gp_prescriptions, rule ABSENT: 1 of 2 practices that send other GP records has never sent a sound row: \
                 F99903";
    assert_eq!(told(&history, "2026-11-20"), [lacks]);
    // The lines of its patients say so as well.
    let late = Beside::of(&history, &Settings::default(), day("2026-11-20"), &Default::default()).unwrap().late;
    let of_it = late.iter().filter(|late| late.newest == Newest::Never);
    assert_eq!(
        of_it.map(|late| (late.table, late.provider.as_str())).collect::<Vec<_>>(),
        [("gp_prescriptions", "F99903")]
    );
    // A delivery that adds nothing of it changes nothing, and one that adds a row does not bring what was before.
    let history = service.deliver("adds", "delta", "2026-11-21", only(&["gp_events"])).unwrap();
    assert_eq!(told(&history, "2026-11-21"), [lacks]);
    let row = [("prescription_id", "new"), ("practice_code", "F99903")];
    let arrives = only(&["gp_prescriptions"]).copy_row("gp_prescriptions", 1, &row);
    let history = service.deliver("arrives", "delta", "2026-11-22", arrives).unwrap();
    let begun = "gp_prescriptions, rule ABSENT: 1 of 2 practices that send other GP records has sent additions alone, and \
                 what was before is not known: F99903";
    assert_eq!(told(&history, "2026-11-22"), [begun]);
    let history = service.deliver("adds again", "delta", "2026-11-23", only(&["gp_events"])).unwrap();
    assert_eq!(told(&history, "2026-11-23"), [begun]);
    let late = Beside::of(&history, &Settings::default(), day("2026-11-23"), &Default::default()).unwrap().late;
    assert!(late.iter().any(|late| late.provider == "F99903" && late.newest == Newest::PastNever), "{late:?}");
    let whole = of_two_practices(20).copy_row("gp_prescriptions", 1, &row);
    let history = service.deliver("whole", "full", "2026-11-24", whole).unwrap();
    assert_eq!(told(&history, "2026-11-24"), Vec::<String>::new());
}

#[test]
fn somebody_may_answer_for_a_practice_that_is_announced_and_sends_nothing_yet() {
    let (_, history) = Service::with(of_two_practices(0));
    let found = |until: &str| {
        let text = format!(
            "[[override]]\nrule = \"ABSENT\"\nprovider = \"F99903\"\nname = \"A. Engineer\"\nreason = \"goes live on \
             1 December\"\nuntil = \"{until}\""
        );
        let settings = Settings::parse(&text, std::path::Path::new("")).unwrap();
        let found = Beside::of(&history, &settings, day("2026-11-20"), &Default::default()).unwrap().findings;
        let found = found.into_iter().filter(|finding| finding.rule == "ABSENT");
        found
            .map(|finding| settings.overrides.hear(finding, day("2026-11-20")).map(|passed| passed.in_words()))
            .collect::<Vec<_>>()
    };
    let passed = "reference_practices of F99903, rule ABSENT: has never sent a sound row; A. Engineer lets it pass until 30 \
                  November 2026: goes live on 1 December";
    assert_eq!(found("2026-11-30"), [Ok(passed.to_owned())]);
    let ended = found("2026-11-19");
    assert!(matches!(&ended[..], [Err((finding, _))] if finding.provider.is_none()), "{ended:?}");
}

#[test]
fn a_practice_of_few_people_may_have_no_prescriptions_and_one_that_shares_must_send_something() {
    assert_eq!(told(&Service::with(of_two_practices(19)).1, "2026-11-20"), Vec::<String>::new());
    assert_eq!(
        told(&Service::with(of_two_practices(0)).1, "2026-11-20"),
        [
            "reference_practices, rule ABSENT: 1 of 2 practices that share their records has never sent a sound row: F99903"
        ]
    );
    let refuses = of_two_practices(0).set("reference_practices", 3, "sharing_agreement", "false");
    assert_eq!(told(&Service::with(refuses).1, "2026-11-20"), Vec::<String>::new());
}

#[test]
fn of_a_history_that_was_settled_before_this_was_kept_the_same_is_said() {
    let (service, history) = Service::with(of_two_practices(20));
    let expected = told(&history, "2026-11-20");
    let mut older = history.ledger.clone();
    older.brought = None;
    std::fs::write(history.folder().join("history.json"), older.to_bytes()).unwrap();
    let adds = || only(&["deaths"]).set("deaths", 1, "death_date", "2026-10-02");
    let history = service.deliver("adds", "delta", "2026-11-21", adds()).unwrap();
    assert_eq!(told(&history, "2026-11-21"), expected);
}

/// What was said of deliveries that begin with additions, when so many had arrived before.
fn said_of_beginnings(history: &History, n_deliveries: usize) -> Vec<String> {
    let warned = history.found_since(n_deliveries).unwrap().warned;
    warned.iter().filter(|found| found.rule == "ABSENT").map(|found| found.text()).collect()
}

#[test]
fn who_begins_with_rows_that_only_add_is_named_once() {
    let (service, history) = Service::with(Tiny::new().drop_table("gp_prescriptions"));
    assert_eq!(said_of_beginnings(&history, 0), [""; 0]);
    // Of the GP record a full delivery has come; objections may come as changes alone, and beds are counted anew.
    let night = || only(&["gp_events", "gp_prescriptions", "opt_outs", "inpatients_now"]);
    let history = service.deliver("second", "delta", "2026-11-21", night()).unwrap();
    let told = "second/manifest.json, rule ABSENT: no full delivery came before the first gp_prescriptions of QMF: what was \
                before is not known; ask for one";
    assert_eq!(said_of_beginnings(&history, 1), [told]);
    let history = service.deliver("third", "delta", "2026-11-22", night()).unwrap();
    assert_eq!(said_of_beginnings(&history, 2), [""; 0]);
    // Another provider, of two tables, and its history.
    let of_another =
        || only(&["gp_events", "gp_prescriptions"]).manifest(|manifest| manifest["provider_code"] = "F99901".into());
    let history = service.deliver("fourth", "delta", "2026-11-23", of_another()).unwrap();
    let told = "fourth/manifest.json, rule ABSENT: no full delivery came before the first gp_events and gp_prescriptions of \
                F99901: what was before is not known; ask for one";
    assert_eq!(said_of_beginnings(&history, 3), [told]);
    let (service, _) = Service::with(Tiny::new());
    let past = of_another().manifest(|manifest| manifest["history"] = true.into());
    let history = service.deliver("past", "delta", "2026-11-21", past).unwrap();
    assert_eq!(said_of_beginnings(&history, 1), [""; 0]);
}
