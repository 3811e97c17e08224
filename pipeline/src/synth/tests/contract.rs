//! Synthetic deliveries pass the checks that real ones must pass.

use super::*;
use crate::extract::{self, delivery::find};
use crate::quality::registry::Registry;

fn admitted(delivery: &DeliveryFiles) -> extract::Delivery {
    let folder = on_disk(delivery);
    let found = find(folder.path()).unwrap();
    extract::admit(&found[0], &mut Registry::default()).unwrap()
}

#[test]
fn a_clean_population_has_nothing_to_reject_or_repair() {
    let people = generate(&small());
    let next_day = small().last_day + 1;
    let mut registry = Registry::default();
    for delivery in [
        people.delivery_full(next_day, Format::Csv),
        people.delivery_delta(next_day, next_day + 1, Format::Csv),
        people.delivery_full(next_day, Format::Parquet),
    ] {
        let folder = on_disk(&delivery);
        let checked = extract::admit(&find(folder.path()).unwrap()[0], &mut registry).unwrap();
        for table in &checked.tables {
            let tally = &table.tally;
            assert_eq!(tally.read, tally.accepted, "{}: {:?}", table.table.name, tally.rejected);
            assert!(tally.repaired.is_empty(), "{}: {:?}", table.table.name, tally.repaired);
        }
    }
}

#[test]
fn csv_and_parquet_say_the_same() {
    let people = generate(&small());
    let csv = admitted(&people.delivery_full(small().last_day, Format::Csv));
    let parquet = admitted(&people.delivery_full(small().last_day, Format::Parquet));
    for (one, other) in csv.tables.iter().zip(&parquet.tables) {
        let whole = |table: &extract::Admitted| {
            arrow::compute::concat_batches(&extract::schema(table.table), &table.rows).unwrap()
        };
        assert!(whole(one) == whole(other), "{}", one.table.name);
    }
}
