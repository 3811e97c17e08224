//! Whether a gap is about somebody: by condition, by age, and by the points of a score.

use earlycall_schemas::care_gaps::{POINTS, Points};

use super::Question;
use crate::features::ConditionRecord;

/// Whether the person is one of those whom the gap is about.
pub(super) fn is_about(question: &Question) -> bool {
    let gap = question.gap;
    let age = age_years(question);
    let is_so_old = gap.from_age_years.is_none_or(|from| age >= i64::from(from));
    let is_so_young = gap.below_age_years.is_none_or(|below| age < i64::from(below));
    let has_it = gap.conditions.is_empty() || with_any(question, &gap.conditions).next().is_some();
    has_it && is_so_old && is_so_young && scores_enough(question)
}

/// Whether the person has had a condition that the gap is about for the whole window: nobody expects last week's
/// diagnosis to have been followed for a year.
pub(super) fn has_been_for_the_whole_window(question: &Question) -> bool {
    let conditions = &question.gap.conditions;
    conditions.is_empty() || with_any(question, conditions).any(|record| record.first <= question.before())
}

fn scores_enough(question: &Question) -> bool {
    let points = &question.gap.points;
    let sum: u32 = points.iter().filter(|points| holds(question, points)).map(|points| points.n).sum();
    points.is_empty() || f64::from(sum) >= question.limit(POINTS)
}

fn holds(question: &Question, points: &Points) -> bool {
    let sex = question.assessed.person.patient.sex;
    (points.conditions.is_empty() || with_any(question, &points.conditions).next().is_some())
        && points.from_age_years.is_none_or(|from| age_years(question) >= i64::from(from))
        && points.sex.as_ref().is_none_or(|code| sex.as_str() == code)
}

fn with_any<'a>(question: &'a Question, ids: &'a [String]) -> impl Iterator<Item = &'a ConditionRecord> {
    question.assessed.conditions.iter().filter(move |record| ids.contains(&record.condition.id))
}

fn age_years(question: &Question) -> i64 {
    question.assessed.subject().age_years(question.at.index_date)
}
