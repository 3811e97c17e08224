//! What each kind of gap finds in a record that can tell.

use earlycall_schemas::{
    care_gaps::{AT_LEAST, BESIDE_AT_LEAST, Kind, ToldWhen},
    codelists::observations,
};

use super::{
    Question,
    record::{can_tell_absence, days_of_issue, entries, issues, may_be},
};
use crate::{day::Day, history::records::thousandths};

/// What there is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Not measured since a day, or never.
    NotSince(Option<Day>),
    /// Values of a day that pass their limits, both in thousandths of their units and in the order of the measurements.
    Values { day: Day, values: Vec<i64>, limits: Vec<i64> },
    /// Nothing within the window.
    Nothing,
    /// On so many days within the window, the last of them.
    Times { n: usize, last: Day },
}

/// The gap, if there is one.
pub(super) fn find(question: &Question) -> Option<Found> {
    match &question.gap.kind {
        Kind::NotMeasured { observation } => not_measured(question, *observation),
        Kind::LastValue { observations, told_when } => last_values(question, observations, *told_when),
        Kind::NotPrescribed { medicines, beside } => not_prescribed(question, medicines, beside.as_deref()),
        Kind::Prescribed { medicines } => prescribed(question, medicines),
    }
}

/// An entry without a value was a measurement too: its unit was not known.
fn not_measured(question: &Question, observation: u16) -> Option<Found> {
    let last = entries(question, observation).map(|event| event.date).max();
    let is_missing = last.is_none_or(|last| last <= question.before()) && can_tell_absence(question);
    is_missing.then_some(Found::NotSince(last))
}

/// The values of the newest day that has any of the measurements. One without a value hides what the last one was, and so
/// nothing is told; of several of a day the highest counts, as for the features.
fn last_values(question: &Question, measured: &[u16], told_when: ToldWhen) -> Option<Found> {
    let day = measured.iter().flat_map(|&n| entries(question, n)).map(|event| event.date).max()?;
    if day <= question.before() {
        return None;
    }
    let value = |n: &u16| {
        let of_day: Vec<Option<i64>> =
            entries(question, *n).filter(|event| event.date == day).map(|event| event.value_milli).collect();
        if of_day.contains(&None) { None } else { of_day.into_iter().flatten().max() }
    };
    let limit = |n: &u16| thousandths(question.limit(&observations()[usize::from(*n)].id));
    let values: Vec<i64> = measured.iter().map(value).collect::<Option<_>>()?;
    let limits: Vec<i64> = measured.iter().map(limit).collect();
    // By what is told, in tenths, or "75, above 75" would be read.
    let tenths = |milli: i64| (milli + 50).div_euclid(100);
    let passes = |(value, limit): (&i64, &i64)| match told_when {
        ToldWhen::Above => tenths(*value) > tenths(*limit),
        ToldWhen::AtLeast => tenths(*value) >= tenths(*limit),
    };
    values.iter().zip(&limits).any(passes).then_some(Found::Values { day, values, limits })
}

fn not_prescribed(question: &Question, medicines: &[String], beside: Option<&[String]>) -> Option<Found> {
    let has_other =
        beside.is_none_or(|beside| days_of_issue(question, beside).len() as f64 >= question.limit(BESIDE_AT_LEAST));
    let has_none = !issues(question).any(|row| may_be(row, medicines));
    (has_other && has_none && can_tell_absence(question)).then_some(Found::Nothing)
}

fn prescribed(question: &Question, medicines: &[String]) -> Option<Found> {
    let days = days_of_issue(question, medicines);
    let last = *days.last()?;
    (days.len() as f64 >= question.limit(AT_LEAST)).then_some(Found::Times { n: days.len(), last })
}
