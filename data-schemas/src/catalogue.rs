//! The feature catalogue: every feature is declared once, in `features/*.toml`, as data.
//!
//! One declaration feeds the computation, the model's column names, the sentences that coaches read, and the
//! documentation. To add a feature, add lines to one of the files; nothing else changes:
//!
//! ```
//! use earlycall_schemas::catalogue::Catalogue;
//! let more = r#"
//!     [ae_attendances_major_n]
//!     from = "emergency_care"                  # a view that the pipeline derives
//!     where = ["is_ae", "is_major"]            # named tests of that view; all must hold
//!     take = "count"
//!     within_days = [30, 365]                  # nested windows (T - w, T]; each is a feature
//!     risk_goes = "up"                         # up, down or either
//!     sensitive = false                        # undeclared counts as sensitive: never spoken
//!     statement = "ae_attendances_major_n"     # what is told together; left out, the entry's own name
//!     reason = "{n:visit} to a main A&E in the last {window}, the last on {last:date}"
//!     about = "Visits to a main A&E"           # the same as a heading, for whoever has none
//!     unit = "attendances"
//!     feed = "ed_attendances"                  # the table without which the feature is missing, never zero
//!     source = "SPARRA v4: number of A&E attendances"
//! "#;
//! let catalogue = Catalogue::read(&[("more.toml", more)]).unwrap();
//! let names: Vec<&str> = catalogue.features().iter().map(|feature| feature.name.as_str()).collect();
//! assert_eq!(names, ["ae_attendances_major_n_30d", "ae_attendances_major_n_365d"]);
//!
//! let refused = Catalogue::read(&[("more.toml", &more.replace("is_major", "is_grand"))]).unwrap_err();
//! assert_eq!(
//!     refused.to_string(),
//!     "more.toml, ae_attendances_major_n: asks for a test that emergency_care doesn't have: is_grand",
//! );
//! ```

mod entry;
mod items;
mod read;
mod reference;
mod sentence;
mod view;

use std::{collections::BTreeMap, fmt::Write, ops::Range, sync::LazyLock};

use sha2::{Digest, Sha256};

pub use entry::{Entry, Feature, RiskGoes, Take};
pub use items::{Item, ItemList, PersonItem};
pub use reference::catalogue_markdown;
pub use sentence::{Piece, Sentence};
pub use view::*;

/// Why a catalogue was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, {entry}: {message}")]
pub struct CatalogueError {
    /// The file.
    pub file: String,
    /// The entry, or the line where it can't be read.
    pub entry: String,
    /// What is wrong.
    pub message: String,
}

/// Every entry and every feature, in the order in which they are written.
#[derive(Clone, Debug)]
pub struct Catalogue {
    entries: Vec<Entry>,
    features: Vec<Feature>,
    /// Per entry, the positions of all entries of its statement.
    together: Vec<Vec<usize>>,
    hash: String,
}

impl Catalogue {
    /// Reads and checks the entries of named files.
    ///
    /// # Errors
    /// Says which entry of which file breaks which rule.
    pub fn read(files: &[(&str, &str)]) -> Result<Catalogue, CatalogueError> {
        let mut entries: Vec<(&str, Entry)> = Vec::new();
        for (file, text) in files {
            entries.extend(read::read(file, text)?.into_iter().map(|entry| (*file, entry)));
        }
        one_of_each_name(&entries)?;
        let together = together(entries.iter().map(|(_, entry)| entry));
        one_reason_per_statement(&entries, &together)?;
        let entries: Vec<Entry> = entries.into_iter().map(|(_, entry)| entry).collect();
        let features = entries.iter().enumerate().flat_map(|(n, entry)| entry.features(n)).collect();
        let hash = hash_of(&entries);
        Ok(Catalogue { entries, features, together, hash })
    }

    /// The entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The features: each entry at each of its windows.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The positions of an entry's features.
    pub fn features_of(&self, entry: usize) -> Range<usize> {
        let from = self.features.partition_point(|feature| feature.entry < entry);
        let until = self.features.partition_point(|feature| feature.entry <= entry);
        from..until
    }

    /// The positions of the entries that are told together with one, itself among them.
    pub fn told_together_with(&self, entry: usize) -> &[usize] {
        &self.together[entry]
    }

