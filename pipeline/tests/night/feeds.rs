//! Optional tables, each on a legal basis of its own: switched off, late or empty, the night is published and says so, and
//! no other feature changes by a bit.

use std::{
    collections::BTreeMap,
    fs,
    sync::{LazyLock, OnceLock},
};

use earlycall::{
    cohort::{Circumstances, assess, is_somebody, one_fate::Fates},
    features::{FeatureRow, Value, build},
    history::{arrive::settle_deliveries, records::PersonKey},
    store::{Store, disk::FileSystem},
    supply::Supply,
    synth::{Feeds, Format, SynthParams, generate},
};
use earlycall_schemas::{
    catalogue::catalogue,
    rules::rule,
    table::{Tier, table, tables},
};

use crate::{
    delivery::Delivery,
    objection::files_below,
    published::{Line, json, worklists},
    service::{FIRST, SECOND, Service, as_text, day},
    snapshot::Snapshot,
};

const TELECARE_DAYS: i32 = 120;

fn optional() -> impl Iterator<Item = &'static str> {
    tables().iter().filter(|table| table.tier == Tier::Optional).map(|table| table.name.as_str())
}

/// The settings under which these tables may be read. Few of two thousand people have telecare, so that weeks without an
/// event are chance.
fn agreed(tables: &[&str]) -> String {
    let rules = format!("[rules.V33]\ntelecare_events_days = {TELECARE_DAYS}\n");
    let feeds = tables.iter().map(|table| format!("[feeds.{table}]\nlegal_basis = \"DSA-2026-{}\"\n", table.len()));
    feeds.chain([rules]).collect()
}

/// Everything known at the end of a day, with all optional tables.
fn delivery(years: u32, on: &str) -> Delivery {
    let params =
        SynthParams { people: 2_000, years, last_day: day(SECOND), feeds: Feeds::Telling, ..SynthParams::default() };
    as_text(generate(&params).delivery_full(day(on), Format::Csv))
}

/// What stands for rows that lie ahead: the column of statuses, and the one of what is booked.
const BOOKED: [(&str, &str, &str); 5] = [
    ("gp_appointments", "status", "booked"),
    ("outpatient_appointments", "attended", "0"),
    ("community_contacts", "attendance_status", "0"),
    ("home_care_visits", "status", "planned"),
    ("mental_health_contacts", "attendance_status", "0"),
];

/// Without what a table's newest rows tell of the days on which it counts as late, but for what was booked for them before.
fn late(table_name: &str, mut delivery: Delivery) -> Delivery {
    let limit = |name: &str| rule("V33").unwrap().limits[name].default as i32;
    let days_max = if table_name == "telecare_events" { TELECARE_DAYS } else { limit(&format!("{table_name}_days")) };
    let newest = day(FIRST) - limit("refuse_times") * days_max - 1;
    let event = table(table_name).unwrap().event.as_deref().unwrap();
    let sheet = delivery.table_mut(table_name);
    let at = sheet.header.iter().position(|column| column == event).unwrap();
    let is_late = |row: &Vec<String>| row[at][..10] > *newest.to_string();
    match BOOKED.iter().find(|(table, ..)| *table == table_name) {
        None => sheet.rows.retain(|row| !is_late(row)),
        Some((_, column, booked)) => {
            let status = sheet.header.iter().position(|name| name == column).unwrap();
            sheet.rows.iter_mut().filter(|row| is_late(row)).for_each(|row| row[status] = (*booked).to_owned());
        }
    }
    delivery
}

fn emptied(table: &str, mut delivery: Delivery) -> Delivery {
    delivery.table_mut(table).rows.clear();
    delivery
}

/// What the features of everybody are on the first night, and without which tables.
fn rows(delivery: &Delivery, may_be_read: &[&str]) -> (BTreeMap<PersonKey, FeatureRow>, Vec<String>) {
    let service = Service::empty();
    service.add_settings(&agreed(may_be_read));
    service.deliver(delivery);
    let settings = service.settings();
    let store = Store::open(&FileSystem, settings.output_folder(), settings.state_folder()).unwrap();
    let history = settle_deliveries(&store, &settings, 2).unwrap();
    let view = history.view(day(FIRST));
    let supply = Supply::under(&history, &view, &settings.rules, 2).unwrap();
    let feeds = supply.feeds(&[]);
    let fates = Fates::of(&history, &view, &feeds, &settings, 2).unwrap();
    let at = Circumstances::of(&history.reference, day(FIRST), &feeds, &settings, &fates);
    let of_buckets = history.each_bucket(
        &view,
        2,
        |_| true,
        |people| {
            let people = people.iter().filter(|person| is_somebody(person, &at));
            let row = |person| build(&assess(person, &at).subject(), day(FIRST), &feeds);
            people.map(|person| (person.key, row(person))).collect::<Vec<_>>()
        },
    );
    (of_buckets.unwrap().into_iter().flatten().collect(), supply.to_do_without())
}

