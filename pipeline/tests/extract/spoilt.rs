//! Columns of which much cannot be read: a spreadsheet on the way, or codes of another system.

use crate::support::{Tiny, person};
use crate::{inspection, with_limits};

/// So many copies of the first row of a table, each with this in one column.
fn copies(table: &'static str, key: &str, n: usize, column: &str, cell: &str) -> Tiny {
    more(Tiny::new(), table, key, n, column, cell)
}

fn more(tiny: Tiny, table: &'static str, key: &str, n: usize, column: &str, cell: &str) -> Tiny {
    let copy =
        |tiny: Tiny, at: usize| tiny.copy_row(table, 1, &[(key, &format!("k{}-{at}", cell.len())), (column, cell)]);
    (0..n).fold(tiny, copy)
}

/// What is said of a spoilt column, as a warning or as a refusal, where lost rows alone refuse nothing.
fn told(tiny: &Tiny) -> Vec<String> {
    told_with(tiny, "[gate]\nrejected_rows_max = 1.0")
}

fn told_with(tiny: &Tiny, limits: &str) -> Vec<String> {
    let (inspection, settings) = (inspection(tiny), with_limits(limits));
    let warned = inspection.quality(&settings).warned.into_iter().map(|found| format!("warning: {}", found.text()));
    let refused = inspection.all_refusals(&settings).into_iter().map(|error| format!("refused: {error}"));
    warned.chain(refused).filter(|line| line.contains("SPOILT")).collect()
}

const AGAIN: &str = "hint: Ask for the file again with this column as text, made without a spreadsheet on the way";

#[test]
fn a_column_that_has_been_through_a_spreadsheet_is_said() {
    // Nothing uses a dm+d code, so losing all of them is only said.
    let medicines = told(&copies("gp_prescriptions", "prescription_id", 40, "dmd_code", "3.87E+17"));
    assert_eq!(
        medicines,
        [
            "warning: gp_prescriptions of QMF, rule SPOILT: dmd_code is spoilt in delivery/gp_prescriptions.csv: 100.0% of its 40 \
             cells cannot be used (V21), more than 10.0%; ask for the file again with this column as text"
        ]
    );
    // An entry without its code is lost, and V42 decides how many may be.
    let entries = told(&copies("gp_events", "event_id", 30, "snomed_code", "3.87E+17"));
    assert_eq!(
        entries,
        [
            "warning: gp_events of QMF, rule SPOILT: snomed_code is spoilt in delivery/gp_events.csv: 90.9% of its 33 cells \
             cannot be used (V20), more than 10.0%; ask for the file again with this column as text"
        ]
    );
}

#[test]
fn diagnoses_that_cannot_be_read_refuse_their_file() {
    let stays = copies("apc_episodes", "episode_id", 40, "diagnoses", "250.00");
    let told = told(&stays);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with(
            "refused: apc_episodes of QMF, rule SPOILT: diagnoses is spoilt in delivery/apc_episodes.csv: 97.6% of its 41 cells \
             cannot be used (V18), more than 50.0%; "
        ) && told[0].contains(AGAIN),
        "{told:?}"
    );
    // Two in five are said, and the file is used.
    let partly = more(stays, "apc_episodes", "episode_id", 59, "diagnoses", "I10");
    assert_eq!(
        self::told(&partly),
        [
            "warning: apc_episodes of QMF, rule SPOILT: diagnoses is spoilt in delivery/apc_episodes.csv: 40.0% of its 100 cells \
             cannot be used (V18), more than 10.0%; ask for the file again with this column as text"
        ]
    );
}

#[test]
fn a_few_cells_put_right_are_repairs_and_no_more_is_said() {
    let none: [&str; 0] = [];
    let good = |n, bad| {
        let tiny = copies("gp_prescriptions", "prescription_id", bad, "dmd_code", "3.87E+17");
        more(tiny, "gp_prescriptions", "prescription_id", n, "dmd_code", "322236009")
    };
    assert_eq!(told(&good(0, 4)), none);
    // So few cells are no share, unless not one of them can be read.
    assert_eq!(told(&good(1, 19)), none);
    assert_eq!(told(&good(0, 19)).len(), 1);
    assert_eq!(told(&good(180, 20)), none);
    assert_eq!(told(&good(179, 21)).len(), 1);
    // A list of which something is left is not lost, and a day that stands for "not known" says nothing of its column.
    assert_eq!(told(&copies("apc_episodes", "episode_id", 40, "diagnoses", "I10|250.00")), none);
    let open = (1..=28).fold(Tiny::new(), |tiny, day| {
        let start = format!("2001-02-{day:02}");
        tiny.copy_row("registrations", 1, &[("start_date", &start), ("end_date", "9999-12-31")])
    });
    assert_eq!(told(&open), none);
}

#[test]
fn cells_for_which_something_else_stands_refuse_their_file_once_they_are_most_of_it() {
    // Somebody whose record may be protected is protected; that everybody is tells of the export.
    for (cell, rule) in [("Y", "TYPE"), ("", "NULL")] {
        let with = |n: usize| {
            let ids = (100..).map(person).take(n);
            let copy =
                |tiny: Tiny, id: String| tiny.copy_row("patients", 1, &[("person_id", &id), ("is_confidential", cell)]);
            ids.fold(Tiny::new(), copy)
        };
        assert_eq!(told(&with(3)), [""; 0]);
        let told = told(&with(30));
        assert!(told[0].starts_with("refused: patients of ") && told[0].contains(&format!("({rule})")), "{told:?}");
    }
    // Records that say they are made to test a system have lost nothing.
    let test =
        |tiny: Tiny, id: String| tiny.copy_row("patients", 1, &[("person_id", &id), ("is_test_patient", "true")]);
    assert_eq!(told(&(100..).map(person).take(30).fold(Tiny::new(), test)), [""; 0]);
}

