//! The sections of `earlycall.toml`, each with its defaults.

use std::{collections::BTreeMap, path::PathBuf};

use earlycall_schemas::codelists::conditions;
use serde::{Deserialize, Serialize};

use super::{mapping::Mappings, memory::MemoryLimit};

/// `[profile]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// Production unless it says otherwise.
    pub kind: ProfileKind,
}

/// Whether real people may be called from what comes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileKind {
    /// Refuses synthetic data, unsigned models and illustrative code lists.
    #[default]
    Production,
    /// For research and demonstration; every page says so.
    Research,
}

/// `[extracts]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Extracts {
    /// One delivery, or a folder of deliveries.
    pub folder: PathBuf,
    /// Days by which a table's rows are known after they happened, for a history delivered at once.
    pub lag_days: BTreeMap<String, i32>,
    /// Purposes for which this service may use what arrives (V02).
    pub purposes: Vec<String>,
    /// Legal bases on which it may (V02).
    pub legal_bases: Vec<String>,
    /// A list of concepts that the law keeps out, beside those that come with the program (V38).
    pub restricted_codes: Option<PathBuf>,
    /// The only way past a missing list of objections.
    pub no_objections_recorded: Option<SignedReason>,
    /// How the columns of suppliers become those of tables.
    #[serde(skip_serializing_if = "Mappings::is_empty")]
    pub mapping: Mappings,
}

impl Default for Extracts {
    fn default() -> Extracts {
        Extracts {
            folder: "extracts".into(),
            lag_days: BTreeMap::from([("gp_prescriptions".to_owned(), 3), ("outpatient_appointments".to_owned(), 30)]),
            purposes: Vec::new(),
            legal_bases: Vec::new(),
            restricted_codes: None,
            no_objections_recorded: None,
            mapping: Mappings::new(),
        }
    }
}

/// Who decided, and why.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SignedReason {
    /// The person who answers for it.
    pub name: String,
    /// Their reason.
    pub reason: String,
}

/// A section that names a folder.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Folder {
    /// The folder; absent means the section's default.
    pub folder: Option<PathBuf>,
}

/// `[model]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Model {
    /// Candidates, and the one in use; absent means the default.
    pub folder: Option<PathBuf>,
    /// Files of the public keys with one of which a model must be signed in production.
    #[serde(skip_serializing)] // it decides whether a model may be used, not what it says
    pub public_keys: Vec<PathBuf>,
    /// Days after the last day that it learnt from, on which a model may still be used.
    #[serde(skip_serializing)]
    pub expires_after_days: i32,
}

impl Default for Model {
    fn default() -> Model {
        Model { folder: None, public_keys: Vec::new(), expires_after_days: 365 }
    }
}

/// `[prediction]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Prediction {
    /// Only `emergency_admission` so far.
    pub outcome: Outcome,
    /// The horizon that leads: the window is (index date, index date + horizon].
    pub horizon_days: i32,
    /// Other horizons whose risks are told beside it, ascending; the leading one among them is no other.
    #[serde(skip_serializing)] // they make another model, which a night names, and not another night
    pub further_horizons_days: Vec<i32>,
}

impl Prediction {
    /// The further horizons, without the leading one.
    pub fn further_days(&self) -> Vec<i32> {
        self.further_horizons_days.iter().copied().filter(|days| *days != self.horizon_days).collect()
    }
}

/// What is predicted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// At least one unplanned hospital admission, specification 2.3.
    #[default]
    EmergencyAdmission,
}

impl Outcome {
    /// The word in files.
    pub fn code(self) -> &'static str {
        "emergency_admission"
    }

    /// The words on a page.
    pub fn in_words(self) -> &'static str {
        "an unplanned hospital admission"
    }
}

impl Default for Prediction {
    fn default() -> Prediction {
        Prediction { outcome: Outcome::default(), horizon_days: 180, further_horizons_days: vec![30, 90, 365] }
    }
}

/// `[cohort]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cohort {
    /// Youngest age in whole years.
    pub minimum_age_years: i32,
    /// The long-term conditions that one is coached for.
    pub conditions: Vec<String>,
}

impl Default for Cohort {
    fn default() -> Cohort {
        let coached = conditions().iter().filter(|condition| condition.is_coached);
        Cohort { minimum_age_years: 18, conditions: coached.map(|condition| condition.id.clone()).collect() }
    }
}

/// `[worklist]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Worklist {
    /// Someone on the list stays until they fall below this many times the cut rank. At least 1.
    pub hysteresis: f64,
}

impl Default for Worklist {
    fn default() -> Worklist {
        Worklist { hysteresis: 1.2 }
    }
}

/// `[gate]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gate {
    /// Largest share of a core table's rows that may be rejected.
    pub rejected_rows_max: f64,
    /// Largest share by which the people scored may fall since the night before.
    pub scored_fall_max: f64,
    /// Largest share by which the people who object may fall from one list to the next.
    pub objections_fall_max: f64,
    /// Largest share of the registered people who may be with practices whose newest files are refused.
    pub refused_people_max: f64,
}

impl Default for Gate {
    fn default() -> Gate {
        Gate { rejected_rows_max: 0.02, scored_fall_max: 0.1, objections_fall_max: 0.05, refused_people_max: 0.02 }
    }
}

/// `[training]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Training {
    /// Most people of one index date to learn from. At least 1.
    pub people_per_date: u32,
}

impl Default for Training {
    fn default() -> Training {
        Training { people_per_date: 300_000 }
    }
}

/// `[run]`
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Run {
    /// The memory within which a command stays, as far as it can.
    pub memory_limit: MemoryLimit,
}

impl Run {
    /// The memory within which a command stays, as far as it can, in bytes.
    pub fn memory_limit_bytes(&self) -> u64 {
        self.memory_limit.bytes()
    }
}

/// `[delivery.TEAM]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The folder into which the team's files are copied.
    pub folder: PathBuf,
    /// The group that may read them; absent means the service's own.
    pub group: Option<String>,
    /// For whom they are encrypted, each `age1...`; of none, they are not.
    #[serde(default)]
    pub recipients: Vec<String>,
}
