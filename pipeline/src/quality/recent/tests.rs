use std::{collections::BTreeMap, path::Path};

use proptest::prelude::*;

use super::*;
use crate::{
    quality::profile::{CodeMix, Counts, FeedProfile, Part},
    settings::Settings,
};

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// A Friday; the newest whole week that ended three days before is that of Monday 9 November.
const FRIDAY: &str = "2026-11-20";

/// So many rows on each day up to the one before the extract, of a provider.
fn daily(extracted_on: Day, days: i32, rows: impl Fn(Day) -> u64) -> Counts {
    let days: BTreeMap<Day, u64> = (1..=days).map(|back| extracted_on - back).map(|day| (day, rows(day))).collect();
    let days: BTreeMap<Day, u64> = days.into_iter().filter(|(_, n)| *n > 0).collect();
    let newest = days.keys().next_back().copied();
    Counts { rows: days.values().sum(), newest, days, ..Counts::default() }
}

/// A delivery of one supplier with one table.
fn delivery(extracted_on: Day, table: &str, is_full: bool, providers: Vec<(&str, Counts)>) -> Profile {
    let organisations = providers.into_iter().map(|(name, counts)| (name.to_owned(), counts)).collect();
    let feed = FeedProfile { table: table.to_owned(), supplier: "QMF".to_owned(), is_full, organisations };
    Profile {
        extract_id: format!("of-{extracted_on}"),
        extracted_on,
        feeds: vec![feed],
        sender: String::new(),
        is_full: false,
        lists: Vec::new(),
    }
}

/// What is found on an index date, in words.
fn found(profiles: &[Profile], index_date: Day) -> Vec<String> {
    let settings = Settings::parse("", Path::new("")).unwrap();
    let recent = Recent { profiles, index_date, left: &BTreeSet::new(), rules: &settings.rules };
    let held = |finding: &Finding| if finding.refuses() { "HELD " } else { "" };
    judge(&recent).iter().map(|finding| format!("{}{}", held(finding), finding.text())).collect()
}

/// What is found of one full delivery of A&E attendances, extracted after the index date.
fn found_of(index_date: Day, providers: Vec<(&str, Counts)>) -> Vec<String> {
    found(&[delivery(index_date + 1, "ed_attendances", true, providers)], index_date)
}

/// A hundred attendances a day, but for some days.
fn but(extracted_on: Day, days: std::ops::Range<Day>, rows: u64) -> Counts {
    daily(extracted_on, 200, |day| if days.contains(&day) { rows } else { 100 })
}

#[test]
fn a_trust_that_stops_sending_holds_the_night_with_the_numbers() {
    let friday = day(FRIDAY);
    let stopped = but(friday + 1, day("2026-11-09")..friday + 1, 0);
    assert_eq!(
        found_of(friday, vec![("R1H", but(friday + 1, friday..friday, 0)), ("RF4", stopped)]),
        [
            "HELD ed_attendances of RF4, rule V32: sent 0 rows of the week of 9 November 2026, and 700 were expected, the \
             median of 8 weeks before",
            "ed_attendances of RF4, rule V33: stops on 8 November 2026, 12 days before the index date, and 7 are allowed"
        ]
    );
}

#[test]
fn below_a_fifth_holds_and_a_fifth_warns() {
    let friday = day(FRIDAY);
    let week = day("2026-11-09")..day("2026-11-16");
    let told = |rows| found_of(friday, vec![("R1H", but(friday + 1, week.clone(), rows))]);
    assert!(told(19)[0].starts_with("HELD ed_attendances of R1H, rule V32: sent 133 rows"));
    assert!(told(20)[0].starts_with("ed_attendances of R1H, rule V32: sent 140 rows"));
    assert!(told(50)[0].contains("sent 350 rows"), "half");
    assert!(told(200)[0].contains("sent 1400 rows"), "twice as many is a copy of something");
    // 700 by chance alone are 700 ± 3.29 × √(700 × 1.196) = 700 ± 95.
    assert_eq!(told(87), Vec::<String>::new());
    assert_eq!(told(86).len(), 1);
}

