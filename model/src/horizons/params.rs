//! Which horizons are wanted and how they are to be fitted: a builder, and its checked form, which alone can fit.

use linfa::ParamGuard;

use crate::boosted::BoostedParams;
use crate::error::{Error, Result};

/// More than anybody asks for, and so few that no product of as many shares gets too small for a number.
const HORIZONS_MAX: usize = 20;

/// Unchecked settings of a fit, in the way of linfa: fill in, [`check`](HorizonsParams::check), fit.
///
/// # Example
/// ```
/// use earlycall_model::boosted::BoostedParams;
/// use earlycall_model::horizons::HorizonsParams;
/// assert!(HorizonsParams::new(BoostedParams::new()).check().is_ok());
/// let refused = HorizonsParams::new(BoostedParams::new()).horizons_days(&[30, 90]).check().unwrap_err();
/// assert_eq!(refused.to_string(), "horizons_days must be up to 20 ascending numbers from 1 to 3650, lead_days among them");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct HorizonsParams(HorizonsValidParams);

/// Settings of a fit that have passed [`HorizonsParams::check`].
#[derive(Clone, Debug, PartialEq)]
pub struct HorizonsValidParams {
    pub(super) boosted: BoostedParams,
    pub(super) lead_days: u32,
    pub(super) horizons_days: Vec<u32>,
    pub(super) link_pairs: usize,
}

impl HorizonsParams {
    /// Horizons of 30, 90, 180 and 365 days, of which 180 leads, and no pairs in links. The other settings are those of
    /// the leading model; what they say of its horizon doesn't count.
    pub fn new(boosted: BoostedParams) -> HorizonsParams {
        HorizonsParams(HorizonsValidParams {
            boosted,
            lead_days: 180,
            horizons_days: vec![30, 90, 180, 365],
            link_pairs: 0,
        })
    }

    /// The horizon whose log-odds are a sum of contributions: that of the worklist.
    pub fn lead_days(mut self, lead_days: u32) -> HorizonsParams {
        self.0.lead_days = lead_days;
        self
    }

    /// All horizons in days, up to 20, ascending, the leading one among them: 1 to 3650 each.
    pub fn horizons_days(mut self, horizons_days: &[u32]) -> HorizonsParams {
        self.0.horizons_days = horizons_days.to_vec();
        self
    }

    /// How many pairs of columns get a surface in each link: 0 to 1000.
    pub fn link_pairs(mut self, pairs: usize) -> HorizonsParams {
        self.0.link_pairs = pairs;
        self
    }

    /// The checked settings.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the first parameter that is outside its range.
    pub fn check(self) -> Result<HorizonsValidParams> {
        ParamGuard::check(self)
    }
}

impl ParamGuard for HorizonsParams {
    type Checked = HorizonsValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&HorizonsValidParams> {
        let params = &self.0;
        params.boosted.check_ref()?;
        let days = &params.horizons_days;
        let in_order = days.is_sorted_by(|a, b| a < b) && days.iter().all(|days| (1..=3650).contains(days));
        if !in_order || days.len() > HORIZONS_MAX || !days.contains(&params.lead_days) {
            let rule = "up to 20 ascending numbers from 1 to 3650, lead_days among them";
            return Err(Error::Parameter { name: "horizons_days", rule });
        }
        if params.link_pairs > 1000 {
            return Err(Error::Parameter { name: "link_pairs", rule: "at most 1000" });
        }
        Ok(params)
    }

    fn check(self) -> Result<HorizonsValidParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(params: HorizonsParams, expected: Result<(), &str>) {
        assert_eq!(params.check().map(|_| ()).map_err(|error| error.to_string()), expected.map_err(str::to_owned));
    }

    #[test]
    fn every_parameter_has_its_range() {
        let new = || HorizonsParams::new(BoostedParams::new());
        check(new(), Ok(()));
        check(new().lead_days(30).horizons_days(&[30]), Ok(()));
        let order = Err("horizons_days must be up to 20 ascending numbers from 1 to 3650, lead_days among them");
        for days in [&[][..], &[180, 90], &[180, 180], &[0, 180], &[180, 3651], &[30, 90]] {
            check(new().horizons_days(days), order);
        }
        check(new().lead_days(60), order);
        check(new().link_pairs(1001), Err("link_pairs must be at most 1000"));
        check(HorizonsParams::new(BoostedParams::new().bags(1)), Err("bags must be between 2 and 50"));
    }
}
