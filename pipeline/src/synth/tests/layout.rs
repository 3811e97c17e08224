//! On disk a delivery is laid out as extracts arrive.

use std::collections::BTreeSet;

use super::dirt::{Place, checked, found, is_told, listed};
use super::*;

type Files = BTreeMap<String, Vec<u8>>;

fn full() -> (Population, Files) {
    let people = generate(&small());
    let files = written(&people, None, small().last_day, Format::Csv);
    (people, files)
}

fn of_table<'a>(files: &'a Files, table: &'a str) -> impl Iterator<Item = (&'a String, Vec<BTreeMap<String, String>>)> {
    let rows = |bytes: &[u8]| csv::Reader::from_reader(bytes).into_deserialize().map(Result::unwrap).collect();
    let is_part = move |path: &str| path.split('/').nth(1) == Some(table);
    files.iter().filter(move |(path, _)| is_part(path)).map(move |(path, bytes)| (path, rows(bytes)))
}

#[test]
fn gp_tables_are_a_file_to_a_practice_in_the_order_of_recording() {
    let (people, files) = full();
    for (table, key, column) in
        [("gp_events", "event_id", "recorded_at"), ("gp_prescriptions", "prescription_id", "issue_date")]
    {
        let mut keys = BTreeSet::new();
        let mut count = 0;
        for (path, rows) in of_table(&files, table) {
            let times: Vec<&String> = rows.iter().map(|row| &row[column]).collect();
            assert!(times.is_sorted(), "{path}");
            let persons: Vec<&String> = rows.iter().map(|row| &row["person_id"]).collect();
            assert!(persons.len() < 10 || !persons.is_sorted(), "{path}");
            for row in &rows {
                assert!(path.ends_with(&format!("/{}.csv", row["practice_code"])), "{path}");
                keys.insert(row[key].clone());
                count += 1;
            }
        }
        assert_eq!(keys.len(), count, "{table}: keys are unique");
        assert_eq!(of_table(&files, table).count(), people.world.practices.len());
        assert!(count > 50_000, "{count}");
    }
}

#[test]
fn hospital_tables_are_a_file_to_a_trust_and_month_in_the_order_of_receipt() {
    let (_, files) = full();
    for table in ["apc_episodes", "ed_attendances"] {
        for (path, rows) in of_table(&files, table) {
            let times: Vec<&String> = rows.iter().map(|row| &row["received_at"]).collect();
            assert!(times.is_sorted(), "{path}");
            for row in &rows {
                let name = format!("{}-{}.csv", row["provider_code"], &row["received_at"][..7]);
                assert!(path.ends_with(&name), "{path}: {name}");
            }
        }
        assert!(of_table(&files, table).count() > 3 * 20);
    }
}

#[test]
fn a_mover_leaves_rows_with_each_practice_of_the_time() {
    let (people, files) = full();
    let mut movers = 0;
    let rows: Vec<_> = of_table(&files, "gp_prescriptions").flat_map(|(_, rows)| rows).collect();
    for person in (0..people.world.records).map(|number| person::Person::new(&people.world, number)) {
        let id = person::person_id(person.number);
        let theirs = rows.iter().filter(|row| row["person_id"] == id);
        let mut practices = BTreeSet::new();
        for row in theirs {
            let practice = person.practice_on(day(&row["issue_date"]));
            assert_eq!(row["practice_code"], people.world.practices[practice].code);
            practices.insert(practice);
        }
        movers += usize::from(practices.len() > 1);
        if movers > 5 {
            return;
        }
    }
    panic!("nobody moved");
}

#[test]
fn both_layouts_tell_the_same() {
    let (people, files) = full();
    let whole = people.delivery_full(small().last_day, Format::Csv);
    for table in ["gp_events", "gp_prescriptions", "registrations", "apc_episodes", "ed_attendances"] {
        let mut parts: Vec<_> = of_table(&files, table).flat_map(|(_, rows)| rows).collect();
        let mut all = rows(&whole, table);
        parts.sort();
        all.sort();
        assert!(parts == all, "{table}");
    }
}

#[test]
fn a_delta_has_the_same_layout_and_only_what_is_new() {
    let people = generate(&small());
    let (before, after) = (day("2026-11-12"), day("2026-11-13"));
    let delta = written(&people, Some(before), after, Format::Csv);
    let first = written(&people, None, before, Format::Csv);
    assert_eq!(of_table(&delta, "gp_events").count(), people.world.practices.len());
    let known: BTreeSet<String> =
        of_table(&first, "gp_events").flat_map(|(_, rows)| rows).map(|row| row["event_id"].clone()).collect();
    let new: Vec<_> = of_table(&delta, "gp_events").flat_map(|(_, rows)| rows).collect();
    assert!(!new.is_empty() && new.iter().all(|row| !known.contains(&row["event_id"])));
    assert!(new.iter().all(|row| row["recorded_at"].starts_with("2026-11-13")));
    assert!(delta.keys().filter(|path| path.contains("/apc_episodes/")).eq([
        "2026-11-13-delta/apc_episodes/R1H-2026-11.csv",
        "2026-11-13-delta/apc_episodes/RF4-2026-11.csv",
        "2026-11-13-delta/apc_episodes/RQX-2026-11.csv",
    ]));
}

#[test]
fn a_clean_folder_is_admitted_whole_and_a_dirty_one_but_for_what_was_planted() {
    for dirt in [false, true] {
        let people = generate(&SynthParams { dirt, ..with_feeds() });
        let place = tempfile::tempdir().unwrap();
        let folder = GrowingFolder::begin(&place.path().join("out")).unwrap();
        let name = people.write_delivery(&folder, None, small().last_day, Format::Parquet).unwrap();
        folder.finish().unwrap();
        let found = found(&checked(&place.path().join("out").join(name)));
        let list = std::fs::read(place.path().join("out/planted.csv")).unwrap_or_default();
        let planted: BTreeSet<Place> = listed(&list).into_iter().map(|(place, _)| place).filter(is_told).collect();
        // Of these there are some in a clean world too.
        let is_counted_apart = |(_, _, rule): &Place| rule == "V28" || rule == "V37";
        let without = |places: BTreeSet<Place>| places.into_iter().filter(|place| !is_counted_apart(place)).collect();
        let (found, planted): (BTreeSet<Place>, BTreeSet<Place>) = (without(found), without(planted));
        assert_eq!(found, planted);
        assert_eq!(!planted.is_empty(), dirt);
    }
}
