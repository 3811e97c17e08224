//! How to speak with somebody arrives with `patients`, and a corrected row replaces what was known.

use earlycall::history::History;

use crate::{Service, Tiny, only, somebody, support::person};

#[test]
fn main_language_and_ways_of_needing_information_are_kept_and_a_need_that_is_no_concept_is_dropped() {
    let first = Tiny::new().set("patients", 1, "main_language", "bn");
    let first = first.set("patients", 1, "accessible_information_need", "957331000000109|large print|415803005");
    let (service, history) = Service::with(first.set("reference_lsoa", 1, "neighbourhood", "Riverside"));
    let known = |history: &History| {
        let patient = somebody(history, "2026-11-20", &person(1)).patient;
        (patient.main_language.as_str().to_owned(), patient.accessible_needs)
    };
    assert_eq!(known(&history), ("bn".to_owned(), vec![957_331_000_000_109, 415_803_005]));
    let names: Vec<&str> = history.reference.areas.values().map(|area| area.neighbourhood.as_str()).collect();
    assert_eq!(names, ["Riverside", ""]);

    let later = only(&["patients"]).set("patients", 1, "main_language", "en");
    let later = later.set("patients", 1, "updated_at", "2026-11-21T00:00:00Z");
    let history = service.deliver("second", "delta", "2026-11-21", later).unwrap();
    assert_eq!(known(&history), ("en".to_owned(), vec![]));
}
