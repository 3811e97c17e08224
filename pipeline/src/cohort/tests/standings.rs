//! One reason per person: each of them, which comes first, and what makes the difficult ones.

use super::life::{assessed, circumstances, person};
use crate::{
    cohort::{
        is_ruled_out_at_once,
        standing::Standing::{
            self, Died, DisputedDeath, Merged, NoCoachedCondition, NotInArea, Objecting, Scored, TestPatient, UnderAge,
            Withdrawn,
        },
    },
    history::records::Person,
};

/// Somebody of 76 with COPD, registered in the area.
const COACHED: &str = "gp F99901 2010-01-01 - regular\n code 2015-05-01 13645005\n";
/// The same person, registered nowhere.
const NO_GP: &str = "code 2015-05-01 13645005\n";

#[track_caller]
fn check(lines: &str, expected: Standing) {
    assert_eq!(assessed(&person(lines), |assessed| assessed.standing), expected);
}

/// Of somebody who would be scored but for these lines.
#[track_caller]
fn but_for(lines: &str, expected: Standing) {
    check(&format!("{COACHED}{lines}"), expected);
}

#[test]
fn each_standing_has_its_reason() {
    but_for("", Scored);
    but_for("is confidential", Scored);
    but_for("is test", TestPatient);
    but_for("is merged", Merged);
    but_for("says type1 dissent 2020-01-01", Objecting);
    but_for("dead 2026-10-01 ons\n stay R1H 2026-10-05 2026-10-06 21 19 J440", DisputedDeath);
    but_for("dead 2026-10-01 ons", Died);
    but_for("noted wrong", Withdrawn);
    check(NO_GP, NotInArea);
    but_for("born 2009-01 -", UnderAge);
    check("gp F99901 2010-01-01 - regular", NoCoachedCondition);
}

#[test]
fn the_first_reason_counts() {
    // Every reason at once; then one less each time.
    let lines = [
        "says programme dissent 2020-01-01",
        "is test",
        "is merged",
        "visit 2026-10-05 -",
        "dead 2026-10-01 gp",
        "noted wrong",
        "gp A11111 2026-01-01 - regular",
        "born 2009-01 -",
    ];
    let expected =
        [Objecting, TestPatient, Merged, DisputedDeath, Died, Withdrawn, NotInArea, UnderAge, NoCoachedCondition];
    for (n, expected) in expected.into_iter().enumerate() {
        check(&format!("gp F99901 2010-01-01 - regular\n{}", lines[n.min(lines.len())..].join("\n")), expected);
    }
    assert_eq!(expected.iter().chain([&Scored]).copied().collect::<Vec<_>>(), Standing::ALL);
}

#[test]
fn whoever_is_ruled_out_at_once_stands_as_with_their_gp_record() {
    for (lines, is_at_once) in [
        ("", false),
        ("is test", true),
        ("is merged", true),
        ("says type1 dissent 2020-01-01", true),
        ("noted programme", true),
        ("noted death", true),
        ("noted wrong", true),
        ("noted local_shared_record", false),
        ("dead 2026-10-01 ons", true),
        ("dead 2026-10-01 ons\n stay R1H 2026-10-05 2026-10-06 21 19 J440", true),
        ("born 2009-01 -", true),
        ("gp A11111 2026-01-01 - regular", true),
        // Only the stays tell, which are put together later.
        ("stay R1H 2026-10-05 2026-10-06 21 79 J440", false),
    ] {
        let whole = person(&format!("{COACHED}{lines}"));
        assert_eq!(circumstances(|at| is_ruled_out_at_once(&whole, at)), is_at_once, "{lines}");
        if is_at_once {
            let without = Person { gp_events: Default::default(), prescriptions: Default::default(), ..whole.clone() };
            let standing = |person: &Person| assessed(person, |assessed| assessed.standing);
            assert_eq!(standing(&without), standing(&whole), "{lines}");
            assert!(![Scored, NoCoachedCondition].contains(&standing(&whole)), "{lines}");
        }
    }
}

#[test]
fn eighteen_counts_from_the_month_of_birth() {
    but_for("born 2008-11 -", Scored);
    but_for("born 2008-12 -", UnderAge);
}