#[test]
fn a_table_of_small_wards_may_be_silent_for_as_long_as_their_rows_come_apart_by_chance() {
    let friday = day(FRIDAY);
    // Stays begin on every fourth day: on 100 of the 397 from the first to the last.
    let ward = |back: i32| daily(friday + 1, 397, move |day| u64::from((friday + 1 - day).rem_euclid(4) == back));
    let age_of = |extracted_on: Day, providers: Vec<(&str, Counts)>, left: &[&str]| {
        let profiles = [delivery(extracted_on, "virtual_ward_stays", true, providers)];
        let left = left.iter().map(|name| (*name).to_owned()).collect();
        let recent = Recent { profiles: &profiles, index_date: friday, left: &left, rules: &Rules::default() };
        ages_days_max(&recent)["virtual_ward_stays"]
    };
    let age = |providers: Vec<(&str, Counts)>, left: &[&str]| age_of(friday + 1, providers, left);
    // 6.91 for one in a thousand, by 0.29 a day.
    assert_eq!(age(vec![("R1H", ward(1))], &[]), 23);
    assert_eq!(age(vec![("R1H", ward(1)), ("RF4", ward(3))], &[]), 14, "together they are silent for 9 days at most");
    assert_eq!(age(vec![("R1H", ward(1)), ("RF4", ward(3))], &["RF4"]), 23, "nothing is expected of whoever has left");
    assert_eq!(age(Vec::new(), &[]), 14);
    assert_eq!(age_of(friday - 13, vec![("R1H", ward(1))], &[]), 23);
    assert_eq!(
        age_of(friday - 14, vec![("R1H", ward(1))], &[]),
        14,
        "what is not sent any more is not silent by chance"
    );
}

#[test]
fn a_small_practice_may_stop() {
    let friday = day(FRIDAY);
    let of = |rows: u64| {
        let counts = daily(friday + 1, 200, |day| if day >= friday - 14 { 0 } else { rows });
        found(&[delivery(friday + 1, "gp_events", true, vec![("F84003", counts)])], friday)
    };
    // 28 a day are 196 a week, and fewer than 200 are expected.
    assert!(of(28).iter().all(|told| told.contains("V33")));
    assert!(of(29)[0].starts_with("HELD gp_events of F84003, rule V32"));
}

/// What is said of the age of a practice's GP entries that were of certain days, so many rows on each, and have stopped.
fn of_silence(silent: i32, rows: u64, has_rows: impl Fn(Day) -> bool) -> Vec<String> {
    let friday = day(FRIDAY);
    let newest = friday - silent;
    let counts = daily(friday + 1, 399 + silent, |day| if day <= newest && has_rows(day) { rows } else { 0 });
    let told = found(&[delivery(friday + 1, "gp_events", true, vec![("F84003", counts)])], friday);
    told.into_iter().filter(|told| told.contains("rule V33")).collect()
}

#[test]
fn a_small_practice_is_late_once_its_silence_is_rare_at_its_own_days_with_rows() {
    let friday = day(FRIDAY);
    // Rows on 200 of 399 days: the thousandth longest silence is of ln(0.001) / ln(199 / 399) = 9.9 days.
    let every_second = |silent: i32| of_silence(silent, 1, |day| (friday - silent - day) % 2 == 0);
    assert_eq!(every_second(9), Vec::<String>::new());
    assert_eq!(
        every_second(10),
        ["gp_events of F84003, rule V33: stops on 10 November 2026, 10 days before the index date, and 9 are allowed"]
    );
    // Rows on 100 of 397 days: ln(0.001) / ln(297 / 397) = 23.8 days.
    let every_fourth = |silent: i32, rows| of_silence(silent, rows, |day| (friday - silent - day) % 4 == 0);
    assert_eq!(every_fourth(23, 3), Vec::<String>::new());
    assert_eq!(
        every_fourth(24, 3),
        ["gp_events of F84003, rule V33: stops on 27 October 2026, 24 days before the index date, and 23 are allowed"]
    );
    // A visit brings several rows: the days between two of them are the same.
    assert_eq!(every_fourth(23, 10), Vec::<String>::new());
    assert_eq!(every_fourth(24, 10).len(), 1);
    // Thirty rows at once are three visits at least: 300 in 397 days, and ln(1000) / (300 / 397) = 9.1 days.
    assert_eq!(every_fourth(9, 30), Vec::<String>::new());
    assert!(every_fourth(10, 30)[0].ends_with("10 days before the index date, and 9 are allowed"));
}

