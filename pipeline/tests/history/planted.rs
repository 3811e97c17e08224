//! What only all rows of a person tell (V11, V13, V14, V29, V30): each planted defect is found in the person that it was
//! planted in, and in people without a defect nothing is found that a clean world does not have.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use earlycall::{
    cohort::{Circumstances, assess, one_fate::Fates, standing::Standing},
    features::Feeds,
    history::History,
    quality::person::{Limits, oddities},
    settings::Settings,
    synth::{DeliveryFiles, Format, SynthParams, generate},
};

use crate::{Service, people};

const RULES: [&str; 5] = ["V11", "V13", "V14", "V29", "V30"];

/// Person to the rules that their rows break; of objectors, merged and test records nothing is looked at.
type Found = BTreeMap<String, BTreeSet<&'static str>>;

fn params(dirt: bool) -> SynthParams {
    SynthParams { people: 3_000, years: 2, seed: 4, dirt, ..SynthParams::default() }
}

/// What a night finds in everybody, once a delivery is settled.
fn found(delivery: &DeliveryFiles) -> Found {
    let service = Service::new();
    let folder = service.folder.path().join("extracts").join(&delivery.folder_name);
    fs::create_dir_all(&folder).unwrap();
    delivery.files.iter().for_each(|(name, bytes)| fs::write(folder.join(name), bytes).unwrap());
    let history = service.settle(2).unwrap();
    found_in(&history)
}

fn found_in(history: &History) -> Found {
    let settings = Settings::parse("[profile]\nkind = \"research\"", std::path::Path::new("")).unwrap();
    let on = params(false).last_day;
    let feeds = Feeds::new(["gp_events", "gp_prescriptions", "apc_episodes", "ed_attendances"]);
    let limits = Limits::of(&settings.rules);
    let fates = Fates::of(history, &history.view(on), &feeds, &settings, 1).unwrap();
    let at = Circumstances::of(&history.reference, on, &feeds, &settings, &fates);
    let mut found = Found::new();
    for person in people(history, &on.to_string()) {
        let assessed = assess(&person, &at);
        if !matches!(assessed.standing, Standing::TestPatient | Standing::Merged | Standing::Objecting) {
            let odd = oddities(&assessed, on, &limits);
            found.insert(person.key.to_text(), odd.found().map(|(oddity, _)| oddity.rule()).collect());
        }
    }
    found
}

/// Person to the rules of the defects that were planted in their rows.
fn planted(delivery: &DeliveryFiles) -> BTreeMap<String, BTreeSet<String>> {
    let mut persons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (file, bytes) in &delivery.files {
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        if let Some(at) = reader.headers().unwrap().iter().position(|name| name == "person_id") {
            persons.insert(file, reader.records().map(|row| row.unwrap()[at].to_owned()).collect());
        }
    }
    let mut planted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in csv::Reader::from_reader(delivery.planted.as_deref().unwrap()).records() {
        let row = row.unwrap();
        if let Some(persons) = persons.get(&row[0]) {
            let person = &persons[row[1].parse::<usize>().unwrap() - 1];
            planted.entry(person.clone()).or_default().insert(row[3].to_owned());
        }
    }
    planted
}

/// Person to the cells of their rows, but for empty ones: a dirty delivery has a column more.
fn rows(delivery: &DeliveryFiles) -> BTreeMap<String, BTreeSet<String>> {
    let mut rows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, bytes) in &delivery.files {
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let header = reader.headers().unwrap().clone();
        let Some(at) = header.iter().position(|name| name == "person_id") else { continue };
        for row in reader.records().map(|row| row.unwrap()) {
            let cells = header.iter().zip(&row).filter(|(_, cell)| !cell.is_empty());
            let text: Vec<String> = cells.map(|(name, cell)| format!("{name}={cell}")).collect();
            rows.entry(row[at].to_owned()).or_default().insert(format!("{file}: {}", text.join(", ")));
        }
    }
    rows
}

#[test]
fn what_is_planted_in_a_person_is_found_there_and_not_in_people_without_a_defect() {
    let deliver = |dirt| generate(&params(dirt)).delivery_full(params(dirt).last_day, Format::Csv);
    let (clean, dirty) = (deliver(false), deliver(true));
    let planted = planted(&dirty);
    let (rows_in_clean, rows_in_dirty) = (rows(&clean), rows(&dirty));
    let (in_clean, in_dirty) = (found(&clean), found(&dirty));
    let (mut caught, mut n_untouched) = (BTreeSet::new(), 0);
    for (person, rules) in &in_dirty {
        for rule in planted.get(person).into_iter().flatten().filter(|rule| RULES.contains(&rule.as_str())) {
            assert!(rules.contains(rule.as_str()), "{rule} was planted in somebody and not found");
            caught.insert(rule.as_str());
        }
        if rows_in_dirty.get(person) == rows_in_clean.get(person) {
            n_untouched += 1;
            assert_eq!(Some(rules), in_clean.get(person), "nothing was planted in this person");
        }
    }
    assert_eq!(caught, BTreeSet::from(RULES));
    assert!(n_untouched > 1_000, "{n_untouched}");
    let clean: BTreeSet<&str> = in_clean.values().flatten().copied().collect();
    // Whoever has left the practices of the area is registered nowhere.
    assert_eq!(clean, BTreeSet::from(["V29"]));
}
