//! What `earlycall check` says of deliveries at six in the morning: on the screen, on its page, and for machines.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::Tiny;

/// A folder with settings, and deliveries in `extracts`.
struct Service {
    folder: TempDir,
}

/// What a command said, and how it ended.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Service {
    fn new(settings: &str) -> Service {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("[profile]\nkind = \"research\"\n{settings}");
        fs::write(folder.path().join("earlycall.toml"), text).unwrap();
        Service { folder }
    }

    /// A service to which this has been delivered.
    fn with(tiny: &Tiny, settings: &str) -> Service {
        let service = Service::new(settings);
        tiny.write(&service.extracts());
        service
    }

    fn extracts(&self) -> PathBuf {
        self.folder.path().join("extracts")
    }

    fn check(&self, args: &[&str]) -> Said {
        self.earlycall(&[&["check"], args].concat())
    }

    fn earlycall(&self, args: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_earlycall"));
        command.args(args).args(["--quiet", "--config"]).arg(self.folder.path().join("earlycall.toml"));
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { code: status.code().unwrap(), out: text(stdout), err: text(stderr) }
    }

    fn json(&self) -> Value {
        let Said { out, err, .. } = self.check(&["--format", "json"]);
        serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"))
    }

    fn page(&self) -> String {
        fs::read_to_string(self.folder.path().join("out/check.html")).unwrap()
    }
}

#[track_caller]
fn says(text: &str, words: &str) {
    assert!(text.contains(words), "{text}\nshould say: {words}");
}

/// A practice's entries under its own code.
fn of_practice(tiny: Tiny) -> Tiny {
    tiny.line("gp_events", "provider_code", json!("F99901"))
}

#[test]
fn what_the_rules_found_in_a_refused_feed_is_told_with_file_row_and_column_and_no_value() {
    let tiny = of_practice(Tiny::new())
        .set("gp_events", 1, "event_date", "01/05/2020")
        .set("gp_events", 3, "event_date", "31/01/2025")
        .set("gp_events", 2, "recorded_at", "soon");
    let service = Service::with(&tiny, "[rules.V42]\nrows_min = 1\n");
    let said = service.check(&[]);
    assert_eq!(said.code, 11, "{}", said.err);
    let told = "\
in refused feeds, as far as they were read; none of their rows is used:
  gp_events of F99901: 3 rows read, 3 rejected
    delivery/gp_events.csv: 3 rejected by TYPE, the first in row 1, column event_date
";
    says(&said.out, told);
    // What most of them lack is a mapping.
    says(&said.out, "`[extracts.mapping.gp_events]` in the settings says how they are read");
    let page = service.page();
    says(&page, "gp_events of F99901: 3 rows read, 3 rejected; delivery tiny-1");
    says(&page, "<div>row 1, column event_date</div><div>row 2, column recorded_at</div>");
    let json = service.json();
    let feed = &json["refused_feeds"][0];
    assert_eq!(
        (&feed["table"], &feed["provider"], &feed["delivery"]),
        (&json!("gp_events"), &json!("F99901"), &json!("tiny-1"))
    );
    let rejected = json!({"file": "delivery/gp_events.csv", "rule": "TYPE", "what": "rejected", "n": 3, "first_rows":
        [{"row": 1, "column": "event_date"}, {"row": 2, "column": "recorded_at"}, {"row": 3, "column": "event_date"}]});
    assert_eq!(feed["breaches"][0], rejected);
    assert_eq!((&feed["files"][0]["file"], &feed["files"][0]["read"]), (&json!("delivery/gp_events.csv"), &json!(3)));
    for value in ["01/05/2020", "31/01/2025", "much"] {
        assert!(![&said.out, &said.err, &page, &json.to_string()].iter().any(|text| text.contains(value)), "{value}");
    }
}

#[test]
fn of_a_file_that_was_changed_on_its_way_no_row_is_read_and_the_check_says_so() {
    let tiny = of_practice(Tiny::new()).corrupt("gp_events", |bytes| [bytes, b"x".to_vec()].concat());
    let service = Service::with(&tiny, "");
    let said = service.check(&[]);
    says(&said.out, "none of their rows is used:\n  gp_events of F99901: no row was read\n");
    assert_eq!(service.json()["refused_feeds"][0]["breaches"], json!([]));
}

#[test]
fn of_a_file_that_breaks_off_the_rows_before_the_break_are_told() {
    let broken = of_practice(Tiny::new()).set("gp_events", 1, "event_date", "01/05/2020");
    let tiny = broken.bytes("gp_events", |bytes| [bytes, b"a,b\n".to_vec()].concat());
    let said = Service::with(&tiny, "").check(&[]);
    assert_eq!(said.code, 11, "{}", said.err);
    says(&said.err, "delivery/gp_events.csv, row 4, rule V01: the row has 2 cells where the header has");
    let told = "\
  gp_events of F99901: 3 rows read, 1 rejected
    delivery/gp_events.csv: 1 rejected by TYPE, the first in row 1, column event_date
";
    says(&said.out, told);
}

#[test]
fn where_no_feed_is_refused_nothing_is_told_of_refused_feeds() {
    // A row is rejected, and its feed is used.
    let tiny = of_practice(Tiny::new()).set("gp_events", 1, "event_date", "01/05/2020");
    let service = Service::with(&tiny, "");
    let said = service.check(&[]);
    assert_eq!(said.code, 0, "{}", said.err);
    says(&said.out, "gp_events: 1 rejected by TYPE, the first in delivery/gp_events.csv, row 1, column event_date");
    assert!(!said.out.contains("refused"), "{}", said.out);
    assert!(!service.page().contains("refused feeds"));
    assert_eq!(service.json()["refused_feeds"], json!([]));
}

