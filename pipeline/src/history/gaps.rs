//! Gaps: what the refused files of a practice would have brought, or of an optional table. Until it is sent again, what
//! stands is what the last good delivery left; where it is of a practice's own record, every line of its patients says so.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::table::{TableSpec, table};
use serde::{Deserialize, Serialize};

use crate::{
    cohort::standing::newest_of,
    day::{Day, Instant},
    error::{Error, Result},
    extract::{Delivery, Untrusted, manifest::Mode},
    history::{
        History,
        bucket::BUCKETS,
        in_order,
        ledger::Ledger,
        read::Reader,
        records::{Registration, ShortCode},
    },
    settings::Settings,
};

/// Whose an optional table is whose manifest cannot be read.
const NOBODY_KNOWN: &str = "a sender that is not known";

/// What one provider's refused files of one table would have brought.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// The table.
    pub table: String,
    /// The practice, or whoever sends an optional table.
    pub provider: String,
    /// The day of its last good extract; none where there was none before.
    pub since: Option<Day>,
    /// The first delivery that lacks it.
    pub extract_id: String,
    /// Why its files were refused, in one line without a person's value.
    pub why: String,
}

impl Gap {
    /// What is not read of a delivery because it cannot be trusted, while what stands is as the ledger says; a gap for
    /// each of its tables and providers.
    pub fn of_untrusted(untrusted: &Untrusted, ledger: &Ledger) -> Vec<Gap> {
        let newest = |table: &str, provider: Option<&str>| {
            let of = |key: &str| {
                key.split_once('/')
                    .is_some_and(|(of_table, of)| of_table == table && provider.is_none_or(|one| one == of))
            };
            let moments = ledger.supplies.iter().filter(|(key, _)| of(key));
            moments.filter_map(|(_, supply)| Instant::parse(&supply.newest)).map(Day::of).max()
        };
        let gap = |(table, provider): &(String, Option<String>)| Gap {
            table: table.clone(),
            provider: provider.clone().unwrap_or_else(|| NOBODY_KNOWN.to_owned()),
            since: newest(table, provider.as_deref()),
            extract_id: untrusted.extract_id.clone(),
            why: untrusted.why.to_string(),
        };
        untrusted.feeds.iter().map(gap).collect()
    }

    /// A sentence for the data engineer.
    pub fn in_words(&self) -> String {
        let Gap { table, provider, since, why, .. } = self;
        let until = match since {
            Some(day) => format!("what arrived until {} stands", day.in_words()),
            None => "nothing of it has ever arrived".to_owned(),
        };
        // Of a feed that is refused as a whole, the reason begins with its name as well.
        let why = why.strip_prefix(&format!("{table} of {provider}, ")).unwrap_or(why);
        format!("{table} of {provider} is refused, and {until}: {why}")
    }

    /// Whether it is of the record that a practice keeps of its patients, and their lines are about it.
    pub fn is_of_practice_record(&self) -> bool {
        table(&self.table).is_some_and(TableSpec::is_of_practice_record)
    }
}

impl Ledger {
    /// Notes what a delivery lacks, and what it brings that was lacking. To be called before its supplies are noted.
    ///
    /// A full delivery closes a gap. One that adds does so where the days that it says it covers go on from the last
    /// good extract; else the days between are still lacking.
    pub fn note_gaps(&mut self, delivery: &Delivery) {
        let manifest = &delivery.manifest;
        for admitted in &delivery.tables {
            let goes_on =
                |gap: &Gap| matches!((manifest.period_from, gap.since), (Some(from), Some(since)) if from <= since);
            let is_closed = |gap: &Gap| {
                (&gap.table, &gap.provider) == (&admitted.table.name, &admitted.provider)
                    && (manifest.delivery == Mode::Full || goes_on(gap))
            };
            self.gaps.retain(|gap| !is_closed(gap));
        }
        for lacking in &delivery.lacking {
            let (table, provider) = (&lacking.table, &lacking.provider);
            let newest = self.supply(table, provider).and_then(|supply| Instant::parse(&supply.newest));
            let since = newest.map(|newest| last_good(newest, delivery));
            match self.gaps.iter_mut().find(|gap| (&gap.table, &gap.provider) == (table, provider)) {
                Some(gap) => gap.since = gap.since.min(since),
                None => self.gaps.push(Gap {
                    table: table.clone(),
                    provider: provider.clone(),
                    since,
                    extract_id: delivery.id.clone(),
                    why: lacking.why.clone(),
                }),
            }
        }
        self.gaps.sort_by(|a, b| (&a.provider, &a.table).cmp(&(&b.provider, &b.table)));
    }
}

