//! A full file that holds much less than what stood: it would take a provider's records away unsaid.

use earlycall::{
    error::{Error, Result},
    history::History,
    quality::finding::Finding,
};
use serde_json::json;

use crate::{
    Service, Tiny, day,
    gaps::{ANY_SHARE, PRACTICE, gaps, of_a_practice},
    support::{person, sha256},
};

/// A delivery with so many GP entries of a practice and attendances at a trust, each of another day.
fn with_rows(gp_events: usize, ed_attendances: usize) -> Tiny {
    let days = |n: usize| (0..n).map(|back| (day("2026-11-18") - back as i32).to_string()).collect::<Vec<_>>();
    let mut tiny = of_a_practice(Tiny::new());
    for on in days(gp_events) {
        tiny = tiny.copy_row("gp_events", 1, &[("event_id", &on), ("event_date", &on), ("recorded_at", "")]);
    }
    for on in days(ed_attendances) {
        let arrival_at = format!("{on}T10:11:00Z");
        let received_at = "2026-11-19T06:00:00Z";
        let changes = [("attendance_id", on.as_str()), ("arrival_at", &arrival_at), ("received_at", received_at)];
        tiny = tiny.copy_row("ed_attendances", 3, &changes);
    }
    let last = |n| (4..4 + n).collect::<Vec<_>>();
    tiny.keep_rows("gp_events", &last(gp_events)).keep_rows("ed_attendances", &last(ed_attendances))
}

/// What became of a second delivery after a first one.
fn after(first: Tiny, second: Tiny, settings: &str) -> Result<History> {
    let settings = format!("{ANY_SHARE}\n{settings}");
    let service = Service::new();
    service.deliver_with("first", "full", "2026-11-20", first, &settings).unwrap();
    service.deliver_with("second", "full", "2026-11-21", second, &settings)
}

fn answered_for(whose: &str) -> String {
    format!(
        "[[override]]\nrule = \"V32\"\n{whose}\nname = \"A. Engineer\"\nreason = \"closed\"\nuntil = \"2026-11-30\""
    )
}

#[test]
fn a_file_of_next_to_nothing_leaves_its_practice_at_the_last_good_delivery() {
    let history = after(with_rows(200, 9), with_rows(1, 8), "").unwrap();
    assert_eq!(history.ledger.rows_of("gp_events"), 200, "as the first delivery has them");
    assert_eq!(history.ledger.rows_of("ed_attendances"), 8, "as the second has them");
    assert_eq!(gaps(&history), [("gp_events", Some("2026-11-20".to_owned()), "second")]);
    let why = &history.ledger.gaps[0].why;
    let expected = "gp_events of F99901, rule V32: has 1 sound rows in place of the 200 of the full delivery before; in \
                    delivery second; hint: ";
    assert!(why.starts_with(expected), "{why}");
}

#[test]
fn below_three_fifths_of_what_stood_is_an_export_in_part_and_three_fifths_are_not() {
    let kept = |stood, n| after(with_rows(stood, 9), with_rows(n, 9), "").unwrap().ledger.rows_of("gp_events");
    assert_eq!((kept(200, 119), kept(200, 120), kept(200, 160)), (200, 120, 160));
    assert_eq!(kept(199, 0), 0, "a small practice may end");
}

/// What was said of the second of two deliveries when it arrived.
fn said_of(first: Tiny, second: Tiny) -> Vec<String> {
    said_with(first, "full", second, "")
}

/// The same of a second delivery of a mode, under more settings.
fn said_with(first: Tiny, mode: &'static str, second: Tiny, settings: &str) -> Vec<String> {
    let settings = format!("{ANY_SHARE}\n{settings}");
    let service = Service::new();
    service.deliver_with("first", "full", "2026-11-20", first, &settings).unwrap();
    let history = service.deliver_with("second", mode, "2026-11-21", second, &settings).unwrap();
    assert_eq!(gaps(&history), [], "nothing is refused");
    history.found_since(1).unwrap().warned.iter().map(Finding::text).collect()
}

