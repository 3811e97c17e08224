//! Who of those scored may be on a list of a pathway tonight, and what keeps somebody off.

use std::collections::BTreeSet;

use earlycall_schemas::pathways::{Asks, Flag, PathwayId, pathways};

use crate::{
    cohort::Member,
    feedback::status::Hold,
    history::records::PersonKey,
    night::{before::OldLine, lists::Standing},
    pathways::flags,
};

/// The rules of the pathways, on one night.
pub struct Eligible<'a> {
    standing: &'a Standing<'a>,
    /// Whoever was on a list before, of whom rules ask less: nobody comes and goes at an edge.
    listed_before: BTreeSet<(PathwayId, PersonKey)>,
}

/// Why somebody who is scored is not to be on a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyNot<'a> {
    /// On the end-of-life register.
    EndOfLife,
    /// The pathway has no place for whoever this is true of.
    Flagged(Flag),
    /// A contact says so.
    OnHold(&'a Hold),
    /// Their risk is not among the highest.
    LowRisk,
    /// No rule of the pathway finds them.
    NotFound(PathwayId),
}

impl<'a> Eligible<'a> {
    /// The rules, as the settings have them.
    pub fn of(standing: &'a Standing<'a>) -> Eligible<'a> {
        let night_before = standing.before.map(|before| before.lines.as_slice()).unwrap_or_default();
        let of = |line: &OldLine| (standing.pathway_of(&line.team_id), line.person);
        Eligible { standing, listed_before: night_before.iter().chain(standing.replaced).map(of).collect() }
    }

    /// The first reason why not, if there is one. Whoever is carried over was eligible when they were first called.
    pub fn why_not(&self, member: &Member, pathway: PathwayId) -> Option<WhyNot<'a>> {
        let status = self.standing.contacted[pathway].status(member.key);
        let excluded = member.flags.first_of(&self.standing.settings.pathways[pathway].exclude);
        if member.is_at_end_of_life {
            Some(WhyNot::EndOfLife)
        } else if let Some(flag) = excluded {
            Some(WhyNot::Flagged(flag))
        } else if let Some(hold) = &status.hold {
            Some(WhyNot::OnHold(hold))
        } else if status.is_carried_over || !self.rules_finding(member, pathway).is_empty() {
            None
        } else if self.is_found_but_for_risk(member, pathway) {
            Some(WhyNot::LowRisk)
        } else {
            Some(WhyNot::NotFound(pathway))
        }
    }

    /// Whoever was on a list of a pathway before.
    pub fn listed_before(&self, pathway: PathwayId) -> BTreeSet<PersonKey> {
        self.listed_before.iter().filter(|(of, _)| *of == pathway).map(|(_, person)| *person).collect()
    }

    /// The rules of a pathway that find somebody, whether or not something keeps them off.
    pub fn rules_finding(&self, member: &Member, pathway: PathwayId) -> Vec<&'a Asks> {
        let risk = self.standing.scored.risk_of(member);
        let is_listed = self.was_listed(member, pathway);
        self.standing.routing.rules.finding(pathway, member.found, risk, is_listed).collect()
    }

    fn is_found_but_for_risk(&self, member: &Member, pathway: PathwayId) -> bool {
        let is_listed = self.was_listed(member, pathway);
        self.standing.routing.rules.but_for_risk(pathway, member.found, is_listed).next().is_some()
    }

    fn was_listed(&self, member: &Member, pathway: PathwayId) -> bool {
        self.listed_before.contains(&(pathway, member.key))
    }
}

impl WhyNot<'_> {
    /// For whoever had them on a list; nothing in it is sensitive.
    pub fn in_words(&self) -> String {
        match self {
            WhyNot::EndOfLife => "on the end-of-life register".to_owned(),
            WhyNot::Flagged(flag) => flags::why_off(*flag).to_owned(),
            WhyNot::OnHold(hold) => hold.in_words(),
            WhyNot::LowRisk => "risk no longer among the highest".to_owned(),
            WhyNot::NotFound(pathway) => pathways()[*pathway].over.clone(),
        }
    }
}