/// A file in a folder of the service's deliveries.
fn put(service: &Service, path: &str) {
    let path = service.extracts().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "person_id,death_date,source\n").unwrap();
}

/// The folders without a manifest that a command warns of, by their names.
fn unfinished(out: &str) -> Vec<&str> {
    let what = " has files of tables and no manifest.json: nothing in it is looked at until that has arrived. ";
    let warned = out.lines().filter_map(|line| line.strip_prefix("warning: ")?.split_once(what));
    warned.map(|(folder, _)| folder.rsplit('/').next().unwrap()).collect()
}

#[test]
fn a_delivery_whose_manifest_has_not_arrived_is_named_by_check_and_run() {
    let service = Service::with(&Tiny::new(), "");
    put(&service, "tuesday/gp_events/F99901.csv");
    put(&service, "wednesday/deaths.csv.gz");
    let said = service.check(&[]);
    assert_eq!(said.code, 0, "the delivery that is there can be used: {}", said.err);
    assert_eq!(unfinished(&said.out), ["tuesday", "wednesday"], "{}", said.out);
    says(&said.out, "If its copying has ended, have the manifest sent; if it is no delivery, take it away");
    says(&service.page(), "tuesday has files of tables and no manifest.json");
    let warnings = service.json()["warnings"].to_string();
    says(&warnings, "wednesday has files of tables and no manifest.json");
    // There is no model, so no night either; what has not arrived is told all the same.
    let run = service.earlycall(&["run"]);
    assert_ne!(run.code, 0);
    assert_eq!(unfinished(&run.out), ["tuesday", "wednesday"], "{}", run.out);
}

#[test]
fn where_nothing_but_such_a_delivery_is_there_it_is_named_beside_the_refusal() {
    let service = Service::new("");
    put(&service, "patients.csv");
    put(&service, "gp_events/F99901.csv");
    let said = service.check(&[]);
    assert_eq!((said.code, unfinished(&said.out)), (11, vec!["extracts"]), "{}", said.out);
    says(&said.err, "there is no delivery: no folder with a manifest.json");
}

#[test]
fn an_empty_folder_a_stray_file_and_a_hidden_folder_are_no_deliveries() {
    let service = Service::with(&Tiny::new(), "");
    for path in ["letters/of_last_year.csv", "notes/deaths.txt", ".incoming/deaths.csv", "readme.csv"] {
        put(&service, path);
    }
    fs::create_dir(service.extracts().join("empty")).unwrap();
    let said = service.check(&[]);
    assert_eq!((said.code, unfinished(&said.out)), (0, vec![]), "{}", said.out);
    assert_eq!(service.json()["warnings"], json!([]));
}

#[test]
fn a_check_says_as_which_night_it_judges_and_takes_another_as_a_run_does() {
    // Extracted on 20 November, with a list of who is in hospital then.
    let service = Service::with(&Tiny::new(), "");
    let missing = |args: &[&str]| {
        let said = service.check(&[&["--format", "json"], args].concat());
        let json: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}{}", said.out, said.err));
        let is_missing = json["missing_feeds"].as_array().unwrap().contains(&json!("inpatients_now"));
        (json["index_date"].as_str().unwrap().to_owned(), is_missing)
    };
    assert_eq!(missing(&[]), ("2026-11-19".to_owned(), true));
    assert_eq!(missing(&["--index-date", "2026-11-20"]), ("2026-11-20".to_owned(), false));
    let by_default = service.check(&[]);
    says(&by_default.out, "\nas the night of 19 November 2026 would see it; --index-date names another\n");
    let later = "no date is named, so this is the night of 19 November 2026; the newest delivery was taken late on 20 \
                 November 2026 and covers it, with its beds of that evening: `--index-date 2026-11-20` names that night";
    says(&by_default.out, &format!("\n{later}\n"));
    says(&service.page(), "the newest delivery was taken late on 20 November 2026");
    let said = service.check(&["--index-date", "2026-11-20"]);
    says(&said.out, "\nas the night of 20 November 2026 would see it; ");
    says(&said.out, "\nregisters on 20 November 2026: ");
    says(&service.page(), "As the night of 20 November 2026 would see it.");
    assert!(!said.out.contains("no date is named"), "{}", said.out);
}

#[test]
fn an_extract_of_the_small_hours_covers_no_later_day_than_the_one_before() {
    let at_two = Tiny::new().manifest(|manifest| manifest["extracted_at"] = json!("2026-11-21T02:00:00Z"));
    let said = Service::with(&at_two, "").check(&[]);
    says(&said.out, "\nas the night of 20 November 2026 would see it; ");
    assert!(!said.out.contains("no date is named"), "{}", said.out);
}

#[test]
fn a_check_of_a_night_after_the_newest_extract_is_refused_with_the_date_that_is_covered() {
    let service = Service::with(&Tiny::new(), "");
    let said = service.check(&["--index-date", "2026-11-21"]);
    assert_eq!(said.code, 11, "{}", said.err);
    says(&said.err, "the index date, 21 November 2026, is after the newest extract, of 20 November 2026");
    says(&said.err, "--index-date 2026-11-19 is the last day that the extracts cover whole");
    assert!(!said.out.contains("as the night of"), "{}", said.out);
    let json: Value =
        serde_json::from_str(&service.check(&["--index-date", "2026-11-21", "--format", "json"]).out).unwrap();
    assert_eq!((&json["index_date"], &json["missing_feeds"]), (&Value::Null, &Value::Null));
}
