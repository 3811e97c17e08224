//! New deliveries join the history: checked, divided by bucket, settled, and written as the next generation.

use std::collections::BTreeMap;

use earlycall_schemas::table::tables;

use crate::{
    codelists::CodeLists,
    day::Day,
    error::Result,
    extract::{self, Accepted, Delivery, Inspection, Registry, delivery::DeliveryFolder},
    history::{
        History, ahead,
        due::{self, New},
        gaps,
        join::{Joining, Objections},
        ledger::{Ledger, SettledDelivery},
        legal_basis,
        purge::{self, LeftOut},
        required::require_tables,
        seen::Seen,
        waiting::{self, Vouched},
    },
    objections::trust,
    quality::{
        profile, quarantine, report,
        set_aside::{self, SetAside},
        ten_digits,
    },
    settings::Settings,
    store::{Store, staged::Staged},
};

/// Whoever looks on while deliveries are read.
pub trait Onlooker: Sync {
    /// The rows of a sound feed, before they are settled; any thread calls it.
    fn accepted(&self, _rows: &Accepted) {}

    /// A delivery that has been read, whether or not it is admitted.
    fn inspected(&self, _inspection: &Inspection) {}

    /// Whether deliveries behind a refused one are read as well. Nothing of them is settled.
    fn wants_all(&self) -> bool {
        false
    }

    /// Of each rule and file, so many rows that stay though they break the rule are wanted one by one.
    fn traces_wanted(&self) -> usize {
        0
    }
}

/// Nobody looks on.
pub struct Nobody;

impl Onlooker for Nobody {}

/// The history with everything that has arrived, and what is still to be kept of it.
pub struct Arrival<'d> {
    /// The history, whether or not it is kept.
    pub history: History,
    /// Whoever objects by it, and of whom it keeps nothing else.
    pub objecting: LeftOut,
    /// Deliveries that wait for their own night, and what is not read and of a later one than is asked for, a sentence each.
    pub waiting: Vec<String>,
    /// Tables that have come and are not read, or are read no longer, a sentence each.
    pub without_basis: Vec<String>,
    /// The generation that it lies in, where that is not in its place yet.
    staged: Option<Staged<'d>>,
    /// What the files of settled deliveries look like.
    seen: Seen,
}

impl Arrival<'_> {
    /// Puts the generation in its place: what arrived is settled from now on. Dropped instead, it has never been, and
    /// the next run meets the same deliveries anew.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when it cannot be put there; then the older one stands.
    pub fn keep(self, store: &Store) -> Result<History> {
        let Arrival { mut history, staged, seen, .. } = self;
        if let Some(staged) = staged {
            history.moved_to(store.put_history(staged)?);
        }
        seen.keep(store)?;
        Ok(history)
    }
}

/// The history with everything that has arrived settled into it, for good.
///
/// # Errors
/// * As for [`arrive`], and [`crate::error::Kind::Storage`] when it cannot be kept.
pub fn settle_deliveries(store: &Store, settings: &Settings, threads: usize) -> Result<History> {
    arrive(store, settings, threads, None, &Nobody)?.keep(store)
}

