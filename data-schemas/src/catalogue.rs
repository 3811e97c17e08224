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
mod reference;
mod sentence;
mod view;

use std::{collections::BTreeMap, fmt::Write, ops::Range, sync::LazyLock};

use serde::Deserialize;
use sha2::{Digest, Sha256};

pub use items::{Item, ItemList, PersonItem};
pub use reference::catalogue_markdown;
pub use sentence::{Piece, Sentence};
pub use view::*;

/// What an entry makes of the facts that pass its tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// How many.
    Count,
    /// Their amounts, added up.
    Sum,
    /// Nights between a fact's day and its end that end within the window; an open stay lasts until the index date.
    Nights,
    /// How many different items.
    Distinct,
    /// 1 if there is one, else 0.
    Flag,
    /// Days from the last to the index date; never is not a number.
    DaysSinceLast,
    /// Days from the first to the index date; never is not a number.
    DaysSinceFirst,
    /// The amount of the last; missing if there is none.
    Latest,
    /// The amount of the only one; missing if there is none.
    Value,
}

impl Take {
    /// The name in `take`.
    pub fn name(self) -> &'static str {
        match self {
            Take::Count => "count",
            Take::Sum => "sum",
            Take::Nights => "nights",
            Take::Distinct => "distinct",
            Take::Flag => "flag",
            Take::DaysSinceLast => "days_since_last",
            Take::DaysSinceFirst => "days_since_first",
            Take::Latest => "latest",
            Take::Value => "value",
        }
    }

    /// Whether the value of a longer window is that of a shorter one and of the days before it, added up.
    pub fn adds_up(self) -> bool {
        matches!(self, Take::Count | Take::Sum | Take::Nights)
    }

    /// Whether a feature's name ends with its window.
    fn names_window(self) -> bool {
        !matches!(self, Take::DaysSinceLast | Take::DaysSinceFirst | Take::Latest | Take::Value)
    }
}

/// Where medicine expects the risk to go when the value rises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskGoes {
    /// Up.
    Up,
    /// Down.
    Down,
    /// Up or down, depending on where one starts.
    Either,
}

impl RiskGoes {
    /// The name in `risk_goes`.
    pub fn name(self) -> &'static str {
        match self {
            RiskGoes::Up => "up",
            RiskGoes::Down => "down",
            RiskGoes::Either => "either",
        }
    }
}

/// One entry of the catalogue: a feature, or one per window.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Name, with its unit and without its window.
    pub name: String,
    /// What it looks at.
    pub view: View,
    /// Bits of the tests of which all must hold.
    pub tests: u64,
    /// Names of those tests.
    pub test_names: Vec<String>,
    /// Position in the view's list of items, where only one item counts.
    pub item: Option<u16>,
    /// What it makes of the facts.
    pub take: Take,
    /// Lengths of the windows `(T - w, T]`, ascending; empty means everything up to T.
    pub within_days: Vec<u32>,
    /// Below this age the feature is missing.
    pub from_age_years: Option<u32>,
    /// Below this value there is nothing worth telling; in the unit times `scale`.
    pub tell_from: i64,
    /// Values are whole numbers of the unit's 1, 10 or 1000 parts.
    pub scale: i64,
    /// Where the risk is expected to go.
    pub risk_goes: RiskGoes,
    /// Whether it may never be spoken of.
    pub sensitive: bool,
    /// Entries of one statement are told together.
    pub statement: String,
    /// The sentence; one entry of each statement has it, unless the statement is sensitive.
    pub reason: Option<Sentence>,
    /// Unit in words.
    pub unit: String,
    /// Tables; without any of them the feature is missing.
    pub feeds: Vec<String>,
    /// Where the idea comes from.
    pub source: String,
}

impl Entry {
    /// The item that counts, where only one does.
    pub fn known_item(&self) -> Option<&'static Item> {
        Some(&self.view.items()?.items()[self.item? as usize])
    }
}

/// One feature: an entry at one of its windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Name, with unit and window last.
    pub name: String,
    /// Position in [`Catalogue::entries`].
    pub entry: usize,
    /// Length of the window, where there is one.
    pub within_days: Option<u32>,
}

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
            entries.extend(entry::read(file, text)?.into_iter().map(|entry| (*file, entry)));
        }
        one_of_each_name(&entries)?;
        one_reason_per_statement(&entries)?;
        let entries: Vec<Entry> = entries.into_iter().map(|(_, entry)| entry).collect();
        let features = entries.iter().enumerate().flat_map(|(n, entry)| features_of(n, entry)).collect();
        let hash = hash_of(&entries);
        Ok(Catalogue { entries, features, hash })
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

    /// The position of a feature, by name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.features.iter().position(|feature| feature.name == name)
    }

    /// SHA-256, in hexadecimal, of all that decides a number or its place: a model trained under one hash is refused
    /// under another. Wording, sources and sensitivity may change without a new model.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

fn features_of(position: usize, entry: &Entry) -> Vec<Feature> {
    let feature = |name, within_days| Feature { name, entry: position, within_days };
    if entry.within_days.is_empty() {
        return vec![feature(entry.name.clone(), None)];
    }
    let windows = entry.within_days.iter();
    windows
        .map(|&days| {
            let name = if entry.take.names_window() { format!("{}_{days}d", entry.name) } else { entry.name.clone() };
            feature(name, Some(days))
        })
        .collect()
}

fn one_of_each_name(entries: &[(&str, Entry)]) -> Result<(), CatalogueError> {
    let mut first_file = BTreeMap::new();
    for (file, entry) in entries {
        for feature in features_of(0, entry) {
            if let Some(first) = first_file.insert(feature.name, *file) {
                return Err(refuse(file, entry, format!("has a name that {first} has already")));
            }
        }
    }
    Ok(())
}

fn one_reason_per_statement(entries: &[(&str, Entry)]) -> Result<(), CatalogueError> {
    for (file, entry) in entries {
        let together = || entries.iter().map(|(_, other)| other).filter(|other| other.statement == entry.statement);
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
            "{}|{}|{}|{item}|{}|{:?}|{:?}|{}|{}|{}|{}",
            entry.name,
            entry.view.name(),
            tests.join("+"),
            entry.take.name(),
            entry.within_days,
            entry.from_age_years,
            entry.scale,
            entry.risk_goes.name(),
            entry.statement,
            entry.feeds.join("+"),
        )
        .expect("writing to a string can't fail");
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
];

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::read(FILES).unwrap_or_else(|error| panic!("the catalogue is broken: {error}")));

/// The catalogue that is compiled in.
pub fn catalogue() -> &'static Catalogue {
    &CATALOGUE
}

#[cfg(test)]
mod tests;
