//! Fitting: the leading model on everybody whose outcome is known, then link after link on those whom it is about.

use std::ops::Range;

use ndarray::{Axis, Slice};

use super::follow_up::{FollowUp, HorizonsTraining};
use super::model::HorizonsModel;
use super::params::HorizonsValidParams;
use super::report::reports;
use crate::boosted::{BoostedModel, BoostedParams};
use crate::column::{Rows, Training};
use crate::error::{Error, Result};

impl HorizonsValidParams {
    /// Fits a leading model and the links to its neighbours, each calibrated on people that it did not learn from.
    ///
    /// Whoever was lost before the end of a horizon is left out where that horizon is learnt, admitted before or not. Shapes
    /// hold in every link, and so at every horizon. The leading model is the one that [`BoostedParams`] alone fit to
    /// whether people were admitted within its horizon, bit for bit.
    ///
    /// The same training rows and settings give the same model, bit for bit, on any number of threads.
    ///
    /// # Errors
    /// [`Error::Length`] or [`Error::Parameter`] when the training data don't fit together, and [`Error::Horizon`] with
    /// what [`BoostedValidParams::fit`](crate::boosted::BoostedValidParams::fit) says where a horizon can't be learnt, such
    /// as too few people who had the event.
    pub fn fit(&self, training: &HorizonsTraining) -> Result<HorizonsModel> {
        training.check()?;
        let lead_at = self.horizons_days.partition_point(|days| *days < self.lead_days);
        let sooner: Vec<u32> = self.horizons_days[..=lead_at].iter().rev().copied().collect();
        let later = &self.horizons_days[lead_at..];

        let lead = fit_to(training, &self.boosted, self.lead_days, |_| true)?;
        let links = |horizons_days: &[u32], was_admitted: bool| -> Result<Vec<BoostedModel>> {
            let params = self.boosted.clone().pairs(self.link_pairs);
            let link = |days: &[u32]| {
                let is_asked = |one: &FollowUp| one.admitted_within(days[0]) == Some(was_admitted);
                fit_to(training, &params, days[1], is_asked)
            };
            horizons_days.windows(2).map(link).collect()
        };
        let model = HorizonsModel::assemble(lead, links(&sooner, true)?, links(later, false)?, Vec::new());
        let risks = model.risks_of(training.rows.x, self.boosted.clone().check()?.threads)?;
        let reports = reports(&model, training.follow_ups, &risks);
        Ok(model.with_reports(reports))
    }
}

/// The model of an admission within a horizon, for the people who are asked about and of whom it is known.
fn fit_to(
    training: &HorizonsTraining,
    params: &BoostedParams,
    horizon_days: u32,
    is_asked: impl Fn(&FollowUp) -> bool,
) -> Result<BoostedModel> {
    let HorizonsTraining { rows, follow_ups, persons } = training;
    let asked = (0..follow_ups.len()).filter(|row| is_asked(&follow_ups[*row]));
    let known = asked.filter_map(|row| follow_ups[row].admitted_within(horizon_days).map(|event| (row, event)));
    let (places, events): (Vec<usize>, Vec<bool>) = known.unzip();
    let persons: Vec<u64> = places.iter().map(|row| persons[*row]).collect();
    // A copy only where those who are asked about do not stand together: it may be large.
    let together = together(&places).map(|rows_of| rows.x.slice_axis(Axis(0), Slice::from(rows_of)));
    let some = together.is_none().then(|| rows.x.select(Axis(0), &places));
    let x = together.or(some.as_ref().map(|some| some.view())).expect("one of the two");
    let rows = Rows { columns: rows.columns, x };
    let fitted =
        params.clone().horizon_days(horizon_days).check()?.fit(&Training { rows, events: &events, persons: &persons });
    fitted.map_err(|why| Error::Horizon { horizon_days, why: Box::new(why) })
}

/// The range that some ascending places are, if they are one.
fn together(places: &[usize]) -> Option<Range<usize>> {
    let first = *places.first()?;
    (places[places.len() - 1] + 1 - first == places.len()).then(|| first..first + places.len())
}
