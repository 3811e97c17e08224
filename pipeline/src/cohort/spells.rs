//! Hospital provider spells from consultant episodes.

use std::collections::BTreeMap;

use crate::{
    cohort::stay::{Spell, StayKind},
    history::records::{Episode, ShortCode},
};

/// Joins a person's episodes to spells, sorted by admission, then discharge with open stays last, then provider.
///
/// Well babies are left out. Episodes belong together by provider and `spell_id`. The spell takes its admission from
/// the first episode and its discharge from the last; where episodes disagree on the dates, the earliest admission and
/// the latest discharge count, and a spell is open while its last episode has no discharge. An episode that isn't over
/// comes after those that are.
/// Source: specification 2.1 and V13.
pub fn spells(episodes: &[Episode]) -> Vec<Spell> {
    let mut spells: Vec<Spell> = by_spell(episodes).into_values().map(spell).collect();
    spells.sort_by_key(|spell| {
        (spell.admission_date, spell.discharge_date.is_none(), spell.discharge_date, spell.provider)
    });
    spells
}

/// A person's episodes by the stay that they belong to: by provider and `spell_id`. Well babies are left out.
pub fn by_spell(episodes: &[Episode]) -> BTreeMap<(ShortCode, &str), Vec<&Episode>> {
    let mut groups: BTreeMap<(ShortCode, &str), Vec<&Episode>> = BTreeMap::new();
    for episode in episodes.iter().filter(|episode| !is_well_baby(episode)) {
        groups.entry((episode.provider, &episode.spell_id)).or_default().push(episode);
    }
    groups
}

fn is_well_baby(episode: &Episode) -> bool {
    episode.is_well_baby || (episode.treatment_function.as_str() == "424" && episode.episode_type.as_str() == "3")
}

fn spell(mut episodes: Vec<&Episode>) -> Spell {
    episodes.sort_by_key(|episode| {
        let end = (episode.episode_end.is_none(), episode.episode_end);
        (episode.episode_start, end, episode.episode_order, episode.episode_id.as_str())
    });
    let (first, last) = (episodes[0], episodes[episodes.len() - 1]);
    let mut diagnoses: Vec<ShortCode> = Vec::new();
    for code in episodes.iter().flat_map(|episode| &episode.diagnoses) {
        if !diagnoses.contains(code) {
            diagnoses.push(*code);
        }
    }
    let discharge_date = last.discharge_date.and_then(|_| episodes.iter().filter_map(|e| e.discharge_date).max());
    Spell {
        provider: first.provider,
        admission_date: episodes.iter().map(|episode| episode.admission_date).min().unwrap_or(first.admission_date),
        discharge_date,
        admission_method: first.admission_method,
        admission_source: first.admission_source,
        patient_classification: first.patient_classification,
        discharge_method: last.discharge_method,
        discharge_destination: last.discharge_destination,
        kind: kind(first, &episodes),
        primary: first.diagnoses.first().copied(),
        diagnoses,
        treatment_function: first.treatment_function,
        is_mental_health: episodes.iter().any(|episode| is_mental_health(episode)),
    }
}

fn is_mental_health(episode: &Episode) -> bool {
    ("700"..="727").contains(&episode.treatment_function.as_str()) || episode.episode_type.as_str() == "4"
}

/// What kind of stay a spell is, by its first episode; a delivery or birth in any episode makes the whole one.
///
/// Source: specification 2.3.
fn kind(first: &Episode, episodes: &[&Episode]) -> StayKind {
    let method = first.admission_method.as_str();
    let any_type = |types: &[&str]| episodes.iter().any(|episode| types.contains(&episode.episode_type.as_str()));
    let is_obstetric = matches!(first.treatment_function.as_str(), "501" | "560" | "610");
    match first.patient_classification.as_str() {
        _ if matches!(method, "82" | "83" | "2C") || any_type(&["3", "6"]) => StayKind::Birth,
        _ if matches!(method, "31" | "32") || any_type(&["2", "5"]) || is_obstetric => StayKind::Maternity,
        "5" => StayKind::Maternity,
        "3" | "4" => StayKind::RegularAttender,
        "2" => StayKind::DayCase,
        "1" if is_emergency(method) && first.is_sdec => StayKind::SameDayEmergencyCare,
        "1" if is_emergency(method) => StayKind::Emergency,
        "1" if matches!(method, "11" | "12" | "13") => StayKind::Elective,
        _ => StayKind::Other,
    }
}

/// Emergency methods, and 2B: a transfer in an emergency counts when it opens a continuous inpatient spell, because the
/// sending spell is missing. Within one, only the first spell's kind is asked for, so it never counts twice.
fn is_emergency(method: &str) -> bool {
    earlycall_schemas::codelists::is_emergency_method(method) || method == "2B"
}
