use proptest::prelude::*;

use super::*;
use crate::feedback::sample;

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// The status on a day of somebody with these contacts.
fn status(contacts: &[Contact], on: &str) -> Status {
    Status::of(contacts.iter(), PathwayId::Coaching, day(on), &settings::Contacts::default())
}

fn attempts(days: &[&str]) -> Vec<Contact> {
    days.iter().map(|on| sample(1, on, "no_answer")).collect()
}

fn until(on: &str, outcome: &str, snooze_until: &str) -> Contact {
    Contact { snooze_until: Some(day(snooze_until)), ..sample(1, on, outcome) }
}

/// Whether somebody is held, carried over, or neither.
fn word(status: &Status) -> &'static str {
    match (&status.hold, status.is_carried_over) {
        (Some(_), false) => "held",
        (None, true) => "first",
        (None, false) => "as others",
        (Some(_), true) => "both",
    }
}

#[test]
fn whoever_was_never_called_stands_as_others() {
    assert_eq!(word(&status(&[], "2026-11-23")), "as others");
    assert_eq!(status(&[], "2026-11-23").in_words(), "No call on record");
}

#[test]
fn two_attempts_keep_the_place_and_the_third_ends_it_for_four_weeks() {
    let tried = attempts(&["2026-11-02", "2026-11-04", "2026-11-06"]);
    for (n, on, expected, words) in [
        (1, "2026-11-03", "first", "Tried once, on 2 November 2026: no answer"),
        (2, "2026-11-05", "first", "Tried 2 times, the last on 4 November 2026: no answer"),
        (3, "2026-11-07", "held", "Tried 3 times, the last on 6 November 2026: no answer"),
        (3, "2026-12-03", "held", "Tried 3 times, the last on 6 November 2026: no answer"),
        (3, "2026-12-04", "as others", "Tried 3 times, the last on 6 November 2026: no answer"),
    ] {
        let status = status(&tried[..n], on);
        assert_eq!((word(&status), status.in_words().as_str()), (expected, words), "{n} attempts, {on}");
    }
    assert_eq!(status(&tried, "2026-11-07").hold.unwrap().in_words(), "tried 3 times, the last on 6 November 2026");
}

#[test]
fn after_a_rest_and_after_a_long_while_attempts_are_counted_anew() {
    let mut tried = attempts(&["2026-11-02", "2026-11-04", "2026-11-06", "2026-12-07"]);
    assert_eq!(word(&status(&tried, "2026-12-08")), "first");
    assert_eq!(status(&tried, "2026-12-08").in_words(), "Tried once, on 7 December 2026: no answer");
    tried.truncate(1);
    assert_eq!(word(&status(&tried, "2026-11-29")), "first");
    assert_eq!(word(&status(&tried, "2026-11-30")), "as others", "four weeks are over");
}

#[test]
fn what_is_said_ends_a_row_of_attempts() {
    let mut contacts = attempts(&["2026-11-02", "2026-11-03"]);
    contacts.push(sample(1, "2026-11-04", "call_back"));
    contacts.extend(attempts(&["2026-11-05"]));
    let status = status(&contacts, "2026-11-06");
    assert_eq!((word(&status), status.n_attempts), ("first", 1));
}

#[test]
fn a_date_hides_until_that_day_and_then_the_place_is_kept() {
    for outcome in ["call_back", "no_answer"] {
        let contacts = [until("2026-11-20", outcome, "2026-12-01")];
        assert_eq!(word(&status(&contacts, "2026-11-30")), "held", "{outcome}");
        assert_eq!(status(&contacts, "2026-11-30").hold.unwrap().in_words(), "to be called again from 1 December 2026");
        assert_eq!(word(&status(&contacts, "2026-12-01")), "first", "{outcome}");
    }
    assert_eq!(word(&status(&[until("2026-11-20", "declined", "2026-12-01")], "2026-12-01")), "as others");
}

#[test]
fn every_other_outcome_holds_for_as_long_as_is_declared() {
    for (outcome, last, first_again, then) in [
        ("declined", "2027-05-18", "2027-05-19", "as others"),
        ("accepted_coaching", "2027-05-21", "2027-05-22", "as others"),
        ("in_hospital", "2026-12-03", "2026-12-04", "first"),
    ] {
        let contacts = [sample(1, "2026-11-20", outcome)];
        assert_eq!(word(&status(&contacts, "2026-11-20")), "held", "{outcome}");
        assert_eq!(word(&status(&contacts, last)), "held", "{outcome}");
        assert_eq!(word(&status(&contacts, first_again)), then, "{outcome}");
    }
}

