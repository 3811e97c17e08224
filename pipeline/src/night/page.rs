//! What stands on every page of a night: dates of the feeds, and everything that a reader must know first.

use std::collections::BTreeSet;

use earlycall_schemas::{
    codelists::{acute_trust_name, cluster_names},
    table::{TableSpec, table},
};

use crate::{
    history::{History, Reference, gaps::Gap, part_read::PartRead},
    keys::Keys,
    model_store::Chosen,
    night::{Before, verdict::Verdict},
    score::Scored,
    settings::{Rules, Settings},
    store::nights::NightId,
    supply::Supply,
    worklist::{compose::capitalised, line::Page, owner::Team},
};

/// A feed whose date is shown.
struct Shown {
    table: &'static str,
    words: String,
    /// What its absence means for the reader.
    absence: String,
}

/// The feeds that every service has: the table, what it is called, and what its absence means.
const FEEDS: [(&str, &str, &str); 5] = [
    ("gp_events", "GP records", "GP records are missing: the risk takes conditions from hospital stays alone."),
    ("gp_prescriptions", "Prescriptions", "Prescriptions are missing: the risk leaves them out."),
    ("apc_episodes", "Hospital stays", "Hospital stays are missing."),
    ("ed_attendances", "A&E attendances", "A&E attendances are missing: the risk leaves them out."),
    ("inpatients_now", "People in hospital now", "It is not known who is in hospital now: check before you call."),
];

/// The feeds whose dates are shown: those of every service, and the optional ones that this one asks for.
fn shown(supply: &Supply) -> impl Iterator<Item = Shown> {
    let of_every_service =
        FEEDS.map(|(table, words, absence)| Shown { table, words: words.to_owned(), absence: absence.to_owned() });
    let optional = supply.optional().map(|table| {
        let words = words_of(&table.name);
        Shown { table: &table.name, absence: format!("{words} are missing: the risk leaves them out."), words }
    });
    of_every_service.into_iter().chain(optional)
}

/// What a feed is called on a page.
pub fn words_of(name: &str) -> String {
    let words = match name {
        "deaths" => Some("Reports of deaths"),
        "opt_outs" => Some("The lists of objections"),
        "registrations" => Some("Registrations with practices"),
        "reference_practices" => Some("GP records"),
        name => FEEDS.iter().find(|(table, ..)| *table == name).map(|(_, words, _)| *words),
    };
    let optional = || table(name).and_then(|table| table.words.as_deref()).map(capitalised);
    words.map(str::to_owned).or_else(optional).unwrap_or_else(|| name.to_owned())
}

/// What a page is made from.
pub struct Sources<'a> {
    /// Profile and decisions.
    pub settings: &'a Settings,
    /// What is settled.
    pub history: &'a History,
    /// What each feed brings.
    pub supply: &'a Supply,
    /// Whether keys are public.
    pub keys: &'a Keys,
    /// The model.
    pub model: &'a Chosen,
    /// The night before.
    pub before: Option<&'a Before>,
    /// Everybody who is scored.
    pub scored: &'a Scored<'a>,
    /// What is set aside, and whose rows are late.
    pub verdict: &'a Verdict<'a>,
}

/// The page of a night.
pub fn page(night: NightId, sources: &Sources) -> Page {
    let date_of = |table: &str| sources.supply.newest(table).map_or("No data".to_owned(), |day| day.in_words());
    Page {
        run_id: night.to_string(),
        index_date: night.index_date,
        horizon_days: sources.settings.prediction.horizon_days.unsigned_abs(),
        outcome_in_words: sources.settings.prediction.outcome.in_words().to_owned(),
        average_risk: sources.scored.average_risk(),
        data_dates: shown(sources.supply).map(|feed| (feed.words, date_of(feed.table))).collect(),
        notices: notices(night, sources),
        model: sources.model.artefact.name.clone(),
    }
}

