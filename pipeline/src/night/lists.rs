//! Who is on which list, who left one, and the lines themselves.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    cohort::{self, Circumstances, pass::Pass, standing::Standing as Why},
    day::Day,
    error::{Error, Kind, Result},
    feedback::contacted::Contacted,
    history::records::PersonKey,
    keys::Keys,
    model_store,
    night::{
        before::{Before, OldLine},
        eligible::Eligible,
        leads::{self, WeekBefore},
    },
    quality::person::Findings,
    score::Scored,
    settings::Settings,
    worklist::{
        change::{change_in_words, points},
        compose::{self, Placed},
        lateness::Lateness,
        line::{Line, REMOVED, TeamList},
        moved::Said,
        owner::{COACHING, Team},
        person_ref::person_ref,
        rank::{self, Candidate, Cut, revise, select},
        removed::Removed,
    },
};

/// What the lists are made from.
pub struct Standing<'a> {
    /// Everybody, divided and scored.
    pub scored: &'a Scored<'a>,
    /// The night before.
    pub before: Option<&'a Before>,
    /// The lines of the lists that a revision replaces.
    pub replaced: &'a [OldLine],
    /// Keys of ties and references.
    pub keys: &'a Keys,
    /// Hysteresis.
    pub settings: &'a Settings,
    /// What is odd about people.
    pub findings: &'a Findings,
    /// Whose rows are late.
    pub late: &'a Lateness,
    /// What coaches found.
    pub contacted: &'a Contacted,
    /// The index date.
    pub index_date: Day,
    /// Whether it is known who was in A&E.
    pub knows_attendances: bool,
}

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
    /// Who could be on it and is not, in the order in which they would be called, and since which list.
    pub waiting: Vec<(PersonKey, Day)>,
}

/// Chooses each coaching team's list. Teams by `team_id`; a team without people has an empty list.
///
/// # Errors
/// * [`Kind::Permission`] when a key cannot be used.
pub fn choose(standing: &Standing, at: &Circumstances) -> Result<Vec<Chosen>> {
    let (tie_key, list_day) = (standing.keys.tie()?, at.index_date + 1);
    let mut owned: BTreeMap<&str, Vec<Candidate>> = BTreeMap::new();
    let eligible = Eligible::of(standing);
    for member in standing.scored.cohort.members() {
        if let Some(team_id) = standing.scored.team_id(member) {
            let is_carried_over = standing.contacted.status(member.key).is_carried_over;
            let may_be_listed = eligible.why_not(member).is_none();
            let candidate = Candidate { key: member.key, risk: member.risk, may_be_listed, is_carried_over };
            owned.entry(team_id).or_default().push(candidate);
        }
    }
    let coaching = at.reference.teams.iter().filter(|team| team.pathway == COACHING);
    let chosen = coaching.map(|team| {
        let candidates = owned.remove(team.team_id.as_str()).unwrap_or_default();
        let n_accepted_this_week = standing.contacted.accepted_this_week(&team.team_id);
        let slots = team.weekly_capacity.saturating_sub(n_accepted_this_week) as usize;
        let cut = Cut { slots, hysteresis: standing.settings.worklist.hysteresis, tie_key: &tie_key };
        let of_team = |line: &&OldLine| line.team_id == team.team_id;
        let replaced: Vec<PersonKey> = standing.replaced.iter().filter(of_team).map(|line| line.person).collect();
        let people = if standing.replaced.is_empty() {
            let before = standing.before.map(|before| before.listed(&team.team_id)).unwrap_or_default();
            select(&candidates, &before, &cut)
        } else {
            revise(&candidates, &replaced, &cut)
        };
        let since = |person| standing.before.and_then(|before| before.waiting_since(person)).unwrap_or(list_day);
        let waiting = rank::waiting(&candidates, &people, &tie_key);
        let waiting = waiting.into_iter().map(|person| (person, since(person))).collect();
        Chosen { team: team.clone(), n_accepted_this_week, n_owned: candidates.len() as u64, people, waiting }
    });
    Ok(chosen.collect())
}

/// Writes the lines: reads the people on a list once more, and puts each in their place.
///
/// # Errors
/// * [`Kind::Storage`] when a bucket cannot be read.
/// * [`Kind::Model`] when the model is for other columns than this program's.
pub fn write(
    chosen: &[Chosen],
    standing: &Standing,
    pass: &Pass,
    model: &model_store::Chosen,
    week_before: &WeekBefore,
) -> Result<Vec<TeamList>> {
    let mut places = places(chosen, standing)?;
    for (person, said) in said_before(&places, standing, pass, model)? {
        places.get_mut(&person).expect("only of whoever has a place").said_before = Some(said);
    }
    let listed: BTreeSet<PersonKey> = places.keys().copied().collect();
    let parts = pass.over(&listed, |people| {
        let lines = people.iter().map(|person| {
            let assessed = cohort::assess(person, &pass.at);
            let placed = places[&person.key].clone();
            let line = compose::line(&assessed, placed, &pass.at, model, standing.late, &standing.settings.care_gaps);
            line.map(|line| (person.key, line))
        });
        lines.collect::<Result<Vec<_>, _>>()
    })?;
    let mut lines: BTreeMap<PersonKey, Line> = BTreeMap::new();
    for part in parts {
        lines.extend(part.map_err(|error| Error::new(Kind::Model, error.to_string()))?);
    }
    let removed = removed(chosen, standing);
    let left = |team_id: &str| {
        let of_team = removed.iter().filter(|line| line.team_id == team_id);
        of_team.map(|line| (line.person_ref.clone(), line.reason.clone())).collect()
    };
    let mut list = |chosen: &Chosen| -> Result<TeamList> {
        Ok(TeamList {
            team_id: chosen.team.team_id.clone(),
            pathway: chosen.team.pathway.clone(),
            weekly_capacity: chosen.team.weekly_capacity,
            n_accepted_this_week: chosen.n_accepted_this_week,
            n_owned: chosen.n_owned,
            lines: chosen.people.iter().map(|person| lines.remove(person).expect("one list per person")).collect(),
            left: left(&chosen.team.team_id),
            waiting: leads::waiting(chosen, standing)?,
            summary: leads::summary(chosen, standing, week_before)?,
        })
    };
    chosen.iter().map(&mut list).collect()
}

