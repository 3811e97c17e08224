//! V35: whether codes keep their proportions, four weeks beside the year before.

use std::collections::BTreeMap;

use earlycall_schemas::rules::Action;

use super::{Recent, finding, percent, standing::Standing};
use crate::quality::{
    finding::Finding,
    profile::{CodeMix, OTHER},
};

const RULE: &str = "V35";

pub(super) fn judge(recent: &Recent, standing: &Standing) -> Vec<Finding> {
    let mixes = standing.table.profile.iter().flat_map(|profile| &profile.mix);
    let mut found = Vec::new();
    for column in mixes.map(|mix| mix.column.as_str()) {
        for provider in standing.organisations() {
            let mix = mix(standing, provider, column);
            let rows = |side: &BTreeMap<String, u64>| side.values().sum::<u64>() as f64;
            if rows(&mix.recent).min(rows(&mix.earlier)) < recent.limit(RULE, "rows_min") {
                continue;
            }
            let drift = drift(&mix, recent.limit(RULE, "codes") as usize);
            if drift.index > recent.limit(RULE, "index_max") {
                let message = format!(
                    "writes other codes in {column} than in the year before (stability index {:.2}): most of it is {}, \
                     from {} to {}",
                    drift.index,
                    drift.most,
                    percent(drift.from),
                    percent(drift.to)
                );
                found.push(finding(RULE, Action::Warn, standing.table, provider, message));
            }
        }
    }
    found
}

/// What a provider writes in a column: deliveries of the last four weeks say what is recent, all others what was before.
fn mix(standing: &Standing, provider: &str, column: &str) -> CodeMix {
    let mut sum = CodeMix::default();
    for (extracted_on, counts) in standing.counts(provider) {
        let Some(mix) = counts.mix.get(column) else { continue };
        let now = if standing.is_recent(extracted_on) { &mut sum.recent } else { &mut sum.earlier };
        mix.recent.iter().for_each(|(code, n)| *now.entry(code.clone()).or_default() += n);
        mix.earlier.iter().for_each(|(code, n)| *sum.earlier.entry(code.clone()).or_default() += n);
    }
    sum
}

/// How far two sets of proportions are apart.
pub(super) struct Drift {
    /// The population stability index: the sum over codes of (now - before) × ln(now / before).
    pub index: f64,
    /// The code that adds most to it, with its shares before and now.
    pub most: String,
    pub from: f64,
    pub to: f64,
}

/// The drift of the commonest codes of both sides together, all others counted as one.
///
/// Half a row is added to every code on either side, so that one that has just appeared is far away and not infinitely.
pub(super) fn drift(mix: &CodeMix, codes: usize) -> Drift {
    let count = |side: &BTreeMap<String, u64>, code: &str| side.get(code).copied().unwrap_or(0);
    let sum = |side: &BTreeMap<String, u64>| side.values().sum::<u64>();
    let (n_recent, n_earlier) = (sum(&mix.recent).max(1) as f64, sum(&mix.earlier).max(1) as f64);
    let mut named: Vec<&str> = mix.recent.keys().chain(mix.earlier.keys()).map(String::as_str).collect();
    named.sort_unstable();
    named.dedup();
    named.retain(|code| *code != OTHER);
    let larger_share =
        |code: &str| (count(&mix.recent, code) as f64 / n_recent).max(count(&mix.earlier, code) as f64 / n_earlier);
    // By share on either side: a code that is new must not hide among the others. Equal ones by their name.
    named.sort_by(|a, b| larger_share(b).total_cmp(&larger_share(a)).then(a.cmp(b)));
    named.truncate(codes);
    let of_named = |side: &BTreeMap<String, u64>| named.iter().map(|code| count(side, code)).sum::<u64>();
    let others = (sum(&mix.recent) - of_named(&mix.recent), sum(&mix.earlier) - of_named(&mix.earlier));
    let mut pairs: Vec<(&str, u64, u64)> =
        named.iter().map(|code| (*code, count(&mix.recent, code), count(&mix.earlier, code))).collect();
    pairs.push((OTHER, others.0, others.1));
    let share = |n: u64, all: f64| (n as f64 + 0.5) / (all + 0.5 * pairs.len() as f64);
    let parts = pairs.iter().map(|&(code, recent, earlier)| {
        let (to, from) = (share(recent, n_recent), share(earlier, n_earlier));
        ((to - from) * (to / from).ln(), code, earlier as f64 / n_earlier, recent as f64 / n_recent)
    });
    let mut parts: Vec<(f64, &str, f64, f64)> = parts.collect();
    parts.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let (_, most, from, to) = parts[0];
    Drift { index: parts.iter().map(|part| part.0).sum(), most: most.to_owned(), from, to }
}
