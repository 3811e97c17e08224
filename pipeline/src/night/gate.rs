//! May this be shown? The last look before anything is published.

use crate::{
    cohort::{Cohort, standing::Standing},
    error::{Error, Kind, Result},
    score::Scored,
    worklist::line::TeamList,
};

/// Holds a night that cannot be right.
///
/// # Errors
/// * [`Kind::Held`] when nobody is scored, a list is longer than its team's capacity without being carried over, or the
///   numbers do not add up.
pub fn judge(cohort: &Cohort, scored: &Scored, lists: &[TeamList]) -> Result<()> {
    let held = |what: String| {
        Err(Error::new(Kind::Held, what).hint("last night's worklists stand; see cohort.json of that night to compare"))
    };
    if scored.is_empty() {
        let (standing, n) = commonest(cohort);
        return held(format!(
            "nobody can be scored: most of the {} people have the standing `{standing}` ({n})",
            cohort.n_people()
        ));
    }
    if scored.len() != cohort.members.len() || cohort.counts().values().sum::<u64>() != cohort.n_people() {
        return held("the cohort does not add up to everybody in the extracts".to_owned());
    }
    if let Some(score) = scored.values().find(|score| !(score.risk > 0.0 && score.risk < 1.0)) {
        return held(format!("a risk is {} and not between 0 and 1", score.risk));
    }
    match lists.iter().find(|list| list.lines.len() > list.weekly_capacity as usize) {
        Some(list) => held(format!("the list of {} is longer than the team's capacity", list.team_id)),
        None => Ok(()),
    }
}

fn commonest(cohort: &Cohort) -> (&'static str, u64) {
    let counts = cohort.counts().into_iter().filter(|(standing, _)| *standing != Standing::Scored.code());
    counts.max_by_key(|(_, n)| *n).unwrap_or(("none", 0))
}
