//! Who of those scored may be on a coaching list tonight: the trigger of the pathway, and what keeps somebody off.

use std::collections::BTreeSet;

use crate::{cohort::Member, feedback::status::Hold, history::records::PersonKey, night::lists::Standing};

/// The rules of the coaching pathway, on one night.
pub struct Eligible<'a> {
    standing: &'a Standing<'a>,
    /// Whoever was on a list before, for whom the share of the highest risks is wider and the days of unplanned care are more:
    /// nobody comes and goes at an edge.
    listed_before: BTreeSet<PersonKey>,
}

/// Why somebody who is scored is not to be on a coaching list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyNot<'a> {
    /// On the end-of-life register.
    EndOfLife,
    /// A contact says so.
    OnHold(&'a Hold),
    /// Their risk is not among the highest.
    LowRisk,
    /// They had no unplanned care of late.
    NoUnplannedCare,
}

impl<'a> Eligible<'a> {
    /// The rules, as the settings have them.
    pub fn of(standing: &'a Standing<'a>) -> Eligible<'a> {
        let night_before = standing.before.map(|before| before.lines.as_slice()).unwrap_or_default();
        let listed_before = night_before.iter().chain(standing.replaced).map(|line| line.person).collect();
        Eligible { standing, listed_before }
    }

    /// The first reason why not, if there is one. Whoever is carried over was eligible when they were first called.
    pub fn why_not(&self, member: &Member) -> Option<WhyNot<'a>> {
        let settings = self.standing.settings;
        let (coaching, status) = (settings.pathways.coaching, self.standing.contacted.status(member.key));
        let is_listed = self.listed_before.contains(&member.key);
        let wider = if is_listed { settings.worklist.hysteresis.max(1.0) } else { 1.0 };
        if member.is_at_end_of_life {
            Some(WhyNot::EndOfLife)
        } else if let Some(hold) = &status.hold {
            Some(WhyNot::OnHold(hold))
        } else if status.is_carried_over {
            None
        } else if !self.standing.scored.is_in_top(member, coaching.risk_top_percent * wider) {
            Some(WhyNot::LowRisk)
        } else if !self.had_unplanned_care(member, wider, is_listed) {
            Some(WhyNot::NoUnplannedCare)
        } else {
            None
        }
    }

    /// Whether somebody had unplanned care lately enough. Where attendances are not known, that somebody had none is no reason
    /// to take them off a list.
    fn had_unplanned_care(&self, member: &Member, wider: f64, is_listed: bool) -> bool {
        let days = self.standing.settings.pathways.coaching.unplanned_care_within_days;
        let since = self.standing.index_date - (f64::from(days) * wider) as i32;
        let was_lately = member.last_unplanned_care.is_some_and(|day| day > since);
        days == 0 || was_lately || (is_listed && !self.standing.knows_attendances)
    }
}

impl WhyNot<'_> {
    /// For whoever had them on a list; nothing in it is sensitive.
    pub fn in_words(&self) -> String {
        match self {
            WhyNot::EndOfLife => "on the end-of-life register".to_owned(),
            WhyNot::OnHold(hold) => hold.in_words(),
            WhyNot::LowRisk => "risk no longer among the highest".to_owned(),
            WhyNot::NoUnplannedCare => "no unplanned care of late any more".to_owned(),
        }
    }
}
