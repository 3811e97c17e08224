//! V34: whether columns are filled, in the deliveries of the last four weeks.

use earlycall_schemas::rules::Action;

use super::{Recent, finding, percent, standing::Standing};
use crate::quality::finding::Finding;

const RULE: &str = "V34";

pub(super) fn judge(recent: &Recent, standing: &Standing) -> Vec<Finding> {
    let measures = standing.table.profile.iter().flat_map(|profile| &profile.complete);
    let mut found = Vec::new();
    for measure in measures {
        let at_least = recent.limit(RULE, &measure.name);
        for provider in standing.organisations() {
            let part = standing.recent_sum(provider).complete.get(&measure.name).copied().unwrap_or_default();
            let is_sent = part.n > 0 || !measure.if_sent;
            if is_sent && part.of as f64 >= recent.limit(RULE, "rows_min") && part.share() < at_least {
                let message = format!(
                    "has {} in {} of {} rows, and should in {}",
                    measure.words,
                    percent(part.share()),
                    part.of,
                    percent(at_least)
                );
                found.push(finding(RULE, Action::Warn, standing.table, provider, message));
            }
        }
    }
    found
}
