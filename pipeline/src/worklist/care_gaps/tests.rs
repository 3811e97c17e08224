//! One gap asked of short lives on 20 November 2026, with the sentence written by hand.

use earlycall_schemas::{
    care_gaps::{Kind, care_gaps},
    codelists::conditions,
};

use super::{find::Found, *};
use crate::{
    cohort::{
        assess,
        tests::life::{circumstances, day, person},
    },
    features::{Feeds, tests::deny::DENIED},
    history::{RecordsEnd, records::ShortCode},
    quality::recent::{Late, Newest},
    settings::Settings,
};

/// Born in March 1950, with the first practice since 2010, weighed once in 2014, and with a medicine of 2015.
const PATIENT: &str = "born 1950-03 E01000001\ngp F99901 2010-01-01 - regular\ncode 2014-01-01 27113001 80\n\
                       issue 2015-01-01 0101010C0\n";
/// Born in March 1950, with the first practice since 2010, and nothing else on record.
const UNKNOWN: &str = "born 1950-03 E01000001\ngp F99901 2010-01-01 - regular\n";
const DIABETES: &str = "code 2012-05-01 73211009\n";
const ASTHMA: &str = "code 2012-05-01 195967001\n";
const KIDNEYS: &str = "code 2012-05-01 433144002\n";
const HIGH_BLOOD_PRESSURE: &str = "code 2012-05-01 38341003\n";
const FIBRILLATION: &str = "code 2012-05-01 49436004\n";
const ALL_FEEDS: [&str; 3] = ["gp_events", "gp_prescriptions", "apc_episodes"];

fn settings(text: &str) -> CareGaps {
    Settings::parse(text, std::path::Path::new("")).unwrap().care_gaps
}

/// Everything off but one gap, with these limits of it.
fn only(id: &str, limits: &str) -> CareGaps {
    assert!(care_gaps().gap(id).is_some(), "{id}");
    let others = care_gaps().all().iter().filter(|gap| gap.id != id).map(|gap| format!("{:?}", gap.id));
    let off = others.collect::<Vec<_>>().join(", ");
    settings(&format!("[care_gaps]\noff = [{off}]\n[care_gaps.limits.{id}]\n{limits}"))
}

/// What is told of a life when some feeds are there and others are late.
fn told_when(settings: &CareGaps, life: &str, feeds: &[&str], late: &[Late]) -> Vec<String> {
    let feeds = Feeds::new(feeds.iter().copied());
    circumstances(|at| {
        let at = Circumstances { feeds: &feeds, ..*at };
        told(&assess(&person(life), &at), &at, &Lateness::of(late), settings)
    })
}

/// What one gap tells of a patient; nothing where it tells nothing.
fn one(id: &str, life: &str) -> String {
    told_when(&only(id, ""), &format!("{PATIENT}{life}"), &ALL_FEEDS, &[]).join("; ")
}

fn late(table: &'static str, provider: &str) -> Late {
    Late { table, provider: provider.to_owned(), newest: Newest::On(day("2026-11-03")) }
}

// Not measured.

#[test]
fn what_was_last_measured_before_the_window_is_told_with_its_day() {
    let told = |day: &str| one("hba1c_not_measured", &format!("{DIABETES}code {day} 999791000000106 60"));
    assert_eq!(told("2025-08-21"), "No HbA1c blood test on record since 21 August 2025");
    assert_eq!(told("2025-08-22"), "", "456 days back: the first day of the window");
    assert_eq!(one("hba1c_not_measured", DIABETES), "No HbA1c blood test on record");
}

#[test]
fn a_test_whose_value_could_not_be_read_was_done_all_the_same() {
    assert_eq!(one("hba1c_not_measured", &format!("{DIABETES}code 2026-03-02 999791000000106")), "");
}

#[test]
fn a_gap_is_about_nobody_without_its_condition() {
    assert_eq!(one("hba1c_not_measured", "code 2012-05-01 13645005"), "");
    assert_eq!(one("ckd_kidney_test_not_done", DIABETES), "");
    assert_eq!(one("ckd_kidney_test_not_done", KIDNEYS), "No kidney blood test (eGFR) on record");
}

// Whether the record can tell.

