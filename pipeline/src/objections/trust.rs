//! Whether the delivered lists of objections may be relied on (V31), and whether the national data opt-out may still be
//! left out (R6). Both obey the newest extract, whatever night is run.

use std::collections::BTreeMap;

use earlycall_schemas::rules::Action;
use serde::{Deserialize, Serialize};

use crate::{
    day::Day,
    error::{Error, Kind as ErrorKind, Result},
    objections::Kind,
    quality::{finding::Finding, set_aside::SetAside},
    settings::Settings,
};

/// What is settled of the list of one kind of objection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct ListState {
    /// People whose newest entry is a dissent.
    pub dissents: u64,
    /// The newest day on which it was checked at its source, if any entry says so.
    pub checked_on: Option<Day>,
}

/// The lists by kind; a kind without a row is not here.
pub type Lists = BTreeMap<Kind, ListState>;

/// So many people may take their objection back without a word, however short the list: people do change their minds.
const FALL_MIN: u64 = 5;

/// Stops a run whose lists of objections may not be whole: one that is expected and not there or not checked lately, or
/// one that has lost too many people since the last. Tells what of the last somebody answers for.
///
/// # Errors
/// * [`ErrorKind::Extract`] when a list may not be relied on.
/// * [`ErrorKind::Settings`] when the exemption from the national data opt-out has expired.
pub fn judge(before: &Lists, now: &Lists, newest_extract: Option<Day>, settings: &Settings) -> Result<Vec<SetAside>> {
    let Some(newest_extract) = newest_extract else { return Ok(Vec::new()) };
    refuse_expired(newest_extract, settings)?;
    // First what a list has lost, for an empty one is also old, and its numbers say more.
    let fallen =
        before.iter().map(|(kind, then)| refuse_fallen(*kind, then.dissents, now.get(kind), newest_extract, settings));
    let fallen: Vec<SetAside> = fallen.filter_map(Result::transpose).collect::<Result<_>>()?;
    if settings.extracts.no_objections_recorded.is_none() {
        for kind in settings.objections.expected(settings.is_research()) {
            refuse_stale(kind, now.get(&kind), newest_extract, settings.objections.max_age_days)?;
        }
    }
    Ok(fallen)
}

/// Stops a run in whose lists too many of the people before are missing without having taken their objection back, however
/// many others have come. Tells what of that somebody answers for.
///
/// # Errors
/// * [`ErrorKind::Extract`] when a list may not be relied on, and nobody answers for that.
pub fn judge_vanished(
    before: &Lists,
    vanished: &BTreeMap<Kind, u64>,
    newest_extract: Option<Day>,
    settings: &Settings,
) -> Result<Vec<SetAside>> {
    let Some(newest_extract) = newest_extract else { return Ok(Vec::new()) };
    let mut set_aside = Vec::new();
    for (kind, gone) in vanished {
        let then = before.get(kind).map_or(0, |list| list.dissents);
        if *gone <= may_lose(then, settings) {
            continue;
        }
        let message =
            format!("{gone} of {then} people are gone from the list of {kind} objections, and none took it back");
        set_aside.push(settings.overrides.admit(not_whole(message), newest_extract - 1)?);
    }
    Ok(set_aside)
}

/// R6: after its last day the exemption counts no longer.
fn refuse_expired(newest_extract: Day, settings: &Settings) -> Result<()> {
    match settings.objections.exemption() {
        Some(exemption) if exemption.expires < newest_extract => Err(Error::new(
            ErrorKind::Settings,
            format!("the exemption from the national data opt-out ended on {}", exemption.expires),
        )
        .setting("objections.ndo_exemption")
        .rule("R6")
        .hint("have it decided anew, or set ndo_policy = \"apply\" and remove it")),
        _ => Ok(()),
    }
}

