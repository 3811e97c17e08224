//! What people and practices allow always obeys the newest delivery, for past nights too.

use std::fs;

use earlycall::{
    history::arrive::settle_deliveries,
    settings::Settings,
    store::{Store, disk::FileSystem},
};

use crate::{Service, Tiny, day, files, only, somebody, support::person};

/// Long before anything that the tests deliver.
const PAST: &str = "2026-11-01";

#[test]
fn an_objection_of_somebody_unknown_waits_for_them() {
    let unknown = Tiny::new().copy_row("opt_outs", 1, &[("person_id", &person(9))]);
    let (service, history) = Service::with(unknown);
    assert_eq!(history.ledger.rows_of("opt_outs"), 2);
    let arrives = only(&["patients"]).keep_rows("patients", &[1]).set("patients", 1, "person_id", &person(9));
    let history = service.deliver("second", "delta", "2026-11-21", arrives).unwrap();
    let arrived = somebody(&history, PAST, &person(9));
    assert_eq!((arrived.objections.len(), arrived.is_patient()), (1, true), "it is of a kind that removes nobody");
}

/// The first delivery with an objection of the first person that counts.
fn objecting() -> Tiny {
    Tiny::new().set("opt_outs", 1, "person_id", &person(1)).set("opt_outs", 1, "objection", "type1")
}

#[test]
fn of_whoever_objects_the_objection_is_kept_and_their_rows_are_counted() {
    let (_service, history) = Service::with(objecting());
    let known = somebody(&history, PAST, &person(1));
    assert_eq!((known.objections.len(), known.is_patient()), (1, false));
    assert_eq!(known.registrations.len() + known.gp_events.len() + known.episodes.len() + known.prescriptions.len(), 0);
    for (table, kept, withheld) in [("patients", 2, 1), ("gp_events", 2, 1), ("apc_episodes", 1, 1), ("deaths", 1, 0)] {
        let found = (history.ledger.rows_of(table), history.ledger.withheld.get(table).copied().unwrap_or(0));
        assert_eq!(found, (kept, withheld), "{table}");
    }
}

#[test]
fn whoever_objects_later_loses_the_rows_that_were_settled_and_others_keep_theirs() {
    let (service, history) = Service::with(Tiny::new());
    let before = [2, 3].map(|n| format!("{:?}", somebody(&history, PAST, &person(n))));
    let objects =
        only(&["opt_outs"]).set("opt_outs", 1, "person_id", &person(1)).set("opt_outs", 1, "objection", "type1");
    let history = service.deliver("second", "delta", "2026-11-21", objects).unwrap();
    let known = somebody(&history, PAST, &person(1));
    assert_eq!((known.objections.len(), known.is_patient(), known.gp_events.len()), (1, false, 0));
    assert_eq!([2, 3].map(|n| format!("{:?}", somebody(&history, PAST, &person(n)))), before);
    assert_eq!((history.ledger.rows_of("gp_events"), history.ledger.rows_of("patients")), (2, 2));
    assert_eq!(service.settle(1).unwrap().folder(), history.folder(), "nothing is left to purge");
}

#[test]
fn whoever_takes_their_objection_back_is_there_again_once_they_are_delivered() {
    let (service, _) = Service::with(objecting());
    let back = only(&["opt_outs"]).set("opt_outs", 1, "person_id", &person(1)).set("opt_outs", 1, "objection", "type1");
    let back = back.set("opt_outs", 1, "status", "withdrawn").set("opt_outs", 1, "recorded_at", "2026-11-20T12:00:00Z");
    let history = service.deliver("second", "delta", "2026-11-21", back).unwrap();
    assert!(!somebody(&history, PAST, &person(1)).is_patient());
    let anew = Tiny::new().set("opt_outs", 1, "objection", "type1").set("opt_outs", 1, "status", "withdrawn");
    let history = service.deliver("third", "full", "2026-11-22", anew).unwrap();
    let events = |on| somebody(&history, on, &person(1)).gp_events.len();
    assert_eq!((events("2026-11-21"), events("2026-11-22")), (0, 1), "known from the day on which it came again");
}

