//! A model as a file: everything needed to compute, check and judge its scores, in one JSON text.
//!
//! Any program can work out the risks. A formula gives log-odds, and `1 / (1 + exp(-log-odds))` of the leading one is the
//! risk within its horizon, of a link a share. From the leading horizon outwards, a sooner risk is its neighbour's times
//! the share; a later one is its neighbour's plus the share of what its neighbour lacks to 1.
//!
//! The last line but one of the text is the checksum: the SHA-256 of the text as it would be without that line
//! (and without the comma before it). Anything else about the text is plain JSON.

mod content;

use std::collections::BTreeMap;

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use self::content::Content;
use crate::boosted::BoostedModel;
use crate::error::{Error, Result};
use crate::horizons::HorizonsModel;
use crate::metrics::Metrics;

/// The version of the format that this crate writes and reads.
pub const SCHEMA_VERSION: u32 = 2;

/// What every file of this format calls itself.
pub const KIND: &str = "additive-risk-model";

/// Stands between the content and the checksum in the text.
const SEAL: &str = ",\n  \"checksum\": \"";

/// A model with what must be known about it. What does not concern it is empty, and stands not in the text.
///
/// # Example
/// ```
/// use earlycall_model::artefact::{Artefact, TrainingWindow};
/// # fn example(model: earlycall_model::horizons::HorizonsModel) {
/// let artefact = Artefact {
///     name: "demo".to_owned(),
///     outcome: "emergency_admission".to_owned(),
///     training: TrainingWindow { index_dates: vec!["2025-11-20".to_owned()], ..TrainingWindow::default() },
///     ..Artefact::of(model)
/// };
/// let text = artefact.to_json();
/// assert!(Artefact::from_json(&text).is_ok());
/// assert!(Artefact::from_json(&text.replace("demo", "best")).is_err()); // altered
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Artefact {
    /// The name it goes by.
    pub name: String,
    /// What the risk is the risk of.
    pub outcome: String,
    /// The past it learnt from.
    pub training: TrainingWindow,
    /// The checksum of the declarations that the columns were computed by.
    pub catalogue_hash: String,
    /// The checksums of the code lists behind them, by name.
    pub code_list_hashes: BTreeMap<String, String>,
    /// The sources that it does without, sorted: their columns are not among its own.
    pub without: Vec<String>,
    /// How many people were in training, and why the others were not.
    pub cohort: BTreeMap<String, u64>,
    /// What the sources looked like when it learnt: how often each code stood in a column, by the column's name. It has no
    /// part in a score; what comes later may be held against it.
    pub snapshot: Snapshot,
    /// The column that said whose row it was, where a table was learnt from.
    pub id: String,
    /// The names of the levels of columns that hold words.
    pub categories: Categories,
    /// How good a penalised logistic regression on the same rows was, out of the same folds: what the model is to be held
    /// against.
    pub baseline: Option<Metrics>,
    /// The model.
    pub model: HorizonsModel,
    /// SHA-256 in hexadecimal; empty until the artefact has been read from text.
    pub checksum: String,
}

/// How often each code stood in a column, by the column's name.
pub type Snapshot = BTreeMap<String, BTreeMap<String, u64>>;

/// The names of the levels of columns that hold words, by column: in the order of the levels of the column's bins.
pub type Categories = BTreeMap<String, Vec<String>>;

/// The past that a model learnt from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingWindow {
    /// The days on which the features were computed, as `YYYY-MM-DD`.
    pub index_dates: Vec<String>,
    /// The last day whose outcomes were known, as `YYYY-MM-DD`; empty where nobody said.
    pub data_to: String,
}

impl TrainingWindow {
    /// Whether nobody said.
    fn is_unsaid(&self) -> bool {
        self.index_dates.is_empty() && self.data_to.is_empty()
    }
}

/// The one field that every version of the format has.
#[derive(Deserialize)]
struct Version {
    schema_version: u64,
}

