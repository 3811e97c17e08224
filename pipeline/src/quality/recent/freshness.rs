//! V33: how old a provider's newest row is.

use earlycall_schemas::rules::Action;

use super::{Recent, finding, standing::Standing};
use crate::{day::Day, quality::finding::Finding};

pub(super) const RULE: &str = "V33";

/// A provider's rows of a table that end too early, or never came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late {
    /// The table.
    pub table: &'static str,
    /// Whose rows they are: a practice, a trust, or whoever supplied rows that name neither.
    pub provider: String,
    /// Where they end.
    pub newest: Newest,
}

/// Where rows end that end too early. What is known least comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Newest {
    /// None has ever arrived.
    Never,
    /// Additions have, and what was before them never.
    PastNever,
    /// The newest day on which one of them happened.
    On(Day),
}

pub(super) fn judge(recent: &Recent, standing: &Standing) -> Vec<Finding> {
    let told = |(provider, newest): (&str, Day)| {
        let (on, age_days) = (newest.in_words(), recent.index_date - newest);
        let days_max = recent.days_of(RULE, standing.table).expect("only such a table is late");
        let message = format!("stops on {on}, {age_days} days before the index date, and {days_max} are allowed");
        finding(RULE, Action::Warn, standing.table, provider, message)
    };
    stopped(recent, standing).into_iter().map(told).collect()
}

/// The same for the lines that are about them.
pub(super) fn late(recent: &Recent, standing: &Standing) -> Vec<Late> {
    let late = |(provider, newest): (&str, Day)| Late {
        table: &standing.table.name,
        provider: provider.to_owned(),
        newest: Newest::On(newest),
    };
    stopped(recent, standing).into_iter().map(late).collect()
}

/// Whose rows of a table end too early, and on which day, by provider.
fn stopped<'a>(recent: &Recent, standing: &Standing<'a>) -> Vec<(&'a str, Day)> {
    let Some(days_max) = recent.days_of(RULE, standing.table) else { return Vec::new() };
    let providers = standing.organisations().filter(|provider| !recent.left.contains(*provider));
    let late = providers.filter_map(|provider| {
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
        let is_late = is_judged && recent.index_date - newest > days_max;
        is_late.then_some((provider, newest))
    });
    late.collect()
}
