//! What arrives: deliveries, their manifests, and files read into typed columns.
//!
//! [`delivery::find`] lists what is there, [`inspect`] reads it. Every row is accepted or rejected and counted, a file
//! that isn't what its manifest says is refused whole, and no message ever holds a value of a row.

mod builder;
mod code_watch;
mod coded;
mod codes;
mod columns;
mod csv;
mod decode;
pub mod delivery;
mod feed;
mod file;
mod findings;
mod foreign;
mod gzip;
mod header;
mod interner;
mod keys;
mod limits;
pub mod look;
pub(crate) mod lost;
pub mod manifest;
mod mapping;
mod marks;
mod no_person;
mod number_watch;
mod pages;
mod parquet;
mod promises;
mod raw;
mod reading;
mod refusal;
mod sound;
mod split;
mod spoilt;
mod sums;
mod teams;
mod translate;
mod typed;
pub mod unfinished;
mod watch;
mod word;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use arrow::array::UInt64Array;
use arrow::record_batch::RecordBatch;
use earlycall_schemas::codelists::import::Dialect;
use earlycall_schemas::table::{TableSpec, tables};

pub use self::codes::is_of_type;
pub use self::columns::{arrow_type, is_coded, read_columns, schema};
use self::delivery::DeliveryFolder;
use self::feed::{Feed, RefusedFeed, read};
pub use self::findings::judge_feed;
pub use self::keys::{keys, keys_when_unread};
use self::look::Looks;
use self::manifest::{Manifest, Mode};
pub use self::refusal::{Lacking, Refusal};
use self::sums::Sums;
pub use self::teams::teams_announced;
use crate::day::{Day, Instant};
use crate::error::{Error, Result};
use crate::objections::sent::SentLists;
use crate::quality::profile::{FeedProfile, Profile};
use crate::quality::quarantine::Rejection;
pub use crate::quality::registry::Registry;
use crate::quality::report::{DeliveryQuality, FileQuality, TableQuality};
use crate::quality::rows::Yardstick;
use crate::quality::set_aside::SetAside;
use crate::quality::tally::Tally;
use crate::quality::ten_digits::Shown;
use crate::quality::trace::Trace;
use crate::settings::Settings;

/// The tables that tell which persons and practices there are; whoever objects may be in none of the others.
const TEACHERS: [&str; 3] = ["patients", "reference_practices", "opt_outs"];

/// Days of a year, in which every season comes once.
const YEAR_DAYS: i32 = 365;

/// A delivery, read and checked.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its `extract_id`.
    pub id: String,
    /// The name of its folder, without the way there.
    pub folder_name: String,
    /// When the data were taken from their source.
    pub extracted_at: Instant,
    /// Whether these are invented persons.
    pub is_synthetic: bool,
    /// Its manifest.
    pub manifest: Manifest,
    /// SHA-256 of its manifest.
    pub manifest_sha256: String,
    /// One for each table and provider: tables in the order of the contract, then by provider.
    pub tables: Vec<Admitted>,
    /// What of it is refused while the rest is used, in the same order.
    pub lacking: Vec<Lacking>,
    /// What of it would be refused, if nobody answered for it.
    pub set_aside: Vec<SetAside>,
    /// What its files looked like when they were found as the manifest says.
    pub looks: Looks,
    /// What it says of the lists of objections, once it is held against what is settled.
    pub lists: Vec<SentLists>,
    /// Tables and providers of which the first rows ever only add, once it is held against what is settled.
    pub founded_on_nothing: Vec<(String, String)>,
}

/// What became of the rows of one table of one provider; of a refused feed, what would have.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// The table.
    pub table: &'static TableSpec,
    /// Whose records they are: the file's `provider_code`, else the manifest's, else its supplier.
    pub provider: String,
    /// Whether the provider is a practice of `reference_practices` or a trust, and nobody who collects what several keep.
    pub is_organisation: bool,
    /// Whether these rows replace all earlier ones of this table and provider.
    pub is_full: bool,
    /// Whether each row was known from its own date on.
    pub is_history: bool,
    /// The numbers.
    pub tally: Tally,
    /// The numbers of each file.
    pub files: Vec<FileQuality>,
    /// The rejected rows, sorted by file and row.
    pub rejections: Vec<Rejection>,
    /// Rows that stay though they break a rule, as many as were asked for, sorted by file and row.
    pub traces: Vec<Trace>,
    /// Codes that are no SNOMED CT concepts, and should be.
    pub dialects: Dialects,
    /// What its columns have shown of numbers of ten digits, for later deliveries to be held beside (V03).
    pub shown: Vec<Shown>,
    /// Columns that may hold NHS numbers, too few to refuse a file: what is said of each.
    pub perhaps_leaks: Vec<String>,
    /// What the accepted rows look like; none where the table declares nothing to count.
    pub profile: Option<FeedProfile>,
    /// What stood of this table and provider, as whoever takes the rows knows.
    pub stood: Stood,
}

