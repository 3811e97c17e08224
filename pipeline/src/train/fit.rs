//! Fitting: the model of all horizons, and a logistic regression on the same rows to hold it against.

use earlycall_model::{
    Column, RiskModelParams, Rows, Training,
    boosted::{BoostedParams, Shape},
    horizons::{FollowUp, HorizonsModel, HorizonsParams, HorizonsTraining},
    metrics::Metrics,
};
use earlycall_schemas::catalogue::RiskGoes;
use ndarray::{Array2, Axis, Slice};

use super::rows::TrainingRows;
use crate::{
    cohort::registers::Backing,
    error::{Error, Kind, Result},
    features::{
        columns::{ModelColumn, places_without},
        model_columns,
    },
};

/// Into how many parts people are dealt: bags of the model, each of which is judged by the others, and folds of the
/// regression beside it. As many of both, so that they are the same.
pub const FOLDS: usize = 8;

/// The same of a variant. There are five, and up to sixteen more where there are optional tables, for nights that hardly
/// occur: together they take no longer than a few models.
pub const FOLDS_OF_A_VARIANT: usize = 4;

/// What a model and its variants have in common.
pub struct Fitting<'a> {
    /// What they learn from.
    pub rows: &'a TrainingRows,
    /// The horizon that leads.
    pub leading_days: u32,
    /// All horizons, ascending, the leading one among them.
    pub horizons_days: &'a [u32],
    /// Threads; the result is the same for any number.
    pub threads: usize,
}

/// A model, and what it is to be held against.
pub struct Fitted {
    /// The model.
    pub model: HorizonsModel,
    /// How good a penalised logistic regression was on the same rows, out of the same folds.
    pub baseline: Metrics,
}

impl Fitting<'_> {
    /// Fits to the columns that are left without some feeds, with registers made from what is left then, in so many folds.
    ///
    /// # Errors
    /// * [`Kind::Model`] when there are too few people or outcomes to learn from.
    pub fn fit(&self, without: &[String], backing: Backing, folds: usize) -> Result<Fitted> {
        let all = model_columns();
        let left: Vec<&ModelColumn> = places_without(without).into_iter().map(|place| &all[place]).collect();
        let x = self.rows.numbers(without, backing);
        let columns: Vec<Column> = left.iter().map(|column| column.column.clone()).collect();
        let baseline = self.baseline(&columns, &x, folds).map_err(refused)?;
        let params = HorizonsParams::new(self.boosted(&left, folds))
            .lead_days(self.leading_days)
            .horizons_days(self.horizons_days);
        let (follow_ups, persons) = (self.rows.follow_ups(), self.rows.persons());
        let rows = Rows { columns: &columns, x: x.view() };
        let training = HorizonsTraining { rows, follow_ups: &follow_ups, persons: &persons };
        let model = params.check().and_then(|params| params.fit(&training)).map_err(refused)?;
        Ok(Fitted { model, baseline })
    }

    /// The risk of every row of whom the outcome is known, by a model that has not seen its person; they stand first among
    /// the rows. The leading horizon alone is learnt.
    ///
    /// # Errors
    /// As [`Fitting::fit`].
    pub fn judged(&self, without: &[String], backing: Backing, folds: usize) -> Result<Vec<f64>> {
        let all = model_columns();
        let left: Vec<&ModelColumn> = places_without(without).into_iter().map(|place| &all[place]).collect();
        let x = self.rows.numbers(without, backing);
        let columns: Vec<Column> = left.iter().map(|column| column.column.clone()).collect();
        let events = self.events();
        let persons = &self.rows.persons()[..events.len()];
        let rows = Rows { columns: &columns, x: x.slice_axis(Axis(0), Slice::from(..events.len())) };
        let params = self.boosted(&left, folds).horizon_days(self.leading_days);
        let params = params.check().map_err(refused)?;
        Ok(params.fit_judged(&Training { rows, events: &events, persons }).map_err(refused)?.1)
    }

    /// Whether each row had the event within the leading horizon. Those of whom it is not known stand last, and are left
    /// out.
    pub fn events(&self) -> Vec<bool> {
        let admitted = |one: FollowUp| one.admitted_within(self.leading_days);
        self.rows.follow_ups().into_iter().map_while(admitted).collect()
    }

    /// How a model of some columns is grown.
    fn boosted(&self, columns: &[&ModelColumn], folds: usize) -> BoostedParams {
        let shaped = columns.iter().fold(BoostedParams::new(), |params, column| match shape(column.risk_goes) {
            Shape::Free => params,
            shape => params.shape(&column.column.name, shape),
        });
        shaped.bags(folds).threads(self.threads)
    }

    /// The regression, of which nothing but how good it is is kept.
    fn baseline(&self, columns: &[Column], x: &Array2<f64>, folds: usize) -> earlycall_model::Result<Metrics> {
        let events = self.events();
        let persons = &self.rows.persons()[..events.len()];
        let x = x.slice_axis(Axis(0), Slice::from(..events.len()));
        let params = RiskModelParams::new().horizon_days(self.leading_days).folds(folds).threads(self.threads);
        let model = params.check()?.fit(&Training { rows: Rows { columns, x }, events: &events, persons })?;
        Ok(model.metrics().clone())
    }
}

/// What is known of a curve beforehand.
fn shape(risk_goes: RiskGoes) -> Shape {
    match risk_goes {
        RiskGoes::Up => Shape::Rising,
        RiskGoes::Down => Shape::Falling,
        RiskGoes::Either => Shape::Free,
    }
}

fn refused(error: earlycall_model::Error) -> Error {
    Error::new(Kind::Model, error.to_string()).hint("train on more people, or on more index dates")
}
