//! Which deliveries are still to be settled, and whether they may be.
//!
//! Deliveries are settled in the order of their extraction. One that was extracted before another of the same table and
//! provider that is settled already is refused: its full tables would take back, and its rows overrule, what is known
//! better since, objections among it.

use earlycall_schemas::rules::Action;

use crate::{
    day::Instant,
    error::{Error, Kind, Result},
    extract::{self, delivery::DeliveryFolder, manifest::Manifest},
    history::ledger::Ledger,
    quality::finding::Finding,
    settings::Settings,
};

/// The deliveries that are not settled yet, in the order in which they are to be settled; `folders` are sorted.
///
/// # Errors
/// * [`Kind::Extract`] when a settled delivery has changed, a new one is under another key, or comes too late.
pub fn deliveries<'a>(
    ledger: &Ledger,
    folders: &'a [DeliveryFolder],
    threads: usize,
) -> Result<Vec<&'a DeliveryFolder>> {
    let mut new = Vec::new();
    for folder in folders {
        let id = &folder.manifest.extract_id;
        match ledger.deliveries.iter().find(|settled| settled.extract_id == *id) {
            None => {
                refuse_another_key(ledger, &folder.manifest)?;
                refuse_late(ledger, &folder.manifest)?;
                new.push(folder);
            }
            Some(settled) if settled.manifest_sha256 == folder.manifest_sha256 => {
                extract::delivery::verify(folder, &settled.refused, threads)?
            }
            Some(_) => {
                return Err(refused(&folder.manifest, "the manifest has changed since the delivery was settled")
                    .rule("V01")
                    .hint("a correction is a delivery of its own, with another extract_id"));
            }
        }
    }
    Ok(new)
}

/// R31: production does not take in what is invented.
///
/// # Errors
/// * [`Kind::Extract`] when a delivery is marked as synthetic and the profile is production.
pub fn refuse_synthetic(new: &[&DeliveryFolder], settings: &Settings) -> Result<()> {
    match new.iter().find(|folder| folder.manifest.is_synthetic && !settings.is_research()) {
        None => Ok(()),
        Some(folder) => Err(refused(&folder.manifest, "is synthetic, and the production profile refuses it")
            .rule("R31")
            .hint("remove it, or set [profile] kind = \"research\"")),
    }
}

/// V31: a list of objections that has shrunk is a list that did not arrive whole, and a call to somebody who said no.
///
/// # Errors
/// * [`Kind::Extract`] when the list has become empty, or has lost more than the share that the settings allow.
pub fn refuse_lost_objections(before: Option<&Ledger>, after: &Ledger, settings: &Settings) -> Result<()> {
    let then = before.map_or(0, |ledger| ledger.rows_of("opt_outs"));
    let now = after.rows_of("opt_outs");
    let lost = then.saturating_sub(now);
    let may_lose = (settings.gate.objections_fall_max * then as f64) as u64;
    if lost == 0 || (now > 0 && lost <= may_lose.max(OBJECTIONS_LOST_MIN)) {
        return Ok(());
    }
    let finding = Finding {
        rule: "V31",
        action: Action::Run,
        table: "opt_outs".to_owned(),
        provider: None,
        message: format!("the list of objections fell from {then} rows to {now}"),
    };
    // Nobody can answer for a list that is empty.
    let is_set_aside = after.newest_extract().is_some_and(|day| settings.overrides.of(&finding, day - 1).is_some());
    if now > 0 && is_set_aside { Ok(()) } else { Err(finding.into_error()) }
}

/// As many rows may go without a word, however short the list: people do change their minds.
const OBJECTIONS_LOST_MIN: u64 = 5;

/// V02, against what is settled: its own folder may be gone by now.
fn refuse_another_key(ledger: &Ledger, manifest: &Manifest) -> Result<()> {
    match ledger.deliveries.last() {
        Some(settled) if settled.pseudonym_key_id != manifest.pseudonym_key_id => {
            let message =
                format!("the persons of delivery {} are under another `pseudonym_key_id`", settled.extract_id);
            Err(refused(manifest, message).rule("V02").hint("the same person would be two; have one key used for all"))
        }
        _ => Ok(()),
    }
}

fn refuse_late(ledger: &Ledger, manifest: &Manifest) -> Result<()> {
    for file in &manifest.files {
        let provider = manifest.provider_of(file);
        let newest = ledger.supply(&file.table, &provider).and_then(|supply| Instant::parse(&supply.newest));
        if newest.is_some_and(|newest| manifest.extracted_at < newest) {
            let (table, late) = (&file.table, manifest.extracted_at);
            return Err(refused(
                manifest,
                format!("was extracted at {late}, before a delivery of {table} by {provider} that is settled already"),
            )
            .hint(
                "have these tables extracted anew; or point [state] at an empty folder while all deliveries are still \
                 there: they are then settled in the order of their extraction",
            ));
        }
    }
    Ok(())
}

fn refused(manifest: &Manifest, message: impl Into<String>) -> Error {
    Error::new(Kind::Extract, message).file(format!("{}/manifest.json", manifest.extract_id))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::history::ledger::SettledDelivery;

    fn with_objections(rows: u64) -> Ledger {
        Ledger { rows: [("opt_outs".to_owned(), rows)].into(), ..Ledger::default() }
    }

    #[track_caller]
    fn check(then: u64, now: u64, is_refused: bool) {
        let settings = Settings::parse("", Path::new("")).unwrap();
        let judged = refuse_lost_objections(Some(&with_objections(then)), &with_objections(now), &settings);
        assert_eq!(judged.is_err(), is_refused, "from {then} to {now}");
    }

    #[test]
    fn somebody_may_answer_for_a_shorter_list_until_a_day_and_nobody_for_an_empty_one() {
        let text = "[[override]]\nrule = \"V31\"\nname = \"A\"\nreason = \"moved\"\nuntil = \"2026-11-20\"";
        let settings = Settings::parse(text, Path::new("")).unwrap();
        let judge = |extracted_at: &str, now| {
            let delivery = SettledDelivery { extracted_at: extracted_at.to_owned(), ..SettledDelivery::default() };
            let after = Ledger { deliveries: vec![delivery], ..with_objections(now) };
            refuse_lost_objections(Some(&with_objections(1000)), &after, &settings)
        };
        assert!(judge("2026-11-21T02:00:00Z", 500).is_ok());
        assert!(judge("2026-11-22T02:00:00Z", 500).is_err(), "it has ended");
        assert!(judge("2026-11-21T02:00:00Z", 0).is_err(), "an empty list");
    }

    #[test]
    fn a_list_of_objections_may_lose_one_in_twenty_and_no_more() {
        check(1000, 950, false);
        check(1000, 949, true);
        check(1000, 2000, false);
        // A few withdrawals on a short list are people, not a fault; an empty list always is one.
        check(20, 15, false);
        check(20, 14, true);
        check(3, 0, true);
    }
}
