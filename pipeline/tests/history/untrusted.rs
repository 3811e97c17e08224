//! What of optional tables cannot be trusted by its manifest is not read, refuses nothing and dates nothing; everything else
//! is as if it had not come. Once it is mended it is taken in.

use std::fs;

use earlycall::history::History;
use earlycall_schemas::table::{Tier, tables};
use serde_json::{Value, json};

use crate::{Service, Tiny, day, files};

/// A change of a manifest.
type Edit = fn(&mut Value);

/// What is done to a table of a delivery.
type Spoil = fn(Tiny, &'static str) -> Tiny;

fn optional() -> impl Iterator<Item = &'static str> {
    tables().iter().filter(|table| table.tier == Tier::Optional).map(|table| table.name.as_str())
}

/// Every optional table may be read.
fn agreed() -> String {
    optional().map(|table| format!("[feeds.{table}]\nlegal_basis = \"DSA\"\n")).collect()
}

/// A delivery of one optional table and nothing else, or of several.
fn alone(wanted: &[&str]) -> Tiny {
    let others = tables().iter().map(|table| table.name.as_str()).filter(|table| !wanted.contains(table));
    others.fold(Tiny::with_feeds(), Tiny::drop_table)
}

/// A first delivery of what every service needs, of 20 November 2026.
fn service() -> Service {
    let service = Service::new();
    service.deliver_with("first", "full", "2026-11-20", Tiny::new(), &agreed()).unwrap();
    service
}

fn settle(service: &Service) -> History {
    service.settle_with(&agreed()).unwrap()
}

/// A manifest that lies there, written anew.
fn edit(service: &Service, id: &str, change: impl Fn(&mut Value)) {
    let path = service.folder.path().join(format!("extracts/{id}/manifest.json"));
    let mut manifest = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut manifest);
    fs::write(&path, manifest.to_string()).unwrap();
}

/// What to do about an optional table that is refused alone.
fn send_again(table: &str) -> String {
    format!(
        "; hint: until a night is made from this delivery its manifest may be mended; after that leave it as it is, and have {table} \
         sent again, extracted anew, in a delivery with another `extract_id`"
    )
}

/// What is lacking: the table, whose it is, and why.
fn lacking(history: &History) -> Vec<(String, String, String)> {
    history.gaps().map(|gap| (gap.table.clone(), gap.provider.clone(), gap.why.clone())).collect()
}

/// Nothing but one table is lacking, for this reason, and the history is of a day.
#[track_caller]
fn assert_lacking(history: &History, table: &str, why: &str, on: &str) {
    let found = lacking(history);
    assert!(found.len() == 1 && found[0].0 == table && found[0].2.contains(why), "{table}: {found:?} for {why}");
    assert_eq!(history.ledger.newest_extract(), Some(day(on)), "{table}: {why}");
}

