//! A boosted model as text: everything needed to compute, check and judge its scores, in one sealed JSON text.

use serde::{Deserialize, Serialize};

use super::bins::Bins;
use super::formula::BoostedFormula;
use super::model::BoostedModel;
use crate::artefact::{seal, unreadable, unseal};
use crate::error::{Error, Result};
use crate::metrics::Metrics;

/// The version of the format that this crate writes and reads.
pub const SCHEMA_VERSION: u32 = 1;

/// What every text of this format calls itself.
pub const KIND: &str = "boosted-additive-risk-model";

/// The fields as they stand in the text, in this order, before the checksum.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    schema_version: u32,
    kind: String,
    outcome: String,
    horizon_days: u32,
    metrics: Metrics,
    model: BoostedFormula,
}

impl BoostedModel {
    /// The model as a text that says what it predicts, sealed by its checksum. The same model gives the same text, and
    /// reading it back gives every number unchanged.
    ///
    /// # Example
    /// ```
    /// # fn example(model: earlycall_model::boosted::BoostedModel) {
    /// use earlycall_model::boosted::BoostedModel;
    /// let text = model.to_json("emergency_admission");
    /// assert_eq!(BoostedModel::from_json(&text).unwrap(), model);
    /// assert!(BoostedModel::from_json(&text.replace("emergency", "planned")).is_err()); // altered
    /// # }
    /// ```
    pub fn to_json(&self, outcome: &str) -> String {
        let content = Content {
            schema_version: SCHEMA_VERSION,
            kind: KIND.to_owned(),
            outcome: outcome.to_owned(),
            horizon_days: self.horizon_days(),
            metrics: self.metrics().clone(),
            model: self.formula().clone(),
        };
        seal(&serde_json::to_string_pretty(&content).expect("plain fields and text keys always serialise"))
    }

    /// Reads a model and makes sure that it is whole, unaltered and sound.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for text that is no such model, [`Error::SchemaVersion`] for another version of the format,
    /// [`Error::Altered`] when the checksum does not match, [`Error::Inconsistent`] when the parts contradict each other.
    pub fn from_json(text: &str) -> Result<BoostedModel> {
        let (content, _) = unseal(text, SCHEMA_VERSION)?;
        let content: Content = serde_json::from_str(&content).map_err(unreadable)?;
        if content.kind != KIND {
            return Err(Error::Inconsistent("it is of another kind"));
        }
        check(&content.model)?;
        Ok(BoostedModel::assemble(content.model, content.horizon_days, content.metrics))
    }
}

/// What the types alone don't guarantee.
fn check(formula: &BoostedFormula) -> Result<()> {
    let ascending = |bins: &Bins| match bins {
        Bins::Cuts(ends) | Bins::Levels(ends) => {
            ends.iter().all(|end| end.is_finite()) && ends.is_sorted_by(|a, b| a < b)
        }
    };
    let curves = &formula.curves;
    if curves.len() != formula.n_columns || formula.surfaces.len() != formula.n_pairs {
        return Err(Error::Inconsistent("it has not as many curves as columns, or surfaces as pairs"));
    }
    let mut names: Vec<&str> = curves.iter().map(|curve| curve.column.name.as_str()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Error::Inconsistent("two columns have one name"));
    }
    if !curves.iter().all(|curve| ascending(&curve.bins) && curve.heights.len() == curve.bins.n()) {
        return Err(Error::Inconsistent("a curve has not one height for each of its bins"));
    }
    for surface in &formula.surfaces {
        let fits = (0..2).all(|side| {
            curves.get(surface.columns[side]).is_some_and(|curve| surface.groups[side].len() == curve.bins.n())
        });
        if !fits || surface.heights.len() != surface.rows() * surface.width() {
            return Err(Error::Inconsistent("a surface has not one height for each of its cells"));
        }
    }
    let heights =
        curves.iter().map(|curve| &curve.heights).chain(formula.surfaces.iter().map(|surface| &surface.heights));
    if !formula.base.is_finite() || !heights.flatten().all(|height| height.is_finite()) {
        return Err(Error::Inconsistent("a number is not finite"));
    }
    Ok(())
}
