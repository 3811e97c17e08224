//! Every curve: a height for each range of values, and a bar for it.

use super::labels::{Labels, in_a_cell};
use crate::boosted::artefact::BoostedArtefact;
use crate::boosted::formula::StepCurve;
use crate::boosted::params::Shape;
use crate::card::say;

/// Letters of the longest bar to either side.
const BAR: usize = 12;

/// All curves, the one that matters most first.
pub(super) fn told(card: &mut String, artefact: &BoostedArtefact) {
    let (flat, mut curves): (Vec<&StepCurve>, Vec<&StepCurve>) =
        artefact.model.formula().curves.iter().partition(|curve| curve.is_flat());
    // A stable sort: equals stay in the order of their columns.
    curves.sort_by(|a, b| b.mean_absolute.total_cmp(&a.mean_absolute));
    say!(card, "## Curves\n");
    for curve in curves {
        one(card, curve, &Labels::of(curve, artefact));
    }
    if !flat.is_empty() {
        let names: Vec<String> = flat.iter().map(|curve| format!("`{}`", in_a_cell(&curve.column.name))).collect();
        say!(card, "These columns say nothing by themselves: {}.\n", names.join(", "));
    }
}

fn one(card: &mut String, curve: &StepCurve, labels: &Labels) {
    let shape = match curve.shape {
        Shape::Free | Shape::Levels => "",
        Shape::Rising => " A larger value never lowers the risk.",
        Shape::Falling => " A larger value never raises the risk.",
    };
    say!(card, "### {}\n", in_a_cell(&curve.column.name));
    say!(card, "Mean absolute height {:.4}.{shape}\n", curve.mean_absolute);
    say!(card, "| Value | Log-odds | ± | |\n| --- | ---: | ---: | --- |");
    let most = curve.heights.iter().fold(0.0, |most: f64, height| most.max(height.abs()));
    let bins: Vec<usize> = (0..curve.heights.len()).collect();
    let alike =
        |a: &usize, b: &usize| *a > 0 && curve.heights[*a] == curve.heights[*b] && curve.bands[*a] == curve.bands[*b];
    for bins in bins.chunk_by(alike) {
        let (height, band) = (curve.heights[bins[0]], curve.bands[bins[0]]);
        say!(card, "| {} | {height:+.6} | {band:.4} | `{}` |", labels.of_bins(bins), bar(height / most));
    }
    say!(card, "");
}

/// A bar to the left or right of the middle, for a share from -1 to 1 of the longest.
fn bar(share: f64) -> String {
    let filled = "█".repeat((share.abs() * BAR as f64).round() as usize);
    if share < 0.0 { format!("{filled:>BAR$}│{:BAR$}", "") } else { format!("{:BAR$}│{filled:<BAR$}", "") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_stands_on_the_side_of_its_sign() {
        assert_eq!(bar(0.5), "            │██████      ");
        assert_eq!(bar(-1.0), "████████████│            ");
        assert_eq!(bar(0.0), "            │            ");
    }
}
