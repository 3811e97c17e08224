//! Scores from the diagnoses of hospital stays: Charlson groups and frailty codes, each once, on its last day.

use earlycall_schemas::{
    catalogue::{ItemList, View},
    codelists::charlson_groups,
};

use crate::{cohort::stay::Cip, day::Day, features::fact::Fact, history::records::ShortCode, meaning};

/// Both scores look back two years, by the day of admission (specification 2.8).
const LOOK_BACK_DAYS: i32 = 730;

/// One fact per Charlson group of the last two years, with its weight; a milder group yields to its severer sister.
pub(super) fn charlson(cips: &[Cip], index_date: Day, give: &mut impl FnMut(View, Fact)) {
    let mut last_day: Vec<(u16, Day)> = Vec::new();
    for (code, day) in coded(cips, index_date) {
        for &group in &meaning::of_icd10(code.as_str()).charlson_groups {
            keep_last(&mut last_day, group, day);
        }
    }
    last_day.sort_unstable();
    let groups = charlson_groups();
    let is_coded = |id: &String| last_day.iter().any(|(group, _)| groups[*group as usize].id == *id);
    let is_counted = |group: u16| !groups[group as usize].yields_to.as_ref().is_some_and(is_coded);
    for &(group, day) in last_day.iter().filter(|(group, _)| is_counted(*group)) {
        let fact = Fact {
            amount: groups[group as usize].weight,
            item: Some(group),
            is_hidden: ItemList::CharlsonGroups.items()[group as usize].sensitive,
            ..Fact::on(day)
        };
        give(View::CharlsonGroups, fact);
    }
}

/// One fact per distinct three-character code with frailty points in the last two years.
pub(super) fn frailty(cips: &[Cip], index_date: Day, give: &mut impl FnMut(View, Fact)) {
    let mut last_day: Vec<((ShortCode, i64), Day)> = Vec::new();
    for (code, day) in coded(cips, index_date) {
        if let Some(points) = meaning::of_icd10(code.as_str()).frailty_tenths {
            keep_last(&mut last_day, (ShortCode::new(&code.as_str()[..3]), points), day);
        }
    }
    last_day.sort_unstable();
    for ((_, points), day) in last_day {
        give(View::FrailtyCodes, Fact { amount: points, ..Fact::on(day) });
    }
}

/// Keeps the last day of each thing; there are few things, so they are searched one by one.
fn keep_last<T: PartialEq>(last_day: &mut Vec<(T, Day)>, thing: T, day: Day) {
    match last_day.iter_mut().find(|(known, _)| *known == thing) {
        Some((_, last)) => *last = day.max(*last),
        None => last_day.push((thing, day)),
    }
}

/// Every diagnosis of a stay that began within the look-back, with the day of admission.
fn coded(cips: &[Cip], index_date: Day) -> impl Iterator<Item = (&ShortCode, Day)> {
    let recent = cips.iter().filter(move |cip| {
        let day = cip.admission_date;
        day > index_date - LOOK_BACK_DAYS && day <= index_date
    });
    recent.flat_map(|cip| cip.diagnoses.iter().map(|code| (code, cip.admission_date)))
}
