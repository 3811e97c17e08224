//! How good the model is: beside a logistic regression on the same rows, at every horizon, and without some sources.

use super::about::or_not_stated;
use super::block::{Block, heading, table, table_of_numbers, text};
use crate::artefact::Artefact;
use crate::horizons::HorizonReport;
use crate::metrics::Metrics;

pub(super) fn told(artefact: &Artefact) -> Vec<Block> {
    let metrics = artefact.metrics();
    let mut told = vec![
        heading(2, "Performance on people it had not seen"),
        text(
            "By cross-validation in the training rows, calibrated on the other folds: nobody is judged by what was learnt \
             from them, also where mean risk and observed rate are held against each other. A test on later nights and \
             other places tells more.",
        ),
    ];
    let mut rows = figures(metrics).map(|(name, value)| vec![name.to_owned(), value]).to_vec();
    let mut header = vec!["Measure", "Model"];
    if let Some(baseline) = &artefact.baseline {
        header.push("Logistic regression");
        rows.iter_mut().zip(figures(baseline)).for_each(|(row, (_, value))| row.push(value));
        told.push(text(
            "Beside it a penalised logistic regression of the same columns on the same rows, out of the same folds: what \
             its curves and pairs add.",
        ));
    }
    told.extend(table(&header, rows));
    let top = metrics.top.iter().map(|top| {
        let (share, found) = (100.0 * top.fraction, number(top.sensitivity));
        vec![
            format!("{}%", format!("{share:.1}").trim_end_matches(".0")),
            top.rows.to_string(),
            format!("{:.4}", top.ppv),
            found,
        ]
    });
    told.extend(table(&["Highest risks", "Rows", "Of them with the event", "Of all events"], top.collect()));
    let bins = metrics.bins.iter();
    let bins = bins
        .map(|bin| vec![bin.rows.to_string(), format!("{:.4}", bin.mean_risk), format!("{:.4}", bin.observed_rate)]);
    told.extend(table(&["Rows", "Mean risk", "Observed rate"], bins.collect()));
    told
}

fn figures(metrics: &Metrics) -> [(&'static str, String); 8] {
    [
        ("AUROC", number(metrics.auroc)),
        ("Average precision", number(metrics.average_precision)),
        ("Brier score", number(Some(metrics.brier))),
        ("Log loss", number(Some(metrics.log_loss))),
        ("Mean risk", number(Some(metrics.mean_risk))),
        ("Observed rate", number(Some(metrics.observed_rate))),
        ("Calibration in the large (ideal 0)", number(metrics.calibration_intercept)),
        ("Calibration slope (ideal 1)", number(metrics.calibration_slope)),
    ]
}

/// What happened within each horizon, and what was expected; nothing for a model that has but one.
pub(super) fn horizons(artefact: &Artefact) -> Vec<Block> {
    let row = |report: &HorizonReport| {
        let counts = [report.admitted, report.died, report.lost].map(|n| n.to_string());
        let shares = [report.incidence_admitted, report.incidence_died, report.mean_risk].map(|x| format!("{x:.4}"));
        [vec![format!("{} days", report.horizon_days)], counts.to_vec(), shares.to_vec()].concat()
    };
    let rows: Vec<Vec<String>> = artefact.model.reports().iter().map(row).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let header =
        ["Within", "Admitted", "Died first", "Not known", "Incidence of admission", "Incidence of death", "Mean risk"];
    let mut told = vec![
        heading(2, "Horizons"),
        text(
            "What happened in the training rows. Death without the event competes with it: whoever died does not have it \
             any more. Incidences, by the estimator of Aalen and Johansen, count whoever is not known for as long as they \
             were seen; the mean risk is to be held against that of the event. Risks of several horizons cross for nobody.",
        ),
    ];
    told.extend(table_of_numbers(&header, 1..header.len(), rows));
    told
}

/// The variants of a model, each with what it does without beside what the model itself does.
pub(super) fn variants(artefact: &Artefact, variants: &[Artefact]) -> Vec<Block> {
    let row = |variant: &Artefact| {
        let baseline = variant.baseline.as_ref().and_then(|baseline| baseline.auroc);
        let aurocs = [variant.metrics().auroc, baseline].map(number);
        let more = variant.without.iter().filter(|source| !artefact.without.contains(source));
        let more: Vec<&str> = more.map(String::as_str).collect();
        [vec![more.join(", ")], aurocs.to_vec(), vec![or_not_stated(&variant.checksum)]].concat()
    };
    let rows: Vec<Vec<String>> = variants.iter().map(row).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let mut told = vec![
        heading(2, "Variants"),
        text(
            "Learnt from the same people and outcomes, for when some of its sources are missing. Their columns are left \
             out, and nothing stands in for them.",
        ),
    ];
    told.extend(table(&["Without", "AUROC", "AUROC of a logistic regression", "Checksum"], rows));
    told
}

/// Four decimals, or that there is no such number.
fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "not defined".to_owned(), |value| format!("{value:.4}"))
}
