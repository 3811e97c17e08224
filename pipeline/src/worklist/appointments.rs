//! What appointments tell of somebody's recent care: the last one with the practice, and those missed.

use earlycall_schemas::catalogue::View;

use crate::{day::Day, features::Feeds, history::records::Person, pathways::feed_facts::FeedFacts};

/// Days in which missed appointments count: six months.
const MISSED_WITHIN: i32 = 183;

/// In sentences; nothing of a table that is not there. Where the practice's rows may be missing (`is_behind`), what is there
/// is told, and nobody is told that there was none.
pub fn told(person: &Person, feeds: &Feeds, index_date: Day, is_behind: bool) -> Vec<String> {
    let facts = FeedFacts::of(person, feeds);
    let with_practice = facts.passing(View::GpAppointments, "is_attended").map(|mut days| match days.next_back() {
        Some(last) => format!("Last appointment kept with the practice on {}", last.in_words()),
        None if is_behind => "Appointments with the practice: no data".to_owned(),
        None => "No appointment kept with the practice on record".to_owned(),
    });
    let missed = [(View::GpAppointments, "with the practice"), (View::OutpatientAppointments, "at hospital")];
    let missed: Vec<String> = missed
        .into_iter()
        .filter_map(|(view, with)| {
            let days = facts.passing(view, "is_missed")?.filter(|day| *day > index_date - MISSED_WITHIN);
            let days: Vec<Day> = days.collect();
            let is_unknown = days.is_empty() && is_behind && view == View::GpAppointments;
            (!is_unknown).then(|| counted(&days, with))
        })
        .collect();
    let missed = (!missed.is_empty()).then(|| format!("Missed in the last 6 months: {}", missed.join(", ")));
    with_practice.into_iter().chain(missed).collect()
}

/// "2 appointments with the practice (the last on 3 November 2026)".
fn counted(days: &[Day], with: &str) -> String {
    match days {
        [] => format!("no appointment {with}"),
        [day] => format!("1 appointment {with} (on {})", day.in_words()),
        [.., last] => format!("{} appointments {with} (the last on {})", days.len(), last.in_words()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cohort::tests::life::{INDEX_DATE, day, person};

    fn told_of(lines: &str, tables: &[&str]) -> Vec<String> {
        told(&person(lines), &Feeds::new(tables.iter().copied()), day(INDEX_DATE), false)
    }

    const LINES: &str = "feed gp_appointments 2026-05-21 is_missed\n feed gp_appointments 2026-05-22 is_missed\n\
                         feed gp_appointments 2026-11-03 is_missed\n feed gp_appointments 2026-10-30 is_attended\n\
                         feed outpatient_appointments 2026-09-01 is_missed";

    #[test]
    fn the_last_with_the_practice_and_those_missed_in_six_months_are_told() {
        assert_eq!(
            told_of(LINES, &["gp_appointments", "outpatient_appointments"]),
            [
                "Last appointment kept with the practice on 30 October 2026",
                "Missed in the last 6 months: 2 appointments with the practice (the last on 3 November 2026), \
                 1 appointment at hospital (on 1 September 2026)"
            ]
        );
    }

    #[test]
    fn of_a_practice_whose_rows_may_be_missing_nothing_is_said_not_to_have_been() {
        let told = |lines| told(&person(lines), &Feeds::new(["gp_appointments"]), day(INDEX_DATE), true);
        assert_eq!(told(""), ["Appointments with the practice: no data"]);
        assert_eq!(
            told("feed gp_appointments 2026-10-30 is_attended"),
            ["Last appointment kept with the practice on 30 October 2026"]
        );
    }

    #[test]
    fn of_a_table_that_is_not_there_nothing_is_told_and_of_one_that_is_that_there_was_none() {
        assert!(told_of(LINES, &["apc_episodes"]).is_empty());
        assert_eq!(
            told_of(LINES, &["outpatient_appointments"]),
            ["Missed in the last 6 months: 1 appointment at hospital (on 1 September 2026)"]
        );
        assert_eq!(
            told_of("", &["gp_appointments"]),
            [
                "No appointment kept with the practice on record",
                "Missed in the last 6 months: no appointment with the practice"
            ]
        );
    }
}
