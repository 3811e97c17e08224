//! Whether a formula that was read is one that a fit could have written.

use std::collections::BTreeSet;

use super::bins::Bins;
use super::formula::BoostedFormula;
use crate::error::{Error, Result};

/// The most groups of bins on a side of a surface that can be asked for, and one more.
const GROUPS_MAX: usize = 65;

/// The most bins of a column that can be asked for, that of missing values and one more included.
const BINS_MAX: usize = 1002;

impl BoostedFormula {
    /// What the types alone don't guarantee.
    ///
    /// # Errors
    /// [`Error::Inconsistent`] when the parts contradict each other.
    pub(crate) fn check(&self) -> Result<()> {
        let ascending = |bins: &Bins| match bins {
            Bins::Cuts(ends) | Bins::Levels(ends) => {
                ends.iter().all(|end| end.is_finite()) && ends.is_sorted_by(|a, b| a < b)
            }
        };
        let curves = &self.curves;
        if curves.len() != self.n_columns || self.surfaces.len() != self.n_pairs {
            return Err(Error::Inconsistent("it has not as many curves as columns, or surfaces as pairs"));
        }
        let names: BTreeSet<&str> = curves.iter().map(|curve| curve.column.name.as_str()).collect();
        if names.len() < curves.len() {
            return Err(Error::Inconsistent("two columns have one name"));
        }
        if !curves.iter().all(|curve| curve.bins.n() <= BINS_MAX) {
            return Err(Error::Inconsistent("a column has more bins than any fit makes"));
        }
        let heights_fit = |bins: usize, heights: &[f64], bands: &[f64]| heights.len() == bins && bands.len() == bins;
        if !curves
            .iter()
            .all(|curve| ascending(&curve.bins) && heights_fit(curve.bins.n(), &curve.heights, &curve.bands))
        {
            return Err(Error::Inconsistent("a curve has not one height for each of its bins"));
        }
        for surface in &self.surfaces {
            let fits = (0..2).all(|side| {
                let (bins, groups) =
                    (curves.get(surface.columns[side]).map(|curve| curve.bins.n()), &surface.groups[side]);
                bins == Some(groups.len()) && groups.iter().all(|group| *group < groups.len().min(GROUPS_MAX))
            });
            if !fits || !heights_fit(surface.rows() * surface.width(), &surface.heights, &surface.bands) {
                return Err(Error::Inconsistent("a surface has not one height for each of its cells"));
            }
        }
        let of_curves = curves.iter().flat_map(|curve| [&curve.heights, &curve.bands]);
        let numbers = of_curves.chain(self.surfaces.iter().flat_map(|surface| [&surface.heights, &surface.bands]));
        if !self.base.is_finite() || !numbers.flatten().all(|number| number.is_finite()) {
            return Err(Error::Inconsistent("a number is not finite"));
        }
        Ok(())
    }
}