#[test]
fn whoever_came_to_the_practice_within_the_window_may_have_been_tested_before() {
    let told = |since: &str| {
        let life =
            format!("born 1950-03 E01000001\ngp F99901 {since} - regular\ncode 2014-01-01 27113001 80\n{DIABETES}");
        told_when(&only("hba1c_not_measured", ""), &life, &ALL_FEEDS, &[])
    };
    assert_eq!(told("2025-08-21"), ["No HbA1c blood test on record"]);
    assert_eq!(told("2025-08-22"), Vec::<String>::new());
}

#[test]
fn a_diagnosis_within_the_window_has_not_been_followed_so_long() {
    assert_ne!(one("hba1c_not_measured", "code 2025-08-21 73211009"), "");
    assert_eq!(one("hba1c_not_measured", "code 2025-08-22 73211009"), "");
}

#[test]
fn a_record_that_begins_within_the_window_does_not_tell_what_was_before() {
    let told = |more: &str| {
        let life = format!("{UNKNOWN}{DIABETES}{more}");
        told_when(&only("hba1c_not_measured", ""), &life, &ALL_FEEDS, &[]).join("; ")
    };
    assert_eq!(told("code 2025-08-21 60621009 31"), "No HbA1c blood test on record");
    assert_eq!(told("code 2025-08-22 60621009 31"), "");
    assert_eq!(told(""), "", "a diagnosis of 2012 may have been written down yesterday");
}

#[test]
fn of_a_feed_that_is_missing_or_late_nothing_is_told_from_absence() {
    let life = format!("{PATIENT}{DIABETES}");
    let told = |feeds: &[&str], late: &[Late]| told_when(&only("hba1c_not_measured", ""), &life, feeds, late).len();
    assert_eq!(told(&ALL_FEEDS, &[]), 1);
    assert_eq!(told(&["gp_prescriptions", "apc_episodes"], &[]), 0);
    assert_eq!(told_when(&CareGaps::default(), &life, &["apc_episodes"], &[]), ["No data"]);
    assert_eq!(told(&ALL_FEEDS, &[late("gp_events", "F99901")]), 0);
    assert_eq!(told(&ALL_FEEDS, &[late("gp_events", "F99902"), late("gp_prescriptions", "F99901")]), 1);
}

#[test]
fn a_practice_whose_files_are_wanting_or_not_shared_tells_nothing_from_absence() {
    type Wanting = fn(&mut crate::history::PracticeRow);
    let wanting: [Wanting; 3] = [
        |practice| practice.gap = Some(RecordsEnd::On(day("2026-11-13"))),
        |practice| practice.is_part_read = true,
        |practice| practice.shares = false,
    ];
    for change in wanting {
        circumstances(|at| {
            let mut reference = at.reference.clone();
            change(reference.practices.get_mut(&ShortCode::new("F99901")).unwrap());
            let at = Circumstances { reference: &reference, ..*at };
            let person = person(&format!("{PATIENT}{DIABETES}code 2026-03-02 1049301000000100 80"));
            let told = |id| told(&assess(&person, &at), &at, &Lateness::default(), &only(id, ""));
            assert_eq!(told("diabetes_bmi_not_taken"), Vec::<String>::new());
            assert_eq!(told("hba1c_high").len(), 1, "what is on record is told");
        });
    }
}

#[test]
fn of_whoever_has_no_practice_of_the_area_there_is_no_data_and_not_none() {
    let life = format!("born 1950-03 E01000001\n{DIABETES}code 2026-03-02 999791000000106 80");
    assert_eq!(told_when(&CareGaps::default(), &life, &ALL_FEEDS, &[]), ["No data"]);
    let life = format!("{life}\ngp F99909 2010-01-01 - regular");
    assert_eq!(told_when(&CareGaps::default(), &life, &ALL_FEEDS, &[]), ["No data"]);
}

// The last value.

#[test]
fn a_last_value_above_its_limit_is_told_with_its_day() {
    let told = |entries: &str| one("hba1c_high", &format!("{DIABETES}{entries}"));
    let sentence = "Last HbA1c 76 mmol/mol on 2 March 2026, above 75";
    assert_eq!(told("code 2026-03-02 999791000000106 76"), sentence);
    assert_eq!(told("code 2026-03-02 999791000000106 75"), "");
    assert_eq!(told("code 2026-03-02 999791000000106 75.04"), "", "told as 75, which is not above 75");
    assert_eq!(told("code 2026-03-02 999791000000106 75.3"), "Last HbA1c 75.3 mmol/mol on 2 March 2026, above 75");
}

