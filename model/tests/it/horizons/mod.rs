//! Several horizons as their users meet them, on people whose real risk at each of them is known.

mod artefact;
mod cohort;
mod fit;
mod risks;

use std::sync::LazyLock;

use earlycall_model::boosted::{BoostedParams, Shape};
use earlycall_model::horizons::{HorizonsModel, HorizonsParams};

use self::cohort::{DAYS, cohort, columns};

/// Settings for some thousands of people; admissions never lower the risk.
pub fn boosted() -> BoostedParams {
    let params = BoostedParams::new().bags(4).l2(5.0).pair_l2(5.0).pairs(1).learning_rate(0.1);
    params.shape("admissions_n", Shape::Rising)
}

pub fn params() -> HorizonsParams {
    HorizonsParams::new(boosted())
}

/// A model of 20,000 people, fitted once for all tests.
pub fn model() -> &'static HorizonsModel {
    static MODEL: LazyLock<HorizonsModel> =
        LazyLock::new(|| params().check().unwrap().fit(&cohort(20_000, 1).training()).unwrap());
    &MODEL
}
