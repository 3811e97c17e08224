//! The same figures for parts of the people: each group, and each team at its capacity.

use earlycall_model::metrics::{Bootstrap, Cut, Estimate, Figure, estimates};
use earlycall_schemas::pathways::PathwayId;
use serde::Serialize;

use super::Followed;
use crate::{
    cohort::groups::CHARACTERISTICS,
    error::{Error, Kind, Result},
    small_numbers::{Told, coarse},
    worklist::owner::Team,
};

/// How right the risks of a group are. Figures are absent where too few had the outcome, or too few had not.
#[derive(Clone, Debug, Serialize)]
pub struct OfGroup {
    /// The characteristic.
    pub characteristic: &'static str,
    /// The group.
    pub group: &'static str,
    /// People scored of whom it is known what happened.
    pub people: Told,
    /// Of these, people with the outcome.
    pub events: Told,
    /// Share with the outcome.
    pub observed_rate: Option<f64>,
    /// Mean of the risks.
    pub mean_risk: Option<f64>,
    /// People with the outcome, divided by the sum of the risks.
    pub observed_to_expected: Option<Estimate>,
    /// How well the risks rank within the group.
    pub auroc: Option<Estimate>,
}

/// What a team would find if it called those of its people with the highest risks, as many as it takes on in a week.
/// Nobody at the end of their life is called. Shares are absent where the counts are too small to be told.
#[derive(Clone, Debug, Serialize)]
pub struct OfTeam {
    /// The team.
    pub team_id: String,
    /// New people per week.
    pub weekly_capacity: u32,
    /// Its people, scored, of whom it is known what happened.
    pub people: Told,
    /// Those above the cut who had the outcome.
    pub found: Told,
    /// Share of those above the cut who had it.
    pub ppv: Option<Estimate>,
    /// Share of its people with the outcome who were above the cut.
    pub sensitivity: Option<Estimate>,
}

/// Every group that has anybody.
pub(super) fn of_groups(everybody: &[Followed], bootstrap: Bootstrap) -> Result<Vec<OfGroup>> {
    let mut told = Vec::new();
    for (nth, characteristic) in CHARACTERISTICS.iter().enumerate() {
        for (place, group) in characteristic.groups.iter().enumerate() {
            let people: Vec<&Followed> = everybody.iter().filter(|one| usize::from(one.places[nth]) == place).collect();
            if !people.is_empty() {
                told.push(of_group(characteristic.name, group, &people, bootstrap)?);
            }
        }
    }
    Ok(told)
}

fn of_group(
    characteristic: &'static str,
    group: &'static str,
    people: &[&Followed],
    bootstrap: Bootstrap,
) -> Result<OfGroup> {
    let (risks, events) = columns(people);
    let n_events = events.iter().filter(|event| **event).count() as u64;
    let n = people.len() as u64;
    let counts = [n, n_events, n - n_events].map(Told);
    let told = |share: f64| Some(coarse(share)).filter(|_| !counts.iter().any(|count| count.is_too_few()));
    let mut figures = [None, None];
    if told(0.0).is_some() {
        let found = measured(&risks, &events, &[Figure::ObservedToExpected, Figure::Auroc], bootstrap)?;
        figures = found.map(|estimate| Some(estimate).filter(|estimate| estimate.value.is_some()));
    }
    let [observed_to_expected, auroc] = figures;
    Ok(OfGroup {
        characteristic,
        group,
        people: counts[0],
        events: counts[1],
        observed_rate: told(n_events as f64 / n as f64),
        mean_risk: told(risks.iter().sum::<f64>() / n as f64),
        observed_to_expected,
        auroc,
    })
}

/// Every coaching team, by its place among the owners.
pub(super) fn of_teams(everybody: &[Followed], teams: &[Team], bootstrap: Bootstrap) -> Result<Vec<OfTeam>> {
    let mut coaching: Vec<&Team> = teams.iter().filter(|team| team.pathway == PathwayId::Coaching).collect();
    coaching.sort_by(|a, b| a.team_id.cmp(&b.team_id));
    let of_team = |(place, team): (usize, &&Team)| {
        let is_theirs = |one: &&Followed| one.owner == Some(place as u16) && !one.is_at_end_of_life;
        of_team(team, &everybody.iter().filter(is_theirs).collect::<Vec<_>>(), bootstrap)
    };
    coaching.iter().enumerate().map(of_team).collect()
}

