//! What stands of a table on a day: a full delivery replaces what its supplier sent before, others add to it.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::table::TableSpec;

use super::Recent;
use crate::{
    day::Day,
    quality::profile::{Counts, FeedProfile, RECENT_DAYS},
};

/// The deliveries of one table, by organisation whose rows they bring.
pub(crate) struct Standing<'a> {
    pub table: &'static TableSpec,
    index_date: Day,
    /// Per organisation, one for each supplier that ever sent rows of it.
    organisations: BTreeMap<&'a str, Vec<Supplied<'a>>>,
}

/// What one supplier sent of an organisation, in the order of extraction: when, whether in place of all earlier rows, and
/// the counts, if there were rows.
type Supplied<'a> = Vec<(Day, bool, Option<&'a Counts>)>;

impl<'a> Standing<'a> {
    pub fn of(recent: &Recent<'a>, table: &'static TableSpec) -> Standing<'a> {
        let mut suppliers: BTreeMap<&str, Vec<(Day, &FeedProfile)>> = BTreeMap::new();
        for profile in recent.profiles {
            for feed in profile.feeds.iter().filter(|feed| feed.table == table.name) {
                suppliers.entry(&feed.supplier).or_default().push((profile.extracted_on, feed));
            }
        }
        let mut organisations: BTreeMap<&str, Vec<Supplied>> = BTreeMap::new();
        for feeds in suppliers.values() {
            let named: BTreeSet<&str> =
                feeds.iter().flat_map(|(_, feed)| feed.organisations.keys().map(String::as_str)).collect();
            for name in named {
                let sent = feeds.iter().map(|(day, feed)| (*day, feed.is_full, feed.organisations.get(name)));
                organisations.entry(name).or_default().push(sent.collect());
            }
        }
        Standing { table, index_date: recent.index_date, organisations }
    }

    /// Whose rows there are.
    pub fn organisations(&self) -> impl Iterator<Item = &'a str> {
        self.organisations.keys().copied()
    }

    /// The counts that stood when a day had been extracted, one delivery after another, with the day of its extraction.
    ///
    /// Where nothing was extracted in the night after it, those of the next delivery stand; where that came after the
    /// night which is judged, those of the one before. A supplier's first delivery stands before it came, too: it brought
    /// what had been known elsewhere.
    pub fn counts_by(&self, day: Day, organisation: &str) -> impl Iterator<Item = (Day, &'a Counts)> {
        let index_date = self.index_date;
        let stands = move |sent: &Supplied<'a>| {
            // The data of a day are extracted in the night after it.
            let had_by = |day: Day| sent.iter().take_while(|(extracted_on, ..)| *extracted_on <= day + 1).count();
            let next = sent.iter().take_while(|(extracted_on, ..)| *extracted_on <= day).count() + 1;
            let n = next.max(had_by(day)).min(had_by(index_date)).max(1);
            let from = sent[..n].iter().rposition(|(_, is_full, _)| *is_full).unwrap_or(0);
            let counts = sent[from..n].iter().filter_map(|(day, _, counts)| Some((*day, (*counts)?)));
            counts.collect::<Vec<_>>()
        };
        self.organisations.get(organisation).into_iter().flatten().flat_map(stands)
    }

    /// The counts that stand on the index date.
    pub fn counts(&self, organisation: &str) -> impl Iterator<Item = (Day, &'a Counts)> {
        self.counts_by(self.index_date, organisation)
    }

    /// Whether a delivery is one of the last four weeks.
    pub fn is_recent(&self, extracted_on: Day) -> bool {
        extracted_on > self.index_date + 1 - RECENT_DAYS
    }

    /// All that stands of the last four weeks' deliveries, in one.
    pub fn recent_sum(&self, organisation: &str) -> Counts {
        let mut sum = Counts::default();
        self.counts(organisation).filter(|(day, _)| self.is_recent(*day)).for_each(|(_, counts)| sum.add(counts));
        sum
    }
}
