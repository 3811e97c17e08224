//! Learning: the same cohort and features as a night's, on past index dates, with what happened next; and once more for
//! each way in which feeds may be missing.

pub(crate) mod fit;
pub mod history_too_short;
mod learnable;
pub mod outcome;
pub(crate) mod rows;
mod sample;

use std::collections::BTreeSet;

use earlycall_model::{
    artefact::{Artefact, Snapshot, TrainingWindow},
    horizons::FollowUp,
};
use earlycall_schemas::{
    catalogue::catalogue,
    variants::{Variant, variants},
};

use self::{
    fit::{FOLDS, FOLDS_OF_A_VARIANT, Fitted, Fitting},
    history_too_short::HistoryTooShort,
    learnable::{Learnable, learnable},
    outcome::{StillArriving, Windows, follow_ups, last_whole_day},
    rows::TrainingRows,
    sample::{Sample, draw},
};
use crate::{
    cohort::{
        Circumstances,
        one_fate::Fates,
        pass::{self, Pass},
        registers::Backing,
    },
    day::Day,
    error::Result,
    features::Feeds,
    history::History,
    model_store::{self, Family},
    progress::Progress,
    quality::recent::{self, DAYS_REMEMBERED, Recent},
    settings::Settings,
    supply::Supply,
};

/// What came of learning.
pub struct Learnt {
    /// The model and its variants.
    pub family: Family,
    /// The further horizons that could not be learnt, and why, a sentence each.
    pub left_out: Vec<String>,
    /// The index dates after which admissions may still be missing.
    pub still_arriving: Vec<StillArriving>,
    /// The index dates before which the extracts reach back less far than features do.
    pub history_too_short: Vec<HistoryTooShort>,
}

