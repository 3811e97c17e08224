//! V33: how old a provider's newest row is.

use earlycall_schemas::rules::Action;

use super::{Recent, finding, standing::Standing};
use crate::quality::finding::Finding;

pub(super) const RULE: &str = "V33";

pub(super) fn judge(recent: &Recent, standing: &Standing) -> Vec<Finding> {
    let Some(days_max) = recent.days_of(RULE, standing.table) else { return Vec::new() };
    let providers = standing.organisations().filter(|provider| !recent.left.contains(*provider));
    let found = providers.filter_map(|provider| {
        let rows: u64 = standing.counts(provider).map(|(_, counts)| counts.rows).sum();
        // Of a past night, rows that came later are no news: then the days that are counted one by one tell.
        let newest = standing.counts(provider).filter_map(|(_, counts)| {
            let by_day = || counts.days.range(..=recent.index_date).next_back().map(|(day, _)| *day);
            counts.newest.filter(|day| *day <= recent.index_date).or_else(by_day)
        });
        let (newest, is_judged) = (newest.max()?, rows as f64 >= recent.limit(RULE, "rows_min"));
        let age_days = recent.index_date - newest;
        (is_judged && age_days > days_max).then(|| {
            let message = format!(
                "stops on {}, {age_days} days before the index date, and {days_max} are allowed",
                newest.in_words()
            );
            finding(RULE, Action::Warn, standing.table, provider, message)
        })
    });
    found.collect()
}
