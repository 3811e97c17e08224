//! Learning: the same cohort and features as a night's, on past index dates, with what happened next.

pub mod outcome;
mod sample;

use std::collections::BTreeMap;

use earlycall_model::{
    RiskModelParams, Rows, Training,
    artefact::{Artefact, TrainingWindow},
};
use earlycall_schemas::catalogue::catalogue;
use ndarray::Array2;

use self::{
    outcome::{Outcome, end_of_window, last_whole_day, outcomes},
    sample::{Sample, draw},
};
use crate::{
    cohort::{
        Circumstances,
        pass::{self, Pass},
    },
    day::Day,
    error::{Error, Kind, Result},
    features::{Cell, Feeds, columns::scales},
    history::{History, records::PersonKey},
    model_store,
    progress::Progress,
    settings::Settings,
};

/// Fits a model on one or more past index dates: on each, the cohort as it was known then, or as many of it as the
/// settings allow, drawn by lot; and what happened next, as it is known now.
///
/// # Errors
/// * [`Kind::Usage`] when a window is not over.
/// * [`Kind::Model`] when there are too few people or outcomes to learn from.
/// * [`Kind::Storage`] when the history cannot be read.
pub fn train(
    history: &History,
    settings: &Settings,
    index_dates: &[Day],
    threads: usize,
    progress: &mut Progress,
) -> Result<Artefact> {
    let mut rows = TrainingRows::default();
    for &index_date in index_dates {
        progress.stage(&format!("learning about {index_date}"));
        let (sample, outcomes) = learn_about(history, settings, index_date, threads, progress)?;
        progress.handled(sample.n_people(), "people");
        rows.add(sample, &outcomes);
    }
    progress.stage("fitting");
    progress.handled(rows.events.len() as u64, "rows");
    let columns = model_store::columns();
    let refused = |error: earlycall_model::Error| {
        Error::new(Kind::Model, error.to_string()).hint("train on more people, or on more index dates")
    };
    let x = numbers(rows.cells, columns.len());
    let params = RiskModelParams::new().horizon_days(settings.prediction.horizon_days as u32).threads(threads);
    let training =
        Training { rows: Rows { columns: &columns, x: x.view() }, events: &rows.events, persons: &rows.persons };
    let model = params.check().map_err(refused)?.fit(&training).map_err(refused)?;
    let dates: Vec<String> = index_dates.iter().map(Day::to_string).collect();
    Ok(Artefact {
        name: name(settings, index_dates),
        outcome: settings.prediction.outcome.code().to_owned(),
        training: TrainingWindow { data_to: last_whole_day(history, index_dates[0])?.to_string(), index_dates: dates },
        catalogue_hash: catalogue().hash().to_owned(),
        code_list_hashes: history.lists.hashes(),
        cohort: rows.counts,
        ..Artefact::of(model)
    })
}

/// The people of one index date, and what happened to each.
fn learn_about(
    history: &History,
    settings: &Settings,
    index_date: Day,
    threads: usize,
    progress: &Progress,
) -> Result<(Sample, Vec<Outcome>)> {
    let until = end_of_window(history, settings, index_date)?;
    let view = history.view(index_date);
    let threads = pass::threads_within(&settings.run, history, threads);
    let newest = history.newest_events(&view, threads)?;
    let feeds = Feeds::new(newest.keys().map(String::as_str));
    let at = Circumstances {
        index_date,
        reference: &history.reference,
        feeds: &feeds,
        settings: &settings.cohort,
        objections: &settings.objections,
    };
    let steps = progress.steps("buckets read");
    let pass = Pass { history, view, at, threads, steps: steps.clone() };
    let sample = draw(&pass, settings.training.people_per_date as usize)?;
    let outcomes = outcomes(history, &sample.persons(), (index_date, until), threads, &steps)?;
    Ok((sample, outcomes))
}

/// Outcome, horizon, and the first and last index date.
fn name(settings: &Settings, index_dates: &[Day]) -> String {
    let prediction = format!("{}-{}d", settings.prediction.outcome.code(), settings.prediction.horizon_days);
    match index_dates {
        [only] => format!("{prediction}-{only}"),
        [first, .., last] => format!("{prediction}-{first}-{last}"),
        [] => prediction,
    }
}

/// Rows of several index dates, one under the other, each as small as it can be kept.
#[derive(Default)]
struct TrainingRows {
    cells: Vec<Box<[Cell]>>,
    events: Vec<bool>,
    persons: Vec<u64>,
    counts: BTreeMap<String, u64>,
}

impl TrainingRows {
    fn add(&mut self, sample: Sample, outcomes: &[Outcome]) {
        let mut count = |name: String, n: u64| *self.counts.entry(name).or_default() += n;
        for (standing, n) in sample.standings() {
            count(standing.to_owned(), n);
        }
        if sample.n_not_drawn() > 0 {
            count("scored_and_not_drawn".to_owned(), sample.n_not_drawn());
        }
        for (drawn, outcome) in sample.into_drawn().into_iter().zip(outcomes) {
            count(format!("outcome_{}", outcome.code()), 1);
            if let Some(event) = outcome.event() {
                self.cells.push(drawn.cells);
                self.events.push(event);
                self.persons.push(first_bytes(drawn.key));
            }
        }
    }
}

/// Rows by columns, in the columns' units. Each row's cells are given back as soon as they are read.
fn numbers(rows: Vec<Box<[Cell]>>, n_columns: usize) -> Array2<f64> {
    let n_rows = rows.len();
    let mut numbers = Vec::with_capacity(n_rows * n_columns);
    for row in rows {
        numbers.extend(row.iter().zip(scales()).map(|(cell, &scale)| cell.number(scale)));
    }
    Array2::from_shape_vec((n_rows, n_columns), numbers).expect("every row has every column")
}

/// A person as a number; keys are random, so no two of a population share one.
fn first_bytes(key: PersonKey) -> u64 {
    u64::from_be_bytes(key.as_bytes()[..8].try_into().expect("a key has 32 bytes"))
}