/// Fits a model on one or more past index dates, and its variants: on each date the cohort as it was known then, or as
/// many of it as the settings allow, drawn by lot; and what happened next, as it is known now.
///
/// A feed that was missing on one of the dates is left out altogether, as is an optional one without a legal basis. A
/// variant learns from the same people and outcomes,
/// without the columns of its feeds, and with the registers as a night without them finds them.
///
/// Beside the leading horizon it learns those further ones that can be learnt, each from the index dates whose window for
/// it is over.
///
/// # Errors
/// * [`crate::error::Kind::Usage`] when a leading window is not over.
/// * [`crate::error::Kind::Extract`] when there were no hospital stays on one of the dates.
/// * [`crate::error::Kind::Model`] when there are too few people or outcomes to learn from.
/// * [`crate::error::Kind::Storage`] when the history cannot be read.
pub fn train(
    history: &History,
    settings: &Settings,
    index_dates: &[Day],
    threads: usize,
    progress: &mut Progress,
) -> Result<Learnt> {
    let supply = |date: &Day| Supply::under(history, &history.view(*date), &settings.rules, threads);
    let supplies = index_dates.iter().map(supply).collect::<Result<Vec<Supply>>>()?;
    let without: BTreeSet<String> = supplies.iter().flat_map(Supply::to_do_without).collect();
    let without: Vec<String> = without.into_iter().collect();
    let planned = planned(&without);
    let leading_days = settings.prediction.horizon_days.unsigned_abs();
    let arriving = |date: &Day| Windows::leading(history, &settings.prediction, *date)?.still_arriving(history);
    let still_arriving = index_dates.iter().filter_map(|date| arriving(date).transpose()).collect::<Result<_>>()?;
    let history_too_short = index_dates.iter().filter_map(|date| HistoryTooShort::on(&history.ledger, *date)).collect();
    let rows = TrainingRows::new(&other_backings(&without, &planned), leading_days);
    let dates = index_dates.iter().copied().zip(supplies.iter().map(|supply| supply.feeds(&without)));
    let rows = rows_of(history, settings, dates, rows, threads, progress)?;
    let dates: Vec<String> = index_dates.iter().map(Day::to_string).collect();
    let training = TrainingWindow { data_to: last_whole_day(history, index_dates[0])?.to_string(), index_dates: dates };
    let snapshot = snapshot(history, settings)?;
    let Learnable { days: horizons_days, left_out } = learnable(&settings.prediction, &rows);
    let fitting = Fitting { rows: &rows, leading_days, horizons_days: &horizons_days, threads };
    let mut learn = |without: &[String], folds: usize| -> Result<Artefact> {
        let lacking = if without.is_empty() { String::new() } else { format!(" without {}", without.join(", ")) };
        progress.stage(&format!("fitting{lacking}"));
        progress.handled(rows.len() as u64, "rows");
        let Fitted { model, baseline } = fitting.fit(without, backing(without), folds)?;
        Ok(Artefact {
            name: name(settings, index_dates),
            outcome: settings.prediction.outcome.code().to_owned(),
            training: training.clone(),
            catalogue_hash: catalogue().hash().to_owned(),
            code_list_hashes: history.lists.hashes(),
            without: without.to_vec(),
            cohort: rows.counts.clone(),
            snapshot: snapshot.clone(),
            baseline: Some(baseline),
            ..Artefact::of(model)
        })
    };
    let main = learn(&without, FOLDS)?;
    let variants = planned.into_iter().map(|(variant, without)| Ok((variant, learn(&without, FOLDS_OF_A_VARIANT)?)));
    let family = Family { variants: variants.collect::<Result<_>>()?, main };
    Ok(Learnt { family, left_out, still_arriving, history_too_short })
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
fn planned(without: &[String]) -> Vec<(&'static Variant, Vec<String>)> {
    let mut seen = BTreeSet::from([without.to_vec()]);
    let all = variants().iter().map(|variant| (variant, model_store::without_both(without, variant)));
    all.filter(|(_, both)| seen.insert(both.clone())).collect()
}

/// What registers are made from where some feeds are missing.
pub(crate) fn backing(without: &[String]) -> Backing {
    let has = |table: &str| !without.iter().any(|name| name == table);
    Backing::of(has("gp_events"), has("gp_prescriptions"))
}

/// What variants make registers from, where the model makes them from more.
fn other_backings(without: &[String], planned: &[(&Variant, Vec<String>)]) -> Vec<Backing> {
    let mut others: Vec<Backing> = Vec::new();
    for backing in planned.iter().map(|(_, without)| backing(without)).filter(|other| *other != backing(without)) {
        if !others.contains(&backing) {
            others.push(backing);
        }
    }
    others
}

/// Rows with those of index dates added, each with the feeds on which it leans.
///
/// # Errors
/// As [`train`].
pub(crate) fn rows_of(
    history: &History,
    settings: &Settings,
    dates: impl Iterator<Item = (Day, Feeds)>,
    mut rows: TrainingRows,
    threads: usize,
    progress: &mut Progress,
) -> Result<TrainingRows> {
    for (index_date, feeds) in dates {
        progress.stage(&format!("learning about {index_date}"));
        let (sample, follow_ups) = learn_about(history, settings, (index_date, &feeds), &rows, threads, progress)?;
        progress.handled(sample.n_people(), "people");
        rows.add(sample, &follow_ups);
    }
    Ok(rows)
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
    let fates = Fates::of(history, &view, feeds, settings, threads)?;
    let at = Circumstances::of(&history.reference, index_date, feeds, settings, &fates);
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
    use earlycall_schemas::table::{Tier, tables};

    use super::*;

    /// The variants that are learnt beside a model without these tables.
    fn ids(without: &[&str]) -> Vec<&'static str> {
        let without: BTreeSet<String> = without.iter().map(|table| (*table).to_owned()).collect();
        planned(&without.into_iter().collect::<Vec<_>>()).iter().map(|(variant, _)| variant.id.as_str()).collect()
    }

    /// The same where only these optional tables may be read.
    fn ids_with(optional: &[&str], missing: &[&str]) -> Vec<&'static str> {
        let all = tables().iter().filter(|table| table.tier == Tier::Optional).map(|table| table.name.as_str());
        ids(&all.filter(|table| !optional.contains(table)).chain(missing.iter().copied()).collect::<Vec<_>>())
    }

    const OF_EVERY_SERVICE: [&str; 5] = [
        "without_ae",
        "without_prescriptions",
        "without_ae_and_prescriptions",
        "without_gp_record",
        "hospital_stays_alone",
    ];

    #[test]
    fn a_service_without_optional_tables_learns_the_variants_of_every_service_and_no_other() {
        assert_eq!(ids_with(&[], &[]), OF_EVERY_SERVICE);
    }

    #[test]
    fn a_service_learns_variants_for_the_optional_tables_that_it_has() {
        let with_one = ids_with(&["home_care_visits"], &[]);
        assert_eq!(with_one.len(), 11, "five, one without visits, and each of the five without visits");
        assert!(with_one.contains(&"without_home_care_visits") && !with_one.contains(&"without_optional_tables"));
        let with_two = ids_with(&["home_care_visits", "telecare_events"], &[]);
        assert_eq!(with_two.len(), 13, "five, two without one, one without both, and each of the five without both");
        assert_eq!(ids(&[]).len(), variants().len());
    }

    #[test]
    fn where_a_feed_was_missing_in_training_no_variant_is_learnt_twice() {
        assert_eq!(ids_with(&[], &["ed_attendances"]), ["without_prescriptions", "without_gp_record"]);
        assert_eq!(ids_with(&[], &["ed_attendances", "gp_events", "gp_prescriptions"]), [""; 0]);
    }

    #[test]
    fn registers_are_made_anew_for_what_is_left_to_make_them_from() {
        let planned = planned(&[]);
        assert_eq!(other_backings(&[], &planned), [Backing::GpRecord, Backing::Hospital]);
    }
}