fn refuse_stale(kind: Kind, list: Option<&ListState>, newest_extract: Day, max_age_days: i32) -> Result<()> {
    let what = match list.map(|list| list.checked_on) {
        None => "has no row".to_owned(),
        Some(None) => "does not say when it was last checked at its source (checked_at)".to_owned(),
        Some(Some(day)) if newest_extract - day > max_age_days => {
            let (when, days) = (day.in_words(), newest_extract - day);
            format!("was last checked at its source on {when}, {days} days before the newest extract")
        }
        Some(Some(_)) => return Ok(()),
    };
    let what_to_do = format!(
        "ask the supplier for a list that was checked within {max_age_days} days ([objections] max_age_days); a kind that \
         nobody sends does not belong in [objections] expect"
    );
    let what = format!("the list of {kind} objections {what}");
    Err(Error::refused(what, what_to_do).file("opt_outs").rule("V31"))
}

/// A list that has shrunk is one that did not arrive whole, and a call to somebody who said no. Somebody may answer for a
/// shorter list, and nobody for an empty one.
fn refuse_fallen(
    kind: Kind,
    then: u64,
    list: Option<&ListState>,
    newest_extract: Day,
    settings: &Settings,
) -> Result<Option<SetAside>> {
    let now = list.map_or(0, |list| list.dissents);
    let lost = then.saturating_sub(now);
    if lost == 0 || (list.is_some() && lost <= may_lose(then, settings)) {
        return Ok(None);
    }
    let finding = not_whole(format!("the list of {kind} objections fell from {then} people to {now}"));
    match list {
        Some(_) => settings.overrides.admit(finding, newest_extract - 1).map(Some),
        None => Err(finding.into_error()),
    }
}

/// So many of the people of a list may go without a word.
fn may_lose(then: u64, settings: &Settings) -> u64 {
    ((settings.gate.objections_fall_max * then as f64) as u64).max(FALL_MIN)
}

