//! Tokens in every column of every table about persons appear nowhere outside worklists: not on the screen, not in logs
//! of either kind, not in reports or the quarantine, and in no name of a file, not even while the program runs.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use earlycall_schemas::table::{DType, TableKind, tables};
use serde_json::json;

use crate::{
    delivery::{Delivery, edit_manifest, line_of, sha256},
    service::{EARLYCALL, FIRST, SECOND, Said, Service, second_delivery},
};

/// What every planted text begins with.
const TOKEN: &str = "ZQX7";
/// Persons who are in no other test: one who is well, one who died, one who objects.
const PERSONS: [&str; 3] = [
    "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee01",
    "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee02",
    "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee03",
];
/// What all of them begin with, and what a short form would.
const PERSON: &str = "c0ffee00";
/// A second of the day at which nothing else happens.
const SECOND_OF_DAY: &str = "03:41:17";
/// A result to more places than any other has.
const RESULT: &str = "47.70137";
const DAY_OF_BIRTH: &str = "1913-02-01";
/// An area that no other person lives in, and no table knows.
const AREA: &str = "E01999999";

/// The tables about persons that a delivery has.
fn person_tables() -> impl Iterator<Item = &'static str> {
    let about_persons = |kind| matches!(kind, TableKind::State | TableKind::Clinical | TableKind::Permission);
    let about_persons = tables().iter().filter(move |table| about_persons(table.kind) && table.name != "user_access");
    about_persons.map(|table| table.name.as_str()).filter(|name| second_delivery().tables.contains_key(*name))
}

/// Adds a copy of a table's first row with some cells changed.
fn add(delivery: &mut Delivery, table: &str, changes: &[(&str, &str)]) {
    let sheet = delivery.table_mut(table);
    let mut copy = sheet.rows[0].clone();
    for (column, cell) in changes {
        let at = sheet.header.iter().position(|name| name == column).unwrap();
        copy[at] = (*cell).to_owned();
    }
    sheet.rows.push(copy);
}

/// A delivery in which all is well with persons whose every telling cell is a token.
fn good() -> Delivery {
    let mut delivery = second_delivery();
    let moment = format!("2026-03-17T{SECOND_OF_DAY}Z");
    let practice = delivery.table("reference_practices").rows[0][0].clone();
    for person in PERSONS {
        let who = [("person_id", person), ("birth_month", DAY_OF_BIRTH), ("lsoa21", AREA), ("superseded_by", "")];
        let flags = [("is_test_patient", "false"), ("updated_at", &moment)];
        add(&mut delivery, "patients", &[&who[..], &flags].concat());
        let here = [("practice_code", practice.as_str()), ("end_date", ""), ("end_reason", "")];
        add(&mut delivery, "registrations", &[&[("person_id", person)], &here[..]].concat());
        let id = format!("{TOKEN}{}", &person[63..]);
        let at = [("practice_code", practice.as_str()), ("recorded_at", &moment), ("event_date", "2026-03-17")];
        let result = [("snomed_code", "999791000000106"), ("value", RESULT), ("unit", "mmol/mol")];
        add(&mut delivery, "gp_events", &[&[("person_id", person), ("event_id", &id)], &at[..], &result].concat());
        let copd = [("snomed_code", "13645005"), ("value", ""), ("unit", "")];
        let id_of_copd = format!("{id}copd");
        add(
            &mut delivery,
            "gp_events",
            &[&[("person_id", person), ("event_id", &id_of_copd)], &at[..], &copd].concat(),
        );
        let issue = [("person_id", person), ("prescription_id", &id), ("practice_code", &practice)];
        add(&mut delivery, "gp_prescriptions", &issue);
        let ids = [("person_id", person), ("episode_id", id.as_str()), ("spell_id", &id), ("received_at", &moment)];
        add(&mut delivery, "apc_episodes", &ids);
        let visit = [("person_id", person), ("attendance_id", id.as_str()), ("arrival_at", &moment)];
        add(&mut delivery, "ed_attendances", &[&visit[..], &[("departure_at", ""), ("received_at", &moment)]].concat());
    }
    add(&mut delivery, "deaths", &[("person_id", PERSONS[1]), ("death_date", "2026-10-30"), ("registration_date", "")]);
    let objects = [("objection", "type1"), ("status", "dissent"), ("recorded_at", moment.as_str())];
    add(&mut delivery, "opt_outs", &[&[("person_id", PERSONS[2])], &objects[..]].concat());
    delivery
}

