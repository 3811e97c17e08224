//! Long-term conditions: the registers of the GP contract and some others, with the codes that show them.

use std::{collections::BTreeSet, sync::LazyLock};

use serde::Deserialize;

use crate::{
    codes::{SnomedCode, is_icd10},
    embedded,
};

/// A long-term condition, or another finding of the record that serves as a feature.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Name in settings, features and files: `copd`.
    pub id: String,
    /// Plain words for the middle of a sentence: "COPD", "high blood pressure".
    pub label: String,
    /// ICD-10 prefixes without dots that show it, in any position of any stay.
    #[serde(skip)]
    pub icd10: Vec<String>,
    /// Code lists that show it in the GP record, by the names of the NHS Primary Care Domain's clusters: `AST_COD`. They
    /// are imported by whoever may use them; until then [`Condition::snomed`] stands in.
    #[serde(default)]
    pub clusters: Vec<String>,
    /// Code lists that end it, from the date of the code on.
    #[serde(default)]
    pub resolving_clusters: Vec<String>,
    /// A few SNOMED CT concepts that show it in the GP record: an illustration for tests and demonstrations.
    #[serde(skip)]
    pub snomed: Vec<u64>,
    /// A few SNOMED CT concepts that end it: an illustration too.
    #[serde(skip)]
    pub snomed_resolved: Vec<u64>,
    /// Age in years below which a person is not on the register.
    pub min_age: Option<i32>,
    /// Age in years at the first record below which a person is not on the register.
    pub min_age_at_first_record: Option<i32>,
    /// Year and month before which GP records do not count.
    pub not_before: Option<(i32, u32)>,
    /// A medicine without which the GP record does not count, where prescriptions are sent at all.
    pub needs_medicine: Option<NeedsMedicine>,
    /// Conditions that rule this one out: nobody has pre-diabetes and diabetes.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Whether the GP contract has a register for it.
    pub is_register: bool,
    /// Whether it is a reason to be coached, unless the settings say otherwise.
    pub is_coached: bool,
    /// Whether it must never be spoken of.
    pub is_sensitive: bool,
    /// Whether it is a disease; what is not serves as a feature and is never listed among a person's conditions.
    #[serde(default = "yes")]
    pub is_disease: bool,
}

/// A medicine that a register asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedsMedicine {
    /// Beginnings of the BNF codes of which one is needed.
    pub bnf_prefixes: Vec<String>,
    /// How many days back an issue may lie.
    pub within_days: i32,
}

impl Condition {
    /// Whether an ICD-10 code, in the form of [`crate::codes::normalise_icd10`], shows the condition.
    pub fn is_shown_by_icd10(&self, code: &str) -> bool {
        self.icd10.iter().any(|prefix| code.starts_with(prefix))
    }
}

static CONDITIONS: LazyLock<Vec<Condition>> = LazyLock::new(read);

/// Every condition: registers first, in the order of the specification.
///
/// # Example
/// ```
/// use earlycall_schemas::codelists::conditions;
/// let of = |code| conditions().iter().filter(|c| c.is_shown_by_icd10(code)).map(|c| &*c.id).collect::<Vec<_>>();
/// assert_eq!(of("J441"), ["copd"]);
/// assert_eq!(of("I110"), ["heart_failure", "hypertension"]);
/// assert!(of("S720").is_empty());
/// ```
pub fn conditions() -> &'static [Condition] {
    &CONDITIONS
}

/// The condition of an id.
pub fn condition(id: &str) -> Option<&'static Condition> {
    conditions().iter().find(|condition| condition.id == id)
}

/// The names of all code lists that conditions are made of.
///
/// # Example
/// ```
/// use earlycall_schemas::codelists::cluster_names;
/// assert!(cluster_names().contains("AST_COD") && !cluster_names().contains("asthma"));
/// ```
pub fn cluster_names() -> BTreeSet<&'static str> {
    let of = |condition: &'static Condition| condition.clusters.iter().chain(&condition.resolving_clusters);
    conditions().iter().flat_map(of).map(String::as_str).collect()
}

fn read() -> Vec<Condition> {
    #[derive(Deserialize)]
    struct File {
        condition: Vec<Condition>,
    }
    #[derive(Deserialize)]
    struct Icd10Row {
        condition: String,
        icd10: String,
    }
    #[derive(Deserialize)]
    struct SnomedRow {
        condition: String,
        snomed: String,
        is_resolved: bool,
    }
    let mut all = embedded::parse_toml::<File>("codelists/conditions.toml", embedded::CONDITIONS).condition;
    for row in embedded::parse_csv::<Icd10Row>("codelists/condition_icd10.csv", embedded::CONDITION_ICD10) {
        assert!(is_icd10(&row.icd10), "condition_icd10.csv: {} is no ICD-10 code", row.icd10);
        named(&mut all, &row.condition).icd10.push(row.icd10);
    }
    for row in embedded::parse_csv::<SnomedRow>("codelists/condition_snomed.csv", embedded::CONDITION_SNOMED) {
        let code = SnomedCode::parse(&row.snomed).unwrap_or_else(|| panic!("condition_snomed.csv: {}", row.snomed));
        let condition = named(&mut all, &row.condition);
        let list = if row.is_resolved { &mut condition.snomed_resolved } else { &mut condition.snomed };
        list.push(code.id());
    }
    all
}

fn named<'a>(all: &'a mut [Condition], id: &str) -> &'a mut Condition {
    let found = all.iter_mut().find(|condition| condition.id == id);
    found.unwrap_or_else(|| panic!("conditions.toml has no condition {id}"))
}

fn yes() -> bool {
    true
}