/// The history with what has arrived settled into it. Nothing is kept of that until [`Arrival::keep`]. `index_date` is the
/// one that is asked for, if any is; deliveries of later nights then wait for theirs.
///
/// Deliveries that are settled already are only checked against their manifests, for a file that changes after it was
/// settled is a fault that somebody must look at. When nothing is new, nothing is written.
///
/// # Errors
/// * [`crate::error::Kind::Settings`] when the service lacks code lists, or one was changed.
/// * [`crate::error::Kind::Extract`] when a file is refused that cannot be done without, or a table is left empty that
///   must not be.
/// * [`crate::error::Kind::Storage`] when the next generation cannot be written; then the older one stands.
pub fn arrive<'d>(
    store: &Store<'d>,
    settings: &Settings,
    threads: usize,
    index_date: Option<Day>,
    onlooker: &dyn Onlooker,
) -> Result<Arrival<'d>> {
    let lists = CodeLists::of(settings)?;
    let current = store.history()?.map(|folder| History::open(&folder, lists.clone(), &settings.feeds)).transpose()?;
    let arrived = extract::delivery::arrived(settings)?;
    let ledger = current.as_ref().map(|history| history.ledger.clone()).unwrap_or_default();
    let vouched = Vouched { index_date, newest_night: store.nights()?.pop() };
    let mut seen = Seen::by(store);
    due::refuse_overwritten(&ledger, &arrived)?;
    let New { deliveries, untrusted } = due::deliveries(&ledger, &arrived.deliveries, &mut seen, settings, threads)?;
    let mut divided = waiting::divide(deliveries, &ledger, vouched);
    ahead::refuse(&divided, &ledger, vouched, settings)?;
    let mut untrusted = [arrived.untrusted, untrusted, ahead::apart(&mut divided, &ledger, settings)].concat();
    let of_later_nights = waiting::apart(&mut untrusted, index_date);
    let new = divided.due;
    let waiting = divided.waiting.into_iter().map(waiting::in_words).chain(of_later_nights).collect();
    let withdrawn = current.as_ref().map(|history| history.withdrawn.clone()).unwrap_or_default();
    let without_basis = legal_basis::in_words(new.iter().copied().chain(&arrived.set_aside), &withdrawn);
    let may_lack_objections = settings.extracts.no_objections_recorded.is_some();
    let current = match current {
        Some(mut history) if new.is_empty() && withdrawn.is_empty() => {
            let objecting = purge::left_out(&history, &settings.objections, threads)?;
            if objecting.fingerprint() == history.ledger.left_out.as_deref() {
                judge_unchanged(&history, settings, threads)?;
                history.distrust(&untrusted);
                return Ok(Arrival { history, objecting, waiting, without_basis, staged: None, seen });
            }
            Some(history)
        }
        current => current,
    };
    due::refuse_synthetic(&new, settings)?;
    // Before any row is read: without its patients every other table would be refused for another reason.
    let announced = |table: &str| new.iter().map(|folder| folder.manifest.rows_of(table)).sum::<u64>();
    require_tables(|table| ledger.arrived_of(table) + announced(table), may_lack_objections)?;
    let staged = store.stage_history()?;
    link_older_quality(&staged, current.as_ref())?;
    let mut registry = registry(current.as_ref(), threads)?;
    registry.restricted = lists.restricted.clone();
    let before = current.as_ref().map(|history| history.ledger.clone());
    let leaving = current.as_ref().map(|history| purge::leaving(history.folder())).transpose()?.unwrap_or_default();
    let mut joining = Joining::onto(current, &staged)?;
    let mut set_aside = join_all(&new, &mut joining, &mut registry, &mut seen, settings, threads, onlooker)?;
    let Objections { vanished, objecting, register } = joining.settle_objections(leaving, settings, threads)?;
    let objections_before = before.map(|ledger| ledger.objections).unwrap_or_default();
    let newest_extract = joining.ledger.newest_extract();
    // Before it is asked what is empty: a list of objections that lost everybody is told with what it had.
    let fallen = trust::judge(&objections_before, &joining.ledger.objections, newest_extract, settings)?;
    let gone = trust::judge_vanished(&objections_before, &vanished, newest_extract, settings)?;
    require_tables(|table| joining.ledger.arrived_of(table), may_lack_objections)?;
    if let Some(of_last) = set_aside.last_mut() {
        of_last.extend(fallen.into_iter().chain(gone));
    }
    write_set_aside(&staged, joining.ledger.deliveries.len(), &set_aside)?;
    joining.write()?;
    let mut history = History::open(staged.path(), lists, &settings.feeds)?;
    // Whoever was noted since then is somebody noted meanwhile, for everything that goes by what was noted.
    history.register = register;
    history.distrust(&untrusted);
    gaps::judge(&history, settings, threads)?;
    Ok(Arrival { history, objecting, waiting, without_basis, staged: Some(staged), seen })
}

/// Joins deliveries in their order, and notes what their files look like. Tells what somebody let pass of each.
///
/// # Errors
/// * What the first meets that is refused; those behind it are read all the same where the onlooker wants them.
fn join_all(
    new: &[&DeliveryFolder],
    joining: &mut Joining,
    registry: &mut Registry,
    seen: &mut Seen,
    settings: &Settings,
    threads: usize,
    onlooker: &dyn Onlooker,
) -> Result<Vec<Vec<SetAside>>> {
    let mut refused = None;
    let mut set_aside = Vec::new();
    for folder in new {
        if refused.is_some() {
            let n = onlooker.traces_wanted();
            onlooker.inspected(&extract::inspect(folder, registry, threads, n, &|_, _| Ok(())));
            continue;
        }
        let delivery = match joining.join(folder, registry, settings, threads, onlooker) {
            Ok(delivery) => delivery,
            Err(error) if onlooker.wants_all() => {
                refused = Some(error);
                continue;
            }
            Err(error) => return Err(error),
        };
        write_quality(joining.staged, &delivery, joining.ledger.deliveries.len() + 1, settings)?;
        joining.ledger.deliveries.push(settled(&delivery, folder));
        registry.shown.note(delivery.shown(), Day::of(delivery.extracted_at));
        seen.note(&folder.manifest_sha256, delivery.looks);
        set_aside.push(delivery.set_aside);
    }
    refused.map_or(Ok(set_aside), Err)
}