#[test]
fn only_the_newest_value_counts_and_one_that_cannot_be_read_hides_it() {
    let told = |entries: &str| one("hba1c_high", &format!("{DIABETES}code 2026-03-02 999791000000106 84\n{entries}"));
    assert_ne!(told("code 2025-09-01 999791000000106 60"), "");
    assert_eq!(told("code 2026-06-01 1049301000000100 60"), "");
    assert_eq!(told("code 2026-06-01 999791000000106"), "");
    let last = |day: &str| one("hba1c_high", &format!("{DIABETES}code {day} 999791000000106 84"));
    assert_eq!((last("2025-08-21").is_empty(), last("2025-08-22").is_empty()), (true, false));
}

#[test]
fn a_value_on_record_is_told_though_newer_rows_may_be_late() {
    let life = format!("{PATIENT}{DIABETES}code 2026-03-02 999791000000106 84");
    let told = |feeds: &[&str]| told_when(&only("hba1c_high", ""), &life, feeds, &[late("gp_events", "F99901")]).len();
    assert_eq!((told(&ALL_FEEDS), told(&["gp_prescriptions", "apc_episodes"])), (1, 0));
}

#[test]
fn either_number_of_a_blood_pressure_can_be_too_high_and_both_are_told() {
    let told = |upper: &str, lower: &str| {
        let life =
            format!("{HIGH_BLOOD_PRESSURE}code 2026-03-02 72313002 {upper}\ncode 2026-03-02 1091811000000102 {lower}");
        one("blood_pressure_high", &life)
    };
    assert_eq!(told("140", "70"), "Last blood pressure 140/70 on 2 March 2026: the aim is below 140/90");
    assert_eq!(told("138", "91"), "Last blood pressure 138/91 on 2 March 2026: the aim is below 140/90");
    assert_eq!(told("139", "89"), "");
    assert_eq!(one("blood_pressure_high", &format!("{HIGH_BLOOD_PRESSURE}code 2026-03-02 72313002 190")), "");
}

#[test]
fn from_eighty_years_on_the_limit_of_blood_pressure_is_higher() {
    let told = |born: &str, upper: &str| {
        let life = format!(
            "born {born} E01000001\ngp F99901 2010-01-01 - regular\n{HIGH_BLOOD_PRESSURE}\
             code 2026-03-02 72313002 {upper}\ncode 2026-03-02 1091811000000102 80"
        );
        told_when(&CareGaps::default(), &life, &ALL_FEEDS, &[]).join("; ")
    };
    assert_eq!(told("1946-11", "149"), "");
    assert_eq!(told("1946-11", "150"), "Last blood pressure 150/80 on 2 March 2026: the aim is below 150/90");
    assert_eq!(told("1946-12", "149"), "Last blood pressure 149/80 on 2 March 2026: the aim is below 140/90");
}

// Prescribed too often.

/// A prescription on each of these days.
fn issues(bnf: &str, days: &[&str]) -> String {
    days.iter().map(|day| format!("issue {day} {bnf}\n")).collect()
}

#[test]
fn days_of_issue_within_the_window_are_counted() {
    let five = ["2026-01-05", "2026-02-05", "2026-03-05", "2026-04-05", "2026-05-05"];
    let told = |more: &str| {
        let life = format!("{ASTHMA}{}{more}", issues("0301011R0AAAPAP", &five));
        one("asthma_relievers_many", &life)
    };
    let sentence = "Reliever inhalers prescribed 6 times in the last 12 months, the last on 5 May 2026";
    assert_eq!(told("issue 2025-11-21 0301011V0AABBBB"), sentence, "another reliever, on the first day of the window");
    assert_eq!(told("issue 2025-11-20 0301011R0AAAPAP"), "", "the day before the window");
    assert_eq!(told("issue 2026-05-05 0301011R0AAAPAP"), "", "a second packet of one day");
    assert_eq!(told("issue 2026-06-05 0301011U0AAAAAA"), "", "salmeterol relieves nobody at once");
    assert_eq!(told("issue 2026-06-05 0301"), "", "which medicine of its section is not known");
}