/// What the newest full delivery before brought of a table of one provider; nothing where there was none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stood {
    /// Accepted rows.
    pub rows: u64,
    /// Whether all of them happened within a year.
    pub is_of_a_year: bool,
}

/// How many cells of a column are codes of another dialect, by column and what they look like.
pub type Dialects = BTreeMap<(&'static str, Dialect), u64>;

/// The accepted rows of one table of one provider, handed over once its files are read to their end.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The table.
    pub table: &'static TableSpec,
    /// As in [`Admitted`].
    pub provider: String,
    /// As in [`Admitted`].
    pub is_full: bool,
    /// As in [`Admitted`].
    pub is_history: bool,
    /// The rows, of the [`schema`] of the table, in the order in which they were sent.
    pub rows: Vec<RecordBatch>,
    /// Per batch, the [`keys`] of its rows.
    pub keys: Vec<UInt64Array>,
    /// Per batch and value of its dictionary of persons, their numbers in the [`Registry`].
    pub persons: Vec<Arc<[u32]>>,
}

/// A delivery read as far as it goes: what can be admitted, and everything that is refused.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The delivery without the tables that have a refused file.
    pub delivery: Delivery,
    /// What is refused and why, in a fixed order: what lies in the folder, then table by table.
    pub refusals: Vec<Refusal>,
    /// What was found in the rows of refused feeds, as far as they were read; in the order of [`Delivery::tables`].
    pub refused_feeds: Vec<Admitted>,
}

/// Reads a delivery, checks it, divides its rows into accepted and rejected, and goes on past what is refused.
///
/// `patients` and `reference_practices` come first and teach `registry` the persons and practices that everything else is
/// checked against, and `opt_outs` comes with them; then `threads` threads share the other tables. Until they can, all but
/// one of them take the checksums of what they will read. The rows of each table of each provider go to `take` as soon as
/// its files have proved sound, on the thread that read them and in no fixed order. They are handed over also where
/// another file is refused, unless it is one of those that come first. An error of `take` is a refusal like any other; it
/// may be made of what [`Admitted`] tells, and `take` notes there what stood before. Of each rule and file the first `traces_per_rule` rows are listed that stay
/// though they break it.
///
/// The inspection is the same on any number of threads.
pub fn inspect(
    folder: &DeliveryFolder,
    registry: &mut Registry,
    threads: usize,
    traces_per_rule: usize,
    take: &(dyn Fn(&mut Admitted, Accepted) -> Result<()> + Sync),
) -> Inspection {
    let manifest = &folder.manifest;
    let strays = delivery::strays(folder).unwrap_or_else(|error| vec![error]);
    let mut refusals: Vec<Refusal> = strays.into_iter().map(Refusal::of_all).collect();
    let (teaching, others) = in_turn(manifest, traces_per_rule);
    let sums = Sums::of(folder, others.iter().flat_map(|feed| feed.files.clone()).collect());
    let mut outcomes = thread::scope(|scope| {
        (1..threads).for_each(|_| drop(scope.spawn(|| sums.take())));
        let (mut outcomes, refused) = learn(folder, &teaching, registry, &sums, take);
        let yardstick = yardstick(folder, registry, &refused);
        let read_one = |at: usize| {
            let outcome = read(folder, &others[at], &yardstick, &sums).and_then(|(admitted, accepted)| {
                // Where it is not known who there is, the rows can go nowhere.
                if refused.is_empty() { hand_over(admitted, accepted, take) } else { Ok(admitted) }
            });
            // Rows about persons can be handed over only once it is known who there is.
            if others[at].table.is_about_persons() {
                sums.enough();
            }
            outcome
        };
        let read_others = in_order(threads, others.len(), read_one);
        sums.enough();
        outcomes.extend(others.iter().zip(read_others));
        outcomes
    });
    let place = |table: &TableSpec| tables().iter().position(|known| known.name == table.name);
    outcomes.sort_by_key(|(feed, _)| place(feed.table));
    let (mut admitted, mut refused_feeds) = (Vec::new(), Vec::new());
    for (feed, outcome) in outcomes {
        match outcome {
            Ok(table) => admitted.push(table),
            Err(RefusedFeed { errors, found }) => {
                refusals.extend(errors.into_iter().map(|error| Refusal::of(feed, error, registry)));
                refused_feeds.push(*found);
            }
        }
    }
    let delivery = Delivery {
        id: manifest.extract_id.clone(),
        folder_name: folder.name(),
        extracted_at: manifest.extracted_at,
        is_synthetic: manifest.is_synthetic,
        manifest: manifest.clone(),
        manifest_sha256: folder.manifest_sha256.clone(),
        tables: admitted,
        lacking: Vec::new(),
        set_aside: Vec::new(),
        looks: sums.proved(),
        lists: Vec::new(),
        founded_on_nothing: Vec::new(),
    };
    Inspection { delivery, refusals, refused_feeds }
}