/// Whether a night may be made from what is settled already.
fn judge_unchanged(history: &History, settings: &Settings, threads: usize) -> Result<()> {
    let may_lack_objections = settings.extracts.no_objections_recorded.is_some();
    require_tables(|table| history.ledger.arrived_of(table), may_lack_objections)?;
    let lists = &history.ledger.objections;
    // Held against themselves, they are only asked how old they are.
    trust::judge(lists, lists, history.ledger.newest_extract(), settings)?;
    gaps::judge(history, settings, threads)
}

fn registry(current: Option<&History>, threads: usize) -> Result<Registry> {
    let Some(history) = current else { return Ok(Registry::default()) };
    let mut registry = Registry::of(history.everybody(threads)?.into_iter());
    registry.sharing = history.reference.practices.iter().map(|(code, row)| (*code, row.shares)).collect();
    registry.shown = history.recently_shown()?;
    Ok(registry)
}

fn settled(delivery: &Delivery, folder: &DeliveryFolder) -> SettledDelivery {
    SettledDelivery {
        extract_id: delivery.id.clone(),
        extracted_at: delivery.extracted_at.to_string(),
        period_from: delivery.manifest.period_from,
        manifest_sha256: delivery.manifest_sha256.clone(),
        pseudonym_key_id: delivery.manifest.pseudonym_key_id.clone(),
        is_synthetic: delivery.is_synthetic,
        refused: delivery.lacking.iter().flat_map(|lacking| lacking.files.clone()).collect(),
        unread: folder.unread.iter().map(|entry| entry.file.clone()).collect(),
        of_optional_tables: folder.is_of_optional_tables(),
    }
}

/// What the checks found in a delivery, kept beside the rows: a night may be run again after the rows are settled.
fn write_quality(staged: &Staged, delivery: &Delivery, number: usize, settings: &Settings) -> Result<()> {
    let folder = format!("quality/{number:06}");
    staged.create_folder(&folder)?;
    let summary = serde_json::to_vec_pretty(&delivery.quality(settings)).expect("a summary is plain data");
    staged.put(&format!("{folder}/{}", report::FILE), &summary)?;
    staged.put(&format!("{folder}/{}", profile::FILE), &delivery.profile().to_bytes())?;
    let shown = delivery.shown();
    if !shown.is_empty() {
        staged.put(&format!("{folder}/{}", ten_digits::FILE), &ten_digits::to_bytes(&shown))?;
    }
    let mut by_table: BTreeMap<&str, Vec<quarantine::Rejection>> = BTreeMap::new();
    for admitted in &delivery.tables {
        by_table.entry(&admitted.table.name).or_default().extend(admitted.rejections.iter().cloned());
    }
    for (table, rejections) in by_table.into_iter().filter(|(_, rejections)| !rejections.is_empty()) {
        staged.put(&format!("{folder}/{table}.csv"), &quarantine::csv(&rejections))?;
    }
    Ok(())
}

/// What somebody let pass of the newest deliveries, beside their quality.
fn write_set_aside(staged: &Staged, n_deliveries: usize, set_aside: &[Vec<SetAside>]) -> Result<()> {
    let first = n_deliveries + 1 - set_aside.len();
    for (number, breaches) in (first..).zip(set_aside).filter(|(_, breaches)| !breaches.is_empty()) {
        staged.put(&format!("quality/{number:06}/{}", set_aside::FILE), &set_aside::to_bytes(breaches))?;
    }
    Ok(())
}

/// The quality of earlier deliveries, as it stands in the older generation.
fn link_older_quality(staged: &Staged, current: Option<&History>) -> Result<()> {
    let Some(history) = current else { return Ok(()) };
    for number in 1..=history.ledger.deliveries.len() {
        let folder = format!("quality/{number:06}");
        staged.create_folder(&folder)?;
        for name in crate::store::folder::names(&history.folder().join(&folder))? {
            let path = format!("{folder}/{name}");
            staged.link(&path, &history.folder().join(&path))?;
        }
    }
    Ok(())
}

/// Notes what a delivery has sent of each table, by supplier.
pub(super) fn note_supplies(ledger: &mut Ledger, delivery: &Delivery) {
    for table in tables() {
        for admitted in delivery.tables.iter().filter(|admitted| admitted.table.name == table.name) {
            ledger.supplied(admitted, delivery.extracted_at);
        }
    }
}