fn names(key: &'static str, value: Value) -> impl Fn(&mut Value) + 'static {
    move |manifest| manifest[key] = value.clone()
}

#[test]
fn no_manifest_of_an_optional_table_refuses_a_night_or_dates_it() {
    let cases: [(&str, Edit, &str); 5] = [
        (
            "2026-11-21",
            |manifest| manifest["pseudonym_key_id"] = json!("other"),
            "visits/manifest.json, rule V02: its persons are under another `pseudonym_key_id`",
        ),
        (
            "2026-11-19",
            |manifest| manifest["extract_id"] = json!("first"),
            "visits/manifest.json, rule V01: another delivery has the same `extract_id`",
        ),
        ("2027-11-21", |_| (), "visits/manifest.json, rule AHEAD: says that it was extracted on 21 November 2027"),
        ("2026-11-20", |manifest| manifest["files"][0]["sha256"] = json!("DEAD"), "visits/manifest.json, rule V01: "),
        (
            "2026-11-20",
            |manifest| manifest["extracted_at"] = json!("yesterday"),
            "visits/manifest.json, rule V01: `extracted_at` is not of the form",
        ),
    ];
    let service = service();
    for table in optional() {
        for (on, spoil, why) in &cases {
            service.put("visits", "full", on, alone(&[table]));
            edit(&service, "visits", spoil);
            let history = settle(&service);
            assert_lacking(&history, table, why, "2026-11-20");
            assert_eq!((history.ledger.deliveries.len(), history.ledger.rows_of(table)), (1, 0), "{table}: {why}");
            fs::remove_dir_all(service.folder.path().join("extracts/visits")).unwrap();
        }
        assert_eq!(lacking(&settle(&service)), [], "taken away, it is as if it had never been there");
    }
    service.put(
        "visits",
        "full",
        "2026-11-20",
        alone(&["home_care_visits"]).stray("telecare_events.csv", b"person_id"),
    );
    let why = "visits/telecare_events.csv, rule V01: the manifest doesn't name this file";
    assert_lacking(&settle(&service), "home_care_visits", why, "2026-11-20");
}

#[test]
fn a_file_that_no_night_can_do_without_refuses_it_though_it_lies_beside_optional_tables_and_is_not_named() {
    let cases: [(&str, &str, Edit); 5] = [
        ("2026-11-20", "opt_outs.csv", |_| ()),
        ("2026-11-20", "deaths/1.csv", |manifest| manifest["pseudonym_key_id"] = json!("other")),
        ("2027-11-20", "notes.csv", |_| ()),
        ("2026-11-20", "opt_outs.csv", |manifest| manifest["files"][0]["sha256"] = json!("DEAD")),
        ("2026-11-20", "visits/opt_outs.CSV", |_| ()),
    ];
    for (n, (on, file, spoil)) in cases.into_iter().enumerate() {
        let service = service();
        service.put("visits", "full", on, alone(&["home_care_visits"]).stray(file, b"person_id").manifest(spoil));
        let whose = if n == 3 { "manifest.json" } else { file };
        // A table that may not be read hides nothing either.
        for settings in [&agreed(), ""] {
            let told = service.settle_with(settings).unwrap_err().to_string();
            assert!(told.starts_with(&format!("visits/{whose}, rule V01: ")), "{file} {settings}: {told}");
        }
    }
    // Nor does one that is settled.
    let service = service();
    service.put("visits", "full", "2026-11-20", alone(&["home_care_visits"]));
    settle(&service);
    fs::write(service.folder.path().join("extracts/visits/deaths.csv"), "person_id").unwrap();
    let told = service.settle_with(&agreed()).unwrap_err().to_string();
    assert!(told.starts_with("visits/deaths.csv, rule V01: the manifest doesn't name this file"), "{told}");
}

#[test]
fn a_manifest_that_is_no_json_or_does_not_name_optional_tables_alone_refuses_the_night() {
    let visits = json!({"table": "home_care_visits"}).to_string();
    for (manifest, why) in [
        ("{\"extract_id\": \"vis".to_owned(), "line 1 is not JSON: it ends too early"),
        (format!("[[[{visits}]]]"), "is not a JSON object"),
        ("{}".to_owned(), "`extract_id` is missing"),
        ("{\"files\": []}".to_owned(), "`extract_id` is missing"),
        (format!("{{\"files\": [{visits}, {{}}]}}"), "`extract_id` is missing"),
        (format!("{{\"files\": [{visits}, {{\"table\": \"opt_out\"}}]}}"), "`extract_id` is missing"),
        (format!("{{\"files\": [{{\"table\": \"deaths\"}}], \"files\": [{visits}]}}"), "`extract_id` is missing"),
    ] {
        let service = service();
        service.put("visits", "full", "2026-11-21", alone(&["home_care_visits"]));
        let path = service.folder.path().join("extracts/visits/manifest.json");
        fs::write(&path, &manifest).unwrap();
        let told = service.settle_with(&agreed()).unwrap_err().to_string();
        assert!(told.starts_with(&format!("visits/manifest.json, rule V01: {why}")), "{manifest}: {told}");
        fs::write(&path, format!("{{\"files\": [{visits}]}}")).unwrap();
        assert_lacking(&settle(&service), "home_care_visits", "`extract_id` is missing", "2026-11-20");
    }
}

#[test]
fn once_it_is_mended_it_is_taken_in() {
    let service = service();
    let wrong_key = alone(&["home_care_visits"]).manifest(names("pseudonym_key_id", json!("other")));
    service.put("visits", "full", "2026-11-21", wrong_key);
    let before = files(&service.folder.path().join("state"));
    assert_eq!(lacking(&settle(&service)).len(), 1);
    assert_eq!(lacking(&settle(&service)).len(), 1, "it is told as long as it lies there");
    assert_eq!(files(&service.folder.path().join("state")), before, "and nothing of it is settled");
    fs::remove_dir_all(service.folder.path().join("extracts/visits")).unwrap();
    service.put("next", "full", "2026-11-21", Tiny::new());
    service.put("visits", "full", "2026-11-21", alone(&["home_care_visits"]));
    let history = settle(&service);
    assert_eq!((lacking(&history).len(), history.ledger.rows_of("home_care_visits")), (0, 2));
}

#[test]
fn files_that_were_all_refused_may_come_under_the_same_name_and_no_others() {
    let service = service();
    let broken = || alone(&["home_care_visits"]).corrupt("home_care_visits", |_| b"cut".to_vec());
    service.put("visits", "full", "2026-11-20", broken());
    assert_lacking(&settle(&service), "home_care_visits", "visits/home_care_visits.csv, rule V01", "2026-11-20");
    let send_again = |tiny: Tiny| {
        fs::remove_dir_all(service.folder.path().join("extracts/visits")).unwrap();
        service.put("visits", "full", "2026-11-20", tiny);
        settle(&service)
    };
    let mended = || alone(&["home_care_visits"]).set("home_care_visits", 1, "status", "late");
    let mended = send_again(mended());
    assert_eq!((lacking(&mended).len(), mended.ledger.rows_of("home_care_visits")), (0, 2));
    assert_eq!(lacking(&settle(&service)), [], "and both are settled");
    // What stands is not replaced under its own name.
    let history = send_again(alone(&["home_care_visits"]).set("home_care_visits", 1, "status", "missed"));
    assert_lacking(&history, "home_care_visits", "rule V01: the manifest has changed since", "2026-11-20");
    assert_eq!(history.ledger.rows_of("home_care_visits"), 2);
}

#[test]
fn a_settled_file_of_an_optional_table_that_is_altered_or_gone_is_told_and_what_was_settled_stands() {
    let service = Service::new();
    service.deliver_with("first", "full", "2026-11-20", Tiny::with_feeds(), &agreed()).unwrap();
    let first = service.folder.path().join("extracts/first");
    for table in optional() {
        let path = first.join(format!("{table}.csv"));
        let sent = fs::read(&path).unwrap();
        fs::write(&path, "altered").unwrap();
        let altered = settle(&service);
        assert_lacking(&altered, table, &format!("first/{table}.csv, rule V01: the file differs"), "2026-11-20");
        assert!(altered.ledger.rows_of(table) > 0);
        fs::write(&path, sent).unwrap();
    }
    assert_eq!(lacking(&settle(&service)), []);
    fs::remove_file(first.join("home_care_visits.csv")).unwrap();
    assert_lacking(&settle(&service), "home_care_visits", "first/home_care_visits.csv, rule V01", "2026-11-20");
    fs::write(first.join("gp_events.csv"), "altered").unwrap();
    let refused = service.settle_with(&agreed()).unwrap_err().to_string();
    assert!(refused.starts_with("first/gp_events.csv, rule V01: the file differs"), "{refused}");
}

#[test]
fn beside_other_tables_an_optional_one_is_refused_alone() {
    let cases: [(&str, Spoil, &str); 4] = [
        ("a checksum of another form", |tiny, table| tiny.line(table, "sha256", json!("DEAD")), "rule V01: "),
        ("a count of another form", |tiny, table| tiny.line(table, "row_count", json!("two")), "rule V01: "),
        ("an unknown key", |tiny, table| tiny.line(table, "rows", json!(2)), "the key `files[0].rows` is unknown"),
        (
            "a part that is not named",
            |tiny, table| tiny.stray(Box::leak(format!("{table}/2.csv").into_boxed_str()), b"x"),
            "2.csv, rule V01: the manifest doesn't name this file",
        ),
    ];
    for (n, (what, spoil, why)) in cases.iter().enumerate() {
        for table in optional().take(if n == 0 { usize::MAX } else { 1 }) {
            let service = Service::new();
            let mixed = spoil(Tiny::with_feeds(), table);
            let history = service.deliver_with("first", "full", "2026-11-20", mixed, &agreed()).unwrap();
            assert_lacking(&history, table, why, "2026-11-20");
            assert!(lacking(&history)[0].2.ends_with(&send_again(table)), "{what}: {:?}", lacking(&history));
            let others = optional().filter(|other| *other != table).chain(["patients", "gp_events", "opt_outs"]);
            assert!(others.into_iter().all(|other| history.ledger.rows_of(other) > 0), "{table}: {what}");
            assert_eq!(history.ledger.rows_of(table), 0, "{table}: {what}");
        }
    }
    // A line of what every service needs refuses the whole, as it did.
    let both = Tiny::with_feeds().line("home_care_visits", "sha256", json!("DEAD"));
    let both = both.line("deaths", "sha256", json!("DEAD"));
    let refused = Service::new().deliver_with("first", "full", "2026-11-20", both, &agreed()).unwrap_err();
    assert!(refused.to_string().starts_with("first/manifest.json, rule V01: "), "{refused}");
}

#[test]
fn a_table_that_may_not_be_read_is_not_missed_whatever_its_lines_say() {
    let service = Service::new();
    let mixed = Tiny::with_feeds().line("home_care_visits", "sha256", json!("DEAD"));
    let mixed = mixed.stray("telecare_events/2.csv", b"x");
    let history = service.deliver("first", "full", "2026-11-20", mixed).unwrap();
    assert_eq!(lacking(&history), []);
    service.put("visits", "full", "2026-11-21", alone(&["home_care_visits"]));
    edit(&service, "visits", |manifest| manifest["delivery"] = json!("some"));
    assert_eq!(lacking(&service.settle(2).unwrap()), []);
}

#[test]
fn an_optional_table_that_comes_late_is_refused_and_what_comes_with_it_is_not() {
    let service = service();
    service.put("visits", "full", "2026-11-20", alone(&["home_care_visits"]));
    assert_eq!(settle(&service).ledger.rows_of("home_care_visits"), 2);
    let mixed = Tiny::with_feeds().drop_table("patients").manifest(|manifest| {
        // Of providers of whom nothing is settled yet, but for the visits.
        for line in manifest["files"].as_array_mut().unwrap() {
            line["provider_code"] = if line["table"] == "home_care_visits" { json!("QMF") } else { json!("QMG") };
        }
    });
    service.put("late", "delta", "2026-11-19", mixed);
    let history = settle(&service);
    let why = "late/manifest.json, rule AHEAD: was extracted at 2026-11-19T23:00:00Z, before a delivery of \
               home_care_visits by QMF that is settled already";
    assert_lacking(&history, "home_care_visits", why, "2026-11-20");
    assert!(lacking(&history)[0].2.ends_with(&send_again("home_care_visits")));
    assert!(optional().all(|table| history.ledger.rows_of(table) > 0));
}

#[test]
fn what_is_sent_again_as_the_hint_says_is_taken_in_and_a_manifest_that_is_changed_refuses_the_night() {
    let service = Service::new();
    let mixed = Tiny::with_feeds().line("home_care_visits", "sha256", json!("DEAD"));
    service.deliver_with("first", "full", "2026-11-20", mixed, &agreed()).unwrap();
    service.put("again", "full", "2026-11-20", alone(&["home_care_visits"]));
    let history = settle(&service);
    assert_eq!((lacking(&history), history.ledger.rows_of("home_care_visits")), (vec![], 2));
    edit(&service, "first", |manifest| manifest["files"][0]["row_count"] = json!(2));
    let told = service.settle_with(&agreed()).unwrap_err().to_string();
    assert!(told.starts_with("first/manifest.json, rule V01: the manifest has changed since"), "{told}");
}

#[test]
fn a_line_that_cannot_be_read_is_of_the_sender_that_it_names_or_of_the_delivery_s() {
    for (code, sender) in [(json!("RXX"), "RXX"), (json!(7), "QMF"), (json!("R\nX"), "QMF")] {
        let mixed = Tiny::with_feeds().line("home_care_visits", "sha256", json!("DEAD"));
        let mixed = mixed.line("home_care_visits", "provider_code", code.clone());
        let history = Service::new().deliver_with("first", "full", "2026-11-20", mixed, &agreed()).unwrap();
        let senders: Vec<_> = history.gaps().map(|gap| (gap.table.as_str(), gap.provider.as_str())).collect();
        assert_eq!(senders, [("home_care_visits", sender)], "{code}");
    }
}

#[test]
fn what_comes_late_leaves_a_gap_from_its_own_first_day_on() {
    let visits = |from: &'static str| alone(&["home_care_visits"]).manifest(names("period_from", json!(from)));
    let service = Service::new();
    service.deliver_with("first", "full", "2026-11-19", Tiny::with_feeds(), &agreed()).unwrap();
    service.put("others", "full", "2026-11-22", Tiny::new());
    let of_the_20th = || visits("2026-11-19");
    service.put("20th", "delta", "2026-11-20", of_the_20th().manifest(names("pseudonym_key_id", json!("other"))));
    service.put("21st", "delta", "2026-11-21", visits("2026-11-20"));
    assert_lacking(&settle(&service), "home_care_visits", "rule V02", "2026-11-22");
    // Mended it is late, and neither the next one nor anything else brings its rows but what tells of its days.
    fs::remove_dir_all(service.folder.path().join("extracts/20th")).unwrap();
    service.put("20th", "delta", "2026-11-20", of_the_20th());
    service.put("22nd", "delta", "2026-11-22", visits("2026-11-21"));
    let since = |history: &History| history.gaps().map(|gap| gap.since.unwrap()).collect::<Vec<_>>();
    let history = settle(&service);
    assert_lacking(&history, "home_care_visits", "rule AHEAD", "2026-11-22");
    assert_eq!(since(&history), [day("2026-11-19")]);
    service.put("20th again", "delta", "2026-11-22", of_the_20th());
    assert_eq!(since(&settle(&service)), []);
}

#[test]
fn a_key_that_is_there_twice_is_not_read_by_its_last_value_beside_a_bad_line_of_an_optional_table() {
    let service = service();
    service.put("both", "full", "2026-11-21", Tiny::with_feeds().line("home_care_visits", "sha256", json!("DEAD")));
    let path = service.folder.path().join("extracts/both/manifest.json");
    let manifest = fs::read_to_string(&path).unwrap();
    fs::write(&path, manifest.replacen("{", "{\"files\":[{\"table\":\"opt_outs\"}],", 1)).unwrap();
    let told = service.settle_with(&agreed()).unwrap_err().to_string();
    assert!(told.starts_with("both/manifest.json, rule V01: "), "{told}");
}

#[test]
fn a_settled_delivery_that_is_overwritten_by_one_of_optional_tables_refuses_the_night() {
    for spoil in [(|_| ()) as Edit, |manifest| manifest["files"][0]["sha256"] = json!("DEAD")] {
        let service = service();
        fs::remove_dir_all(service.folder.path().join("extracts/first")).unwrap();
        service.put("other", "full", "2026-11-20", Tiny::new());
        service.put("first", "full", "2026-11-20", alone(&["home_care_visits"]).manifest(spoil));
        // With the legal basis of what it brings and without.
        for settings in [&agreed(), ""] {
            let told = service.settle_with(settings).unwrap_err().to_string();
            assert!(told.starts_with("first/manifest.json, rule V01: "), "{told}");
        }
    }
    // So it does where nothing of what it brings is settled yet: the table was refused.
    let service = Service::new();
    let mixed = Tiny::with_feeds().corrupt("home_care_visits", |_| b"cut".to_vec());
    service.deliver_with("first", "full", "2026-11-20", mixed, &agreed()).unwrap();
    fs::remove_dir_all(service.folder.path().join("extracts/first")).unwrap();
    service.put("first", "full", "2026-11-20", alone(&["home_care_visits"]));
    let told = service.settle_with(&agreed()).unwrap_err().to_string();
    assert!(told.starts_with("first/manifest.json, rule V01: the manifest has changed since"), "{told}");
}

#[test]
fn another_delivery_may_have_the_name_of_one_of_optional_tables() {
    let service = service();
    service.put("friday", "full", "2026-11-20", alone(&["home_care_visits"]));
    settle(&service);
    fs::remove_dir_all(service.folder.path().join("extracts/friday")).unwrap();
    let history = service.deliver_with("friday", "full", "2026-11-21", Tiny::new(), &agreed()).unwrap();
    assert_eq!(history.ledger.newest_extract(), Some(day("2026-11-21")));
    assert_eq!(history.ledger.rows_of("home_care_visits"), 2);
    assert_eq!(settle(&service).ledger.deliveries.len(), 3, "nothing is settled twice");
}

#[test]
fn an_optional_table_of_a_later_day_waits_and_dates_nothing() {
    let service = service();
    service.put("visits", "full", "2026-11-23", alone(&["home_care_visits"]));
    let history = settle(&service);
    assert_eq!(history.ledger.rows_of("home_care_visits"), 0);
    assert_eq!((history.ledger.newest_extract(), lacking(&history)), (Some(day("2026-11-20")), Vec::new()));
    service.put("next", "full", "2026-11-23", Tiny::new());
    let history = settle(&service);
    assert_eq!(history.ledger.rows_of("home_care_visits"), 2);
    // One that is settled dates nothing either, however old it makes the others look.
    service.put("visits again", "full", "2026-11-20", alone(&["telecare_events"]));
    let history = settle(&service);
    assert_eq!(history.ledger.newest_extract(), Some(day("2026-11-23")));
}

#[test]
fn an_optional_table_that_is_old_does_not_make_a_first_delivery_one_that_is_dated_ahead() {
    let visits = "home_care_visits";
    let more = |tiny: Tiny, id: &str| tiny.copy_row(visits, 1, &[("visit_id", id)]);
    let four = more(more(Tiny::with_feeds(), "v3"), "v4");
    // No other table has four rows.
    let settings = format!("{}[rules.V33]\nrows_min = 4\n", agreed());
    let history = Service::new().deliver_with("first", "full", "2027-11-20", four, &settings).unwrap();
    assert_lacking(&history, visits, "home_care_visits of QMF, rule V33: stops on 3 November 2026", "2027-11-20");
}

#[test]
fn optional_tables_that_come_first_do_not_take_the_others_word_on_their_date() {
    let stays = |tiny: Tiny| {
        let copy = |tiny: Tiny, n: usize| tiny.copy_row("gp_events", 1, &[("event_id", &format!("x{n}"))]);
        (0..4).fold(tiny, copy)
    };
    let settings = format!("{}[rules.V33]\nrows_min = 4\n", agreed());
    for comes_before in [false, true] {
        let service = Service::new();
        service.put("first", "full", "2027-11-20", stays(Tiny::new()));
        if comes_before {
            service.put("visits", "full", "2027-11-19", alone(&["home_care_visits"]));
        }
        let told = service.settle_with(&settings).unwrap_err().to_string();
        assert!(told.starts_with("first/manifest.json, rule AHEAD: `extracted_at` is of 20 November 2027"), "{told}");
    }
}
