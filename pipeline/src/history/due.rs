//! Which deliveries are still to be settled, and whether they may be.
//!
//! Deliveries are settled in the order of their extraction. One that was extracted before another of the same table and
//! provider that is settled already is refused: its full tables would take back, and its rows overrule, what is known
//! better since, objections among it.

use std::collections::BTreeSet;

use crate::{
    day::Instant,
    error::{Error, Result},
    extract::{
        self, Untrusted,
        delivery::{Arrived, DeliveryFolder, MANIFEST},
    },
    history::{
        ledger::{Ledger, SettledDelivery},
        seen::Seen,
    },
    settings::Settings,
};

/// What is still to be settled, and what of optional tables cannot be trusted.
#[derive(Debug, Default)]
pub struct New<'a> {
    /// Deliveries, in the order in which they are to be settled.
    pub deliveries: Vec<&'a DeliveryFolder>,
    /// New deliveries of optional tables alone, and altered files of settled ones.
    pub untrusted: Vec<Untrusted>,
}

/// The deliveries that are not settled yet; `folders` are sorted. Of the others it is noted what they look like.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] when a settled delivery has changed, a new one is under another key, or
///   comes too late. None of these is one where it is the fault of optional tables alone.
pub fn deliveries<'a>(
    ledger: &Ledger,
    folders: &'a [DeliveryFolder],
    seen: &mut Seen,
    settings: &Settings,
    threads: usize,
) -> Result<New<'a>> {
    let mut new = New::default();
    for folder in folders {
        match settled_as(ledger, folder) {
            Ok(Some(settled)) => {
                let known = seen.of(&folder.manifest_sha256);
                let (looks, altered) = extract::delivery::verify(folder, &settled.not_settled(), &known, threads)?;
                new.untrusted.extend(altered);
                seen.note(&folder.manifest_sha256, looks);
            }
            outcome => match outcome.and_then(|_| may_join(ledger, folder, settings)) {
                Ok(()) => new.deliveries.push(folder),
                Err(why) => new.untrusted.push(Untrusted::delivery(folder, why)?),
            },
        }
    }
    Ok(new)
}

/// As what a delivery is settled, if it is.
///
/// A delivery of optional tables alone may come under its old `extract_id` once more where every file of it was refused: it
/// has been mended, and nothing of it stands. Nor does one bar the way of what brings other tables.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] when its manifest has changed since.
fn settled_as<'l>(ledger: &'l Ledger, folder: &DeliveryFolder) -> Result<Option<&'l SettledDelivery>> {
    let manifest = &folder.manifest;
    let of_its_id = || ledger.deliveries.iter().filter(|settled| settled.extract_id == manifest.extract_id);
    if let Some(settled) = of_its_id().find(|settled| settled.manifest_sha256 == folder.manifest_sha256) {
        return Ok(Some(settled));
    }
    let is_refused = |settled: &SettledDelivery| manifest.files.iter().all(|file| settled.refused.contains(&file.file));
    let bars = |settled: &SettledDelivery| {
        !settled.of_optional_tables || (folder.is_of_optional_tables() && !is_refused(settled))
    };
    if of_its_id().any(bars) { Err(changed(folder)) } else { Ok(None) }
}

/// Refuses what is of optional tables alone under the `extract_id` of a settled delivery that brought others, where that does
/// not lie there as it was settled: it may have been overwritten, and have told who objects.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] when there is such a one.
pub fn refuse_overwritten(ledger: &Ledger, arrived: &Arrived) -> Result<()> {
    let folders = || arrived.deliveries.iter().chain(&arrived.set_aside);
    let lying: BTreeSet<&str> = folders().map(|folder| folder.manifest_sha256.as_str()).collect();
    let gone: BTreeSet<&str> = ledger
        .deliveries
        .iter()
        .filter(|settled| !settled.of_optional_tables && !lying.contains(settled.manifest_sha256.as_str()))
        .map(|settled| settled.extract_id.as_str())
        .collect();
    let mut of_optional_tables = folders().filter(|folder| folder.is_unread() || folder.is_of_optional_tables());
    if let Some(folder) = of_optional_tables.find(|folder| gone.contains(&*folder.manifest.extract_id)) {
        return Err(changed(folder));
    }
    let untrusted = arrived.untrusted.iter().find(|one| gone.contains(&*one.extract_id));
    untrusted.map_or(Ok(()), |one| Err(one.why.clone()))
}

