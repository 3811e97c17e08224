//! The boosted model on a matrix from elsewhere: fitted and applied, or cross-validated.
//!
//! ```text
//! glass fit FOLDER [NAME=VALUE ...]     learn from FOLDER/train, write the risks of FOLDER/test to FOLDER/risks.f64
//! glass cv  FOLDER [NAME=VALUE ...]     cross-validate within FOLDER/train
//! ```
//! Prints one JSON object a line. Names are those of [`BoostedParams`], and `folds` for `cv`.

mod matrix;

use std::path::Path;
use std::time::Instant;

use earlycall_model::boosted::{BoostedModel, BoostedParams};
use earlycall_model::metrics::Metrics;
use earlycall_model::{Error, Rows, Score, Training};
use matrix::Matrix;
use ndarray::ArrayView2;
use serde_json::json;

/// Rows that are scored for the time that it takes: those to be judged again and again.
const MILLION: usize = 1_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let folder = Path::new(words.get(1).map_or(".", String::as_str));
    let (mut params, mut folds, mut threads) = (BoostedParams::new(), 5, 1);
    for word in words.iter().skip(2) {
        let (name, value) = word.split_once('=').ok_or("settings are NAME=VALUE")?;
        params = match name {
            "folds" => {
                folds = value.parse()?;
                params
            }
            "bags" => params.bags(value.parse()?),
            "bins" => params.bins(value.parse()?),
            "pairs" => params.pairs(value.parse()?),
            "pair_bins" => params.pair_bins(value.parse()?),
            "learning_rate" => params.learning_rate(value.parse()?),
            "l2" => params.l2(value.parse()?),
            "pair_l2" => params.pair_l2(value.parse()?),
            "eager" => params.eager(value.parse()?),
            "leaves" => params.leaves(value.parse()?),
            "rounds" => params.rounds(value.parse()?),
            "patience" => params.patience(value.parse()?),
            "seed" => params.seed(value.parse()?),
            "threads" => {
                threads = value.parse()?;
                params.threads(threads)
            }
            _ => return Err(format!("there is no setting {name}").into()),
        };
    }
    let train = Matrix::read(folder, "train")?;
    match words.first().map(String::as_str) {
        Some("fit") => apply(folder, &train, params, threads),
        Some("cv") => cross_validate(&train, params, folds, words[2..].join(" ")),
        _ => Err("glass fit | cv; see the top of the source".into()),
    }
}

fn fit(train: &Matrix, params: BoostedParams) -> Result<BoostedModel, Error> {
    let persons: Vec<u64> = (0..train.events.len() as u64).collect();
    let rows = Rows { columns: &train.columns, x: train.x.view() };
    params.check()?.fit(&Training { rows, events: &train.events, persons: &persons })
}

fn risks_of<T: Copy + Into<f64> + Sync>(
    model: &BoostedModel,
    x: ArrayView2<T>,
    threads: usize,
) -> Result<Vec<f64>, Error> {
    let log_odds = model.log_odds(x, threads)?;
    Ok(log_odds.into_iter().map(|log_odds| Score::of_log_odds(log_odds).risk).collect())
}

fn apply(
    folder: &Path,
    train: &Matrix,
    params: BoostedParams,
    threads: usize,
) -> Result<(), Box<dyn std::error::Error>> {
    let test = Matrix::read(folder, "test")?;
    let (fitted, model) = timed(|| fit(train, params));
    let model = model?;
    let (scored, risks) = timed(|| risks_of(&model, test.x.view(), threads));
    let risks = risks?;
    // A million rows in one piece, as somebody has them who wants that many risks.
    let many = test.many(MILLION);
    let (predicted, all) = timed(|| risks_of(&model, many.view(), threads));
    assert_eq!(all?.len(), MILLION);
    let bytes: Vec<u8> = risks.iter().flat_map(|risk| risk.to_le_bytes()).collect();
    std::fs::write(folder.join("risks.f64"), bytes)?;
    let formula = model.formula();
    let name = |column: usize| formula.curves[column].column.name.clone();
    let pairs: Vec<[String; 2]> = formula.surfaces.iter().map(|surface| surface.columns.map(name)).collect();
    println!(
        "{}",
        json!({
            "fit": fitted, "predict": scored, "predict_million": predicted, "rounds": formula.rounds, "calibration": formula.calibration,
            "unseen": summary(model.metrics()), "test": summary(&Metrics::of(&risks, &test.events)?), "pairs": pairs,
        })
    );
    Ok(())
}

fn cross_validate(
    train: &Matrix,
    params: BoostedParams,
    folds: usize,
    told: String,
) -> Result<(), Box<dyn std::error::Error>> {
    let n_rows = train.events.len();
    let mut all = vec![0.0; n_rows];
    let (mut aurocs, mut auprcs, mut rounds) = (Vec::new(), Vec::new(), Vec::new());
    let start = worked();
    for fold in 0..folds {
        // The order of the rows has nothing to do with the fold.
        let is_in = |row: &usize| (row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) % folds == fold;
        let (unseen, seen): (Vec<usize>, Vec<usize>) = (0..n_rows).partition(is_in);
        let model = fit(&train.rows(&seen), params.clone())?;
        let test = train.rows(&unseen);
        let risks = risks_of(&model, test.x.view(), 1)?;
        let metrics = Metrics::of(&risks, &test.events)?;
        aurocs.push(metrics.auroc.unwrap_or(f64::NAN));
        auprcs.push(metrics.average_precision.unwrap_or(f64::NAN));
        rounds.push(model.formula().rounds.iter().sum::<u64>() as f64 / model.formula().rounds.len() as f64);
        unseen.iter().zip(risks).for_each(|(row, risk)| all[*row] = risk);
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let work = (worked() - start) / folds as f64;
    println!(
        "{}",
        json!({
            "settings": told, "auroc": round(mean(&aurocs)), "auprc": round(mean(&auprcs)),
            "all": summary(&Metrics::of(&all, &train.events)?), "rounds": rounds, "cpu_seconds": work,
        })
    );
    Ok(())
}

fn summary(metrics: &Metrics) -> serde_json::Value {
    json!({
        "auroc": metrics.auroc.map(round), "auprc": metrics.average_precision.map(round),
        "log_loss": round(metrics.log_loss), "slope": metrics.calibration_slope.map(round),
    })
}

fn round(number: f64) -> f64 {
    (number * 1e5).round() / 1e5
}

/// Seconds of the clock and of all threads' work, and the result.
fn timed<T>(work: impl FnOnce() -> T) -> (serde_json::Value, T) {
    let (start, before) = (Instant::now(), worked());
    let result = work();
    (json!({ "wall_seconds": start.elapsed().as_secs_f64(), "cpu_seconds": worked() - before }), result)
}

/// Seconds that the process has worked, in hundredths, which a busy machine doesn't change much. Linux tells; elsewhere 0.
fn worked() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}