#[test]
fn an_optional_table_that_is_off_late_or_empty_changes_no_other_feature_by_a_bit() {
    let all: Vec<&str> = optional().collect();
    let delivery = delivery(1, FIRST);
    let (whole, without) = rows(&delivery, &all);
    assert_eq!((all.len(), without.len()), (10, 0), "each of ten brings something: {without:?}");
    for name in &all {
        let others: Vec<&str> = all.iter().copied().filter(|other| other != name).collect();
        for (how, (rows, without)) in [
            ("off", rows(&delivery, &others)),
            ("late", rows(&late(name, delivery.clone()), &all)),
            ("empty", rows(&emptied(name, delivery.clone()), &all)),
        ] {
            assert_eq!(without, [*name], "{name} is {how}");
            assert!(rows.keys().eq(whole.keys()), "{name} is {how}");
            for (at, feature) in catalogue().features().iter().enumerate() {
                let feeds = &catalogue().entries()[feature.entry].feeds;
                let is_its_own = feeds.iter().any(|feed| feed == name);
                let values =
                    || whole.values().zip(rows.values()).map(|(whole, row)| (whole.values[at], row.values[at]));
                if !is_its_own {
                    assert!(values().all(|(whole, row)| whole == row), "{} where {name} is {how}", feature.name);
                } else if feeds.len() == 1 {
                    assert!(values().all(|(_, row)| row == Value::Missing), "{} where {name} is {how}", feature.name);
                }
            }
        }
    }
}

pub const VISITS: &str = "home_care_visits";
const SENSITIVE: &str = "mental_health_contacts";

/// A service that has trained its models with two optional tables. All ten have arrived.
pub fn trained() -> Service {
    static TRAINED: OnceLock<Snapshot> = OnceLock::new();
    let service = Service::restored(TRAINED.get_or_init(|| {
        let service = Service::empty();
        service.add_settings(&agreed(&[VISITS, SENSITIVE]));
        service.deliver(&delivery(3, FIRST));
        let past = [day(FIRST) - 180, day(FIRST) - 365].map(|day| day.to_string());
        let said = service.must(&["train", "--index-date", &past[0], "--index-date", &past[1]]);
        assert!(said.out.contains("for nights without home-care visits: AUROC"), "{}", said.out);
        assert!(!said.out.contains("missing on an index date"), "{}", said.out);
        Snapshot::of(service.folder())
    }));
    service.add_settings(&agreed(&[VISITS, SENSITIVE]));
    service
}

pub static SECOND_DELIVERY: LazyLock<Delivery> = LazyLock::new(|| delivery(3, SECOND));

/// The second night, from a full delivery and no other.
fn night_of(service: &Service, delivery: &Delivery) -> String {
    service.deliver(delivery);
    service.must(&["run", "--index-date", SECOND]).out
}

pub fn run_json(service: &Service) -> serde_json::Value {
    json(&service.night(&format!("{SECOND}.1")), "run.json")
}

fn lines(service: &Service) -> Vec<Line> {
    let lines: Vec<Line> = worklists(&service.night(&format!("{SECOND}.1"))).into_values().flatten().collect();
    assert!(!lines.is_empty());
    lines
}

#[test]
fn two_optional_tables_make_models_without_each_and_without_both() {
    let service = trained();
    let variants = fs::read_dir(service.folder().join("model/current/variants")).unwrap().count();
    assert_eq!(variants, 13, "those of every service, each of them without both, and without one, the other and both");
    night_of(&service, &SECOND_DELIVERY);
    assert!(run_json(&service)["inputs"].get("model_variant").is_none());
    for line in lines(&service) {
        assert!(!line["badges"].contains("Scored without"), "{}", line["badges"]);
    }
}

