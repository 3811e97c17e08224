//! A practice of whose newest rows most could not be read, and so few that nothing is refused: what could be read counts,
//! and the gap is known until it sends a file that is read well.

use earlycall::history::{History, records::ShortCode};

use crate::{
    Service,
    gaps::{PRACTICE, of_a_practice},
    only,
    support::Tiny,
};

/// A service with a good delivery of 20 November.
fn service() -> Service {
    let service = Service::new();
    service.deliver("first", "full", "2026-11-20", of_a_practice(Tiny::new())).unwrap();
    service
}

/// Entries of the practice that can be read, and others that can't; none of the tiny delivery's own.
fn entries(good: usize, bad: usize) -> Tiny {
    let own = Tiny::new().sheet("gp_events").rows.len();
    let row =
        |tiny: Tiny, id: String, day: &str| tiny.copy_row("gp_events", 1, &[("event_id", &id), ("event_date", day)]);
    let tiny = (0..good).fold(only(&["gp_events"]), |tiny, n| row(tiny, format!("good{n}"), "2026-11-20"));
    let tiny = (0..bad).fold(tiny, |tiny, n| row(tiny, format!("bad{n}"), "20/11/2026"));
    tiny.keep_rows("gp_events", &(own + 1..=own + good + bad).collect::<Vec<_>>())
}

fn next_night(service: &Service, entries: Tiny) -> History {
    service.deliver("second", "delta", "2026-11-21", of_a_practice(entries)).unwrap()
}

/// The table, the practice, the first delivery that was read in part, and how many rows of how many could not be.
fn part_read(history: &History) -> Vec<(&str, &str, &str, u64, u64)> {
    let all = history.ledger.part_read.iter();
    all.map(|one| (one.table.as_str(), one.provider.as_str(), one.extract_id.as_str(), one.rejected, one.read))
        .collect()
}

fn lines_say_so(history: &History) -> bool {
    history.reference.practices[&ShortCode::new(PRACTICE)].is_part_read
}

const NONE: [(&str, &str, &str, u64, u64); 0] = [];

#[test]
fn a_practice_that_loses_most_of_its_newest_rows_has_a_gap_though_nothing_is_refused() {
    // Its people are all that there are: were they counted as those of a refused file, the night would be refused.
    let history = next_night(&service(), entries(2, 5));
    assert_eq!(history.ledger.rows_of("gp_events"), 3 + 2, "what could be read counts");
    assert_eq!(history.ledger.gaps, []);
    assert_eq!(part_read(&history), [("gp_events", PRACTICE, "second", 5, 7)]);
    assert!(lines_say_so(&history));
    assert_eq!(
        history.ledger.part_read[0].in_words(),
        "gp_events of F99901: 5 of 7 rows since delivery second could not be read (5 by TYPE in event_date, the first in \
         second/gp_events.csv, row 3); the lines of its patients say so until its next file of this table is read well"
    );
}

#[test]
fn a_row_or_two_and_half_of_a_file_make_no_gap() {
    for (good, bad) in [(0, 1), (0, 2), (3, 3), (17, 3), (4, 4)] {
        let history = next_night(&service(), entries(good, bad));
        assert_eq!(part_read(&history), NONE, "{bad} of {}", good + bad);
        assert!(!lines_say_so(&history));
    }
    assert_eq!(part_read(&next_night(&service(), entries(2, 3))).len(), 1);
}

#[test]
fn the_limits_are_settings() {
    let gap_with = |limits: &str| {
        let second = of_a_practice(entries(2, 5));
        let history = service().deliver_with("second", "delta", "2026-11-21", second, limits).unwrap();
        history.ledger.part_read.len()
    };
    assert_eq!(gap_with("[rules.V42]\ngap_rows_min = 6"), 0);
    assert_eq!(gap_with("[rules.V42]\nsaid_share = 0.8"), 0);
    assert_eq!(gap_with("[rules.V42]\ngap_rows_min = 5\nsaid_share = 0.7"), 1);
}

#[test]
fn who_collects_for_several_practices_has_no_gap_for_no_line_is_about_it() {
    let history = service().deliver("second", "delta", "2026-11-21", entries(2, 5)).unwrap();
    assert_eq!(part_read(&history), NONE);
}

#[test]
fn the_gap_lasts_until_a_file_of_the_table_is_read_well() {
    let service = service();
    next_night(&service, entries(2, 5));
    let then = |id, on, tiny| service.deliver(id, "delta", on, of_a_practice(tiny)).unwrap();
    let another_table = then("third", "2026-11-22", only(&["gp_prescriptions"]));
    assert_eq!(part_read(&another_table), [("gp_events", PRACTICE, "second", 5, 7)]);
    let two_that_are_lost = then("fourth", "2026-11-23", entries(0, 2));
    assert_eq!(part_read(&two_that_are_lost).len(), 1, "nothing of it was read");
    let again = then("fifth", "2026-11-24", entries(1, 4));
    assert_eq!(part_read(&again), [("gp_events", PRACTICE, "second", 9, 12)], "both together");
    let well = then("sixth", "2026-11-25", entries(1, 0));
    assert_eq!(part_read(&well), NONE);
    assert!(!lines_say_so(&well));
}

#[test]
fn a_refused_file_does_not_end_it() {
    let service = service();
    next_night(&service, entries(2, 5));
    let damaged = of_a_practice(entries(3, 0)).line("gp_events", "sha256", "0".repeat(64).into());
    let history =
        service.deliver_with("third", "delta", "2026-11-22", damaged, "[gate]\nrefused_people_max = 1.0").unwrap();
    assert_eq!((history.ledger.gaps.len(), part_read(&history).len()), (1, 1));
}
