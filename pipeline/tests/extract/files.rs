//! Files that are not what their manifest says, or not what the contract asks for.

use std::fs;

use serde_json::json;

use crate::support::{Format, Tiny, gzip, person};
use crate::{admitted, assert_refused, inspection, taken};

#[test]
fn the_tiny_delivery_is_admitted_whole() {
    let delivery = admitted(&Tiny::with_feeds()).unwrap();
    assert_eq!((delivery.id.as_str(), delivery.is_synthetic), ("tiny-1", true));
    let names: Vec<&str> = delivery.tables.iter().map(|admitted| admitted.table.name.as_str()).collect();
    let contract: Vec<&str> = earlycall_schemas::table::tables().iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, contract);
    for admitted in &delivery.tables {
        assert_eq!(admitted.tally.accepted, admitted.tally.read, "{}", admitted.table.name);
        assert!(admitted.tally.repaired.is_empty() && admitted.tally.warned.is_empty(), "{}", admitted.table.name);
        assert_eq!((admitted.provider.as_str(), admitted.is_full, admitted.is_history), ("QMF", true, false));
    }
    for accepted in taken(&Tiny::with_feeds(), 1).1 {
        for batch in &accepted.rows {
            assert_eq!(batch.schema(), earlycall::extract::schema(accepted.table));
        }
    }
}

#[test]
fn a_corrupted_byte_is_refused() {
    let flip = |mut bytes: Vec<u8>| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        bytes
    };
    assert_refused(
        Tiny::new().corrupt("gp_events", flip),
        "gp_events.csv, rule V01: the file differs from the manifest's",
    );
}

#[test]
fn a_wrong_checksum_is_refused() {
    assert_refused(
        Tiny::new().line("deaths", "sha256", json!("0".repeat(64))),
        "delivery/deaths.csv, rule V01: the file differs from the manifest's sha256",
    );
}

#[test]
fn a_wrong_count_is_refused_either_way() {
    assert_refused(
        Tiny::new().line("deaths", "row_count", json!(2)),
        "the manifest counts 2 rows and the file has only 1",
    );
    assert_refused(
        Tiny::new().line("patients", "row_count", json!(2)),
        "the manifest counts 2 rows and the file has more",
    );
}

#[test]
fn a_truncated_gzip_is_refused_whatever_its_checksum() {
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() - 12].to_vec();
    let tiny = Tiny::new().format(Format::CsvGz);
    assert_refused(tiny.bytes("gp_events", cut), "gp_events.csv.gz, rule V01: the gzip stream ends too early");
}

#[test]
fn a_gzip_with_something_behind_it_is_refused() {
    for behind in [&b"x"[..], &[0; 512], b"\x1f\x8b\x08 not a member"] {
        let append = move |mut bytes: Vec<u8>| {
            bytes.extend(behind);
            bytes
        };
        assert_refused(
            Tiny::new().format(Format::CsvGz).bytes("deaths", append),
            "deaths.csv.gz, rule V01: the gzip stream",
        );
    }
}

#[test]
fn a_gzip_of_several_members_is_read_to_its_end() {
    let in_two = |bytes: Vec<u8>| {
        let (start, end) = bytes.split_at(bytes.len() / 2);
        [gzip(start), gzip(end)].concat()
    };
    let plain = |bytes: Vec<u8>| {
        let mut text = Vec::new();
        std::io::copy(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut text).unwrap();
        text
    };
    let tiny = Tiny::new().format(Format::CsvGz).bytes("registrations", move |bytes| in_two(plain(bytes)));
    assert!(admitted(&tiny).is_ok());
}

#[test]
fn a_missing_column_is_refused_unless_it_is_optional() {
    let without = |column| Tiny::new().drop_column("gp_events", column);
    assert_refused(
        without("event_date"),
        "gp_events.csv, column event_date, rule V01: the mandatory column is missing",
    );
    assert_refused(without("recorded_at"), "column recorded_at, rule V01: the required column is missing");
    assert!(admitted(&Tiny::new().drop_column("deaths", "underlying_cause")).is_ok());
}

#[test]
fn an_unknown_column_is_refused_with_the_nearest_name() {
    let tiny = Tiny::new().set("deaths", 1, "place", "home").rename_column("deaths", "place", "places");
    assert_refused(tiny, "deaths.csv, rule V01: column number 5 is unknown; hint: the nearest known name is place");
}

#[test]
fn a_file_without_a_header_is_refused() {
    let behead = |bytes: Vec<u8>| bytes.splitn(2, |byte| *byte == b'\n').nth(1).unwrap().to_vec();
    assert_refused(Tiny::new().bytes("patients", behead), "patients.csv, rule V01: its first line names no column");
    assert_refused(Tiny::new().bytes("patients", |_| Vec::new()), "the file is empty, without even a header");
}

