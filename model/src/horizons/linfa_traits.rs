//! The model in linfa's own terms: a [`DatasetBase`] whose targets are follow-ups, and a matrix of risks.
//!
//! As for one horizon, every feature becomes a [`ColumnKind::Measure`](crate::ColumnKind::Measure), and every row a person.

use linfa::DatasetBase;
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array2, ArrayBase, Data, Ix1, Ix2};

use super::follow_up::{FollowUp, HorizonsTraining};
use super::model::HorizonsModel;
use super::params::HorizonsValidParams;
use crate::column::Rows;
use crate::error::{Error, Result};
use crate::linfa_traits::measures;

impl<X: Data<Elem = f64>, Y: Data<Elem = FollowUp>> Fit<ArrayBase<X, Ix2>, ArrayBase<Y, Ix1>, Error>
    for HorizonsValidParams
{
    type Object = HorizonsModel;

    /// Fits a model of measurements. Weights are refused: what has them can't be calibrated.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<X, Ix2>, ArrayBase<Y, Ix1>>) -> Result<HorizonsModel> {
        if dataset.weights().is_some() {
            return Err(Error::Parameter { name: "weights", rule: "absent where there are several horizons" });
        }
        let x = dataset.records().view();
        let columns = measures(dataset.feature_names(), x.ncols());
        let follow_ups = dataset.targets().to_vec();
        let persons: Vec<u64> = (0..x.nrows() as u64).collect();
        let rows = Rows { columns: &columns, x };
        HorizonsValidParams::fit(self, &HorizonsTraining { rows, follow_ups: &follow_ups, persons: &persons })
    }
}

impl<X: Data<Elem = f64>> PredictInplace<ArrayBase<X, Ix2>, Array2<f64>> for HorizonsModel {
    /// The risk of every row, a column for each horizon, ascending.
    ///
    /// # Panics
    /// As is linfa's way, when the number of columns is not the model's, or the target has another shape.
    fn predict_inplace<'a>(&'a self, x: &'a ArrayBase<X, Ix2>, risks: &mut Array2<f64>) {
        let found = self.risks_of(x.view(), 1).expect("the number of columns must be that of the model");
        risks.assign(&found);
    }

    fn default_target(&self, x: &ArrayBase<X, Ix2>) -> Array2<f64> {
        Array2::zeros((x.nrows(), self.horizons_days().len()))
    }
}
