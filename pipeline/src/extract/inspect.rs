//! A delivery read as far as it goes: its feeds in turn on some threads, and what stands against it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use earlycall_schemas::table::{TableSpec, tables};

use crate::error::{Error, Result};
use crate::extract::delivery::{self, DeliveryFolder};
use crate::extract::feed::{Feed, RefusedFeed, read};
use crate::extract::manifest::{Manifest, Spoilt};
use crate::extract::sums::Sums;
use crate::extract::untrusted::is_optional;
use crate::extract::{Accepted, Admitted, Delivery, Refusal, Registry, findings, refusal};
use crate::quality::report::DeliveryQuality;
use crate::quality::rows::Yardstick;
use crate::settings::Settings;

/// The tables that tell which persons and practices there are; whoever objects may be in none of the others.
const TEACHERS: [&str; 3] = ["patients", "reference_practices", "opt_outs"];

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
/// may be made of what [`Admitted`] tells, and `take` notes there what stood before. Of each rule and file the first
/// `traces_per_rule` rows are listed that stay though they break it.
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
    let (spoilt, strays) = spoilt_and_strays(folder);
    let mut refusals: Vec<Refusal> = strays.into_iter().map(Refusal::of_all).collect();
    for (table, spoilt) in &spoilt {
        refusals.extend(Refusal::of_table(table, manifest, spoilt));
    }
    let (teaching, others) = in_turn(manifest, &spoilt, traces_per_rule);
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

/// The optional tables of which no file is read, each with the reason: a line of the manifest, or a file that it does not
/// name. And what else lies there unnamed.
fn spoilt_and_strays(folder: &DeliveryFolder) -> (BTreeMap<String, Spoilt>, Vec<Error>) {
    let (mut spoilt, mut strays) = (folder.spoilt.clone(), Vec::new());
    match delivery::strays(folder) {
        Ok(found) => {
            for (table, why) in found {
                if is_optional(&table) {
                    spoilt.entry(table).or_insert(Spoilt { why, providers: BTreeSet::new() });
                } else {
                    strays.push(why);
                }
            }
        }
        Err(why) => strays.push(why),
    }
    for (table, of) in &mut spoilt {
        of.why = of.why.clone().hint(refusal::send_again(table));
    }
    (spoilt, strays)
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
            if feed.table.name == "patients" {
                registry.make_room(accepted.rows.iter().map(|rows| rows.num_rows()).sum());
            }
            for (rows, persons) in accepted.rows.iter().zip(&mut accepted.persons) {
                persons.numbers = registry.learn(&feed.table.name, rows);
            }
            if feed.table.name == "patients" {
                accepted.survivors = accepted.rows.iter().flat_map(|rows| registry.learn_survivors(rows)).collect();
            }
            hand_over(admitted, accepted, take)
        });
        if outcome.is_err() {
            refused.insert(feed.table.name.as_str());
        }
        outcomes.push((feed, outcome));
    }
    (outcomes, refused)
}

pub(super) fn yardstick<'a>(
    folder: &DeliveryFolder,
    registry: &'a Registry,
    refused: &BTreeSet<&str>,
) -> Yardstick<'a> {
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
pub(super) fn in_order<T: Send>(threads: usize, n: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
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

/// The feeds that come first, and the others in the order in which they are read: tables of few providers and of few rows
/// first, so that at the end, when a thread finds nothing more to read, what another still has in hand is small. Of those
/// that are spoilt nothing is read.
fn in_turn<'a>(
    manifest: &'a Manifest,
    spoilt: &BTreeMap<String, Spoilt>,
    traces_per_rule: usize,
) -> (Vec<Feed<'a>>, Vec<Feed<'a>>) {
    let sound = tables().iter().filter(|table| !spoilt.contains_key(&table.name));
    let by_table = sound.map(|table| feeds(table, manifest, traces_per_rule).collect::<Vec<_>>());
    let (teaching, mut others): (Vec<Vec<Feed>>, Vec<Vec<Feed>>) =
        by_table.filter(|feeds| !feeds.is_empty()).partition(|feeds| TEACHERS.contains(&feeds[0].table.name.as_str()));
    others.sort_by_key(|feeds| (feeds.len(), manifest.rows_of(&feeds[0].table.name)));
    (teaching.into_iter().flatten().collect(), others.into_iter().flatten().collect())
}

/// The feeds of a table, by provider.
pub(super) fn feeds<'a>(
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
