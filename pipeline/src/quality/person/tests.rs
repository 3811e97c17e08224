//! Small lives, each with what is odd about it and without it.

use super::{Findings, Limits, Oddities, Oddity, oddities};
use crate::{
    cohort::tests::life::{assessed, day, person},
    day::Instant,
    history::records::{Code, InpatientNow, Person, PersonKey, ShortCode},
    settings::Rules,
};

const REGISTERED: &str = "gp F99901 2010-01-01 - regular\n";

fn limits() -> Limits {
    Limits::of(&Rules::default())
}

fn found(person: &Person) -> Oddities {
    assessed(person, |assessed| oddities(assessed, day("2026-11-20"), &limits()))
}

#[track_caller]
fn check(person: &Person, expected: &[(Oddity, u64)]) {
    assert_eq!(found(person).found().collect::<Vec<_>>(), expected);
}

/// Somebody registered, of whom these lines say more.
fn registered(lines: &str) -> Person {
    person(&format!("{REGISTERED}{lines}"))
}

/// Somebody with one stay of two episodes, from 1 to 9 May.
fn two_episodes() -> Person {
    let stay = "stay R1H 2026-05-01 2026-05-09 21 19 J440\n";
    let mut person = registered(&format!("{stay}{stay}"));
    person.episodes[1].spell_id = person.episodes[0].spell_id.clone();
    person.episodes[1].episode_order = 2;
    person
}

#[test]
fn nothing_is_odd_about_an_ordinary_life() {
    check(&registered("stay R1H 2026-05-01 2026-05-09 21 19 J440\nvisit 2026-05-01 -"), &[]);
    check(&two_episodes(), &[]);
}

#[test]
fn who_was_seen_after_their_death_is_counted_and_who_was_not_is_not() {
    check(&registered("dead 2026-10-01 ons\nvisit 2026-10-05 -"), &[(Oddity::DisputedDeath, 1)]);
    check(&registered("dead 2026-10-01 ons\nvisit 2026-10-01 -"), &[]);
}

#[test]
fn episodes_are_numbered_from_one_without_a_gap() {
    for (orders, is_odd) in [([1, 2], false), ([2, 1], false), ([1, 3], true), ([2, 3], true), ([1, 1], true)] {
        let mut person = two_episodes();
        for (episode, order) in person.episodes.iter_mut().zip(orders) {
            episode.episode_order = order;
        }
        assert_eq!(found(&person).count(Oddity::EpisodesOutOfOrder), u64::from(is_odd), "{orders:?}");
    }
}

#[test]
fn episodes_of_a_stay_agree_on_its_days() {
    let mut person = two_episodes();
    person.episodes[1].admission_date = day("2026-05-02");
    check(&person, &[(Oddity::SeveralAdmissions, 1)]);
    let mut person = two_episodes();
    person.episodes[1].discharge_date = Some(day("2026-05-10"));
    check(&person, &[(Oddity::SeveralDischarges, 1)]);
    // The last one is not over, which is no disagreement.
    let mut person = two_episodes();
    person.episodes[1].discharge_date = None;
    person.episodes[1].episode_end = None;
    assert_eq!(found(&person).count(Oddity::SeveralDischarges), 0);
}

#[test]
fn a_stay_of_a_thousand_days_is_likely_and_of_one_more_is_not() {
    check(&registered("stay R1H 2020-01-01 2022-09-27 21 19 J440"), &[]);
    check(&registered("stay R1H 2020-01-01 2022-09-28 21 19 J440"), &[(Oddity::LongStay, 1)]);
}

#[test]
fn an_open_stay_of_half_a_year_is_never_closed_unless_there_is_a_bed() {
    check(&registered("stay R1H 2026-05-24 - 21 - J440"), &[]);
    let mut person = registered("stay R1H 2026-05-23 - 21 - J440");
    check(&person, &[(Oddity::NeverClosed, 1)]);
    let bed = |snapshot: &str| InpatientNow {
        provider: ShortCode::new("R1H"),
        site_code: Code::new(""),
        admitted_on: day("2026-05-23"),
        snapshot_at: Instant::at_start_of(day(snapshot)),
    };
    person.inpatient_now = vec![bed("2026-11-20")];
    check(&person, &[]);
    // Beds that were counted the day before say nothing of today.
    person.inpatient_now = vec![bed("2026-11-19")];
    check(&person, &[(Oddity::NeverClosed, 1)]);
}

#[test]
fn one_open_registration_is_as_it_should_be() {
    check(&person(""), &[(Oddity::Unregistered, 1)]);
    check(
        &person("gp V81999 2010-01-01 - regular\ngp F99901 2010-01-01 2020-01-01 regular"),
        &[(Oddity::Unregistered, 1)],
    );
    check(&registered("gp F99902 2026-10-01 - regular"), &[(Oddity::SeveralRegistrations, 1)]);
    check(&registered("gp F99902 2026-10-01 - temporary\ngp A11111 2000-01-01 2009-12-31 regular"), &[]);
    // Whoever has died is registered nowhere as a rule.
    check(&person("dead 2026-10-01 ons"), &[]);
}

