//! Records of one person under two names: the rows are found with the one that stays.

use earlycall::history::History;

use crate::{Service, only, people, somebody, support::person};

/// In the last bucket, where persons 1 to 3 are in the first.
const FAR: &str = "f000000000000000000000000000000000000000000000000000000000000000";
const NOBODY: &str = "7000000000000000000000000000000000000000000000000000000000000000";
const ON: &str = "2026-11-25";

/// A first delivery with a fourth person far away, then what `patients` says a day later: row and survivor.
fn merged(pairs: &[(usize, &str)]) -> (Service, History) {
    let far = [("person_id", FAR)];
    let (service, _) = Service::with(crate::Tiny::new().copy_row("patients", 1, &far));
    let patients = only(&["patients"]).copy_row("patients", 1, &far);
    let patients = pairs.iter().fold(patients, |tiny, (row, into)| tiny.set("patients", *row, "superseded_by", into));
    let history = service.deliver("second", "full", "2026-11-21", patients).unwrap();
    (service, history)
}

/// GP events, episodes and attendances of somebody.
#[track_caller]
fn check(history: &History, id: &str, expected: [usize; 3]) {
    let found = somebody(history, ON, id);
    assert_eq!([found.gp_events.len(), found.episodes.len(), found.attendances.len()], expected);
}

#[test]
fn the_rows_of_a_merged_record_are_found_with_the_survivor_in_the_same_bucket() {
    let (_service, history) = merged(&[(1, &person(2))]);
    check(&history, &person(1), [0, 0, 0]);
    check(&history, &person(2), [2, 2, 3]);
    assert_eq!(somebody(&history, ON, &person(1)).patient.superseded_by, Some(somebody(&history, ON, &person(2)).key));
}

#[test]
fn and_in_another_bucket_and_those_that_arrive_later_too() {
    let (service, history) = merged(&[(1, FAR)]);
    check(&history, FAR, [1, 1, 1]);
    let later = only(&["gp_events"]).set("gp_events", 1, "event_id", "e9");
    let history = service.deliver("third", "delta", "2026-11-22", later).unwrap();
    check(&history, FAR, [2, 1, 1]);
    check(&history, &person(1), [0, 0, 0]);
    assert_eq!(history.ledger.rows_of("gp_events"), 4);
}

#[test]
fn and_night_after_night_whichever_bucket_it_came_from() {
    // Row 4 of `patients` is the one far away.
    let (service, history) = merged(&[(4, &person(1))]);
    check(&history, &person(1), [1, 1, 1]);
    for (n, (id, on)) in [("third", "2026-11-22"), ("fourth", "2026-11-23")].into_iter().enumerate() {
        let event = format!("e{}", 90 + n);
        let later = only(&["gp_events"]).keep_rows("gp_events", &[1]).set("gp_events", 1, "person_id", FAR);
        let history = service.deliver(id, "delta", on, later.set("gp_events", 1, "event_id", &event)).unwrap();
        check(&history, &person(1), [2 + n, 1, 1]);
        check(&history, FAR, [0, 0, 0]);
    }
}

#[test]
fn whoever_has_come_back_stays_where_they_live() {
    let (service, _) = merged(&[(1, FAR)]);
    let apart = only(&["patients"]).copy_row("patients", 1, &[("person_id", FAR)]);
    let history = service.deliver("third", "full", "2026-11-22", apart).unwrap();
    check(&history, &person(1), [1, 1, 1]);
    let later = only(&["patients", "gp_events"]).keep_rows("patients", &[1]).keep_rows("gp_events", &[1]);
    let later = later.set("patients", 1, "sex", "2").set("gp_events", 1, "event_id", "e9");
    let history = service.deliver("fourth", "delta", "2026-11-23", later).unwrap();
    check(&history, &person(1), [2, 1, 1]);
    assert_eq!(people(&history, ON).len(), 4, "and is nobody twice");
}

#[test]
fn a_chain_ends_with_the_last() {
    let (_service, history) = merged(&[(1, &person(2)), (2, FAR)]);
    check(&history, FAR, [2, 2, 3]);
    check(&history, &person(2), [0, 0, 0]);
}

#[test]
fn a_merger_that_is_taken_back_gives_everybody_their_own_rows_again() {
    let (service, before) = merged(&[]);
    let everybody = |history: &History| format!("{:?}", people(history, ON));
    let was = everybody(&before);
    let merger = only(&["patients"]).copy_row("patients", 1, &[("person_id", FAR)]);
    let history =
        service.deliver("third", "full", "2026-11-22", merger.set("patients", 1, "superseded_by", FAR)).unwrap();
    assert_ne!(everybody(&history), was);
    let apart = only(&["patients"]).copy_row("patients", 1, &[("person_id", FAR)]);
    let history = service.deliver("fourth", "full", "2026-11-23", apart).unwrap();
    assert_eq!(everybody(&history), was);
    assert_eq!(history.ledger.rows, before.ledger.rows);
}

#[test]
fn a_merger_stands_while_a_delta_does_not_speak_of_it() {
    let (service, _) = merged(&[(1, FAR)]);
    let of_another = only(&["patients"]).keep_rows("patients", &[2]);
    let history = service.deliver("third", "delta", "2026-11-22", of_another).unwrap();
    check(&history, FAR, [1, 1, 1]);
}

#[test]
fn somebody_merged_into_a_stranger_is_merged_and_their_rows_belong_to_nobody() {
    let (_service, history) = merged(&[(1, NOBODY)]);
    check(&history, &person(1), [0, 0, 0]);
    assert_eq!(people(&history, ON).len(), 4);
    assert_eq!(history.ledger.rows_of("gp_events"), 3, "kept, for the stranger may arrive");
}

#[test]
fn a_circle_made_by_two_deliveries_leaves_everybody_with_their_own() {
    let (service, _) = merged(&[(1, FAR)]);
    let back = only(&["patients"]).keep_rows("patients", &[1]).set("patients", 1, "person_id", FAR);
    let back = back.set("patients", 1, "superseded_by", &person(1));
    let history = service.deliver("third", "delta", "2026-11-22", back).unwrap();
    check(&history, &person(1), [1, 1, 1]);
    check(&history, FAR, [0, 0, 0]);
    for id in [&person(1), FAR] {
        assert!(somebody(&history, ON, id).patient.superseded_by.is_some(), "nobody is called under either name");
    }
}

#[test]
fn an_episode_that_turns_out_to_be_of_somebody_else_leaves_whoever_had_it() {
    let (service, _) = merged(&[]);
    let corrected = only(&["apc_episodes"]).keep_rows("apc_episodes", &[1]).set("apc_episodes", 1, "person_id", FAR);
    let history = service.deliver("third", "delta", "2026-11-22", corrected).unwrap();
    check(&history, &person(1), [1, 0, 1]);
    check(&history, FAR, [0, 1, 0]);
    assert_eq!(somebody(&history, "2026-11-21", &person(1)).episodes.len(), 1, "nobody knew better then");
}