#[test]
fn rows_about_whoever_objects_are_no_strangers() {
    let (service, _) = Service::with(objecting());
    let event = only(&["gp_events"]).keep_rows("gp_events", &[1]).set("gp_events", 1, "event_id", "e9");
    let history = service.deliver("second", "delta", "2026-11-21", event).unwrap();
    assert_eq!(history.ledger.withheld["gp_events"], 2);
    let quality = std::fs::read_to_string(history.folder().join("quality/000002/quality.json")).unwrap();
    assert!(!quality.contains("V07"), "{quality}");
}

#[test]
fn an_objection_counts_for_the_nights_before_it() {
    let (service, history) = Service::with(Tiny::new());
    assert!(somebody(&history, PAST, &person(1)).objections.is_empty());
    let objects = only(&["opt_outs"]).set("opt_outs", 1, "person_id", &person(1)).set(
        "opt_outs",
        1,
        "recorded_at",
        "2026-11-21T09:00:00Z",
    );
    let history = service.deliver("second", "delta", "2026-11-21", objects).unwrap();
    assert_eq!(somebody(&history, PAST, &person(1)).objections.len(), 1);
}

#[test]
fn the_records_of_a_practice_count_while_it_agrees() {
    // Both practices share at first, and the second one's patient has a record there.
    let shares = |tiny: Tiny, agrees: &str| tiny.set("reference_practices", 2, "sharing_agreement", agrees);
    let at_the_second = shares(Tiny::new(), "true")
        .set("registrations", 1, "practice_code", "F99902")
        .set("gp_events", 1, "practice_code", "F99902")
        .set("gp_prescriptions", 1, "practice_code", "F99902");
    let (service, history) = Service::with(at_the_second);
    let rows = |history| {
        let found = somebody(history, PAST, &person(1));
        [found.registrations.len(), found.gp_events.len(), found.prescriptions.len()]
    };
    assert_eq!(rows(&history), [1, 1, 1]);
    let practices = only(&["reference_practices"]);
    let history = service.deliver("ends", "delta", "2026-11-21", shares(practices, "false")).unwrap();
    assert_eq!(rows(&history), [0, 0, 0]);
    let gone = only(&["reference_practices"]).keep_rows("reference_practices", &[1]);
    let history = service.deliver("leaves the list", "full", "2026-11-22", gone).unwrap();
    assert_eq!(rows(&history), [1, 0, 0], "registered elsewhere, and nobody has agreed to share");
    let history =
        service.deliver("agrees", "full", "2026-11-23", shares(only(&["reference_practices"]), "true")).unwrap();
    assert_eq!(rows(&history), [1, 1, 1]);
}

#[test]
fn a_list_of_objections_that_shrank_refuses_the_delivery() {
    let objections = |n: u32| {
        (10..9 + n).map(person).fold(Tiny::new(), |tiny, id| {
            tiny.copy_row("patients", 1, &[("person_id", &id)]).copy_row("opt_outs", 1, &[("person_id", &id)])
        })
    };
    let (service, _) = Service::with(objections(100));
    // Five in a hundred may withdraw from one list to the next; six are a list that did not arrive whole.
    let refusal = service.refusal("second", "full", "2026-11-21", objections(94));
    assert!(
        refusal.contains("opt_outs, rule V31: the list of local_shared_record objections fell from 100 people to 94"),
        "{refusal}"
    );
    fs::remove_dir_all(service.folder.path().join("extracts/second")).unwrap();
    let history = service.deliver("third", "full", "2026-11-21", objections(95)).unwrap();
    assert_eq!(history.ledger.rows_of("opt_outs"), 95);
}

/// A delivery with many people, of whom these object, beside the one who always does.
fn list_of(people: std::ops::Range<u32>) -> Tiny {
    let everybody = (10..400).map(person);
    let all = everybody.fold(Tiny::new(), |tiny, id| tiny.copy_row("patients", 1, &[("person_id", &id)]));
    people.map(|n| person(10 + n)).fold(all, |tiny, id| tiny.copy_row("opt_outs", 1, &[("person_id", &id)]))
}

