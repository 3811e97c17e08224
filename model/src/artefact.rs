//! A model as a file: everything needed to compute, check and judge its scores, in one JSON text.
//!
//! The last line but one of the text is the checksum: the SHA-256 of the text as it would be without that line
//! (and without the comma before it). Anything else about the text is plain JSON.

use std::collections::BTreeMap;

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::curve::Curve;
use crate::error::{Error, Result};
use crate::metrics::Metrics;
use crate::model::{Formula, RiskModel};

/// The version of the format that this crate writes and reads.
pub const SCHEMA_VERSION: u32 = 1;

/// What every file of this format calls itself.
pub const KIND: &str = "additive-risk-model";

/// Stands between the content and the checksum in the text.
const SEAL: &str = ",\n  \"checksum\": \"";

/// A model with what must be known about it.
///
/// # Example
/// ```
/// use earlycall_model::artefact::{Artefact, TrainingWindow};
/// # fn example(model: earlycall_model::RiskModel) {
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
    /// The version of the format.
    pub schema_version: u32,
    /// The kind of model.
    pub kind: String,
    /// The name it goes by.
    pub name: String,
    /// What the risk is the risk of.
    pub outcome: String,
    /// The length of the prediction window in days; that of the model.
    pub horizon_days: u32,
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
    /// How good it was out of fold; those of the model.
    pub metrics: Metrics,
    /// The model.
    pub model: RiskModel,
    /// SHA-256 in hexadecimal; empty until the artefact has been read from text.
    pub checksum: String,
}

/// How often each code stood in a column, by the column's name.
pub type Snapshot = BTreeMap<String, BTreeMap<String, u64>>;

/// The past that a model learnt from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingWindow {
    /// The days on which the features were computed, as `YYYY-MM-DD`.
    pub index_dates: Vec<String>,
    /// The last day whose outcomes were known, as `YYYY-MM-DD`; empty where nobody said.
    pub data_to: String,
}

/// The fields as they stand in the text, in this order, before the checksum.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    schema_version: u32,
    kind: String,
    name: String,
    outcome: String,
    horizon_days: u32,
    training: TrainingWindow,
    catalogue_hash: String,
    code_list_hashes: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    without: Vec<String>,
    cohort: BTreeMap<String, u64>,
    #[serde(default, skip_serializing_if = "Snapshot::is_empty")]
    snapshot: Snapshot,
    metrics: Metrics,
    model: Formula,
}

/// The one field that every version of the format has.
#[derive(Deserialize)]
struct Version {
    schema_version: u64,
}

impl Artefact {
    /// An artefact that knows only what the model knows; the rest is empty and to be filled in.
    pub fn of(model: RiskModel) -> Artefact {
        Artefact {
            schema_version: SCHEMA_VERSION,
            kind: KIND.to_owned(),
            name: String::new(),
            outcome: String::new(),
            horizon_days: model.horizon_days(),
            training: TrainingWindow::default(),
            catalogue_hash: String::new(),
            code_list_hashes: BTreeMap::new(),
            without: Vec::new(),
            cohort: BTreeMap::new(),
            snapshot: Snapshot::new(),
            metrics: model.metrics().clone(),
            model,
            checksum: String::new(),
        }
    }

    /// The text of the artefact, sealed by its checksum. The same artefact gives the same text, and reading it back
    /// gives every number unchanged. Version, kind, horizon and metrics are written as the model has them.
    pub fn to_json(&self) -> String {
        let content = Content {
            schema_version: SCHEMA_VERSION,
            kind: KIND.to_owned(),
            name: self.name.clone(),
            outcome: self.outcome.clone(),
            horizon_days: self.model.horizon_days(),
            training: self.training.clone(),
            catalogue_hash: self.catalogue_hash.clone(),
            code_list_hashes: self.code_list_hashes.clone(),
            without: self.without.clone(),
            cohort: self.cohort.clone(),
            snapshot: self.snapshot.clone(),
            metrics: self.model.metrics().clone(),
            model: self.model.formula().clone(),
        };
        seal(&serde_json::to_string_pretty(&content).expect("plain fields and text keys always serialise"))
    }

    /// Reads an artefact and makes sure that it is whole, unaltered and sound.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for text that is no such artefact or holds a number that is none,
    /// [`Error::SchemaVersion`] for another version of the format, [`Error::Altered`] when the checksum does not
    /// match, [`Error::Inconsistent`] when the parts contradict each other.
    pub fn from_json(text: &str) -> Result<Artefact> {
        let (content, checksum) = unseal(text, SCHEMA_VERSION)?;
        let content: Content = serde_json::from_str(&content).map_err(unreadable)?;
        check(&content)?;
        let model = RiskModel::assemble(content.model, content.horizon_days, content.metrics.clone());
        Ok(Artefact {
            schema_version: content.schema_version,
            kind: content.kind,
            name: content.name,
            outcome: content.outcome,
            horizon_days: content.horizon_days,
            training: content.training,
            catalogue_hash: content.catalogue_hash,
            code_list_hashes: content.code_list_hashes,
            without: content.without,
            cohort: content.cohort,
            snapshot: content.snapshot,
            metrics: content.metrics,
            model,
            checksum,
        })
    }
}

/// Adds the checksum to a pretty JSON object.
pub(crate) fn seal(content: &str) -> String {
    let open = content.strip_suffix("\n}").expect("a pretty JSON object ends so");
    format!("{open}{SEAL}{}\"\n}}\n", sha256(content))
}