#[test]
fn a_practice_that_is_open_from_monday_to_friday_may_be_as_old_as_its_table() {
    // Rows on five of seven days: ln(0.001) / ln(2 / 7) = 5.5 days, and the table's age is 7. A silence of 7 days begins
    // after Friday the 13th, one of 8 after Thursday.
    let open = |day: Day| day.monday() + 5 > day;
    assert_eq!(of_silence(7, 1, open), Vec::<String>::new());
    assert_eq!(
        of_silence(8, 1, open),
        ["gp_events of F84003, rule V33: stops on 12 November 2026, 8 days before the index date, and 7 are allowed"]
    );
}

#[test]
fn a_practice_that_shares_no_more_is_not_missed() {
    let friday = day(FRIDAY);
    let stopped = daily(friday + 1, 200, |day| if day >= friday - 14 { 0 } else { 100 });
    let profiles = [delivery(friday + 1, "gp_events", true, vec![("F84003", stopped)])];
    let settings = Settings::parse("", Path::new("")).unwrap();
    let left = BTreeSet::from(["F84003".to_owned()]);
    assert!(judge(&Recent { profiles: &profiles, index_date: friday, left: &left, rules: &settings.rules }).is_empty());
}

#[test]
fn christmas_new_year_and_bank_holidays_hold_nothing() {
    // From 22 December to 3 January, on Good Friday and Easter Monday and in the week of the summer holiday next to nothing
    // is sent; every Friday from then on the night is judged.
    let is_still = |day: Day| {
        let text = day.to_string();
        let (year, month_day) = (&text[..4], &text[5..]);
        ("12-22".."12-32").contains(&month_day)
            || ("01-01".."01-04").contains(&month_day)
            || (year == "2026" && (("03-30".."03-32").contains(&month_day) || ("04-01".."04-13").contains(&month_day)))
            || (year == "2026" && ("08-31".."09-07").contains(&month_day))
    };
    for friday in ["2026-01-09", "2026-01-16", "2026-04-10", "2026-04-17", "2026-04-24", "2026-09-11", "2026-09-18"] {
        let friday = day(friday);
        let counts = daily(friday + 1, 300, |day| if is_still(day) { 1 } else { 100 });
        assert_eq!(found_of(friday, vec![("R1H", counts)]), Vec::<String>::new(), "{friday}");
    }
}

#[test]
fn a_week_that_stopped_before_christmas_still_holds_over_christmas() {
    let index_date = day("2026-12-30");
    let counts = daily(index_date + 1, 200, |today| if today >= day("2026-12-14") { 0 } else { 100 });
    assert!(found_of(index_date, vec![("R1H", counts)])[0].starts_with("HELD ed_attendances of R1H, rule V32"));
}

#[test]
fn night_by_night_rows_are_added_and_a_week_is_compared_at_the_same_age() {
    let friday = day(FRIDAY);
    let first = friday - 120;
    // What happens on a day is sent that night; one half more comes as corrections fourteen days later.
    let nightly = |stops: Day| -> Vec<Profile> {
        let history = delivery(first, "ed_attendances", true, vec![("R1H", daily(first, 200, |_| 100))]);
        let deltas = (1..=friday + 1 - first).map(|n| first + n).map(|extracted_on| {
            let mut days = BTreeMap::from([(extracted_on - 15, 50)]);
            days.extend((extracted_on - 1 < stops).then_some((extracted_on - 1, 100)));
            let counts = Counts { rows: 150, newest: days.keys().next_back().copied(), days, ..Counts::default() };
            delivery(extracted_on, "ed_attendances", false, vec![("R1H", counts)])
        });
        std::iter::once(history).chain(deltas).collect()
    };
    assert_eq!(found(&nightly(friday + 1), friday), Vec::<String>::new());
    let stopped = found(&nightly(day("2026-11-09")), friday);
    assert!(stopped[0].starts_with("HELD ed_attendances of R1H, rule V32"), "{stopped:?}");
}