/// A delivery with one more row for each column of its tables about persons, with a token in it that is none of its
/// values, unless it would refuse the file.
fn spoilt(tables_to_leave: &[&str]) -> Delivery {
    let mut delivery = good();
    for table in person_tables().filter(|name| !tables_to_leave.contains(name)) {
        for column in delivery.table(table).header.clone() {
            if dtype(table, &column) != DType::PersonId {
                add(&mut delivery, table, &[(&column, &format!("{TOKEN}{table}.{column}"))]);
            }
        }
    }
    delivery
}

fn dtype(table: &str, column: &str) -> DType {
    earlycall_schemas::table::table(table).unwrap().column(column).unwrap().dtype
}

/// Changes the bytes of a file that was delivered, and tells the manifest.
fn rewrite(folder: &Path, table: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) {
    let file = folder.join(format!("{table}.csv"));
    let bytes = change(fs::read(&file).unwrap());
    edit_manifest(folder, |manifest| line_of(manifest, table)["sha256"] = json!(sha256(&bytes)));
    fs::write(file, bytes).unwrap();
}

/// Runs a command while looking at the names in the service's folder; what it said, and every name that was there.
fn watched(service: &Service, args: &[&str]) -> (Said, BTreeSet<PathBuf>) {
    let temporary = service.folder().join("tmp");
    fs::create_dir_all(&temporary).unwrap();
    let mut command = Command::new(EARLYCALL);
    command.args(args).arg("--config").arg(service.folder().join("earlycall.toml"));
    // Reports without a folder of their own are written where the program stands: they are looked at as well.
    command.current_dir(service.folder());
    command.env("TMPDIR", &temporary).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let waiting = thread::spawn(move || child.wait_with_output().unwrap());
    let mut names = BTreeSet::new();
    while !waiting.is_finished() {
        names_below(service.folder(), &mut names);
        thread::sleep(Duration::from_millis(15));
    }
    names_below(service.folder(), &mut names);
    (Said::of(waiting.join().unwrap()), names)
}

/// Files may come and go while this walks.
fn names_below(folder: &Path, names: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            names_below(&entry.path(), names);
        }
        names.insert(entry.path());
    }
}

/// Where persons may be: what coaches read, everybody's scores, who left a list, and the settled record itself.
fn may_tell(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_list = path.components().any(|part| part.as_os_str() == "worklists");
    let is_record = path.components().any(|part| part.as_os_str() == "history") && !name.ends_with(".json");
    let is_record = is_record && !path.components().any(|part| part.as_os_str() == "quality");
    is_list || is_record || ["worklist.parquet", "scores.parquet", "removed.csv"].contains(&name)
}

/// Asserts that neither what was said nor a file nor a name has a token.
#[track_caller]
fn assert_silent(service: &Service, args: &[&str], allowed: &[i32]) {
    let (said, names) = watched(service, args);
    assert!(allowed.contains(&said.code), "{args:?} ended with {}: {}", said.code, said.err);
    let telling = [TOKEN, PERSON, SECOND_OF_DAY, RESULT, DAY_OF_BIRTH, AREA];
    let tells = |text: &str| telling.into_iter().find(|token| text.contains(token));
    assert_eq!(tells(&said.out), None, "{args:?}, on stdout: {}", said.out);
    assert_eq!(tells(&said.err), None, "{args:?}, on stderr: {}", said.err);
    let extracts = service.folder().join("extracts");
    for path in &names {
        assert_eq!(tells(&path.display().to_string()), None, "{args:?}: the name of a file");
        if !path.starts_with(&extracts) && !may_tell(path) && path.is_file() {
            let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
            assert_eq!(tells(&text), None, "{args:?}: {}", path.display());
        }
    }
}

const RUN: [&str; 5] = ["run", "--index-date", SECOND, "--log-format", "json"];
const CHECK: [&str; 3] = ["check", "--log-format", "json"];

