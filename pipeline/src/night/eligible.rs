//! Who of those scored may be on a list of a pathway tonight, and what keeps somebody off.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::pathways::{Flag, Pathway, PathwayId};

use crate::{
    cohort::Member,
    feedback::status::Hold,
    history::records::PersonKey,
    night::{
        before::{Before, OldLine},
        lists::Standing,
    },
    pathways::{FoundBy, Risk, flags, looked_after::By},
    score::Ranked,
    worklist::{history::Past, line::Band},
};

/// The rules of the pathways, on one night.
pub struct Eligible<'a> {
    standing: &'a Standing<'a>,
    /// Whoever was on a list before, of whom rules ask less: nobody comes and goes at an edge.
    listed_before: BTreeMap<(PathwayId, PersonKey), &'a OldLine>,
}

/// Nights within which a rise counts, of whoever is on a list, in days; and from how many points on it is one.
const RISE: (i32, u32) = (30, 5);

/// The risk of somebody, for what rules ask of it.
struct Asked<'a> {
    ranked: Ranked<'a>,
    /// On a list already: what rose stays so for a while, and does not cease to by rising further.
    is_listed: bool,
    has_risen: bool,
}

impl Risk for Asked<'_> {
    fn is_in_top(&self, percent: f64) -> bool {
        self.ranked.is_in_top(percent)
    }

    fn is_rising(&self) -> bool {
        match self.is_listed {
            true => self.ranked.band() >= Band::Rising || self.has_risen,
            false => self.ranked.band() == Band::Rising,
        }
    }
}

/// Why somebody who is scored is not to be on a list.
#[derive(Clone, Debug, PartialEq)]
pub enum WhyNot<'a> {
    /// On the end-of-life register.
    EndOfLife,
    /// The pathway has no place for whoever this is true of.
    Flagged(Flag),
    /// A contact says so.
    OnHold(&'a Hold),
    /// The pathway leaves them to a service that looks after them already.
    LookedAfter(By),
    /// Their risk is not among the highest.
    LowRisk,
    /// No rule of the pathway finds them.
    NotFound(&'a Pathway),
}

impl<'a> Eligible<'a> {
    /// The rules, as the settings have them.
    pub fn of(standing: &'a Standing<'a>) -> Eligible<'a> {
        let night_before = standing.before.map(|before| before.lines.as_slice()).unwrap_or_default();
        let of = |line: &'a OldLine| ((line.pathway, line.person), line);
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
        } else if let Some(by) = member.looked_after.keeps_off(&self.standing.settings.pathways[pathway]) {
            Some(WhyNot::LookedAfter(by))
        } else if status.is_carried_over || self.is_found(member, pathway) {
            None
        } else if self.is_found_but_for_risk(member, pathway) {
            Some(WhyNot::LowRisk)
        } else {
            Some(WhyNot::NotFound(&self.standing.settings.pathways[pathway]))
        }
    }

    /// Whoever was on a list of a pathway before.
    pub fn listed_before(&self, pathway: PathwayId) -> BTreeSet<PersonKey> {
        let of_pathway = self.listed_before.keys().filter(|(of, _)| *of == pathway);
        of_pathway.map(|(_, person)| *person).collect()
    }

    /// The rules of a pathway that find somebody, whether or not something keeps them off.
    pub fn rules_finding(&self, member: &Member, pathway: PathwayId) -> Vec<FoundBy> {
        let asked = self.asked(member, pathway);
        self.standing.routing.rules.finding(pathway, member.found, &asked, asked.is_listed)
    }

    /// Whether any rule of a pathway finds somebody, whether or not something keeps them off.
    pub fn is_found(&self, member: &Member, pathway: PathwayId) -> bool {
        let asked = self.asked(member, pathway);
        self.standing.routing.rules.finds(pathway, member.found, &asked, asked.is_listed)
    }

    fn is_found_but_for_risk(&self, member: &Member, pathway: PathwayId) -> bool {
        let is_listed = self.listed_before.contains_key(&(pathway, member.key));
        self.standing.routing.rules.but_for_risk(pathway, member.found, is_listed).next().is_some()
    }

    fn asked(&self, member: &Member, pathway: PathwayId) -> Asked<'_> {
        let line = self.listed_before.get(&(pathway, member.key));
        Asked {
            ranked: self.standing.scored.ranked(member),
            is_listed: line.is_some(),
            has_risen: line.is_some_and(|line| self.has_risen(member, line)),
        }
    }

    /// Whether the risk of somebody who was on a list has risen since any of the nights that their line told of lately.
    fn has_risen(&self, member: &Member, line: &OldLine) -> bool {
        let (days, points) = RISE;
        let since = self.standing.index_date - days;
        let history = |before: &Before| before.history(&line.team_id, line.pathway, member.key, &line.person_ref);
        let past = self.standing.before.map(history).unwrap_or_default();
        let now = Past::of(self.standing.index_date, member.risk).in_100;
        past.iter().any(|past| past.on >= since && now >= past.in_100 + points)
    }
}

impl WhyNot<'_> {
    /// For whoever had them on a list; nothing in it is sensitive.
    pub fn in_words(&self) -> String {
        match self {
            WhyNot::EndOfLife => "on the end-of-life register".to_owned(),
            WhyNot::Flagged(flag) => flags::why_off(*flag).to_owned(),
            WhyNot::OnHold(hold) => hold.in_words(),
            WhyNot::LookedAfter(by) => by.kept_off(),
            WhyNot::LowRisk => "risk no longer among the highest".to_owned(),
            WhyNot::NotFound(pathway) => pathway.why_over(),
        }
    }
}
