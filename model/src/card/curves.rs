//! Every curve: a height for each range of values.

use super::block::{Block, Step, heading, text};
use super::labels::{Labels, plain};
use crate::artefact::{Artefact, Categories};
use crate::boosted::{Bins, BoostedModel, Shape, StepCurve};

/// All curves of a model under a heading, the one that matters most first.
pub(super) fn told(model: &BoostedModel, categories: &Categories, name: &str) -> Vec<Block> {
    let (flat, mut curves): (Vec<&StepCurve>, Vec<&StepCurve>) =
        model.formula().curves.iter().partition(|curve| curve.is_flat());
    // A stable sort: equals stay in the order of their columns.
    curves.sort_by(|a, b| b.mean_absolute.total_cmp(&a.mean_absolute));
    let mut told = vec![heading(2, name)];
    for curve in curves {
        let shape = match curve.shape {
            Shape::Free | Shape::Levels => "",
            Shape::Rising => " A larger value never lowers the risk.",
            Shape::Falling => " A larger value never raises the risk.",
        };
        told.push(heading(3, plain(&curve.column.name)));
        told.push(text(format!("Mean absolute height {:.4}.{shape}", curve.mean_absolute)));
        told.push(Block::Curve(steps(curve, &Labels::of(curve, categories))));
    }
    if !flat.is_empty() {
        let names: Vec<String> = flat.iter().map(|curve| format!("`{}`", plain(&curve.column.name))).collect();
        told.push(text(format!("These columns say nothing by themselves: {}.", names.join(", "))));
    }
    told
}

/// The links to the other horizons, each with its curves and pairs.
pub(super) fn links(artefact: &Artefact) -> Vec<Block> {
    let (model, categories) = (&artefact.model, &artefact.categories);
    let all = |link: &BoostedModel, what: &str| {
        let days = link.horizon_days().unwrap_or(0);
        let name = format!("Link to {days} days");
        let mut told = told(link, categories, &name);
        told.insert(1, text(format!("Log-odds of {what}. Base: {:+.6}.", link.formula().base)));
        told.extend(super::surfaces::told(link, categories, &format!("Pairs of the link to {days} days")));
        told
    };
    let sooner = model
        .sooner()
        .iter()
        .map(|link| all(link, "having the event by then, of those who have it within the next longer horizon"));
    let later = model
        .later()
        .iter()
        .map(|link| all(link, "having the event by then, of those who do not have it within the next shorter horizon"));
    sooner.chain(later).flatten().collect()
}

/// The heights of a curve, neighbours of one height as one.
fn steps(curve: &StepCurve, labels: &Labels) -> Vec<Step> {
    let bins: Vec<usize> = (0..curve.heights.len()).collect();
    let alike =
        |a: &usize, b: &usize| *a > 0 && curve.heights[*a] == curve.heights[*b] && curve.bands[*a] == curve.bands[*b];
    let step = |bins: &[usize]| Step {
        words: labels.of_bins(bins),
        from: match &curve.bins {
            Bins::Cuts(cuts) => bins[0].checked_sub(2).map(|cut| cuts[cut]),
            Bins::Levels(_) => None,
        },
        n_bins: bins.len(),
        is_missing: bins[0] == 0,
        height: curve.heights[bins[0]],
        band: curve.bands[bins[0]],
    };
    bins.chunk_by(alike).map(step).collect()
}
