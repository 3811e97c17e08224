//! What became of the people of social prescribing and coaching, through the command: each half by itself, small numbers
//! untold, and nobody counted who objects.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};

use crate::{
    delivery::{Delivery, Row, Sheet},
    published::json,
    service::{SECOND, Service, first_delivery},
};

const REFERRALS: &str = "social_prescribing_referrals";

/// Adults of whom nothing speaks against counting them, in the order of the delivery.
fn adults(delivery: &Delivery) -> Vec<String> {
    let objecting: BTreeSet<&str> = delivery.table("opt_outs").rows().map(|row| row.get("person_id")).collect();
    let dead: BTreeSet<&str> = delivery.table("deaths").rows().map(|row| row.get("person_id")).collect();
    let registered: BTreeSet<&str> = {
        let open = |row: &Row| row.get("end_date").is_empty() && row.get("registration_type") == "regular";
        delivery.table("registrations").rows().filter(open).map(|row| row.get("person_id")).collect()
    };
    let is_plain = |row: &Row| {
        let person = row.get("person_id");
        row.get("birth_month") < "1990"
            && row.get("is_test_patient") != "true"
            && row.get("superseded_by").is_empty()
            && registered.contains(person)
            && !objecting.contains(person)
            && !dead.contains(person)
    };
    let plain = delivery.table("patients").rows().filter(is_plain);
    plain.map(|row| row.get("person_id").to_owned()).collect()
}

/// Referrals of people on one day to a programme, by number.
fn referrals(people: &[String], programmes: &[(&str, usize)], status: &str) -> Sheet {
    let header =
        ["referral_id", "person_id", "referred_at", "source", "needs", "status", "provider_id"].map(str::to_owned);
    let programmes = programmes.iter().flat_map(|(name, n)| std::iter::repeat_n(*name, *n));
    let rows = people.iter().zip(programmes).enumerate().map(|(n, (person, programme))| {
        let id = format!("r{n}");
        [&id, person, "2026-02-10", "gp", "loneliness|money", status, programme].map(str::to_owned).to_vec()
    });
    Sheet { header: header.to_vec(), rows: rows.collect() }
}

/// A service to which 48 referrals have arrived, and the people in their order.
fn referred() -> (Service, Delivery, Vec<String>) {
    let mut delivery = first_delivery();
    let people = adults(&delivery);
    let sheet = referrals(&people, &[("north", 30), ("south", 8), ("west", 10)], "active");
    delivery.tables.insert(REFERRALS.to_owned(), sheet);
    let service = Service::empty();
    service.add_settings(&format!("[feeds.{REFERRALS}]\nlegal_basis = \"a test\""));
    service.deliver(&delivery);
    (service, delivery, people)
}

fn told(service: &Service, out: &str) -> Value {
    let out = service.folder().join(out);
    service.must(&["outcomes", "--out", out.to_str().unwrap()]);
    json(&out, "outcomes.json")
}

/// Starts of everybody and of each programme.
fn started(service: &Value) -> Vec<Value> {
    let parts = service["parts"].as_array().unwrap().iter();
    parts
        .filter(|part| part["by"] == "everybody" || part["by"] == "programme")
        .map(|part| part["started"].clone())
        .collect()
}

fn page(service: &Service, out: &str) -> String {
    fs::read_to_string(service.folder().join(out).join("outcomes.html")).unwrap()
}

#[test]
fn referrals_are_told_as_they_are_known_now_and_without_whoever_objects() {
    let (service, delivery, people) = referred();
    let first = told(&service, "first");
    let social = &first["services"][0];
    assert_eq!(started(social), [json!(50), json!(30), json!(10), json!(10)]);
    assert_eq!(social["parts"][0]["by_quarter"], json!([0, 0, 0, 0, 50, 0, 0, 0]));
    assert_eq!(social["parts"][0]["endings"]["going_on"], 50);
    assert!(social["parts"][0]["missed"].is_null(), "no appointments have arrived");
    assert!(first["services"][1]["absent"].as_str().unwrap().contains("nobody has accepted or declined coaching"));
    let page = page(&service, "first");
    for words in
        ["Regression to the mean", "neither GP nor outpatient appointments have arrived", "Nothing is told: nobody"]
    {
        assert!(page.contains(words), "{words}");
    }
    // All are completed since; and one of the eight of the south objects.
    let completed = referrals(&people, &[("north", 30), ("south", 8), ("west", 10)], "completed");
    let mut later = delivery.delta("completed", SECOND, REFERRALS, completed);
    // Of optional tables alone it would wait for the others of its day.
    let entries = delivery.table("gp_events");
    later.tables.insert("gp_events".to_owned(), entries.one(entries.rows().next().unwrap(), &[]));
    service.deliver(&later);
    service.must(&["objection", "add", &people[30], "--why", "asked us", "--by", "ig"]);
    let second = told(&service, "second");
    assert_eq!(second["services"][0]["parts"][0]["endings"]["completed"], 45);
    assert_eq!(started(&second["services"][0]), [json!(45), json!(30), json!("<8"), json!(10)]);
}

