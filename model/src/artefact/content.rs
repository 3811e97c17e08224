//! The fields of an artefact as they stand in its text.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Artefact, Categories, KIND, SCHEMA_VERSION, Snapshot, TrainingWindow};
use crate::boosted::{Bins, BoostedFormula, BoostedModel, StepCurve};
use crate::error::{Error, Result};
use crate::horizons::{HorizonReport, HorizonsModel};
use crate::metrics::Metrics;

/// The fields in this order, before the checksum.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    schema_version: u32,
    kind: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    outcome: String,
    #[serde(default, skip_serializing_if = "TrainingWindow::is_unsaid")]
    training: TrainingWindow,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    catalogue_hash: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    code_list_hashes: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    without: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    cohort: BTreeMap<String, u64>,
    #[serde(default, skip_serializing_if = "Snapshot::is_empty")]
    snapshot: Snapshot,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    id: String,
    #[serde(default, skip_serializing_if = "Categories::is_empty")]
    categories: Categories,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    baseline: Option<Metrics>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    horizons: Vec<HorizonReport>,
    lead: Part,
    /// From the longest to the shortest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sooner: Vec<Part>,
    /// From the shortest to the longest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    later: Vec<Part>,
}

/// The leading model, or a link.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    horizon_days: Option<u32>,
    metrics: Metrics,
    model: BoostedFormula,
}

impl Content {
    pub(super) fn of(artefact: &Artefact) -> Content {
        let parts = |links: &[BoostedModel]| links.iter().map(Part::of).collect();
        let (model, artefact) = (&artefact.model, artefact.clone());
        Content {
            schema_version: SCHEMA_VERSION,
            kind: KIND.to_owned(),
            name: artefact.name,
            outcome: artefact.outcome,
            training: artefact.training,
            catalogue_hash: artefact.catalogue_hash,
            code_list_hashes: artefact.code_list_hashes,
            without: artefact.without,
            cohort: artefact.cohort,
            snapshot: artefact.snapshot,
            id: artefact.id,
            categories: artefact.categories,
            baseline: artefact.baseline,
            horizons: model.reports().to_vec(),
            lead: Part::of(model.lead()),
            sooner: parts(model.sooner()),
            later: parts(model.later()),
        }
    }

    /// The artefact, once it is sound.
    pub(super) fn artefact(self, checksum: String) -> Result<Artefact> {
        if self.kind != KIND {
            return Err(Error::Inconsistent("it is of another kind"));
        }
        check_categories(&self.lead.model.curves, &self.categories)?;
        let models = |links: Vec<Part>| links.into_iter().map(Part::model).collect::<Result<Vec<BoostedModel>>>();
        let (lead, sooner, later) = (self.lead.model()?, models(self.sooner)?, models(self.later)?);
        let model = HorizonsModel::assemble(lead, sooner, later, self.horizons);
        check_horizons(&model)?;
        Ok(Artefact {
            name: self.name,
            outcome: self.outcome,
            training: self.training,
            catalogue_hash: self.catalogue_hash,
            code_list_hashes: self.code_list_hashes,
            without: self.without,
            cohort: self.cohort,
            snapshot: self.snapshot,
            id: self.id,
            categories: self.categories,
            baseline: self.baseline,
            model,
            checksum,
        })
    }
}

impl Part {
    fn of(model: &BoostedModel) -> Part {
        Part { horizon_days: model.horizon_days(), metrics: model.metrics().clone(), model: model.formula().clone() }
    }

    fn model(self) -> Result<BoostedModel> {
        self.model.check()?;
        Ok(BoostedModel::assemble(self.model, self.horizon_days, self.metrics))
    }
}

/// What parts that are sound one by one don't guarantee.
fn check_horizons(model: &HorizonsModel) -> Result<()> {
    let links = || model.sooner().iter().chain(model.later());
    let days = model.horizons_days();
    if links().next().is_some() && days.len() != 1 + links().count() {
        return Err(Error::Inconsistent("a part has no horizon"));
    }
    if !days.is_sorted_by(|a, b| a < b) {
        return Err(Error::Inconsistent("its horizons are not in order"));
    }
    let told = model.reports().iter().map(|report| report.horizon_days);
    if links().next().is_some() && !told.eq(days) {
        return Err(Error::Inconsistent("it does not tell of each of its horizons"));
    }
    for link in links() {
        link.check_columns(model.columns()).map_err(|_| Error::Inconsistent("a link has other columns"))?;
    }
    Ok(())
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
