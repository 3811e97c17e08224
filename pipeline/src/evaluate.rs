//! Looking back: what the model said on past index dates, and what happened.

use std::collections::BTreeMap;

use earlycall_model::metrics::Metrics;
use serde::Serialize;

use crate::{
    cohort::{
        Circumstances,
        pass::{self, Pass},
    },
    day::Day,
    error::{Error, Kind, Result},
    history::{History, records::PersonKey},
    model_store::Chosen,
    progress::Progress,
    quality::person::Limits,
    score,
    settings::Settings,
    supply::Supply,
    train::outcome::{Outcome, end_of_window, outcomes},
    worklist::owner::Owners,
};

/// One past index date, measured.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// The index date.
    pub index_date: Day,
    /// The window is (index date, index date + horizon].
    pub horizon_days: u32,
    /// The model, or its variant for the feeds of that date.
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
/// * [`Kind::Extract`] when there were no hospital stays.
/// * [`Kind::Model`] when nobody was in the cohort, or no model may be used for the feeds of that date.
/// * [`Kind::Storage`] when the history cannot be read.
pub fn evaluate(
    history: &History,
    settings: &Settings,
    index_date: Day,
    threads: usize,
    progress: &Progress,
) -> Result<Evaluation> {
    let until = end_of_window(history, settings, index_date)?;
    let view = history.view(index_date);
    let threads = pass::threads_within(&settings.run, history, threads);
    let supply = Supply::under(history, &view, &settings.rules, threads)?;
    let model = Chosen::for_supply(settings, &history.lists, &supply)?;
    let feeds = supply.feeds(&model.artefact.without);
    let at = Circumstances::of(&history.reference, index_date, &feeds, settings);
    let steps = progress.steps("buckets read");
    let pass = Pass { history, view, at, threads, steps: steps.clone() };
    let limits = Limits::of(&settings.rules);
    let (cohort, _) = score::everybody(&pass, &model, &Owners::new(&[]), &limits)?;
    let persons: Vec<PersonKey> = cohort.members().iter().map(|member| member.key).collect();
    let what_happened = outcomes(history, &persons, (index_date, until), threads, &steps)?;

    let mut counts = BTreeMap::from(Outcome::ALL.map(|outcome| (outcome.code(), 0)));
    let (mut risks, mut events) = (Vec::new(), Vec::new());
    for (member, outcome) in cohort.members().iter().zip(what_happened) {
        *counts.entry(outcome.code()).or_default() += 1;
        if let Some(event) = outcome.event() {
            risks.push(member.risk);
            events.push(event);
        }
    }
    let metrics = Metrics::of(&risks, &events)
        .map_err(|error| Error::new(Kind::Model, error.to_string()).hint("nobody was in the cohort on that date"))?;
    let horizon_days = model.artefact.horizon_days;
    Ok(Evaluation { index_date, horizon_days, model: model.artefact.name, outcomes: counts, metrics })
}
