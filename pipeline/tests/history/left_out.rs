//! A full delivery without a table, or without one provider of a table, that came with the rest before: the rows stand, and
//! somebody says so.

use earlycall::{history::History, night::deliveries::Beside, settings::Settings};
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
