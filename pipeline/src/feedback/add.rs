//! Taking in a file of contacts: whole or not at all. What cannot wait, a death or an objection, is noted at once and leaves
//! the list in use; everything else counts from the next night on.

use std::{collections::BTreeSet, fs::File, io::Read, path::Path};

use earlycall_schemas::contacts::Effect;

use super::{
    Contact, Handed, Name,
    found::{self, Found},
    log::{self, Log, Taken},
    offered,
    service::Service,
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
    store::{self, disk::Disk},
};

/// The largest file: many times a year of contacts, or any list.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// How the Excel files of worklists begin, and all files of their kind.
const XLSX: &[u8] = b"PK\x03\x04";

/// What came of a file.
#[derive(Debug, Default)]
pub struct Added {
    /// Its contacts.
    pub taken: Taken,
    /// Lines whose persons were removed from the list since: nothing is taken of them.
    pub n_removed: usize,
    /// Contacts about people who object: nothing is kept of them.
    pub n_objecting: usize,
    /// Contacts that name a night which was never published here (V41).
    pub n_of_unknown_night: usize,
    /// Contacts of teams that have no list here.
    pub n_of_unknown_team: usize,
    /// Contacts about people whom the newest night does not score.
    pub n_not_scored: usize,
    /// Contacts that were taken back.
    pub n_taken_back: usize,
    /// Contacts that said somebody had died and say so no longer: the death stays noted.
    pub n_still_dead: usize,
    /// Deaths that coaches heard of, if there are any.
    pub deaths: Option<Noted>,
    /// Objections that coaches heard of, if there are any.
    pub objections: Option<Noted>,
}

impl Added {
    /// Whether every team could be given the list without whoever has died or objects.
    ///
    /// # Errors
    /// * [`Kind::Storage`], [`Kind::Permission`] when one could not. The file is taken in all the same.
    pub fn given(&self) -> Result<()> {
        [&self.deaths, &self.objections].into_iter().flatten().try_for_each(Noted::given)
    }
}

/// Takes in a file of contacts, `coach_contacts` in CSV or a worklist's own Excel file. Handing in the same file again
/// changes nothing. A team that cannot be given its list keeps nothing from being taken in ([`Added::given`]).
///
/// # Errors
/// * [`Kind::Extract`] when the file is refused: its row and column, and what to do. Then nothing of it is taken.
/// * [`Kind::Storage`], [`Kind::Permission`] when the night of a list cannot be read, or what is noted cannot be written:
///   handing the file in once more then does what is left.
pub fn add(file: &Path, by: &str, settings: &Settings, disk: &dyn Disk) -> Result<Added> {
    let state = settings.state_folder();
    store::make_own(disk, state)?;
    let read = || {
        let (bytes, log, service) = (bytes(file)?, log::kept(settings)?, Service::of(settings)?);
        let found = read(&bytes, by, &log, &service, settings)?;
        service.refuse(&found.handed, &log)?;
        Ok((found, log, service))
    };
    let (found, log, service) = read().map_err(|error: Error| error.file(file.display().to_string()))?;
    let Found { handed, n_removed } = found;
    // What cannot wait, first: should this be cut short, nobody is called who has died or said no. What the log knows already
    // was noted then, and may have been taken back since.
    let known = log.by_name();
    let is_dead = |handed: &&Handed| {
        let of = handed.contact.as_ref().filter(|contact| contact.outcome.effect == Effect::Death);
        of.is_some_and(|contact| known.get(&contact.name()) != Some(&contact))
    };
    let deaths = note(handed.iter().filter(is_dead), Matter::Death, by, settings, disk)?;
    let programme = Matter::Objection(ObjectionKind::Programme);
    let objections = note(handed.iter().filter(|handed| handed.objects), programme, by, settings, disk)?;
    let kept = keep(handed, &service, settings, disk)?;
    Ok(Added { n_removed, deaths, objections, ..kept })
}

/// Keeps what was handed in, but for people who object.
fn keep(handed: Vec<Handed>, service: &Service, settings: &Settings, disk: &dyn Disk) -> Result<Added> {
    let held = Held::wait(settings.state_folder())?;
    let objecting = objecting(&held, settings);
    let taken_back: BTreeSet<Name> = handed.iter().filter_map(|handed| handed.taken_back.clone()).collect();
    let mut contacts: Vec<Contact> = handed.into_iter().filter_map(|handed| handed.contact).collect();
    let n_all = contacts.len();
    contacts.retain(|contact| !objecting.contains(&contact.person_id));
    let mut added = Added { n_objecting: n_all - contacts.len(), ..service.counted(&contacts) };
    // Read under the lock: another hand may have been quicker.
    let mut log = log::kept(settings)?;
    let is_dead = |contact: &&Contact| contact.outcome.effect == Effect::Death;
    let dead: BTreeSet<Name> = log.contacts().iter().filter(is_dead).map(Contact::name).collect();
    let no_longer = contacts.iter().filter(|contact| !is_dead(contact) && dead.contains(&contact.name())).count();
    added.n_still_dead = no_longer + taken_back.intersection(&dead).count();
    added.n_taken_back = log.take_back(&taken_back);
    added.taken = log.add(contacts);
    if added.taken.n_new + added.taken.n_corrected + added.n_taken_back > 0 {
        log.write(settings.state_folder(), &held, disk)?;
    }
    Ok(added)
}

/// What a file hands in, of whichever of the two kinds it is.
fn read(bytes: &[u8], by: &str, log: &Log, service: &Service, settings: &Settings) -> Result<Found> {
    if bytes.starts_with(XLSX) {
        return found::find(sheet::read(bytes)?, settings.output_folder(), &Keys::of(settings)?, by);
    }
    let mut handed = table::read(bytes)?;
    let on_nights = service.offered_on_nights(&handed)?;
    offered::tell(&mut handed, &service.offered, &on_nights, log);
    Ok(Found { handed, n_removed: 0 })
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
