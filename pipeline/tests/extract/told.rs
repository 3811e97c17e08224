//! What a data engineer reads when a delivery is broken: where, which rule, what is wrong, and what to do.

use std::fs;

use earlycall::extract::delivery::find;
use serde_json::{Value, json};

use crate::support::{Format, Tiny, gzip, line_of, person};
use crate::{admitted, inspected};

/// A tiny delivery whose list of deaths is changed as text.
fn deaths(change: impl Fn(String) -> String + 'static) -> Tiny {
    Tiny::new().bytes("deaths", move |bytes| change(String::from_utf8(bytes).unwrap()).into_bytes())
}

/// The same with more at its end.
fn behind(more: &'static str) -> Tiny {
    deaths(move |text| text + more)
}

fn in_capitals(text: String) -> String {
    let (header, rows) = text.split_once('\n').unwrap();
    format!("{}\n{rows}", header.to_uppercase())
}

fn manifest(key: &'static str, value: Value) -> Tiny {
    Tiny::new().manifest(move |manifest| manifest[key] = value.clone())
}

fn named_in_capitals_too(manifest: &mut Value) {
    let mut line = line_of(manifest, "deaths").clone();
    line["file"] = json!("deaths/a.csv");
    let mut other = line.clone();
    other["file"] = json!("deaths/A.csv");
    let files = manifest["files"].as_array_mut().unwrap();
    files.retain(|file| file["table"] != "deaths");
    files.extend([line, other]);
}

const IN_QUOTES: &str =
    "have cells with commas, quotes or line breaks put in quotes, and the quotes in them doubled (RFC 4180)";

#[test]
fn every_way_to_break_a_delivery_is_told_with_its_place_and_what_to_do() {
    let broken = [
        (
            deaths(in_capitals),
            "delivery/deaths.csv, rule V01: its columns are ours, but written otherwise; hint: have them named as \
             `earlycall schema deaths` has them, or write in `[extracts.mapping.deaths]`: columns = { person_id = \
             \"PERSON_ID\", death_date = \"DEATH_DATE\", source = \"SOURCE\", underlying_cause = \"UNDERLYING_CAUSE\" }"
                .to_owned(),
        ),
        (
            deaths(|text| text.replace(',', ";")),
            "delivery/deaths.csv, rule V01: its cells are parted by semicolons and not by commas; hint: have it exported \
             with commas (RFC 4180); no setting reads another separator"
                .to_owned(),
        ),
        (
            Tiny::new().set("deaths", 1, "place", "home").rename_column("deaths", "place", "places"),
            "delivery/deaths.csv, rule V01: column number 5 is unknown; hint: the nearest known name is place: have it \
             named so; or map what is ours under columns of `[extracts.mapping.deaths]`, and name the rest under its \
             ignore"
                .to_owned(),
        ),
        (
            Tiny::new().drop_column("deaths", "death_date"),
            "delivery/deaths.csv, column death_date, rule V01: the mandatory column is missing; hint: have it sent; if \
             it is there under another name, say so in `[extracts.mapping.deaths]` columns"
                .to_owned(),
        ),
        (
            Tiny::new().set("deaths", 1, "person_id", &"ab".repeat(32).to_uppercase()),
            "delivery/deaths.csv, row 1, column person_id, rule V04: is not a pseudonym of 64 lower-case hexadecimal \
             characters, but one in capitals; hint: have pseudonyms written in lower-case letters; in two ways of \
             writing one person would be two"
                .to_owned(),
        ),
        (
            behind("a,b\n"),
            format!(
                "delivery/deaths.csv, row 2, rule V01: the row has 2 cells where the header has 4; hint: {IN_QUOTES}; if \
                 it is the last row, the file was cut short"
            ),
        ),
        (
            behind("\n"),
            "delivery/deaths.csv, row 2, rule V01: the row is a blank line; hint: have the file exported without blank \
             lines, at its end as well"
                .to_owned(),
        ),
        (
            behind("a,b,c,\"d\n"),
            format!("delivery/deaths.csv, row 2, rule V01: the row has a quote that is never closed; hint: {IN_QUOTES}"),
        ),
        (
            behind("a,b,c,\0\n"),
            "delivery/deaths.csv, row 2, rule V01: the row holds a NUL byte: the file may be UTF-16; hint: have it \
             exported as UTF-8, or name `encoding = \"utf-16\"` in `[extracts.mapping.TABLE]`; if it is neither, it was \
             damaged on its way: have it sent again"
                .to_owned(),
        ),
        (
            deaths(|_| String::new()),
            "delivery/deaths.csv, rule V01: the file is empty, without even a header; hint: the export has failed: have \
             it sent again; a table without rows still has its header"
                .to_owned(),
        ),
        (
            deaths(|_| "<!DOCTYPE html>\n".to_owned()),
            "delivery/deaths.csv, rule V01: is a web page, whatever its name says; hint: the download has failed, and \
             this is what came instead: fetch the file again"
                .to_owned(),
        ),
        (
            Tiny::new().bytes("deaths", |bytes| gzip(&bytes)),
            "delivery/deaths.csv, rule V01: is packed with gzip, whatever its name says; hint: have it named .csv.gz, in \
             the folder and in the manifest"
                .to_owned(),
        ),
        (
            Tiny::new().format(Format::CsvGz).bytes("deaths", |_| b"person_id,death_date\n".to_vec()),
            "delivery/deaths.csv.gz, rule V01: is not packed with gzip, whatever its name says; hint: have it packed, or \
             named .csv in the folder and in the manifest"
                .to_owned(),
        ),
        (
            Tiny::new().line("deaths", "row_count", json!(7)),
            "delivery/deaths.csv, rule V01: the manifest counts 7 rows and the file has only 1; hint: the file was cut \
             short, or the manifest is of another extract: have both made and sent again"
                .to_owned(),
        ),
        (
            manifest("extracted_at", json!("2026-11-20 23:00")),
            "delivery/manifest.json, rule V01: `extracted_at` is not of the form that the contract asks for; hint: have \
             it written as a moment with its offset, such as \"2026-11-20T23:00:00Z\""
                .to_owned(),
        ),
        (
            Tiny::new().line("deaths", "row_count", json!("1")),
            "delivery/manifest.json, rule V01: `files[1].row_count` is not of the form that the contract asks for; hint: \
             have it written as a whole number without quotes"
                .to_owned(),
        ),
        (
            Tiny::new().line("deaths", "bytes", json!(1)),
            "delivery/manifest.json, rule V01: the key `files[1].bytes` is unknown; hint: have it left out; the keys are \
             table, file, row_count, sha256, provider_code, history"
                .to_owned(),
        ),
        (
            Tiny::new().line("deaths", "file", json!("../deaths.csv")),
            "delivery/manifest.json, rule V01: ../deaths.csv: the path leads out of the delivery; hint: have it put into \
             the delivery's own folder, and named from there"
                .to_owned(),
        ),
        (
            Tiny::new().line("deaths", "file", json!("Deaths.csv")),
            "delivery/manifest.json, rule V01: Deaths.csv: the path is not deaths.csv, deaths.csv.gz, deaths.parquet or \
             such a file in deaths/; hint: have the file named so, in lower-case letters, in the folder and in the \
             manifest"
                .to_owned(),
        ),
        (
            Tiny::new().manifest(named_in_capitals_too),
            "delivery/manifest.json, rule V01: deaths/A.csv: another file has this name but for capitals; hint: on some \
             disks they are one file: have one of them named otherwise"
                .to_owned(),
        ),
        (
            Tiny::new().corrupt("deaths", |bytes| bytes[1..].to_vec()),
            "delivery/deaths.csv, rule V01: the file differs from the manifest's sha256; hint: it was altered or cut \
             short on its way; have it sent again"
                .to_owned(),
        ),
    ];
    for (tiny, expected) in broken {
        let told = admitted(&tiny).unwrap_err();
        assert_eq!(told, expected);
        assert!((1..=3).all(|n| !told.contains(&person(n))), "a message holds nobody's id");
    }
}