#[test]
fn unsuitable_lasts_as_its_reason_says_which_is_never_told() {
    let because = |code: &str| Contact {
        unsuitable_reason: Some(earlycall_schemas::contacts::unsuitable_reason(code).unwrap()),
        ..sample(1, "2026-11-20", "unsuitable")
    };
    assert_eq!(word(&status(&[because("safeguarding")], "2036-11-20")), "held", "for good");
    assert_eq!(word(&status(&[because("language_not_available")], "2027-02-17")), "held");
    assert_eq!(word(&status(&[because("language_not_available")], "2027-02-18")), "as others");
    let told = status(&[because("safeguarding")], "2026-11-21").hold.unwrap().in_words();
    assert_eq!(told, "found unsuitable by the team on 20 November 2026");
}

#[test]
fn a_programme_lasts_to_its_end_and_is_told_afterwards() {
    let ends = Contact { programme_end: Some(day("2027-02-01")), ..sample(1, "2026-11-20", "accepted_coaching") };
    assert_eq!(word(&status(std::slice::from_ref(&ends), "2027-01-31")), "held");
    let after = status(&[ends], "2027-02-01");
    assert_eq!((word(&after), after.in_words().as_str()), ("as others", "Was on the programme until 31 January 2027"));
}

#[test]
fn a_call_that_reaches_nobody_ends_no_hold() {
    for outcome in ["declined", "unsuitable", "accepted_coaching", "in_hospital", "already_supported"] {
        let alone = [sample(1, "2026-11-20", outcome)];
        let contacts = [alone[0].clone(), sample(1, "2026-11-21", "voicemail")];
        assert_eq!(status(&contacts, "2026-11-22"), status(&alone, "2026-11-22"), "{outcome}");
    }
    let mut tried = attempts(&["2026-11-02", "2026-11-04", "2026-11-06"]);
    let rests = status(&tried, "2026-11-10");
    tried.extend(attempts(&["2026-11-09"]));
    assert_eq!(status(&tried, "2026-11-10"), rests, "a fourth call during the rest");
    let on_programme = [sample(1, "2026-11-20", "accepted_coaching"), sample(1, "2026-11-27", "call_back")];
    assert_eq!(word(&status(&on_programme, "2026-11-28")), "held", "a session that was put off");
    let asked = [until("2026-11-20", "call_back", "2026-12-01"), sample(1, "2026-11-23", "no_answer")];
    assert_eq!(word(&status(&asked, "2026-11-24")), "held", "they asked to be called in December");
    let mut asked = vec![until("2026-11-20", "call_back", "2027-03-01")];
    asked.extend(attempts(&["2026-11-23", "2026-11-24", "2026-11-25"]));
    assert_eq!(word(&status(&asked, "2027-02-28")), "held", "they asked to be called in March");
    assert!(status(&asked, "2027-03-01").hold.is_none());
}

#[test]
fn being_in_hospital_makes_nobody_first_who_was_not_to_be_called() {
    let because = earlycall_schemas::contacts::unsuitable_reason("safeguarding");
    let for_good = Contact { unsuitable_reason: because, ..sample(1, "2026-11-20", "unsuitable") };
    let ends = Contact { programme_end: Some(day("2026-11-24")), ..sample(1, "2026-11-20", "accepted_coaching") };
    let of = |outcome: &str| sample(1, "2026-11-20", outcome);
    for (alone, on, expected) in [
        (of("declined"), "2026-12-05", "held"),
        (of("accepted_coaching"), "2026-12-05", "held"),
        (of("accepted_virtual_ward"), "2026-12-17", "held"),
        (of("accepted_virtual_ward"), "2026-12-18", "as others"),
        (for_good, "2036-11-20", "held"),
        (ends, "2026-12-05", "as others"),
    ] {
        let contacts = [alone.clone(), sample(1, "2026-11-21", "in_hospital")];
        assert_eq!(word(&status(&contacts, on)), expected, "{} on {on}", alone.outcome.code);
        assert_eq!(status(&contacts, on), status(std::slice::from_ref(&alone), on), "{}", alone.outcome.code);
    }
    let tried = [of("no_answer"), sample(1, "2026-11-21", "in_hospital")];
    assert_eq!(word(&status(&tried, "2026-12-05")), "first", "whoever was to be called still is");
    let ending = [of("declined"), sample(1, "2027-05-15", "in_hospital")];
    assert_eq!(word(&status(&ending, "2027-05-28")), "held", "and still in hospital");
}

