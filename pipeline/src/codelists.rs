//! Code lists that a service has imported: where they lie, where each came from, and whether each is as it was imported.
//!
//! `codelists/NAME/` holds `codes.csv`, the concepts alone, and `origin.toml`, whatever somebody will ask about them.

mod import;
mod origin;
mod restricted;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use earlycall_schemas::{
    codelists::{
        Condition, cluster_names, hash,
        import::{Format, parse},
    },
    codes::SnomedCode,
};

pub use self::{
    import::{FileFormat, Import, Imported, line_of},
    origin::{Origin, RefusedRow},
    restricted::RestrictedCodes,
};
use crate::{
    error::{Error, Kind, Result},
    settings::{Settings, mistyped},
    sha256::sha256,
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
    /// The concepts that the law keeps out.
    pub restricted: RestrictedCodes,
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
        Ok(CodeLists { lists: names.map(read).collect::<Result<_>>()?, restricted: RestrictedCodes::default() })
    }

    /// Reads the lists of a service, which in production are all that conditions are made of.
    ///
    /// # Errors
    /// * As for [`CodeLists::read`] and [`RestrictedCodes::of`].
    /// * [`Kind::Settings`] when lists are missing, and the embedded ones, which only illustrate, may not stand in.
    pub fn of(settings: &Settings) -> Result<CodeLists> {
        let mut lists = CodeLists::read(settings.code_lists_folder())?;
        lists.restricted = RestrictedCodes::of(settings)?;
        let missing = lists.missing();
        if settings.is_research() || missing.is_empty() {
            return Ok(lists);
        }
        let names = missing.into_iter().collect::<Vec<_>>().join(", ");
        Err(Error::new(
            Kind::Settings,
            format!("the production profile uses no illustrative code lists; import {names}"),
        )
        .setting("codelists.folder")
        .hint(
            "`earlycall codelists import FILE --as NAME` brings one; for research and demonstration set [profile] \
                 kind = \"research\"",
        ))
    }

    /// The list of a name, if it was imported.
    pub fn get(&self, name: &str) -> Option<&CodeList> {
        self.lists.get(name)
    }

    /// The lists that conditions are made of and that were not imported.
    pub fn missing(&self) -> BTreeSet<&'static str> {
        cluster_names().into_iter().filter(|name| !self.lists.contains_key(*name)).collect()
    }

    /// The concepts that show a condition, ascending.
    pub fn showing(&self, condition: &Condition) -> BTreeSet<u64> {
        self.concepts(&condition.clusters, &condition.snomed)
    }

    /// The concepts that end a condition, ascending.
    pub fn ending(&self, condition: &Condition) -> BTreeSet<u64> {
        self.concepts(&condition.resolving_clusters, &condition.snomed_resolved)
    }

    /// What the imported ones of some lists hold, and the embedded concepts where any of them is missing.
    fn concepts(&self, names: &[String], embedded: &[u64]) -> BTreeSet<u64> {
        let imported: Vec<&CodeList> = names.iter().filter_map(|name| self.get(name)).collect();
        let stands_in = imported.len() < names.len();
        let imported = imported.into_iter().flat_map(|list| list.codes.iter().map(|code| code.id()));
        let concepts = imported.chain(embedded.iter().copied().filter(|_| stands_in));
        // A restricted concept that was settled before it was one means nothing from now on, in past nights too.
        concepts.filter(|&concept| !self.restricted.contains(concept)).collect()
    }

    /// SHA-256 of each list that says what codes mean: of the embedded ones together, and of each imported one.
    pub fn hashes(&self) -> BTreeMap<String, String> {
        let imported = self.lists.iter().map(|(name, list)| (name.clone(), list.origin.codes_sha256.clone()));
        imported.chain([("embedded".to_owned(), hash().to_owned())]).collect()
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
        if sha256(&bytes) != origin.codes_sha256 {
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
    Err(Error::new(Kind::Settings, format!("no condition is made of a list `{name}`")).hint(mistyped(
        name,
        &names,
        "`earlycall codelists list` shows all",
    )))
}
