//! Whose lines were filled in: the persons behind the references of a list, found again in the night that showed it.

use std::{collections::BTreeMap, path::Path};

use earlycall_schemas::pathways::PathwayId;

use super::{
    Contact, Handed, offered,
    sheet::{Filled, FilledLine},
};
use crate::{
    error::{Error, Result},
    keys::Keys,
    night::{OldLine, lines_of},
    store::nights,
    worklist::scores,
};

/// What a list that was filled in hands in.
#[derive(Debug, Default)]
pub struct Found {
    /// Row by row.
    pub handed: Vec<Handed>,
    /// Lines whose persons were removed from the list since: nothing is taken of them.
    pub n_removed: usize,
}

/// Finds the persons of a list that was filled in; `by` called where the list does not say who.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] when this service has not published the night, the team had no list in it, or a line
///   names nobody of its list.
/// * [`crate::error::Kind::Storage`], [`crate::error::Kind::Permission`] when the night or the team's key cannot be read.
pub fn find(filled: Filled, out: &Path, keys: &Keys, by: &str) -> Result<Found> {
    if !nights::published(out)?.contains(&filled.night) {
        let what = format!("is of night {}, which this service has not published, or keeps no longer", filled.night);
        return Err(Error::refused(what, "hand in the file of a list that this service made"));
    }
    let scores = scores::read(&nights::read(out, filled.night, "scores.parquet")?)?.people;
    let (lines, n_lost) = lines_of(&nights::read(out, filled.night, "worklist.parquet")?, &scores, keys)?;
    let of_team: Vec<&OldLine> = lines.iter().filter(|line| line.team_id == filled.team_id).collect();
    let by_ref: BTreeMap<&str, &OldLine> = of_team.iter().map(|line| (line.person_ref.as_str(), *line)).collect();
    let is_line = |line_no: u32| of_team.iter().any(|line| line.line_no == line_no);
    if of_team.is_empty() && n_lost > 0 {
        let what = "is of a night whose lines were made under other keys, so nobody on it can be found again";
        return Err(Error::refused(what, "hand in the calls as rows of coach_contacts, or put the older keys back"));
    }
    if of_team.is_empty() {
        return Err(Error::refused("is of a team that had no list in that night", "hand in the file as it was given"));
    }
    let offered = offered::on(out, filled.night)?;
    let pathway = offered.get(&filled.team_id).copied().unwrap_or(PathwayId::Coaching);
    let mut found = Found::default();
    for line in &filled.lines {
        match by_ref.get(line.person_ref.as_str()) {
            Some(old) if old.line_no == line.line_no => found.handed.push(handed(line, old, &filled, pathway, by)),
            None if !is_line(line.line_no) => found.n_removed += 1,
            _ => {
                let what = "names nobody who was on this list";
                let hint = "its number or its person was changed: take both from the list as it was given";
                return Err(Error::refused(what, hint).line(u64::from(line.row)));
            }
        }
    }
    Ok(found)
}

/// What one line hands in. A line of a night stands for one contact, so handing the list in again corrects it.
fn handed(line: &FilledLine, old: &OldLine, filled: &Filled, pathway: PathwayId, by: &str) -> Handed {
    let contact_id = format!("{}/{}/{}", filled.night.index_date, filled.team_id, line.person_ref);
    let contact = line.outcome.map(|outcome| Contact {
        contact_id: contact_id.clone(),
        person_id: old.person,
        team_id: filled.team_id.clone(),
        pathway,
        user_id: line.by.clone().unwrap_or_else(|| by.to_owned()),
        worklist_run_id: Some(filled.night.to_string()),
        contacted_on: line.called_on.unwrap_or(filled.night.index_date + 1),
        outcome,
        unsuitable_reason: line.unsuitable,
        snooze_until: line.again_on,
        programme_end: None,
    });
    let (row, name) = (u64::from(line.row), (filled.team_id.clone(), contact_id));
    Handed { row, person: old.person, contact, taken_back: line.is_mistake.then_some(name), objects: line.objects }
}
