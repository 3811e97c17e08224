//! Every surface: a height for each cell, and a picture of where it lies above and below.

use super::labels::{Labels, in_a_cell};
use crate::boosted::artefact::BoostedArtefact;
use crate::boosted::formula::Surface;
use crate::card::say;

/// All surfaces, the one that matters most first.
pub(super) fn told(card: &mut String, artefact: &BoostedArtefact) {
    let surfaces = &artefact.model.formula().surfaces;
    if surfaces.is_empty() {
        return;
    }
    say!(card, "## Pairs\n");
    say!(
        card,
        "What two columns say together, beyond what each says alone: the first downwards, the second to the right."
    );
    say!(
        card,
        "In the pictures ▲ raises the log-odds by more than half of the largest height, △ by more than a tenth,"
    );
    say!(card, "▽ and ▼ lower them by as much.\n");
    surfaces.iter().for_each(|surface| one(card, surface, artefact));
}

fn one(card: &mut String, surface: &Surface, artefact: &BoostedArtefact) {
    let curves = surface.columns.map(|column| &artefact.model.formula().curves[column]);
    let [first, second] = curves.map(|curve| in_a_cell(&curve.column.name));
    let [rows, columns] = [0, 1].map(|side| groups(&surface.groups[side], &Labels::of(curves[side], artefact)));
    say!(card, "### {first} and {second}\n");
    say!(card, "Mean absolute height {:.4}.\n", surface.mean_absolute);
    say!(card, "```text");
    let most = surface.heights.iter().fold(0.0, |most: f64, height| most.max(height.abs()));
    let lines = surface.heights.chunks(surface.width().max(1));
    for (heights, row) in lines.clone().zip(&rows) {
        let letters: Vec<&str> = heights.iter().map(|height| letter(height / most)).collect();
        say!(card, "{}  {row}", letters.join(" "));
    }
    say!(card, "```\n");
    say!(card, "| | {} |\n| --- |{}", columns.join(" | "), " ---: |".repeat(columns.len()));
    for (heights, row) in lines.zip(&rows) {
        let heights: Vec<String> = heights.iter().map(|height| format!("{height:+.4}")).collect();
        say!(card, "| {row} | {} |", heights.join(" | "));
    }
    say!(card, "");
}

/// Each row or column of cells in words.
fn groups(of_bins: &[usize], labels: &Labels) -> Vec<String> {
    let n = of_bins.iter().max().map_or(0, |last| last + 1);
    let bins = |group: usize| (0..of_bins.len()).filter(|bin| of_bins[*bin] == group).collect::<Vec<usize>>();
    (0..n).map(|group| labels.of_bins(&bins(group))).collect()
}

fn letter(share: f64) -> &'static str {
    match share {
        share if share > 0.5 => "▲",
        share if share > 0.1 => "△",
        share if share < -0.5 => "▼",
        share if share < -0.1 => "▽",
        _ => "·",
    }
}