/// Every listed person's place. A person is on one list, for they have one owner.
fn places(chosen: &[Chosen], standing: &Standing) -> Result<BTreeMap<PersonKey, Placed>> {
    let mut places = BTreeMap::new();
    for list in chosen {
        let key = standing.keys.team(&list.team.team_id)?;
        let before = standing.before.map(|before| before.listed(&list.team.team_id)).unwrap_or_default();
        for (place, person) in list.people.iter().enumerate() {
            let member = standing.scored.cohort.member(*person).expect("only who is scored is on a list");
            let score = standing.scored.score(member);
            let person_ref = person_ref(&key, *person);
            let of_before = standing.before.map(|before| before.history(&list.team.team_id, *person, &person_ref));
            let placed = Placed {
                line_no: place as u32 + 1,
                person_ref,
                history: of_before.unwrap_or_default(),
                risk: score.risk,
                said_before: None,
                change: change(score.risk, *person, before.contains(person), standing.before),
                band: score.band,
                was_listed: before.contains(person),
                may_be_two: standing.findings.may_mix(*person),
                contacts: standing.contacted.status(*person).clone(),
            };
            places.insert(*person, placed);
        }
    }
    Ok(places)
}

/// What the model said on the night before of those whose risk is another now, by what was known then.
fn said_before(
    places: &BTreeMap<PersonKey, Placed>,
    standing: &Standing,
    pass: &Pass,
    model: &model_store::Chosen,
) -> Result<Vec<(PersonKey, Said)>> {
    let Some(before) = standing.before else { return Ok(Vec::new()) };
    let has_moved =
        |person: &PersonKey, placed: &Placed| before.risk(*person).is_some_and(|risk| points(placed.risk, risk) != 0);
    let moved: BTreeSet<PersonKey> =
        places.iter().filter(|(person, placed)| has_moved(person, placed)).map(|(person, _)| *person).collect();
    let index_date = before.night.index_date;
    let at = Circumstances { index_date, ..pass.at };
    let then = Pass { view: pass.history.view(index_date), at, steps: pass.steps.clone(), ..*pass };
    let parts = then.over(&moved, |people| {
        let said = people.iter().map(|person| {
            let assessed = cohort::assess(person, &at);
            compose::said(&assessed, &at, model).map(|said| (person.key, said))
        });
        said.collect::<Result<Vec<_>, _>>()
    })?;
    let parts = parts.into_iter().collect::<Result<Vec<_>, _>>();
    Ok(parts.map_err(|error| Error::new(Kind::Model, error.to_string()))?.concat())
}

/// The change of a risk since the night before, in words; risks of two models, or of two variants, are not compared.
fn change(risk: f64, person: PersonKey, was_listed: bool, before: Option<&Before>) -> String {
    match before {
        Some(before) if !before.has_same_model => "not compared: another model".to_owned(),
        before => change_in_words(risk, before.and_then(|before| before.risk(person)), was_listed),
    }
}

/// Who was on a list before and is not any more, and why: before this revision, or else on the night before.
pub fn removed(chosen: &[Chosen], standing: &Standing) -> Vec<Removed> {
    let (scored, cohort) = (standing.scored, standing.scored.cohort);
    let now: BTreeMap<PersonKey, &str> =
        chosen.iter().flat_map(|list| list.people.iter().map(|person| (*person, list.team.team_id.as_str()))).collect();
    let eligible = Eligible::of(standing);
    let n_accepted = |team_id: &str| standing.contacted.accepted_this_week(team_id);
    let why = |line: &OldLine| match (cohort.why_not(line.person), cohort.member(line.person)) {
        (Some(standing), _) => standing.in_words().to_owned(),
        (None, None) => "no longer in the extracts".to_owned(),
        (None, Some(member)) => match eligible.why_not(member) {
            Some(why) => why.in_words(),
            None if scored.team_id(member) != Some(&line.team_id) => "now with another team".to_owned(),
            None => match n_accepted(&line.team_id) {
                0 => "others now have a higher risk".to_owned(),
                1 => "no place left this week: 1 person has accepted".to_owned(),
                n => format!("no place left this week: {n} people have accepted"),
            },
        },
    };
    let night_before = standing.before.map(|before| before.lines.as_slice()).unwrap_or_default();
    let old = if standing.replaced.is_empty() { night_before } else { standing.replaced };
    let left = old.iter().filter(|line| now.get(&line.person) != Some(&line.team_id.as_str()));
    left.map(|line| {
        // Whoever objects is told by the line of the older list alone: nothing of them is kept, not even a reference.
        let (person_ref, reason) = match cohort.why_not(line.person) {
            Some(Why::Objecting) => {
                (REMOVED.to_owned(), format!("line {} of the list before: do not call", line.line_no))
            }
            _ => (line.person_ref.clone(), why(line)),
        };
        Removed { team_id: line.team_id.clone(), line_no_before: line.line_no, person_ref, reason }
    })
    .collect()
}
