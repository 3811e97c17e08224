//! Files with a supplier's own columns, read by the settings' mapping; the examples are those of `docs/mapping.md`.

use std::fs;
use std::path::Path;
use std::sync::Mutex;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use earlycall::extract::{Inspection, Registry, delivery, inspect};
use earlycall::settings::Settings;
use serde_json::{Value, json};

use crate::support::{Format, Tiny, person};
use crate::with_persons;

/// The first two blocks under a heading of the guide: settings, and a file.
fn example(heading: &str) -> (String, String) {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/mapping.md");
    let guide = fs::read_to_string(guide).unwrap();
    let (_, section) = guide.split_once(&format!("\n## {heading}\n")).unwrap();
    let block = |kind: &str| {
        let (_, rest) = section.split_once(&format!("```{kind}\n")).unwrap();
        rest.split_once("```").unwrap().0.to_owned()
    };
    (block("toml"), block("csv"))
}

/// Reads a tiny delivery under a mapping: what is found, and the accepted rows of a table with the numbers of their persons.
fn read(mapping: &str, tiny: &Tiny, table: &str) -> (Inspection, Vec<RecordBatch>) {
    let dir = tempfile::tempdir().unwrap();
    tiny.write(dir.path());
    let text = format!("[profile]\nkind = \"research\"\n[extracts]\nfolder = \"delivery\"\n{mapping}");
    let settings = Settings::parse(&text, dir.path()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let found = delivery::arrived(&settings).unwrap();
    let rows = Mutex::new(Vec::new());
    let inspection = inspect(&found.deliveries[0], &mut Registry::default(), 1, 0, &|_, accepted| {
        if accepted.table.name == table {
            rows.lock().unwrap().extend(with_persons(&accepted));
        }
        Ok(())
    });
    (inspection, rows.into_inner().unwrap())
}

/// A tiny delivery of which a table is this file.
fn with_file(table: &'static str, text: &str) -> Tiny {
    let (bytes, rows) = (text.as_bytes().to_vec(), text.lines().count() - 1);
    Tiny::new().bytes(table, move |_| bytes.clone()).line(table, "row_count", json!(rows)).line(
        table,
        "provider_code",
        json!("R1H"),
    )
}

/// A column of the accepted rows, as text; nothing is a dash.
fn column(rows: &[RecordBatch], name: &str) -> Vec<String> {
    let cells = rows.iter().flat_map(|batch| {
        let text = cast(batch.column_by_name(name).unwrap(), &DataType::Utf8).unwrap();
        let text = text.as_string::<i32>();
        (0..text.len()).map(|row| if text.is_valid(row) { text.value(row) } else { "-" }.to_owned()).collect::<Vec<_>>()
    });
    cells.collect()
}

#[test]
fn the_guide_s_hes_extract_is_read_as_episodes() {
    let (mapping, file) = example("A HES extract of admitted patient care");
    let (inspection, rows) = read(&mapping, &with_file("apc_episodes", &file), "apc_episodes");
    assert_eq!(inspection.refusals, []);
    for (name, expected) in [
        ("episode_id", ["501", "502"]),
        ("provider_code", ["R1H", "R1H"]),
        ("person", ["0", "1"]),
        ("admission_date", ["2025-04-10", "2026-11-18"]),
        ("discharge_date", ["2025-04-14", "-"]),
        ("episode_order", ["1", "1"]),
        ("diagnoses", ["J440|I10|E119", "I500"]),
        ("received_at", ["2026-11-20T23:00:00", "2026-11-20T23:00:00"]),
        ("is_deleted", ["false", "false"]),
    ] {
        assert_eq!(column(&rows, name), expected, "{name}");
    }
}

#[test]
fn the_guide_s_sus_extract_is_read_as_attendances() {
    let (mapping, file) = example("An emergency care extract of SUS");
    let (inspection, rows) = read(&mapping, &with_file("ed_attendances", &file), "ed_attendances");
    assert_eq!(inspection.refusals, []);
    for (name, expected) in [
        ("department_type", ["01", "03"]),
        // A quarter past nine of a summer's morning in London.
        ("arrival_at", ["2025-04-10T08:15:00", "2026-02-01T10:00:00"]),
        ("person", ["0", "1"]),
    ] {
        assert_eq!(column(&rows, name), expected, "{name}");
    }
    // Diagnoses and departures are checked and not kept: none had to be put right.
    let attendances =
        inspection.delivery.tables.iter().find(|admitted| admitted.table.name == "ed_attendances").unwrap();
    assert!(attendances.tally.repaired.is_empty(), "{:?}", attendances.tally.repaired);
    // The other trusts send the national codes: for them the same file has none.
    let other = with_file("ed_attendances", &file).line("ed_attendances", "provider_code", json!("RF4"));
    let (inspection, _) = read(&mapping, &other, "ed_attendances");
    assert_eq!(
        rejected(&inspection, "ed_attendances"),
        [(1, "EC_Department_Type", "CODE"), (2, "EC_Department_Type", "CODE")]
    );
}

/// The rejected rows of a table: row, column and rule.
fn rejected<'a>(inspection: &'a Inspection, table: &str) -> Vec<(u64, &'a str, &'a str)> {
    let admitted = inspection.delivery.tables.iter().find(|admitted| admitted.table.name == table).unwrap();
    admitted.rejections.iter().map(|one| (one.row, one.column, one.rule)).collect()
}