#[test]
fn a_past_night_is_judged_by_what_had_been_sent_by_then() {
    let friday = day(FRIDAY);
    // The trust stopped for two weeks and sent everything later, in a full delivery.
    let stopped = but(friday + 1, day("2026-11-09")..friday + 1, 0);
    let later = friday + 20;
    let whole = delivery(later, "ed_attendances", true, vec![("R1H", but(later, later..later, 0))]);
    let profiles = [delivery(friday + 1, "ed_attendances", true, vec![("R1H", stopped)]), whole];
    assert!(found(&profiles, friday)[0].starts_with("HELD"));
    assert_eq!(found(&profiles, later - 1), Vec::<String>::new());
}

#[test]
fn a_new_provider_is_not_expected_to_have_sent_before_it_was_there() {
    let friday = day(FRIDAY);
    assert_eq!(found_of(friday, vec![("R1H", daily(friday + 1, 30, |_| 100))]), Vec::<String>::new());
}

#[test]
fn a_switch_of_same_day_emergency_care_is_said_and_holds_nothing() {
    let friday = day(FRIDAY);
    let mix = |recent: [u64; 2], earlier: [u64; 2]| {
        let side = |n: [u64; 2]| BTreeMap::from([("01".to_owned(), n[0]), ("05".to_owned(), n[1])]);
        BTreeMap::from([("department_type".to_owned(), CodeMix { recent: side(recent), earlier: side(earlier) })])
    };
    let with = |mix| Counts { mix, ..but(friday + 1, friday..friday, 0) };
    assert_eq!(
        found_of(friday, vec![("R1H", with(mix([2_000, 1_000], [36_000, 0])))]),
        ["ed_attendances of R1H, rule V35: writes other codes in department_type than in the year before (stability \
             index 3.50): most of it is 05, from 0.0% to 33.3%"]
    );
    assert_eq!(found_of(friday, vec![("R1H", with(mix([2_000, 100], [36_000, 1_700])))]), Vec::<String>::new());
    assert_eq!(found_of(friday, vec![("R1H", with(mix([400, 500], [36_000, 0])))]), Vec::<String>::new(), "too few");
}

#[test]
fn codes_that_have_drifted_since_the_model_was_trained_are_said_of_everybody_together() {
    let friday = day(FRIDAY);
    let side = |n: [u64; 2]| BTreeMap::from([("01".to_owned(), n[0]), ("05".to_owned(), n[1])]);
    // Slowly: of no provider do the last weeks differ from the year before.
    let of = |extracted_on: Day, share_of_05: u64| {
        let (recent, earlier) =
            (side([2_000 - 20 * share_of_05, 20 * share_of_05]), side([20_000 - 200 * share_of_05, 200 * share_of_05]));
        let mix = BTreeMap::from([("department_type".to_owned(), CodeMix { recent, earlier })]);
        let counts = Counts { mix, ..but(extracted_on, friday..friday, 0) };
        [delivery(extracted_on, "ed_attendances", true, vec![("R1H", counts.clone()), ("RF4", counts)])]
    };
    let settings = Settings::default();
    let beside = |profiles: &[Profile], snapshot: &Snapshot| {
        let recent = Recent { profiles, index_date: friday, left: &BTreeSet::new(), rules: &settings.rules };
        judge_since(snapshot, &recent).iter().map(Finding::text).collect::<Vec<_>>()
    };
    let trained = of(friday - 400, 5);
    let recent =
        Recent { profiles: &trained, index_date: friday - 401, left: &BTreeSet::new(), rules: &settings.rules };
    let snapshot = snapshot(&recent);
    assert_eq!(snapshot, Snapshot::from([("ed_attendances.department_type".to_owned(), side([41_800, 2_200]))]));
    assert_eq!(found(&of(friday + 1, 30), friday), Vec::<String>::new());
    assert_eq!(
        beside(&of(friday + 1, 30), &snapshot),
        [
            "ed_attendances, rule V35: has other codes in department_type than when the model was trained (stability index \
          0.52): most of it is 05, from 5.0% to 30.0%"
        ]
    );
    assert_eq!(beside(&of(friday + 1, 15), &snapshot), Vec::<String>::new());
    assert_eq!(beside(&of(friday + 1, 30), &Snapshot::new()), Vec::<String>::new(), "a model that knows no snapshot");
}

