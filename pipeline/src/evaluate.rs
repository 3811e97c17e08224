//! Looking back: what the model said on past index dates, and what happened.

use std::collections::BTreeMap;

use earlycall_model::{artefact::Artefact, metrics::Metrics};
use serde::Serialize;

use crate::{
    day::Day,
    error::{Error, Kind, Result},
    history::History,
    score,
    settings::Settings,
    train::{self, Outcome},
};

/// One past index date, measured.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// The index date.
    pub index_date: Day,
    /// The window is (index date, index date + horizon].
    pub horizon_days: u32,
    /// The model.
    pub model: String,
    /// People scored on that date, by what happened to them within the window.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Measured on everybody but those who left the area alive.
    pub metrics: Metrics,
}

/// Scores a past index date as it was known then, and compares with what happened.
///
/// # Errors
/// * [`Kind::Usage`] when the window is not over.
/// * [`Kind::Model`] when nobody was in the cohort, or the model is for other columns.
pub fn evaluate(
    history: &History,
    settings: &Settings,
    artefact: &Artefact,
    index_date: Day,
    threads: usize,
) -> Result<Evaluation> {
    let past = train::past(history, settings, index_date, threads)?;
    let scored = score::score(&past.cohort, artefact, &history.reference.teams, None)?;
    let mut outcomes = BTreeMap::from([("admitted", 0), ("died_first", 0), ("left_the_area", 0), ("neither", 0)]);
    let (mut risks, mut events) = (Vec::new(), Vec::new());
    for (person, score) in &scored {
        let outcome = past.outcomes.get(person).copied().unwrap_or(Outcome::Stayed);
        let (name, event) = match outcome {
            Outcome::Admitted => ("admitted", Some(true)),
            Outcome::DiedFirst => ("died_first", Some(false)),
            Outcome::Left => ("left_the_area", None),
            Outcome::Stayed => ("neither", Some(false)),
        };
        *outcomes.entry(name).or_default() += 1;
        if let Some(event) = event {
            risks.push(score.risk);
            events.push(event);
        }
    }
    let metrics = Metrics::of(&risks, &events)
        .map_err(|error| Error::new(Kind::Model, error.to_string()).hint("nobody was in the cohort on that date"))?;
    let model = artefact.name.clone();
    Ok(Evaluation { index_date, horizon_days: artefact.horizon_days, model, outcomes, metrics })
}
