//! Taking in a file of contacts: whole or not at all. What cannot wait, a death or an objection, is noted at once and leaves
//! the list in use; everything else counts from the next night on.

use std::{collections::BTreeSet, fs::File, io::Read, path::Path};

use earlycall_schemas::contacts::Effect;

use super::{
    Handed,
    found::{self, Found},
    log::{Log, Taken},
    sheet, table,
};
use crate::{
    error::{Error, Kind, Result},
    history::records::PersonKey,
    keys::Keys,
    objections::{
        Kind as ObjectionKind,
        held::Held,
        note::{Note, Noted},
        register::Matter,
    },
    settings::Settings,
    store::{self, disk::Disk, nights},
};

/// The largest file: many times a year of contacts, or any list.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// How the Excel files of worklists begin, and all files of their kind.
const XLSX: &[u8] = b"PK\x03\x04";

/// What came of a file.
#[derive(Debug)]
pub struct Added {
    /// Its contacts.
    pub taken: Taken,
    /// Lines whose persons were removed from the list since: nothing is taken of them.
    pub n_removed: usize,
    /// Contacts about people who object: nothing is kept of them.
    pub n_objecting: usize,
    /// Contacts that name a night which was never published here (V41).
    pub n_of_unknown_night: usize,
    /// Deaths that coaches heard of, if there are any.
    pub deaths: Option<Noted>,
    /// Objections that coaches heard of, if there are any.
    pub objections: Option<Noted>,
}

/// Takes in a file of contacts, `coach_contacts` in CSV or a worklist's own Excel file. Handing in the same file again
/// changes nothing.
///
/// # Errors
/// * [`Kind::Extract`] when the file is refused: its row and column, and what to do. Then nothing of it is taken.
/// * [`Kind::Storage`], [`Kind::Permission`] when the night of a list cannot be read, or what is noted cannot be written:
///   handing the file in once more then does what is left.
pub fn add(file: &Path, by: &str, settings: &Settings, disk: &dyn Disk) -> Result<Added> {
    let read = || read(&bytes(file)?, by, settings);
    let Found { handed, n_removed } = read().map_err(|error| error.file(file.display().to_string()))?;
    // What cannot wait, first: should this be cut short, nobody is called who has died or said no.
    let is_dead =
        |handed: &&Handed| handed.contact.as_ref().is_some_and(|contact| contact.outcome.effect == Effect::Death);
    let deaths = note(handed.iter().filter(is_dead), Matter::Death, by, settings, disk)?;
    let programme = Matter::Objection(ObjectionKind::Programme);
    let objections = note(handed.iter().filter(|handed| handed.objects), programme, by, settings, disk)?;

    let state = settings.state_folder();
    store::make_own(disk, state)?;
    let held = Held::wait(state)?;
    let objecting = objecting(&held, settings);
    let mut contacts: Vec<_> = handed.into_iter().filter_map(|handed| handed.contact).collect();
    let n_all = contacts.len();
    contacts.retain(|contact| !objecting.contains(&contact.person_id));
    let n_objecting = n_all - contacts.len();
    let published: BTreeSet<String> =
        nights::published(settings.output_folder())?.iter().map(ToString::to_string).collect();
    let of_unknown_night = contacts.iter().filter_map(|contact| contact.worklist_run_id.as_ref());
    let n_of_unknown_night = of_unknown_night.filter(|run| !published.contains(*run)).count();
    let mut log = Log::read(state)?;
    let taken = log.add(contacts);
    if taken.n_new + taken.n_corrected > 0 {
        log.write(state, &held, disk)?;
    }
    Ok(Added { taken, n_removed, n_objecting, n_of_unknown_night, deaths, objections })
}

/// What a file hands in, of whichever of the two kinds it is.
fn read(bytes: &[u8], by: &str, settings: &Settings) -> Result<Found> {
    match bytes.starts_with(XLSX) {
        true => found::find(sheet::read(bytes)?, settings.output_folder(), &Keys::of(settings)?, by),
        false => Ok(Found { handed: table::read(bytes)?, n_removed: 0 }),
    }
}

fn bytes(file: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let failed = |error: std::io::Error| Error::new(Kind::Usage, format!("cannot be read: {error}"));
    File::open(file).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(Error::refused("is larger than any file of contacts", "hand in smaller parts"));
    }
    Ok(bytes)
}

/// Notes a matter of some people, if there are any.
fn note<'a>(
    of: impl Iterator<Item = &'a Handed>,
    matter: Matter,
    by: &str,
    settings: &Settings,
    disk: &dyn Disk,
) -> Result<Option<Noted>> {
    let people: BTreeSet<PersonKey> = of.map(|handed| handed.person).collect();
    if people.is_empty() {
        return Ok(None);
    }
    let why = "told a coach".to_owned();
    let note = Note { people: people.into_iter().collect(), matter, takes_back: false, by: by.to_owned(), why };
    note.write_down(settings, disk).map(Some)
}

/// Who objects by the service's own register.
fn objecting(held: &Held, settings: &Settings) -> BTreeSet<PersonKey> {
    let removes = |matter: &Matter| matches!(matter, Matter::Objection(kind) if settings.objections.removes(*kind));
    let in_force = held.register().in_force().into_iter();
    in_force.filter(|(_, matters)| matters.iter().any(removes)).map(|(person, _)| person).collect()
}