fn not_whole(message: String) -> Finding {
    Finding { rule: "V31", action: Action::Run, table: "opt_outs".to_owned(), provider: None, message }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const EXTRACT: &str = "2026-11-21";

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn list(dissents: u64, checked_on: &str) -> ListState {
        ListState { dissents, checked_on: Day::parse(checked_on) }
    }

    fn settings(text: &str) -> Settings {
        Settings::parse(text, Path::new("")).unwrap()
    }

    #[track_caller]
    fn fall(then: u64, now: u64, is_refused: bool) {
        let lists = |dissents| Lists::from([(Kind::Programme, list(dissents, EXTRACT))]);
        let settings = settings("[profile]\nkind = \"research\"");
        let judged = judge(&lists(then), &lists(now), Some(day(EXTRACT)), &settings);
        assert_eq!(judged.is_err(), is_refused, "from {then} to {now}");
    }

    #[test]
    fn a_list_may_lose_one_in_twenty_and_no_more() {
        fall(1000, 950, false);
        fall(1000, 949, true);
        fall(1000, 2000, false);
        // A few withdrawals on a short list are people, not a fault.
        fall(20, 15, false);
        fall(20, 14, true);
        fall(3, 0, false);
    }

    #[test]
    fn a_short_list_without_any_entry_is_one_that_did_not_arrive() {
        let before = Lists::from([(Kind::Programme, list(3, EXTRACT))]);
        let settings = settings("[profile]\nkind = \"research\"");
        let error = judge(&before, &Lists::new(), Some(day(EXTRACT)), &settings).unwrap_err().to_string();
        assert!(error.contains("programme objections fell from 3 people to 0"), "{error}");
    }

    #[test]
    fn of_an_emptied_list_that_is_expected_too_its_numbers_are_told() {
        let before = Lists::from([(Kind::Type1, list(12, EXTRACT)), (Kind::NationalDataOptOut, list(9, EXTRACT))]);
        let told = judge(&before, &Lists::new(), Some(day(EXTRACT)), &settings("")).unwrap_err().to_string();
        assert!(
            told.starts_with("opt_outs, rule V31: the list of type1 objections fell from 12 people to 0"),
            "{told}"
        );
    }

    #[test]
    fn somebody_may_answer_for_a_shorter_list_until_a_day_and_nobody_for_an_empty_one() {
        let settings = settings(
            "[profile]\nkind = \"research\"\n[[override]]\nrule = \"V31\"\nname = \"A\"\nreason = \"moved\"\n\
             until = \"2026-11-20\"",
        );
        let lists = |dissents| Lists::from([(Kind::Programme, list(dissents, EXTRACT))]);
        let judge = |extracted: &str, now| judge(&lists(1000), &lists(now), Some(day(extracted)), &settings);
        let told: Vec<String> = judge(EXTRACT, 500).unwrap().iter().map(SetAside::in_words).collect();
        assert_eq!(
            told,
            [
                "opt_outs, rule V31: the list of programme objections fell from 1000 people to 500; A lets it pass until 20 \
              November 2026: moved"
            ]
        );
        let ended = judge("2026-11-22", 500).unwrap_err().to_string();
        assert!(ended.contains("to 500; the override by A ended on 20 November 2026; hint: "), "{ended}");
        let empty = super::judge(&lists(1000), &Lists::new(), Some(day(EXTRACT)), &settings);
        assert!(empty.is_err(), "a list without a row");
    }

    #[test]
    fn each_list_is_held_against_itself() {
        let settings = settings("[profile]\nkind = \"research\"");
        let before = Lists::from([(Kind::Type1, list(100, EXTRACT)), (Kind::NationalDataOptOut, list(100, EXTRACT))]);
        let after = Lists::from([(Kind::Type1, list(200, EXTRACT)), (Kind::NationalDataOptOut, list(90, EXTRACT))]);
        let error = judge(&before, &after, Some(day(EXTRACT)), &settings).unwrap_err().to_string();
        assert!(error.contains("national_data_opt_out objections fell from 100 people to 90"), "{error}");
    }

    #[track_caller]
    fn stale(now: &[(Kind, ListState)], text: &str, expected: Option<&str>) {
        let judged = judge(&Lists::new(), &now.iter().copied().collect(), Some(day(EXTRACT)), &settings(text));
        match expected {
            None => assert_eq!(judged, Ok(Vec::new())),
            Some(words) => {
                let error = judged.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Extract);
                assert!(error.to_string().contains(words) && error.to_string().contains("V31"), "{error}");
            }
        }
    }

    #[test]
    fn an_expected_list_is_there_and_was_checked_within_a_week() {
        let type1 = (Kind::Type1, list(9, EXTRACT));
        let ndo = |checked_on| (Kind::NationalDataOptOut, list(9, checked_on));
        stale(&[type1, ndo("2026-11-14")], "", None);
        stale(&[type1, ndo("2026-11-13")], "", Some("national_data_opt_out objections was last checked"));
        stale(&[type1, ndo("never")], "", Some("does not say when"));
        stale(&[type1], "", Some("national_data_opt_out objections has no row"));
        stale(&[type1, ndo("2026-11-20")], "[objections]\nmax_age_days = 0", Some("20 November 2026, 1 days before"));
        stale(&[type1], "[objections]\nexpect = [\"type1\"]", None);
        stale(&[], "[profile]\nkind = \"research\"", None);
        stale(&[], "[extracts]\nno_objections_recorded = { name = \"A\", reason = \"none yet\" }", None);
    }

    #[test]
    fn an_exemption_counts_to_its_last_day() {
        let until = |expires: &str| {
            let text = format!(
                "[objections]\nexpect = []\nndo_policy = \"exempt\"\n\
                 ndo_exemption = {{ reference = \"CAG 1\", approver = \"A. Guardian\", expires = \"{expires}\" }}"
            );
            judge(&Lists::new(), &Lists::new(), Some(day(EXTRACT)), &settings(&text))
        };
        assert_eq!(until(EXTRACT), Ok(Vec::new()));
        let error = until("2026-11-20").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Settings);
        assert!(error.to_string().contains("R6"), "{error}");
    }
}
