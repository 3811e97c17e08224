//! A fitted model of several horizons: a leading model, and links to the horizons on either side.

use ndarray::{Array2, ArrayView2, ShapeBuilder};

use super::report::HorizonReport;
use crate::boosted::BoostedModel;
use crate::column::{Column, Rows};
use crate::error::Result;
use crate::number::risk_from_log_odds;

/// A fitted, calibrated model of several horizons.
#[derive(Clone, Debug, PartialEq)]
pub struct HorizonsModel {
    lead: BoostedModel,
    /// From the longest to the shortest.
    sooner: Vec<BoostedModel>,
    /// From the shortest to the longest.
    later: Vec<BoostedModel>,
    reports: Vec<HorizonReport>,
}

impl HorizonsModel {
    /// A model from its parts: links in the order in which they lie away from the leading horizon, each with its horizon.
    pub(crate) fn assemble(
        lead: BoostedModel,
        sooner: Vec<BoostedModel>,
        later: Vec<BoostedModel>,
        reports: Vec<HorizonReport>,
    ) -> HorizonsModel {
        HorizonsModel { lead, sooner, later, reports }
    }

    /// A model without other horizons, of which nothing is told beside its own metrics.
    pub fn of_one(lead: BoostedModel) -> HorizonsModel {
        HorizonsModel::assemble(lead, Vec::new(), Vec::new(), Vec::new())
    }

    /// The same with what is told of each horizon.
    pub(super) fn with_reports(self, reports: Vec<HorizonReport>) -> HorizonsModel {
        HorizonsModel { reports, ..self }
    }

    /// The model of the leading horizon: its scores, contributions, curves and metrics.
    pub fn lead(&self) -> &BoostedModel {
        &self.lead
    }

    /// The links to sooner horizons, from the longest to the shortest. The event of each is to be admitted within its
    /// horizon, given an admission within the next longer one.
    pub fn sooner(&self) -> &[BoostedModel] {
        &self.sooner
    }

    /// The links to later horizons, from the shortest to the longest. The event of each is to be admitted within its
    /// horizon, given none within the next shorter one.
    pub fn later(&self) -> &[BoostedModel] {
        &self.later
    }

    /// All horizons in days, ascending: those of the columns of [`risks`](HorizonsModel::risks). None where the outcome of
    /// the only one has no horizon.
    pub fn horizons_days(&self) -> Vec<u32> {
        let models = self.sooner.iter().rev().chain([&self.lead]).chain(&self.later);
        models.filter_map(BoostedModel::horizon_days).collect()
    }

    /// The place of the leading horizon among the columns of [`risks`](HorizonsModel::risks).
    pub fn lead_at(&self) -> usize {
        self.sooner.len()
    }

    /// What happened in the training rows, and what was expected, by horizon.
    pub fn reports(&self) -> &[HorizonReport] {
        &self.reports
    }

    /// The columns that every row to be scored must have, in this order.
    pub fn columns(&self) -> &[Column] {
        self.lead.columns()
    }

    /// The risk of every row at every horizon, ascending: strictly between 0 and 1, and never below that of a shorter
    /// horizon. That of the leading horizon has the bits of its [`Score`](crate::Score).
    ///
    /// Where the shape of a column says that a larger value never lowers the risk, it does so at no horizon.
    ///
    /// # Errors
    /// [`Error::ColumnsDiffer`](crate::Error::ColumnsDiffer) unless the columns are those of the model: same names, order
    /// and kinds. [`Error::Length`](crate::Error::Length) unless there is a value for every column.
    pub fn risks(&self, rows: &Rows) -> Result<Array2<f64>> {
        self.lead.check_columns(rows.columns)?;
        self.risks_of(rows.x, 1)
    }

    /// The same worked out by up to so many threads, of values as [`BoostedModel::log_odds`] takes them.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) unless there is a value for every column.
    pub fn risks_of<T: Copy + Into<f64> + Sync>(&self, x: ArrayView2<T>, threads: usize) -> Result<Array2<f64>> {
        let shares = |model: &BoostedModel| -> Result<Vec<f64>> {
            Ok(model.log_odds(x, threads)?.into_iter().map(risk_from_log_odds).collect())
        };
        let lead = shares(&self.lead)?;
        let away = |links: &[BoostedModel], join: fn(f64, f64) -> f64| -> Result<Vec<Vec<f64>>> {
            let mut found: Vec<Vec<f64>> = Vec::new();
            for link in links {
                let neighbours = found.last().unwrap_or(&lead);
                let shares = shares(link)?;
                found.push(neighbours.iter().zip(shares).map(|(neighbour, share)| join(*neighbour, share)).collect());
            }
            Ok(found)
        };
        let (mut columns, later) = (away(&self.sooner, sooner)?, away(&self.later, later)?);
        columns.reverse();
        columns.push(lead);
        columns.extend(later);
        let shape = (x.nrows(), columns.len()).f();
        Ok(Array2::from_shape_vec(shape, columns.concat()).expect("every horizon has a risk for every row"))
    }
}

/// The risk within a shorter horizon: a share of whoever is admitted within the longer one.
fn sooner(longer: f64, share: f64) -> f64 {
    longer * share
}

/// The risk within a longer horizon: beside whoever is admitted within the shorter one a share of the others.
fn later(shorter: f64, share: f64) -> f64 {
    // As high as any risk goes, where rounding would reach 1.
    (shorter + (1.0 - shorter) * share).min(risk_from_log_odds(f64::INFINITY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn horizons_are_joined_by_hand() {
        // 40 of 100 are admitted within 180 days, a quarter of them within 90; of the other 60 a third within 365.
        assert_eq!(sooner(0.4, 0.25), 0.1);
        assert!((later(0.4, 1.0 / 3.0) - 0.6).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn no_shares_make_horizons_cross(log_odds in prop::array::uniform4(-1e3..1e3)) {
            let [lead, nearer, nearest, farther] = log_odds.map(risk_from_log_odds);
            let risk_90d = sooner(lead, nearer);
            let risks = [sooner(risk_90d, nearest), risk_90d, lead, later(lead, farther)];
            prop_assert!(risks.is_sorted() && risks[0] > 0.0 && risks[3] < 1.0, "{:?}", risks);
        }
    }
}
