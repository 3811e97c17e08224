//! A boosted model as text: everything needed to compute, check and judge its scores, in one sealed JSON text.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::bins::Bins;
use super::formula::{BoostedFormula, StepCurve};
use super::model::BoostedModel;
use crate::artefact::{seal, unreadable, unseal};
use crate::error::{Error, Result};
use crate::metrics::Metrics;

/// The version of the format that this crate writes and reads.
pub const SCHEMA_VERSION: u32 = 1;

/// What every text of this format calls itself.
pub const KIND: &str = "boosted-additive-risk-model";

/// The names of the levels of columns that hold words, by column: in the order of the levels of the column's bins.
pub type Categories = BTreeMap<String, Vec<String>>;

/// A boosted model with what must be known to apply it to a table.
///
/// # Example
/// ```
/// # fn example(model: earlycall_model::boosted::BoostedModel) {
/// use earlycall_model::boosted::BoostedArtefact;
/// let artefact = BoostedArtefact { outcome: "is_readmitted".to_owned(), ..BoostedArtefact::of(model) };
/// let text = artefact.to_json();
/// assert_eq!(BoostedArtefact::from_json(&text).unwrap().model, artefact.model);
/// assert!(BoostedArtefact::from_json(&text.replace("is_readmitted", "is_well")).is_err()); // altered
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BoostedArtefact {
    /// What the risk is the risk of.
    pub outcome: String,
    /// The column that says whose row it is; empty where nobody said.
    pub id: String,
    /// The names of levels. A column that is not among them holds numbers.
    pub categories: Categories,
    /// The model.
    pub model: BoostedModel,
    /// SHA-256 in hexadecimal; empty until the artefact has been read from text.
    pub checksum: String,
}

/// The fields as they stand in the text, in this order, before the checksum.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    schema_version: u32,
    kind: String,
    outcome: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    horizon_days: Option<u32>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    id: String,
    #[serde(default, skip_serializing_if = "Categories::is_empty")]
    categories: Categories,
    metrics: Metrics,
    model: BoostedFormula,
}

impl BoostedArtefact {
    /// An artefact that knows only what the model knows; the rest is empty and to be filled in.
    pub fn of(model: BoostedModel) -> BoostedArtefact {
        let (outcome, id, checksum) = Default::default();
        BoostedArtefact { outcome, id, categories: Categories::new(), model, checksum }
    }

    /// The text of the artefact, sealed by its checksum. The same artefact gives the same text, and reading it back gives
    /// every number unchanged.
    pub fn to_json(&self) -> String {
        let content = Content {
            schema_version: SCHEMA_VERSION,
            kind: KIND.to_owned(),
            outcome: self.outcome.clone(),
            horizon_days: self.model.horizon_days(),
            id: self.id.clone(),
            categories: self.categories.clone(),
            metrics: self.model.metrics().clone(),
            model: self.model.formula().clone(),
        };
        seal(&serde_json::to_string_pretty(&content).expect("plain fields and text keys always serialise"))
    }

    /// Reads an artefact and makes sure that it is whole, unaltered and sound.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for text that is no such artefact, [`Error::SchemaVersion`] for another version of the
    /// format, [`Error::Altered`] when the checksum does not match, [`Error::Inconsistent`] when the parts contradict each
    /// other.
    pub fn from_json(text: &str) -> Result<BoostedArtefact> {
        let (content, checksum) = unseal(text, SCHEMA_VERSION)?;
        let content: Content = serde_json::from_str(&content).map_err(unreadable)?;
        if content.kind != KIND {
            return Err(Error::Inconsistent("it is of another kind"));
        }
        content.model.check()?;
        check_categories(&content.model.curves, &content.categories)?;
        let Content { outcome, horizon_days, id, categories, metrics, model, .. } = content;
        let model = BoostedModel::assemble(model, horizon_days, metrics);
        Ok(BoostedArtefact { outcome, id, categories, model, checksum })
    }
}

fn check_categories(curves: &[StepCurve], categories: &Categories) -> Result<()> {
    for (column, names) in categories {
        let curve = curves.iter().find(|curve| curve.column.name == *column);
        let levels = match curve.map(|curve| &curve.bins) {
            Some(Bins::Levels(levels)) => levels.len(),
            _ => return Err(Error::Inconsistent("levels of a column without levels have names")),
        };
        if levels != names.len() || names.iter().collect::<BTreeSet<&String>>().len() < levels {
            return Err(Error::Inconsistent("a column has not one name for each of its levels"));
        }
    }
    Ok(())
}