#[test]
fn once_is_enough_where_a_medicine_is_the_wrong_one() {
    let told = |day: &str| one("ckd_anti_inflammatory", &format!("{KIDNEYS}issue {day} 1001010J0AAADAD"));
    let sentence =
        "Kidney disease, and an anti-inflammatory painkiller prescribed once in the last 3 months, on 22 August 2026";
    assert_eq!((told("2026-08-22"), told("2026-08-21")), (sentence.to_owned(), String::new()));
}

#[test]
fn two_courses_of_steroids_are_told_of_copd() {
    let told = |days: &[&str]| {
        one("copd_steroid_courses", &format!("code 2012-05-01 13645005\n{}", issues("0603020T0AAACAC", days)))
    };
    assert_eq!(told(&["2026-02-05"]), "");
    assert_eq!(
        told(&["2026-02-05", "2026-10-01"]),
        "Steroid tablets prescribed twice in the last 12 months, the last on 1 October 2026"
    );
}

// Not prescribed.

const NO_BLOOD_THINNER: &str = "Atrial fibrillation, and no blood thinner prescribed in the last 6 months";

#[test]
fn a_medicine_that_is_missing_is_told() {
    let told = |day: &str| one("af_no_blood_thinner", &format!("{FIBRILLATION}issue {day} 0208020Z0AAAAAA"));
    assert_eq!((told("2026-05-21"), told("2026-05-22")), (NO_BLOOD_THINNER.to_owned(), String::new()));
}

#[test]
fn a_prescription_that_may_be_the_medicine_is_not_told_as_none() {
    let told = |bnf: &str| one("af_no_blood_thinner", &format!("{FIBRILLATION}issue 2026-10-01 {bnf}"));
    assert_eq!(told("0208"), "", "the section alone");
    assert_eq!(told("-"), "", "no code at all");
    assert_eq!(told("0208030"), NO_BLOOD_THINNER, "another paragraph of the section");
}

#[test]
fn a_blood_thinner_is_asked_for_from_two_points_on() {
    let told = |born: &str, sex: &str, more: &str| {
        let life = format!("{PATIENT}born {born} E01000001\nsex {sex}\n{FIBRILLATION}{more}");
        !told_when(&only("af_no_blood_thinner", ""), &life, &ALL_FEEDS, &[]).is_empty()
    };
    assert!(told("1951-11", "1", ""), "75 years: 2");
    assert!(!told("1951-12", "1", ""), "74 years: 1");
    assert!(told("1951-12", "2", ""), "74 years and a woman: 2");
    assert!(!told("1970-03", "2", ""), "a woman: 1");
    assert!(told("1970-03", "1", "code 2012-05-01 230690007"), "a stroke: 2");
    let (heart, leg) = ("code 2012-05-01 53741008\n", "code 2012-05-01 399957001\n");
    assert!(!told("1970-03", "1", &format!("{heart}{leg}")), "heart and leg arteries together: 1");
    assert!(told("1970-03", "1", &format!("{heart}{DIABETES}")), "heart arteries and diabetes: 2");
}

#[test]
fn a_medicine_beside_another_is_asked_for_only_of_whoever_has_that_one() {
    let days = ["2026-01-05", "2026-02-05", "2026-03-05"];
    let told = |relievers: usize, more: &str| {
        let life = format!("{ASTHMA}{}{more}", issues("0301011R0AAAPAP", &days[..relievers]));
        one("asthma_reliever_alone", &life)
    };
    assert_eq!(told(3, ""), "Reliever inhalers but no steroid inhaler prescribed in the last 12 months");
    assert_eq!(told(2, ""), "");
    assert_eq!(told(3, "issue 2025-11-21 0302000C0AAAAAA"), "");
    assert_ne!(told(3, "issue 2025-11-20 0302000C0AAAAAA"), "");
}

#[test]
fn medicines_are_missed_only_where_the_record_of_medicines_goes_back_beyond_the_window() {
    let told = |first: &str| {
        let life = format!("{UNKNOWN}{FIBRILLATION}issue {first} 0101010C0");
        told_when(&only("af_no_blood_thinner", ""), &life, &ALL_FEEDS, &[]).len()
    };
    assert_eq!((told("2026-05-21"), told("2026-05-22")), (1, 0));
    let life = format!("{PATIENT}{FIBRILLATION}");
    let late = [late("gp_prescriptions", "F99901")];
    assert!(told_when(&only("af_no_blood_thinner", ""), &life, &ALL_FEEDS, &late).is_empty());
}

