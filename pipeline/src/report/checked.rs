//! Settings and extracts held against the contract: the arrival of a night, looked at and not kept.

use std::sync::Mutex;

use serde_json::{Value, json};

use super::{
    dialects::{Dialects, Foreign},
    firsts::{First, firsts},
    page,
    refused_feeds::{RefusedFeed, refused_feeds},
    registers::{self, Registers},
    screen,
};
use crate::{
    day::Day,
    error::{Error, Kind, Result},
    extract::{Accepted, Inspection, unfinished},
    history::{
        History,
        arrive::{Onlooker, arrive},
        gaps::Gap,
        part_read::PartRead,
    },
    keys::Keys,
    model_store,
    night::{self, deliveries::Beside},
    progress::Progress,
    quality::{
        finding::Finding, profile::Profile, recent::DAYS_REMEMBERED, report::DeliveryQuality, set_aside::SetAside,
    },
    settings::{Rules, Settings, overrides},
    store::Store,
    supply::Supply,
};

/// Version of the JSON.
const FORMAT: u32 = 1;
/// Rows that stay though they break a rule: so many of each rule and file are told of.
const TRACES_PER_RULE: usize = 20;

/// Everything that a check has found.
pub struct Checked {
    /// The settings in a line.
    pub settings: String,
    /// The deliveries that are not settled yet, in the order of their extraction.
    pub new: Vec<DeliveryQuality>,
    /// The limits of the rules.
    pub rules: Rules,
    /// What the accepted rows of recent deliveries look like, oldest first.
    pub profiles: Vec<Profile>,
    /// By table and rule: rows that break it, and the first of them.
    pub firsts: Vec<First>,
    /// What the rules found in the feeds that are refused.
    pub refused_feeds: Vec<RefusedFeed>,
    /// Why no night can start from these extracts; empty where one can.
    pub refusals: Vec<Error>,
    /// What is odd beside other nights, but for what somebody answers for.
    pub odd: Vec<Finding>,
    /// The first finding that holds the night.
    pub held: Option<Error>,
    /// The overrides in the settings, a sentence each; one that has ended is told as such.
    pub overrides: Vec<String>,
    /// What somebody must look at that is not in the rows: folders without a manifest, overrides about nobody,
    /// files that were refused when their delivery was settled.
    pub warnings: Vec<String>,
    /// What somebody lets pass.
    pub set_aside: Vec<SetAside>,
    /// Codes of another dialect.
    pub dialects: Vec<Foreign>,
    /// What a night would see; absent where it would see nothing.
    pub ahead: Option<Ahead>,
    /// Why a run would not make that night, and how one is made; absent where it would.
    pub in_the_way: Option<String>,
}

/// What a night would see once everything that has arrived is settled.
pub struct Ahead {
    /// Its index date.
    pub index_date: Day,
    /// How to name a later night that the extracts cover, where nobody has named one.
    pub of_its_evening: Option<String>,
    /// Deliveries that are settled already.
    pub n_settled: usize,
    /// Tables about persons of which nothing has come by then, or nothing new enough to count.
    pub missing: Vec<Missing>,
    /// People found beside people expected.
    pub registers: Registers,
}

/// A table that counts as missing.
pub struct Missing {
    /// The table.
    pub table: &'static str,
    /// Why, where something of it has arrived all the same.
    pub why: Option<String>,
}

impl Ahead {
    /// The tables that count as missing, with the reason why where one of them has arrived.
    pub fn missing_in_words(&self) -> String {
        let told = |feed: &Missing| match &feed.why {
            None => feed.table.to_owned(),
            Some(why) => format!("{} ({why})", feed.table),
        };
        self.missing.iter().map(told).collect::<Vec<_>>().join(", ")
    }
}

/// Checks, as the night of an index date would: the one that is asked for, or the one that a run takes by itself. Nothing
/// of what has arrived is settled by that.
///
/// # Errors
/// * Only where nothing can be said at all: another run holds the folders, there is no delivery, or the disk fails.
///   What is wrong with the extracts is in [`Checked::refusals`].
pub fn check(
    settings: &Settings,
    store: &Store,
    asked: Option<Day>,
    threads: usize,
    progress: &mut Progress,
) -> Result<Checked> {
    progress.stage("reading what has arrived");
    let looking = Looking::default();
    let arrival = arrive(store, settings, threads, asked, &looking);
    let Looking { dialects, inspections } = looking;
    let inspections = inspections.into_inner().expect("no thread died holding it");
    let mut refusals: Vec<Error> = inspections.iter().flat_map(|inspection| inspection.against(settings)).collect();
    let mut checked = Checked {
        settings: settings_in_a_line(settings),
        rules: settings.rules.clone(),
        new: inspections.iter().map(|inspection| inspection.quality(settings)).collect(),
        profiles: inspections.iter().map(|inspection| inspection.delivery.profile()).collect(),
        firsts: firsts(&inspections),
        refused_feeds: refused_feeds(&inspections),
        refusals: Vec::new(),
        odd: Vec::new(),
        held: None,
        overrides: Vec::new(),
        warnings: unfinished::warnings(settings),
        set_aside: Vec::new(),
        dialects: dialects.found(),
        ahead: None,
        in_the_way: None,
    };
    match arrival {
        Ok(arrival) => {
            progress.stage("counting the registers");
            let history = &arrival.history;
            checked.warnings.extend(arrival.waiting.iter().chain(&arrival.without_basis).cloned());
            let looked = night::index_date(history, asked).and_then(|at| {
                let in_the_way = night::in_the_way(store, history, at, asked)?;
                checked.in_the_way = in_the_way.map(|one| one.in_words());
                checked.look_ahead(history, store, at, settings, threads, progress)?;
                let of_its_evening = night::of_its_evening(history, at, asked);
                checked.ahead = checked.ahead.take().map(|ahead| Ahead { of_its_evening, ..ahead });
                Ok(())
            });
            match looked {
                Err(error) if error.kind() == Kind::Extract => refusals.push(error),
                looked => looked?,
            }
        }
        Err(error) if matches!(error.kind(), Kind::Extract | Kind::Settings) => {
            if refusals.is_empty() {
                refusals.push(error);
            }
        }
        Err(error) => return Err(error),
    }
    refusals.extend(checked.held.clone());
    Ok(Checked { refusals, ..checked })
}