    /// The position of a feature, by name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.features.iter().position(|feature| feature.name == name)
    }

    /// The longest that a feature looks back in a window, or in the days against which it holds one.
    pub fn longest_days(&self) -> u32 {
        let windows = self.entries.iter().flat_map(|entry| entry.within_days.iter().chain(&entry.against_days));
        windows.copied().max().unwrap_or(0)
    }

    /// SHA-256, in hexadecimal, of all that decides a number or its place: a model trained under one hash is refused
    /// under another. Wording, sources and sensitivity may change without a new model. The codes in the code lists are
    /// not part of it: they have versions of their own.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

/// Per entry, the positions of all entries of its statement.
fn together<'a>(entries: impl Iterator<Item = &'a Entry> + Clone) -> Vec<Vec<usize>> {
    let mut of_statement: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, entry) in entries.clone().enumerate() {
        of_statement.entry(&entry.statement).or_default().push(at);
    }
    entries.map(|entry| of_statement[entry.statement.as_str()].clone()).collect()
}

fn one_of_each_name(entries: &[(&str, Entry)]) -> Result<(), CatalogueError> {
    let mut first_file = BTreeMap::new();
    for (file, entry) in entries {
        for feature in entry.features(0) {
            if let Some(first) = first_file.insert(feature.name, *file) {
                return Err(refuse(file, entry, format!("has a name that {first} has already")));
            }
        }
    }
    Ok(())
}

fn one_reason_per_statement(entries: &[(&str, Entry)], together: &[Vec<usize>]) -> Result<(), CatalogueError> {
    for ((file, entry), together) in entries.iter().zip(together) {
        let together = || together.iter().map(|&at| &entries[at].1);
        let told = together().filter(|other| other.reason.is_some()).count();
        if together().any(|other| other.sensitive != entry.sensitive) {
            return Err(refuse(file, entry, "is told together with an entry of another sensitivity".to_owned()));
        }
        if !entry.sensitive && told == 0 {
            return Err(refuse(file, entry, "is not sensitive, so its statement needs a reason".to_owned()));
        }
        if told > 1 {
            return Err(refuse(file, entry, "belongs to a statement with two reasons".to_owned()));
        }
    }
    Ok(())
}

fn refuse(file: &str, entry: &Entry, message: String) -> CatalogueError {
    CatalogueError { file: file.to_owned(), entry: entry.name.clone(), message }
}

fn hash_of(entries: &[Entry]) -> String {
    let mut canonical = String::new();
    for entry in entries {
        let item = entry.known_item().map_or("-", |item| &item.name);
        let mut tests = entry.test_names.clone();
        tests.sort_unstable();
        writeln!(
            canonical,
            "{}|{}|{}|{item}|{}|{:?}|{:?}|{:?}|{}|{}|{}|{}",
            entry.name,
            entry.view.name(),
            tests.join("+"),
            entry.take.name(),
            entry.within_days,
            entry.against_days,
            entry.from_age_years,
            entry.scale,
            entry.risk_goes.name(),
            entry.statement,
            entry.feeds.join("+"),
        )
        .expect("writing to a string can't fail");
        if let Some(feed) = entry.view.feed() {
            writeln!(canonical, "{}", feed.decides()).expect("writing to a string can't fail");
        }
    }
    Sha256::digest(canonical.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

const FILES: &[(&str, &str)] = &[
    ("features/person.toml", include_str!("../features/person.toml")),
    ("features/hospital_use.toml", include_str!("../features/hospital_use.toml")),
    ("features/emergency_care.toml", include_str!("../features/emergency_care.toml")),
    ("features/conditions.toml", include_str!("../features/conditions.toml")),
    ("features/scores.toml", include_str!("../features/scores.toml")),
    ("features/medicines.toml", include_str!("../features/medicines.toml")),
    ("features/results.toml", include_str!("../features/results.toml")),
    ("features/sensitive_stays.toml", include_str!("../features/sensitive_stays.toml")),
    ("features/appointments.toml", include_str!("../features/appointments.toml")),
    ("features/care_at_home.toml", include_str!("../features/care_at_home.toml")),
    ("features/home_readings.toml", include_str!("../features/home_readings.toml")),
];

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::read(FILES).unwrap_or_else(|error| panic!("the catalogue is broken: {error}")));

/// The catalogue that is compiled in.
pub fn catalogue() -> &'static Catalogue {
    &CATALOGUE
}

#[cfg(test)]
mod tests;
