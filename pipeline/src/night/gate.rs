//! May this be shown? The last look before anything is published.

use earlycall_model::artefact::Artefact;
use earlycall_schemas::rules::Action;

use crate::{
    cohort::{Cohort, standing::Standing as Why},
    day::Day,
    error::{Error, Kind, Result},
    history::Reference,
    night::{
        leaving::Leaving,
        lists::Standing,
        overnight,
        recent::{self, Numbers},
    },
    quality::finding::Finding,
    store::Store,
    worklist::line::TeamList,
};

/// A fall of fewer people than this is the business of single persons, not of a feed.
const FALL_FROM_PEOPLE: usize = 20;

/// Holds a night that cannot be right, whoever answers for it.
///
/// # Errors
/// * [`Kind::Held`] when nobody is scored or any team's, a list is longer than its team can call, or the numbers do not add up.
pub fn judge(standing: &Standing, lists: &[TeamList]) -> Result<()> {
    let (scored, cohort) = (standing.scored, standing.scored.cohort);
    if scored.is_empty() {
        let (why, n) = commonest(cohort);
        let people = cohort.n_people();
        return held(format!("nobody can be scored: of {people} people most have the standing `{why}` ({n})"));
    }
    if cohort.counts().values().sum::<u64>() != cohort.n_people() {
        return held("the cohort does not add up to everybody in the extracts".to_owned());
    }
    if let Some(member) = cohort.members().iter().find(|member| !(member.risk > 0.0 && member.risk < 1.0)) {
        return held(format!("a risk is {} and not between 0 and 1", member.risk));
    }
    if lists.iter().all(|list| list.n_owned == 0) {
        return held("every list is empty: no team's scope in reference_teams covers anybody who is scored".to_owned());
    }
    let replaced = |list: &TeamList| standing.replaced.iter().filter(|line| line.team_id == list.team_id).count();
    let n_new = |list: &TeamList| list.lines.iter().filter(|line| !line.is_carried_over).count();
    match lists.iter().find(|list| n_new(list) > replaced(list).max(list.weekly_capacity as usize)) {
        Some(list) => held(format!("the list of {} is longer than the team's capacity", list.team_id)),
        None => Ok(()),
    }
}

/// What is odd about a night beside those before it.
///
/// # Errors
/// * [`Kind::Storage`] when the record of a night cannot be read.
pub fn beside_others(
    standing: &Standing,
    artefact: &Artefact,
    leaving: &Leaving,
    reference: &Reference,
    store: &Store,
    index_date: Day,
) -> Result<Vec<Finding>> {
    let (scored, rules) = (standing.scored, &standing.settings.rules);
    let high_risk = rules.limit("SHARE", "risk");
    let tonight = Numbers {
        people: scored.cohort.n_people(),
        scored: scored.len() as u64,
        at_high_risk: Some(scored.n_at_risk(high_risk) as u64),
        model_sha256: artefact.checksum.clone(),
    };
    let n_nights = rules.limit("COHORT", "nights") as usize;
    let before = Numbers::of_nights(store, index_date, n_nights, high_risk)?;
    let mut found: Vec<Finding> = fall(standing).into_iter().collect();
    found.extend(recent::judge(&tonight, &before, rules));
    if let Some(before) = standing.before {
        found.extend(overnight::beside(scored.cohort.headcount(), &before.then, leaving, reference, rules));
    }
    Ok(found)
}

/// Far fewer people scored than the night before.
fn fall(standing: &Standing) -> Option<Finding> {
    let (before, now) = (standing.before?, standing.scored.len());
    let then = before.n_scored();
    (!has_not_fallen(then, now, standing.settings.gate.scored_fall_max)).then(|| Finding {
        rule: "COHORT",
        action: Action::Run,
        table: "patients".to_owned(),
        provider: None,
        message: format!(
            "{now} people can be scored, and {then} could on {}: [gate] scored_fall_max",
            before.night.index_date.in_words()
        ),
    })
}

/// Far fewer people than the night before is a table that did not arrive whole, not a change of the world.
fn has_not_fallen(then: usize, now: usize, share_max: f64) -> bool {
    let lost = then.saturating_sub(now);
    lost < FALL_FROM_PEOPLE || (lost as f64) <= share_max * then as f64
}

fn held(what: String) -> Result<()> {
    Err(Error::new(Kind::Held, what).hint("the last night's worklists stand; `earlycall check` shows what arrived"))
}

fn commonest(cohort: &Cohort) -> (&'static str, u64) {
    let counts = cohort.counts().into_iter().filter(|(standing, _)| *standing != Why::Scored.code());
    counts.max_by_key(|(_, n)| *n).unwrap_or(("none", 0))
}

#[cfg(test)]
mod tests {
    use super::has_not_fallen;

    #[test]
    fn a_tenth_fewer_is_a_night_and_more_is_a_fault() {
        assert!(has_not_fallen(1000, 900, 0.1));
        assert!(!has_not_fallen(1000, 899, 0.1));
        assert!(has_not_fallen(1000, 2000, 0.1), "more people are no fall");
    }

    #[test]
    fn a_small_service_may_lose_single_people() {
        assert!(has_not_fallen(30, 11, 0.1));
        assert!(!has_not_fallen(30, 10, 0.1));
    }
}