impl Checked {
    fn look_ahead(
        &mut self,
        history: &History,
        store: &Store,
        index_date: Day,
        settings: &Settings,
        threads: usize,
        progress: &Progress,
    ) -> Result<()> {
        self.overrides = settings.overrides.in_words(Some(index_date))?;
        let n_settled = history.ledger.deliveries.len() - self.new.len();
        self.set_aside = history.set_aside_since(n_settled, index_date)?;
        // Whether there is a model that may be used is for a run to say.
        let trained_on = model_store::current(settings, &history.lists).map(|model| model.snapshot).unwrap_or_default();
        let beside = Beside::of(history, settings, index_date, &trained_on)?;
        self.warnings.extend(beside.about_nobody);
        let keys = Keys::of(settings).and_then(|keys| keys.hold_for(history.reference.team_ids()));
        self.warnings.extend(keys.err().map(|error| format!("a run would end before its work: {error}")));
        // What is new and refused is told with what was found in it.
        let is_new = |extract_id: &str| self.new.iter().any(|delivery| delivery.extract_id == extract_id);
        let gaps = history.ledger.gaps.iter().filter(|gap| !is_new(&gap.extract_id));
        self.warnings.extend(gaps.chain(history.untrusted()).map(Gap::in_words));
        self.warnings.extend(history.ledger.part_read.iter().map(PartRead::in_words));
        self.warnings.extend(history.told_of_mergers(&settings.rules));
        let (registers, headcount) = registers::registers(history, settings, index_date, threads, progress)?;
        let of_people = night::people_ahead(&headcount, &history.reference, store, settings, index_date)?;
        for finding in of_people.into_iter().chain(beside.findings) {
            match settings.overrides.hear(finding, index_date) {
                Ok(set_aside) => self.set_aside.push(set_aside),
                Err((finding, _)) if !finding.refuses() => self.odd.push(finding),
                Err((finding, ended)) => {
                    self.held.get_or_insert_with(|| overrides::held(finding.clone(), ended));
                    self.odd.push(finding);
                }
            }
        }
        self.profiles = history.profiles_since(index_date - DAYS_REMEMBERED)?;
        let supply = Supply::under(history, &history.view(index_date), &settings.rules, threads)?;
        let why = |table| (history.ledger.rows_of(table) > 0).then(|| supply.why_not(table, index_date));
        let missing = supply.missing().map(|table| Missing { table, why: why(table) }).collect();
        self.ahead = Some(Ahead { index_date, of_its_evening: None, n_settled, missing, registers });
        Ok(())
    }

    /// The summary that fits a screen; `report` is where the page lies.
    pub fn screen(&self, report: &str) -> String {
        screen::text(self, report)
    }

    /// The page with pictures: `check.html`.
    pub fn page(&self) -> Vec<u8> {
        page::write(self)
    }

    /// Everything, for machines.
    pub fn json(&self) -> Value {
        let told: Vec<String> = self.refusals.iter().map(Error::to_string).collect();
        let verdict = if told.is_empty() { "accepted" } else { "refused" };
        json!({
            "format": FORMAT,
            "verdict": verdict,
            "refusals": told,
            "deliveries": self.new,
            "firsts": self.firsts,
            "refused_feeds": self.refused_feeds,
            "index_date": self.ahead.as_ref().map(|ahead| ahead.index_date),
            "in_the_way": self.in_the_way,
            "of_its_evening": self.ahead.as_ref().and_then(|ahead| ahead.of_its_evening.as_ref()),
            "n_settled": self.ahead.as_ref().map(|ahead| ahead.n_settled),
            "missing_feeds": self.ahead.as_ref().map(|ahead| ahead.missing.iter().map(|feed| feed.table).collect::<Vec<_>>()),
            "dialects": self.dialects,
            "registers": self.ahead.as_ref().map(|ahead| &ahead.registers),
            "beside_other_nights": self.odd,
            "warnings": self.warnings,
            "overrides": self.overrides,
            "set_aside": self.set_aside,
        })
    }
}

/// Looks on while deliveries are read, and keeps the numbers.
#[derive(Default)]
struct Looking {
    dialects: Dialects,
    inspections: Mutex<Vec<Inspection>>,
}

impl Onlooker for Looking {
    fn accepted(&self, rows: &Accepted) {
        self.dialects.add_accepted(rows);
    }

    fn inspected(&self, inspection: &Inspection) {
        self.dialects.add_refused(inspection);
        self.inspections.lock().expect("no thread dies holding it").push(inspection.clone());
    }

    fn wants_all(&self) -> bool {
        true
    }

    fn traces_wanted(&self) -> usize {
        TRACES_PER_RULE
    }
}

fn settings_in_a_line(settings: &Settings) -> String {
    format!(
        "{} profile, {} within {} days, adults from {}, {} conditions",
        if settings.is_research() { "research" } else { "production" },
        settings.prediction.outcome.in_words(),
        settings.prediction.horizon_days,
        settings.cohort.minimum_age_years,
        settings.cohort.conditions.len()
    )
}