#[test]
fn a_table_that_came_and_has_no_legal_basis_is_told_with_what_to_do_and_is_in_nothing() {
    let service = trained();
    service.deliver(&SECOND_DELIVERY);
    let said = "telecare_events, virtual_ward_stays, waiting_list_entries came with the delivery and are not read: no legal \
                basis for them stands in [feeds]; where there is one, name it under [feeds.community_contacts]";
    let checked = service.must(&["check"]).out;
    assert_eq!(checked.matches(said).count(), 1, "{checked}");
    let told = service.must(&["run", "--index-date", SECOND]).out;
    assert_eq!(told.matches(said).count(), 1, "{told}");
    let run = run_json(&service);
    assert_eq!(run["missing_feeds"], serde_json::json!([]), "what nobody asks for is missing for nobody");
    let state = files_below(&service.folder().join("state"));
    assert!(state.iter().all(|(path, _)| !path.contains("/telecare_events")));
    assert!(state.iter().any(|(path, _)| path.contains("/home_care_visits/")));
}

#[test]
fn without_its_legal_basis_the_rows_of_a_table_leave_with_the_next_night_which_no_line_calls_lacking() {
    let service = trained();
    service.add_settings(&agreed(&[SENSITIVE]));
    let told = night_of(&service, &SECOND_DELIVERY);
    assert!(told.contains("home_care_visits is read no longer, for its legal basis is gone from [feeds]"), "{told}");
    assert_eq!(run_json(&service)["inputs"]["model_variant"], "without_home_care_visits");
    for line in lines(&service) {
        assert!(
            !line["badges"].contains("home-care visits") && !line["notices"].contains("ome-care visits"),
            "{line:?}"
        );
    }
    let state = files_below(&service.folder().join("state"));
    assert!(state.iter().all(|(path, _)| !path.contains("/home_care_visits/")));
}

#[test]
fn a_table_that_is_late_or_empty_is_left_to_a_model_that_never_had_it_and_every_line_says_so() {
    for delivery in [late(VISITS, SECOND_DELIVERY.clone()), emptied(VISITS, SECOND_DELIVERY.clone())] {
        let service = trained();
        // What the first delivery brought stands where a file is refused for its age.
        fs::remove_dir_all(service.folder().join("extracts")).unwrap();
        fs::remove_dir_all(service.folder().join("state")).unwrap();
        let told = night_of(&service, &delivery);
        let run = run_json(&service);
        assert_eq!(run["inputs"]["model_variant"], "without_home_care_visits");
        assert_eq!(run["missing_feeds"], serde_json::json!([VISITS]));
        assert!(told.contains("Tonight's risks are those of a model trained without home-care visits."), "{told}");
        for line in lines(&service) {
            assert!(line["badges"].contains("Scored without home-care visits"), "{}", line["badges"]);
            assert!(line["notices"].contains("Home-care visits "), "{}", line["notices"]);
        }
    }
}

#[test]
fn of_two_that_are_missing_one_model_does_without_both_and_no_page_says_what_the_sensitive_one_is_about() {
    let service = trained();
    night_of(&service, &emptied(SENSITIVE, emptied(VISITS, SECOND_DELIVERY.clone())));
    assert_eq!(run_json(&service)["inputs"]["model_variant"], "without_optional_tables");
    for line in lines(&service) {
        let badge = "Scored without home-care visits and records of a sensitive kind";
        assert!(line["badges"].contains(badge), "{}", line["badges"]);
    }
    for (path, bytes) in files_below(&service.night(&format!("{SECOND}.1")).join("worklists")) {
        let says = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!says.contains("mental") && !says.contains(SENSITIVE), "{path}");
    }
}

#[test]
fn a_table_that_is_agreed_after_training_is_called_lacking_until_a_model_has_learnt_from_it() {
    let service = trained();
    service.add_settings(&agreed(&[VISITS, SENSITIVE, "community_contacts"]));
    let told = night_of(&service, &SECOND_DELIVERY);
    assert!(told.contains("community_contacts is there and the model has not learnt from it: train"), "{told}");
    assert!(run_json(&service)["inputs"].get("model_variant").is_none());
    for line in lines(&service) {
        assert!(line["badges"].contains("Scored without contacts of community services"), "{}", line["badges"]);
    }
}
