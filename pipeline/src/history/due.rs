//! Which deliveries are still to be settled, and whether they may be.
//!
//! Deliveries are settled in the order of their extraction. One that was extracted before another of the same table and
//! provider that is settled already is refused: its full tables would take back, and its rows overrule, what is known
//! better since, objections among it.

use crate::{
    day::Instant,
    error::{Error, Result},
    extract::{
        self,
        delivery::{DeliveryFolder, MANIFEST},
    },
    history::{ledger::Ledger, seen::Seen},
    settings::Settings,
};

/// The deliveries that are not settled yet, in the order in which they are to be settled; `folders` are sorted. Of the
/// others it is noted what they look like.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] when a settled delivery has changed, a new one is under another key, or
///   comes too late.
pub fn deliveries<'a>(
    ledger: &Ledger,
    folders: &'a [DeliveryFolder],
    seen: &mut Seen,
    threads: usize,
) -> Result<Vec<&'a DeliveryFolder>> {
    let mut new = Vec::new();
    for folder in folders {
        let id = &folder.manifest.extract_id;
        match ledger.deliveries.iter().find(|settled| settled.extract_id == *id) {
            None => {
                refuse_another_key(ledger, folder)?;
                refuse_late(ledger, folder)?;
                new.push(folder);
            }
            Some(settled) if settled.manifest_sha256 == folder.manifest_sha256 => {
                let known = seen.of(&folder.manifest_sha256);
                let looks = extract::delivery::verify(folder, &settled.not_settled(), &known, threads)?;
                seen.note(&folder.manifest_sha256, looks);
            }
            Some(_) => {
                let what = "the manifest has changed since the delivery was settled";
                let what_to_do = "a correction is a delivery of its own, with another extract_id";
                return Err(refused(folder, what, what_to_do).rule("V01"));
            }
        }
    }
    Ok(new)
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

fn refuse_late(ledger: &Ledger, folder: &DeliveryFolder) -> Result<()> {
    let manifest = &folder.manifest;
    for file in &manifest.files {
        let provider = manifest.provider_of(file);
        let newest = ledger.supply(&file.table, &provider).and_then(|supply| Instant::parse(&supply.newest));
        if newest.is_some_and(|newest| manifest.extracted_at < newest) {
            let (table, late) = (&file.table, manifest.extracted_at);
            return Err(refused(
                folder,
                format!("was extracted at {late}, before a delivery of {table} by {provider} that is settled already"),
                "have these tables extracted anew; or point [state] at an empty folder while all deliveries are still \
                 there: they are then settled in the order of their extraction",
            )
            .rule("AHEAD"));
        }
    }
    Ok(())
}

fn refused(folder: &DeliveryFolder, what: impl Into<String>, what_to_do: &str) -> Error {
    Error::refused(what, what_to_do).file(folder.place(MANIFEST))
}