impl Artefact {
    /// An artefact that knows only what the model knows; the rest is empty and to be filled in.
    pub fn of(model: HorizonsModel) -> Artefact {
        Artefact {
            name: String::new(),
            outcome: String::new(),
            training: TrainingWindow::default(),
            catalogue_hash: String::new(),
            code_list_hashes: BTreeMap::new(),
            without: Vec::new(),
            cohort: BTreeMap::new(),
            snapshot: Snapshot::new(),
            id: String::new(),
            categories: Categories::new(),
            baseline: None,
            model,
            checksum: String::new(),
        }
    }

    /// The model of the horizon that leads.
    pub fn lead(&self) -> &BoostedModel {
        self.model.lead()
    }

    /// How good that was on people it had not seen.
    pub fn metrics(&self) -> &Metrics {
        self.lead().metrics()
    }

    /// The length of its prediction window in days, where the outcome has one.
    pub fn horizon_days(&self) -> Option<u32> {
        self.lead().horizon_days()
    }

    /// The text of the artefact, sealed by its checksum. The same artefact gives the same text, and reading it back
    /// gives every number unchanged.
    pub fn to_json(&self) -> String {
        seal(&serde_json::to_string_pretty(&Content::of(self)).expect("plain fields and text keys always serialise"))
    }

    /// Reads an artefact and makes sure that it is whole, unaltered and sound.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for text that is no such artefact or holds a number that is none,
    /// [`Error::SchemaVersion`] for another version of the format, [`Error::Altered`] when the checksum does not
    /// match, [`Error::Inconsistent`] when the parts contradict each other.
    pub fn from_json(text: &str) -> Result<Artefact> {
        let (content, checksum) = unseal(text)?;
        let content: Content = serde_json::from_str(&content).map_err(unreadable)?;
        content.artefact(checksum)
    }
}

/// Adds the checksum to a pretty JSON object.
fn seal(content: &str) -> String {
    let open = content.strip_suffix("\n}").expect("a pretty JSON object ends so");
    format!("{open}{SEAL}{}\"\n}}\n", sha256(content))
}

/// The content and the checksum of a sealed text.
fn unseal(text: &str) -> Result<(String, String)> {
    let version: Version = serde_json::from_str(text).map_err(unreadable)?;
    if version.schema_version != u64::from(SCHEMA_VERSION) {
        return Err(Error::SchemaVersion { found: version.schema_version, expected: SCHEMA_VERSION.into() });
    }
    let (open, rest) = text.rsplit_once(SEAL).ok_or(Error::Altered)?;
    let checksum = rest.strip_suffix("\"\n}\n").ok_or(Error::Altered)?;
    let content = format!("{open}\n}}");
    if sha256(&content) == checksum { Ok((content, checksum.to_owned())) } else { Err(Error::Altered) }
}

/// Where reading stopped, without quoting the text.
fn unreadable(error: serde_json::Error) -> Error {
    Error::Unreadable { line: error.line(), column: error.column() }
}

