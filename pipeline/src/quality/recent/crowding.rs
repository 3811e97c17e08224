//! V36: whether rows crowd on one day of a month, or results on one value.

use std::collections::BTreeMap;

use earlycall_schemas::{
    codelists::observation_by_id,
    rules::{Action, rule},
};

use super::{Recent, finding, percent, standing::Standing};
use crate::{day::Day, quality::finding::Finding};

const RULE: &str = "V36";

pub(super) fn judge(recent: &Recent, standing: &Standing) -> Vec<Finding> {
    let is_judged = rule(RULE).is_some_and(|rule| rule.is_for(&standing.table.name));
    let mut found = Vec::new();
    for provider in standing.organisations().filter(|_| is_judged) {
        found.extend(days(recent, standing, provider));
        found.extend(values(recent, standing, provider));
    }
    found
}

/// Of the newest whole month.
fn days(recent: &Recent, standing: &Standing, provider: &str) -> Option<Finding> {
    let until = (recent.index_date + 1).month_start();
    let from = (until - 1).month_start();
    let mut by_day: BTreeMap<Day, u64> = BTreeMap::new();
    for (_, counts) in standing.counts(provider) {
        counts.days.range(from..until).for_each(|(day, n)| *by_day.entry(*day).or_default() += n);
    }
    let all: u64 = by_day.values().sum();
    // Of days that are as busy the first one is named.
    let (busiest, n) = by_day.iter().map(|(day, n)| (*day, *n)).rev().max_by_key(|(_, n)| *n)?;
    let share = n as f64 / all as f64;
    let rows_min = if standing.table.is_kept_by_practices() { "gp_rows_min" } else { "rows_min" };
    let is_crowded = all as f64 >= recent.limit(RULE, rows_min) && share > recent.limit(RULE, "day_share");
    is_crowded.then(|| {
        let message = format!("has {} of {all} rows of a month on {}", percent(share), busiest.in_words());
        finding(RULE, Action::Warn, standing.table, provider, message)
    })
}

/// Of the last four weeks' largest delivery. The value itself is not known here, and not told.
fn values(recent: &Recent, standing: &Standing, provider: &str) -> Vec<Finding> {
    let crowded = standing.recent_sum(provider).commonest.into_iter().filter(|(_, part)| {
        part.of as f64 >= recent.limit(RULE, "rows_min") && part.share() > recent.limit(RULE, "value_share")
    });
    let told = crowded.map(|(id, part)| {
        let label = observation_by_id(&id).map_or("a measurement", |observation| &observation.label);
        let message =
            format!("has one and the same value in {} of {} results of {label}", percent(part.share()), part.of);
        finding(RULE, Action::Warn, standing.table, provider, message)
    });
    told.collect()
}