#[test]
fn a_manifest_that_was_cut_short_is_told_from_one_that_was_never_json() {
    let written = |change: fn(&str) -> String| {
        let dir = tempfile::tempdir().unwrap();
        let folder = Tiny::new().write(dir.path());
        let json = fs::read_to_string(folder.join("manifest.json")).unwrap();
        fs::write(folder.join("manifest.json"), change(&json)).unwrap();
        find(&folder).unwrap_err().to_string()
    };
    assert_eq!(
        written(|json| json.lines().take(3).collect::<Vec<_>>().join("\n")),
        "delivery/manifest.json, rule V01: line 3 is not JSON: it ends too early; hint: it was cut short, or is still \
         being copied: have it sent again, after all its files"
    );
    assert_eq!(
        written(|_| "extract_id: 1".to_owned()),
        "delivery/manifest.json, rule V01: line 1 is not JSON, from character 1 on; hint: have it written by a program \
         and not by hand; a comma too many or too few is the usual cause"
    );
}

#[test]
fn a_file_under_another_name_is_told_if_only_capitals_are_at_fault() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Tiny::new().write(dir.path());
    fs::rename(folder.join("deaths.csv"), folder.join("deaths.CSV")).unwrap();
    let told = || inspected(&folder).refusals.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        told(),
        ["delivery/deaths.csv, rule V01: the manifest names this file, but it is not there; hint: there is one whose \
          name differs in capitals: rename it, so that both say the same"]
    );
    fs::remove_file(folder.join("deaths.CSV")).unwrap();
    assert_eq!(
        told(),
        ["delivery/deaths.csv, rule V01: the manifest names this file, but it is not there; hint: have it sent; a \
          manifest is copied last, once all its files are there"]
    );
}

#[test]
fn two_deliveries_of_one_id_name_each_other() {
    let dir = tempfile::tempdir().unwrap();
    fs::rename(Tiny::new().write(dir.path()), dir.path().join("first")).unwrap();
    Tiny::new().write(dir.path());
    assert_eq!(
        find(dir.path()).unwrap_err().to_string(),
        "first/manifest.json, rule V01: another delivery has the same `extract_id`: delivery/manifest.json; hint: if one \
         is a copy, take it away; else have each sent under an id of its own"
    );
}