#[test]
fn children_are_not_told_among_adults() {
    let mut delivery = first_delivery();
    let people = adults(&delivery);
    delivery.tables.insert(REFERRALS.to_owned(), referrals(&people, &[("north", 30), ("west", 10)], "active"));
    let patients = delivery.tables.get_mut("patients").unwrap();
    let place = |name: &str| patients.header.iter().position(|column| column == name).unwrap();
    let (person, birth) = (place("person_id"), place("birth_month"));
    // Of the ten of the west five are 16.
    for row in patients.rows.iter_mut().filter(|row| people[30..35].contains(&row[person])) {
        row[birth] = "2010-03".to_owned();
    }
    let service = Service::empty();
    service.add_settings(&format!("[feeds.{REFERRALS}]\nlegal_basis = \"a test\""));
    service.deliver(&delivery);
    assert_eq!(started(&told(&service, "adults")["services"][0]), [json!(35), json!(30), json!("<8")]);
}

#[test]
fn appointments_that_are_booked_ahead_are_no_trouble_to_whoever_looks_back() {
    let mut delivery = first_delivery();
    let people = adults(&delivery);
    let sheet = referrals(&people, &[("north", 30)], "active");
    delivery.tables.insert(REFERRALS.to_owned(), sheet);
    let header = ["appointment_id", "person_id", "practice_code", "booked_at", "start_at", "seen_at", "status", "mode"];
    let practice = delivery.table("reference_practices").rows().next().unwrap().get("practice_code").to_owned();
    let row = |(n, start, status): (&str, &str, &str)| {
        [n, &people[0], &practice, "2026-10-01T09:00:00Z", start, "", status, "telephone"].map(str::to_owned).to_vec()
    };
    let rows = [("a", "2026-11-02T09:00:00Z", "attended"), ("b", "2027-02-01T09:00:00Z", "booked")].map(row);
    let appointments = Sheet { header: header.map(str::to_owned).to_vec(), rows: rows.into() };
    delivery.tables.insert("gp_appointments".to_owned(), appointments);
    let service = Service::empty();
    let bases = [REFERRALS, "gp_appointments"].map(|table| format!("[feeds.{table}]\nlegal_basis = \"a test\"\n"));
    service.add_settings(&bases.concat());
    service.deliver(&delivery);
    assert_eq!(started(&told(&service, "ahead")["services"][0]).first(), Some(&json!(30)));
}

#[test]
fn coaching_is_told_by_itself_and_nothing_is_refused_with_what_to_do() {
    let service = Service::empty();
    let delivery = first_delivery();
    service.deliver(&delivery);
    let out = service.folder().join("none");
    let said = service.earlycall(&["outcomes", "--out", out.to_str().unwrap()]);
    assert_eq!(said.code, 11, "{}", said.err);
    assert!(
        said.err.contains("no referral has arrived") && said.err.contains("hint: deliver referrals"),
        "{}",
        said.err
    );
    assert!(!out.exists());

    let people = adults(&delivery);
    let contact = |(n, person): (usize, &String)| {
        // Every third declines.
        let outcome = if n % 3 == 2 { "declined" } else { "accepted_coaching" };
        format!("c{n},{person},,coach-1,u-01,2026-02-10T10:00:00Z,call,{outcome}\n")
    };
    let rows: String = people.iter().take(30).enumerate().map(contact).collect();
    let header = "contact_id,person_id,worklist_run_id,team_id,user_id,contact_at,contact_type,outcome\n";
    let file = service.folder().join("contacts.csv");
    fs::write(&file, format!("{header}{rows}")).unwrap();
    service.must(&["feedback", "add", file.to_str().unwrap(), "--by", "u-01"]);
    let told = told(&service, "coaching");
    let coaching = &told["services"][1];
    assert_eq!(started(coaching), [json!(20), json!(20)]);
    // 183 days from 10 February 2026 were over in August.
    let endings = &coaching["parts"][0]["endings"];
    assert_eq!((&endings["time_over_no_leaving_noted"], &endings["declined"]), (&json!(20), &json!(10)));
    assert!(endings["completed"].is_null(), "the log does not say so");
    assert!(page(&service, "coaching").contains("<th scope=\"col\" class=\"n\">Time over, no leaving noted</th>"));
    assert!(coaching["parts"][0]["needs"].is_null(), "the log has none");
    assert!(told["services"][0]["absent"].as_str().unwrap().contains("no referral has arrived"));
}

#[test]
fn outcomes_are_told_in_the_same_bytes_by_any_number_of_threads() {
    let (service, ..) = referred();
    let bytes = ["1", "2"].map(|threads| {
        let out = service.folder().join(threads);
        service.must(&["outcomes", "--out", out.to_str().unwrap(), "--threads", threads]);
        ["outcomes.html", "outcomes.json"].map(|name| fs::read(Path::new(&out).join(name)).unwrap())
    });
    assert!(bytes[0] == bytes[1]);
}

#[test]
fn a_period_after_the_data_is_refused_with_the_day_that_is_free() {
    let (service, ..) = referred();
    let said = service.earlycall(&["outcomes", "--until", SECOND, "--out", "nowhere"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("the latest day is 2026-11-12"), "{}", said.err);
}
