//! What happened after an index date, in hindsight.

use crate::{
    cohort::{cips::cips, standing, stay::StayKind},
    day::Day,
    error::{Error, Kind, Result},
    history::{
        History,
        records::{Person, PersonKey, Registration},
    },
    progress::Steps,
    settings::Settings,
};

/// What happened to a person within the window (index date, index date + horizon].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// At least one emergency admission: label 1.
    Admitted,
    /// Died without one: label 0, and reported.
    DiedFirst,
    /// Left the area alive without one: not in training.
    Left,
    /// None of these: label 0.
    Stayed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Outcome; 4] = [Outcome::Admitted, Outcome::DiedFirst, Outcome::Left, Outcome::Stayed];

    /// The word in files.
    pub fn code(self) -> &'static str {
        match self {
            Outcome::Admitted => "admitted",
            Outcome::DiedFirst => "died_first",
            Outcome::Left => "left_the_area",
            Outcome::Stayed => "neither",
        }
    }

    /// Whether the event happened; none for who left before it could be seen.
    pub fn event(self) -> Option<bool> {
        match self {
            Outcome::Admitted => Some(true),
            Outcome::DiedFirst | Outcome::Stayed => Some(false),
            Outcome::Left => None,
        }
    }
}

/// The last day of the window after an index date.
///
/// # Errors
/// * [`Kind::Usage`] when the data end before the window does.
/// * [`Kind::Extract`] when nothing was delivered.
pub fn end_of_window(history: &History, settings: &Settings, index_date: Day) -> Result<Day> {
    let until = index_date + settings.prediction.horizon_days;
    let data_to = last_whole_day(history, index_date)?;
    if until > data_to {
        return Err(Error::new(Kind::Usage, format!("what happened after {index_date} is not known yet")).hint(
            format!(
                "the window ends on {until} and the data on {data_to}; the latest date is {}",
                data_to - settings.prediction.horizon_days
            ),
        ));
    }
    Ok(until)
}

/// What happened to each of some people within `(index_date, until]`, as it is known now; the people are sorted by key.
/// Whoever is in the extracts no longer has left no trace of an event, and stayed.
///
/// # Errors
/// * [`Kind::Storage`] when the history cannot be read.
pub fn outcomes(
    history: &History,
    people: &[PersonKey],
    (index_date, until): (Day, Day),
    threads: usize,
    steps: &Steps,
) -> Result<Vec<Outcome>> {
    let hindsight = history.view_in_hindsight(until);
    // No outcome depends on the GP record.
    let parts = history.each_bucket(
        &hindsight,
        threads,
        |_| false,
        |bucket| {
            let known = bucket.iter().filter_map(|person| {
                let place = people.binary_search(&person.key).ok()?;
                Some((place, outcome(person, index_date, until)))
            });
            let known: Vec<(usize, Outcome)> = known.collect();
            steps.one_more();
            known
        },
    )?;
    let mut outcomes = vec![Outcome::Stayed; people.len()];
    for (place, outcome) in parts.into_iter().flatten() {
        outcomes[place] = outcome;
    }
    Ok(outcomes)
}

/// The last day whose outcomes count: that of the newest extract. Rows of an extract that was taken during a day may
/// miss a part of it, which is why a night's index date is the day before; a window of months does not notice.
pub(super) fn last_whole_day(history: &History, index_date: Day) -> Result<Day> {
    history.ledger.newest_extract().ok_or_else(|| {
        let what = format!("nothing was delivered, so nothing is known of {index_date}");
        Error::refused(what, "put a delivery into the folder of `[extracts] folder`")
    })
}

