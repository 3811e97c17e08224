//! Fitting a risk model: expand, choose the penalty by cross-validation, calibrate out of fold, fit once on all.

use crate::calibrate::Calibration;
use crate::column::Training;
use crate::cross_validate::{calibrated_risks, choose};
use crate::design::Design;
use crate::error::Result;
use crate::metrics::Metrics;
use crate::model::{Formula, RiskModel};
use crate::number::tidy;
use crate::params::RiskModelValidParams;
use crate::{folds, solver};

impl RiskModelValidParams {
    /// Fits a calibrated additive model.
    ///
    /// Columns that say nothing, being constant or missing in all rows, stay in the model with an empty curve; see
    /// [`RiskModel::unused`]. The same training rows and settings give the same model, bit for bit, on the same kind
    /// of processor.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) or [`Error::RepeatedColumn`](crate::Error::RepeatedColumn) when the
    /// training data don't fit together, [`Error::TooFew`](crate::Error::TooFew) when fewer people than folds had the
    /// event or did not have it, [`Error::Solver`](crate::Error::Solver) when linfa gives up.
    pub fn fit(&self, training: &Training) -> Result<RiskModel> {
        training.check()?;
        let folds = folds::deal(training.persons, training.events, self.folds, self.seed)?;
        let design = Design::of(&training.rows);
        // From strong to weak, as the search wants them.
        let mut strengths = self.l2.clone();
        strengths.sort_by(|a, b| b.total_cmp(a));
        strengths.dedup();
        let choice = choose(&design.z, training.events, &folds, &strengths)?;
        let calibration = Calibration::fit(&choice.log_odds, training.events);
        let risks = calibrated_risks(&choice.log_odds, training.events, &folds);
        let metrics = Metrics::of(&risks, training.events)?;

        let line = solver::fit(design.z.view(), training.events, choice.l2, None)?;
        let formula = Formula {
            base: tidy(calibration.apply(line.intercept)),
            l2: tidy(choice.l2),
            calibration,
            n_columns: training.rows.columns.len(),
            curves: design.curves(&training.rows, &line, calibration),
        };
        Ok(RiskModel::assemble(formula, self.horizon_days, metrics))
    }
}