#[test]
fn nothing_is_told_of_anybody_where_all_is_well() {
    let service = Service::after_first_night();
    service.deliver(&good());
    assert_silent(&service, &["check"], &[0]);
    assert_silent(&service, &["check", "--format", "json", "--log-format", "json"], &[0]);
    assert_silent(&service, &["run", "--index-date", SECOND, "--dry-run"], &[0]);
    assert_silent(&service, &RUN, &[0]);
    assert_silent(&service, &["run", "--index-date", SECOND], &[99]);
    assert_silent(&service, &["diff", FIRST, SECOND], &[0, 2]);
    assert_silent(&service, &["train", "--index-date", "2026-05-17"], &[0]);
    assert_silent(&service, &["evaluate", "--index-date", FIRST], &[2]);
    assert_silent(&service, &["evaluate", "--index-date", "2026-05-17"], &[0]);
    assert_silent(&service, &["outcomes"], &[11]);
    // Somebody whom nobody knows is not named either.
    let unknown = format!("{PERSON}{}", "0".repeat(56));
    assert_silent(&service, &["explain", &unknown, "--index-date", SECOND], &[2, 10, 11, 13]);
}

#[test]
fn nothing_is_told_of_cells_that_break_a_rule() {
    // An objection that cannot be read refuses the delivery; without such a one the night goes on, with a quarantine.
    for (leave, codes) in [(&[][..], [11]), (&["opt_outs"], [0])] {
        let service = Service::after_first_night();
        service.deliver(&spoilt(leave));
        assert_silent(&service, &["check"], &codes);
        assert_silent(&service, &["check", "--format", "json"], &codes);
        assert_silent(&service, &["train", "--index-date", "2026-05-17"], &codes);
        assert_silent(&service, &RUN, &codes);
        if codes == [0] {
            let quarantine = fs::read_to_string(service.night(&format!("{SECOND}.1")).join("quarantine/gp_events.csv"));
            assert!(quarantine.unwrap().contains(",event_date,TYPE"), "the places are told");
        }
    }
}

#[test]
fn nothing_is_told_of_what_stands_in_place_of_a_person() {
    let mut delivery = good();
    for table in person_tables() {
        add(&mut delivery, table, &[("person_id", &format!("{TOKEN}person"))]);
    }
    let service = Service::after_first_night();
    service.deliver(&delivery);
    assert_silent(&service, &CHECK, &[11]);
    assert_silent(&service, &RUN, &[11]);
    assert_silent(&service, &["train", "--index-date", "2026-05-17"], &[11]);
}

#[test]
fn nothing_is_told_of_a_file_that_cannot_be_read() {
    let tail = |bytes: Vec<u8>, text: &str| [bytes, text.as_bytes().to_vec()].concat();
    let without_header = |bytes: Vec<u8>| bytes.splitn(2, |byte| *byte == b'\n').nth(1).unwrap().to_vec();
    let first_row_is_told = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        let (header, rest) = text.split_once('\n').unwrap();
        let cells: Vec<String> = (0..header.split(',').count()).map(|n| format!("{TOKEN}{n}")).collect();
        format!("{header}\n{}\n{rest}", cells.join(",")).into_bytes()
    };
    type Spoil<'a> = &'a dyn Fn(Vec<u8>) -> Vec<u8>;
    let spoil: [(&str, Spoil); 5] = [
        ("no header", &|bytes| without_header(first_row_is_told(bytes))),
        ("a row that is too long", &|bytes| tail(bytes, &format!("{}{TOKEN}\n", format!("{TOKEN},").repeat(60)))),
        ("a row that is too short", &|bytes| tail(bytes, &format!("{TOKEN}\n"))),
        ("a quote that does not end", &|bytes| tail(bytes, &format!("\"{TOKEN}"))),
        ("another encoding", &|bytes| [tail(bytes, TOKEN), vec![0xe9, b'\n']].concat()),
    ];
    for ((what, spoil), table) in spoil.into_iter().zip(["patients", "gp_events", "opt_outs", "deaths", "apc_episodes"])
    {
        let service = Service::after_first_night();
        let folder = service.deliver(&good());
        rewrite(&folder, table, spoil);
        assert_silent(&service, &CHECK, &[11]);
        assert_silent(&service, &RUN, &[11]);
        assert!(!service.night(&format!("{SECOND}.1")).exists(), "{what}");
    }
}
