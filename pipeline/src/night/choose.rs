//! Who is on which team's list, and who waits.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use earlycall_schemas::pathways::PathwayId;

use crate::{
    cohort::Member,
    error::Result,
    history::{each_in_order, records::PersonKey},
    holdout::{Trial, enter::Entering},
    night::{before::OldLine, eligible::Eligible, lists::Standing},
    worklist::{
        floors::Kept,
        owner::Team,
        rank::{self, Candidate, Cut, revise, select},
        summary::FloorTold,
    },
};

/// So many people are asked about by one thread in turn: few enough that a small service has several such parts too.
const ASKED_AT_ONCE: usize = 1 << 10;

/// A team with the people it calls, first to last.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The team.
    pub team: Team,
    /// People who have accepted this week: so many places are taken.
    pub n_accepted_this_week: u32,
    /// Scored people whom it owns.
    pub n_owned: u64,
    /// Its list.
    pub people: Vec<PersonKey>,
    /// Places that are kept for some, and what comes of it.
    pub floors: Vec<FloorTold>,
    /// Who could be on it and is not, in the order in which they would be called. Whoever is held out waits as anybody does.
    pub waiting: Vec<PersonKey>,
}

/// Chooses each team's list. Teams by `team_id`; a team without people has an empty list, and one whose pathway has no rule
/// that can be asked has none. During a trial whoever comes within reach of a coaching list enters it, and whoever is held out is on none and
/// waits, so that nobody stops waiting because of an arm.
///
/// # Errors
/// * [`crate::error::Kind::Permission`] when a key cannot be used.
pub fn choose(standing: &Standing, trial: Option<&mut Trial>, threads: usize) -> Result<Vec<Chosen>> {
    let (tie_key, eligible) = (standing.keys.tie()?, Eligible::of(standing));
    let mut owned = candidates(standing, &eligible, threads)?;
    let coached_before = eligible.listed_before(PathwayId::Coaching);
    let risks = risks_of_coaching(standing.teams, &owned);
    let mut entering = Entering::new(trial, &coached_before, &standing.contacted[PathwayId::Coaching], risks);
    let can_ask = |table: &str| standing.feeds.has_come(table);
    let is_offered = |team: &&Team| standing.settings.pathways[team.pathway].is_offered(can_ask);
    let teams = standing.teams.iter().filter(is_offered);
    let chosen = teams.map(|team| {
        let mut candidates = owned.remove(team.team_id.as_str()).unwrap_or_default();
        let n_accepted_this_week = standing.contacted[team.pathway].accepted_this_week(&team.team_id);
        let slots = team.weekly_capacity.saturating_sub(n_accepted_this_week) as usize;
        let kept = standing.routing.floors.of_team(&team.team_id, slots);
        let cut = Cut { slots, kept: &kept, hysteresis: standing.settings.worklist.hysteresis, tie_key: &tie_key };
        let of_team = |line: &&OldLine| line.team_id == team.team_id && line.pathway == team.pathway;
        let replaced: Vec<PersonKey> = standing.replaced.iter().filter(of_team).map(|line| line.person).collect();
        let before = standing.before.map(|before| before.listed(team)).unwrap_or_default();
        let list = |candidates: &[Candidate]| match standing.replaced.is_empty() {
            true => select(candidates, &before, &cut),
            false => revise(candidates, &replaced, &cut),
        };
        let but_for_arms = candidates.clone();
        let people = match team.pathway {
            PathwayId::Coaching => entering.list(&team.team_id, &mut candidates, list),
            _ => list(&candidates),
        };
        let waiting = rank::waiting(&but_for_arms, &people, &tie_key);
        let floors = floors(standing, &candidates, &before, &people, &cut);
        Chosen { team: team.clone(), n_accepted_this_week, n_owned: candidates.len() as u64, people, floors, waiting }
    });
    Ok(chosen.collect())
}

