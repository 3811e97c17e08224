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
        let mut command = Command::new(env!("CARGO_BIN_EXE_earlycall"));
        command.args(["check", "--quiet", "--config"]).arg(self.folder.path().join("earlycall.toml")).args(args);
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
        .set("gp_events", 2, "value", "much");
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
    says(&page, "<div>row 1, column event_date</div><div>row 2, column value</div>");
    let json = service.json();
    let feed = &json["refused_feeds"][0];
    assert_eq!(
        (&feed["table"], &feed["provider"], &feed["delivery"]),
        (&json!("gp_events"), &json!("F99901"), &json!("tiny-1"))
    );
    let rejected = json!({"file": "delivery/gp_events.csv", "rule": "TYPE", "what": "rejected", "n": 3, "first_rows":
        [{"row": 1, "column": "event_date"}, {"row": 2, "column": "value"}, {"row": 3, "column": "event_date"}]});
    assert_eq!(feed["breaches"][0], rejected);
    assert_eq!((&feed["files"][0]["file"], &feed["files"][0]["read"]), (&json!("gp_events.csv"), &json!(3)));
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