const DEATHS: &str = "[extracts.mapping.deaths]\n";

fn deaths(lines: &[&str]) -> String {
    lines.join("\n").replace("P1", &person(1)).replace("P2", &person(2)).replace("P3", &person(3)) + "\n"
}

#[test]
fn a_code_that_is_not_mapped_is_rejected_under_the_supplier_s_name_though_it_be_one_of_ours() {
    let mapping = "[extracts.mapping.apc_episodes]\ncodes.admission_method = { E = \"21\", X = \"\" }\n";
    // 22 is a code of ours and none of theirs; X says that nothing is known.
    let three = Tiny::new().copy_row("apc_episodes", 2, &[("episode_id", "a3")]);
    let cells = ["E", "22", "X"].iter().enumerate();
    let tiny = cells.fold(three, |tiny, (at, cell)| tiny.set("apc_episodes", at + 1, "admission_method", cell));
    let (inspection, rows) = read(mapping, &tiny, "apc_episodes");
    assert_eq!(inspection.refusals, []);
    assert_eq!(column(&rows, "admission_method"), ["21"]);
    let expected = [(2, "admission_method", "CODE"), (3, "admission_method", "NULL")];
    assert_eq!(rejected(&inspection, "apc_episodes"), expected);
}

#[test]
fn true_and_false_may_be_written_otherwise() {
    let mapping = "[extracts.mapping.apc_episodes]\ncodes.is_deleted = { 1 = \"true\", 0 = \"false\" }\n";
    let three = Tiny::new().copy_row("apc_episodes", 2, &[("episode_id", "a3")]);
    let cells = ["0", "1", "false"].iter().enumerate();
    let tiny = cells.fold(three, |tiny, (at, cell)| tiny.set("apc_episodes", at + 1, "is_deleted", cell));
    let (inspection, rows) = read(mapping, &tiny, "apc_episodes");
    assert_eq!(column(&rows, "is_deleted"), ["false", "true"]);
    assert_eq!(rejected(&inspection, "apc_episodes"), [(3, "is_deleted", "TYPE")]);
}

#[test]
fn a_day_in_another_form_than_the_one_named_is_none() {
    let mapping = format!("{DEATHS}columns.death_date = \"DOD\"\ndates = \"%d-%b-%Y\"");
    let file = deaths(&["person_id,DOD,source", "P1,01-Oct-2026,ons", "P2,2026-10-01,ons", "P3,31-Feb-2026,ons"]);
    let (inspection, rows) = read(&mapping, &with_file("deaths", &file), "deaths");
    // Whoever is reported dead is dead, at the latest on the day before the extract.
    assert_eq!(column(&rows, "death_date"), ["2026-10-01", "2026-11-19", "2026-11-19"]);
    let admitted = inspection.delivery.tables.iter().find(|admitted| admitted.table.name == "deaths").unwrap();
    assert_eq!(admitted.tally.repaired["TYPE"], 2);
}

