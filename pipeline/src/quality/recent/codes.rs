//! V35: whether codes keep their proportions: a provider's last four weeks beside the year before, and everybody's beside
//! what was delivered when the model was trained.

use std::collections::BTreeMap;

use earlycall_model::artefact::Snapshot;
use earlycall_schemas::{rules::Action, table::TableSpec};

use super::{Recent, finding, percent, standing::Standing};
use crate::quality::{
    finding::Finding,
    profile::{CODES_KEPT, CodeMix, OTHER},
};

const RULE: &str = "V35";

/// A code with fewer rows than this is not named in a model's snapshot, which travels further than the rows.
const NAMED_MIN: u64 = 10;

pub(super) fn judge(recent: &Recent, standing: &Standing) -> Vec<Finding> {
    let mut found = Vec::new();
    for column in columns(standing.table) {
        for provider in standing.organisations() {
            if let Some(drift) = judged(recent, &mix(standing, provider, column)) {
                let message = drift.in_words(&format!("writes other codes in {column} than in the year before"));
                found.push(finding(RULE, Action::Warn, standing.table, provider, message));
            }
        }
    }
    found
}

/// Everybody's recent codes beside those of a snapshot; of a column that it does not have nothing is said.
pub(super) fn judge_since(snapshot: &Snapshot, recent: &Recent, standing: &Standing) -> Vec<Finding> {
    let drifted = columns(standing.table).filter_map(|column| {
        let earlier = snapshot.get(&name(standing.table, column))?.clone();
        let drift = judged(recent, &CodeMix { recent: of_everybody(standing, column).recent, earlier })?;
        let message = drift.in_words(&format!("has other codes in {column} than when the model was trained"));
        let table = standing.table.name.clone();
        Some(Finding { rule: RULE, action: Action::Warn, table, provider: None, message })
    });
    drifted.collect()
}

/// What a model keeps of the codes of a table: the commonest of everybody's last thirteen months, the rest in one.
pub(super) fn snapshot(standing: &Standing) -> Snapshot {
    let counts = columns(standing.table).map(|column| {
        let mut mix = of_everybody(standing, column);
        add(&mut mix.recent, &mix.earlier);
        let mut by_count: Vec<(String, u64)> = mix.recent.into_iter().collect();
        by_count.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let mut kept = BTreeMap::new();
        for (at, (code, n)) in by_count.into_iter().enumerate() {
            let code = if at < CODES_KEPT && n >= NAMED_MIN { code } else { OTHER.to_owned() };
            *kept.entry(code).or_default() += n;
        }
        (name(standing.table, column), kept)
    });
    counts.filter(|(_, counts)| !counts.is_empty()).collect()
}

fn columns(table: &TableSpec) -> impl Iterator<Item = &str> {
    table.profile.iter().flat_map(|profile| &profile.mix).map(|mix| mix.column.as_str())
}

fn name(table: &TableSpec, column: &str) -> String {
    format!("{}.{column}", table.name)
}

fn of_everybody(standing: &Standing, column: &str) -> CodeMix {
    let mut sum = CodeMix::default();
    for provider in standing.organisations() {
        let mix = mix(standing, provider, column);
        add(&mut sum.recent, &mix.recent);
        add(&mut sum.earlier, &mix.earlier);
    }
    sum
}

/// The drift of a mix, where there are rows enough and it is more than allowed.
fn judged(recent: &Recent, mix: &CodeMix) -> Option<Drift> {
    let rows = |side: &BTreeMap<String, u64>| side.values().sum::<u64>() as f64;
    let is_judged = rows(&mix.recent).min(rows(&mix.earlier)) >= recent.limit(RULE, "rows_min");
    let drift = is_judged.then(|| drift(mix, recent.limit(RULE, "codes") as usize))?;
    (drift.index > recent.limit(RULE, "index_max")).then_some(drift)
}

/// What a provider writes in a column: deliveries of the last four weeks say what is recent, all others what was before.
fn mix(standing: &Standing, provider: &str, column: &str) -> CodeMix {
    let mut sum = CodeMix::default();
    for (extracted_on, counts) in standing.counts(provider) {
        let Some(mix) = counts.mix.get(column) else { continue };
        let now = if standing.is_recent(extracted_on) { &mut sum.recent } else { &mut sum.earlier };
        add(now, &mix.recent);
        add(&mut sum.earlier, &mix.earlier);
    }
    sum
}

fn add(sums: &mut BTreeMap<String, u64>, counts: &BTreeMap<String, u64>) {
    counts.iter().for_each(|(code, n)| *sums.entry(code.clone()).or_default() += n);
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

impl Drift {
    fn in_words(&self, what: &str) -> String {
        let Drift { index, most, from, to } = self;
        let (from, to) = (percent(*from), percent(*to));
        format!("{what} (stability index {index:.2}): most of it is {most}, from {from} to {to}")
    }
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
    let mut by_share: Vec<(f64, &str)> = named.into_iter().map(|code| (larger_share(code), code)).collect();
    by_share.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let named: Vec<&str> = by_share.into_iter().take(codes).map(|(_, code)| code).collect();
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
