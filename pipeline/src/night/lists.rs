//! What the lists are made from, the lines themselves, and who left a list.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::pathways::{ByPathway, PathwayId};

use crate::{
    cohort::{self, Circumstances, Member, pass::Pass, standing::Standing as Why},
    day::Day,
    error::{Error, Kind, Result},
    features::Feeds,
    feedback::contacted::Contacted,
    history::{in_order, records::PersonKey},
    keys::Keys,
    model_store,
    night::{
        before::{Before, OldLine},
        choose::Chosen,
        eligible::Eligible,
        leads::{self, WeekBefore},
        left_to::LeftTo,
        page::words_of,
    },
    pathways::{routing::Routing, stopped},
    quality::person::Findings,
    score::Scored,
    settings::Settings,
    worklist::{
        change::{change_in_words, points},
        compose::{self, Elsewhere, Placed},
        lateness::Lateness,
        line::{Line, REMOVED, TeamList},
        moved::Said,
        owner::Team,
        person_ref::person_ref,
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
    /// What the teams of each pathway found.
    pub contacted: &'a ByPathway<Contacted>,
    /// The teams, by `team_id`.
    pub teams: &'a [Team],
    /// How people come to their lists.
    pub routing: &'a Routing,
    /// Which tables are there.
    pub feeds: &'a Feeds,
    /// The index date.
    pub index_date: Day,
}

impl Standing<'_> {
    /// Whether lists of a pathway show who waits: as long as `[holdout]` stands in the settings coaching shows nobody, for
    /// whoever waits with a higher risk than somebody new on the list is held out of it.
    fn shows_who_waits(&self, pathway: PathwayId) -> bool {
        pathway != PathwayId::Coaching || self.settings.holdout.is_none()
    }
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
    left_to: &LeftTo,
) -> Result<Vec<TeamList>> {
    let mut places = places(chosen, standing)?;
    for (person, said) in said_before(&places, standing, pass, model)? {
        let placed = places.get_mut(&person).expect("only of whoever has a place");
        placed.iter_mut().for_each(|placed| placed.said_before = Some(said.clone()));
    }
    let listed: BTreeSet<PersonKey> = places.keys().copied().collect();
    let parts = pass.over(&listed, |people| {
        let mut lines = Vec::new();
        for person in people {
            let assessed = cohort::assess(person, &pass.at);
            for placed in &places[&person.key] {
                let line = compose::line(&assessed, placed, &pass.at, model, standing.late, standing.settings)?;
                lines.push(((placed.team_id.clone(), placed.line_no), line));
            }
        }
        Ok::<_, earlycall_model::Error>(lines)
    })?;
    let mut lines: BTreeMap<(String, u32), Line> = BTreeMap::new();
    for part in parts {
        lines.extend(part.map_err(|error| Error::new(Kind::Model, error.to_string()))?);
    }
    let removed = removed(chosen, standing);
    let left = |team_id: &str| {
        let of_team = removed.iter().filter(|line| line.team_id == team_id);
        of_team.map(|line| (line.person_ref.clone(), line.reason.clone())).collect()
    };
    // Whoever waits is looked up among everybody: on all threads, as there are many more of them than lines.
    let beside_lines = in_order(pass.threads, chosen.len(), |at| {
        let chosen = &chosen[at];
        let (waiting, waiting_unshown) = match standing.shows_who_waits(chosen.team.pathway) {
            true => (leads::waiting(chosen, standing)?, BTreeMap::new()),
            false => (Vec::new(), leads::waiting_unshown(chosen, standing)?),
        };
        Ok((waiting, waiting_unshown, leads::summary(chosen, standing, week_before, left_to)?))
    })?;
    let lists = chosen.iter().zip(beside_lines).map(|(chosen, (waiting, waiting_unshown, summary))| {
        let team_id = &chosen.team.team_id;
        let mut line = |line_no: u32| lines.remove(&(team_id.clone(), line_no)).expect("every place has its line");
        TeamList {
            team_id: team_id.clone(),
            pathway: chosen.team.pathway.code().to_owned(),
            weekly_capacity: chosen.team.weekly_capacity,
            n_accepted_this_week: chosen.n_accepted_this_week,
            n_owned: chosen.n_owned,
            lines: (1..=chosen.people.len() as u32).map(&mut line).collect(),
            left: left(team_id),
            waiting,
            waiting_unshown,
            stopped: stopped::told(&standing.settings.pathways[chosen.team.pathway], standing.feeds, words_of),
            summary,
        }
    });
    Ok(lists.collect())
}

