//! Learning: the same cohort and features as a night's, on past index dates, with what happened next; and once more for
//! each way in which feeds may be missing.

pub mod outcome;
mod rows;
mod sample;

use std::collections::BTreeSet;

use earlycall_model::{
    RiskModel, RiskModelParams, Rows, Training,
    artefact::{Artefact, Snapshot, TrainingWindow},
    horizons::FollowUp,
};
use earlycall_schemas::{
    catalogue::catalogue,
    variants::{Variant, variants},
};
use ndarray::{Axis, Slice};

use self::{
    outcome::{Windows, follow_ups, last_whole_day},
    rows::TrainingRows,
    sample::{Sample, draw},
};
use crate::{
    cohort::{
        Circumstances,
        pass::{self, Pass},
        registers::Backing,
    },
    day::Day,
    error::{Error, Kind, Result},
    features::Feeds,
    history::History,
    model_store::{self, Family},
    progress::Progress,
    quality::recent::{self, DAYS_REMEMBERED, Recent},
    settings::Settings,
    supply::Supply,
};

/// Fits a model on one or more past index dates, and its variants: on each date the cohort as it was known then, or as
/// many of it as the settings allow, drawn by lot; and what happened next, as it is known now.
///
/// A feed that was missing on one of the dates is left out altogether. A variant learns from the same people and outcomes
/// in the same folds, without the columns of its feeds, and with the registers as a night without them finds them.
///
/// # Errors
/// * [`Kind::Usage`] when a window is not over.
/// * [`Kind::Extract`] when there were no hospital stays on one of the dates.
/// * [`Kind::Model`] when there are too few people or outcomes to learn from.
/// * [`Kind::Storage`] when the history cannot be read.
pub fn train(
    history: &History,
    settings: &Settings,
    index_dates: &[Day],
    threads: usize,
    progress: &mut Progress,
) -> Result<Family> {
    let supply = |date: &Day| Supply::under(history, &history.view(*date), &settings.rules, threads);
    let supplies = index_dates.iter().map(supply).collect::<Result<Vec<Supply>>>()?;
    let missing: BTreeSet<String> = supplies.iter().flat_map(Supply::missing).collect();
    let missing: Vec<String> = missing.into_iter().collect();
    let planned = planned(&missing);
    let leading_days = settings.prediction.horizon_days.unsigned_abs();
    let mut rows = TrainingRows::new(&other_backings(&missing, &planned), leading_days);
    for (&index_date, supply) in index_dates.iter().zip(&supplies) {
        progress.stage(&format!("learning about {index_date}"));
        let feeds = supply.feeds(&missing);
        let (sample, follow_ups) = learn_about(history, settings, (index_date, &feeds), &rows, threads, progress)?;
        progress.handled(sample.n_people(), "people");
        rows.add(sample, &follow_ups);
    }
    let dates: Vec<String> = index_dates.iter().map(Day::to_string).collect();
    let training = TrainingWindow { data_to: last_whole_day(history, index_dates[0])?.to_string(), index_dates: dates };
    let snapshot = snapshot(history, settings)?;
    let mut learn = |without: &[String]| -> Result<Artefact> {
        let lacking = if without.is_empty() { String::new() } else { format!(" without {}", without.join(", ")) };
        progress.stage(&format!("fitting{lacking}"));
        progress.handled(rows.len() as u64, "rows");
        Ok(Artefact {
            name: name(settings, index_dates),
            outcome: settings.prediction.outcome.code().to_owned(),
            training: training.clone(),
            catalogue_hash: catalogue().hash().to_owned(),
            code_list_hashes: history.lists.hashes(),
            without: without.to_vec(),
            cohort: rows.counts.clone(),
            snapshot: snapshot.clone(),
            ..Artefact::of(fit(&rows, without, settings, threads)?)
        })
    };
    let main = learn(&missing)?;
    let variants = planned.into_iter().map(|(variant, without)| Ok((variant, learn(&without)?)));
    Ok(Family { variants: variants.collect::<Result<_>>()?, main })
}

