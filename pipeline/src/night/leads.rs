//! What the lead of a team is shown beside its list: who waits and since when, and how the team's weeks go.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::pathways::PathwayId;

use crate::{
    cohort::groups::CHARACTERISTICS,
    day::Day,
    error::Result,
    feedback::contacted::Contacted,
    history::records::PersonKey,
    night::{choose::Chosen, left_to::LeftTo, lists::Standing},
    store::{Store, nights::NightId},
    worklist::{
        change::risk_in_words,
        owner::Team,
        parquet,
        person_ref::PersonRefs,
        summary::{self, Reach, Summary},
        waiting::Waiting,
    },
};

/// The days within which whoever is on a list should be contacted.
const WEEK: i32 = 7;
/// A night that lies further back than this before the index date is not of the week before.
const WEEK_BEFORE_AT_MOST: i32 = 14;

/// The references that stood on each team's list a week before, and the day of that list.
#[derive(Debug, Default)]
pub struct WeekBefore {
    list_day: Option<Day>,
    refs: BTreeMap<(String, PathwayId), BTreeSet<String>>,
}

impl WeekBefore {
    /// Of the newest night that is a week old on an index date, and not much older.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when its lines cannot be read.
    pub fn read(store: &Store, index_date: Day) -> Result<WeekBefore> {
        let is_of_the_week =
            |night: &NightId| (index_date - WEEK_BEFORE_AT_MOST..=index_date - WEEK).contains(&night.index_date);
        let Some(night) = store.nights()?.into_iter().rfind(is_of_the_week) else { return Ok(WeekBefore::default()) };
        let mut refs: BTreeMap<(String, PathwayId), BTreeSet<String>> = BTreeMap::new();
        for line in parquet::read_lines(&store.read(night, "worklist.parquet")?)? {
            refs.entry((line.team_id, line.pathway)).or_default().insert(line.person_ref);
        }
        Ok(WeekBefore { list_day: Some(night.index_date + 1), refs })
    }
}

/// Who waits for a place on a team's list, in the order in which they would be called.
///
/// # Errors
/// * [`crate::error::Kind::Permission`] when the team's key cannot be used.
pub fn waiting(chosen: &Chosen, standing: &Standing) -> Result<Vec<Waiting>> {
    let refs = PersonRefs::new(&standing.keys.team(&chosen.team.team_id)?);
    let list_day = standing.index_date + 1;
    let of = |person: &PersonKey| {
        let member = standing.scored.cohort.member(*person).expect("only who is scored waits");
        let score = standing.scored.score(member);
        let person_ref = refs.of(*person);
        let since = standing.before.and_then(|before| before.waiting_since(&chosen.team, &person_ref));
        Waiting {
            risk_in_words: risk_in_words(score.risk),
            band: score.band,
            since: since.unwrap_or(list_day),
            person_ref,
        }
    };
    Ok(chosen.waiting.iter().map(of).collect())
}

/// Since when each of those waits who are not to be shown, by reference.
///
/// # Errors
/// * [`crate::error::Kind::Permission`] when the team's key cannot be used.
pub fn waiting_unshown(chosen: &Chosen, standing: &Standing) -> Result<BTreeMap<String, Day>> {
    Ok(waiting(chosen, standing)?.into_iter().map(|one| (one.person_ref, one.since)).collect())
}

/// How a team's weeks go.
///
/// # Errors
/// * [`crate::error::Kind::Permission`] when the team's key cannot be used.
pub fn summary(chosen: &Chosen, standing: &Standing, week_before: &WeekBefore, left_to: &LeftTo) -> Result<Summary> {
    let team_id = &chosen.team.team_id;
    let refs = PersonRefs::new(&standing.keys.team(team_id)?);
    let found = &standing.contacted[chosen.team.pathway];
    Ok(Summary {
        contacted_in_a_week: contacted(&chosen.team, &refs, found, week_before),
        outcomes: found.outcomes_lately(team_id),
        reach: reach(chosen, standing),
        left_to: left_to.by(&chosen.team),
        floors: chosen.floors.clone(),
    })
}

fn contacted(
    team: &Team,
    refs: &PersonRefs,
    contacted: &Contacted,
    week_before: &WeekBefore,
) -> Option<summary::Contacted> {
    let (list_day, listed) = (week_before.list_day?, week_before.refs.get(&(team.team_id.clone(), team.pathway))?);
    let in_time = contacted.people_contacted(list_day, list_day + WEEK);
    let n = in_time.filter(|person| listed.contains(&refs.of(*person))).count();
    Some(summary::Contacted { listed: listed.len() as u64, contacted: n as u64 })
}

/// Of each group, those who could be on the list, and those who are.
fn reach(chosen: &Chosen, standing: &Standing) -> Vec<Reach> {
    let mut reach: Vec<Reach> = Vec::new();
    for (nth, characteristic) in CHARACTERISTICS.iter().enumerate() {
        let mut counts = vec![(0, 0); characteristic.groups.len()];
        let mut count = |person: PersonKey, is_listed: bool| {
            let member = standing.scored.cohort.member(person).expect("only who is scored is listed or waits");
            let (eligible, listed) = &mut counts[usize::from(member.groups[nth])];
            *eligible += 1;
            *listed += u64::from(is_listed);
        };
        chosen.people.iter().for_each(|person| count(*person, true));
        chosen.waiting.iter().for_each(|person| count(*person, false));
        reach.extend(characteristic.groups.iter().zip(counts).map(|(group, (eligible, listed))| Reach {
            characteristic: characteristic.name.to_owned(),
            group: (*group).to_owned(),
            eligible,
            listed,
        }));
    }
    reach
}
