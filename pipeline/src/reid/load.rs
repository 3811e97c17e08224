//! Taking in who people are and who may be told: checked whole, then kept in the place of what was there before.

use std::io::Read;

use super::{
    access::{self, Access},
    audit::{Audit, Loaded, What},
    clock, identities,
    place::Place,
    settings::Settings,
    who,
};
use crate::{
    encryption,
    error::{Error, Result},
    sha256::sha256,
    store::state_file::replace_in,
};

/// What may be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Table {
    /// Who each person is; sealed at once.
    IdentityMap,
    /// Who may be told of which team's people.
    UserAccess,
}

/// More than the identities of a country's region need.
const BYTES_MAX: u64 = 2 << 30;

/// Loads a table, and says how many rows it has. That it was loaded is in the audit before it is.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] when it is refused; then what was loaded before stands.
/// * [`crate::error::Kind::Storage`] when it cannot be read or kept.
pub fn load(place: &Place, settings: &Settings, table: Table, source: impl Read, name: &str) -> Result<u64> {
    let mut bytes = Vec::new();
    source
        .take(BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::storage(name.as_ref(), "read", &error))?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(Error::refused("is larger than 2 GB", "load the people of one area alone").file(name));
    }
    let (file, kept, n_rows) = checked(place, settings, table, &bytes).map_err(|error| error.file(name))?;
    let mut audit = Audit::open(place, settings)?;
    let loaded = Loaded { table: file.to_owned(), rows: n_rows, sha256: sha256(&bytes) };
    audit.add(clock::now(), &who::name_of(who::logged_in()?), What::Load(loaded))?;
    replace_in(place.folder(), file, &kept)?;
    Ok(n_rows)
}

fn checked(place: &Place, settings: &Settings, table: Table, bytes: &[u8]) -> Result<(&'static str, Vec<u8>, u64)> {
    match table {
        Table::IdentityMap => {
            let (plain, n_rows) = identities::check(bytes, settings.profile.kind)?;
            let recipient = identities::key(place)?.to_public();
            Ok((identities::FILE, encryption::encrypt(&[recipient], &plain), n_rows))
        }
        Table::UserAccess => {
            let n_rows = Access::parse(bytes)?.len() as u64;
            Ok((access::FILE, bytes.to_vec(), n_rows))
        }
    }
}