/// Every listed person's places: of each pathway at most one, for of each they have one owner.
fn places(chosen: &[Chosen], standing: &Standing) -> Result<BTreeMap<PersonKey, Vec<Placed>>> {
    let mut places: BTreeMap<PersonKey, Vec<Placed>> = BTreeMap::new();
    let (eligible, lists) = (Eligible::of(standing), on_lists(chosen));
    for list in chosen {
        let team_id = &list.team.team_id;
        let key = standing.keys.team(team_id)?;
        let before = standing.before.map(|before| before.listed(&list.team)).unwrap_or_default();
        for (place, person) in list.people.iter().enumerate() {
            let member = standing.scored.cohort.member(*person).expect("only who is scored is on a list");
            let score = standing.scored.score(member);
            let person_ref = person_ref(&key, *person);
            let of_before =
                standing.before.map(|before| before.history(team_id, list.team.pathway, *person, &person_ref));
            places.entry(*person).or_default().push(Placed {
                team_id: team_id.clone(),
                pathway: list.team.pathway,
                found_by: eligible.rules_finding(member, list.team.pathway),
                elsewhere: elsewhere(member, list.team.pathway, &eligible, &lists, standing.settings.holdout.is_some()),
                line_no: place as u32 + 1,
                person_ref,
                history: of_before.unwrap_or_default(),
                risk: score.risk,
                said_before: None,
                change: change(score.risk, *person, before.contains(person), standing.before),
                band: score.band,
                was_listed: before.contains(person),
                may_be_two: standing.findings.may_mix(*person),
                contacts: standing.contacted[list.team.pathway].status(*person).clone(),
            });
        }
    }
    Ok(places)
}

/// The team on whose list somebody is, by person and pathway.
fn on_lists(chosen: &[Chosen]) -> BTreeMap<(PersonKey, PathwayId), &str> {
    let of_list = |list| {
        let Chosen { team, people, .. }: &Chosen = list;
        people.iter().map(|person| ((*person, team.pathway), team.team_id.as_str()))
    };
    chosen.iter().flat_map(of_list).collect()
}

/// The other pathways that find somebody whom nothing keeps off there. While there is a trial, of coaching only that somebody
/// is on a list: that they fit and are on none would tell who is held out.
fn elsewhere(
    member: &Member,
    here: PathwayId,
    eligible: &Eligible,
    lists: &BTreeMap<(PersonKey, PathwayId), &str>,
    has_trial: bool,
) -> Vec<Elsewhere> {
    let others = PathwayId::ALL.into_iter().filter(|pathway| *pathway != here);
    let others = others.filter(|pathway| eligible.why_not(member, *pathway).is_none());
    others
        .filter_map(|pathway| {
            let found_by = eligible.rules_finding(member, pathway).into_iter().next()?;
            let team_id = lists.get(&(member.key, pathway)).map(|team_id| (*team_id).to_owned());
            if has_trial && pathway == PathwayId::Coaching && team_id.is_none() {
                return None;
            }
            Some(Elsewhere { pathway, found_by, team_id })
        })
        .collect()
}

/// What the model said on the night before of those whose risk is another now, by what was known then.
fn said_before(
    places: &BTreeMap<PersonKey, Vec<Placed>>,
    standing: &Standing,
    pass: &Pass,
    model: &model_store::Chosen,
) -> Result<Vec<(PersonKey, Said)>> {
    let Some(before) = standing.before else { return Ok(Vec::new()) };
    let has_moved = |person: &PersonKey, placed: &[Placed]| {
        before.risk(*person).is_some_and(|risk| points(placed[0].risk, risk) != 0)
    };
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
    let now = on_lists(chosen);
    let eligible = Eligible::of(standing);
    let why = |line: &OldLine| {
        let pathway = line.pathway;
        let n_accepted = standing.contacted[pathway].accepted_this_week(&line.team_id);
        match (cohort.why_not(line.person), cohort.member(line.person)) {
            (Some(standing), _) => standing.in_words().to_owned(),
            (None, None) => "no longer in the extracts".to_owned(),
            (None, Some(_))
                if !standing.settings.pathways[pathway].is_offered(|table| standing.feeds.has_come(table)) =>
            {
                "this list cannot be made: the records that its rules ask for are not there".to_owned()
            }
            (None, Some(member)) => match eligible.why_not(member, pathway) {
                Some(why) => why.in_words(),
                None if scored.team(member, pathway).as_deref() != Some(&line.team_id) => {
                    "now with another team".to_owned()
                }
                None => no_place_left(n_accepted),
            },
        }
    };
    let night_before = standing.before.map(|before| before.lines.as_slice()).unwrap_or_default();
    let old = if standing.replaced.is_empty() { night_before } else { standing.replaced };
    let left = old.iter().filter(|line| now.get(&(line.person, line.pathway)) != Some(&line.team_id.as_str()));
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

/// Why somebody is not on a list who could be.
fn no_place_left(n_accepted: u32) -> String {
    match n_accepted {
        0 => "others now have a higher risk".to_owned(),
        1 => "no place left this week: 1 person has accepted".to_owned(),
        n => format!("no place left this week: {n} people have accepted"),
    }
}
