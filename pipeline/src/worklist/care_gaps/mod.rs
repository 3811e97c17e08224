//! The care gaps of a line: checks and medicines that somebody should have and, by their GP record, has not.
//!
//! The declarations of [`earlycall_schemas::care_gaps`], asked of one person's rows: [`whom`] decides whether a gap is
//! about them, [`record`] whether their record can tell, [`find`] what it tells, [`words`] how that is said. What is not
//! certain is not said: a coach who names a check that was done loses somebody's trust.

mod find;
mod record;
#[cfg(test)]
mod tests;
mod whom;
mod words;

use earlycall_schemas::care_gaps::{CareGap, WITHIN_DAYS, care_gaps};

use crate::{
    cohort::{Assessed, Circumstances},
    day::Day,
    settings::CareGaps,
    worklist::{columns::NO_DATA, lateness::Lateness},
};

/// Most gaps on a line: more are a reason to see the practice, not to be read out.
const GAPS_MAX: usize = 5;

/// The tables of a GP record.
const FEEDS: [&str; 2] = ["gp_events", "gp_prescriptions"];

/// The gaps of one person in sentences, the most urgent first; "No data" of whoever has no GP record, for nobody knows
/// that they have none. Two conditions that ask for the same check tell it once.
pub fn told(assessed: &Assessed, at: &Circumstances, late: &Lateness, settings: &CareGaps) -> Vec<String> {
    if !FEEDS.iter().any(|feed| record::is_there(feed, assessed, at)) {
        return vec![NO_DATA.to_owned()];
    }
    let mut told = Vec::new();
    for gap in care_gaps().all().iter().filter(|gap| settings.is_on(gap)) {
        let question = Question { gap, assessed, at, late, settings };
        if told.len() < GAPS_MAX {
            told.extend(question.answer().filter(|sentence| !told.contains(sentence)));
        }
    }
    told
}

/// One gap, asked of one person on an index date.
#[derive(Clone, Copy)]
struct Question<'a> {
    gap: &'a CareGap,
    assessed: &'a Assessed<'a>,
    at: &'a Circumstances<'a>,
    late: &'a Lateness,
    settings: &'a CareGaps,
}

impl Question<'_> {
    /// The sentence, if the gap is about the person, their record can tell, and there is one.
    fn answer(&self) -> Option<String> {
        let is_asked = whom::is_about(self) && record::is_there(self.gap.kind.feed(), self.assessed, self.at);
        is_asked.then(|| find::find(self)).flatten().map(|found| words::said(self, &found))
    }

    fn limit(&self, name: &str) -> f64 {
        self.settings.limit(self.gap, name)
    }

    /// Length of the window `(T - w, T]`.
    fn window_days(&self) -> i32 {
        self.limit(WITHIN_DAYS) as i32
    }

    /// The last day before the window.
    fn before(&self) -> Day {
        self.at.index_date - self.window_days()
    }
}