fn changed(folder: &DeliveryFolder) -> Error {
    let what = "the manifest has changed since the delivery was settled";
    refused(folder, what, "a correction is a delivery of its own, with another extract_id").rule("V01")
}

/// Whether a new delivery may be settled on what is. What only its rows tell, and of most whether the profile and the
/// settings allow it, is asked when it is read; of optional tables alone all of it is asked here, for nothing of them is
/// settled then, and they are taken as soon as the answer is another.
fn may_join(ledger: &Ledger, folder: &DeliveryFolder, settings: &Settings) -> Result<()> {
    refuse_another_key(ledger, folder)?;
    if folder.is_of_optional_tables() {
        refuse_synthetic(&[folder], settings)?;
        extract::refuse_purpose(folder, settings)?;
        let stray = extract::delivery::strays(folder)?.into_iter().next();
        return stray.map_or(Ok(()), |(_, why)| Err(why));
    }
    let manifest = &folder.manifest;
    let of_others = manifest.files.iter().filter(|file| !extract::is_optional(&file.table));
    for file in of_others {
        refuse_late(ledger, folder, &file.table, &manifest.provider_of(file))?;
    }
    Ok(())
}

/// R31: production does not take in what is invented.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] when a delivery is marked as synthetic and the profile is production.
pub fn refuse_synthetic(new: &[&DeliveryFolder], settings: &Settings) -> Result<()> {
    match new.iter().find(|folder| folder.manifest.is_synthetic && !settings.is_research()) {
        None => Ok(()),
        Some(folder) => {
            let what_to_do = "remove it, or set [profile] kind = \"research\"";
            Err(refused(folder, "is synthetic, and the production profile refuses it", what_to_do).rule("R31"))
        }
    }
}

/// V02, against what is settled: its own folder may be gone by now.
fn refuse_another_key(ledger: &Ledger, folder: &DeliveryFolder) -> Result<()> {
    match ledger.deliveries.last() {
        Some(settled) if settled.pseudonym_key_id != folder.manifest.pseudonym_key_id => {
            let message = format!(
                "its persons are under another `pseudonym_key_id` than those of delivery {}, which is settled in \
                 `[state] folder`",
                settled.extract_id
            );
            Err(refused(folder, message, "the same person would be two; have one key used for all").rule("V02"))
        }
        _ => Ok(()),
    }
}

/// AHEAD: nothing comes behind what is settled of the same table and provider. Of an optional table its files alone are
/// refused by that.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] when a newer delivery is settled.
pub fn refuse_late(ledger: &Ledger, folder: &DeliveryFolder, table: &str, provider: &str) -> Result<()> {
    let late = folder.manifest.extracted_at;
    let newest = ledger.supply(table, provider).and_then(|supply| Instant::parse(&supply.newest));
    if newest.is_none_or(|newest| late >= newest) {
        return Ok(());
    }
    let what = format!("was extracted at {late}, before a delivery of {table} by {provider} that is settled already");
    let what_to_do = if extract::is_optional(table) {
        extract::send_again(table)
    } else {
        "have these tables extracted anew; or point [state] at an empty folder while all deliveries are still there: they are \
         then settled in the order of their extraction"
            .to_owned()
    };
    Err(refused(folder, what, &what_to_do).rule("AHEAD"))
}

fn refused(folder: &DeliveryFolder, what: impl Into<String>, what_to_do: &str) -> Error {
    Error::refused(what, what_to_do).file(folder.place(MANIFEST))
}
