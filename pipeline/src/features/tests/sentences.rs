//! Every statement that can be told, told once: read the list aloud.

use earlycall_schemas::catalogue::{ItemList, View::*, catalogue};

use super::support::{ALL_FEEDS, Life, index_date};
use crate::{cohort::stay::StayKind::*, features::Feeds};

/// Somebody to whom everything happened.
fn life() -> Life {
    let mut life = Life::new()
        .stay(Emergency, "2026-05-03", "2026-05-09", "J440 I500 F051 R296")
        .stay(Emergency, "2026-03-10", "2026-03-12", "S720")
        .stay(Emergency, "2026-10-28", "2026-11-02", "J441")
        .stay(Elective, "2026-02-01", "2026-02-04", "M170")
        .stay(DayCase, "2026-06-01", "2026-06-01", "H269")
        .stay(RegularAttender, "2026-06-11", "2026-06-11", "N185")
        .stay(SameDayEmergencyCare, "2026-07-01", "2026-07-01", "N390")
        .attendance_by("2026-10-28", "01", "1", 1_048_031_000_000_100, 0)
        .attendance_by("2025-12-25", "01", "1", 0, 1_066_301_000_000_103)
        .attendance("2024-12-26", "05", "1");
    for (n, condition) in ItemList::Conditions.items().iter().enumerate() {
        life = life.condition(&condition.name, &format!("{}-05-17", 1990 + n));
    }
    for (n, section) in ItemList::BnfSections.items().iter().enumerate() {
        let day = (index_date() - 3 * n as i32 - 1).to_string();
        life = life.prescription(&day, &section.name).prescription(&day, &section.name);
    }
    for (snomed, value) in [
        (999_791_000_000_106, 82_000),
        (1_011_481_000_000_105, 45_000),
        (1_000_731_000_000_107, 121_400),
        (60_621_009, 36_240),
        (72_313_002, 165_000),
        (1_091_811_000_000_102, 98_000),
        (431_314_004, 91_000),
        (364_075_005, 104_000),
        (86_290_005, 22_000),
        (27_113_001, 81_500),
        (1_104_051_000_000_101, 5_000),
    ] {
        life = life.result("2026-05-03", snomed, value);
    }
    life.person.patient.care_home_resident = Some(true);
    life.person.patient.housebound = Some(true);
    with_readings(with_services(life))
}

/// Everybody around them came, and they came to nobody.
fn with_services(mut life: Life) -> Life {
    for n in 0..20 {
        life = life
            .feed(GpAppointments, n, &["is_attended"])
            .feed(CommunityContacts, n, &["is_seen", "is_district_nursing"])
            .feed(TelecareEvents, n, &["is_alarm", "is_of_fall"]);
    }
    for n in 0..70 {
        // A quarter of an hour of late, and half an hour before.
        let minutes = if n < 14 { 15 } else { 30 };
        life = life.feed_of(HomeCareVisits, n, &["is_delivered"], Some(minutes), None);
    }
    for n in [1, 40] {
        life = life
            .feed(GpAppointments, n, &["is_missed"])
            .feed(GpAppointments, n, &["is_attended", "is_home_visit"])
            .feed(OutpatientAppointments, n, &["is_missed"])
            .feed(CommunityContacts, n, &["is_missed"])
            .feed(CommunityContacts, n, &["is_seen", "is_rapid_response"])
            .feed(HomeCareVisits, n, &["is_missed"])
            .feed(HomeCareVisits, n, &["is_declined"])
            .feed(HomeCareVisits, n, &["has_concern", "has_fall"])
            .feed(VirtualWardStays, n, &[])
            .feed(TelecareEvents, n, &["is_no_activity"])
            .feed(TelecareEvents, n, &["is_missed_medication"])
            .feed_of(SocialPrescribingReferrals, n, &["has_need_of_company", "has_need_of_basics"], Some(2), None);
    }
    for n in 0..6 {
        life = life.feed(OutpatientAppointments, 30 * n, &["is_attended"]);
    }
    life.feed(TelecareEvents, 100, &["is_alarm"]).feed(WaitingListEntries, 120, &["is_open"]).feed(
        WaitingListEntries,
        50,
        &["is_open", "is_urgent"],
    )
}