#[test]
fn the_newest_entry_of_each_objection_counts() {
    but_for("says type1 dissent 2020-01-01\n says type1 withdrawn 2021-01-01", Scored);
    but_for("says type1 withdrawn 2021-01-01\n says type1 dissent 2020-01-01", Scored);
    but_for("says type1 withdrawn 2020-01-01\n says type1 dissent 2021-01-01", Objecting);
    but_for("says type1 dissent 2020-01-01\n says national_data_opt_out withdrawn 2021-01-01", Objecting);
    but_for("says national_data_opt_out dissent 2020-01-01", Objecting);
    but_for("says programme dissent 2020-01-01", Objecting);
}

#[test]
fn of_two_entries_of_one_moment_the_dissent_counts() {
    but_for("says type1 dissent 2020-01-01\n says type1 withdrawn 2020-01-01", Objecting);
    but_for("says type1 withdrawn 2020-01-01\n says type1 dissent 2020-01-01", Objecting);
}

#[test]
fn an_objection_to_the_local_shared_record_has_no_effect_here() {
    but_for("says local_shared_record dissent 2020-01-01", Scored);
}

#[test]
fn what_is_noted_here_counts_whatever_a_delivery_says() {
    but_for("noted programme", Objecting);
    but_for("noted programme\n says programme withdrawn 2026-11-20", Objecting);
    but_for("noted local_shared_record", Scored);
    but_for("noted death", Died);
}

#[test]
fn an_objection_after_the_index_date_counts_too() {
    but_for("says programme dissent 2026-12-24", Objecting);
}

#[test]
fn any_source_may_tell_of_a_death() {
    for source in ["ons", "pds_formal", "pds_informal", "gp", "apc", "ed"] {
        but_for(&format!("dead 2026-10-01 {source}"), Died);
    }
    but_for("stay R1H 2026-10-01 2026-10-03 21 79 J440", Died);
    but_for("visit 2026-10-01 305398007", Died);
    but_for("visit 2026-10-01 306689006", Scored);
}

#[test]
fn being_seen_after_the_day_of_death_disputes_it_and_on_that_day_does_not() {
    for seen in ["stay R1H 2026-10-DAY - 21 - J440", "visit 2026-10-DAY -"] {
        but_for(&format!("dead 2026-10-05 gp\n {}", seen.replace("DAY", "04")), Died);
        but_for(&format!("dead 2026-10-05 gp\n {}", seen.replace("DAY", "05")), Died);
        but_for(&format!("dead 2026-10-05 gp\n {}", seen.replace("DAY", "06")), DisputedDeath);
    }
}

#[test]
fn a_stay_that_began_before_the_death_and_went_on_is_no_dispute() {
    but_for("dead 2026-10-05 ons\n stay R1H 2026-10-01 2026-10-07 21 79 J440", Died);
    but_for("dead 2026-10-05 ons\n stay R1H 2026-10-01 2026-10-06 21 51 J440\n stay RF4 2026-10-06 - 2B - J440", Died);
}

#[test]
fn the_area_is_its_practices_and_who_lives_there_registered_nowhere() {
    let with = |lines: &str, expected| check(&format!("{NO_GP}{lines}"), expected);
    with("born 1950-03 E01000001", Scored);
    with("born 1950-03 E01999999", NotInArea);
    with("born 1950-03 E01999999\n gp F99901 2010-01-01 - regular", Scored);
    with("born 1950-03 E01000001\n gp A11111 2010-01-01 - regular", NotInArea);
    with("born 1950-03 E01000001\n gp A11111 2010-01-01 2020-01-01 regular", Scored);
    with("born 1950-03 E01000001\n gp V81999 2010-01-01 - regular", Scored);
    with("gp V81997 2010-01-01 - regular", NotInArea);
    with("gp F99901 2010-01-01 2020-01-01 regular", NotInArea);
    with("gp F99901 2010-01-01 - temporary", NotInArea);
    with("born 1950-03 E01000001\n gp A11111 2010-01-01 - temporary", Scored);
}

#[test]
fn of_two_open_registrations_the_one_that_started_last_counts() {
    let with = |lines: &str, expected| check(&format!("{NO_GP}{lines}"), expected);
    with("gp F99901 2010-01-01 - regular\n gp A11111 2026-10-01 - regular", NotInArea);
    with("gp A11111 2010-01-01 - regular\n gp F99901 2026-10-01 - regular", Scored);
    with("gp F99901 2010-01-01 - regular\n gp V81999 2026-10-01 - regular", Scored);
    with("gp F99901 2010-01-01 - regular\n gp A11111 2026-10-01 2026-10-15 regular", Scored);
}
