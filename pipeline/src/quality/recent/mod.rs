//! Tonight's deliveries held against those of other nights (V32 to V36): whether a provider has stopped sending, sends
//! half, fills less, or codes otherwise.
//!
//! [`judge`] is a function of the profiles of deliveries, the index date and the limits, and of nothing else.

mod codes;
mod completeness;
mod crowding;
mod freshness;
pub(crate) mod standing;
#[cfg(test)]
mod tests;
mod volume;

use std::collections::{BTreeMap, BTreeSet};

use earlycall_model::artefact::Snapshot;
use earlycall_schemas::{
    rules::{Action, rule},
    table::{TableSpec, tables},
};

pub(crate) use self::freshness::age_days_max as age_days_max_of;
pub use self::freshness::{Late, Newest};
use self::standing::Standing;
use crate::{
    day::Day,
    quality::{
        finding::{Finding, percent},
        profile::Profile,
        tally::Rule,
    },
    settings::Rules,
};

/// Days before the index date whose deliveries can make a difference: eight weeks that are like others, behind the
/// longest lag and a holiday or two.
pub const DAYS_REMEMBERED: i32 = 150;

/// What tonight is held against.
pub struct Recent<'a> {
    /// Profiles of deliveries, in the order of their extraction.
    pub profiles: &'a [Profile],
    /// The night's index date: later rows and later deliveries say nothing of it.
    pub index_date: Day,
    /// Organisations of whom nothing is expected: practices that share their records no more.
    pub left: &'a BTreeSet<String>,
    /// The limits.
    pub rules: &'a Rules,
}

/// Everything that is odd, by table, rule and provider. A finding that refuses holds the night.
pub fn judge(recent: &Recent) -> Vec<Finding> {
    let mut found = Vec::new();
    for table in tables().iter().filter(|table| table.profile.is_some()) {
        let standing = Standing::of(recent, table);
        found.extend(volume::judge(recent, &standing));
        found.extend(freshness::judge(recent, &standing));
        found.extend(completeness::judge(recent, &standing));
        found.extend(codes::judge(recent, &standing));
        found.extend(crowding::judge(recent, &standing));
    }
    found
}

/// Which codes have drifted since a model was trained, by its snapshot (V35).
pub fn judge_since(snapshot: &Snapshot, recent: &Recent) -> Vec<Finding> {
    tables().iter().flat_map(|table| codes::judge_since(snapshot, recent, &Standing::of(recent, table))).collect()
}

/// What the codes of a model's sources look like, for its [`Snapshot`].
pub fn snapshot(recent: &Recent) -> Snapshot {
    tables().iter().flat_map(|table| codes::snapshot(&Standing::of(recent, table))).collect()
}

/// Everybody whose newest row is older than it may be (V33), by table and provider.
pub fn late(recent: &Recent) -> Vec<Late> {
    let judged = tables().iter().filter(|table| recent.days_of(freshness::RULE, table).is_some());
    judged.flat_map(|table| freshness::late(recent, &Standing::of(recent, table))).collect()
}

/// Days by which the newest row of each table as a whole may be older than the index date without a word (V33): its own
/// age, or as long as its rows come apart by chance. Tables of which the rule does not ask that are not here.
pub fn ages_days_max(recent: &Recent) -> BTreeMap<&'static str, i32> {
    let judged = tables().iter().filter(|table| recent.days_of(freshness::RULE, table).is_some());
    let of_table = |table: &'static TableSpec| {
        Some((table.name.as_str(), freshness::age_days_max_of_all(recent, &Standing::of(recent, table))?))
    };
    judged.filter_map(of_table).collect()
}

impl Recent<'_> {
    fn limit(&self, rule: Rule, name: &str) -> f64 {
        self.rules.limit(rule, name)
    }

    /// The limit in days that a rule declares for a table, if it is for this table.
    fn days_of(&self, rule: Rule, table: &TableSpec) -> Option<i32> {
        days_of(rule, &table.name, self.rules)
    }
}

/// Days by which the newest row of a table may be older than the index date without a word (V33); none for a table of
/// which the rule does not ask that.
pub fn age_days_max(table: &str, rules: &Rules) -> Option<i32> {
    days_of(freshness::RULE, table, rules)
}

fn days_of(id: Rule, table: &str, rules: &Rules) -> Option<i32> {
    let name = format!("{table}_days");
    rule(id).filter(|rule| rule.limits.contains_key(&name)).map(|_| rules.limit(id, &name) as i32)
}

/// A finding about a provider's rows of a table.
fn finding(rule: Rule, action: Action, table: &TableSpec, provider: &str, message: String) -> Finding {
    Finding { rule, action, table: table.name.clone(), provider: Some(provider.to_owned()), message }
}

/// The middle of some numbers; of an even number of them, halfway between the two in the middle. 0 of none.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_unstable_by(f64::total_cmp);
    match numbers.len() {
        0 => 0.0,
        n if n % 2 == 1 => numbers[n / 2],
        n => (numbers[n / 2 - 1] + numbers[n / 2]) / 2.0,
    }
}