/// The day up to which a feed is known that a delivery lacks. Where a newer one is settled, that tells of its own days and not
/// of those that this one would have brought.
fn last_good(newest: Instant, delivery: &Delivery) -> Day {
    let newest_day = Day::of(newest);
    if delivery.extracted_at >= newest {
        return newest_day;
    }
    let manifest = &delivery.manifest;
    let told_from = manifest.period_from.filter(|_| manifest.delivery == Mode::Delta);
    newest_day.min(told_from.unwrap_or(Day::of(delivery.extracted_at) - 1))
}

impl History {
    /// Notes what has arrived and is not read.
    pub(super) fn distrust(&mut self, untrusted: &[Untrusted]) {
        self.untrusted = untrusted.iter().flat_map(|one| Gap::of_untrusted(one, &self.ledger)).collect();
        self.untrusted.sort();
    }

    /// What has arrived of optional tables and cannot be trusted, by table and provider.
    pub fn untrusted(&self) -> &[Gap] {
        &self.untrusted
    }

    /// Everything that is lacking: what refused files would have brought, and what is not read.
    pub fn gaps(&self) -> impl Iterator<Item = &Gap> {
        self.ledger.gaps.iter().chain(&self.untrusted)
    }
}

/// Refuses to go on where gaps concern too many people, or somebody who would be nowhere.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] when practices with gaps have more of the registered people than
///   `[gate] refused_people_max`, or one of them has never sent a good list of registrations.
/// * [`crate::error::Kind::Storage`] when a bucket cannot be read.
pub fn judge(history: &History, settings: &Settings, threads: usize) -> Result<()> {
    let gaps: Vec<&Gap> = history.ledger.gaps.iter().filter(|gap| gap.is_of_practice_record()).collect();
    let Some(first) = gaps.first() else { return Ok(()) };
    let refused = |what: String, gap: &Gap| {
        let place = format!("{} of {}", gap.table, gap.provider);
        let where_to_look = "`earlycall check` lists all refused files, and the last night's worklists stand";
        // One hint at the end, and the reason itself says to do what must be done.
        let (why, what_to_do) = gap.why.split_once("; hint: ").unwrap_or((&gap.why, "have the files sent again"));
        Error::refused(what, format!("{what_to_do}; {where_to_look}")).file(place).also(&format!("the first: {why}"))
    };
    if let Some(gap) = gaps.iter().find(|gap| gap.table == "registrations" && gap.since.is_none()) {
        return Err(refused("the practice has never sent a good list of registrations".to_owned(), gap));
    }
    let registered = registered(history, threads)?;
    let practices: BTreeSet<&str> = gaps.iter().map(|gap| gap.provider.as_str()).collect();
    let concerned: u64 = practices.iter().filter_map(|practice| registered.get(&ShortCode::new(practice))).sum();
    let all: u64 = registered.values().sum();
    if concerned as f64 <= settings.gate.refused_people_max * all as f64 {
        return Ok(());
    }
    let n = practices.len();
    let whose = if n == 1 {
        "the refused files are of a practice".to_owned()
    } else {
        format!("the refused files are of {n} practices")
    };
    let share = 100.0 * settings.gate.refused_people_max;
    Err(refused(format!("{whose} with {concerned} of {all} registered people, more than {share:.1}%"), first))
}

/// How many people are registered with each practice, by the newest extract.
fn registered(history: &History, threads: usize) -> Result<BTreeMap<ShortCode, u64>> {
    let view = history.view_in_hindsight(history.ledger.newest_extract().expect("a gap is a delivery's"));
    let (archive, suppliers) = (&history.archive, &history.ledger.suppliers);
    let of_buckets = in_order(threads, BUCKETS, |bucket| {
        let reader = Reader { archive, suppliers, bucket, view: &view, only: None };
        let n_people = archive.people[bucket].len();
        let mut newest: Vec<Option<Registration>> = vec![None; n_people];
        reader.rows::<Registration>(&vec![true; n_people], |number, rows| {
            let newest = &mut newest[number as usize];
            *newest = newest_of(rows.iter().chain(newest.as_ref())).cloned();
            rows.clear();
        })?;
        Ok(newest.into_iter().flatten().map(|row| row.practice_code).collect::<Vec<_>>())
    })?;
    let mut counts = BTreeMap::new();
    for practice in of_buckets.into_iter().flatten() {
        *counts.entry(practice).or_default() += 1;
    }
    Ok(counts)
}