/// The content and the checksum of a sealed text of a version of its format.
pub(crate) fn unseal(text: &str, expected: u32) -> Result<(String, String)> {
    let version: Version = serde_json::from_str(text).map_err(unreadable)?;
    if version.schema_version != u64::from(expected) {
        return Err(Error::SchemaVersion { found: version.schema_version, expected: expected.into() });
    }
    let (open, rest) = text.rsplit_once(SEAL).ok_or(Error::Altered)?;
    let checksum = rest.strip_suffix("\"\n}\n").ok_or(Error::Altered)?;
    let content = format!("{open}\n}}");
    if sha256(&content) == checksum { Ok((content, checksum.to_owned())) } else { Err(Error::Altered) }
}

/// What the types alone don't guarantee.
fn check(content: &Content) -> Result<()> {
    let formula = &content.model;
    if content.kind != KIND {
        return Err(Error::Inconsistent("it is of another kind"));
    }
    if formula.curves.len() != formula.n_columns {
        return Err(Error::Inconsistent("it has not as many curves as columns"));
    }
    let mut names: Vec<&str> = formula.curves.iter().map(|curve| curve.column.name.as_str()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Error::Inconsistent("two columns have one name"));
    }
    let finite = |curve: &Curve| curve.terms.iter().all(|t| t.centre.is_finite() && t.coefficient.is_finite());
    if !formula.base.is_finite() || !formula.curves.iter().all(finite) {
        return Err(Error::Inconsistent("a number is not finite"));
    }
    if !formula.curves.iter().flat_map(|curve| &curve.terms).all(|term| term.basis.is_sound()) {
        return Err(Error::Inconsistent("a curve has no width"));
    }
    Ok(())
}

/// Where reading stopped, without quoting the text.
pub(crate) fn unreadable(error: serde_json::Error) -> Error {
    Error::Unreadable { line: error.line(), column: error.column() }
}

/// SHA-256 in lower-case hexadecimal.
fn sha256(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, ColumnKind, RiskModelParams, Rows, Training};
    use ndarray::Array2;

    /// A sealed model of one measurement.
    fn text() -> String {
        let columns = [Column::new("age_years", "age", ColumnKind::Measure)];
        let x = Array2::from_shape_fn((200, 1), |(row, _)| 20.0 + (row % 70) as f64);
        let events: Vec<bool> = (0..200).map(|row| row % 70 > 40 && row % 3 == 0).collect();
        let persons: Vec<u64> = (0..200).collect();
        let training = Training { rows: Rows { columns: &columns, x: x.view() }, events: &events, persons: &persons };
        let model = RiskModelParams::new().folds(2).check().unwrap().fit(&training).unwrap();
        Artefact { name: "trial".to_owned(), outcome: "event".to_owned(), ..Artefact::of(model) }.to_json()
    }

    /// The text with something replaced, under a checksum that matches.
    fn forged(from: &str, to: &str) -> String {
        let (content, _) = unseal(&text(), SCHEMA_VERSION).unwrap();
        assert!(content.contains(from), "nothing to forge: {from}");
        seal(&content.replacen(from, to, 1))
    }

    #[test]
    fn it_reads_back_what_it_wrote() {
        let artefact = Artefact::from_json(&text()).unwrap();
        assert_eq!(artefact.to_json(), text());
        assert_eq!((artefact.name.as_str(), artefact.horizon_days), ("trial", 180));
        assert_eq!(artefact.metrics, *artefact.model.metrics());
        assert_eq!(artefact.checksum.len(), 64);
    }

    #[test]
    fn what_it_does_without_is_written_only_where_there_is_something() {
        let artefact = Artefact::from_json(&text()).unwrap();
        assert!(artefact.without.is_empty() && !text().contains("\"without\""));
        let without = Artefact { without: vec!["visits".to_owned()], ..artefact };
        assert_eq!(Artefact::from_json(&without.to_json()).unwrap().without, ["visits"]);
    }

    #[test]
    fn its_snapshot_reads_back_and_is_written_only_where_there_is_one() {
        let artefact = Artefact::from_json(&text()).unwrap();
        assert!(artefact.snapshot.is_empty() && !text().contains("\"snapshot\""));
        let snapshot = Snapshot::from([("visits.kind".to_owned(), BTreeMap::from([("planned".to_owned(), 12)]))]);
        let with = Artefact { snapshot: snapshot.clone(), ..artefact };
        assert_eq!(Artefact::from_json(&with.to_json()).unwrap().snapshot, snapshot);
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
        let newer = Artefact::from_json(&forged("\"schema_version\": 1", "\"schema_version\": 2"));
        assert!(matches!(newer, Err(Error::SchemaVersion { found: 2, expected: 1 })));
        let inconsistent = |from, to| matches!(Artefact::from_json(&forged(from, to)), Err(Error::Inconsistent(_)));
        assert!(inconsistent("\"n_columns\": 1", "\"n_columns\": 2"));
        assert!(inconsistent(KIND, "decision-tree"));
        assert!(inconsistent("\"from\": ", "\"from\": 9"));
        let unreadable = |from, to| matches!(Artefact::from_json(&forged(from, to)), Err(Error::Unreadable { .. }));
        assert!(unreadable("\"base\": -", "\"base\": -1e999"));
        assert!(unreadable("\"base\": -", "\"base\": null, \"was\": -"));
        assert!(unreadable("\"name\"", "\"unknown\": 0, \"name\""));
    }
}