fn of_team(team: &Team, people: &[&Followed], bootstrap: Bootstrap) -> Result<OfTeam> {
    let nobody = OfTeam {
        team_id: team.team_id.clone(),
        weekly_capacity: team.weekly_capacity,
        people: Told(people.len() as u64),
        found: Told(0),
        ppv: None,
        sensitivity: None,
    };
    if people.is_empty() || team.weekly_capacity == 0 {
        return Ok(nobody);
    }
    let (risks, events) = columns(people);
    let cut = Cut::Rows(team.weekly_capacity.into());
    let [ppv, sensitivity] = measured(&risks, &events, &[Figure::Ppv(cut), Figure::Sensitivity(cut)], bootstrap)?;
    let n_called = people.len().min(team.weekly_capacity as usize);
    let n_found = (ppv.value.unwrap_or(0.0) * n_called as f64).round() as u64;
    let found = Told(n_found);
    let may_tell = !found.is_too_few() && !Told(n_called as u64 - n_found).is_too_few();
    let [ppv, sensitivity] = [ppv, sensitivity].map(|one| Some(one).filter(|one| may_tell && one.value.is_some()));
    Ok(OfTeam { found, ppv, sensitivity, ..nobody })
}

fn columns(people: &[&Followed]) -> (Vec<f64>, Vec<bool>) {
    people.iter().map(|one| (one.risk, one.event)).unzip()
}

/// Figures of a part, as coarse as they may be told.
fn measured<const N: usize>(
    risks: &[f64],
    events: &[bool],
    figures: &[Figure; N],
    bootstrap: Bootstrap,
) -> Result<[Estimate; N]> {
    let found =
        estimates(risks, events, figures, bootstrap).map_err(|error| Error::new(Kind::Model, error.to_string()))?;
    let coarse = |end: Option<f64>| end.map(coarse);
    let told = found.into_iter().map(|one| Estimate {
        value: coarse(one.value),
        low: coarse(one.low),
        high: coarse(one.high),
        ..one
    });
    Ok(told.collect::<Vec<Estimate>>().try_into().expect("one estimate for each figure"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOTSTRAP: Bootstrap = Bootstrap { resamples: 20, seed: 0, threads: 1 };

    /// So many people of a team, all women of 70, every tenth with the outcome; risks rise from 0.1.
    fn people(n: usize, owner: u16) -> Vec<Followed> {
        let one = |nth: usize| Followed {
            risk: 0.1 + nth as f64 / 1e4,
            event: nth % 10 == 9,
            owner: Some(owner),
            is_at_end_of_life: false,
            places: [2, 1, 0, 5, 8, 2],
        };
        (0..n).map(one).collect()
    }

    #[test]
    fn a_group_is_told_by_its_share_and_by_what_was_expected() {
        let told = of_groups(&people(200, 0), BOOTSTRAP).unwrap();
        let names: Vec<_> = told.iter().map(|one| (one.characteristic, one.group)).collect();
        let expected = [
            ("age", "65 to 74"),
            ("sex", "female"),
            ("deprivation", "most deprived fifth"),
            ("ethnicity", "not known"),
            ("main language", "not known"),
            ("interpreter", "not known"),
        ];
        assert_eq!(names, expected);
        assert_eq!((told[0].people, told[0].events, told[0].observed_rate), (Told(200), Told(20), Some(0.1)));
        // Risks from 0.1 to 0.1199, 21.99 expected: 20 / 21.99.
        assert_eq!((told[0].mean_risk, told[0].observed_to_expected.as_ref().unwrap().value), (Some(0.11), Some(0.91)));
    }

    #[test]
    fn of_a_group_with_few_outcomes_nothing_is_told_but_that() {
        let told = &of_groups(&people(79, 0), BOOTSTRAP).unwrap()[0];
        assert_eq!((told.people.to_string(), told.events.to_string()), ("80".into(), "<8".into()));
        assert!(told.observed_rate.is_none() && told.mean_risk.is_none());
        assert!(told.auroc.is_none() && told.observed_to_expected.is_none());
    }

    #[test]
    fn a_team_is_told_what_its_week_would_have_found() {
        let team = |team_id: &str, weekly_capacity| Team {
            team_id: team_id.into(),
            pathway: PathwayId::Coaching,
            scope: vec![],
            weekly_capacity,
            languages: vec![],
        };
        let everybody = [people(400, 0), people(400, 1), people(9, 2)].concat();
        let told = of_teams(&everybody, &[team("c", 5), team("a", 100), team("b", 20)], BOOTSTRAP).unwrap();
        let ends = told.iter().map(|one| {
            let value = |figure: &Option<Estimate>| figure.as_ref().and_then(|one| one.value);
            (one.team_id.as_str(), one.found.to_string(), value(&one.ppv), value(&one.sensitivity))
        });
        // 10 of the top 100 of `a` and a quarter of its 40; 2 of the top 20 of `b`; nobody of `c`.
        let expected =
            [("a", "10".into(), Some(0.1), Some(0.25)), ("b", "<8".into(), None, None), ("c", "0".into(), None, None)];
        assert_eq!(ends.collect::<Vec<_>>(), expected);
    }
}