/// Lines that begin alike, one for each of the first days of 2025.
fn daily(n: usize, line: impl Fn(&str) -> String) -> String {
    (0..n).map(|at| line(&(day("2025-01-01") + at as i32).to_string()) + "\n").collect()
}

#[test]
fn a_hundred_ordinary_stays_a_year_are_one_person_and_one_more_may_be_two() {
    let stays = |n, class: &str| {
        let mut person = registered(&daily(n, |day| format!("stay R1H {day} {day} 13 19 Z491")));
        person.episodes.iter_mut().for_each(|episode| episode.patient_classification = Code::new(class));
        person
    };
    check(&stays(100, "1"), &[]);
    check(&stays(101, "1"), &[(Oddity::ManyStays, 1)]);
    // Dialysis every other day, as it is recorded.
    check(&stays(200, "3"), &[]);
    // As many, but not within a year.
    let mut late = stays(101, "1");
    late.episodes[100].admission_date = day("2026-01-01");
    late.episodes[100].discharge_date = Some(day("2026-01-01"));
    check(&late, &[]);
}

#[test]
fn an_attendance_every_day_is_one_person_and_one_more_may_be_two() {
    let visits = |n| registered(&daily(n, |day| format!("visit {day} -")));
    check(&visits(365), &[]);
    let twice = format!("{}visit 2025-03-01 -\n", daily(365, |day| format!("visit {day} -")));
    check(&registered(&twice), &[(Oddity::ManyAttendances, 1)]);
    let mut sdec = registered(&twice);
    sdec.attendances.iter_mut().for_each(|visit| visit.department_type = Code::new("05"));
    check(&sdec, &[]);
}

#[test]
fn nights_at_two_hospitals_on_more_than_three_dates_may_be_two_people() {
    let stays = |from: &str| {
        registered(&format!("stay R1H 2026-05-01 2026-05-10 21 19 J440\nstay RF4 {from} 2026-05-20 21 19 J440"))
    };
    check(&stays("2026-05-10"), &[]);
    check(&stays("2026-05-07"), &[]);
    check(&stays("2026-05-06"), &[(Oddity::TwoPlacesAtOnce, 1)]);
    // A stay that was never closed is in nobody's way.
    let open = "stay R1H 2026-01-01 - 21 - J440\nstay RF4 2026-05-01 2026-05-20 21 19 J440";
    check(&registered(open), &[(Oddity::NeverClosed, 1)]);
    let same = "stay R1H 2026-05-01 2026-05-10 21 19 J440\nstay R1H 2026-05-02 2026-05-20 21 19 J440";
    check(&registered(same), &[]);
}

#[test]
fn of_whoever_objects_nothing_is_looked_at() {
    for line in ["says type1 dissent 2020-01-01", "is test", "is merged"] {
        check(&person(&format!("stay R1H 2020-01-01 - 21 - J440\n{line}")), &[]);
    }
}

#[test]
fn what_is_found_in_many_adds_up_and_lists_only_records_that_may_be_mixed() {
    let key = |n: u8| PersonKey::parse(&format!("{n:02x}").repeat(32)).unwrap();
    let of = |oddity: Oddity| {
        let mut found = Oddities::default();
        found.note(oddity, 1);
        found
    };
    let mut findings = Findings::default();
    findings.note(key(2), &of(Oddity::ManyStays));
    findings.note(key(3), &of(Oddity::NeverClosed));
    let mut others = Findings::default();
    others.note(key(1), &of(Oddity::TwoPlacesAtOnce));
    findings.add(others);
    assert!(findings.may_mix(key(1)) && findings.may_mix(key(2)) && !findings.may_mix(key(3)));
    assert_eq!(findings.counts.found().count(), 3);
    assert_eq!(findings.warnings().len(), 2);
    assert_eq!(findings.warnings()[1], "rule V30: people who were in hospital at two places on the same dates: 1");
    let csv = String::from_utf8(findings.mixed_csv()).unwrap();
    let (one, two) = (key(1).to_text(), key(2).to_text());
    assert_eq!(
        csv,
        format!(
            "person_id,rule,reason\r\n{one},V30,in two hospitals at once\r\n{two},V30,ordinary stays within a year\r\n"
        )
    );
}

#[test]
fn a_list_of_mixed_records_forgets_some_people_and_keeps_the_others() {
    let person = |n: u8| PersonKey::parse(&format!("{n:064x}")).unwrap();
    let csv = format!(
        "person_id,rule,reason\r\n{0},V30,a\r\n{0},V30,b\r\n{1},V30,a\r\n",
        person(1).to_text(),
        person(2).to_text()
    );
    let left = super::mixed_without(csv.as_bytes(), &[person(1)].into()).unwrap();
    assert_eq!(String::from_utf8(left).unwrap(), format!("person_id,rule,reason\r\n{},V30,a\r\n", person(2).to_text()));
    assert_eq!(super::mixed_without(csv.as_bytes(), &[person(3)].into()), None);
}
