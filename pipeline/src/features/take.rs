//! What an entry of the catalogue makes of its facts: whole numbers only, so that no order of addition matters.

use earlycall_schemas::catalogue::{Entry, Take};

use super::{fact::Fact, trend::Trend};
use crate::day::Day;

/// The value of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// A whole number of the unit's parts.
    Known(i64),
    /// Nothing of the kind happened, or not within the window, so there are no days since.
    Never,
    /// Not measured, not applicable, or its tables are absent.
    Missing,
}

/// Takes one value from facts in the order of their days, none of which lies after `index_date`.
///
/// With `within_days = w` only facts within `(T - w, T]` count; nights count by the night, not by the stay.
pub fn take<'a, I: Iterator<Item = &'a Fact>>(
    entry: &Entry,
    facts: I,
    within_days: Option<u32>,
    index_date: Day,
) -> Value {
    let after = start_of(within_days, index_date);
    let recent = |facts: I| facts.filter(move |fact| fact.is_after(after));
    let days_since = |fact: &Fact| Value::Known(i64::from(index_date - fact.day));
    match entry.take {
        Take::Nights => Value::Known(facts.map(|fact| fact.nights(after, index_date)).sum()),
        Take::Count => Value::Known(recent(facts).count() as i64),
        Take::Sum => Value::Known(recent(facts).map(|fact| fact.amount).sum()),
        Take::Distinct => Value::Known(distinct(recent(facts))),
        Take::Flag => Value::Known(i64::from(recent(facts).next().is_some())),
        Take::DaysSinceFirst => recent(facts).next().map_or(Value::Never, days_since),
        Take::DaysSinceLast => recent(facts).last().map_or(Value::Never, days_since),
        Take::Latest | Take::Value => recent(facts).last().map_or(Value::Missing, |fact| Value::Known(fact.amount)),
        Take::Rise | Take::Shift | Take::Slope => {
            let mut trend = Trend::over(entry, within_days, index_date);
            facts.for_each(|fact| trend.add(fact));
            trend.value(entry.take)
        }
    }
}

/// The day after which a window starts: `T - w`.
pub fn start_of(within_days: Option<u32>, index_date: Day) -> Option<Day> {
    within_days.map(|days| index_date - days as i32)
}

fn distinct<'a>(facts: impl Iterator<Item = &'a Fact>) -> i64 {
    let mut items: Vec<u16> = facts.filter_map(|fact| fact.item).collect();
    items.sort_unstable();
    items.dedup();
    items.len() as i64
}