#[test]
fn a_snapshot_names_no_code_of_a_few_rows() {
    let friday = day(FRIDAY);
    let recent = BTreeMap::from([("01".to_owned(), 10), ("02".to_owned(), 9), ("03".to_owned(), 8)]);
    let mix = BTreeMap::from([("department_type".to_owned(), CodeMix { recent, earlier: BTreeMap::new() })]);
    let profiles = [delivery(friday + 1, "ed_attendances", true, vec![("R1H", Counts { mix, ..Counts::default() })])];
    let recent =
        Recent { profiles: &profiles, index_date: friday, left: &BTreeSet::new(), rules: &Settings::default().rules };
    let kept = &snapshot(&recent)["ed_attendances.department_type"];
    assert_eq!(kept, &BTreeMap::from([("01".to_owned(), 10), ("other".to_owned(), 17)]));
}

#[test]
fn diagnoses_that_are_missing_and_results_and_days_that_crowd_are_said() {
    let friday = day(FRIDAY);
    let part = |n, of| Part { of, n };
    let told = |table: &str, counts: Counts| found(&[delivery(friday + 1, table, true, vec![("R1H", counts)])], friday);
    let coded = |n| Counts {
        complete: BTreeMap::from([("primary_diagnosis".to_owned(), part(n, 1_000))]),
        ..Counts::default()
    };
    assert_eq!(
        told("apc_episodes", coded(949)),
        ["apc_episodes of R1H, rule V34: has a main diagnosis in 94.9% of 1000 rows, and should in 95.0%"]
    );
    assert_eq!(told("apc_episodes", coded(950)), Vec::<String>::new());

    let measured = |n| Counts { commonest: BTreeMap::from([("bmi".to_owned(), part(n, 500))]), ..Counts::default() };
    assert_eq!(
        told("gp_events", measured(101)),
        ["gp_events of R1H, rule V36: has one and the same value in 20.2% of 500 results of body mass index"]
    );
    assert_eq!(told("gp_events", measured(100)), Vec::<String>::new());

    let october = |n: u64| daily(friday + 1, 200, |today| if today == day("2026-10-01") { n } else { 10 });
    // Thirty days of 10 rows, and one of 80.
    assert_eq!(
        told("deaths", october(80)),
        ["deaths of R1H, rule V36: has 21.1% of 380 rows of a month on 1 October 2026"]
    );
    assert_eq!(told("deaths", october(75)), Vec::<String>::new());
}

#[test]
fn a_busy_monday_of_a_small_practice_is_no_default_day() {
    let friday = day(FRIDAY);
    // Thirty days of some rows, and one of more.
    let told = |usual: u64, monday: u64| {
        let rows = daily(friday + 1, 200, |today| if today == day("2026-10-05") { monday } else { usual });
        found(&[delivery(friday + 1, "gp_events", true, vec![("F84001", rows)])], friday)
    };
    let is_crowded = |found: Vec<String>| found.iter().any(|line| line.contains("rule V36"));
    assert!(!is_crowded(told(26, 219)), "219 of 999 rows are more than a fifth, and may be twenty visits");
    assert!(is_crowded(told(26, 220)));
    assert!(!is_crowded(told(40, 300)), "300 of 1,500 rows are a fifth");
}

#[test]
fn whoever_never_sends_the_state_of_numbers_is_not_asked_for_it() {
    let friday = day(FRIDAY);
    let told = |n| {
        let complete = BTreeMap::from([("nhs_number_status".to_owned(), Part { of: 1_000, n })]);
        let counts = Counts { complete, ..Counts::default() };
        found(&[delivery(friday + 1, "patients", true, vec![("QMF", counts)])], friday)
    };
    assert_eq!(told(0), Vec::<String>::new());
    assert_eq!(
        told(970),
        ["patients of QMF, rule V34: has a traced NHS number in 97.0% of 1000 rows, and should in 98.0%"]
    );
}

