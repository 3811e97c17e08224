//! What was asked of a fit, as the text of a model records it.

use serde::{Deserialize, Serialize};

/// What was asked of a fit. The same rows, shapes and settings give the same model, bit for bit; the number of threads is
/// none of them. What each means stands at its setter in [`BoostedParams`](super::BoostedParams).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Into how many bags people were dealt.
    pub bags: usize,
    /// The most bins of a column, beside that of missing values.
    pub bins: usize,
    /// How many pairs of columns could get a surface.
    pub pairs: usize,
    /// The most bins of a column on a surface.
    pub pair_bins: usize,
    /// The share of a step that was gone.
    pub learning_rate: f64,
    /// How much every step of a curve was held back.
    pub l2: f64,
    /// How much every step of a surface was held back.
    pub pair_l2: f64,
    /// A term whose step gained as much for each level that was free stepped again in the same round.
    pub eager: f64,
    /// The most levels of one step of a curve.
    pub leaves: usize,
    /// The most rounds over all curves.
    pub rounds: usize,
    /// After how many rounds that didn't help unseen people it stopped.
    pub patience: usize,
    /// Decided which people shared a bag.
    pub seed: u64,
}