/// What the codes of all feeds look like now, for whoever asks later whether they still do (V35).
fn snapshot(history: &History, settings: &Settings) -> Result<Snapshot> {
    let Some(newest_extract) = history.ledger.newest_extract() else { return Ok(Snapshot::new()) };
    let index_date = newest_extract - 1;
    let profiles = history.profiles_since(index_date - DAYS_REMEMBERED)?;
    let left = BTreeSet::new();
    Ok(recent::snapshot(&Recent { profiles: &profiles, index_date, left: &left, rules: &settings.rules }))
}

/// The variants to learn beside a model that does without some feeds itself, with all that each does without: none that
/// would be the model once more, or another variant.
fn planned(missing: &[String]) -> Vec<(&'static Variant, Vec<String>)> {
    let mut seen = BTreeSet::from([missing.to_vec()]);
    let all = variants().iter().map(|variant| (variant, model_store::without_both(missing, variant)));
    all.filter(|(_, without)| seen.insert(without.clone())).collect()
}

/// What registers are made from where some feeds are missing.
fn backing(without: &[String]) -> Backing {
    let has = |table: &str| !without.iter().any(|name| name == table);
    Backing::of(has("gp_events"), has("gp_prescriptions"))
}

/// What variants make registers from, where the model makes them from more.
fn other_backings(missing: &[String], planned: &[(&Variant, Vec<String>)]) -> Vec<Backing> {
    let mut others: Vec<Backing> = Vec::new();
    for backing in planned.iter().map(|(_, without)| backing(without)).filter(|other| *other != backing(missing)) {
        if !others.contains(&backing) {
            others.push(backing);
        }
    }
    others
}

fn fit(rows: &TrainingRows, without: &[String], settings: &Settings, threads: usize) -> Result<RiskModel> {
    let refused = |error: earlycall_model::Error| {
        Error::new(Kind::Model, error.to_string()).hint("train on more people, or on more index dates")
    };
    let columns = model_store::columns_without(without);
    let x = rows.numbers(without, backing(without));
    let horizon_days = settings.prediction.horizon_days.unsigned_abs();
    let events: Vec<bool> = rows.follow_ups().iter().map_while(|one| one.admitted_within(horizon_days)).collect();
    let x = x.slice_axis(Axis(0), Slice::from(..events.len()));
    let persons = &rows.persons()[..events.len()];
    let training = Training { rows: Rows { columns: &columns, x }, events: &events, persons };
    let params = RiskModelParams::new().horizon_days(settings.prediction.horizon_days as u32).threads(threads);
    params.check().map_err(refused)?.fit(&training).map_err(refused)
}

/// The people of one index date, and what happened to each.
fn learn_about(
    history: &History,
    settings: &Settings,
    (index_date, feeds): (Day, &Feeds),
    rows: &TrainingRows,
    threads: usize,
    progress: &Progress,
) -> Result<(Sample, Vec<FollowUp>)> {
    let windows = Windows::over(history, &settings.prediction, index_date)?;
    let view = history.view(index_date);
    let threads = pass::threads_within(&settings.run, history, threads);
    let at = Circumstances::of(&history.reference, index_date, feeds, settings);
    let steps = progress.steps("buckets read");
    let pass = Pass { history, view, at, threads, steps: steps.clone() };
    let sample = draw(&pass, settings.training.people_per_date as usize, rows.backings())?;
    let follow_ups = follow_ups(history, &sample.persons(), &windows, threads, &steps)?;
    Ok((sample, follow_ups))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(missing: &[&str]) -> Vec<&'static str> {
        let missing: Vec<String> = missing.iter().map(|table| (*table).to_owned()).collect();
        planned(&missing).iter().map(|(variant, _)| variant.id.as_str()).collect()
    }

    #[test]
    fn where_a_feed_was_missing_in_training_no_variant_is_learnt_twice() {
        assert_eq!(ids(&[]).len(), variants().len());
        assert_eq!(ids(&["ed_attendances"]), ["without_prescriptions", "without_gp_record"]);
        assert_eq!(ids(&["ed_attendances", "gp_events", "gp_prescriptions"]), [""; 0]);
    }

    #[test]
    fn registers_are_made_anew_for_what_is_left_to_make_them_from() {
        let planned = planned(&[]);
        assert_eq!(other_backings(&[], &planned), [Backing::GpRecord, Backing::Hospital]);
    }
}
