//! What a night does with a delivery that is dated ahead of it (AHEAD), and with one that is merely later than a past night.

use std::fs;

use serde_json::json;

use crate::{
    delivery::{Delivery, edit_manifest},
    service::{FIRST, SECOND, Service, second_delivery, second_delta},
    snapshot::{Snapshot, assert_same},
};

/// What a week brought, as if extracted at this moment.
fn extracted_at(mut delivery: Delivery, moment: &str) -> Delivery {
    delivery.manifest["extracted_at"] = json!(moment);
    delivery
}

#[test]
fn a_delivery_from_after_the_night_that_is_asked_for_is_refused_and_leaves_no_trace() {
    let service = Service::after_first_night();
    let folder = service.deliver(&extracted_at(second_delta(), "2026-11-22T00:10:00Z"));
    let history = Snapshot::of(&service.folder().join("state/history"));
    let said = service.earlycall(&["run", "--index-date", SECOND]);
    assert_eq!(said.code, 11, "{}", said.err);
    for words in [
        "manifest.json, rule AHEAD: says that it was extracted on 22 November 2026, later than the day after the index date, \
         20 November 2026, and nothing else covers that",
        "hint: If its date is wrong, have the manifest corrected and sent again: nothing of it is settled",
    ] {
        assert!(said.err.contains(words), "{}\nshould say: {words}", said.err);
    }
    assert_same(&Snapshot::of(&service.folder().join("state/history")), &history, "the history");
    assert_eq!(service.current(), format!("nights/{FIRST}.1"));
    edit_manifest(&folder, |manifest| manifest["extracted_at"] = json!("2026-11-21T00:10:00Z"));
    service.must(&["run", "--index-date", SECOND]);
}

#[test]
fn a_clock_that_goes_five_minutes_before_ours_is_no_other_day() {
    let service = Service::after_first_night();
    service.deliver(&extracted_at(second_delta(), "2026-11-22T00:04:59Z"));
    service.must(&["run", "--index-date", SECOND]);
}

#[test]
fn a_delivery_far_ahead_of_a_night_that_others_cover_refuses_it_all_the_same() {
    let service = Service::before_second_night();
    let with_id = |id: &str, moment| {
        let mut delivery = extracted_at(second_delta(), moment);
        delivery.manifest["extract_id"] = json!(id);
        delivery
    };
    service.deliver(&with_id("a week later", "2026-11-27T23:30:00Z"));
    let folder = service.deliver(&with_id("a year later", "2027-11-27T23:30:00Z"));
    let said = service.earlycall(&["run", "--index-date", SECOND]);
    assert_eq!(said.code, 11, "{}", said.err);
    let words =
        "a year later/manifest.json, rule AHEAD: says that it was extracted on 27 November 2027, 365 days after";
    assert!(said.err.contains(words), "{}", said.err);
    fs::remove_dir_all(folder).unwrap();
    let said = service.must(&["run", "--index-date", SECOND]);
    assert!(
        said.out.contains("warning: a week later/manifest.json: was extracted on 27 November 2026 and waits"),
        "{}",
        said.out
    );
}

#[test]
fn whoever_names_the_day_vouches_for_a_delivery_after_a_long_pause() {
    let service = Service::after_first_night();
    service.add_settings("[rules.V33]\nrefuse_times = 1000\n[rules.SHARE]\nchange_times = 1000\n");
    service.deliver(&extracted_at(second_delivery(), "2026-12-20T23:30:00Z"));
    for command in ["run", "check"] {
        let said = service.earlycall(&[command]);
        assert_eq!(said.code, 11, "{}", said.err);
        assert!(
            said.err.contains("rule AHEAD: says that it was extracted on 20 December 2026, 37 days after"),
            "{}",
            said.err
        );
    }
    let checked = service.must(&["check", "--index-date", "2026-12-19"]);
    assert!(checked.out.contains("\nas the night of 19 December 2026 would see it; "), "{}", checked.out);
    service.must(&["run", "--index-date", "2026-12-19"]);
    fs::read_dir(service.night("2026-12-19.1")).unwrap();
}
