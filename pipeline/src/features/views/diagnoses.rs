//! Scores from the diagnoses of hospital stays: Charlson groups and frailty codes, each once, on its last day.

use std::collections::BTreeMap;

use earlycall_schemas::{
    catalogue::ItemList,
    codelists::{charlson_groups, hfrs_points_tenths},
};

use super::prefixes;
use crate::{cohort::stay::Cip, day::Day, features::fact::Fact};

/// Both scores look back two years, by the day of admission (specification 2.8).
const LOOK_BACK_DAYS: i32 = 730;

/// One fact per Charlson group of the last two years, with its weight; a milder group yields to its severer sister.
pub(super) fn charlson(cips: &[Cip], index_date: Day) -> Vec<Fact> {
    let mut last_day: BTreeMap<u16, Day> = BTreeMap::new();
    for (code, day) in coded(cips, index_date) {
        for group in prefixes::CHARLSON_GROUPS.of(code) {
            last_day.entry(group).and_modify(|last| *last = day.max(*last)).or_insert(day);
        }
    }
    let groups = charlson_groups();
    let is_coded = |id: &String| last_day.keys().any(|group| groups[*group as usize].id == *id);
    let counted =
        last_day.iter().filter(|(group, _)| !groups[**group as usize].yields_to.as_ref().is_some_and(is_coded));
    let fact = |(&group, &day)| Fact {
        amount: groups[group as usize].weight,
        item: Some(group),
        is_hidden: ItemList::CharlsonGroups.items()[group as usize].sensitive,
        ..Fact::on(day)
    };
    counted.map(fact).collect()
}

/// One fact per distinct three-character code with frailty points in the last two years.
pub(super) fn frailty(cips: &[Cip], index_date: Day) -> Vec<Fact> {
    let mut last_day: BTreeMap<&str, (i64, Day)> = BTreeMap::new();
    for (code, day) in coded(cips, index_date) {
        let Some(category) = code.get(..3) else { continue };
        let Some(points) = hfrs_points_tenths(category) else { continue };
        last_day.entry(category).and_modify(|(_, last)| *last = day.max(*last)).or_insert((points, day));
    }
    last_day.into_values().map(|(points, day)| Fact { amount: points, ..Fact::on(day) }).collect()
}

/// Every diagnosis of a stay that began within the look-back, with the day of admission.
fn coded(cips: &[Cip], index_date: Day) -> impl Iterator<Item = (&str, Day)> {
    let recent = cips.iter().filter(move |cip| {
        let day = cip.admission_date;
        day > index_date - LOOK_BACK_DAYS && day <= index_date
    });
    recent.flat_map(|cip| cip.diagnoses.iter().map(|code| (code.as_str(), cip.admission_date)))
}
