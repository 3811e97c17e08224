//! What is broken or made to do harm: refused under rule V01 with its file and the limit, before it fills the memory.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::record_batch::RecordBatch;
use earlycall::error::Kind;
use earlycall::extract::{Registry, delivery, inspect};
use earlycall::settings::Settings;
use serde_json::{Value, json};

use crate::assert_refused;
use crate::support::{Format, Tiny, gzip, parquet, person};

/// Reads a tiny delivery with limits that a service has set.
#[track_caller]
fn refused_under(limits: &str, tiny: &Tiny, words: &str) {
    let dir = tempfile::tempdir().unwrap();
    tiny.write(dir.path());
    let text = format!("[profile]\nkind = \"research\"\n[extracts]\nfolder = \"delivery\"\n[rules.V01]\n{limits}\n");
    let settings = Settings::parse(&text, dir.path()).unwrap();
    let read = delivery::arrived(&settings).and_then(|found| {
        inspect(&found.deliveries[0], &mut Registry::default(), 2, 0, &|_, _| Ok(())).admit(&settings)
    });
    let error = read.unwrap_err();
    assert_eq!(error.kind(), Kind::Extract, "{error}");
    assert!(error.to_string().contains(words), "{error}\nshould contain: {words}");
}

/// Rows of one death, all alike, that fill so many bytes.
fn many_deaths(bytes: usize) -> String {
    let row = format!("{},2026-10-01,ons,J440\n", person(1));
    row.repeat(bytes / row.len())
}

#[test]
fn a_gzip_bomb_is_refused_before_it_is_unpacked_though_its_checksum_is_right() {
    // 4 GiB in some megabytes: members of one mebibyte, all alike.
    let bomb = |_: Vec<u8>| {
        let header = gzip(b"person_id,death_date,source,underlying_cause\n");
        let member = gzip(many_deaths(1 << 20).as_bytes());
        [header, member.repeat(4096)].concat()
    };
    let tiny = Tiny::new().format(Format::CsvGz).bytes("deaths", bomb).line("deaths", "row_count", json!(50_000_000));
    assert_refused(tiny, "deaths.csv.gz, rule V01: exceeds the limit `unpacked_times` = 50");
}

#[test]
fn a_gzip_bomb_of_one_line_is_refused_by_the_length_of_a_line_wherever_it_stands() {
    // As the header, as a row, and as a cell whose quote is never closed.
    const HEADER: &str = "person_id,death_date,source,underlying_cause\n";
    for before in [String::new(), HEADER.to_owned(), format!("{HEADER}\"")] {
        let bomb = move |_: Vec<u8>| [gzip(before.as_bytes()), gzip(&vec![b'x'; 1 << 20]).repeat(4096)].concat();
        let tiny = Tiny::new().format(Format::CsvGz).bytes("deaths", bomb);
        assert_refused(tiny, "rule V01: exceeds the limit `line_bytes` = 1048576");
    }
}

#[test]
fn a_gzip_may_unpack_to_so_much_and_no_more() {
    let tiny = Tiny::new().format(Format::CsvGz).bytes("deaths", |_| {
        gzip(format!("person_id,death_date,source,underlying_cause\n{}", many_deaths(17 << 20)).as_bytes())
    });
    let tiny = tiny.line("deaths", "row_count", json!(50_000_000));
    refused_under("unpacked_bytes = 17000000\nunpacked_times = 2000", &tiny, "the limit `unpacked_bytes` = 17000000");
    refused_under("unpacked_times = 2000", &tiny, "the manifest counts 50000000 rows and the file has only");
}

#[test]
fn a_million_columns_are_refused() {
    let wide = |n: usize| {
        move |bytes: Vec<u8>| {
            let header = format!("person_id{}\n", ",x".repeat(n));
            [header.into_bytes(), bytes].concat()
        }
    };
    assert_refused(
        Tiny::new().bytes("deaths", wide(1_000_000)),
        "deaths.csv, rule V01: exceeds the limit `line_bytes`",
    );
    assert_refused(
        Tiny::new().bytes("deaths", wide(2_000)),
        "deaths.csv, rule V01: exceeds the limit `columns` = 2000",
    );
}

#[test]
fn a_cell_of_a_hundred_megabytes_is_refused_with_its_row() {
    let append = |cell: String| {
        move |bytes: Vec<u8>| [bytes, format!("{},2026-10-01,{cell},\n", person(1)).into_bytes()].concat()
    };
    let huge = Tiny::new().bytes("deaths", append("x".repeat(100_000_000)));
    assert_refused(huge, "deaths.csv, row 2, rule V01: exceeds the limit `line_bytes` = 1048576");
    let open = Tiny::new().bytes("deaths", append(format!("\"{}", "\n".repeat(2_000_000))));
    assert_refused(open, "deaths.csv, row 2, rule V01: exceeds the limit `line_bytes`");
    let long = Tiny::new().bytes("deaths", append("x".repeat(65_537))).line("deaths", "row_count", json!(2));
    assert_refused(long, "deaths.csv, row 2, column source, rule V01: exceeds the limit `cell_bytes` = 65536");
}

#[test]
fn of_several_cells_that_are_too_long_the_first_row_is_named_whichever_column_it_is_in() {
    let long = "x".repeat(65_537);
    for format in [Format::Csv, Format::Parquet] {
        let tiny = Tiny::new().format(format).set("gp_events", 3, "event_id", &long).set("gp_events", 2, "unit", &long);
        assert_refused(tiny, "row 2, column unit, rule V01: exceeds the limit `cell_bytes` = 65536");
        let tiny = Tiny::new().format(format).set("gp_events", 2, "event_id", &long).set("gp_events", 3, "unit", &long);
        assert_refused(tiny, "row 2, column event_id, rule V01: exceeds the limit `cell_bytes` = 65536");
    }
}

