//! Cells that break a rule and cost no row, for what the row says must not be lost: somebody is dead, confidential, or no
//! person, or has a disease of which a result cannot be read.

use arrow::{
    array::{Array, AsArray, BooleanArray},
    datatypes::{Date32Type, Float64Type},
    record_batch::RecordBatch,
};
use earlycall::day::Day;
use earlycall_schemas::rules::rules;

use crate::{Tiny, taken};

/// The accepted rows of a table of a tiny delivery, and how often each rule has put a cell right.
fn read(tiny: &Tiny, table: &str) -> (RecordBatch, Vec<(&'static str, u64)>) {
    let (inspection, accepted) = taken(tiny, 1);
    let admitted = inspection.delivery.tables.iter().find(|of| of.table.name == table).unwrap();
    assert_eq!(admitted.tally.rejected.values().sum::<u64>(), 0);
    let rows = accepted.into_iter().find(|of| of.table.name == table).unwrap().rows;
    assert_eq!(rows.len(), 1);
    let ids = rules().iter().map(|rule| rule.id.as_str());
    let repaired = ids.filter_map(|id| Some((id, *admitted.tally.repaired.get(id)?))).collect();
    (rows.into_iter().next().unwrap(), repaired)
}

/// The day of the one report, as it counts, and whether it says who reported it and when that was registered.
fn report(column: &'static str, cell: &'static str) -> (Day, bool, bool, Vec<(&'static str, u64)>) {
    let (rows, repaired) = read(&Tiny::new().set("deaths", 1, column, cell), "deaths");
    let of = |name: &str| rows.column_by_name(name).unwrap().clone();
    let day = Day(of("death_date").as_primitive::<Date32Type>().value(0));
    (day, of("source").is_valid(0), of("registration_date").is_valid(0), repaired)
}

#[test]
fn a_report_of_a_death_is_one_whatever_is_wrong_with_it() {
    let whole = report("source", "ons");
    assert_eq!(whole, (Day::parse("2026-10-01").unwrap(), true, false, vec![]));
    // The day before the extract, for that is known: nobody is called as if nothing had been said.
    let eve = Day::parse("2026-11-19").unwrap();
    for (cell, rule) in
        [("22/11/2026", "TYPE"), ("", "NULL"), ("9999-12-31", "V08"), ("2199-01-01", "V09"), ("1850-01-01", "V10")]
    {
        assert_eq!(report("death_date", cell), (eve, true, false, vec![(rule, 1)]), "{cell}");
    }
    assert_eq!(report("source", "hearsay"), (whole.0, false, false, vec![("CODE", 1)]));
    // Registered before it happened: the day of the registration goes.
    assert_eq!(report("registration_date", "2001-01-01"), (whole.0, true, false, vec![("ORDER", 1)]));
    assert_eq!(report("registration_date", "soon"), (whole.0, true, false, vec![("TYPE", 1)]));
}

#[test]
fn an_entry_whose_result_cannot_be_read_stays_without_it() {
    for (cell, value, repaired) in
        [("48", Some(48.0), vec![]), (">90", None, vec![("TYPE", 1)]), ("negative", None, vec![("TYPE", 1)])]
    {
        let (rows, found) = read(&Tiny::new().set("gp_events", 2, "value", cell), "gp_events");
        let values = rows.column_by_name("value").unwrap().as_primitive::<Float64Type>();
        assert_eq!((values.is_valid(1).then(|| values.value(1)), found), (value, repaired), "{cell}");
        assert_eq!((rows.num_rows(), values.value(2)), (3, 70.5), "and nobody else's");
    }
}

#[test]
fn what_may_say_that_somebody_is_confidential_or_no_person_counts_as_saying_so() {
    for column in ["is_confidential", "is_test_patient"] {
        for (cell, counts_as, repaired) in
            [("false", Some(false), vec![]), ("Y", Some(true), vec![("TYPE", 1)]), ("N", Some(true), vec![("TYPE", 1)])]
        {
            let (rows, found) = read(&Tiny::new().set("patients", 2, column, cell), "patients");
            let flags: &BooleanArray = rows.column_by_name(column).unwrap().as_boolean();
            assert_eq!((flags.is_valid(1).then(|| flags.value(1)), found), (counts_as, repaired), "{column} {cell}");
            assert!(!flags.value(0), "and nobody else's");
        }
    }
}
