//! The coaching teams that a delivery names, read before anything else of it: a night without their keys ends in an error,
//! and better before its work than behind it.

use std::collections::BTreeSet;

use arrow::array::{Array, AsArray, StringArray};
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
use crate::worklist::owner::COACHING;

const TABLE: &str = "reference_teams";

/// The coaching teams of the newest delivery that a night of this index date can be of, and that names any. Nothing where it
/// only adds to others, or cannot be read: what is wrong with it is told when it arrives.
pub fn teams_announced(settings: &Settings, index_date: Option<Day>) -> BTreeSet<String> {
    let folders = delivery::arrived(settings).unwrap_or_default();
    let is_due = |folder: &&DeliveryFolder| {
        index_date.is_none_or(|on| Day::of(folder.manifest.extracted_at) <= on + 1)
            && folder.manifest.rows_of(TABLE) > 0
    };
    let newest = folders.iter().filter(is_due).max_by_key(|folder| folder.manifest.extracted_at);
    newest.filter(|folder| folder.manifest.delivery == Mode::Full).map(coaching_teams).unwrap_or_default()
}

fn coaching_teams(folder: &DeliveryFolder) -> BTreeSet<String> {
    let table = table(TABLE).expect("a table of the contract");
    let (registry, nothing_refused) = (Registry::default(), BTreeSet::new());
    let yardstick = yardstick(folder, &registry, &nothing_refused);
    let sums = Sums::of(folder, Vec::new());
    let read = feeds(table, &folder.manifest, 0).filter_map(|feed| feed::read(folder, &feed, &yardstick, &sums).ok());
    read.flat_map(|(_, accepted)| accepted.rows).flat_map(|rows| coaching(&rows)).collect()
}

fn coaching(rows: &RecordBatch) -> Vec<String> {
    let text = |name: &str| {
        let column = rows.column_by_name(name).expect("a column of the table");
        cast(column, &DataType::Utf8).expect("keys and codes are text").as_string::<i32>().clone()
    };
    let (teams, pathways): (StringArray, StringArray) = (text("team_id"), text("pathway"));
    let is_coaching = |row: &usize| pathways.is_valid(*row) && pathways.value(*row) == COACHING;
    (0..teams.len()).filter(is_coaching).map(|row| teams.value(row).to_owned()).collect()
}
