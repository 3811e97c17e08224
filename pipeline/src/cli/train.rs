//! `earlycall train`: a candidate from past index dates.

use earlycall_schemas::table::table;

use super::{Common, in_order, shown};
use crate::{
    day::Day,
    error::Result,
    history::arrive::settle_deliveries,
    model_store::{self, Promotion},
    objections::holding::holding,
    store::disk::FileSystem,
    train::{self, Learnt},
};

/// Learn a model from past index dates.
#[derive(Debug, clap::Args)]
pub struct Train {
    /// A past index date whose window is over; may be given several times.
    #[arg(long, value_name = "DATE", required = true)]
    index_date: Vec<Day>,
}

/// Outcomes below which a model of this size learns noise.
const EVENTS_MIN: u64 = 100;

impl Train {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        let settings = common.settings()?;
        let dates = in_order(&self.index_date)?;
        let mut progress = common.progress();
        let ((learnt, is_first), revised, given) = holding(&settings, &FileSystem, |store| {
            progress.stage("settling");
            let history = settle_deliveries(store, &settings, common.threads())?;
            let learnt = train::train(&history, &settings, &dates, common.threads(), &mut progress)?;
            let is_first = model_store::candidates(&settings)?.is_empty();
            let family = model_store::put_candidate(&settings, &learnt.family)?;
            Ok((Learnt { family, ..learnt }, is_first))
        })?;
        let Learnt { family, left_out, still_arriving, history_too_short } = &learnt;
        let artefact = &family.main;
        progress.done();
        common.tell_revised(revised.as_ref());
        let metrics = artefact.metrics();
        tell!("candidate {}: {} people, {} with the outcome", artefact.name, metrics.rows, metrics.events);
        if metrics.events < EVENTS_MIN {
            tell!("warning: fewer than {EVENTS_MIN} outcomes to learn from: do not rely on this model");
        }
        tell!(
            "on people it had not seen: AUROC {:.3} (a logistic regression: {:.3}), mean risk {:.3}, observed {:.3}",
            metrics.auroc.unwrap_or(f64::NAN),
            artefact.baseline.as_ref().and_then(|baseline| baseline.auroc).unwrap_or(f64::NAN),
            metrics.mean_risk,
            metrics.observed_rate
        );
        let horizons: Vec<String> = artefact.model.horizons_days().iter().map(u32::to_string).collect();
        tell!("risks within {} days", horizons.join(", "));
        left_out.iter().for_each(|why| tell!("warning: not learnt: {why}"));
        still_arriving.iter().for_each(|late| tell!("warning: {late}"));
        history_too_short.iter().for_each(|short| tell!("warning: {short}"));
        let is_asked_for = |name: &&String| table(name).is_some_and(|table| settings.feeds.allow(table));
        let missing: Vec<&str> = artefact.without.iter().filter(is_asked_for).map(String::as_str).collect();
        if !missing.is_empty() {
            tell!("warning: it does without {}: missing on an index date", missing.join(", "));
        }
        for (variant, learnt) in &family.variants {
            let auroc = learnt.metrics().auroc.unwrap_or(f64::NAN);
            let without = model_store::without_in_words(Some(variant), &learnt.without, &settings.feeds);
            tell!("for nights without {}: AUROC {auroc:.3}", without.as_deref().unwrap_or(&variant.id));
        }
        tell!("card: {}", shown(&settings.model_folder().join("candidates").join(&artefact.name).join("card.html")));
        if is_first && settings.is_research() {
            let why = "the first candidate, in the research profile".to_owned();
            let promotion = Promotion { name: artefact.name.clone(), by: "earlycall train".to_owned(), why };
            model_store::promote(&settings, &promotion)?;
            tell!("promoted: `run` uses it from now on");
        } else {
            if !settings.is_research() {
                tell!("to have it signed: earlycall model sign {} --key FILE", artefact.name);
            }
            tell!("to use it: earlycall model promote {} --by WHO --why TEXT", artefact.name);
        }
        given
    }
}