#[test]
fn a_full_file_that_lost_more_than_a_twentieth_is_said_with_both_numbers_and_a_twentieth_is_not() {
    let of_practice = |stood, n| said_of(with_rows(stood, 9), with_rows(n, 9));
    let lost = "gp_events of F99901, rule V32: has 1994 sound rows in place of the 2100 of the full delivery before";
    assert_eq!(of_practice(2100, 1994), [lost]);
    assert_eq!(of_practice(2100, 1995), [""; 0], "a twentieth");
    let of_trust =
        "ed_attendances of QMF, rule V32: has 380 sound rows in place of the 500 of the full delivery before";
    assert_eq!(said_of(with_rows(9, 500), with_rows(9, 380)), [of_trust]);
    assert_eq!(of_practice(600, 500).len(), 1);
    assert_eq!(of_practice(600, 501), [""; 0], "fewer than a hundred rows are those of one or two people");
}

#[test]
fn a_window_of_a_year_moves_with_the_season_and_its_size_says_nothing() {
    assert_eq!(said_of(with_rows(360, 9), with_rows(240, 9)), [""; 0], "its weeks are looked at");
    let cut = said_of(with_rows(500, 9), with_rows(350, 9));
    assert_eq!(cut.len(), 1, "what reached back further and is of one year now was cut: {cut:?}");
}

#[test]
fn a_list_of_practices_that_lost_three_of_two_hundred_is_said() {
    let of = |n: usize| {
        (0..n).fold(Tiny::new(), |tiny, n| {
            tiny.copy_row("reference_practices", 1, &[("practice_code", &format!("F8{n:04}"))])
        })
    };
    let lost =
        "reference_practices of QMF, rule V32: has 199 sound rows in place of the 202 of the full delivery before";
    assert_eq!(said_of(of(200), of(197)), [lost]);
    assert_eq!(said_of(of(200), of(198)), [""; 0], "two merge");
}

#[test]
fn what_adds_and_what_is_answered_for_is_not_said() {
    assert_eq!(said_with(with_rows(600, 9), "delta", with_rows(1, 9), ""), [""; 0]);
    let passed = said_with(with_rows(600, 9), "full", with_rows(1, 9), &answered_for(""));
    assert_eq!(passed, [""; 0], "it is told with who answers for it instead");
}

#[test]
fn a_practice_none_of_whose_few_rows_can_be_used_keeps_what_stood() {
    // All of them in another dialect, or all but the first.
    let unread = |all: bool| {
        let rows = if all { 1..=7 } else { 2..=7 };
        rows.fold(with_rows(7, 9), |tiny, row| tiny.set("gp_events", row, "event_date", "01/05/2024"))
    };
    let history = after(with_rows(7, 9), unread(true), "").unwrap();
    assert_eq!(history.ledger.rows_of("gp_events"), 7, "as the first delivery has them");
    assert_eq!(gaps(&history), [("gp_events", Some("2026-11-20".to_owned()), "second")]);
    let why = &history.ledger.gaps[0].why;
    let expected = "gp_events of F99901, rule V32: has 0 sound rows in place of the 7 of the full delivery before: 7 by TYPE in \
                    event_date, the first in second/gp_events.csv, row 1; in delivery second; hint: ";
    assert!(why.starts_with(expected), "{why}");
    let told = history.ledger.gaps[0].in_words();
    assert_eq!(told.matches("gp_events of F99901").count(), 1, "{told}");

    let history = after(with_rows(7, 9), unread(false), "").unwrap();
    assert_eq!(
        (history.ledger.rows_of("gp_events"), gaps(&history)),
        (1, vec![]),
        "one row that can be used is a file"
    );
    let history = after(with_rows(7, 9), with_rows(0, 9), "").unwrap();
    assert_eq!((history.ledger.rows_of("gp_events"), gaps(&history)), (0, vec![]), "who sends none may have ended");
}

#[test]
fn a_file_of_next_to_nothing_of_a_trust_refuses_the_delivery() {
    let told = after(with_rows(9, 200), with_rows(9, 1), "").unwrap_err().to_string();
    let expected = "ed_attendances of QMF, rule V32: has 1 sound rows in place of the 200 of the full delivery before";
    assert!(told.starts_with(expected), "{told}");
}

