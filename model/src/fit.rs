//! Fitting a risk model: expand, choose the penalty by cross-validation, calibrate out of fold, fit once on all.

use crate::cells::Cells;
use crate::column::Training;
use crate::cross_validate::{calibrate, choose};
use crate::design::Design;
use crate::error::Result;
use crate::metrics::Metrics;
use crate::model::{Formula, RiskModel};
use crate::number::tidy;
use crate::params::RiskModelValidParams;
use crate::solver::{Problem, Tolerance};
use crate::{census, folds};

/// A ten-thousand-millionth of the log-odds, so that any other solver that goes to the end finds the same model.
const CLOSE: Tolerance = Tolerance(1e-20);

impl RiskModelValidParams {
    /// Fits a calibrated additive model.
    ///
    /// Columns that say nothing, being constant or missing in all rows, stay in the model with an empty curve; see
    /// [`RiskModel::unused`]. The same training rows and settings give the same model, bit for bit, on the same kind
    /// of processor and on any number of threads. Beside the rows themselves it needs some 300 bytes a row, and eight for
    /// each function of a column with very many values.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) or [`Error::RepeatedColumn`](crate::Error::RepeatedColumn) when the
    /// training data don't fit together, [`Error::TooFew`](crate::Error::TooFew) when fewer people than folds had the
    /// event or did not have it, [`Error::Solver`](crate::Error::Solver) when it
    /// takes unreasonably long.
    pub fn fit(&self, training: &Training) -> Result<RiskModel> {
        training.check()?;
        let folds = folds::deal(training.persons, training.events, self.folds, self.seed)?;
        let columns = training.rows.columns;
        let censuses = census::take(training.rows.x, self.threads);
        let design = Design::of(columns, &censuses);
        let cells = Cells::of(training.rows.x, &design, &censuses, self.threads);
        let problem = Problem { cells: &cells, events: training.events, folds: &folds, threads: self.threads };
        // From strong to weak, as the search wants them.
        let mut strengths = self.l2.clone();
        strengths.sort_by(|a, b| b.total_cmp(a));
        strengths.dedup();
        let choice = choose(&problem, &strengths)?;
        let (calibration, risks) = calibrate(&choice.log_odds, training.events, &folds, self.threads);
        let metrics = Metrics::of(&risks, training.events)?;

        let mut whole = choice.whole;
        whole.descend(&problem, choice.l2, CLOSE)?;
        let line = whole.line(&cells);
        let formula = Formula {
            base: tidy(calibration.apply(line.intercept)),
            l2: tidy(choice.l2),
            calibration,
            n_columns: columns.len(),
            curves: design.curves(columns, &censuses, &line, calibration),
        };
        Ok(RiskModel::assemble(formula, self.horizon_days, metrics))
    }
}
