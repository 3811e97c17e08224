//! V33: how old a provider's newest row is.

use std::collections::BTreeMap;

use earlycall_schemas::{rules::Action, table::TableSpec};

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
    let told = |Stopped { provider, newest, days_max }: Stopped| {
        let (on, age_days) = (newest.in_words(), recent.index_date - newest);
        let message = format!("stops on {on}, {age_days} days before the index date, and {days_max} are allowed");
        finding(RULE, Action::Warn, standing.table, provider, message)
    };
    stopped(recent, standing).into_iter().map(told).collect()
}

/// The same for the lines that are about them.
pub(super) fn late(recent: &Recent, standing: &Standing) -> Vec<Late> {
    let late = |Stopped { provider, newest, .. }: Stopped| Late {
        table: &standing.table.name,
        provider: provider.to_owned(),
        newest: Newest::On(newest),
    };
    stopped(recent, standing).into_iter().map(late).collect()
}

/// Days by which the newest of a provider's rows may be older than the index date, given its rows by day; none of a table
/// of which that is not asked.
///
/// Visits to a small practice come days apart by chance alone, as Poisson has it: at so many a day, `days` without any have a
/// chance of `exp(-visits * days)`. Rows are no visits, for one brings several. How many there are is told by the share of
/// days that have any row, which is `1 - exp(-visits)`, and where there are very many rows by these: a trust that sent
/// thousands on every second day has not been silent by chance.
pub(crate) fn age_days_max(recent: &Recent, table: &TableSpec, days: &BTreeMap<Day, u64>) -> Option<i32> {
    let days_max = recent.days_of(RULE, table)?;
    let (Some((oldest, _)), Some((newest, _))) = (days.first_key_value(), days.last_key_value()) else {
        return Some(days_max);
    };
    let days_known = f64::from(*newest - *oldest + 1);
    let rows_a_day = days.values().sum::<u64>() as f64 / days_known;
    // Infinitely many where each day has rows, so that no silence is chance.
    let by_days = -(1.0 - days.len() as f64 / days_known).ln();
    let visits_a_day = by_days.max(rows_a_day / recent.limit(RULE, "visit_rows"));
    let by_chance = -recent.limit(RULE, "silence_chance").ln() / visits_a_day;
    Some(days_max.max(by_chance as i32))
}

/// The same of a table as a whole, given the rows of all who are expected to send it; none of a table of which that is not
/// asked. One small ward is often silent for as long as a whole service never is, and chance explains that as long as the
/// table itself is sent.
pub(super) fn age_days_max_of_all(recent: &Recent, standing: &Standing) -> Option<i32> {
    let days_max = recent.days_of(RULE, standing.table)?;
    let is_fresh = |extracted_on: Day| recent.index_date + 1 - days_max <= extracted_on;
    let mut fresh = recent.profiles.iter().filter(|profile| is_fresh(profile.extracted_on));
    if !fresh.any(|profile| profile.feeds.iter().any(|feed| feed.table == standing.table.name)) {
        return Some(days_max);
    }
    let mut all: BTreeMap<Day, u64> = BTreeMap::new();
    for (day, n) in expected(recent, standing).flat_map(|provider| days_of(recent, standing, provider)) {
        *all.entry(day).or_default() += n;
    }
    age_days_max(recent, standing.table, &all)
}

/// Somebody whose rows of a table end too early.
struct Stopped<'a> {
    provider: &'a str,
    newest: Day,
    /// Days by which the newest may be older than the index date.
    days_max: i32,
}

/// Whose rows of a table end too early, by provider.
fn stopped<'a>(recent: &Recent, standing: &Standing<'a>) -> Vec<Stopped<'a>> {
    if recent.days_of(RULE, standing.table).is_none() {
        return Vec::new();
    }
    let late = expected(recent, standing).filter_map(|provider| {
        let days = days_of(recent, standing, provider);
        let (newest, _) = days.last_key_value()?;
        let is_judged = days.values().sum::<u64>() as f64 >= recent.limit(RULE, "rows_min");
        let days_max = age_days_max(recent, standing.table, &days)?;
        let is_late = is_judged && recent.index_date - *newest > days_max;
        is_late.then_some(Stopped { provider, newest: *newest, days_max })
    });
    late.collect()
}

/// Who is expected to send a table.
fn expected<'a>(recent: &Recent, standing: &Standing<'a>) -> impl Iterator<Item = &'a str> {
    standing.organisations().filter(|provider| !recent.left.contains(*provider))
}

/// A provider's rows by day. Rows that came later are no news of a past night, neither their days nor their number.
fn days_of(recent: &Recent, standing: &Standing, provider: &str) -> BTreeMap<Day, u64> {
    let mut days: BTreeMap<Day, u64> = BTreeMap::new();
    for (_, counts) in standing.counts(provider) {
        for (day, n) in counts.days.range(..=recent.index_date) {
            *days.entry(*day).or_default() += n;
        }
    }
    days
}