#[test]
fn a_list_of_other_people_is_as_little_whole_as_a_shorter_one() {
    let refused = |second: Tiny, settings: &str| {
        let (service, _) = Service::with(list_of(0..99));
        service.deliver_with("second", "full", "2026-11-21", second, settings).err().map(|error| error.to_string())
    };
    let told = refused(list_of(6..300), "").unwrap();
    let expected = "opt_outs, rule V31: 6 of 100 people are gone from the list of local_shared_record objections";
    assert!(told.starts_with(expected), "{told}");
    assert_eq!(refused(list_of(5..300), ""), None, "five in a hundred may go without a word");
    let answered = "[[override]]\nrule = \"V31\"\nname = \"A\"\nreason = \"moved\"\nuntil = \"2026-11-30\"";
    assert_eq!(refused(list_of(6..300), answered), None);
    let ended = refused(list_of(6..300), &answered.replace("11-30", "11-19")).unwrap();
    assert!(ended.contains("; the override by A ended on 19 November 2026; hint: "), "{ended}");
}

#[test]
fn a_list_of_objections_that_somebody_lets_pass_is_kept_with_its_numbers() {
    let answered = "[[override]]\nrule = \"V31\"\nname = \"A\"\nreason = \"moved\"\nuntil = \"2026-11-30\"";
    let (service, _) = Service::with(list_of(0..99));
    let history = service.deliver_with("second", "full", "2026-11-21", list_of(0..10), answered).unwrap();
    let told: Vec<String> =
        history.set_aside_since(1, day("2026-11-20")).unwrap().iter().map(|breach| breach.in_words()).collect();
    let by = "A lets it pass until 30 November 2026: moved";
    assert_eq!(
        told,
        [
            format!("opt_outs, rule V31: the list of local_shared_record objections fell from 100 people to 11; {by}"),
            format!(
                "opt_outs, rule V31: 89 of 100 people are gone from the list of local_shared_record objections, and none \
                 took it back; {by}"
            ),
        ]
    );
}

#[test]
fn whoever_takes_their_objection_back_is_not_gone_from_the_list() {
    let (service, _) = Service::with(list_of(0..99));
    // Ninety have come; of those before, five are gone and nine have taken it back.
    let mut second = list_of(5..190);
    for row in 2..11 {
        second = second.set("opt_outs", row, "status", "withdrawn").set(
            "opt_outs",
            row,
            "recorded_at",
            "2026-11-20T12:00:00Z",
        );
    }
    service.deliver("second", "full", "2026-11-21", second).unwrap();
}

#[test]
fn a_restricted_entry_is_stored_nowhere() {
    let restricted = [("event_id", "e9"), ("snomed_code", "52637005")];
    let (service, _) = Service::with(Tiny::new().copy_row("gp_events", 1, &restricted));
    let stored = files(&service.folder.path().join("state"));
    let holds = |code: &str| stored.iter().any(|(_, bytes)| bytes.windows(code.len()).any(|at| at == code.as_bytes()));
    assert!(holds("44054006") && !holds("52637005"));
}

#[test]
fn what_becomes_restricted_means_nothing_from_then_on_in_past_nights_too() {
    let (service, history) = Service::with(Tiny::new());
    let entries = |history| somebody(history, PAST, &person(1)).gp_events.len();
    assert_eq!(entries(&history), 1);
    let folder = service.folder.path();
    fs::write(folder.join("ours.csv"), "code\n44054006\n").unwrap();
    let text = "[profile]\nkind = \"research\"\n[extracts]\nrestricted_codes = \"ours.csv\"";
    let settings = Settings::parse(text, folder).unwrap();
    let store = Store::open(&FileSystem, &folder.join("out"), &folder.join("state")).unwrap();
    assert_eq!(entries(&settle_deliveries(&store, &settings, 1).unwrap()), 0);
}
