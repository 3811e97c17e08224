//! The model in linfa's own terms, for a plain table of numbers in a [`DatasetBase`].
//!
//! A dataset knows neither kinds nor people: every feature becomes a [`ColumnKind::Measure`](crate::ColumnKind::Measure)
//! under its name (or `feature_1` and so on), and every row a person of its own. It does know weights, and they count.

use linfa::DatasetBase;
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, ArrayBase, Data, Ix1, Ix2};

use super::model::BoostedModel;
use super::params::BoostedValidParams;
use crate::column::{Rows, Training};
use crate::error::{Error, Result};
use crate::linfa_traits::{measures, risks_into};

impl<X: Data<Elem = f64>, Y: Data<Elem = bool>> Fit<ArrayBase<X, Ix2>, ArrayBase<Y, Ix1>, Error>
    for BoostedValidParams
{
    type Object = BoostedModel;

    /// Fits a model of measurements; `true` is the event.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<X, Ix2>, ArrayBase<Y, Ix1>>) -> Result<BoostedModel> {
        let x = dataset.records().view();
        let columns = measures(dataset.feature_names(), x.ncols());
        let events = dataset.targets().to_vec();
        let persons: Vec<u64> = (0..x.nrows() as u64).collect();
        let training = Training { rows: Rows { columns: &columns, x }, events: &events, persons: &persons };
        match dataset.weights() {
            Some(weights) => {
                let weights: Vec<f64> = weights.iter().map(|weight| f64::from(*weight)).collect();
                self.fit_weighted(&training, &weights)
            }
            None => BoostedValidParams::fit(self, &training),
        }
    }
}

impl<X: Data<Elem = f64>> PredictInplace<ArrayBase<X, Ix2>, Array1<f64>> for BoostedModel {
    /// The risk of every row.
    ///
    /// # Panics
    /// As is linfa's way, when the number of columns is not the model's, or the target has another length.
    fn predict_inplace<'a>(&'a self, x: &'a ArrayBase<X, Ix2>, risks: &mut Array1<f64>) {
        risks_into(risks, x.view(), self.columns(), |x, log_odds| self.score_block(x, log_odds));
    }

    fn default_target(&self, x: &ArrayBase<X, Ix2>) -> Array1<f64> {
        Array1::zeros(x.nrows())
    }
}

#[cfg(test)]
mod tests {
    use crate::boosted::BoostedParams;
    use linfa::Dataset;
    use linfa::traits::{Fit, Predict};
    use ndarray::{Array1, Array2};

    #[test]
    fn a_linfa_dataset_fits_and_predicts_in_linfas_words() {
        let x = Array2::from_shape_fn((600, 2), |(row, column)| (row * (column + 1) % 60) as f64);
        let y = Array1::from_shape_fn(600, |row| row % 60 >= 30 && row % 7 < 3);
        let dataset = Dataset::new(x, y).with_feature_names(vec!["age", "weight"]);

        // The unchecked parameters fit as well: linfa puts the check in front.
        let params = BoostedParams::new().l2(1.0);
        let model = params.fit(&dataset).unwrap();
        let risks: Array1<f64> = model.predict(dataset.records());
        assert!(risks[45] > 2.0 * risks[15]);
        assert!(BoostedParams::new().bags(0).fit(&dataset).is_err());

        // Events that weigh nothing are not learnt from.
        let weights = dataset.targets().mapv(|event| if event { 0.001 } else { 1.0 });
        let light = params.fit(&dataset.with_weights(weights)).unwrap();
        assert_ne!(model.formula(), light.formula());
    }
}
