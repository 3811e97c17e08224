//! Random deliveries: settling agrees with a plain list of versions, and keeps what makes a replay trustworthy.

use std::collections::{BTreeMap, BTreeSet};

use arrow::{
    array::{RecordBatch, UInt32Array},
    compute::take_record_batch,
};
use earlycall_schemas::table::{TableSpec, table};
use proptest::prelude::*;

use super::support::{How, SOMEBODY, Table, rows};
use crate::{
    day::Day,
    history::{View, known_from::Arrival},
};

const SOMEBODY_ELSE: &str = "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0";
const PROVIDERS: [&str; 2] = ["R1H", "RF4"];
const KEYS: u8 = 4;
/// Extracts lie within these days, events and receipts before them or within.
const DAYS: i32 = 24;

#[derive(Clone, Debug)]
struct Row {
    key: u8,
    event: i32,
    received: i32,
    says: u8,
    is_deleted: bool,
}

#[derive(Clone, Debug)]
struct Delivery {
    provider: usize,
    extracted_on: i32,
    is_full: bool,
    is_history: bool,
    rows: Vec<Row>,
}

impl Delivery {
    fn how(&self) -> How<'static> {
        How {
            provider: PROVIDERS[self.provider],
            arrival: Arrival { extracted_on: Day(self.extracted_on), is_history: self.is_history, lag_days: 3 },
            is_full: self.is_full,
        }
    }

    /// As rows of a table: hospital episodes have a moment of receipt, prescriptions have none.
    fn rows(&self, table: &'static TableSpec) -> RecordBatch {
        let has_receipt = table.name == "apc_episodes";
        let mut text = match has_receipt {
            true => "person_id provider_code episode_id admission_date received_at diagnoses is_deleted",
            false => "person_id practice_code prescription_id issue_date bnf_code is_deleted",
        }
        .to_owned();
        for row in &self.rows {
            // Two persons, so that they can also be settled apart.
            let person = if row.key % 2 == 0 { SOMEBODY } else { SOMEBODY_ELSE };
            let received = if has_receipt { format!("{}T09:00:00Z", Day(row.received)) } else { String::new() };
            let (key, event, says, deleted) = (row.key, Day(row.event), row.says, row.is_deleted);
            text += &format!("\n{person} R1H k{key} {event} {received} I{says} {deleted}");
        }
        rows(table, &text)
    }
}

/// Deliveries in the order of their extraction.
fn deliveries() -> impl Strategy<Value = Vec<Delivery>> {
    let row = (0..KEYS, 0..DAYS, 0..DAYS, 0..3u8, prop::bool::weighted(0.2)).prop_map(
        |(key, event, received, says, is_deleted)| Row {
            key,
            event: 100 + event.min(i32::from(key) * 5),
            received: 100 + received,
            says,
            is_deleted,
        },
    );
    let delivery = (0..2usize, 0..DAYS, any::<bool>(), prop::bool::weighted(0.3), prop::collection::vec(row, 0..5));
    let delivery = delivery.prop_map(|(provider, extracted, is_full, is_history, rows)| {
        // Keys are unique in a delivery (V06), and nothing lies after it (V09).
        let by_key: BTreeMap<u8, Row> = rows.into_iter().map(|row| (row.key, row)).collect();
        let extracted_on = 100 + extracted;
        let not_after =
            |row: Row| Row { event: row.event.min(extracted_on), received: row.received.min(extracted_on), ..row };
        Delivery { provider, extracted_on, is_full, is_history, rows: by_key.into_values().map(not_after).collect() }
    });
    prop::collection::vec(delivery, 1..8).prop_map(|mut deliveries| {
        deliveries.sort_by_key(|delivery| delivery.extracted_on);
        deliveries
    })
}

fn settle_all(table: &'static TableSpec, deliveries: &[Delivery], of: impl Fn(&Row) -> bool) -> Table {
    deliveries.iter().fold(Table::empty(table), |settled, delivery| {
        let rows = delivery.rows.iter().filter(|row| of(row)).cloned().collect();
        settled.settle(&Delivery { rows, ..delivery.clone() }.rows(table), &delivery.how())
    })
}

fn known_on(settled: &Table, on: i32) -> Vec<String> {
    let (key, says) =
        if settled.spec.name == "apc_episodes" { ("episode_id", "diagnoses") } else { ("prescription_id", "bnf_code") };
    let view = View { index_date: Day(on), known_by: Day(on), agreements: BTreeMap::new() };
    settled.known(&["supplied_by", key, says], &view)
}

/// What the contract says of versions, once more: a list that is walked for every question.
#[derive(Default)]
struct Naive(Vec<Version>);

struct Version {
    provider: usize,
    key: u8,
    content: (u8, i32),
    from: i32,
    to: Option<i32>,
}