#[test]
fn a_list_without_end_is_refused_in_either_format() {
    let list = |n: usize| vec!["J440"; n].join("|");
    for format in [Format::Csv, Format::Parquet] {
        let tiny = Tiny::new().format(format).set("apc_episodes", 2, "diagnoses", &list(1_001));
        assert_refused(tiny, "row 2, column diagnoses, rule V01: exceeds the limit `list_elements` = 1000");
        let tiny = Tiny::new().format(format).set("apc_episodes", 2, "diagnoses", &list(1_000));
        assert!(crate::admitted(&tiny).is_ok());
    }
}

#[test]
fn files_and_rows_and_bytes_are_counted_before_a_file_is_opened() {
    let tiny = Tiny::new();
    refused_under(
        "manifest_bytes = 100",
        &tiny,
        "delivery/manifest.json, rule V01: exceeds the limit `manifest_bytes`",
    );
    refused_under("files = 12", &tiny, "exceeds the limit `files` = 12");
    refused_under("rows = 2", &tiny, "delivery/manifest.json, rule V01: exceeds the limit `rows` = 2");
    refused_under("file_bytes = 300", &tiny, ".csv, rule V01: exceeds the limit `file_bytes` = 300");
    let crowded = ["a.txt", "b.txt", "c.txt"].into_iter().fold(Tiny::new(), |tiny, name| tiny.stray(name, b""));
    refused_under("files = 14", &crowded, "delivery, rule V01: exceeds the limit `files` = 14");
}

#[test]
fn what_is_no_plain_file_is_never_opened() {
    // Whoever opens a pipe waits for its other end: this test would never end.
    for make in [pipe, socket] {
        for name in ["deaths.csv", "manifest.json"] {
            let dir = tempfile::tempdir().unwrap();
            let folder = Tiny::new().write(dir.path());
            fs::remove_file(folder.join(name)).unwrap();
            make(&folder.join(name));
            let found = delivery::find(&folder);
            let refused =
                found.map(|found| inspect(&found[0], &mut Registry::default(), 1, 0, &|_, _| Ok(())).refusals);
            let told = refused.map_or_else(|error| error.to_string(), |refusals| refusals[0].to_string());
            assert!(told.starts_with(&format!("delivery/{name}, rule V01: ")) && told.contains("plain file"), "{told}");
        }
    }
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn socket(path: &Path) {
    std::os::unix::net::UnixListener::bind(path).unwrap();
}

#[test]
fn a_folder_that_is_a_link_is_not_entered_and_a_second_name_of_a_file_is_as_good_as_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Tiny::new().write(dir.path());
    fs::hard_link(folder.join("deaths.csv"), dir.path().join("deaths.csv")).unwrap();
    assert!(crate::inspected(&folder).refusals.is_empty());
    std::os::unix::fs::symlink("/etc", folder.join("gp_events")).unwrap();
    let told = crate::inspected(&folder).refusals[0].to_string();
    assert!(told.contains("gp_events, rule V01: is a link to another folder"), "{told}");
}

#[test]
fn a_name_holds_no_control_characters() {
    for key in ["extract_id", "supplier", "provider_code", "pseudonym_key_id"] {
        for value in ["a\0b", "a\u{1b}[31m", ""] {
            let tiny = Tiny::new().manifest(move |manifest: &mut Value| manifest[key] = json!(value));
            assert_refused(tiny, &format!("delivery/manifest.json, rule V01: `{key}` is no name"));
        }
    }
    assert_refused(Tiny::new().line("deaths", "provider_code", json!("R1H\n")), "`provider_code` is no name");
}

/// One table of one text column.
fn deaths(source: &str) -> Vec<u8> {
    let columns = [("person_id", person(1)), ("death_date", "2026-10-01".to_owned()), ("source", source.to_owned())];
    let columns = columns.map(|(name, cell)| (name, Arc::new(StringArray::from(vec![cell])) as ArrayRef));
    parquet(&RecordBatch::try_from_iter(columns).unwrap())
}

#[test]
fn a_parquet_file_that_claims_too_much_is_refused_by_its_claims() {
    let with = |change: fn(Vec<u8>) -> Vec<u8>| Tiny::new().format(Format::Parquet).bytes("deaths", change);
    let footer = |length: u32| {
        move |mut bytes: Vec<u8>| {
            let at = bytes.len() - 8;
            bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
            bytes
        }
    };
    let tiny = Tiny::new().format(Format::Parquet);
    assert_refused(
        tiny.bytes("deaths", footer(u32::MAX)),
        "deaths.parquet, rule V01: exceeds the limit `footer_bytes`",
    );
    let tiny = Tiny::new().format(Format::Parquet);
    assert_refused(
        tiny.bytes("deaths", footer(1 << 20)),
        "deaths.parquet, rule V01: the file can't be read as Parquet",
    );
    let long = with(|_| deaths(&"x".repeat(65_537)));
    assert_refused(long, "deaths.parquet, row 1, column source, rule V01: exceeds the limit `cell_bytes` = 65536");
    let longer = with(|_| deaths(&"x".repeat(1 << 20)));
    assert_refused(longer, "deaths.parquet, column source, rule V01: exceeds the limit `cell_bytes` = 65536");
    assert_refused(with(|_| deaths(&"x".repeat(1 << 20))), "; in the row group that begins with row 1; hint: ");
    refused_under(
        "pages_bytes = 20",
        &with(|_| deaths("ons")),
        ".parquet, rule V01: exceeds the limit `pages_bytes` = 20",
    );
}
