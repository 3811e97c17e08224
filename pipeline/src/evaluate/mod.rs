//! Looking back: what the model said on past index dates, and what happened; to everybody, by group and by team.

pub mod page;
mod parts;

use std::collections::BTreeMap;

use earlycall_model::metrics::{
    Bootstrap, Cut, Estimate, Figure, Metrics, TOP_SHARES, bin_error_of_the_perfect, estimates, net_benefit_of_all,
};
use earlycall_schemas::pathways::PathwayId;
use serde::Serialize;

pub use self::parts::{OfGroup, OfTeam};

use crate::{
    cohort::{
        Circumstances,
        groups::Places,
        one_fate::Fates,
        pass::{self, Pass},
    },
    day::Day,
    error::{Error, Kind, Result},
    history::{History, records::PersonKey},
    model_store::Chosen,
    pathways::routing::Routing,
    progress::Progress,
    quality::person::Limits,
    score,
    settings::Settings,
    supply::Supply,
    train::outcome::{Outcome, Windows, follow_ups},
};

/// Intervals come from so many resamples.
const RESAMPLES: usize = 200;
/// The risks from which one might act.
const THRESHOLDS: [f64; 10] = [0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40, 0.45, 0.50];

/// One past index date, measured.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// The index date.
    pub index_date: Day,
    /// The window is (index date, index date + horizon].
    pub horizon_days: u32,
    /// What of the window may still be on its way, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub still_arriving: Option<String>,
    /// The model, or its variant for the feeds of that date.
    pub model: String,
    /// People scored on that date, by what happened to them within the window.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Measured on everybody but those who left the area alive within the window, as all that follows.
    #[serde(flatten)]
    pub everybody: OfEverybody,
    /// The same figures by age, sex, deprivation and ethnicity.
    pub groups: Vec<OfGroup>,
    /// What each coaching team would have found.
    pub teams: Vec<OfTeam>,
}

/// What it is worth to act on every risk from a threshold on, in true positives of all people. To act on nobody is worth
/// nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Decision {
    /// The lowest risk on which one acts.
    pub threshold: f64,
    /// By the model.
    pub model: Estimate,
    /// If one acts on everybody.
    pub everybody: f64,
}

/// Somebody scored of whom it is known what happened.
#[derive(Clone, Debug)]
struct Followed {
    risk: f64,
    event: bool,
    owner: Option<u16>,
    is_at_end_of_life: bool,
    places: Places,
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
    let windows = Windows::leading(history, &settings.prediction, index_date)?;
    let view = history.view(index_date);
    let threads = pass::threads_within(&settings.run, history, threads);
    let supply = Supply::under(history, &view, &settings.rules, threads)?;
    let model = Chosen::for_supply(settings, &history.lists, &supply)?;
    let feeds = supply.feeds(&model.artefact.without);
    let fates = Fates::of(history, &view, &feeds, settings, threads)?;
    let at = Circumstances::of(&history.reference, index_date, &feeds, settings, &fates);
    let steps = progress.steps("buckets read");
    let pass = Pass { history, view, at, threads, steps: steps.clone() };
    let limits = Limits::of(&settings.rules);
    let routing = Routing::of(settings, &history.reference.teams)?;
    let (cohort, _) = score::everybody(&pass, &model, &routing, &limits)?;
    let persons: Vec<PersonKey> = cohort.members().iter().map(|member| member.key).collect();
    let follow_ups = follow_ups(history, &persons, &windows, threads, &steps)?;

    let mut counts = BTreeMap::from(Outcome::ALL.map(|outcome| (outcome.code(), 0)));
    let mut followed = Vec::with_capacity(persons.len());
    for (member, follow_up) in cohort.members().iter().zip(follow_ups) {
        let outcome = Outcome::within(windows.seen_days(), &follow_up);
        *counts.entry(outcome.code()).or_default() += 1;
        followed.extend(outcome.event().map(|event| Followed {
            risk: member.risk,
            event,
            owner: member.owners[PathwayId::Coaching],
            is_at_end_of_life: member.is_at_end_of_life,
            places: member.groups,
        }));
    }
    let everybody = of_everybody(&followed, threads)
        .map_err(|error| Error::new(Kind::Model, error.to_string()).hint("nobody was in the cohort on that date"))?;
    let bootstrap = bootstrap(threads);
    Ok(Evaluation {
        index_date,
        horizon_days: windows.seen_days(),
        still_arriving: windows.still_arriving(history)?.map(|late| late.to_string()),
        model: model.artefact.name,
        outcomes: counts,
        everybody,
        groups: parts::of_groups(&followed, bootstrap)?,
        teams: parts::of_teams(&followed, &history.reference.teams, bootstrap)?,
    })
}

fn bootstrap(threads: usize) -> Bootstrap {
    Bootstrap { resamples: RESAMPLES, seed: 0, threads }
}

/// What is measured on everybody.
#[derive(Clone, Debug, Serialize)]
pub struct OfEverybody {
    /// How well the risks rank and agree.
    pub metrics: Metrics,
    /// Figures with 95% intervals.
    pub estimates: Vec<Estimate>,
    /// The bin error that 95 of 100 perfectly calibrated models would stay below on these risks.
    pub bin_error_of_the_perfect: f64,
    /// What acting on risks is worth, from the lowest threshold on.
    pub decisions: Vec<Decision>,
}

fn of_everybody(followed: &[Followed], threads: usize) -> Result<OfEverybody, earlycall_model::Error> {
    use Figure::*;
    let (risks, events): (Vec<f64>, Vec<bool>) = followed.iter().map(|one| (one.risk, one.event)).unzip();
    let metrics = Metrics::of(&risks, &events)?;
    let mut figures = vec![Auroc, AveragePrecision, Brier, LogLoss];
    figures.extend([CalibrationIntercept, CalibrationSlope, BinError, ObservedToExpected]);
    figures.extend(TOP_SHARES.map(|share| [Ppv(Cut::Share(share)), Sensitivity(Cut::Share(share))]).concat());
    let n_figures = figures.len();
    figures.extend(THRESHOLDS.map(NetBenefit));
    let mut estimates = estimates(&risks, &events, &figures, bootstrap(threads))?;
    let benefits = estimates.split_off(n_figures);
    let decision = |(threshold, model): (f64, Estimate)| -> Result<Decision, earlycall_model::Error> {
        let everybody = net_benefit_of_all(&risks, &events, threshold)?;
        Ok(Decision { threshold, model, everybody })
    };
    Ok(OfEverybody {
        metrics,
        estimates,
        bin_error_of_the_perfect: bin_error_of_the_perfect(&risks, bootstrap(threads))?,
        decisions: THRESHOLDS.into_iter().zip(benefits).map(decision).collect::<Result<_, _>>()?,
    })
}