/// SHA-256 in lower-case hexadecimal.
fn sha256(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boosted::BoostedParams;
    use crate::{Column, ColumnKind, Rows, Training};
    use ndarray::Array2;

    /// A sealed model of one measurement.
    fn text() -> String {
        let columns = [Column::new("age_years", "age", ColumnKind::Measure)];
        let x = Array2::from_shape_fn((200, 1), |(row, _)| 20.0 + (row % 7) as f64);
        let events: Vec<bool> = (0..200).map(|row| row % 7 > 4 && row % 3 == 0).collect();
        let persons: Vec<u64> = (0..200).collect();
        let training = Training { rows: Rows { columns: &columns, x: x.view() }, events: &events, persons: &persons };
        let model = BoostedParams::new().bags(2).check().unwrap().fit(&training).unwrap();
        let model = HorizonsModel::of_one(model);
        Artefact { name: "trial".to_owned(), outcome: "event".to_owned(), ..Artefact::of(model) }.to_json()
    }

    /// The text with something replaced, under a checksum that matches.
    fn forged(from: &str, to: &str) -> String {
        let (content, _) = unseal(&text()).unwrap();
        assert!(content.contains(from), "nothing to forge: {from}");
        seal(&content.replacen(from, to, 1))
    }

    #[test]
    fn it_reads_back_what_it_wrote() {
        let artefact = Artefact::from_json(&text()).unwrap();
        assert_eq!(artefact.to_json(), text());
        assert_eq!((artefact.name.as_str(), artefact.horizon_days()), ("trial", None));
        assert_eq!(artefact.checksum.len(), 64);
    }

    #[test]
    fn what_does_not_concern_it_stands_not_in_its_text() {
        let artefact = Artefact::from_json(&text()).unwrap();
        let optional = ["without", "snapshot", "id", "categories", "baseline", "cohort", "training", "sooner"];
        assert!(optional.iter().all(|name| !text().contains(&format!("\"{name}\""))));
        let snapshot = Snapshot::from([("visits.kind".to_owned(), BTreeMap::from([("planned".to_owned(), 12)]))]);
        let with = Artefact {
            without: vec!["visits".to_owned()],
            snapshot,
            id: "stay".to_owned(),
            baseline: Some(artefact.metrics().clone()),
            training: TrainingWindow { index_dates: vec!["2025-11-20".to_owned()], data_to: String::new() },
            ..artefact
        };
        let read = Artefact::from_json(&with.to_json()).unwrap();
        assert_eq!(read, Artefact { checksum: read.checksum.clone(), ..with });
    }

    #[test]
    fn the_checksum_is_the_sha_256_of_the_other_lines() {
        let lines: Vec<String> = text().lines().map(str::to_owned).collect();
        let (head, tail) = lines.split_at(lines.len() - 2);
        let without = format!("{}\n}}", head.join("\n").strip_suffix(',').unwrap());
        assert_eq!(tail[0], format!("  \"checksum\": \"{}\"", sha256(&without)));
        // "abc" from FIPS 180-2.
        assert_eq!(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn any_changed_byte_is_refused() {
        let text = text();
        for position in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[position] ^= 1;
            let altered = String::from_utf8(bytes).unwrap();
            assert!(Artefact::from_json(&altered).is_err(), "byte {position} can change unseen");
        }
    }

    #[test]
    fn cut_or_reformatted_text_is_refused() {
        let text = text();
        assert!(matches!(Artefact::from_json(&text[..text.len() / 2]), Err(Error::Unreadable { .. })));
        assert!(matches!(Artefact::from_json(text.trim_end()), Err(Error::Altered)));
        assert!(matches!(Artefact::from_json(&text.replace('\n', "\r\n")), Err(Error::Altered)));
        assert!(matches!(Artefact::from_json(""), Err(Error::Unreadable { .. })));
    }

    #[test]
    fn a_matching_checksum_does_not_excuse_nonsense() {
        let older = Artefact::from_json(&forged("\"schema_version\": 2", "\"schema_version\": 1"));
        assert!(matches!(older, Err(Error::SchemaVersion { found: 1, expected: 2 })));
        let inconsistent = |from, to| matches!(Artefact::from_json(&forged(from, to)), Err(Error::Inconsistent(_)));
        assert!(inconsistent("\"n_columns\": 1", "\"n_columns\": 2"));
        assert!(inconsistent(KIND, "decision-tree"));
        let unreadable = |from, to| matches!(Artefact::from_json(&forged(from, to)), Err(Error::Unreadable { .. }));
        assert!(unreadable("\"base\": -", "\"base\": -1e999"));
        assert!(unreadable("\"base\": -", "\"base\": null, \"was\": -"));
        assert!(unreadable("\"name\"", "\"unknown\": 0, \"name\""));
    }
}