#[test]
fn days_of_death_in_whose_place_another_stands_are_lost() {
    // Deaths of the day after the extract, in whose place the day before it stands (V09).
    let deaths = (1..=30).fold(Tiny::new(), |tiny, n| {
        let id = person(100 + n);
        tiny.copy_row("patients", 1, &[("person_id", &id)]).copy_row(
            "deaths",
            1,
            &[("person_id", &id), ("death_date", "2026-11-25")],
        )
    });
    assert!(
        told(&deaths)[0]
            .contains("death_date is spoilt in delivery/deaths.csv: 96.8% of its 31 cells cannot be used (V09)")
    );
}

#[test]
fn results_in_units_that_nobody_knows_refuse_their_file_as_what_cannot_be_read_does() {
    // Body weights; the tiny delivery has two results of its own.
    let weights = |n, unit| {
        (0..n).fold(Tiny::new(), |tiny, at| {
            tiny.copy_row("gp_events", 3, &[("event_id", &format!("w{at}")), ("unit", unit)])
        })
    };
    let lost = told(&weights(40, "stone"));
    assert_eq!(lost.len(), 1);
    assert!(
        lost[0].starts_with(
            "refused: gp_events of QMF, rule SPOILT: value is spoilt in delivery/gp_events.csv: 95.2% of its 42 cells cannot be \
             used (V25), more than 50.0%; `earlycall explain rule V25` says what that is and what to do; "
        ),
        "{lost:?}"
    );
    assert_eq!(told(&weights(19, "stone")), [""; 0], "so few are single mistakes");
    assert_eq!(told(&weights(40, "kg")), [""; 0]);
    // Results that no body can show, among as many that can: no more than said.
    let among = (0..30).fold(weights(70, "kg"), |tiny, at| {
        tiny.copy_row("gp_events", 3, &[("event_id", &format!("x{at}")), ("value", "7050")])
    });
    assert!(told(&among)[0].starts_with("warning: gp_events of QMF, rule SPOILT: value is spoilt"));
}

#[test]
fn the_rule_that_most_are_lost_by_is_named_whichever_rule_it_is() {
    let mut tiny = copies("gp_events", "event_id", 8, "value", "9999999999.5");
    for n in 0..30 {
        tiny = tiny.copy_row("gp_events", 3, &[("event_id", &format!("w{n}")), ("unit", "stone")]);
    }
    assert!(
        told(&tiny)[0].contains("95.0% of its 40 cells cannot be used (most by V25), more than 50.0%"),
        "{:?}",
        told(&tiny)
    );
}

#[test]
fn a_column_is_looked_at_file_by_file_and_over_all_files_of_its_provider() {
    // Twelve files of two rows each: in none of them is a share to speak of.
    let spread = |bad| copies("apc_episodes", "episode_id", bad, "diagnoses", "250.00").in_files("apc_episodes", 12);
    assert!(
        told(&spread(23))[0].starts_with(
            "refused: apc_episodes of QMF, rule SPOILT: diagnoses is spoilt in its 12 files: 95.8% of its 24 cells cannot be used \
             (V18), more than 50.0%; "
        ),
        "{:?}",
        told(&spread(23))
    );
    assert_eq!(told(&spread(19)), [""; 0]);
    // One of two files has been through a spreadsheet; of both together it is too little to refuse.
    let stays = copies("apc_episodes", "episode_id", 0, "diagnoses", "");
    let by_turns = (0..99).fold(stays, |tiny, n| {
        let diagnoses = if n % 2 == 0 { "250.00" } else { "I10" };
        tiny.copy_row("apc_episodes", 1, &[("episode_id", &format!("k{n}")), ("diagnoses", diagnoses)])
    });
    let one = told(&by_turns.in_files("apc_episodes", 2));
    assert!(
        one.len() == 1 && one[0].contains("diagnoses is spoilt in delivery/apc_episodes/0.csv: 98.0% of its 51 cells"),
        "{one:?}"
    );
}

#[test]
fn a_service_sets_its_own_limits() {
    let stays = copies("apc_episodes", "episode_id", 40, "diagnoses", "250.00");
    let lenient = told_with(&stays, "[rules.SPOILT]\nrefused_share = 1.0");
    assert!(lenient[0].starts_with("warning: "), "{lenient:?}");
    assert!(told_with(&stays, "[rules.SPOILT]\nrefused_share = 1.0\nsaid_share = 1.0").is_empty());
}

#[test]
fn where_the_lost_rows_refuse_the_table_they_alone_are_told() {
    let entries = copies("gp_events", "event_id", 30, "snomed_code", "3.87E+17");
    assert!(told_with(&entries, "").is_empty());
    let refused = inspection(&entries).all_refusals(&with_limits(""));
    assert!(
        refused[0].to_string().contains("30 by V20 in snomed_code, the first in delivery/gp_events.csv, row 4"),
        "{refused:?}"
    );
}