/// What happened to a person within `(index_date, until]`; `person` is as the end of the window finds them, in hindsight.
fn outcome(person: &Person, index_date: Day, until: Day) -> Outcome {
    let cips = cips(&person.episodes);
    let is_within = |day: Day| index_date < day && day <= until;
    if cips.iter().any(|cip| cip.kind == StayKind::Emergency && is_within(cip.admission_date)) {
        Outcome::Admitted
    } else if standing::death(person, &cips).is_some_and(|day| day <= until) {
        // A death before the index date that nobody knew of then is one that the list would have called, too.
        Outcome::DiedFirst
    } else if has_left(person, index_date) {
        Outcome::Left
    } else {
        Outcome::Stayed
    }
}

/// Registered on the index date, and nowhere at the end of the window. A move to another practice of the area leaves a
/// registration open; one to a practice elsewhere doesn't, for the extracts hold the area's alone.
fn has_left(person: &Person, index_date: Day) -> bool {
    let was_open = |row: &Registration| row.start_date <= index_date && row.end_date.is_none_or(|end| end > index_date);
    let is_left_open = |row: &Registration| row.end_date.is_none();
    let somewhere = || standing::registrations(person);
    somewhere().any(was_open) && !somewhere().any(is_left_open)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cohort::tests::life::{day, person};

    /// What happened within (20 November 2026, 19 May 2027], half a year.
    #[track_caller]
    fn check(lines: &str, expected: Outcome) {
        let until = day("2027-05-19");
        assert_eq!(outcome(&person(lines), day("2026-11-20"), until), expected);
    }

    use Outcome::{Admitted, DiedFirst, Left, Stayed};

    #[test]
    fn an_emergency_counts_from_the_day_after_the_index_date_to_the_last_of_the_window() {
        for (admitted, expected) in
            [("2026-11-20", Stayed), ("2026-11-21", Admitted), ("2027-05-19", Admitted), ("2027-05-20", Stayed)]
        {
            check(&format!("stay R1H {admitted} - 21 - J440"), expected);
        }
        check("stay R1H 2026-12-01 2026-12-02 11 19 K400", Stayed);
    }

    #[test]
    fn a_transfer_of_a_stay_that_began_before_is_no_admission() {
        let began = "stay R1H 2026-11-18 2026-11-22 21 51 J440";
        check(&format!("{began}\n stay RF4 2026-11-22 2026-11-30 2B 19 J440"), Stayed);
        check(&format!("{began}\n stay RF4 2026-11-28 2026-11-30 2B 19 J440"), Admitted);
    }

    #[test]
    fn a_death_counts_unless_an_emergency_came_before_it() {
        check("dead 2027-01-10 ons", DiedFirst);
        check("dead 2027-05-19 ons", DiedFirst);
        check("dead 2027-05-20 ons", Stayed);
        check("stay R1H 2026-11-18 2026-12-01 21 79 J440", DiedFirst);
        check("stay R1H 2027-01-01 2027-01-10 21 79 J440\n dead 2027-01-10 ons", Admitted);
        check("gp F99901 2010-01-01 2027-01-10 regular\n dead 2027-01-10 ons", DiedFirst);
    }

    #[test]
    fn whoever_is_registered_nowhere_any_more_has_left() {
        check("gp F99901 2010-01-01 - regular", Stayed);
        check("gp F99901 2010-01-01 2027-01-10 regular", Left);
        check("gp F99901 2010-01-01 2027-01-10 regular\n gp F99902 2027-01-10 - regular", Stayed);
        check("gp F99901 2010-01-01 2027-01-10 regular\n gp V81999 2027-01-10 - regular", Left);
        check("gp F99901 2010-01-01 2027-01-10 regular\n stay R1H 2027-02-01 - 21 - J440", Admitted);
    }

    #[test]
    fn whoever_was_registered_nowhere_has_not_left() {
        check("born 1950-03 E01000001", Stayed);
        check("gp F99901 2010-01-01 2026-11-20 regular", Stayed);
        check("gp V81999 2010-01-01 2027-01-10 regular", Stayed);
        check("gp F99901 2010-01-01 2027-01-10 temporary", Stayed);
    }
}
