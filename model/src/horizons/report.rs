//! What is told of each horizon: how many were admitted, died or were lost, and what was expected.

use serde::{Deserialize, Serialize};

use super::follow_up::{End, FollowUp};
use super::incidence::incidence;
use super::model::HorizonsModel;
use crate::number::tidy;

/// A horizon in the training rows. Admitted, died, lost and the rest, who were seen to stay out of hospital, are all rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HorizonReport {
    /// The length of the prediction window in days.
    pub horizon_days: u32,
    /// All training rows.
    pub rows: u64,
    /// Of them admitted within the horizon, and not lost.
    pub admitted: u64,
    /// Died within it, without admission: the competing event. As of the admitted, of those whose window was over.
    pub died: u64,
    /// Lost within it, admitted before or not, or of a window that was not over: not learnt from at this horizon.
    pub lost: u64,
    /// Cumulative incidence of admission, as [`incidence`] estimates it, who was lost included.
    pub incidence_admitted: f64,
    /// Cumulative incidence of death without admission.
    pub incidence_died: f64,
    /// Mean risk of all training rows, to be held against the incidence of admission.
    pub mean_risk: f64,
}

/// A report for each horizon of a model, on the rows that it learnt from.
pub(super) fn reports(
    model: &HorizonsModel,
    follow_ups: &[FollowUp],
    risks: &ndarray::Array2<f64>,
) -> Vec<HorizonReport> {
    let days = model.horizons_days();
    let report = |(place, incidence): (usize, super::Incidence)| {
        let horizon_days = incidence.horizon_days;
        let rows_where = |is_so: &dyn Fn(&FollowUp) -> bool| follow_ups.iter().filter(|one| is_so(one)).count() as u64;
        HorizonReport {
            horizon_days,
            rows: follow_ups.len() as u64,
            admitted: rows_where(&|one| one.admitted_within(horizon_days) == Some(true)),
            died: rows_where(&|one| one.end == End::Died && one.days <= horizon_days && horizon_days <= one.seen_days),
            lost: rows_where(&|one| one.admitted_within(horizon_days).is_none()),
            incidence_admitted: tidy(incidence.admitted),
            incidence_died: tidy(incidence.died),
            mean_risk: tidy(risks.column(place).iter().sum::<f64>() / follow_ups.len() as f64),
        }
    };
    incidence(follow_ups, &days).into_iter().enumerate().map(report).collect()
}
