//! Fitting a risk model: expand, choose the penalty by cross-validation, calibrate out of fold, fit once on all.

use ndarray::ArrayView1;

use crate::calibrate::Calibration;
use crate::column::Training;
use crate::cross_validate::{best, calibrated_risks, out_of_fold};
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
        // From strong to weak, so that every fit starts near its end.
        let mut strengths = self.l2.clone();
        strengths.sort_by(|a, b| b.total_cmp(a));
        strengths.dedup();

        let candidates = out_of_fold(&design, training.events, &folds, &strengths)?;
        let (chosen, log_odds) = best(candidates, training.events);
        let calibration = Calibration::fit(&log_odds, training.events);
        let risks = calibrated_risks(&log_odds, training.events, &folds);
        let metrics = Metrics::of(&risks, training.events)?;

        let lines = solver::path(design.z.view(), ArrayView1::from(training.events), &strengths[..=chosen])?;
        let line = lines.last().expect("one line per strength, and the chosen strength is among them");
        let formula = Formula {
            base: tidy(calibration.apply(line.intercept)),
            l2: strengths[chosen],
            calibration,
            n_columns: training.rows.columns.len(),
            curves: design.curves(&training.rows, line, calibration),
        };
        Ok(RiskModel::assemble(formula, self.horizon_days, metrics))
    }
}
