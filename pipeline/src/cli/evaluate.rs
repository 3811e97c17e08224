//! `earlycall evaluate`: past risks and what happened, as HTML and JSON.

use std::path::PathBuf;

use super::{Common, shown};
use crate::{
    day::Day,
    error::Result,
    evaluate::{Evaluation, evaluate, page},
    history::arrive::settle_deliveries,
    objections::holding::holding,
    store::{disk::FileSystem, export, folder::NewFile},
};

/// Compare past nights' risks with what happened.
#[derive(Debug, clap::Args)]
pub struct Evaluate {
    /// A past index date whose window is over; may be given several times.
    #[arg(long, value_name = "DATE", required = true)]
    index_date: Vec<Day>,
    /// A folder that is not there yet, for evaluation.html and evaluation.json.
    #[arg(long, default_value = "evaluation", value_name = "DIR")]
    out: PathBuf,
}

impl Evaluate {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        let settings = common.settings()?;
        let mut progress = common.progress();
        let (evaluations, revised, given) = holding(&settings, &FileSystem, |store| {
            progress.stage("settling");
            let history = settle_deliveries(store, &settings, common.threads())?;
            let mut evaluations = Vec::new();
            for &index_date in &self.index_date {
                progress.stage(&format!("comparing {index_date} with what happened"));
                evaluations.push(evaluate(&history, &settings, index_date, common.threads(), &progress)?);
            }
            Ok(evaluations)
        })?;
        let json = serde_json::to_vec_pretty(&evaluations).expect("an evaluation is plain data");
        let files = [NewFile::new("evaluation.html", page::write(&evaluations)), NewFile::new("evaluation.json", json)];
        export::new_folder(&self.out, &files)?;
        progress.done();
        common.tell_revised(revised.as_ref());
        for evaluation in &evaluations {
            tell!("{}", in_a_line(evaluation));
            evaluation.still_arriving.iter().for_each(|late| tell!("warning: {late}"));
        }
        tell!("report: {}", shown(&self.out.join("evaluation.html")));
        given
    }
}

fn in_a_line(evaluation: &Evaluation) -> String {
    let metrics = &evaluation.everybody.metrics;
    format!(
        "{}: {} people, {} with the outcome within {} days, AUROC {}, mean risk {:.4}, observed {:.4}",
        evaluation.index_date,
        metrics.rows,
        metrics.events,
        evaluation.horizon_days,
        decimals(&metrics.auroc),
        metrics.mean_risk,
        metrics.observed_rate
    )
}

/// Three decimals, or words where a number does not exist.
fn decimals(number: &Option<f64>) -> String {
    number.map_or("not defined".to_owned(), |number| format!("{number:.3}"))
}
