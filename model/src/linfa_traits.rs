//! The model in linfa's own terms, for a plain table of numbers in a [`DatasetBase`].
//!
//! A dataset knows neither kinds nor people: every feature becomes a [`ColumnKind::Measure`] under its name (or
//! `feature_1` and so on), and every row a person of its own. [`Training`] says more, and has an inherent `fit`.

use linfa::DatasetBase;
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, ArrayBase, ArrayView2, Data, Ix1, Ix2};

use crate::column::{Column, ColumnKind, Rows, Training};
use crate::error::{Error, Result};
use crate::model::{RiskModel, Score};
use crate::params::RiskModelValidParams;

impl<X: Data<Elem = f64>, Y: Data<Elem = bool>> Fit<ArrayBase<X, Ix2>, ArrayBase<Y, Ix1>, Error>
    for RiskModelValidParams
{
    type Object = RiskModel;

    /// Fits a model of measurements; `true` is the event.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<X, Ix2>, ArrayBase<Y, Ix1>>) -> Result<RiskModel> {
        let x = dataset.records().view();
        let columns = measures(dataset.feature_names(), x.ncols());
        let events = dataset.targets().to_vec();
        let persons: Vec<u64> = (0..x.nrows() as u64).collect();
        let rows = Rows { columns: &columns, x };
        RiskModelValidParams::fit(self, &Training { rows, events: &events, persons: &persons })
    }
}

/// A measurement for every feature of a dataset, by its name or its number.
pub(crate) fn measures(names: &[String], n: usize) -> Vec<Column> {
    let names = match names {
        [] => (1..=n).map(|number| format!("feature_{number}")).collect(),
        names => names.to_vec(),
    };
    names.into_iter().map(|name| Column::new(name.clone(), name, ColumnKind::Measure)).collect()
}

/// Fills linfa's targets with the risks of some rows.
///
/// # Panics
/// When there are not as many columns as the model's, or targets as rows.
pub(crate) fn risks_into(
    risks: &mut Array1<f64>,
    x: ArrayView2<f64>,
    columns: &[Column],
    score: impl FnOnce(ArrayView2<f64>, &mut [f64]) -> Result<()>,
) {
    assert_eq!(x.ncols(), columns.len(), "the number of columns must be that of the model");
    assert_eq!(x.nrows(), risks.len(), "there must be one target per row");
    let mut log_odds = vec![0.0; x.nrows()];
    score(x, &mut log_odds).expect("as many columns as the model's and places as rows");
    risks.iter_mut().zip(log_odds).for_each(|(risk, log_odds)| *risk = Score::of_log_odds(log_odds).risk);
}

impl<X: Data<Elem = f64>> PredictInplace<ArrayBase<X, Ix2>, Array1<f64>> for RiskModel {
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
    use super::*;
    use crate::params::RiskModelParams;
    use linfa::Dataset;
    use linfa::traits::Predict;
    use ndarray::Array2;

    #[test]
    fn a_linfa_dataset_fits_and_predicts_in_linfas_words() {
        let x = Array2::from_shape_fn((300, 2), |(row, column)| (row * (column + 1) % 60) as f64);
        let y = Array1::from_shape_fn(300, |row| row % 60 >= 30 && row % 7 < 3);
        let dataset = Dataset::new(x, y).with_feature_names(vec!["age", "weight"]);

        // The unchecked parameters fit as well: linfa puts the check in front.
        let model = RiskModelParams::new().folds(3).fit(&dataset).unwrap();
        let risks: Array1<f64> = model.predict(dataset.records());

        let names: Vec<&str> = model.columns().iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["age", "weight"]);
        let scores = model.score(&Rows { columns: model.columns(), x: dataset.records().view() }).unwrap();
        assert_eq!(risks.to_vec(), scores.iter().map(|score| score.risk).collect::<Vec<f64>>());
        assert!(risks[45] > risks[15]);
        assert!(RiskModelParams::new().folds(0).fit(&dataset).is_err());
    }
}