#[test]
fn other_encodings_are_read_and_what_is_no_character_is_refused_with_its_row() {
    let practices = |encoding: &str| format!("[extracts.mapping.reference_practices]\nencoding = \"{encoding}\"\n");
    let name = "Caf\u{e9} \u{2019}n Surgery";
    let tiny = || Tiny::new().set("reference_practices", 1, "practice_name", name);
    let utf_16 = tiny().bytes("reference_practices", |bytes| {
        let text = format!("\u{feff}{}", String::from_utf8(bytes).unwrap());
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    });
    let single = tiny().bytes("reference_practices", |bytes| {
        String::from_utf8(bytes).unwrap().chars().map(|c| if c == '\u{2019}' { 0x92 } else { c as u8 }).collect()
    });
    for (tiny, encoding) in [(&utf_16, "utf-16"), (&single, "windows-1252"), (&tiny(), "utf-8")] {
        let (inspection, rows) = read(&practices(encoding), tiny, "reference_practices");
        assert_eq!(inspection.refusals, [], "{encoding}");
        assert_eq!(column(&rows, "practice_name")[0], name, "{encoding}");
    }
    let broken =
        tiny().bytes("reference_practices", |bytes| [bytes, b"F99903,\x81,U90000,E09000001,true\n".to_vec()].concat());
    assert_eq!(
        refusal(&practices("windows-1252"), &broken),
        "delivery/reference_practices.csv, row 3, rule V01: is not in the encoding that its mapping names; hint: \
         name another in `[extracts.mapping]`, or have the file sent in this one"
    );
}

#[track_caller]
fn refusal(mapping: &str, tiny: &Tiny) -> String {
    let (inspection, _) = read(mapping, tiny, "none");
    assert_eq!(inspection.refusals.len(), 1, "{:?}", inspection.refusals);
    inspection.refusals[0].to_string()
}

#[test]
fn a_file_that_does_not_fit_its_mapping_is_refused_by_the_supplier_s_names() {
    let file = |header: &str| with_file("deaths", &deaths(&[header, "P1,2026-10-01,ons"]));
    for (mapping, header, words) in [
        (
            "columns.death_date = \"DOD\"",
            "person_id,death_dat,source",
            "delivery/deaths.csv, column DOD, rule V01: the file has no such column, and death_date is to be read from it",
        ),
        ("columns.death_date = \"DOD\"", "person_id,DOD,DOD", "column DOD, rule V01: the column is there twice"),
        (
            "columns.source = \"SRC\"",
            "person_id,death_date,SRC,source",
            "column source, rule V01: the column has two sources",
        ),
        (
            "constants.source = \"ons\"",
            "person_id,death_date,source",
            "column source, rule V01: the column has two sources",
        ),
        (
            "columns.death_date = \"DOD\"",
            "person_id,DOD,SRC",
            "column source, rule V01: the required column is missing; hint: name what feeds it in `[extracts.mapping.deaths]`",
        ),
        (
            "constants.source = \"ons\"",
            "person_id,death_date,SRC",
            "deaths.csv, rule V01: column number 3 is neither mapped nor ignored; hint: name it under columns or ignore",
        ),
    ] {
        let told = refusal(&format!("{DEATHS}{mapping}"), &file(header));
        let told = told.replace("mandatory", "required");
        assert!(told.contains(words), "{told}\nshould contain: {words}");
    }
    for passed_over in ["ignore = [\"SRC\"]", "ignore_others = true"] {
        let mapping = format!("{DEATHS}constants.source = \"ons\"\n{passed_over}");
        let (inspection, rows) = read(&mapping, &file("person_id,death_date,SRC"), "deaths");
        assert_eq!((inspection.refusals, column(&rows, "source")), (vec![], vec!["ons".to_owned()]));
    }
}

