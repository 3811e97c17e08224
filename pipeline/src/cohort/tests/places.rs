//! Where a person belongs, which decides on the team.

use super::life::{assessed, person};

/// Practice, network, provider of the last emergency, borough; `-` for none.
#[track_caller]
fn check(lines: &str, expected: &str) {
    let found = assessed(&person(lines), |assessed| {
        let place = &assessed.placement;
        let codes = [&place.practice_code, &place.pcn_code, &place.last_provider, &place.lad_code];
        codes.map(|code| if code.is_empty() { "-" } else { code.as_str() }).join(" ")
    });
    assert_eq!(found, expected);
}

#[test]
fn a_person_belongs_to_their_practice_its_network_and_their_borough() {
    check("born 1950-03 E01000001\n gp F99902 2010-01-01 - regular", "F99902 U90000 - E09000001");
    check("gp F99901 2010-01-01 - regular", "F99901 U90000 - E09000031");
    check("born 1950-03 E01000001", "- - - E09000001");
    check("gp A11111 2010-01-01 - regular", "- - - -");
}

#[test]
fn the_practice_is_the_newest_and_of_two_of_one_day_the_first_by_code() {
    check("gp F99901 2026-01-01 - regular\n gp F99902 2010-01-01 - regular", "F99901 U90000 - E09000031");
    check("gp F99902 2010-01-01 - regular\n gp F99901 2010-01-01 - regular", "F99901 U90000 - E09000031");
}

#[test]
fn the_provider_is_that_of_the_last_emergency_within_a_year() {
    check(
        "stay R1H 2026-01-01 2026-01-05 21 19 J440
         stay RF4 2026-05-01 2026-05-02 21 19 J440
         stay RQX 2026-06-01 2026-06-02 11 19 K400",
        "- - RF4 -",
    );
    check("stay R1H 2025-11-21 2025-11-22 21 19 J440", "- - R1H -");
    check("stay R1H 2025-11-20 2025-11-22 21 19 J440", "- - - -");
}
