//! Planted defects are where the list says, and the checks find every one of them and nothing else.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::extract::{self, Inspection, delivery::find};
use crate::quality::registry::Registry;
use crate::synth::dirt::KINDS;

/// File, row and rule.
pub(super) type Place = (String, u64, String);

/// What a list of planted defects says: the place, and the column.
pub(super) fn listed(planted: &[u8]) -> Vec<(Place, String)> {
    let mut reader = csv::Reader::from_reader(planted);
    let rows = reader.records().map(|row| row.unwrap());
    let place = |row: &csv::StringRecord| (row[0].to_owned(), row[1].parse().unwrap(), row[3].to_owned());
    rows.map(|row| (place(&row), row[2].to_owned())).collect()
}

/// Rules that only all rows of a person tell, which a night has and a delivery hasn't.
const OF_PERSONS: [&str; 5] = ["V11", "V13", "V14", "V29", "V30"];

/// Whether a check of the delivery tells the place: not of what only a night finds, and not of what is counted only.
pub(super) fn is_told((_, _, rule): &Place) -> bool {
    rule != "V38" && !OF_PERSONS.contains(&rule.as_str())
}

/// Checks a delivery with every row that breaks a rule told of.
pub(super) fn checked(folder: &Path) -> Inspection {
    let found = find(folder).unwrap();
    let checked = extract::inspect(&found[0], &mut Registry::default(), 2, usize::MAX, &|_, _| Ok(()));
    assert!(checked.refusals.is_empty(), "{:?}", checked.refusals);
    checked
}

/// Where a rule was found broken, whatever was done about it.
pub(super) fn found(checked: &Inspection) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    for table in &checked.delivery.tables {
        places.extend(table.rejections.iter().map(|one| (in_its_folder(&one.file), one.row, one.rule.to_owned())));
        places.extend(table.traces.iter().map(|one| (in_its_folder(&one.file), one.row, one.rule.to_owned())));
    }
    places
}

/// The name of a file as its manifest and `planted.csv` have it: without the folder of the delivery.
fn in_its_folder(file: &str) -> String {
    file.split_once('/').expect("behind its folder").1.to_owned()
}

/// What is counted apart in a clean world too: test patients, same day emergency care and planned follow-ups.
fn counted_apart(delivery: &DeliveryFiles, lost: &BTreeSet<(String, u64)>) -> BTreeSet<Place> {
    let is_one = |row: &BTreeMap<String, String>, cells: &[(&str, &str)]| {
        cells.iter().any(|(column, value)| row.get(*column).is_some_and(|cell| cell == value))
    };
    let mut places = BTreeSet::new();
    for (table, rule, cells) in [
        ("patients", "V37", &[("is_test_patient", "true")][..]),
        ("ed_attendances", "V28", &[("department_type", "05"), ("attendance_category", "4")]),
    ] {
        let rows = (1..).zip(rows(delivery, table)).filter(|(_, row)| is_one(row, cells));
        let here = rows.map(|(n, _)| (format!("{table}.csv"), n)).filter(|place| !lost.contains(place));
        places.extend(here.map(|(file, n)| (file, n, rule.to_owned())));
    }
    places
}

/// A population with the declared shares of defects many times over.
fn very_dirty(times: f64, seed: u64) -> Population {
    let mut people = generate(&SynthParams { dirt: true, people: 4_000, seed, ..with_feeds() });
    people.world.soil = times;
    people
}

#[test]
fn each_planted_defect_is_found_and_nothing_else() {
    let mut planted_kinds = BTreeSet::new();
    // In a very dirty world the last kinds of a table are crowded out, in a less dirty one the short tables stay clean.
    for (times, seed) in [(20.0, 11), (60.0, 12), (100.0, 14), (100.0, 15)] {
        let delivery = very_dirty(times, seed).delivery_full(small().last_day, Format::Csv);
        let folder = on_disk(&delivery);
        let checked = checked(folder.path());
        let rejections = checked.delivery.tables.iter().flat_map(|table| &table.rejections);
        let lost: BTreeSet<(String, u64)> = rejections.map(|one| (in_its_folder(&one.file), one.row)).collect();
        let planted = listed(delivery.planted.as_deref().unwrap());
        let mut expected = counted_apart(&delivery, &lost);
        expected.extend(planted.iter().map(|(place, _)| place.clone()).filter(is_told));
        let found = found(&checked);
        let missed: Vec<_> = expected.difference(&found).take(5).collect();
        let unasked: Vec<_> = found.difference(&expected).take(5).collect();
        assert!(missed.is_empty() && unasked.is_empty(), "{times}: missed {missed:?}, clean and found {unasked:?}");
        let withheld = planted.iter().filter(|((_, _, rule), _)| rule == "V38").count() as u64;
        let counted = checked.delivery.tables.iter().filter_map(|table| table.tally.rejected.get("V38")).sum::<u64>();
        assert_eq!(withheld, counted);
        let kind = |((file, _, rule), column): (Place, String)| (file.replace(".csv", ""), rule, column);
        planted_kinds.extend(planted.into_iter().map(kind));
    }
    let declared = KINDS.iter().flat_map(|(table, kinds)| kinds.iter().map(move |kind| (table, kind)));
    let declared: BTreeSet<_> = declared
        .filter(|(_, kind)| !kind.rule.is_empty())
        .map(|(table, kind)| (table.to_string(), kind.rule.to_owned(), kind.column.to_owned()))
        .collect();
    let never: Vec<_> = declared.difference(&planted_kinds).collect();
    assert!(never.is_empty(), "never planted: {never:?}");
}

#[test]
fn what_needs_text_is_not_planted_where_columns_have_types() {
    let rules = |format| {
        let delivery = very_dirty(20.0, 11).delivery_full(small().last_day, format);
        let planted = listed(delivery.planted.as_deref().unwrap());
        let of_events = planted.into_iter().filter(|((file, _, _), _)| file.starts_with("gp_events"));
        of_events.map(|((_, row, rule), _)| (row, rule)).collect::<BTreeSet<_>>()
    };
    let (text, typed) = (rules(Format::Csv), rules(Format::Parquet));
    assert!(text.iter().any(|(_, rule)| rule == "TYPE") && typed.iter().all(|(_, rule)| rule != "TYPE"));
    assert!(typed.is_subset(&text) && typed.len() * 2 > text.len());
}

#[test]
fn a_row_has_the_same_defect_in_every_delivery() {
    let people = very_dirty(20.0, 11);
    let day = small().last_day;
    let defects = |delivery: DeliveryFiles| -> BTreeSet<(String, String, String)> {
        let events = rows(&delivery, "gp_events");
        let planted = listed(delivery.planted.as_deref().unwrap());
        let of_events = planted.into_iter().filter(|((file, _, _), _)| file == "gp_events.csv");
        of_events.map(|((_, row, rule), column)| (events[row as usize - 1]["event_id"].clone(), rule, column)).collect()
    };
    let full = defects(people.delivery_full(day, Format::Csv));
    let delta = defects(people.delivery_delta(day - 60, day, Format::Csv));
    assert!(delta.len() > 20 && delta.is_subset(&full));
}

#[test]
fn few_rows_are_dirty() {
    let params = SynthParams { dirt: true, ..small() };
    let delivery = generate(&params).delivery_full(params.last_day, Format::Csv);
    let all: usize = delivery.files.iter().map(|(_, bytes)| bytes.iter().filter(|&&byte| byte == b'\n').count()).sum();
    let dirty = listed(delivery.planted.as_deref().unwrap()).len();
    assert!(dirty * 1000 > all && dirty * 100 < all, "{dirty} of {all}");
}
