//! Synthetic deliveries pass the checks that real ones must pass.

use std::path::Path;
use std::sync::Mutex;

use arrow::{array::RecordBatch, compute::concat_batches};

use super::*;
use crate::extract::{self, Accepted, Persons, delivery::find};
use crate::quality::registry::Registry;
use crate::settings::Settings;

fn research() -> Settings {
    Settings::parse("[profile]\nkind = \"research\"", Path::new("")).unwrap()
}

/// By table, the accepted rows, and per row its key and the number of its person.
fn accepted(delivery: &DeliveryFiles) -> BTreeMap<&str, (RecordBatch, Vec<u64>, Vec<u32>)> {
    let folder = on_disk(delivery);
    let found = find(folder.path()).unwrap();
    let taken = Mutex::new(BTreeMap::new());
    let take = |_: &mut _, accepted: Accepted| {
        let rows = concat_batches(&extract::schema(accepted.table), &accepted.rows).unwrap();
        let keys = accepted.keys.iter().flat_map(|keys| keys.values()).copied().collect();
        let numbers = |of: &Persons| of.places.values().iter().map(|at| of.numbers[*at as usize]).collect::<Vec<u32>>();
        let persons = accepted.persons.iter().flat_map(numbers).collect();
        taken.lock().unwrap().insert(accepted.table.name.as_str(), (rows, keys, persons));
        Ok(())
    };
    let checked = extract::inspect(&found[0], &mut Registry::default(), 2, 0, &take);
    checked.admit(&research()).unwrap();
    taken.into_inner().unwrap()
}

#[test]
fn a_clean_population_has_nothing_to_reject_or_repair() {
    let people = generate(&with_feeds());
    let next_day = small().last_day + 1;
    let mut registry = Registry::default();
    for delivery in [
        people.delivery_full(next_day, Format::Csv),
        people.delivery_delta(next_day, next_day + 1, Format::Csv),
        people.delivery_full(next_day, Format::Parquet),
    ] {
        let folder = on_disk(&delivery);
        let checked = extract::inspect(&find(folder.path()).unwrap()[0], &mut registry, 2, 0, &|_, _| Ok(()));
        let checked = checked.admit(&research()).unwrap();
        for table in &checked.tables {
            let tally = &table.tally;
            assert_eq!(tally.read, tally.accepted, "{}: {:?}", table.table.name, tally.rejected);
            // What is put right in a clean world: test patients, and attendances that are no emergencies.
            let repaired: Vec<&str> =
                tally.repaired.keys().copied().filter(|rule| !["V28", "V37"].contains(rule)).collect();
            assert!(repaired.is_empty(), "{}: {repaired:?}", table.table.name);
        }
    }
}

#[test]
fn csv_and_parquet_say_the_same() {
    let people = generate(&with_feeds());
    let csv = people.delivery_full(small().last_day, Format::Csv);
    let parquet = people.delivery_full(small().last_day, Format::Parquet);
    for ((table, one), (_, other)) in accepted(&csv).iter().zip(&accepted(&parquet)) {
        assert!(one == other, "{table}");
    }
}
