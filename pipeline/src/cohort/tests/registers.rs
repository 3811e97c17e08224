//! Which long-term conditions a person has.

use super::life::{INDEX_DATE, circumstances, day, person};
use crate::{
    cohort::{
        Circumstances, assess,
        cips::cips,
        registers::{Backing, registers},
        standing::Standing,
    },
    features::Feeds,
};

/// Conditions of somebody as `id since g` or `h` or `gh`: the GP record says so, the hospital, or both.
#[track_caller]
fn check_with(lines: &str, backing: Backing, expected: &[&str]) {
    let person = person(lines);
    let (cips, birth) = (cips(&person.episodes), person.patient.birth_month.unwrap());
    let found = registers(&person, &cips, birth, day(INDEX_DATE), backing);
    let told = found.iter().map(|record| {
        let by = [(record.in_gp_record, "g"), (record.in_hospital, "h")];
        let by: String = by.iter().filter(|(says, _)| *says).map(|(_, letter)| *letter).collect();
        format!("{} {} {by}", record.condition.id, record.first)
    });
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

#[track_caller]
fn check(lines: &str, expected: &[&str]) {
    check_with(lines, Backing::Medicines, expected);
}

#[test]
fn a_code_makes_a_register_from_its_first_record() {
    check("", &[]);
    check("code 2015-05-01 13645005\n code 2020-05-01 13645005", &["copd 2015-05-01 g"]);
    check(
        "code 2015-05-01 73211009\n code 2012-05-01 84114007",
        &["diabetes 2015-05-01 g", "heart_failure 2012-05-01 g"],
    );
}

#[test]
fn a_code_that_ends_a_condition_counts_until_the_condition_is_coded_again() {
    // 315051004: diabetes resolved.
    check("code 2015-05-01 73211009\n code 2018-05-01 315051004", &[]);
    check("code 2015-05-01 73211009\n code 2015-05-01 315051004", &[]);
    check("code 2018-05-01 315051004\n code 2018-05-02 73211009", &["diabetes 2018-05-02 g"]);
    check(
        "code 2015-05-01 73211009\n code 2018-05-01 315051004\n code 2021-05-01 44054006",
        &["diabetes 2015-05-01 g"],
    );
}

#[test]
fn what_the_gp_record_has_ended_no_stay_shows() {
    check("code 2018-05-01 315051004\n stay R1H 2020-01-01 2020-01-05 21 19 J440|E119", &["copd 2020-01-01 h"]);
}

#[test]
fn some_registers_begin_at_an_age() {
    let diabetes = "code 2015-05-01 73211009";
    check(&format!("born 2009-11 -\n {diabetes}"), &["diabetes 2015-05-01 g"]);
    check(&format!("born 2009-12 -\n {diabetes}"), &[]);
    check("born 2009-12 -\n stay R1H 2020-01-01 2020-01-05 21 19 E109", &[]);
}

#[test]
fn arthritis_of_childhood_is_another_disease() {
    check("born 2000-03 -\n code 2016-02-29 69896004", &[]);
    check("born 2000-03 -\n code 2016-03-01 69896004", &["rheumatoid_arthritis 2016-03-01 g"]);
    check("born 2000-03 -\n code 2010-03-01 69896004\n code 2020-03-01 69896004", &[]);
}

#[test]
fn cancer_counts_from_april_2003() {
    check("code 2003-03-31 363346000", &[]);
    check("code 2003-04-01 363346000", &["cancer 2003-04-01 g"]);
    check("code 1999-01-01 363346000\n code 2010-01-01 363346000", &["cancer 2010-01-01 g"]);
}

#[test]
fn asthma_needs_its_medicine_where_prescriptions_are_sent() {
    let asthma = "code 2015-05-01 195967001";
    let found = ["asthma 2015-05-01 g"];
    check_with(asthma, Backing::Medicines, &[]);
    check_with(asthma, Backing::GpRecord, &found);
    check(&format!("{asthma}\n issue 2026-11-20 0301011R0AAAPAP"), &found);
    check(&format!("{asthma}\n issue 2025-11-21 0302000C0AAAAAA"), &found);
    check(&format!("{asthma}\n issue 2025-11-20 0302000C0AAAAAA"), &[]);
    check(&format!("{asthma}\n issue 2026-11-20 0601022B0AAABAB"), &[]);
    check(&format!("{asthma}\n stay R1H 2020-01-01 2020-01-05 21 19 J459"), &["asthma 2020-01-01 h"]);
}

#[test]
fn a_diagnosis_in_any_position_of_any_stay_of_ten_years_shows_a_condition() {
    check("stay R1H 2020-01-01 2020-01-05 21 19 S720|I10|J440", &["copd 2020-01-01 h", "hypertension 2020-01-01 h"]);
    check("stay R1H 2020-01-01 2020-01-05 11 19 K400|J440", &["copd 2020-01-01 h"]);
    check("stay R1H 2016-11-21 2016-11-25 21 19 J440", &["copd 2016-11-21 h"]);
    check("stay R1H 2016-11-20 2016-11-25 21 19 J440", &[]);
    check(
        "stay R1H 2012-01-01 2012-01-05 21 19 J440\n stay R1H 2022-01-01 2022-01-05 21 19 J440",
        &["copd 2022-01-01 h"],
    );
}

#[test]
fn both_sources_are_told_and_the_earlier_date() {
    check("code 2015-05-01 13645005\n stay R1H 2020-01-01 2020-01-05 21 19 J440", &["copd 2015-05-01 gh"]);
    check("code 2021-05-01 13645005\n stay R1H 2020-01-01 2020-01-05 21 19 J440", &["copd 2020-01-01 gh"]);
}

#[test]
fn nobody_has_diabetes_and_pre_diabetes() {
    check("code 2015-05-01 700449008", &["ndh 2015-05-01 g"]);
    check("code 2015-05-01 700449008\n code 2020-05-01 73211009", &["diabetes 2020-05-01 g"]);
    check("code 2015-05-01 700449008\n stay R1H 2020-01-01 2020-01-05 21 19 E119", &["diabetes 2020-01-01 h"]);
    check("code 2010-05-01 73211009\n code 2012-05-01 315051004\n code 2015-05-01 700449008", &["ndh 2015-05-01 g"]);
}

#[test]
fn without_the_gp_record_stays_alone_show_a_condition_and_nothing_ends_it() {
    let lines = "code 2015-05-01 13645005\n code 2022-05-01 315051004\n stay R1H 2020-01-01 2020-01-05 21 19 E119";
    check(lines, &["copd 2015-05-01 g"]);
    check_with(lines, Backing::Hospital, &["diabetes 2020-01-01 h"]);
}

#[test]
fn a_gp_record_that_has_stopped_keeps_its_registers_and_features_do_without_it() {
    // 103735009: palliative care.
    let person = person("gp F99901 2010-01-01 - regular\n code 2015-05-01 13645005\n code 2026-01-01 103735009");
    let feeds = Feeds::new(["apc_episodes", "ed_attendances"]);
    circumstances(|at| {
        let assessed = assess(&person, &Circumstances { feeds: &feeds, ..*at });
        assert_eq!(assessed.standing, Standing::Scored);
        assert!(assessed.is_at_end_of_life(), "nobody is called because a feed stopped");
        assert_eq!(assessed.subject().conditions.len(), 0);
        assert_eq!(assess(&person, at).subject().conditions.len(), 2);
    });
}