impl Naive {
    fn deliver(&mut self, delivery: &Delivery, has_receipt: bool) {
        let today = delivery.extracted_on;
        for row in &delivery.rows {
            let is_its = |version: &&mut Version| version.provider == delivery.provider && version.key == row.key;
            let earlier: Vec<&mut Version> = self.0.iter_mut().filter(is_its).collect();
            let said = match (has_receipt, delivery.is_history) {
                (true, _) => row.received,
                (false, true) => row.event + 3,
                (false, false) => today,
            };
            let closed = earlier.iter().filter_map(|version| version.to).max();
            let open = earlier.into_iter().find(|version| version.to.is_none());
            let content = (row.says, row.event);
            if open.as_ref().is_some_and(|open| open.content == content && !row.is_deleted) {
                continue;
            }
            let before = open.as_ref().map(|open| open.from).max(closed);
            let from = match before {
                Some(before) if said <= before => today,
                _ => said,
            };
            let from = from.max(closed.unwrap_or(from));
            if let Some(open) = open {
                open.to = Some(from);
            }
            if !row.is_deleted {
                self.0.push(Version { provider: delivery.provider, key: row.key, content, from, to: None });
            }
        }
        let is_gone = |version: &&mut Version| {
            let is_theirs = version.provider == delivery.provider && version.to.is_none();
            delivery.is_full && is_theirs && delivery.rows.iter().all(|row| row.key != version.key)
        };
        self.0.iter_mut().filter(is_gone).for_each(|version| version.to = Some(today));
    }

    fn known_on(&self, on: i32) -> Vec<String> {
        let counts = |version: &&Version| version.from <= on && version.to.is_none_or(|to| on < to);
        let told =
            |version: &Version| format!("{} k{} I{}", PROVIDERS[version.provider], version.key, version.content.0);
        let mut known: Vec<String> = self.0.iter().filter(counts).map(told).collect();
        known.sort();
        known
    }
}

fn a_table() -> impl Strategy<Value = &'static TableSpec> {
    prop_oneof![Just("apc_episodes"), Just("gp_prescriptions")].prop_map(|name| table(name).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_day_is_known_as_a_plain_list_of_versions_has_it(table in a_table(), deliveries in deliveries()) {
        let settled = settle_all(table, &deliveries, |_| true);
        let mut naive = Naive::default();
        deliveries.iter().for_each(|delivery| naive.deliver(delivery, table.name == "apc_episodes"));
        for on in 95..100 + DAYS + 5 {
            prop_assert_eq!(known_on(&settled, on), naive.known_on(on), "on day {}", on);
        }
    }

    #[test]
    fn on_no_day_are_two_versions_of_a_row_known(table in a_table(), deliveries in deliveries()) {
        let settled = settle_all(table, &deliveries, |_| true);
        for on in 95..100 + DAYS + 5 {
            let keys: Vec<String> = known_on(&settled, on).iter().map(|row| row[..6].to_owned()).collect();
            prop_assert!(keys.windows(2).all(|pair| pair[0] != pair[1]), "on day {}: {:?}", on, keys);
        }
    }

    #[test]
    fn a_later_delivery_changes_no_day_before_it_where_rows_have_no_clock_of_their_own(deliveries in deliveries()) {
        let table = table("gp_prescriptions").unwrap();
        let (last, earlier) = deliveries.split_last().unwrap();
        prop_assume!(!last.is_history);
        let (before, after) = (settle_all(table, earlier, |_| true), settle_all(table, &deliveries, |_| true));
        for on in 95..last.extracted_on {
            prop_assert_eq!(known_on(&before, on), known_on(&after, on), "on day {}", on);
        }
    }

    #[test]
    fn people_settled_apart_and_rows_in_another_order_give_the_same(table in a_table(), deliveries in deliveries()) {
        let whole = settle_all(table, &deliveries, |_| true);
        let one = settle_all(table, &deliveries, |row| row.key % 2 == 0);
        let other = settle_all(table, &deliveries, |row| row.key % 2 == 1);
        let (last, earlier) = deliveries.split_last().unwrap();
        let rows = last.rows(table);
        let backwards: UInt32Array = (0..rows.num_rows() as u32).rev().collect();
        let rows = take_record_batch(&rows, &backwards).unwrap();
        let reversed = settle_all(table, earlier, |_| true).settle(&rows, &last.how());
        for on in 95..100 + DAYS + 5 {
            let apart: BTreeSet<String> = known_on(&one, on).into_iter().chain(known_on(&other, on)).collect();
            prop_assert_eq!(known_on(&whole, on), apart.into_iter().collect::<Vec<_>>(), "on day {}", on);
            prop_assert_eq!(known_on(&whole, on), known_on(&reversed, on), "on day {}", on);
        }
    }
}
