//! Learning: the same cohort and features as a night's, on past index dates, with what happened next.

use std::collections::BTreeMap;

use earlycall_model::{
    RiskModelParams, Rows, Training,
    artefact::{Artefact, TrainingWindow},
};
use earlycall_schemas::catalogue::catalogue;
use ndarray::Array2;

use crate::{
    cohort::{self, Circumstances, Cohort, Member, cips::cips, standing, stay::StayKind},
    day::Day,
    error::{Error, Kind, Result},
    features::Feeds,
    history::{
        History,
        records::{Person, PersonKey, Registration},
    },
    model_store,
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

/// Past members with what happened next.
#[derive(Debug)]
pub struct Past {
    /// Whoever was in the cohort then.
    pub cohort: Cohort,
    /// What happened, per person; whoever is not here left no row.
    pub outcomes: BTreeMap<PersonKey, Outcome>,
}

/// The cohort of a past index date, as it was known then, and what happened next, as it is known now.
///
/// # Errors
/// * [`Kind::Usage`] when the data end before the window does.
/// * [`Kind::Storage`] when the history cannot be read.
pub fn past(history: &History, settings: &Settings, index_date: Day, threads: usize) -> Result<Past> {
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
    let view = history.view(index_date);
    let newest = history.newest_events(&view, threads)?;
    let feeds = Feeds::new(newest.keys().map(String::as_str));
    let at = Circumstances { index_date, reference: &history.reference, feeds: &feeds, settings: &settings.cohort };
    let cohort = cohort::assemble(history, &view, &at, threads)?;
    let hindsight = history.view_in_hindsight(until);
    let parts = history.each_bucket(&hindsight, threads, |people| {
        people.iter().map(|person| (person.key, outcome(person, index_date, until))).collect::<Vec<_>>()
    })?;
    Ok(Past { cohort, outcomes: parts.into_iter().flatten().collect() })
}

/// The last day whose outcomes count: that of the newest extract. Rows of an extract that was taken during a day may
/// miss a part of it, which is why a night's index date is the day before; a window of months does not notice.
fn last_whole_day(history: &History, index_date: Day) -> Result<Day> {
    history
        .ledger
        .newest_extract()
        .ok_or_else(|| Error::new(Kind::Extract, format!("nothing was delivered, so nothing is known of {index_date}")))
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

/// Fits a model on one or more past index dates.
///
/// # Errors
/// * [`Kind::Usage`] when a window is not over.
/// * [`Kind::Model`] when there are too few people or outcomes to learn from.
pub fn train(history: &History, settings: &Settings, index_dates: &[Day], threads: usize) -> Result<Artefact> {
    let columns = model_store::columns();
    let mut rows = TrainingRows::default();
    for &index_date in index_dates {
        rows.add(past(history, settings, index_date, threads)?);
    }
    let refused = |error: earlycall_model::Error| {
        Error::new(Kind::Model, error.to_string()).hint("train on more people, or on more index dates")
    };
    let n_rows = rows.events.len();
    let x = Array2::from_shape_vec((n_rows, columns.len()), rows.values).expect("every row has every column");
    let params = RiskModelParams::new().horizon_days(settings.prediction.horizon_days as u32).threads(threads);
    let training =
        Training { rows: Rows { columns: &columns, x: x.view() }, events: &rows.events, persons: &rows.persons };
    let model = params.check().map_err(refused)?.fit(&training).map_err(refused)?;
    let dates: Vec<String> = index_dates.iter().map(Day::to_string).collect();
    Ok(Artefact {
        name: name(settings, index_dates),
        outcome: settings.prediction.outcome.code().to_owned(),
        training: TrainingWindow { data_to: last_whole_day(history, index_dates[0])?.to_string(), index_dates: dates },
        catalogue_hash: catalogue().hash().to_owned(),
        code_list_hashes: BTreeMap::from([("embedded".to_owned(), earlycall_schemas::codelists::hash().to_owned())]),
        cohort: rows.counts,
        ..Artefact::of(model)
    })
}

/// Outcome, horizon, and the first and last index date.
fn name(settings: &Settings, index_dates: &[Day]) -> String {
    let prediction = format!("{}-{}d", settings.prediction.outcome.code(), settings.prediction.horizon_days);
    match index_dates {
        [only] => format!("{prediction}-{only}"),
        [first, .., last] => format!("{prediction}-{first}-{last}"),
        [] => prediction,
    }
}

/// Rows of several index dates, one under the other.
#[derive(Default)]
struct TrainingRows {
    values: Vec<f64>,
    events: Vec<bool>,
    persons: Vec<u64>,
    counts: BTreeMap<String, u64>,
}

impl TrainingRows {
    fn add(&mut self, past: Past) {
        for (standing, n) in past.cohort.counts() {
            *self.counts.entry(standing.to_owned()).or_default() += n;
        }
        for member in &past.cohort.members {
            let outcome = past.outcomes.get(&member.key).copied().unwrap_or(Outcome::Stayed);
            let (name, label) = match outcome {
                Outcome::Admitted => ("outcome_admitted", Some(true)),
                Outcome::DiedFirst => ("outcome_died_first", Some(false)),
                Outcome::Left => ("outcome_left_the_area", None),
                Outcome::Stayed => ("outcome_neither", Some(false)),
            };
            *self.counts.entry(name.to_owned()).or_default() += 1;
            if let Some(event) = label {
                self.push(member, event);
            }
        }
    }

    fn push(&mut self, member: &Member, event: bool) {
        self.values.extend(&member.row);
        self.events.push(event);
        let first_bytes = member.key.as_bytes()[..8].try_into().expect("a key has 32 bytes");
        self.persons.push(u64::from_be_bytes(first_bytes));
    }
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