#[test]
fn the_stability_index_is_that_of_the_textbook() {
    let side = |n: [u64; 3]| ["a", "b", "c"].map(str::to_owned).into_iter().zip(n).collect::<BTreeMap<String, u64>>();
    // (0.2 - 0.5) ln(0.2 / 0.5) + 0 + (0.5 - 0.2) ln(0.5 / 0.2) = 0.6 ln 2.5.
    let mix =
        CodeMix { recent: side([2_000_000, 3_000_000, 5_000_000]), earlier: side([5_000_000, 3_000_000, 2_000_000]) };
    let drift = codes::drift(&mix, 50);
    assert!((drift.index - 0.6 * 2.5_f64.ln()).abs() < 1e-5, "{}", drift.index);
}

/// Attendances of a day: more on Mondays, fewer in summer, fewer over Christmas, and swings of some per cent by chance.
fn lifelike(provider: u64, day: Day, mean: f64) -> u64 {
    let chance =
        (u64::from(day.0 as u32) * 2_654_435_761 + provider * 40_503).wrapping_mul(6_364_136_223_846_793_005) >> 33;
    let chance = (chance % 10_001) as f64 / 10_000.0 - 0.5;
    let weekday = [1.2, 1.05, 1.0, 1.0, 1.0, 0.9, 0.85][(day - day.monday()) as usize];
    let season = 1.0 + 0.08 * (f64::from(day.0) * std::f64::consts::TAU / 365.25).cos();
    let quiet = if is_ordinary(day) { 1.0 } else { 0.7 };
    (mean * weekday * season * quiet * (1.0 + 0.3 * chance)).round() as u64
}

fn is_ordinary(day: Day) -> bool {
    crate::day::bank_holidays::is_ordinary_week(day.monday())
}

/// Deliveries of a year of nights: a first full one, and then each night the rows of the day before.
fn lifelike_nights(first: Day, nights: i32) -> Vec<Profile> {
    let names: Vec<String> = (0..23).map(|n| format!("P{n:02}")).collect();
    // Three large trusts and twenty that are just large enough to be judged, or not.
    let mean = |n: usize| if n < 3 { 300.0 } else { 20.0 + 3.0 * n as f64 };
    let counts = |extracted_on, days| {
        let one = |(n, name): (usize, &String)| {
            let counts = daily(extracted_on, days, |day| lifelike(n as u64, day, mean(n)));
            (name.clone(), counts)
        };
        names.iter().enumerate().map(one).collect::<BTreeMap<String, Counts>>()
    };
    let profile = |n: i32| {
        let extracted_on = first + n;
        let organisations = counts(extracted_on, if n == 0 { 200 } else { 1 });
        let (table, supplier) = ("ed_attendances".to_owned(), "QMF".to_owned());
        let feed = FeedProfile { table, supplier, is_full: n == 0, organisations };
        Profile {
            extract_id: n.to_string(),
            extracted_on,
            feeds: vec![feed],
            sender: String::new(),
            is_full: false,
            lists: Vec::new(),
        }
    };
    (0..=nights).map(profile).collect()
}

#[test]
fn ninety_lifelike_nights_over_christmas_and_easter_hold_nothing_and_warn_seldom() {
    let first = day("2026-01-01") - 20;
    let profiles = lifelike_nights(first, 110);
    let nights: Vec<Vec<String>> = (20..110).map(|n| found(&profiles, first + n)).collect();
    assert_eq!(nights.len(), 90);
    assert_eq!(nights.iter().flatten().filter(|told| told.starts_with("HELD")).count(), 0);
    // 23 providers on 90 nights are 2,070 judgements, of 13 different weeks.
    let warned = nights.iter().flatten().count();
    assert!(warned <= 40, "{warned}: {:?}", nights.iter().flatten().next());
}

proptest! {
    #[test]
    fn deliveries_of_one_day_may_come_in_any_order(turn in 0..4usize, halves in prop::collection::vec(0..200u64, 4)) {
        let friday = day(FRIDAY);
        let of = |n: usize| {
            let counts = daily(friday + 1, 200, |day| if day > friday - 12 { halves[n] } else { 100 });
            let mut one = delivery(friday + 1, "ed_attendances", true, vec![("R1H", counts)]);
            one.feeds[0].supplier = format!("S{n}");
            one
        };
        let mut profiles: Vec<Profile> = (0..4).map(of).collect();
        let told = found(&profiles, friday);
        profiles.rotate_left(turn);
        prop_assert_eq!(told, found(&profiles, friday));
    }
}
