//! V33: how old a provider's newest row is.

use earlycall_schemas::rules::Action;

use super::{Recent, finding, standing::Standing};
use crate::{day::Day, quality::finding::Finding};

pub(super) const RULE: &str = "V33";

pub(super) fn judge(recent: &Recent, standing: &Standing) -> Vec<Finding> {
    let Some(days_max) = recent.days_of(RULE, standing.table) else { return Vec::new() };
    let providers = standing.organisations().filter(|provider| !recent.left.contains(*provider));
    let found = providers.filter_map(|provider| {
        // Rows that came later are no news of a past night, neither their days nor their number.
        let (mut rows, mut newest): (u64, Option<Day>) = (0, None);
        for (_, counts) in standing.counts(provider) {
            for (day, n) in counts.days.range(..=recent.index_date) {
                rows += n;
                newest = newest.max(Some(*day));
            }
        }
        let newest = newest?;
        let is_judged = rows as f64 >= recent.limit(RULE, "rows_min");
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