/// The risks of everybody who could be on a coaching list.
fn risks_of_coaching(teams: &[Team], owned: &BTreeMap<Arc<str>, Vec<Candidate>>) -> Vec<f64> {
    let coaching = teams.iter().filter(|team| team.pathway == PathwayId::Coaching);
    let candidates = coaching.filter_map(|team| owned.get(team.team_id.as_str())).flatten();
    candidates.filter(|candidate| candidate.may_be_listed).map(|candidate| candidate.risk).collect()
}

/// What the places that are kept come to, beside the list as it would be if none were.
fn floors(
    standing: &Standing,
    candidates: &[Candidate],
    before: &BTreeSet<PersonKey>,
    people: &[PersonKey],
    cut: &Cut,
) -> Vec<FloorTold> {
    if cut.kept.is_empty() {
        return Vec::new();
    }
    let without = select(candidates, before, &Cut { kept: &[], ..*cut });
    let told = |kept: &Kept| {
        let theirs: BTreeSet<PersonKey> =
            candidates.iter().filter(|one| one.counts_for.has(kept.floor)).map(|one| one.key).collect();
        let n = |list: &[PersonKey]| list.iter().filter(|person| theirs.contains(person)).count() as u64;
        let codes = standing.routing.floors.in_words(kept.floor);
        FloorTold { codes, kept: kept.n as u64, listed: n(people), without: n(&without) }
    };
    cut.kept.iter().map(told).collect()
}

/// Everybody whom a team owns, by team: of each pathway at most one.
fn candidates(standing: &Standing, eligible: &Eligible, threads: usize) -> Result<BTreeMap<Arc<str>, Vec<Candidate>>> {
    let some: Vec<&[Member]> = standing.scored.cohort.members().chunks(ASKED_AT_ONCE).collect();
    let of_some = |at: usize| {
        let mut owned: BTreeMap<Arc<str>, Vec<Candidate>> = BTreeMap::new();
        for member in some[at] {
            for pathway in PathwayId::ALL {
                let Some(team_id) = standing.scored.team(member, pathway) else { continue };
                let is_carried_over = standing.contacted[pathway].status(member.key).is_carried_over;
                let may_be_listed = eligible.why_not(member, pathway).is_none();
                let (key, risk, counts_for) = (member.key, member.risk, member.counts_for);
                let candidate = Candidate { key, risk, may_be_listed, is_carried_over, counts_for };
                owned.entry(team_id).or_default().push(candidate);
            }
        }
        Ok(owned)
    };
    let mut owned: BTreeMap<Arc<str>, Vec<Candidate>> = BTreeMap::new();
    each_in_order(threads, some.len(), of_some, |of_some| {
        of_some.into_iter().for_each(|(team_id, some)| owned.entry(team_id).or_default().extend(some));
        Ok(())
    })?;
    Ok(owned)
}

/// How many people each pathway would have on a list, or waiting for one, had they a team of it: of the pathways that have any.
pub fn without_team(standing: &Standing) -> BTreeMap<&'static str, u64> {
    let eligible = Eligible::of(standing);
    let has_teams = |pathway: &PathwayId| standing.teams.iter().any(|team| team.pathway == *pathway);
    let pathways = PathwayId::ALL.into_iter().filter(has_teams);
    let n_of = |pathway: PathwayId| {
        let nobody_s = standing.scored.cohort.members().iter().filter(|member| member.owners[pathway].is_none());
        nobody_s.filter(|member| eligible.why_not(member, pathway).is_none()).count() as u64
    };
    pathways.map(|pathway| (pathway.code(), n_of(pathway))).filter(|(_, n)| *n > 0).collect()
}

/// The teams of other pathways than coaching on whose lists somebody is, or could be if there were room.
pub fn other_teams(chosen: &[Chosen]) -> BTreeMap<PersonKey, Vec<Arc<str>>> {
    let mut teams: BTreeMap<PersonKey, Vec<Arc<str>>> = BTreeMap::new();
    for list in chosen.iter().filter(|list| list.team.pathway != PathwayId::Coaching) {
        let team_id: Arc<str> = list.team.team_id.as_str().into();
        for person in list.people.iter().chain(&list.waiting) {
            teams.entry(*person).or_default().push(team_id.clone());
        }
    }
    teams
}
