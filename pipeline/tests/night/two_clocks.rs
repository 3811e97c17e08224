//! The two clocks: what happened counts if it had happened and was known by the index date; whoever objects counts as
//! objecting on every night, past ones too.

use std::{collections::BTreeMap, path::Path};

use crate::{
    delivery::{Delivery, Row, Sheet},
    published::{risks, standing},
    real_data::{self, medicare},
    service::{FIRST, SECOND, Service, first_delivery, second_delivery},
    snapshot::{Snapshot, assert_same, shown},
};

/// The columns that say when a row happened and when it was received, recorded or registered.
const DATED: [(&str, &[&str]); 7] = [
    ("registrations", &["start_date"]),
    ("gp_events", &["event_date", "recorded_at"]),
    ("gp_prescriptions", &["issue_date"]),
    ("apc_episodes", &["admission_date", "received_at"]),
    ("ed_attendances", &["arrival_at", "received_at"]),
    ("inpatients_now", &["admitted_at", "snapshot_at"]),
    ("deaths", &["death_date", "registration_date"]),
];

/// The delivery without every clinical row dated or received after a day; says how many rows that were.
fn as_of(delivery: &Delivery, day: &str) -> (Delivery, usize) {
    let (mut delivery, mut n_deleted) = (delivery.clone(), 0);
    for (table, columns) in DATED {
        let Some(sheet) = delivery.tables.get_mut(table) else { continue };
        let n = sheet.rows.len();
        // Dates and moments of the same form sort as text. The first 10 characters of a moment are its day in UTC, which
        // is the London day too but for an hour before midnight in summer.
        sheet.keep(|row| columns.iter().all(|column| row.get(column).is_empty() || &row.get(column)[..10] <= day));
        n_deleted += n - sheet.rows.len();
    }
    (delivery, n_deleted)
}

/// A delivery that ends months before its extract is one that V33 would refuse.
const HOWEVER_OLD: &str = "[rules.V33]\nrefuse_times = 1000\n";

/// Runs a night on a delivery alone, with a model that is there already, and gives what anybody sees of it.
fn shown_of(delivery: &Delivery, settings: &str, model: &Snapshot, index_date: &str) -> Snapshot {
    let service = Service::empty();
    service.add_settings(&format!("{HOWEVER_OLD}{settings}"));
    model.write_to(&service.folder().join("model"));
    service.deliver(delivery);
    service.must(&["run", "--index-date", index_date]);
    shown(&service.night(&format!("{index_date}.1")))
}

#[test]
fn nothing_that_came_later_changes_a_byte() {
    // Winter, so that every moment's day in UTC is its London day.
    const PAST: &str = "2026-02-20";
    let model = Snapshot::of(&Service::trained().folder().join("model"));
    let whole = second_delivery();
    let (known_then, n_deleted) = as_of(&whole, PAST);
    assert!(n_deleted > 2_000, "only {n_deleted} rows are later");
    let of = |delivery| shown_of(delivery, "", &model, PAST);
    assert_same(&of(&whole), &of(&known_then), "a night nine months ago");
}

#[test]
fn nothing_that_came_later_changes_a_byte_for_the_medicare_sample() {
    let Some(folder) = medicare("desynpuf_2") else { return };
    let whole = Delivery::read(&folder);
    let (known_then, n_deleted) = as_of(&whole, real_data::INDEX_DATE);
    assert!(n_deleted > 2_000, "only {n_deleted} rows are later");
    let model = Snapshot::of(&real_data::service().folder().join("model"));
    let of = |delivery| shown_of(delivery, real_data::SETTINGS, &model, real_data::INDEX_DATE);
    assert_same(&of(&whole), &of(&known_then), "the night of the sample");
}

/// What became of a late delivery: the first night as it was, the second night, and the first night run again after it.
struct Late {
    service: Service,
    first: Snapshot,
}

impl Late {
    /// Delivers one table a week after the first night, runs the second night, and then the first again.
    fn delivery_of(table: &str, sheet: Sheet) -> Late {
        let service = Service::after_first_night();
        let first = without_lists(&service.night(&format!("{FIRST}.1")));
        service.deliver(&first_delivery().delta("late", SECOND, table, sheet));
        service.must(&["run", "--index-date", SECOND]);
        service.must(&["run", "--index-date", FIRST, "--revise"]);
        Late { service, first }
    }

    fn before(&self) -> std::path::PathBuf {
        self.service.night(&format!("{FIRST}.1"))
    }

    fn replay(&self) -> std::path::PathBuf {
        self.service.night(&format!("{FIRST}.2"))
    }

    fn second(&self) -> std::path::PathBuf {
        self.service.night(&format!("{SECOND}.1"))
    }

