//! A feed of a few rows, most of which are lost: nothing is refused by so few, and it is said all the same (V42, SPOILT).

use crate::support::{Tiny, person};
use crate::{inspection, with_limits};

/// So many rows of a table that are as they should be, and so many that have this in a column; none of the tiny delivery's.
fn rows(table: &'static str, key: &str, good: usize, bad: usize, column: &str, cell: &str) -> Tiny {
    let own = Tiny::new().sheet(table).rows.len();
    let good = (0..good).fold(Tiny::new(), |tiny, n| tiny.copy_row(table, 1, &[(key, &format!("good{n}"))]));
    let mut all = (0..bad).fold(good, |tiny, n| tiny.copy_row(table, 1, &[(key, &format!("bad{n}")), (column, cell)]));
    let last: Vec<usize> = (own + 1..=all.sheet(table).rows.len()).collect();
    all.keep_rows(table, &last)
}

/// What is said under two rules, and that nothing is refused.
#[track_caller]
fn said_with(tiny: &Tiny, limits: &str) -> Vec<String> {
    let (inspection, settings) = (inspection(tiny), with_limits(limits));
    assert_eq!(inspection.all_refusals(&settings), []);
    let warned = inspection.quality(&settings).warned.into_iter().map(|found| found.text());
    warned.filter(|line| line.contains("rule V42") || line.contains("rule SPOILT")).collect()
}

#[track_caller]
fn said(tiny: &Tiny) -> Vec<String> {
    said_with(tiny, "")
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_file_of_seven_rows_in_another_dialect_is_said_with_what_to_do() {
    let seven = |bad| rows("gp_events", "event_id", 7 - bad, bad, "event_date", "01/05/2024");
    assert_eq!(
        said(&seven(7)),
        [
            "gp_events of QMF, rule V42: 7 of 7 rows are rejected, more than 50.0%: 7 by TYPE in event_date, the first in \
             delivery/gp_events.csv, row 1; if the supplier writes dates or codes in its own way, \
             `[extracts.mapping.gp_events]` says how they are read"
        ]
    );
    assert_eq!(said(&seven(4)).len(), 1);
    assert_eq!(said(&seven(3)), NOTHING, "three of seven are single mistakes");
    assert_eq!(said_with(&seven(7), "[rules.V42]\nsaid_share = 1.0\n[rules.SPOILT]\nsaid_share = 1.0"), NOTHING);
}

#[test]
fn what_no_setting_mends_is_explained() {
    let entry = rows("gp_events", "event_id", 0, 1, "event_date", "2027-01-01");
    assert_eq!(
        said(&entry),
        ["gp_events of QMF, rule V42: 1 of 1 row is rejected, more than 50.0%: 1 by V09 in event_date, the first in \
             delivery/gp_events.csv, row 1; `earlycall explain rule V09` says what to do"]
    );
}

#[test]
fn rows_that_say_nothing_against_a_file_are_not_spoken_of() {
    // Strangers, a practice that shares no record, and copies.
    assert_eq!(said(&rows("gp_events", "event_id", 0, 7, "person_id", &person(9))), NOTHING);
    assert_eq!(said(&rows("gp_events", "event_id", 0, 7, "practice_code", "F99902")), NOTHING);
    assert_eq!(said(&rows("gp_events", "event_id", 1, 7, "event_id", "good0")), NOTHING);
}

#[test]
fn a_column_of_a_few_cells_none_of_which_can_be_read_is_said_and_refuses_nothing() {
    let stays = |good, bad| rows("apc_episodes", "episode_id", good, bad, "diagnoses", "250.00");
    assert_eq!(
        said(&stays(0, 5)),
        [
            "apc_episodes of QMF, rule SPOILT: diagnoses is spoilt in delivery/apc_episodes.csv: 100.0% of its 5 cells cannot be \
             used (V18), more than 10.0%; ask for the file again with this column as text"
        ]
    );
    assert_eq!(said(&stays(0, 4)), NOTHING);
    assert_eq!(said(&stays(1, 18)), NOTHING, "one of them can be read, and so few may be mistakes");
}