fn notices(night: NightId, sources: &Sources) -> Vec<String> {
    let Sources { settings, history, .. } = sources;
    let mut notices = Vec::new();
    let mut say = |holds: bool, notice: &str| notices.extend(holds.then(|| notice.to_owned()));
    say(settings.is_research(), "For research and demonstration only: not certified for the care of patients.");
    say(history.ledger.is_synthetic(), "The data are marked as synthetic: nobody on this list is a real patient.");
    let (n_missing, n_lists) = (history.lists.missing().len(), cluster_names().len());
    let which = if n_missing == n_lists { "The".to_owned() } else { format!("{n_missing} of {n_lists}") };
    let illustrative = format!("{which} lists of SNOMED CT codes are illustrative, so some conditions may be missed.");
    say(n_missing > 0, &illustrative);
    say(sources.keys.are_public(), "The keys are public ones: references of persons are not secret.");
    notices.extend(of_feeds(sources));
    let mut say = |holds: bool, notice: &str| notices.extend(holds.then(|| notice.to_owned()));
    let of_practices = history.ledger.gaps.iter().filter(|gap| gap.is_of_practice_record());
    let refused: BTreeSet<&str> = of_practices.map(|gap| gap.provider.as_str()).collect();
    let n = refused.len();
    let of = if n == 1 { "a practice were".to_owned() } else { format!("{n} practices were") };
    say(
        n > 0,
        &format!("The newest files of {of} refused: older records stand for its patients, and their lines say so."),
    );
    let part_read: BTreeSet<&str> = history.ledger.part_read.iter().map(|one| one.provider.as_str()).collect();
    let n = part_read.len();
    let of = if n == 1 { "a practice".to_owned() } else { format!("{n} practices") };
    say(n > 0, &format!("Most of the newest records of {of} could not be read: the lines of its patients say so."));
    if let Some(before) = sources.before {
        let date = before.night.index_date;
        say(date < night.index_date - 1, &format!("Changes are told against the list of {}.", date.in_words()));
        say(!before.has_same_model, "Another model scored the list before: risks are not compared with it.");
        say(before.n_lost > 0, "A team's key is new since the list before: some people cannot be compared with it.");
    }
    notices.extend(sources.verdict.notices());
    if let Some(exemption) = settings.objections.exemption() {
        notices.push(format!(
            "The national data opt-out is not applied: {}, decided by {}, until {}.",
            exemption.reference,
            exemption.approver,
            exemption.expires.in_words()
        ));
    }
    let has_objections = history.ledger.rows_of("opt_outs") > 0;
    if let Some(decision) = settings.extracts.no_objections_recorded.as_ref().filter(|_| !has_objections) {
        notices.push(format!("No list of objections was delivered; {} decided: {}.", decision.name, decision.reason));
    }
    notices
}

/// What the data engineer must look at although the night can be published: files that were refused, those of which most rows
/// were, feeds that are late or missing and the model that does without them, and what is odd beside other nights.
pub fn warnings(sources: &Sources) -> Vec<String> {
    let told = of_arrival(sources.history, &sources.settings.rules).into_iter().chain(of_feeds(sources));
    let idle = idle(sources.settings, &sources.history.reference);
    let told = told.chain(not_learnt_from(sources)).chain(without_list(sources)).chain(idle);
    told.chain(sources.verdict.warnings()).collect()
}

