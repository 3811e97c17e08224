//! Scores from the diagnoses of hospital stays: Charlson groups and frailty codes, each once, on its last day.

use std::collections::BTreeMap;

use earlycall_schemas::{
    catalogue::ItemList,
    codelists::{self, charlson_groups, hfrs_points_tenths},
};

use crate::{
    cohort::stay::Cip,
    day::Day,
    features::fact::Fact,
};

/// Both scores look back two years, by the day of admission (specification 2.8).
const LOOK_BACK_DAYS: i32 = 730;

/// One fact per Charlson group of the last two years, with its weight; a milder group yields to its severer sister.
pub(super) fn charlson_groups(cips: &[Cip], index_date: Day) -> Vec<Fact> {
    let mut last_day: BTreeMap<u16, Day> = BTreeMap::new();
    for (code, day) in coded(cips, index_date) {
    }
    todo!()
}
