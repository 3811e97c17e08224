//! Code lists that a service has imported: where they lie, where each came from, and whether each is as it was imported.
//!
//! `codelists/NAME/` holds `codes.csv`, the concepts alone, and `origin.toml`, whatever somebody will ask about them.

mod import;
mod origin;

use std::{collections::BTreeMap, fs, path::Path};

use earlycall_schemas::{
    codelists::{
        cluster_names,
        import::{Format, parse},
    },
    codes::SnomedCode,
};

pub use self::{
    import::{FileFormat, Import, Imported},
    origin::{Origin, RefusedRow},
};
use crate::{
    error::{Error, Kind, Result},
    settings::nearest,
    store::folder,
};

/// The concepts of a list.
pub const CODES: &str = "codes.csv";
/// Where they came from.
pub const ORIGIN: &str = "origin.toml";

/// A list as it lies in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeList {
    /// Its concepts, ascending.
    pub codes: Vec<SnomedCode>,
    /// Where they came from.
    pub origin: Origin,
}

/// Every list that a service has imported, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeLists {
    lists: BTreeMap<String, CodeList>,
}

impl CodeLists {
    /// Reads the folder of a service. One that is not there has no lists.
    ///
    /// # Errors
    /// * [`Kind::Settings`] when a list has a name that no condition knows, or was changed since it was imported.
    /// * [`Kind::Storage`] when a file cannot be read.
    pub fn read(folder: &Path) -> Result<CodeLists> {
        let names = folder::names(folder)?.into_iter().filter(|name| !name.starts_with('.'));
        let read = |name: String| {
            known(&name).map_err(|error| error.file(folder.join(&name).display().to_string()))?;
            let list = CodeList::read(&folder.join(&name))?;
            Ok((name, list))
        };
        Ok(CodeLists { lists: names.map(read).collect::<Result<_>>()? })
    }

    /// The list of a name, if it was imported.
    pub fn get(&self, name: &str) -> Option<&CodeList> {
        self.lists.get(name)
    }
}

impl CodeList {
    fn read(folder: &Path) -> Result<CodeList> {
        // The link is followed once, so that both files are of one import even while another one moves it.
        let folder = folder.canonicalize().map_err(|error| Error::storage(folder, "find", &error))?;
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read(&path).map_err(|error| Error::storage(&path, "read", &error))
        };
        let changed = |name: &str, what: &str| {
            Error::new(Kind::Settings, what.to_owned())
                .file(folder.join(name).display().to_string())
                .hint("import the list again; its files are not to be edited")
        };
        let origin = Origin::parse(&read(ORIGIN)?).ok_or_else(|| changed(ORIGIN, "is not the origin of a list"))?;
        let bytes = read(CODES)?;
        if origin::sha256(&bytes) != origin.codes_sha256 {
            return Err(changed(CODES, "was changed since it was imported"));
        }
        let list = parse(&bytes, Format::Own).map_err(|error| changed(CODES, &error.rule))?;
        Ok(CodeList { codes: list.codes, origin })
    }
}

/// Refuses a name by which no condition calls a list: it would be imported and never used.
///
/// # Errors
/// * [`Kind::Settings`] when no condition knows the name.
fn known(name: &str) -> Result<()> {
    let names: Vec<&str> = cluster_names().into_iter().collect();
    if names.contains(&name) {
        return Ok(());
    }
    let error = Error::new(Kind::Settings, format!("no condition is made of a list `{name}`"));
    Err(match nearest(name, &names) {
        Some(near) => error.hint(format!("did you mean `{near}`? `earlycall codelists list` shows all")),
        None => error.hint("`earlycall codelists list` shows the names that are"),
    })
}