    #[track_caller]
    fn assert_replay_is_the_first_night(&self) {
        assert_same(&self.first, &without_lists(&self.replay()), "the first night run again");
    }
}

/// Scores and cohort; the lists of a revision bear its number.
fn without_lists(night: &Path) -> Snapshot {
    shown(night).only(|path| path.ends_with("scores.parquet") || path.ends_with("cohort.json"))
}

/// The second night after a late delivery that says nothing new.
fn second_night_without_news() -> BTreeMap<String, f64> {
    let row = |delivery: &Delivery| {
        let deaths = delivery.table("deaths");
        deaths.one(deaths.rows().next().unwrap(), &[])
    };
    risks(&Late::delivery_of("deaths", row(&first_delivery())).second())
}

/// An emergency admission of the last months that somebody who is scored came home from.
fn an_emergency(delivery: &Delivery) -> Row<'_> {
    let scored = scored_first();
    let is_one = |row: &Row| {
        row.get("admission_method") == "21"
            && row.get("admission_date") > "2026-05-01"
            && row.get("received_at") < FIRST
            && row.get("episode_order") == "1"
            && row.get("is_last_episode") == "true"
            && scored.contains_key(row.get("person_id"))
    };
    delivery.table("apc_episodes").rows().find(is_one).expect("somebody of 150 was admitted in half a year")
}

fn scored_first() -> BTreeMap<String, f64> {
    risks(&Service::after_first_night().night(&format!("{FIRST}.1")))
}

/// The people whose risk the two nights disagree on, or whom only one of them scores.
fn differing(a: &BTreeMap<String, f64>, b: &BTreeMap<String, f64>) -> Vec<String> {
    let people = a.keys().chain(b.keys().filter(|person| !a.contains_key(*person)));
    people.filter(|person| a.get(*person) != b.get(*person)).cloned().collect()
}

#[test]
fn a_later_objection_removes_the_person_from_a_past_night_run_again() {
    let delivery = first_delivery();
    let (person, _) = scored_first().pop_first().unwrap();
    let objections = delivery.table("opt_outs");
    let objection = objections.one(
        objections.rows().next().unwrap(),
        &[
            ("person_id", &person),
            ("objection", "type1"),
            ("status", "dissent"),
            ("recorded_at", "2026-11-19T09:00:00Z"),
        ],
    );
    let late = Late::delivery_of("opt_outs", objection);
    assert_eq!(differing(&scored_first(), &risks(&late.replay())), [person.as_str()]);
    assert_eq!(risks(&late.before()), risks(&late.replay()), "the first night itself forgets them");
    assert!(!risks(&late.replay()).contains_key(&person) && !risks(&late.second()).contains_key(&person));
    assert_eq!(standing(&late.replay(), "objecting"), standing(&late.before(), "objecting") + 1);
}

#[test]
fn a_later_correction_changes_the_later_night_alone() {
    let delivery = first_delivery();
    let emergency = an_emergency(&delivery);
    let corrected = delivery
        .table("apc_episodes")
        .one(emergency, &[("admission_date", "2025-10-01"), ("received_at", "2026-11-19T06:00:00Z")]);
    let late = Late::delivery_of("apc_episodes", corrected);
    late.assert_replay_is_the_first_night();
    assert_eq!(differing(&second_night_without_news(), &risks(&late.second())), [emergency.get("person_id")]);
}

#[test]
fn a_later_withdrawal_changes_the_later_night_alone() {
    let delivery = first_delivery();
    let emergency = an_emergency(&delivery);
    let withdrawn = delivery
        .table("apc_episodes")
        .one(emergency, &[("is_deleted", "true"), ("received_at", "2026-11-19T06:00:00Z")]);
    let late = Late::delivery_of("apc_episodes", withdrawn);
    late.assert_replay_is_the_first_night();
    assert_eq!(differing(&second_night_without_news(), &risks(&late.second())), [emergency.get("person_id")]);
}

#[test]
fn a_death_registered_later_removes_the_person_from_the_later_night_alone() {
    let delivery = first_delivery();
    let (person, _) = scored_first().pop_last().unwrap();
    let deaths = delivery.table("deaths");
    let death = deaths.one(
        deaths.rows().next().unwrap(),
        &[("person_id", &person), ("death_date", FIRST), ("source", "ons"), ("registration_date", "2026-11-18")],
    );
    let late = Late::delivery_of("deaths", death);
    late.assert_replay_is_the_first_night();
    assert_eq!(differing(&second_night_without_news(), &risks(&late.second())), [person]);
    assert_eq!(standing(&late.second(), "died"), standing(&late.replay(), "died") + 1);
}