/// What became of a feed.
type Outcome = Result<Admitted, RefusedFeed>;

/// Feeds, and what became of each.
type Outcomes<'a> = Vec<(&'a Feed<'a>, Outcome)>;

/// Reads the feeds that tell who there is; and the tables of them of which a file is refused.
fn learn<'a>(
    folder: &DeliveryFolder,
    teaching: &'a [Feed<'a>],
    registry: &mut Registry,
    sums: &Sums,
    take: &dyn Fn(&mut Admitted, Accepted) -> Result<()>,
) -> (Outcomes<'a>, BTreeSet<&'a str>) {
    let (mut outcomes, mut refused) = (Vec::new(), BTreeSet::new());
    for feed in teaching {
        let read = read(folder, feed, &yardstick(folder, registry, &refused), sums);
        let outcome = read.and_then(|(admitted, mut accepted)| {
            accepted.persons = accepted.rows.iter().map(|rows| registry.learn(&feed.table.name, rows)).collect();
            hand_over(admitted, accepted, take)
        });
        if outcome.is_err() {
            refused.insert(feed.table.name.as_str());
        }
        outcomes.push((feed, outcome));
    }
    (outcomes, refused)
}

fn yardstick<'a>(folder: &DeliveryFolder, registry: &'a Registry, refused: &BTreeSet<&str>) -> Yardstick<'a> {
    Yardstick {
        extracted_at: folder.manifest.extracted_at,
        registry,
        judges_persons: !refused.contains("patients"),
        judges_practices: !refused.contains("reference_practices"),
    }
}

fn hand_over(
    mut admitted: Admitted,
    accepted: Accepted,
    take: &dyn Fn(&mut Admitted, Accepted) -> Result<()>,
) -> Outcome {
    match take(&mut admitted, accepted) {
        Ok(()) => Ok(admitted),
        Err(error) => Err(RefusedFeed { errors: vec![error], found: Box::new(admitted) }),
    }
}

/// Does `work` for 0 to `n` on some threads; the outcomes stand in order.
fn in_order<T: Send>(threads: usize, n: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            match next.fetch_add(1, Ordering::Relaxed) {
                at if at < n => done.push((at, work(at))),
                _ => return done,
            }
        }
    };
    let mut outcomes: Vec<(usize, T)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.clamp(1, n.max(1))).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a panic of a thread is one of the whole")).collect()
    });
    outcomes.sort_by_key(|(at, _)| *at);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

impl Admitted {
    /// Whether all accepted rows that happened on a day did so within a year, and some did.
    pub fn is_of_a_year(&self) -> bool {
        let of_organisations = self.profile.iter().flat_map(|profile| profile.organisations.values());
        let mut dated = of_organisations.filter_map(|counts| Some((counts, counts.newest? - YEAR_DAYS))).peekable();
        dated.peek().is_some()
            && dated.all(|(counts, since)| counts.days.range(since..).map(|(_, n)| n).sum::<u64>() == counts.rows)
    }
}

impl Inspection {
    /// The delivery, if it can be used: no objection is lost, nothing is wrong with it as a whole, and whatever files are
    /// refused are such that the rest may be used without them ([`Delivery::lacking`]).
    ///
    /// # Errors
    /// The first refusal that stands against it, with the number of others.
    pub fn admit(self, settings: &Settings) -> Result<Delivery> {
        let mut against = self.against(settings);
        if against.is_empty() {
            let lacking = refusal::by_feed(self.refusals);
            let set_aside = findings::judge(&self.delivery, settings).set_aside;
            return Ok(Delivery { lacking, set_aside, ..self.delivery });
        }
        let first = against.remove(0);
        Err(match against.len() {
            0 => first,
            1 => first.also("1 more file is refused, see `earlycall check`"),
            n => first.also(&format!("{n} more files are refused, see `earlycall check`")),
        })
    }

