//! Tables of several providers are read side by side, handed over one by one, and told in a fixed order.

use std::sync::Mutex;

use earlycall::error::{Error, Kind};
use earlycall::extract::{Inspection, Registry, delivery::find, inspect};
use serde_json::json;

use crate::support::{Tiny, person, sha256};
use crate::taken;

/// A tiny delivery with deaths from three more providers, one row of each spoilt.
fn of_many() -> Tiny {
    ["RA1", "RB2", "RC3"].iter().enumerate().fold(Tiny::new(), |tiny, (n, provider)| {
        let (one, two) = (person(n as u32 + 1), person(2));
        let text = format!("person_id,death_date,source\n{one},2026-10-01,ons\n{two},2027-01-01,ons\n");
        let file: &'static str = ["deaths/a.csv", "deaths/b.csv", "deaths/c.csv"][n];
        let line = json!({"table": "deaths", "file": file, "row_count": 2, "sha256": sha256(text.as_bytes()),
                          "provider_code": provider});
        tiny.stray(file, text.as_bytes())
            .manifest(move |manifest| manifest["files"].as_array_mut().unwrap().push(line.clone()))
    })
}

/// Everything that an inspection says.
fn said(inspection: &Inspection) -> String {
    let rejections: Vec<_> = inspection.delivery.tables.iter().map(|table| &table.rejections).collect();
    format!("{:?}\n{:?}\n{rejections:?}", inspection.quality(&crate::research()), inspection.refusals)
}

#[test]
fn the_outcome_is_the_same_on_any_number_of_threads() {
    let tiny = || of_many().line("ed_attendances", "sha256", json!("0".repeat(64)));
    let (expected, rows) = taken(&tiny(), 1);
    assert_eq!(expected.delivery.tables.len(), 15);
    assert_eq!(expected.refusals.len(), 1);
    let deaths: Vec<_> = rows.iter().filter(|of| of.table.name == "deaths").map(|of| of.provider.as_str()).collect();
    assert_eq!(deaths, ["QMF", "RA1", "RB2", "RC3"]);
    for threads in [2, 5, 64] {
        let (inspection, taken) = taken(&tiny(), threads);
        assert_eq!(said(&inspection), said(&expected), "{threads} threads");
        let both = taken.iter().zip(&rows);
        assert!(
            both.clone().all(|(one, other)| (one.table.name.as_str(), &one.rows) == (&other.table.name, &other.rows))
        );
        assert_eq!(taken.len(), rows.len());
    }
}

#[test]
fn what_is_sound_is_handed_over_also_beside_a_refused_file() {
    let (inspection, taken) = taken(&Tiny::new().line("deaths", "sha256", json!("0".repeat(64))), 2);
    assert_eq!(inspection.refusals.len(), 1);
    assert_eq!(taken.len(), 12);
    assert!(taken.iter().all(|accepted| accepted.table.name != "deaths"));
}

#[test]
fn rows_that_cannot_be_taken_refuse_the_delivery() {
    // Without its patients or objections nothing of a delivery has a place to go, so nothing else is handed over.
    for (refused, n_seen) in [("registrations", 13), ("opt_outs", 3)] {
        let dir = tempfile::tempdir().unwrap();
        let found = find(&Tiny::new().write(dir.path())).unwrap();
        let seen = Mutex::new(Vec::new());
        let inspection = inspect(&found[0], &mut Registry::default(), 2, 0, &|_, accepted| {
            seen.lock().unwrap().push(accepted.table.name.as_str());
            match accepted.table.name.as_str() {
                name if name == refused => Err(Error::new(Kind::Storage, "the disk is full")),
                _ => Ok(()),
            }
        });
        assert_eq!(seen.into_inner().unwrap().len(), n_seen, "{refused}");
        let error = inspection.admit(&crate::with_limits("[gate]\nrejected_rows_max = 1.0")).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (Kind::Storage, "the disk is full"));
    }
}