#[test]
fn what_a_team_hears_of_another_s_service_shortens_no_hold_of_either() {
    let because = earlycall_schemas::contacts::unsuitable_reason("safeguarding");
    for pathway in [PathwayId::Coaching, PathwayId::VirtualWard] {
        let unsuitable = sample(1, "2026-11-20", "unsuitable");
        let for_good = Contact { pathway, unsuitable_reason: because, ..unsuitable };
        let heard = sample(1, "2026-11-25", "accepted_virtual_ward");
        let is_held = |contacts: &[Contact], on: &str| {
            Status::of(contacts.iter(), pathway, day(on), &settings::Contacts::default()).hold.is_some()
        };
        assert!(is_held(&[for_good.clone(), heard.clone()], "2036-11-20"), "{pathway:?}: a coach was told");
        let own = Contact { pathway: PathwayId::VirtualWard, ..heard };
        let expected = pathway == PathwayId::Coaching;
        assert_eq!(is_held(&[for_good, own], "2036-11-20"), expected, "{pathway:?}: the ward decides for itself");
    }
}

#[test]
fn being_called_back_on_a_day_ends_a_no_and_nothing_that_is_for_good() {
    let because = earlycall_schemas::contacts::unsuitable_reason("safeguarding");
    let for_good = Contact { unsuitable_reason: because, ..sample(1, "2026-11-20", "unsuitable") };
    for (before, expected) in [(sample(1, "2026-11-20", "declined"), "first"), (for_good, "held")] {
        let contacts = [before.clone(), until("2026-11-25", "call_back", "2026-12-01")];
        assert_eq!(word(&status(&contacts, "2026-12-01")), expected);
        let contacts = [before.clone(), sample(1, "2026-11-25", "call_back")];
        assert_eq!(status(&contacts, "2027-05-20"), status(&[before], "2027-05-20"), "no day is set");
    }
}

#[test]
fn whoever_says_yes_after_having_declined_is_on_the_programme() {
    let contacts = [sample(1, "2026-11-20", "declined"), sample(1, "2026-11-25", "accepted_coaching")];
    let hold = status(&contacts, "2026-11-26").hold.unwrap();
    assert_eq!(hold.in_words(), "accepted coaching on 25 November 2026");
}

#[test]
fn a_call_from_no_list_keeps_no_place_and_a_date_ends_no_programme() {
    let other = Contact { worklist_run_id: None, ..sample(1, "2026-11-20", "no_answer") };
    assert_eq!(word(&status(&[other], "2026-11-21")), "as others");
    let session = until("2026-11-20", "accepted_coaching", "2026-11-28");
    assert_eq!(word(&status(&[session], "2026-12-20")), "held");
}

proptest! {
    #[test]
    fn no_attempt_no_stay_in_hospital_and_no_other_service_ever_shortens_a_hold(
        calls in prop::collection::vec(
            (
                0..60,
                prop::sample::select(vec!["no_answer", "call_back", "declined", "in_hospital", "accepted_coaching", "accepted_virtual_ward"]),
                prop::option::of(1..120),
            ),
            0..8,
        ),
        (at, later) in (0..60, prop::sample::select(vec!["no_answer", "in_hospital", "accepted_virtual_ward"])),
        on in 0..240,
    ) {
        let first = day("2026-09-01");
        // No date is set beside what is accepted.
        let contact = |(at, outcome, days): (i32, &str, Option<i32>)| Contact {
            contacted_on: first + at,
            snooze_until: days.filter(|_| !outcome.starts_with("accepted")).map(|days| first + at + days),
            ..sample(1, "2026-09-01", outcome)
        };
        let mut calls: Vec<Contact> = calls.into_iter().map(contact).collect();
        calls.sort_by_key(|call| call.contacted_on);
        let settings = settings::Contacts::default();
        let mut with = calls.clone();
        with.retain(|call| call.contacted_on <= first + at);
        let without = with.clone();
        with.push(contact((at, later, None)));
        let on = first + at.max(on);
        let is_held = |calls: &[Contact]| Status::of(calls.iter(), PathwayId::Coaching, on, &settings).hold.is_some();
        prop_assert!(!is_held(&without) || is_held(&with), "{} on day {}", later, at);
    }
}

#[test]
fn a_death_is_for_the_register_and_what_happens_later_has_not_happened_yet() {
    assert_eq!(status(&[sample(1, "2026-11-20", "deceased")], "2026-11-21"), Status::default());
    assert_eq!(status(&[sample(1, "2026-11-22", "declined")], "2026-11-21"), Status::default());
}

#[test]
fn a_service_sets_its_own_numbers() {
    let settings = settings::Contacts { attempts_max: 1, days: [("declined".to_owned(), 10)].into() };
    let of = |outcome: &str, on: &str| {
        Status::of([sample(1, "2026-11-20", outcome)].iter(), PathwayId::Coaching, day(on), &settings)
    };
    assert_eq!(word(&of("no_answer", "2026-11-21")), "held");
    assert_eq!([word(&of("declined", "2026-11-29")), word(&of("declined", "2026-11-30"))], ["held", "as others"]);
}