/// A delivery with so many attendances of the first trust, and so many of a second one in a file of its own.
fn of_two_trusts(first: usize, second: usize) -> Tiny {
    let header = "person_id,attendance_id,provider_code,site_code,department_type,attendance_category,arrival_at,\
                  arrival_mode,chief_complaint,diagnoses,departure_at,discharge_status,discharge_destination,received_at,\
                  is_deleted";
    let person = person(1);
    let row = |back: usize| {
        let on = day("2026-11-18") - back as i32;
        format!("{person},rf4-{on},RF4,,03,1,{on}T10:11:00Z,,,,,,,2026-11-19T06:00:00Z,\n")
    };
    let text = format!("{header}\n{}", (0..second).map(row).collect::<String>());
    let line = json!({"table": "ed_attendances", "file": "ed_attendances/rf4.csv", "row_count": second,
                      "sha256": sha256(text.as_bytes()), "provider_code": "RF4"});
    with_rows(9, first)
        .stray("ed_attendances/rf4.csv", text.as_bytes())
        .manifest(move |manifest| manifest["files"].as_array_mut().unwrap().push(line.clone()))
}

#[test]
fn of_two_trusts_one_that_sends_no_row_at_all_refuses_the_delivery() {
    let rows = |second| Ok::<_, Error>(after(of_two_trusts(200, 200), second, "")?.ledger.rows_of("ed_attendances"));
    let told = rows(of_two_trusts(200, 0)).unwrap_err().to_string();
    let expected = "ed_attendances of RF4, rule V32: has 0 sound rows in place of the 200 of the full delivery before";
    assert!(told.starts_with(expected), "{told}");
    assert_eq!(rows(of_two_trusts(200, 150)), Ok(350));
    assert_eq!(rows(of_two_trusts(0, 0)), Ok(0), "where both send none, the feed is a missing one");
}

#[test]
fn a_table_of_which_nobody_sends_a_row_is_a_missing_feed() {
    let history = after(with_rows(200, 200), with_rows(0, 0), "").unwrap();
    assert_eq!((history.ledger.rows_of("gp_events"), history.ledger.rows_of("ed_attendances")), (0, 0));
    assert_eq!(gaps(&history), []);
}

#[test]
fn somebody_may_answer_for_a_practice_that_has_ended() {
    let settings = |provider: &str| answered_for(&format!("table = \"gp_events\"\nprovider = \"{provider}\""));
    let history = after(with_rows(200, 9), with_rows(1, 9), &settings(PRACTICE)).unwrap();
    assert_eq!((history.ledger.rows_of("gp_events"), gaps(&history)), (1, vec![]));
    let of_another = after(with_rows(200, 9), with_rows(1, 9), &settings("F99902")).unwrap();
    assert_eq!(of_another.ledger.rows_of("gp_events"), 200);
}

#[test]
fn a_refused_file_and_what_adds_leave_the_expectation_as_it_was() {
    let service = Service::new();
    let settle = |id, mode, on, n| service.deliver_with(id, mode, on, with_rows(n, 9), ANY_SHARE).unwrap();
    settle("first", "full", "2026-11-20", 200);
    settle("adds", "delta", "2026-11-21", 1);
    settle("emptied", "full", "2026-11-22", 1);
    let history = settle("emptied again", "full", "2026-11-23", 1);
    assert_eq!(history.ledger.rows_of("gp_events"), 200);
    assert_eq!(gaps(&settle("whole", "full", "2026-11-24", 190)), []);
}

#[test]
fn a_practice_that_no_longer_shares_has_sent_its_rows() {
    let ended = with_rows(200, 9).set("reference_practices", 1, "sharing_agreement", "false");
    let history = after(with_rows(200, 9), ended, "").unwrap();
    assert_eq!((history.ledger.rows_of("gp_events"), gaps(&history)), (0, vec![]));
}