// All of them together.

#[test]
fn the_most_urgent_come_first_no_more_than_five_and_the_same_check_once() {
    let life = format!("{PATIENT}{DIABETES}{KIDNEYS}{HIGH_BLOOD_PRESSURE}{FIBRILLATION}");
    let told = |settings| told_when(&settings, &life, &ALL_FEEDS, &[]);
    assert_eq!(
        told(CareGaps::default()),
        [
            NO_BLOOD_THINNER,
            "No HbA1c blood test on record",
            "No kidney blood test (eGFR) on record",
            "No blood pressure on record",
            "No body mass index (BMI) on record",
        ]
    );
    let life = format!("{life}code 2012-05-01 53741008\n");
    let all = told_when(&CareGaps::default(), &life, &ALL_FEEDS, &[]);
    assert_eq!(all.len(), 5);
    assert_eq!(all[1], "No cholesterol medicine prescribed in the last 6 months");
    assert!(!all.contains(&"No body mass index (BMI) on record".to_owned()));
}

#[test]
fn a_service_turns_gaps_off_and_sets_their_limits() {
    let life = format!("{PATIENT}{DIABETES}code 2026-03-02 999791000000106 70");
    let told = |settings: &CareGaps| told_when(settings, &life, &ALL_FEEDS, &[]).join("; ");
    assert!(!told(&CareGaps::default()).contains("HbA1c"));
    let lower = only("hba1c_high", "hba1c = 64");
    assert_eq!(told(&lower), "Last HbA1c 70 mmol/mol on 2 March 2026, above 64");
    assert_eq!(
        told(&only("hba1c_not_measured", "within_days = 30")),
        "No HbA1c blood test on record since 2 March 2026"
    );
    assert!(!told(&settings("[care_gaps]\noff = [\"diabetes_bmi_not_taken\"]")).contains("BMI"));
}

#[test]
fn the_order_of_the_rows_makes_no_difference() {
    let rows =
        ["code 2012-05-01 73211009", "code 2026-03-02 999791000000106 84", "code 2026-03-02 1049301000000100 80"];
    let told = |rows: &[&str]| one("hba1c_high", &rows.join("\n"));
    let turned: Vec<&str> = rows.iter().rev().copied().collect();
    assert_eq!(told(&rows), "Last HbA1c 84 mmol/mol on 2 March 2026, above 75");
    assert_eq!(told(&rows), told(&turned));
}

/// Every sentence that a gap can come to.
fn sentences(gap: &CareGap) -> Vec<String> {
    let day = day("2026-03-02");
    let found = match &gap.kind {
        Kind::NotMeasured { .. } => vec![Found::NotSince(None), Found::NotSince(Some(day))],
        Kind::LastValue { observations, .. } => {
            let values = vec![200_000; observations.len()];
            vec![Found::Values { day, limits: values.clone(), values }]
        }
        Kind::NotPrescribed { .. } => vec![Found::Nothing],
        Kind::Prescribed { .. } => [1, 2, 12].map(|n| Found::Times { n, last: day }).to_vec(),
    };
    circumstances(|at| {
        let person = person(PATIENT);
        let (assessed, late) = (assess(&person, at), Lateness::default());
        let question = Question { gap, assessed: &assessed, at, late: &late, settings: &CareGaps::default() };
        found.iter().map(|found| words::said(&question, found)).collect()
    })
}

#[test]
fn every_sentence_is_filled_and_short_enough_to_be_said() {
    for sentence in care_gaps().all().iter().flat_map(sentences) {
        assert!(!sentence.contains(['{', '}']) && sentence.len() <= 120, "{sentence}");
    }
}

#[test]
fn no_gap_is_told_with_a_denied_word_or_a_sensitive_label() {
    let sensitive: Vec<String> =
        conditions().iter().filter(|known| known.is_sensitive).map(|known| known.label.to_lowercase()).collect();
    for sentence in care_gaps().all().iter().flat_map(sentences) {
        let lower = sentence.to_lowercase();
        assert!(!sensitive.iter().any(|label| lower.contains(label.as_str())), "{sentence}");
        let mut words = lower.split(|letter: char| !letter.is_alphanumeric());
        assert!(!words.any(|word| DENIED.iter().any(|denied| word.starts_with(denied))), "{sentence}");
    }
}
