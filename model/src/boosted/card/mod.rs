//! The card of a boosted model in Markdown, with every curve and every surface as a table and a picture made of letters:
//! enough to work out any score by hand.

mod curves;
mod labels;
mod surfaces;

use self::labels::in_a_cell;
use super::artefact::BoostedArtefact;
use super::settings::Settings;
use crate::card::{performance, say, table};

/// The card of a boosted model in Markdown. The same artefact gives the same text.
pub fn card_markdown(artefact: &BoostedArtefact) -> String {
    let mut card = String::new();
    purpose(&mut card, artefact);
    training(&mut card, artefact);
    performance(&mut card, artefact.model.metrics());
    curves::told(&mut card, artefact);
    surfaces::told(&mut card, artefact);
    card.truncate(card.trim_end().len());
    card + "\n"
}

fn purpose(card: &mut String, artefact: &BoostedArtefact) {
    let formula = artefact.model.formula();
    let outcome = in_a_cell(&artefact.outcome);
    say!(card, "# Model of `{outcome}`\n");
    if let Some(days) = artefact.model.horizon_days() {
        say!(card, "Within {days} days.");
    }
    say!(
        card,
        "The log-odds of a row are the base plus a height on the curve of every column plus a height on the surface"
    );
    say!(card, "of every pair; its risk is 1 / (1 + exp(-log-odds)). Heights are told as differences from the average");
    say!(card, "training row; ± is the standard deviation over the bags.");
    say!(card, "It describes what went together in its training data, not what causes what.\n");
    say!(card, "- Base: {:+.6}", formula.base);
    say!(card, "- Curves: {}, pairs: {}\n", formula.n_columns, formula.n_pairs);
}

fn training(card: &mut String, artefact: &BoostedArtefact) {
    let formula = artefact.model.formula();
    let metrics = artefact.model.metrics();
    say!(card, "## Training\n");
    say!(card, "- Rows: {}, with the event: {}", metrics.rows, metrics.events);
    if !artefact.id.is_empty() {
        say!(card, "- Whose row it is: `{}`; all rows of one were in one bag", in_a_cell(&artefact.id));
    }
    let rounds: Vec<String> = formula.rounds.iter().map(u64::to_string).collect();
    say!(card, "- Rounds of each bag: {}", rounds.join(", "));
    say!(card, "- Calibration: scale {:.4}, shift {:+.4}", formula.calibration.scale, formula.calibration.shift);
    if !artefact.checksum.is_empty() {
        say!(card, "- Checksum: {}", artefact.checksum);
    }
    say!(card, "");
    let Settings { bags, bins, pairs, pair_bins, learning_rate, l2, pair_l2, eager, leaves, rounds, patience, seed } =
        &formula.settings;
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
    table(card, "Setting", "Value", settings.into_iter());
}
