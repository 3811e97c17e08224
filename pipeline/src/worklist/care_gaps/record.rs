//! What a record can tell: that nothing is in it means something only where it would be in it.

use earlycall_schemas::care_gaps::Kind;

use super::{Question, whom};
use crate::{
    cohort::{Assessed, Circumstances},
    day::Day,
    history::records::{GpEvent, Prescription},
};

/// Whether there is a GP record of the person to ask: the feed counts, and a practice of the area has them.
pub(super) fn is_there(feed: &str, assessed: &Assessed, at: &Circumstances) -> bool {
    at.feeds.can_tell(feed) && assessed.registered_since.is_some()
}

/// Whether the record would hold what is missing: the practice's newest rows are here, the person was its patient for the
/// whole window, the record goes back beyond it, and the condition too. Before a move, and before the first delivery
/// begins, others may have done what we do not see.
pub(super) fn can_tell_absence(question: &Question) -> bool {
    let feed = question.gap.kind.feed();
    let before = question.before();
    !question.late.is_behind(feed, question.assessed, question.at)
        && question.assessed.registered_since.is_some_and(|since| since <= before)
        && first_day(question).is_some_and(|first| first <= before)
        && whom::has_been_for_the_whole_window(question)
}

/// The day of the first measurement, of whatever, or of the first prescription. A diagnosis does not tell how far a record
/// goes back, for it is dated by when it began; and where nothing is found that was ever measured, the practice may use
/// codes that are not on our lists.
fn first_day(question: &Question) -> Option<Day> {
    let person = question.assessed.person;
    match question.gap.kind {
        Kind::NotMeasured { .. } | Kind::LastValue { .. } => {
            let is_measured = |event: &&GpEvent| event.means.is_some_and(|means| means.observation.is_some());
            person.gp_events.iter().filter(is_measured).map(|event| event.date).min()
        }
        Kind::NotPrescribed { .. } | Kind::Prescribed { .. } => person.prescriptions.iter().map(|row| row.date).min(),
    }
}

/// The entries of a measurement, with a value or without.
pub(super) fn entries<'a>(question: &Question<'a>, observation: u16) -> impl Iterator<Item = &'a GpEvent> {
    let events = question.assessed.person.gp_events.iter();
    events.filter(move |event| event.means.is_some_and(|means| means.observation == Some(observation)))
}

/// The prescriptions within the window.
pub(super) fn issues<'a>(question: &Question<'a>) -> impl Iterator<Item = &'a Prescription> {
    let before = question.before();
    question.assessed.person.prescriptions.iter().filter(move |row| row.date > before)
}

/// The days within the window on which a medicine was prescribed, ascending, each once: two packets of one day are one
/// prescription.
pub(super) fn days_of_issue(question: &Question, medicines: &[String]) -> Vec<Day> {
    let is_one = |row: &&Prescription| medicines.iter().any(|start| row.medicine.bnf.as_str().starts_with(start));
    let mut days: Vec<Day> = issues(question).filter(is_one).map(|row| row.date).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// Whether a prescription is of one of the medicines or may be: many rows say only the section, and some nothing.
pub(super) fn may_be(row: &Prescription, medicines: &[String]) -> bool {
    let bnf = row.medicine.bnf.as_str();
    medicines.iter().any(|start| bnf.starts_with(start) || start.starts_with(bnf))
}