#[test]
fn parquet_is_renamed_translated_and_completed_and_nothing_else() {
    let tiny = Tiny::new().format(Format::Parquet);
    let mapping = format!(
        "{DEATHS}columns.underlying_cause = \"source\"\nconstants.source = \"ons\"\nignore = [\"underlying_cause\"]"
    );
    let (inspection, rows) = read(&mapping, &tiny, "deaths");
    assert_eq!(column(&rows, "source"), ["ons"], "{:?}", inspection.refusals);
    let told = refusal("[extracts.mapping.deaths]\ndates = \"%d/%m/%Y\"\n", &tiny);
    assert!(told.contains("deaths.parquet, column death_date, rule V01: the mapping joins columns or names"), "{told}");
}

#[test]
fn a_mapping_that_cannot_be_is_refused_with_the_settings() {
    for (mapping, words) in [
        (
            "[extracts.mapping.death]",
            "setting extracts.mapping.death: there is no such table; hint: did you mean `deaths`",
        ),
        (
            "[extracts.mapping.deaths]\ncolumns.deth_date = \"DOD\"",
            "setting extracts.mapping.deaths.columns.deth_date: the table has no such column; hint: did you mean `death_date`",
        ),
        (
            "[extracts.mapping.deaths]\ncolumns.source = \"SRC\"\nconstants.source = \"ons\"",
            "setting extracts.mapping.deaths: the column source has two sources",
        ),
        ("[extracts.mapping.deaths]\nlists.source = \"S{1..2}\"", "lists.source: the column holds no list"),
        ("[extracts.mapping.apc_episodes]\nlists.diagnoses = \"DIAG\"", "must name its numbers once"),
        (
            "[extracts.mapping.deaths]\ncodes.source = { O = \"onss\" }",
            "codes.source: `onss` is no code of the column; hint: did you mean `ons`",
        ),
        ("[extracts.mapping.deaths]\ncodes.death_date = { O = \"x\" }", "the column holds no single codes"),
        ("[extracts.mapping.deaths]\ndates = \"%m/%d/%Y\"", "extracts.mapping.deaths.dates"),
        ("[extracts.mapping.deaths]\nencoding = \"latin-1\"", "windows-1252"),
        ("[extracts.mapping.deaths]\ncolumn.source = \"SRC\"", "did you mean `columns`"),
        ("[extracts.mapping.deaths.provider.R1H.provider.R1H]", "a provider has no providers of its own"),
    ] {
        let error = Settings::parse(mapping, Path::new("")).unwrap_err().to_string();
        assert!(error.contains(words), "{error}\nshould contain: {words}");
    }
}

#[test]
fn another_mapping_is_another_night_and_none_is_none() {
    let fingerprint = |text: &str| Settings::parse(text, Path::new("")).unwrap().fingerprint();
    let mapped = format!("{DEATHS}columns.source = \"SRC\"");
    assert_ne!(fingerprint(&mapped), fingerprint(""));
    assert_ne!(fingerprint(&mapped), fingerprint(&mapped.replace("SRC", "SOURCE")));
}

#[test]
fn a_value_is_never_told_by_a_mapping() {
    let mapping = format!("{DEATHS}columns.source = \"SRC\"\ncodes.source = {{ O = \"ons\" }}\ndates = \"%Y%m%d\"");
    let file = deaths(&["person_id,death_date,SRC", "P1,CANARYDATE,CANARYCODE"]);
    let tiny = with_file("deaths", &file).manifest(|manifest: &mut Value| manifest["supplier"] = json!("S"));
    let (inspection, _) = read(&mapping, &tiny, "deaths");
    assert!(!format!("{:?}{:?}", inspection.refusals, inspection.delivery).contains("CANARY"));
    let headless = with_file("deaths", &deaths(&["CANARY1,CANARY2,CANARY3", "P1,20261001,O"]));
    let told = refusal(&mapping, &headless);
    assert!(!told.contains("CANARY"), "{told}");
}