    /// The refusals that stand against the delivery.
    pub fn against(&self, settings: &Settings) -> Vec<Error> {
        let against = self.grounds(settings).into_iter().filter(|refusal| refusal.lacking.is_none());
        against.map(|refusal| refusal.error).collect()
    }

    /// Every refusal: of files, then of tables with a lost objection, then of what the delivery says as a whole.
    pub fn all_refusals(&self, settings: &Settings) -> Vec<Error> {
        self.grounds(settings).into_iter().map(|refusal| refusal.error).collect()
    }

    /// The numbers, the refusals and the warnings, for `earlycall check`.
    pub fn quality(&self, settings: &Settings) -> DeliveryQuality {
        let refusals = self.all_refusals(settings);
        let refused = refusals.iter().map(Error::to_string).collect();
        let incidents = refusals.iter().filter(|error| error.is_incident()).map(Error::to_string).collect();
        DeliveryQuality { refused, incidents, ..self.delivery.quality(settings) }
    }

    fn grounds(&self, settings: &Settings) -> Vec<Refusal> {
        let lost = self.delivery.tables.iter().filter_map(findings::lost_objection);
        let whole = lost.chain(findings::judge(&self.delivery, settings).refused).map(Refusal::of_all);
        self.refusals.iter().cloned().chain(whole).collect()
    }
}

impl Delivery {
    /// How a file of it is named wherever somebody reads of it.
    fn place(&self, file: &str) -> String {
        delivery::place(Path::new(&self.folder_name), file)
    }

    /// What its accepted rows look like, for `profile.json`.
    pub fn profile(&self) -> Profile {
        Profile {
            extract_id: self.id.clone(),
            extracted_on: Day::of(self.extracted_at),
            feeds: self.tables.iter().filter_map(|admitted| admitted.profile.clone()).collect(),
            sender: self.manifest.supplier.clone(),
            is_full: self.manifest.delivery == Mode::Full,
            lists: self.lists.clone(),
        }
    }

    /// What its columns have shown of numbers of ten digits.
    pub fn shown(&self) -> Vec<&Shown> {
        self.tables.iter().flat_map(|admitted| &admitted.shown).collect()
    }

    /// The numbers and the warnings, for `quality.json`.
    pub fn quality(&self, settings: &Settings) -> DeliveryQuality {
        let table = |admitted: &Admitted| TableQuality {
            table: &admitted.table.name,
            provider: admitted.provider.clone(),
            tally: admitted.tally.clone(),
            files: admitted.files.clone(),
            kept: admitted.traces.clone(),
        };
        DeliveryQuality {
            extract_id: self.id.clone(),
            folder: self.folder_name.clone(),
            tables: self.tables.iter().map(table).collect(),
            warned: findings::judge(self, settings).warned,
            refused: self.lacking.iter().map(|lacking| lacking.why.clone()).collect(),
            incidents: self.lacking.iter().flat_map(|lacking| lacking.incidents.clone()).collect(),
        }
    }
}

/// The feeds that come first, and the others in the order in which they are read: tables of few providers and of few rows
/// first, so that at the end, when a thread finds nothing more to read, what another still has in hand is small.
fn in_turn(manifest: &Manifest, traces_per_rule: usize) -> (Vec<Feed<'_>>, Vec<Feed<'_>>) {
    let by_table = tables().iter().map(|table| feeds(table, manifest, traces_per_rule).collect::<Vec<_>>());
    let (teaching, mut others): (Vec<Vec<Feed>>, Vec<Vec<Feed>>) =
        by_table.filter(|feeds| !feeds.is_empty()).partition(|feeds| TEACHERS.contains(&feeds[0].table.name.as_str()));
    others.sort_by_key(|feeds| (feeds.len(), manifest.rows_of(&feeds[0].table.name)));
    (teaching.into_iter().flatten().collect(), others.into_iter().flatten().collect())
}

/// The feeds of a table, by provider.
fn feeds<'a>(
    table: &'static TableSpec,
    manifest: &'a Manifest,
    traces_per_rule: usize,
) -> impl Iterator<Item = Feed<'a>> {
    let mut by_provider: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for file in manifest.files.iter().filter(|file| file.table == table.name) {
        by_provider.entry(manifest.provider_of(file)).or_default().push(file);
    }
    by_provider.into_iter().map(move |(provider, files)| Feed { table, provider, files, traces_per_rule })
}