/// Decided owners and floors that do nothing, for a code is unknown or a share of the places is less than one.
fn idle(settings: &Settings, reference: &Reference) -> Vec<String> {
    let practices = reference.practices.iter().flat_map(|(code, row)| [code.as_str(), row.pcn_code.as_str()]);
    let boroughs = reference.areas.values().map(|area| area.lad_code.as_str());
    let known: BTreeSet<&str> = practices.chain(boroughs).collect();
    let owners = settings.owners.iter().flat_map(|owner| owner.codes.iter().map(|code| ("owner", code)));
    let floors = settings.floors.iter().flat_map(|floor| floor.codes.iter().map(|code| ("floor", code)));
    let is_unknown =
        |code: &str, key: &str| !known.contains(code) && (key == "floor" || acute_trust_name(code).is_none());
    let unknown = owners.chain(floors).filter(|(key, code)| is_unknown(code, key));
    let unknown =
        unknown.map(|(key, code)| format!("[[{key}]] names {code}, which is no practice, network or borough."));
    let capacity =
        |team_id: &str| reference.teams.iter().find(|team| team.team_id == team_id).map(|team| team.weekly_capacity);
    let empty = settings
        .floors
        .iter()
        .filter(|floor| capacity(&floor.team_id).is_some_and(|places| floor.share * f64::from(places) + 1e-9 < 1.0));
    let empty =
        empty.map(|floor| format!("[[floor]] of {} keeps no place: its share is less than one.", floor.team_id));
    unknown.chain(empty).collect()
}

/// Teams that get no list, for their pathway has no rule, or none that can be asked.
fn without_list(sources: &Sources) -> Vec<String> {
    let can_ask = |table: &str| sources.supply.newest(table).is_some();
    let has_no_list = |team: &&Team| !sources.settings.pathways[team.pathway].is_offered(can_ask);
    let told = |team: &Team| {
        let asked = sources.settings.pathways[team.pathway].rules_in_force().flat_map(|rule| rule.asked_facts());
        let missing: BTreeSet<&str> = asked.map(|asked| asked.table()).filter(|table| !can_ask(table)).collect();
        let missing: Vec<&str> = missing.into_iter().collect();
        let why = match missing.as_slice() {
            [] => "has no rule".to_owned(),
            missing => format!("asks for what is not there or has no legal basis, {}", missing.join(", ")),
        };
        format!("{} gets no list: {} {why}.", team.team_id, team.pathway.code())
    };
    sources.history.reference.teams.iter().filter(has_no_list).map(told).collect()
}

/// What is known of that before anybody is scored: what has arrived and is not, or not wholly, in the lists.
pub fn of_arrival(history: &History, rules: &Rules) -> Vec<String> {
    let gaps = history.gaps().map(Gap::in_words);
    let part_read = history.ledger.part_read.iter().map(PartRead::in_words);
    gaps.chain(part_read).chain(history.told_of_mergers(rules)).collect()
}

/// Feeds that are late or missing, and the model that does without them.
fn of_feeds(sources: &Sources) -> Vec<String> {
    let late = shown(sources.supply).filter_map(|feed| told(&feed, sources.supply));
    let without = sources.model.without.iter();
    let without = without.map(|words| format!("Tonight's risks are those of a model trained without {words}."));
    late.chain(without).collect()
}

/// Optional tables that are there, and that no model has learnt from yet.
fn not_learnt_from(sources: &Sources) -> Vec<String> {
    let Sources { supply, model, .. } = sources;
    let is_unused = |table: &&TableSpec| model.artefact.without.contains(&table.name);
    // A variant does without more than is missing.
    let unused = supply.optional().filter(|_| model.variant.is_none()).filter(is_unused);
    let there = unused.filter(|table| !supply.is_missing(&table.name));
    there
        .map(|table| {
            format!("{} is there and the model has not learnt from it: train, and promote what is learnt", table.name)
        })
        .collect()
}

/// What must be said of a feed that is missing, has stopped, or is late.
fn told(feed: &Shown, supply: &Supply) -> Option<String> {
    if let Some(day) = supply.stopped_on(feed.table) {
        return Some(format!("{} stop on {}, too long ago to count. {}", feed.words, day.in_words(), feed.absence));
    }
    if supply.is_missing(feed.table) {
        return Some(feed.absence.clone());
    }
    let late = supply.late_since(feed.table);
    late.map(|day| format!("{} stop on {}: what came later is not known.", feed.words, day.in_words()))
}
