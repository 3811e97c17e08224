//! The teams that a delivery names, read before anything else of it: a night without their keys ends in an error,
//! and better before its work than behind it.

use std::collections::BTreeSet;

use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use earlycall_schemas::table::table;

use crate::day::Day;
use crate::extract::delivery::{self, DeliveryFolder};
use crate::extract::inspect::{feeds, yardstick};
use crate::extract::manifest::Mode;
use crate::extract::sums::Sums;
use crate::extract::{Registry, feed};
use crate::settings::Settings;

const TABLE: &str = "reference_teams";

/// The teams of the newest delivery that a night of this index date can be of, and that names any. Nothing where it
/// only adds to others, or cannot be read: what is wrong with it is told when it arrives.
pub fn teams_announced(settings: &Settings, index_date: Option<Day>) -> BTreeSet<String> {
    let folders = delivery::arrived(settings).unwrap_or_default().deliveries;
    let is_due = |folder: &&DeliveryFolder| {
        index_date.is_none_or(|on| Day::of(folder.manifest.extracted_at) <= on + 1)
            && folder.manifest.rows_of(TABLE) > 0
    };
    let newest = folders.iter().filter(is_due).max_by_key(|folder| folder.manifest.extracted_at);
    newest.filter(|folder| folder.manifest.delivery == Mode::Full).map(teams_of).unwrap_or_default()
}

fn teams_of(folder: &DeliveryFolder) -> BTreeSet<String> {
    let table = table(TABLE).expect("a table of the contract");
    let (registry, nothing_refused) = (Registry::default(), BTreeSet::new());
    let yardstick = yardstick(folder, &registry, &nothing_refused);
    let sums = Sums::of(folder, Vec::new());
    let read = feeds(table, &folder.manifest, 0).filter_map(|feed| feed::read(folder, &feed, &yardstick, &sums).ok());
    read.flat_map(|(_, accepted)| accepted.rows).flat_map(|rows| team_ids(&rows)).collect()
}

fn team_ids(rows: &RecordBatch) -> Vec<String> {
    let column = rows.column_by_name("team_id").expect("a column of the table");
    let teams = cast(column, &DataType::Utf8).expect("keys are text").as_string::<i32>().clone();
    teams.iter().flatten().map(str::to_owned).collect()
}
