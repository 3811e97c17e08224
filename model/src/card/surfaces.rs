//! Every surface: a height for each cell.

use super::block::{Block, Grid, heading, text};
use super::labels::{Labels, plain};
use crate::artefact::Categories;
use crate::boosted::BoostedModel;

/// All surfaces of a model under a heading, the one that matters most first.
pub(super) fn told(model: &BoostedModel, categories: &Categories, name: &str) -> Vec<Block> {
    let surfaces = &model.formula().surfaces;
    if surfaces.is_empty() {
        return Vec::new();
    }
    let mut told = vec![
        heading(2, name),
        text(
            "What two columns say together, beyond what each says alone: the first downwards, the second to the right.",
        ),
    ];
    for surface in surfaces {
        let curves = surface.columns.map(|column| &model.formula().curves[column]);
        let names = curves.map(|curve| plain(&curve.column.name));
        let words = [0, 1].map(|side| groups(&surface.groups[side], &Labels::of(curves[side], categories)));
        told.push(heading(3, format!("{} and {}", names[0], names[1])));
        told.push(text(format!("Mean absolute height {:.4}.", surface.mean_absolute)));
        told.push(Block::Surface(Grid { names, words, heights: surface.heights.clone() }));
    }
    told
}

/// Each row or column of cells in words.
fn groups(of_bins: &[usize], labels: &Labels) -> Vec<String> {
    let n = of_bins.iter().max().map_or(0, |last| last + 1);
    let bins = |group: usize| (0..of_bins.len()).filter(|bin| of_bins[*bin] == group).collect::<Vec<usize>>();
    (0..n).map(|group| labels.of_bins(&bins(group))).collect()
}