#[test]
fn what_is_not_rfc_4180_or_not_utf_8_is_refused_with_its_row() {
    let append = |more: &'static [u8]| move |bytes: Vec<u8>| [bytes, more.to_vec()].concat();
    for (more, words) in [
        (&b"a,b\n"[..], "deaths.csv, row 2, rule V01: the row has 2 cells where the header has 4"),
        (b"\n", "row 2, rule V01: the row is a blank line"),
        (b"a,b,c,\"d\n", "row 2, rule V01: the row has a quote that is never closed"),
        (b"a,b,c,\"d\"e\n", "row 2, rule V01: the row has text after a closing quote"),
        (b"a,b,c,\0\n", "row 2, rule V01: the row holds a NUL byte"),
        (b"a,b,c,\xe9\n", "row 2, rule V01: is not UTF-8"),
    ] {
        assert_refused(Tiny::new().bytes("deaths", append(more)), words);
    }
}

#[test]
fn the_byte_order_mark_of_utf_8_is_passed_over_and_utf_16_is_refused() {
    let mark = |bytes: Vec<u8>| [b"\xef\xbb\xbf".to_vec(), bytes].concat();
    let quoted =
        |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replacen("person_id", "\"person_id\"", 1).into_bytes();
    assert!(admitted(&Tiny::new().bytes("deaths", mark)).is_ok());
    assert!(admitted(&Tiny::new().bytes("deaths", quoted).bytes("deaths", mark)).is_ok());
    let utf_16 = |bytes: Vec<u8>| bytes.iter().flat_map(|byte| [*byte, 0]).collect();
    assert_refused(Tiny::new().bytes("deaths", utf_16), "the file may be UTF-16");
}

#[test]
fn line_breaks_of_windows_and_quoted_cells_are_read() {
    let windows = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace('\n', "\r\n").into_bytes();
    let tiny = Tiny::new().set("reference_practices", 1, "practice_name", "The \"Old\" Surgery,\nEast");
    assert!(admitted(&tiny).is_ok());
    assert!(admitted(&Tiny::new().bytes("patients", windows)).is_ok());
}

#[test]
fn a_person_id_that_is_none_refuses_the_file() {
    for id in ["943 476 5919", &person(1).replace('0', "A"), &person(1)[1..]] {
        let tiny = Tiny::new().set("gp_events", 2, "person_id", id);
        assert_refused(tiny, "gp_events.csv, row 2, column person_id, rule V04: is not a pseudonym");
    }
}

#[test]
fn a_file_that_the_manifest_names_must_be_there_and_the_other_way_round() {
    let gone = Tiny::new().line("deaths", "file", json!("deaths.csv.gz"));
    assert_refused(gone, "delivery/deaths.csv, rule V01: the manifest doesn't name this file; 1 more file is refused");
    let tiny = Tiny::new().line("deaths", "file", json!("deaths/1.csv"));
    let refusals = inspection(&tiny).refusals;
    assert_eq!(refusals.len(), 2);
    assert!(
        refusals[1].to_string().contains("deaths/1.csv, rule V01: the manifest names this file, but it is not there")
    );
    assert_refused(
        Tiny::new().stray("patients/late.csv.gz", b""),
        "delivery/patients/late.csv.gz, rule V01: the manifest",
    );
    assert!(admitted(&Tiny::new().stray("PROVENANCE.md", b"where this is from")).is_ok());
}

#[test]
fn a_link_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Tiny::new().write(dir.path());
    fs::rename(folder.join("deaths.csv"), dir.path().join("elsewhere.csv")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("elsewhere.csv"), folder.join("deaths.csv")).unwrap();
    let refusals = crate::inspected(&folder).refusals;
    assert_eq!(refusals.len(), 1);
    assert!(refusals[0].to_string().contains("deaths.csv, rule V01: the path is not a plain file inside the delivery"));
}

#[test]
fn the_first_refusal_counts_the_others_and_an_inspection_tells_them_all() {
    let damaged = |tables: &[&'static str]| {
        tables.iter().fold(Tiny::new(), |tiny, table| tiny.line(table, "sha256", json!("0".repeat(64))))
    };
    assert_refused(
        damaged(&["deaths", "opt_outs"]),
        "sha256; 1 more file is refused, see `earlycall check`; hint: it was",
    );
    let all = ["deaths", "patients", "opt_outs"];
    assert_refused(
        damaged(&all),
        "delivery/patients.csv, rule V01: the file differs from the manifest's sha256; 2 more files",
    );
    let inspection = inspection(&damaged(&all));
    assert_eq!(inspection.refusals.len(), 3);
    assert_eq!(inspection.delivery.tables.len(), 10);
    // Where the persons are not known for a fault of the file, nobody is called a stranger.
    assert!(inspection.delivery.tables.iter().all(|admitted| admitted.rejections.is_empty()));
}
