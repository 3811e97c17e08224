//! A model of several horizons as one sealed text: the leading formula, and that of every link.
//!
//! Any program can work out the risks: a formula gives log-odds, and `1 / (1 + exp(-log-odds))` of the leading one is the
//! risk within its horizon, of a link a share. From the leading horizon outwards, a sooner risk is its neighbour's times the
//! share; a later one is its neighbour's plus the share of what its neighbour lacks to 1.

use serde::{Deserialize, Serialize};

use super::model::HorizonsModel;
use super::report::HorizonReport;
use crate::artefact::{seal, unreadable, unseal};
use crate::boosted::{BoostedFormula, BoostedModel};
use crate::error::{Error, Result};
use crate::metrics::Metrics;

/// The version of the format that this crate writes and reads.
pub const SCHEMA_VERSION: u32 = 1;

/// What every text of this format calls itself.
pub const KIND: &str = "boosted-additive-risk-model-of-several-horizons";

/// A model of several horizons with what must be known to use it.
#[derive(Clone, Debug, PartialEq)]
pub struct HorizonsArtefact {
    /// What the risk is the risk of.
    pub outcome: String,
    /// The model.
    pub model: HorizonsModel,
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
    horizons: Vec<HorizonReport>,
    lead: Part,
    /// From the longest to the shortest.
    sooner: Vec<Part>,
    /// From the shortest to the longest.
    later: Vec<Part>,
}

/// The leading model, or a link.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    horizon_days: u32,
    metrics: Metrics,
    model: BoostedFormula,
}

impl HorizonsArtefact {
    /// The text of the artefact, sealed by its checksum. The same artefact gives the same text, and reading it back gives
    /// every number unchanged.
    pub fn to_json(&self) -> String {
        let parts = |links: &[BoostedModel]| links.iter().map(Part::of).collect();
        let content = Content {
            schema_version: SCHEMA_VERSION,
            kind: KIND.to_owned(),
            outcome: self.outcome.clone(),
            horizons: self.model.reports().to_vec(),
            lead: Part::of(self.model.lead()),
            sooner: parts(self.model.sooner()),
            later: parts(self.model.later()),
        };
        seal(&serde_json::to_string_pretty(&content).expect("plain fields and text keys always serialise"))
    }

    /// Reads an artefact and makes sure that it is whole, unaltered and sound.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for text that is no such artefact, [`Error::SchemaVersion`] for another version of the
    /// format, [`Error::Altered`] when the checksum does not match, [`Error::Inconsistent`] when the parts contradict each
    /// other.
    pub fn from_json(text: &str) -> Result<HorizonsArtefact> {
        let (content, checksum) = unseal(text, SCHEMA_VERSION)?;
        let Content { kind, outcome, horizons, lead, sooner, later, .. } =
            serde_json::from_str(&content).map_err(unreadable)?;
        if kind != KIND {
            return Err(Error::Inconsistent("it is of another kind"));
        }
        let models = |links: Vec<Part>| links.into_iter().map(Part::model).collect::<Result<Vec<BoostedModel>>>();
        let mut model = HorizonsModel::assemble(lead.model()?, models(sooner)?, models(later)?);
        model.reports = horizons;
        check(&model)?;
        Ok(HorizonsArtefact { outcome, model, checksum })
    }
}

impl Part {
    fn of(model: &BoostedModel) -> Part {
        Part {
            horizon_days: model.horizon_days().expect("every part has its horizon"),
            metrics: model.metrics().clone(),
            model: model.formula().clone(),
        }
    }

    fn model(self) -> Result<BoostedModel> {
        self.model.check()?;
        Ok(BoostedModel::assemble(self.model, Some(self.horizon_days), self.metrics))
    }
}

/// What parts that are sound one by one don't guarantee.
fn check(model: &HorizonsModel) -> Result<()> {
    let days = model.horizons_days();
    if !days.is_sorted_by(|a, b| a < b) {
        return Err(Error::Inconsistent("its horizons are not in order"));
    }
    if !model.reports().iter().map(|report| report.horizon_days).eq(days) {
        return Err(Error::Inconsistent("it does not tell of each of its horizons"));
    }
    for link in model.sooner().iter().chain(model.later()) {
        link.check_columns(model.columns()).map_err(|_| Error::Inconsistent("a link has other columns"))?;
    }
    Ok(())
}