#[test]
fn an_emptied_list_of_objections_has_lost_its_people_and_is_not_one_that_never_came() {
    let without = || Tiny::new().keep_rows("opt_outs", &[]);
    let emptied = after(Tiny::new(), without(), "").unwrap_err().to_string();
    let lost = "opt_outs, rule V31: the list of local_shared_record objections fell from 1 people to 0; hint: ";
    assert!(emptied.starts_with(lost), "{emptied}");
    let never = Service::new().refusal("first", "full", "2026-11-20", without());
    let none =
        "opt_outs, rule V01: no row of the table counts: none was ever delivered, or a full delivery has emptied it";
    assert!(never.starts_with(none), "{never}");
}

/// A delivery in which so many people are reported dead.
fn with_dead(n: u32) -> Tiny {
    (10..10 + n).map(person).fold(Tiny::new().keep_rows("deaths", &[1]), |tiny, id| {
        tiny.copy_row("patients", 1, &[("person_id", &id)]).copy_row("deaths", 1, &[("person_id", &id)])
    })
}

#[test]
fn a_list_of_deaths_that_was_cut_short_refuses_the_delivery() {
    let (first, fewer) = (|| with_dead(99), "deaths, rule DEATHS: the reports of deaths fell from 100 to 94");
    let told = after(first(), with_dead(93), "").unwrap_err().to_string();
    assert!(told.starts_with(fewer), "{told}");
    assert!(after(first(), with_dead(99).keep_rows("deaths", &[]), "").is_err(), "an empty one");
    assert_eq!(after(first(), with_dead(94), "").unwrap().ledger.rows_of("deaths"), 95, "people correct");
    let set_aside = answered_for("").replace("V32", "DEATHS");
    assert_eq!(after(first(), with_dead(49), &set_aside).unwrap().ledger.rows_of("deaths"), 50);
}

/// Everything that somebody let pass of the deliveries after the first so many, as told on an index date.
fn let_pass(history: &History, n_deliveries: usize, index_date: &str) -> Vec<String> {
    let breaches = history.set_aside_since(n_deliveries, day(index_date)).unwrap();
    breaches.iter().map(|breach| breach.finding.text()).collect()
}

#[test]
fn what_is_let_pass_on_arrival_is_kept_with_its_numbers_and_told_until_who_answers_for_it_does_no_longer() {
    let settings = format!("{ANY_SHARE}\n{}\n{}", answered_for(""), answered_for("").replace("V32", "DEATHS"));
    let service = Service::new();
    let first = with_rows(200, 9).keep_rows("deaths", &[1]);
    let first = (10..109).map(person).fold(first, |tiny, id| {
        tiny.copy_row("patients", 1, &[("person_id", &id)]).copy_row("deaths", 1, &[("person_id", &id)])
    });
    let history = service.deliver_with("first", "full", "2026-11-20", first, &settings).unwrap();
    assert_eq!(let_pass(&history, 0, "2026-11-19"), Vec::<String>::new(), "nothing was wrong with it");
    let history = service.deliver_with("second", "full", "2026-11-21", with_rows(1, 9), &settings).unwrap();
    let told = [
        "deaths, rule DEATHS: the reports of deaths fell from 100 to 1",
        "gp_events of F99901, rule V32: has 1 sound rows in place of the 200 of the full delivery before",
    ];
    assert_eq!(let_pass(&history, 1, "2026-11-20"), told);
    let history = service.deliver_with("third", "full", "2026-11-22", with_rows(1, 9), &settings).unwrap();
    assert_eq!(let_pass(&history, 2, "2026-11-30"), told, "who answers for it still does");
    assert_eq!(let_pass(&history, 2, "2026-12-01"), Vec::<String>::new(), "no longer");
    assert_eq!(let_pass(&history, 1, "2026-12-01"), told, "it is news for whoever knew the first delivery alone");
}

#[test]
fn a_list_of_deaths_that_was_cut_short_is_seen_also_where_two_deliveries_wait() {
    let service = Service::new();
    service.put("first", "full", "2026-11-20", with_dead(99));
    service.put("second", "full", "2026-11-21", with_dead(49));
    assert!(service.settle(1).unwrap_err().to_string().contains("rule DEATHS"));
}
