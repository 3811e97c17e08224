//! What stands on every page of a night: dates of the feeds, and everything that a reader must know first.

use std::collections::BTreeMap;

use earlycall_model::artefact::Artefact;
use earlycall_schemas::codelists::SNOMED_IS_ILLUSTRATIVE;

use crate::{day::Day, history::History, keys::Keys, settings::Settings, store::nights::NightId, worklist::line::Page};

/// Feeds whose dates are shown, with their names in words and what their absence means for the reader.
const FEEDS: [(&str, &str, &str); 5] = [
    ("gp_events", "GP records", "GP records are missing: conditions come from hospital stays alone."),
    ("gp_prescriptions", "Prescriptions", "Prescriptions are missing: the risk leaves them out."),
    ("apc_episodes", "Hospital stays", "Hospital stays are missing."),
    ("ed_attendances", "A&E attendances", "A&E attendances are missing: the risk leaves them out."),
    ("inpatients_now", "People in hospital now", "It is not known who is in hospital now: check before you call."),
];

/// The page of a night.
pub fn page(
    night: NightId,
    settings: &Settings,
    history: &History,
    newest: &BTreeMap<String, Day>,
    keys: &Keys,
    artefact: &Artefact,
) -> Page {
    let date_of = |table: &str| newest.get(table).map_or("No data".to_owned(), |day| day.in_words());
    Page {
        run_id: night.to_string(),
        index_date: night.index_date,
        horizon_days: artefact.horizon_days,
        outcome_in_words: settings.prediction.outcome.in_words().to_owned(),
        data_dates: FEEDS.iter().map(|(table, words, _)| ((*words).to_owned(), date_of(table))).collect(),
        notices: notices(settings, history, newest, keys),
        model: artefact.name.clone(),
    }
}

fn notices(settings: &Settings, history: &History, newest: &BTreeMap<String, Day>, keys: &Keys) -> Vec<String> {
    let mut notices = Vec::new();
    let mut say = |holds: bool, notice: &str| notices.extend(holds.then(|| notice.to_owned()));
    say(settings.is_research(), "For research and demonstration only: not certified for the care of patients.");
    say(history.ledger.is_synthetic(), "The data are marked as synthetic: nobody on this list is a real patient.");
    say(SNOMED_IS_ILLUSTRATIVE, "The lists of SNOMED CT codes are illustrative, so some conditions may be missed.");
    say(keys.are_public(), "The keys are public ones: references of persons are not secret.");
    for (table, _, notice) in FEEDS {
        say(!newest.contains_key(table), notice);
    }
    if let Some(decision) = &settings.extracts.no_objections_recorded {
        notices.push(format!("No list of objections was delivered; {} decided: {}.", decision.name, decision.reason));
    }
    notices
}
