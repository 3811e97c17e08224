//! The night: from what has arrived to the lists that coaches open in the morning. Start reading here.

mod before;
mod choose;
pub mod deliveries;
pub mod diff;
mod eligible;
mod gate;
mod leads;
mod leaving;
mod left_to;
mod lists;
mod overnight;
mod page;
mod publish;
mod recent;
pub mod record;
mod redact;
pub mod revise;
mod shown;
mod told;
pub mod verdict;
mod which;

use std::path::PathBuf;

use earlycall_schemas::pathways::ByPathway;

pub(crate) use self::before::{OldLine, lines_of};
#[cfg(test)]
pub(crate) use self::page::words_of as page_words_of;
pub(crate) use self::record::refuse_lost_entries;
pub(crate) use self::redact::Forgotten;
pub use self::{
    before::Before,
    overnight::people_ahead,
    which::{date_ahead, in_the_way, index_date, of_its_evening},
};
use self::{
    deliveries::Beside,
    leaving::Leaving,
    left_to::LeftTo,
    revise::{Given, Revised},
    told::Gone,
    verdict::Verdict,
    which::Place,
};
use crate::{
    codelists::CodeLists,
    cohort::{
        Circumstances,
        one_fate::Fates,
        pass::{self, Pass},
    },
    day::Day,
    error::{Error, Result},
    extract::teams_announced,
    feedback::{contacted::Contacted, log},
    history::{
        Reference,
        arrive::{Nobody, arrive},
    },
    holdout::Trial,
    keys::Keys,
    model_store::{self, Chosen},
    objections::holding::holding,
    pathways::routing::Routing,
    progress::Progress,
    quality::person::Limits,
    score::{self, Scored},
    settings::Settings,
    store::{Store, deliver, disk::Disk, nights::NightId},
    supply::Supply,
    worklist::lateness::Lateness,
};

/// What is asked of a night.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request {
    /// The last day that the extracts cover; absent: the day before the newest extract.
    pub index_date: Option<Day>,
    /// Replace a night that is published already, keeping the order of its lines.
    pub revise: bool,
    /// Do everything but publish.
    pub dry_run: bool,
    /// Threads; at least 1. The result is the same for any number.
    pub threads: usize,
}

/// What came of a night.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Index date and revision.
    pub night: NightId,
    /// Where it is published; absent after a dry run.
    pub folder: Option<PathBuf>,
    /// The later night whose lists stay in use, where this is a past one.
    pub in_use: Option<NightId>,
    /// People scored.
    pub n_scored: usize,
    /// Of these, people whom no team covers.
    pub n_without_team: usize,
    /// Lines on all lists.
    pub n_lines: usize,
    /// Worklists, one per team.
    pub n_lists: usize,
    /// What the data engineer must look at although the night is published, a sentence each.
    pub warnings: Vec<String>,
    /// Why files that are refused are data incidents, one line each.
    pub incidents: Vec<String>,
    /// The revision without whoever was noted after it was published, and before the run ended.
    pub revised: Option<Revised>,
    /// Whether every team could be given the list in use when the run ended.
    pub given: Given,
}

/// Runs a night: settles what has arrived, scores the cohort, makes the lists, and publishes them with one rename.
/// What has arrived is kept only once the lists made from it may be shown: a night that is held leaves no trace.
///
/// # Errors
/// * [`crate::error::Kind::NothingToDo`] when the same night, or where no date is named a later one, stands already.
/// * [`crate::error::Kind::Extract`], [`crate::error::Kind::Model`], [`crate::error::Kind::Held`], [`crate::error::Kind::Storage`], [`crate::error::Kind::Locked`], [`crate::error::Kind::Permission`]:
///   as their names say. Whatever the error, the night before stays current.
pub fn run(settings: &Settings, request: &Request, disk: &dyn Disk, progress: &mut Progress) -> Result<Outcome> {
    // First of all, for a service that may not run yet should hear of this and not of its keys.
    CodeLists::of(settings)?;
    let keys = Keys::of(settings)?;
    let (outcome, revised, given) =
        holding(settings, disk, |store| tonight(store, &keys, settings, request, progress))?;
    Ok(Outcome { revised: revised.or(outcome.revised), given, ..outcome })
}

