//! What the model is for, what it learnt from, and where it ends.

use super::block::{Block, heading, table, text};
use super::labels::plain;
use crate::artefact::Artefact;
use crate::boosted::Settings;

/// What the card is called.
pub(super) fn title(artefact: &Artefact) -> String {
    match artefact.name.as_str() {
        "" => format!("Model of `{}`", plain(&artefact.outcome)),
        name => format!("Model card: {}", plain(name)),
    }
}

/// Whether it is a model of some table, about which nobody knows what it is for.
fn is_of_a_table(artefact: &Artefact) -> bool {
    artefact.horizon_days().is_none()
}

pub(super) fn purpose(artefact: &Artefact) -> Vec<Block> {
    let formula = artefact.lead().formula();
    let mut told = vec![heading(1, title(artefact))];
    if let Some(days) = artefact.horizon_days() {
        told.push(heading(2, "Intended purpose"));
        told.push(text(format!(
            "Estimates the risk of `{}` within {days} days. It supports a clinician's decision whom to call. It is not a \
             diagnosis and not an alarm. It is software for research: it is not certified as a medical device.",
            plain(&artefact.outcome)
        )));
    }
    told.push(text(
        "The log-odds of a row are the base plus a height on the curve of every column plus a height on the surface of \
         every pair; its risk is 1 / (1 + exp(-log-odds)). Heights are told as differences from the average training row; \
         ± is the standard deviation over the bags.",
    ));
    told.push(Block::List(vec![
        format!("Base: {:+.6}", formula.base),
        format!("Curves: {}, pairs: {}", formula.n_columns, formula.n_pairs),
    ]));
    told
}

pub(super) fn training(artefact: &Artefact) -> Vec<Block> {
    let (metrics, formula) = (artefact.metrics(), artefact.lead().formula());
    let mut points = vec![format!("Rows: {}, with the event: {}", metrics.rows, metrics.events)];
    if is_of_a_table(artefact) {
        points.push(format!("Whose row it is: `{}`; all rows of one were in one bag", plain(&artefact.id)));
    } else {
        points.push(format!("Index dates: {}", or_not_stated(&artefact.training.index_dates.join(", "))));
        points.push(format!("Outcomes known to: {}", or_not_stated(&artefact.training.data_to)));
        points.push(format!("Catalogue: {}", or_not_stated(&artefact.catalogue_hash)));
    }
    if !artefact.without.is_empty() {
        points.push(format!("Without: {}, missing on an index date or of no legal basis", artefact.without.join(", ")));
    }
    let rounds: Vec<String> = formula.rounds.iter().map(u64::to_string).collect();
    points.push(format!("Rounds of each bag: {}", rounds.join(", ")));
    points
        .push(format!("Calibration: scale {:.4}, shift {:+.4}", formula.calibration.scale, formula.calibration.shift));
    points.push(format!("Checksum: {}", or_not_stated(&artefact.checksum)));
    let cohort = artefact.cohort.iter().map(|(reason, people)| vec![plain(reason), people.to_string()]).collect();
    let lists = artefact.code_list_hashes.iter().map(|(list, hash)| vec![plain(list), plain(hash)]).collect();
    let mut told = vec![heading(2, "Training"), Block::List(points)];
    told.extend(table(&["Cohort", "People"], cohort));
    told.extend(table(&["Code list", "Checksum"], lists));
    told
}

pub(super) fn limits(artefact: &Artefact, has_variants: bool) -> Vec<Block> {
    let mut points = vec![
        "It describes what went together in its training data, not what causes what.".to_owned(),
        "It may be wrong for people unlike those it learnt from, and it ages: check it against later nights."
            .to_owned(),
        "Beyond the range of its training data every curve is flat.".to_owned(),
    ];
    if !is_of_a_table(artefact) {
        points.push(
            "What happened in the last weeks before the day to which outcomes are known may not have been sent yet: stays \
             are sent once they have ended and been coded. What was not there counts as not having happened, so that risks \
             learnt from such weeks are too low."
                .to_owned(),
        );
        let which = if has_variants { "one of its variants" } else { "a model that was trained without them" };
        points.push(format!("It has learnt nothing about sources that are missing: then {which} must take its place."));
    }
    vec![heading(2, "Limits"), Block::List(points)]
}

/// What was asked of the fit.
pub(super) fn settings(artefact: &Artefact) -> Vec<Block> {
    let Settings { bags, bins, pairs, pair_bins, learning_rate, l2, pair_l2, eager, leaves, rounds, patience, seed } =
        &artefact.lead().formula().settings;
    let settings = [
        ("bags", bags.to_string()),
        ("bins", bins.to_string()),
        ("pairs", pairs.to_string()),
        ("pair_bins", pair_bins.to_string()),
        ("learning_rate", learning_rate.to_string()),
        ("l2", l2.to_string()),
        ("pair_l2", pair_l2.to_string()),
        ("eager", eager.to_string()),
        ("leaves", leaves.to_string()),
        ("rounds", rounds.to_string()),
        ("patience", patience.to_string()),
        ("seed", seed.to_string()),
    ];
    let rows = settings.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    let mut told = vec![heading(2, "Settings of the fit")];
    told.extend(table(&["Setting", "Value"], rows));
    told
}

/// The text, or that nobody gave it.
pub(super) fn or_not_stated(text: &str) -> String {
    if text.is_empty() { "not stated".to_owned() } else { plain(text) }
}
