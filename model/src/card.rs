//! The model card: what a person must know before trusting the numbers, as Markdown.

use crate::artefact::Artefact;
use crate::curve::Curve;
use crate::metrics::Metrics;

/// How many curves the card names.
const CURVES_TOLD: usize = 15;

/// The card of a model and of its variants, which do without some sources, in Markdown. The same artefacts give the same
/// text.
pub fn card_markdown(artefact: &Artefact, variants: &[Artefact]) -> String {
    let mut card = String::new();
    purpose(&mut card, artefact);
    training(&mut card, artefact);
    performance(&mut card, &artefact.metrics);
    curves(&mut card, artefact);
    told_variants(&mut card, variants);
    limits(&mut card, artefact, !variants.is_empty());
    card
}

/// A line of text; writing to a string cannot fail.
macro_rules! say {
    ($card:expr, $($text:tt)*) => {
        std::fmt::Write::write_fmt($card, format_args!("{}\n", format_args!($($text)*))).expect("a string takes any text")
    };
}
pub(crate) use say;

fn purpose(card: &mut String, artefact: &Artefact) {
    say!(card, "# Model card: {}\n", artefact.name);
    say!(card, "## Intended purpose\n");
    say!(card, "Estimates the risk of `{}` within {} days.", artefact.outcome, artefact.horizon_days);
    say!(card, "It supports a clinician's decision whom to call. It is not a diagnosis and not an alarm.");
    say!(card, "It is software for research: it is not certified as a medical device.\n");
}

fn training(card: &mut String, artefact: &Artefact) {
    say!(card, "## Training\n");
    say!(card, "- Kind: {}, a base plus one curve per column on the log-odds scale", artefact.kind);
    say!(card, "- Index dates: {}", or_not_stated(&artefact.training.index_dates.join(", ")));
    say!(card, "- Outcomes known to: {}", or_not_stated(&artefact.training.data_to));
    say!(card, "- Rows: {}, with the event: {}", artefact.metrics.rows, artefact.metrics.events);
    if !artefact.without.is_empty() {
        say!(card, "- Without: {}, missing on an index date", artefact.without.join(", "));
    }
    say!(card, "- Catalogue: {}", or_not_stated(&artefact.catalogue_hash));
    say!(card, "- Checksum: {}\n", or_not_stated(&artefact.checksum));
    table(card, "Cohort", "People", artefact.cohort.iter().map(|(reason, people)| (reason, people.to_string())));
    table(card, "Code list", "Checksum", artefact.code_list_hashes.iter().map(|(list, hash)| (list, hash.clone())));
}

pub(crate) fn performance(card: &mut String, metrics: &Metrics) {
    say!(card, "## Performance on people it had not seen\n");
    say!(card, "By cross-validation in the training rows, calibrated on the other folds. A test on later nights and");
    say!(card, "other places tells more.\n");
    let figures = [
        ("AUROC", number(metrics.auroc)),
        ("Average precision", number(metrics.average_precision)),
        ("Brier score", number(Some(metrics.brier))),
        ("Log loss", number(Some(metrics.log_loss))),
        ("Mean risk", number(Some(metrics.mean_risk))),
        ("Observed rate", number(Some(metrics.observed_rate))),
        ("Calibration in the large (ideal 0)", number(metrics.calibration_intercept)),
        ("Calibration slope (ideal 1)", number(metrics.calibration_slope)),
    ];
    table(card, "Measure", "Value", figures.into_iter());
    say!(card, "| Highest risks | Rows | Of them with the event | Of all events |\n| --- | --- | --- | --- |");
    for top in &metrics.top {
        let (share, found) = (100.0 * top.fraction, number(top.sensitivity));
        say!(card, "| {share:.0}% | {} | {:.4} | {found} |", top.rows, top.ppv);
    }
    say!(card, "\n| Rows | Mean risk | Observed rate |\n| --- | --- | --- |");
    for bin in &metrics.bins {
        say!(card, "| {} | {:.4} | {:.4} |", bin.rows, bin.mean_risk, bin.observed_rate);
    }
    say!(card, "");
}

fn curves(card: &mut String, artefact: &Artefact) {
    say!(card, "## Largest curves\n");
    say!(card, "Mean absolute contribution to the log-odds, compared with the average training row.\n");
    let mut curves: Vec<&Curve> =
        artefact.model.formula().curves.iter().filter(|curve| !curve.terms.is_empty()).collect();
    curves.sort_by(|a, b| b.mean_absolute.total_cmp(&a.mean_absolute).then_with(|| a.column.name.cmp(&b.column.name)));
    let told = curves.iter().take(CURVES_TOLD);
    let code = |curve: &&Curve| (format!("`{}`", curve.column.name), format!("{:.4}", curve.mean_absolute));
    table(card, "Column", "Mean absolute contribution", told.map(code));
}

fn told_variants(card: &mut String, variants: &[Artefact]) {
    if variants.is_empty() {
        return;
    }
    say!(card, "## Variants\n");
    say!(
        card,
        "Learnt from the same people and outcomes, in the same folds, for when some of its sources are missing."
    );
    say!(card, "Their columns are left out, and nothing stands in for them.\n");
    say!(card, "| Without | AUROC | Checksum |\n| --- | --- | --- |");
    for variant in variants {
        let without = variant.without.join(", ");
        say!(card, "| {without} | {} | {} |", number(variant.metrics.auroc), or_not_stated(&variant.checksum));
    }
    say!(card, "");
}

fn limits(card: &mut String, artefact: &Artefact, has_variants: bool) {
    say!(card, "## Limits\n");
    say!(card, "- It describes what went together in its training data, not what causes what.");
    say!(card, "- It may be wrong for people unlike those it learnt from, and it ages: check it against later nights.");
    say!(card, "- Beyond the range of its training data every curve is flat.");
    let which = if has_variants { "one of its variants" } else { "a model that was trained without them" };
    say!(card, "- It has learnt nothing about sources that are missing: then {which} must take its place.");
    let unused: Vec<String> = artefact.model.unused().iter().map(|column| format!("`{}`", column.name)).collect();
    if !unused.is_empty() {
        say!(card, "- These columns said nothing in training and never matter: {}.", unused.join(", "));
    }
}

/// A table of two columns; nothing where there are no rows.
pub(crate) fn table<N: AsRef<str>>(
    card: &mut String,
    name: &str,
    value: &str,
    rows: impl Iterator<Item = (N, String)>,
) {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return;
    }
    say!(card, "| {name} | {value} |\n| --- | --- |");
    for (name, value) in rows {
        say!(card, "| {} | {value} |", name.as_ref());
    }
    say!(card, "");
}

/// Four decimals, or that there is no such number.
fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "not defined".to_owned(), |value| format!("{value:.4}"))
}

/// The text, or that nobody gave it.
fn or_not_stated(text: &str) -> &str {
    if text.is_empty() { "not stated" } else { text }
}