/// The night itself, from beginning to end.
fn tonight(
    store: &Store,
    keys: &Keys,
    settings: &Settings,
    request: &Request,
    progress: &mut Progress,
) -> Result<Outcome> {
    // Before anything is read that takes long. What only arrives with additions is asked again below.
    let announced = teams_announced(settings, request.index_date);
    keys.hold_for(announced.iter().map(String::as_str)).map_err(|error| {
        error.also("what has arrived is not judged yet: `earlycall check` says whether it is refused")
    })?;
    let threads = request.threads.max(1);
    progress.stage("settling");
    let arrival = arrive(store, settings, threads, request.index_date, &Nobody)?;
    let history = &arrival.history;
    let teams: Vec<&str> = history.reference.team_ids().collect();
    deliver::check(settings, &teams)?;
    let routing = &Routing::of(settings, &history.reference.teams)?;
    keys.hold_for(teams)?;
    let index_date = index_date(history, request.index_date)?;
    if let Some(Place::Stands(night, why)) = which::later(store, history, request, index_date)? {
        return publish::finish_again(night, &why, arrival, store, settings, keys);
    }
    let view = history.view(index_date);
    let threads = pass::threads_within(&settings.run, history, threads);
    let supply = Supply::under(history, &view, &settings.rules, threads)?;
    let model = Chosen::for_supply(settings, &history.lists, &supply)?;
    let expired = model_store::age::check(&model.artefact, settings, index_date)?;
    record::refuse_lost_entries(settings.output_folder(), &history.register)?;
    let before = Before::read(store, index_date, &model.artefact.checksum, keys)?;
    let forgotten = Forgotten::by(&arrival)?;
    let mut log = log::kept(settings)?;
    log.forget(|person| forgotten.has(person));
    let newest_night = store.nights()?.last().map(|night| night.index_date);
    let mut trial = Trial::on(index_date + 1, settings, keys, &history.ledger.merged, newest_night, &forgotten)?;
    let inputs = record::Inputs::of(history, settings, &model, before.as_ref(), &log, trial.as_ref(), index_date);
    let night = match which::place(store, history, &inputs, index_date, request.revise)? {
        Place::Free(night) => night,
        Place::Stands(night, why) => return publish::finish_again(night, &why, arrival, store, settings, keys),
    };

    let mut verdict = Verdict::new(settings, index_date, store.nights()?.pop())?;
    let n_known = before.as_ref().map_or(0, |before| before.n_deliveries);
    verdict.let_pass_on_arrival(history.set_aside_since(n_known, index_date)?);
    verdict.hear_of_arrival(history.found_since(n_known)?);
    let beside = Beside::of(history, settings, index_date, &model.artefact.snapshot)?;
    let supply = supply.with_late(&beside.ages_days_max, index_date);
    let said: Vec<String> =
        which::of_its_evening(history, index_date, request.index_date).into_iter().chain(expired).collect();
    let left = [beside.about_nobody, arrival.waiting.clone(), arrival.without_basis.clone()].concat();
    let held = verdict.take(beside.findings);
    held.map_err(|held| {
        warned_beside(
            held,
            [said.clone(), page::of_arrival(history, &settings.rules), verdict.warnings(), left.clone()].concat(),
        )
    })?;
    let late = Lateness::of(&beside.late);

    progress.stage("reading and scoring");
    let feeds = supply.feeds(&model.artefact.without);
    let fates = Fates::of(history, &view, &feeds, settings, threads)?;
    let at = Circumstances::of(&history.reference, index_date, &feeds, settings, &fates);
    let pass = Pass { history, view, at, threads, steps: progress.steps("buckets") };
    let (cohort, findings) = score::everybody(&pass, &model, routing, &Limits::of(&settings.rules))?;
    progress.handled(cohort.n_people(), "people");

    progress.stage("choosing");
    let scored = Scored::new(&cohort, &model, routing, before.as_ref());
    let replaced = before::replaced(store, night, keys)?;
    let (scored, before) = (&scored, before.as_ref());
    let (replaced, findings, late) = (&replaced, &findings, &late);
    let teams = &history.reference.teams.clone();
    let contacted = &ByPathway::of(|pathway| {
        Contacted::of(&log, pathway, &history.ledger.merged, index_date + 1, &settings.contacts)
    });
    let standing = lists::Standing {
        scored,
        before,
        replaced,
        keys,
        settings,
        findings,
        late,
        contacted,
        teams,
        routing,
        feeds: &feeds,
        index_date,
    };
    let chosen = choose::choose(&standing, trial.as_mut(), threads)?;

    progress.stage("lines");
    let pass = Pass { steps: progress.steps("buckets"), ..pass };
    let left_to = LeftTo::of(&standing);
    let lists =
        lists::write(&chosen, &standing, &pass, &model, &leads::WeekBefore::read(store, index_date)?, &left_to)?;
    progress.handled(lists.iter().map(|list| list.lines.len() as u64).sum(), "lines");
    let leaving = leaving(&standing, &history.reference, index_date);
    let held = gate::judge(&standing, &lists).and_then(|()| {
        verdict.take(gate::beside_others(&standing, &model.artefact, &leaving, &history.reference, store, index_date)?)
    });
    let sources =
        page::Sources { settings, history, supply: &supply, keys, model: &model, before, scored, verdict: &verdict };
    let found_without_team = choose::without_team(&standing);
    let unowned = found_without_team.iter().map(|(pathway, n)| {
        format!("{n} people whom a rule of {pathway} finds are on no list of it: no team's scope in reference_teams covers them")
    });
    let warnings = [said, page::warnings(&sources), unowned.collect(), left].concat();
    held.map_err(|held| warned_beside(held, [warnings.clone(), findings.warnings()].concat()))?;
    let page = page::page(night, &sources);
    let (gaps, part_read) = (history.gaps().cloned().collect(), history.ledger.part_read.clone());
    let ready = publish::Ready {
        night,
        page,
        standing,
        chosen,
        found_without_team,
        left_to,
        lists,
        inputs,
        trial,
        supply,
        gaps,
        part_read,
        leaving,
        warnings,
        verdict,
        forgotten,
    };
    if request.dry_run {
        return Ok(ready.outcome(None, &Gone::default()));
    }

    progress.stage("publishing");
    publish::publish(ready, arrival, store, settings, progress)
}

/// The practices that have left, if there is a night before that knew them.
fn leaving(standing: &lists::Standing, reference: &Reference, index_date: Day) -> Leaving {
    let (tonight, overrides) = (standing.scored.cohort.headcount(), &standing.settings.overrides);
    let of = |before: &Before| Leaving::of(tonight, &before.then, reference, overrides, index_date);
    standing.before.map(of).unwrap_or_default()
}

/// What holds a night, told with the warnings of one that is not held: they may say why.
fn warned_beside(held: Error, warnings: Vec<String>) -> Error {
    held.beside(warnings.into_iter().map(|warning| format!("warning: {warning}")))
}
