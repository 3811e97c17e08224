//! What tonight's deliveries look like beside those of other nights.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_model::artefact::Snapshot;
use earlycall_schemas::{codes::is_practice, rules::Action, table::table};

use crate::{
    day::Day,
    error::Result,
    history::{History, NeverSent, is_no_practice, records::ShortCode},
    objections::losing,
    quality::{
        finding::Finding,
        profile::Profile,
        recent::{DAYS_REMEMBERED, Late, Recent, ages_days_max, judge, judge_since, late},
    },
    settings::Settings,
};

/// What is said of them.
pub struct Beside {
    /// Everything that is odd about them (V32 to V36, ABSENT, OPTOUTS). A finding that refuses holds the night.
    pub findings: Vec<Finding>,
    /// Whose rows are late (V33) or were never sent (ABSENT), for the lines that are about them.
    pub late: Vec<Late>,
    /// Days by which the newest event of each table may be older than the index date without a word (V33).
    pub ages_days_max: BTreeMap<&'static str, i32>,
    /// What is wrong with overrides about providers of whom nothing has ever arrived, a sentence each.
    pub about_nobody: Vec<String>,
}

impl Beside {
    /// Looks at the deliveries of a history beside those of other nights, and beside what a model was trained on.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a profile cannot be read.
    pub fn of(history: &History, settings: &Settings, index_date: Day, trained_on: &Snapshot) -> Result<Beside> {
        let profiles = history.profiles_since(index_date - DAYS_REMEMBERED)?;
        let left = left(history, &profiles);
        let recent = Recent { profiles: &profiles, index_date, left: &left, rules: &settings.rules };
        let mut findings: Vec<Finding> = left_out(history, index_date).collect();
        findings.extend(losing_lists(history, &profiles, settings));
        findings.extend(judge(&recent));
        findings.extend(judge_since(trained_on, &recent));
        let never_sent = history.never_sent(&settings.rules);
        let late = late(&recent).into_iter().chain(never_sent.iter().flat_map(NeverSent::late)).collect();
        let is_answered_for = |finding: &Finding| settings.overrides.answers_for(finding, index_date);
        findings.extend(never_sent.into_iter().flat_map(|one| one.findings(is_answered_for)));
        let about_nobody = settings.overrides.about_nobody(index_date, &known_providers(history, &profiles));
        Ok(Beside { findings, late, ages_days_max: ages_days_max(&recent), about_nobody })
    }
}

/// Whoever a finding can be about: who has sent something, the practices of the area, and whom rows name.
fn known_providers<'a>(history: &'a History, profiles: &'a [Profile]) -> BTreeSet<&'a str> {
    let suppliers = history.ledger.suppliers.iter().map(String::as_str);
    let practices = history.reference.practices.keys().map(ShortCode::as_str);
    let named = profiles.iter().flat_map(|profile| &profile.feeds).flat_map(|feed| feed.organisations.keys());
    suppliers.chain(practices).chain(named.map(String::as_str)).collect()
}

/// What full deliveries leave out that came with the rest of them before (ABSENT).
fn left_out(history: &History, index_date: Day) -> impl Iterator<Item = Finding> {
    // The data of a day are extracted in the night after it; a later delivery says nothing of a past night.
    let known = history.ledger.left_out().filter(move |one| one.on <= index_date + 1);
    known.filter(|one| is_expected(history, one.provider)).map(|one| Finding {
        rule: "ABSENT",
        action: Action::Warn,
        table: one.table.to_owned(),
        provider: Some(one.provider.to_owned()),
        message: format!(
            "was left out of the full delivery of {}: what arrived until {} stands",
            one.on.in_words(),
            one.newest.in_words()
        ),
    })
}

/// Lists of objections that lose people (OPTOUTS), by the newest delivery, as all that is about permission.
fn losing_lists(history: &History, profiles: &[Profile], settings: &Settings) -> Vec<Finding> {
    let Some(newest_extract) = history.ledger.newest_extract() else { return Vec::new() };
    let mut found = losing::judge(profiles, newest_extract, settings);
    found.retain(|finding| finding.provider.as_deref().is_none_or(|provider| is_expected(history, provider)));
    found
}

/// Of a practice that shares no more nothing is expected.
fn is_expected(history: &History, provider: &str) -> bool {
    let practice = history.reference.practices.get(&ShortCode::new(provider));
    !is_practice(provider) || practice.is_some_and(|practice| practice.shares)
}

/// Practices that sent rows once and share them no more, or are gone.
fn left(history: &History, profiles: &[Profile]) -> BTreeSet<String> {
    let sharing: BTreeSet<&str> =
        history.reference.practices.iter().filter(|(_, row)| row.shares).map(|(code, _)| code.as_str()).collect();
    let is_by_practice = |name: &str| {
        let organisation = table(name).and_then(|table| table.profile.as_ref()?.organisation.as_deref());
        organisation == Some("practice_code")
    };
    let feeds = profiles.iter().flat_map(|profile| &profile.feeds).filter(|feed| is_by_practice(&feed.table));
    // Rows that name no practice count for their supplier, who is none.
    let named = feeds.flat_map(|feed| feed.organisations.keys().filter(|name| **name != feed.supplier));
    named.filter(|name| !sharing.contains(name.as_str()) && !is_no_practice(name)).cloned().collect()
}
