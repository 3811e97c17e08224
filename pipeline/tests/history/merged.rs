//! Records of one person under two names: the rows are found with the one that stays.

use earlycall::{cohort::standing::is_objecting, day::Day, history::History, settings};

use crate::{Service, Tiny, only, people, somebody, support::person};

/// In the last bucket, where persons 1 to 3 are in the first.
pub const FAR: &str = "f000000000000000000000000000000000000000000000000000000000000000";
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
fn two_who_leave_one_bucket_for_two_others_take_their_own_rows_along_each() {
    const ELSEWHERE: &str = "8000000000000000000000000000000000000000000000000000000000000000";
    let [far, elsewhere] = [FAR, ELSEWHERE].map(|id| [("person_id", id)]);
    let (service, _) = Service::with(Tiny::new().copy_row("patients", 1, &far).copy_row("patients", 1, &elsewhere));
    let patients = only(&["patients"]).keep_rows("patients", &[1, 2]);
    let patients = patients.set("patients", 1, "superseded_by", FAR).set("patients", 2, "superseded_by", ELSEWHERE);
    let history = service.deliver("second", "delta", "2026-11-21", patients).unwrap();
    check(&history, FAR, [1, 1, 1]);
    check(&history, ELSEWHERE, [1, 1, 2]);
    [1, 2].iter().for_each(|n| check(&history, &person(*n), [0, 0, 0]));
    assert_eq!(["gp_events", "ed_attendances"].map(|table| history.ledger.rows_of(table)), [3, 3]);
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
fn somebody_merged_into_a_record_that_nobody_has_sent_stands_for_themselves_with_all_of_their_rows() {
    let (_service, history) = merged(&[(1, NOBODY)]);
    check(&history, &person(1), [1, 1, 1]);
    assert_eq!(somebody(&history, ON, &person(1)).patient.superseded_by, None);
    assert_eq!(people(&history, ON).len(), 4);
    assert_eq!(history.n_merged_into_nobody(), 1);
}

/// What `patients` of these people says, with the first one merged into the stranger: one file, whole or not.
fn with_the_stranger() -> Tiny {
    let far = [("person_id", FAR)];
    let patients = only(&["patients"]).copy_row("patients", 1, &far).copy_row("patients", 1, &[("person_id", NOBODY)]);
    patients.set("patients", 1, "superseded_by", NOBODY)
}

#[test]
fn the_rows_follow_the_survivor_once_it_is_sent_and_come_back_when_it_is_sent_no_longer() {
    for (mode, rows) in [("full", &[1, 2, 3, 4, 5][..]), ("delta", &[5])] {
        let (service, waiting) = merged(&[(1, NOBODY)]);
        let was = format!("{:?}", people(&waiting, ON));
        let sent = with_the_stranger().keep_rows("patients", rows);
        let history = service.deliver("third", mode, "2026-11-22", sent).unwrap();
        check(&history, NOBODY, [1, 1, 1]);
        check(&history, &person(1), [0, 0, 0]);
        assert!(somebody(&history, ON, &person(1)).patient.superseded_by.is_some());
        assert_eq!(history.n_merged_into_nobody(), 0);

        let later = only(&["gp_events"]).keep_rows("gp_events", &[1]).set("gp_events", 1, "event_id", "e9");
        let history = service.deliver("fourth", "delta", "2026-11-23", later).unwrap();
        check(&history, NOBODY, [2, 1, 1]);

        let gone = with_the_stranger().keep_rows("patients", &[1, 2, 3, 4]);
        let history = service.deliver("fifth", "full", "2026-11-24", gone).unwrap();
        check(&history, &person(1), [2, 1, 1]);
        assert_eq!(people(&history, ON).len(), 4, "{mode}");
        let undone = only(&["gp_events"]).keep_rows("gp_events", &[1, 2, 3]);
        let history = service.deliver("sixth", "full", "2026-11-25", undone).unwrap();
        assert_eq!(format!("{:?}", people(&history, ON)), was, "{mode}");
    }
}

#[test]
fn a_past_night_knows_of_mergers_and_survivors_what_is_known_today() {
    let (service, waiting) = merged(&[(1, NOBODY)]);
    let past = "2026-11-20";
    assert_eq!(somebody(&waiting, past, &person(1)).gp_events.len(), 1);
    let history = service.deliver("third", "full", "2026-11-22", with_the_stranger()).unwrap();
    let events = |id| somebody(&history, past, id).gp_events.len();
    assert_eq!([events(&person(1)), events(NOBODY)], [0, 1]);
}

#[test]
fn a_delivery_without_patients_takes_no_survivor_away() {
    let (service, _) = merged(&[(1, NOBODY)]);
    service.deliver("third", "full", "2026-11-22", with_the_stranger()).unwrap();
    let history = service.deliver("fourth", "full", "2026-11-23", only(&["gp_events"])).unwrap();
    check(&history, NOBODY, [1, 1, 1]);
}

#[test]
fn of_a_chain_the_last_one_that_was_sent_stands() {
    let (_service, history) = merged(&[(1, &person(2)), (2, NOBODY)]);
    check(&history, &person(2), [2, 2, 3]);
    check(&history, &person(1), [0, 0, 0]);
    assert_eq!(history.n_merged_into_nobody(), 1);
}

/// The tiny delivery's objection, of this person and of a kind that counts.
fn objection(tiny: Tiny, id: &str, status: &str) -> Tiny {
    let tiny = tiny.set("opt_outs", 1, "person_id", id).set("opt_outs", 1, "objection", "type1");
    tiny.set("opt_outs", 1, "status", status)
}

/// Nothing is known of somebody but that they object, by themselves or by another record of theirs.
#[track_caller]
fn is_left_out(history: &History, id: &str) {
    let found = somebody(history, ON, id);
    assert!(!found.is_patient() && is_objecting(&found, &settings::Objections::default()));
    check(history, id, [0, 0, 0]);
}

#[test]
fn an_objection_of_any_record_takes_off_all_of_the_person_s_and_nobody_else() {
    // 1 and 2 are merged into a record that nobody sent, 3 into one that is there.
    for objects in [&person(1), &person(2), NOBODY] {
        let (service, _) = merged(&[(1, NOBODY), (2, NOBODY), (3, FAR)]);
        let history = service
            .deliver("third", "delta", "2026-11-22", objection(only(&["opt_outs"]), objects, "dissent"))
            .unwrap();
        for id in [&person(1), &person(2)] {
            is_left_out(&history, id);
        }
        assert_eq!(people(&history, ON).len(), 4 + usize::from(objects == NOBODY));
        assert_eq!(history.n_merged_into_nobody(), 2, "it is told of them all the same");
        assert!(somebody(&history, ON, FAR).is_patient());
    }
}

#[test]
fn a_survivor_known_by_its_objection_alone_takes_off_whoever_is_merged_into_it_now_and_after() {
    let first = objection(Tiny::new(), NOBODY, "dissent").set("patients", 1, "superseded_by", NOBODY);
    let (service, history) = Service::with(first);
    is_left_out(&history, &person(1));
    // Nothing of what arrives about any of them is kept, and nothing is a stranger's.
    let event = only(&["gp_events"]).keep_rows("gp_events", &[1]).set("gp_events", 1, "event_id", "e9");
    let history = service.deliver("event", "delta", "2026-11-20", event).unwrap();
    assert_eq!((history.ledger.rows_of("gp_events"), history.ledger.withheld["gp_events"]), (2, 2));
    let quality = std::fs::read_to_string(history.folder().join("quality/000002/quality.json")).unwrap();
    assert!(!quality.contains("V07"), "{quality}");
    let sent = only(&["patients"]).keep_rows("patients", &[1]).set("patients", 1, "superseded_by", NOBODY);
    let sent = sent.copy_row("patients", 1, &[("person_id", NOBODY), ("superseded_by", "")]);
    let history = service.deliver("second", "delta", "2026-11-21", sent).unwrap();
    is_left_out(&history, &person(1));
    is_left_out(&history, NOBODY);
    // Taken back, all of them return with what is sent then.
    let back = objection(Tiny::new(), NOBODY, "withdrawn").set("opt_outs", 1, "recorded_at", "2026-11-22T09:00:00Z");
    let back = back.set("patients", 1, "superseded_by", NOBODY);
    let history = service.deliver("third", "full", "2026-11-22", back).unwrap();
    check(&history, &person(1), [1, 1, 1]);
    assert!(!is_objecting(&somebody(&history, ON, &person(1)), &settings::Objections::default()));
}

/// On which day the stranger died, by what this delivery says, and how many reports of deaths count.
fn death_of_the_stranger(history: &History) -> (Option<Day>, u64) {
    let deaths = history.deaths_of_the_unsent(&history.view(Day::parse(ON).unwrap()), 1).unwrap();
    (deaths.into_values().next(), history.ledger.rows_of("deaths"))
}

#[test]
fn a_death_under_a_survivor_that_nobody_has_sent_is_kept_and_is_theirs_once_it_is_sent() {
    let death = |tiny: Tiny| tiny.copy_row("deaths", 1, &[("person_id", NOBODY)]);
    let found = (Day::parse("2026-10-01"), 2);
    let (_service, unmerged) = Service::with(death(Tiny::new()));
    assert_eq!(death_of_the_stranger(&unmerged), (None, 1), "of a stranger it is not");
    // With the merger, and after it.
    let together = death(Tiny::new()).set("patients", 1, "superseded_by", NOBODY);
    let (_service, history) = Service::with(together);
    assert_eq!(death_of_the_stranger(&history), found);
    let (service, _) = merged(&[(1, NOBODY)]);
    let history = service.deliver("third", "delta", "2026-11-22", death(only(&["deaths"]))).unwrap();
    assert_eq!(death_of_the_stranger(&history), found);
    assert_eq!(people(&history, ON).len(), 4, "and makes nobody of the stranger");
    let history = service.deliver("fourth", "full", "2026-11-23", with_the_stranger()).unwrap();
    assert_eq!(somebody(&history, ON, NOBODY).deaths.len(), 1);
    assert_eq!(death_of_the_stranger(&history), (None, 2));
}

#[test]
fn a_death_of_a_survivor_goes_with_everything_else_once_somebody_of_the_group_objects() {
    let (service, _) = merged(&[(1, NOBODY)]);
    let death = only(&["deaths"]).copy_row("deaths", 1, &[("person_id", NOBODY)]);
    service.deliver("third", "delta", "2026-11-22", death).unwrap();
    let objects = objection(only(&["opt_outs"]), &person(1), "dissent");
    let history = service.deliver("fourth", "delta", "2026-11-23", objects).unwrap();
    assert_eq!(death_of_the_stranger(&history), (None, 1));
}

#[test]
fn more_records_than_one_person_has_are_merged_into_nobody_and_share_nothing() {
    let ids: Vec<String> = (11..17).map(person).collect();
    for (n, is_believed) in [(5, true), (6, false)] {
        let add =
            |tiny: Tiny, id: &String| tiny.copy_row("patients", 1, &[("person_id", id), ("superseded_by", NOBODY)]);
        let tiny = ids[..n].iter().fold(Tiny::new(), add);
        let death = tiny.keep_rows("deaths", &[1]).set("deaths", 1, "person_id", NOBODY);
        let (service, history) = Service::with(death);
        let told = history.told_of_mergers(&settings::Rules::default()).concat();
        assert_eq!(
            (told.contains("more than 5 into each"), told.contains("until the other is sent")),
            (!is_believed, is_believed)
        );
        assert_eq!(death_of_the_stranger(&history).0.is_some(), is_believed);
        let objects = objection(only(&["opt_outs"]), &ids[0], "dissent");
        let history = service.deliver("second", "delta", "2026-11-21", objects).unwrap();
        is_left_out(&history, &ids[0]);
        for id in &ids[1..n] {
            assert_eq!(somebody(&history, ON, id).is_patient(), !is_believed, "{n} records");
        }
    }
}

/// One more than one person has, and how `patients` has them, merged into the stranger.
fn crowd() -> Vec<String> {
    (11..17).map(person).collect()
}

fn with_crowd(tiny: Tiny) -> Tiny {
    let add = |tiny: Tiny, id: &String| tiny.copy_row("patients", 1, &[("person_id", id), ("superseded_by", NOBODY)]);
    crowd().iter().fold(tiny, add)
}

#[test]
fn of_a_placeholder_a_death_is_nobody_s_and_an_objection_is_everybody_s_who_is_merged_into_it() {
    let (service, _) = Service::with(with_crowd(Tiny::new()));
    let death = only(&["deaths"]).keep_rows("deaths", &[1]).set("deaths", 1, "person_id", NOBODY);
    let history = service.deliver("second", "delta", "2026-11-21", death).unwrap();
    assert_eq!(death_of_the_stranger(&history), (None, 2), "it is kept by itself");
    let history =
        service.deliver("third", "delta", "2026-11-22", objection(only(&["opt_outs"]), NOBODY, "withdrawn")).unwrap();
    assert_eq!(death_of_the_stranger(&history), (None, 2), "a name in another table makes it nobody's either");
    let objects = objection(only(&["opt_outs"]), NOBODY, "dissent");
    let history = service.deliver("fourth", "delta", "2026-11-23", objects).unwrap();
    crowd().iter().for_each(|id| is_left_out(&history, id));
    let history = service.deliver("fifth", "delta", "2026-11-24", with_crowd(only(&["patients"]))).unwrap();
    crowd().iter().for_each(|id| is_left_out(&history, id));
}

#[test]
fn of_more_records_than_one_person_has_that_were_purged_with_their_survivor_none_comes_back() {
    let again = || with_crowd(only(&["patients"]));
    for who in [NOBODY, &crowd()[0]] {
        let first = || with_crowd(Tiny::new().copy_row("patients", 1, &[("person_id", NOBODY)]));
        let objects = |tiny| objection(tiny, who, "dissent");
        let (service, _) = Service::with(first());
        service.deliver("second", "delta", "2026-11-21", objects(only(&["opt_outs"]))).unwrap();
        let history = service.deliver("third", "delta", "2026-11-22", again()).unwrap();
        crowd().iter().for_each(|id| is_left_out(&history, id));
        // Another of them objects in place of the first.
        let back =
            objection(only(&["opt_outs"]), who, "withdrawn").set("opt_outs", 1, "recorded_at", "2026-11-22T09:00:00Z");
        let other = back.copy_row("opt_outs", 1, &[("person_id", &crowd()[1]), ("status", "dissent")]);
        service.deliver("fourth", "delta", "2026-11-23", other).unwrap();
        let history = service.deliver("fifth", "delta", "2026-11-24", again()).unwrap();
        crowd().iter().for_each(|id| is_left_out(&history, id));
        // Several deliveries of one run.
        let service = Service::new();
        service.put("first", "full", "2026-11-20", objects(first()));
        let history = service.deliver("second", "delta", "2026-11-21", again()).unwrap();
        crowd().iter().for_each(|id| is_left_out(&history, id));
    }
}

#[test]
fn a_record_in_the_midst_of_a_chain_is_somebody_s_though_a_full_list_leaves_it_out() {
    let merged_on = |tiny: Tiny| with_crowd(tiny.copy_row("patients", 1, &[("person_id", FAR)]));
    let link = [("person_id", NOBODY), ("superseded_by", FAR)];
    let (service, _) = Service::with(merged_on(Tiny::new()).copy_row("patients", 1, &link));
    let history = service.deliver("second", "full", "2026-11-21", merged_on(only(&["patients"]))).unwrap();
    let far = somebody(&history, ON, FAR).key;
    assert!(crowd().iter().all(|id| somebody(&history, ON, id).patient.superseded_by.is_some()));
    assert!(crowd().iter().all(|id| history.ledger.survivor(somebody(&history, ON, id).key) == far));
    let objects = objection(only(&["opt_outs"]), &crowd()[0], "dissent");
    let history = service.deliver("third", "delta", "2026-11-22", objects).unwrap();
    is_left_out(&history, FAR);
}

#[test]
fn an_objection_that_came_while_nobody_named_the_record_counts_for_whoever_is_merged_into_it_later() {
    let (service, _) = merged(&[(1, NOBODY)]);
    let back = only(&["patients"]).keep_rows("patients", &[1]);
    service.deliver("third", "delta", "2026-11-22", back).unwrap();
    service.deliver("fourth", "delta", "2026-11-23", objection(only(&["opt_outs"]), NOBODY, "dissent")).unwrap();
    let history = service.deliver("fifth", "delta", "2026-11-24", with_crowd(only(&["patients"]))).unwrap();
    crowd().iter().for_each(|id| is_left_out(&history, id));
}

#[test]
fn a_death_under_a_survivor_that_was_taken_back_is_nobody_s() {
    // Two suppliers of `patients` disagree on person 1, of whom the later one counts.
    let death = Tiny::new().copy_row("deaths", 1, &[("person_id", NOBODY)]);
    let (service, _) = Service::with(death.set("patients", 1, "superseded_by", NOBODY));
    let back =
        only(&["patients", "deaths"]).keep_rows("patients", &[1]).copy_row("deaths", 1, &[("person_id", NOBODY)]);
    let history = service.deliver("second", "delta", "2026-11-21", back).unwrap();
    assert_eq!(death_of_the_stranger(&history).0, None);
    assert!(somebody(&history, ON, &person(1)).deaths.is_empty());
    assert_eq!(people(&history, ON).len(), 3);
}

#[test]
fn a_merger_into_somebody_who_objects_takes_off_whoever_is_merged() {
    let (service, _) = Service::with(objection(Tiny::new(), NOBODY, "dissent"));
    let merger = only(&["patients"]).keep_rows("patients", &[1]).set("patients", 1, "superseded_by", NOBODY);
    let history = service.deliver("second", "delta", "2026-11-21", merger).unwrap();
    is_left_out(&history, &person(1));
    assert_eq!(history.ledger.rows_of("gp_events"), 2);
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