/// A week unlike the weeks before.
fn with_readings(mut life: Life) -> Life {
    for (item, usual, now) in [
        ("spo2", 95_000, 91_500),
        ("heart_rate", 70_000, 95_000),
        ("respiratory_rate", 15_000, 20_000),
        ("weight", 80_000, 83_200),
        ("systolic_bp", 130_000, 105_000),
        ("temperature", 36_600, 37_800),
        ("news2_total", 1_000, 5_000),
    ] {
        for n in 0..28 {
            let value = if n < 7 { now } else { usual };
            life = life.feed_of(RemoteMonitoring, n, &[], Some(value), Some(item));
        }
    }
    life
}

#[test]
fn every_statement_reads_as_it_should() {
    let told = life().told();
    let expected: Vec<&str> = include_str!("sentences.txt").lines().collect();
    for (told, expected) in told.iter().zip(&expected) {
        assert_eq!(format!("{}: {}", told.statement, told.sentence), *expected);
    }
    assert_eq!(told.len(), expected.len());
}

#[test]
fn every_statement_that_is_not_sensitive_is_in_the_list() {
    let told: Vec<String> = life().told().into_iter().map(|told| told.statement).collect();
    for entry in catalogue().entries().iter().filter(|entry| !entry.sensitive) {
        assert!(told.contains(&entry.statement), "{} is never told", entry.statement);
    }
    let mut once = told.clone();
    once.dedup();
    assert_eq!(once, told, "a statement is told once");
}

#[test]
fn one_is_singular_and_twelve_months_are_told_first() {
    let once = Life::new().stay(Emergency, "2026-11-03", "2026-11-04", "J440");
    let sentence = |life: &Life| life.sentence("emergency_admissions").unwrap();
    assert_eq!(sentence(&once), "1 emergency admission in the last 12 months, on 3 November 2026 for COPD");
    let long_ago = Life::new().stay(Emergency, "2024-11-03", "2024-11-04", "J440").stay(
        Emergency,
        "2024-12-03",
        "2024-12-04",
        "J440",
    );
    assert_eq!(sentence(&long_ago), "2 emergency admissions in the last 3 years, the last on 3 December 2024 for COPD");
    let nothing = Life::new().stay(Emergency, "2020-11-03", "2020-11-04", "J440");
    assert_eq!(nothing.sentence("emergency_admissions"), None, "beyond three years nothing is told");
}

#[test]
fn ages_are_not_told_beyond_90() {
    let mut life = Life::new();
    for (born, sentence) in [
        ("1942-03-01", "Is 84 years old"),
        ("1936-11-01", "Is 90 years old or over"),
        ("1920-01-01", "Is 90 years old or over"),
    ] {
        life.birth_month = super::support::day(born);
        assert_eq!(life.sentence("age_years").unwrap(), sentence);
    }
}

#[test]
fn what_is_missing_or_not_the_case_is_not_told() {
    let mut life = life();
    let no_prescriptions = Feeds::new(ALL_FEEDS.into_iter().filter(|feed| *feed != "gp_prescriptions"));
    assert!(life.told_with(&no_prescriptions).iter().all(|told| !told.sentence.contains("prescription")));
    life.person.patient.housebound = Some(false);
    life.person.patient.care_home_resident = None;
    assert_eq!((life.sentence("housebound"), life.sentence("care_home_resident")), (None, None));
    life.birth_month = super::support::day("1960-01-01");
    assert_eq!(life.sentence("hfrs_points"), None, "the frailty score starts at 75");
    let mild = Life::new().stay(Emergency, "2026-05-03", "2026-05-04", "R296");
    assert_eq!(
        (mild.number("hfrs_points_730d"), mild.sentence("hfrs_points")),
        (36, None),
        "3.6 points are a low score"
    );
}

#[test]
fn a_long_list_of_conditions_names_the_newest() {
    let life = Life::new().condition("copd", "2001-01-01").condition("asthma", "1999-01-01");
    assert_eq!(
        life.sentence("conditions_n").unwrap(),
        "Has 2 long-term conditions: asthma and COPD, the newest since 1 January 2001"
    );
    let five = life.condition("ckd", "2003-01-01").condition("chd", "2002-01-01").condition("epilepsy", "2020-01-01");
    assert_eq!(
        five.sentence("conditions_n").unwrap(),
        "Has 5 long-term conditions: COPD, coronary heart disease, chronic kidney disease, epilepsy and others, \
         the newest since 1 January 2020"
    );
}
