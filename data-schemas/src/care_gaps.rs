//! Care gaps: checks and medicines that a person with a long-term condition should have and, by the GP record, has not.
//! Each is declared once, in `care_gaps/*.toml`, as data.
//!
//! One declaration feeds the computation, the sentence that a coach can say on the phone, the limits that a service may
//! set, and the documentation. A gap says nothing of why: the practice may have a good reason that no code tells.
//!
//! ```
//! use earlycall_schemas::care_gaps::CareGaps;
//! let more = r#"
//!     [copd_oxygen_level_not_taken]
//!     kind = "not_measured"                    # not_measured, last_value, not_prescribed or prescribed
//!     conditions = ["copd"]                    # about whoever has any of them
//!     observations = ["spo2"]
//!     limits = { within_days = 365 }           # what a service may set otherwise
//!     says = "No oxygen level on record since {date}"
//!     says_never = "No oxygen level on record"
//!     priority = 99                            # of several gaps the lowest are told
//!     sensitive = false                        # nothing else can be declared
//!     source = "Ours"
//!     why = "A low level at rest may need oxygen."
//! "#;
//! let gaps = CareGaps::read(&[("more.toml", more)]).unwrap();
//! assert_eq!(gaps.gap("copd_oxygen_level_not_taken").unwrap().limits["within_days"], 365.0);
//!
//! let refused = CareGaps::read(&[("more.toml", &more.replace("\"spo2\"", "\"spo3\""))]).unwrap_err();
//! assert_eq!(refused.to_string(), "more.toml, copd_oxygen_level_not_taken: names no known measurement: spo3");
//! ```

mod read;
mod reference;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use crate::catalogue::CatalogueError;
pub use reference::care_gaps_markdown;

/// The name of the limit that every gap has: the days that it looks back.
pub const WITHIN_DAYS: &str = "within_days";
/// The name of the limit of gaps about too many: on how many days.
pub const AT_LEAST: &str = "at_least";
/// The name of the limit of gaps that ask for a medicine beside another: on how many days that one was prescribed.
pub const BESIDE_AT_LEAST: &str = "beside_at_least";
/// The name of the limit of gaps about whoever scores some points.
pub const POINTS: &str = "points";

/// What a gap asks of the record of somebody whom it is about. Windows are `(T - w, T]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No such measurement within the window.
    NotMeasured {
        /// A position in [`crate::codelists::observations`].
        observation: u16,
    },
    /// The last measurement within the window passes a limit; of several taken together, such as the two numbers of blood
    /// pressure, any of them passes its own.
    LastValue {
        /// Positions in [`crate::codelists::observations`]; the limit of each has its name.
        observations: Vec<u16>,
        /// When a value passes its limit.
        told_when: ToldWhen,
    },
    /// None of these medicines within the window.
    NotPrescribed {
        /// Beginnings of their BNF codes.
        medicines: Vec<String>,
        /// Asked only of whoever was prescribed one of these within the window: beginnings of BNF codes.
        beside: Option<Vec<String>>,
    },
    /// One of these medicines on too many days within the window.
    Prescribed {
        /// Beginnings of their BNF codes.
        medicines: Vec<String>,
    },
}

impl Kind {
    /// The table without which nothing can be told.
    pub fn feed(&self) -> &'static str {
        match self {
            Kind::NotMeasured { .. } | Kind::LastValue { .. } => "gp_events",
            Kind::NotPrescribed { .. } | Kind::Prescribed { .. } => "gp_prescriptions",
        }
    }
}

/// When a value passes a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToldWhen {
    /// Above it.
    Above,
    /// At it or above.
    AtLeast,
}

/// Points of a score, for whom everything holds that is named.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Points {
    /// How many.
    pub n: u32,
    /// For whoever has any of these conditions.
    #[serde(default)]
    pub conditions: Vec<String>,
    /// For whoever is so old.
    pub from_age_years: Option<u32>,
    /// For whoever has this code of sex.
    pub sex: Option<String>,
}

/// One care gap.
#[derive(Clone, Debug, PartialEq)]
pub struct CareGap {
    /// Name in settings.
    pub id: String,
    /// It is about whoever has any of these conditions; empty means everybody.
    pub conditions: Vec<String>,
    /// And is so old.
    pub from_age_years: Option<u32>,
    /// And is not yet so old.
    pub below_age_years: Option<u32>,
    /// And has as many points as the limit `points` says; empty means no score is asked.
    pub points: Vec<Points>,
    /// What it asks.
    pub kind: Kind,
    /// Numbers that a service may set, by name.
    pub limits: BTreeMap<String, f64>,
    /// The sentence, with gaps: `{date}`, `{on}`, `{value}`, `{limit}`, `{n}`, `{window}`.
    pub says: String,
    /// The sentence where there never was such a measurement.
    pub says_never: Option<String>,
    /// The lowest are told first.
    pub priority: u32,
    /// What it means to somebody, and what it cannot know.
    pub why: String,
    /// Where the idea comes from.
    pub source: String,
}

impl CareGap {
    /// What is wrong with a limit, declared or set by a service; none for a limit that makes sense.
    pub fn wrong_limit(name: &str, limit: f64) -> Option<&'static str> {
        let is_whole_within = |from: f64, to: f64| limit.fract() == 0.0 && (from..=to).contains(&limit);
        match name {
            WITHIN_DAYS => (!is_whole_within(1.0, 3650.0)).then_some("must be a whole number, 1 to 3650"),
            AT_LEAST | BESIDE_AT_LEAST | POINTS => {
                (!is_whole_within(1.0, 1000.0)).then_some("must be a whole number, 1 to 1000")
            }
            _ => (!(limit > 0.0 && limit < 1e6)).then_some("must be a number above 0"),
        }
    }
}

/// Every care gap, those first that are told first.
#[derive(Clone, Debug)]
pub struct CareGaps(Vec<CareGap>);

impl CareGaps {
    /// Reads and checks the gaps of named files.
    ///
    /// # Errors
    /// Says which gap of which file breaks which rule.
    pub fn read(files: &[(&str, &str)]) -> Result<CareGaps, CatalogueError> {
        let mut gaps: Vec<CareGap> = Vec::new();
        for (file, text) in files {
            for gap in read::read(file, text)? {
                let refuse =
                    |message: String| CatalogueError { file: (*file).to_owned(), entry: gap.id.clone(), message };
                if let Some(other) = gaps.iter().find(|other| other.id == gap.id || other.priority == gap.priority) {
                    return Err(refuse(format!("has the name or the priority of {}", other.id)));
                }
                gaps.push(gap);
            }
        }
        gaps.sort_by_key(|gap| gap.priority);
        Ok(CareGaps(gaps))
    }

    /// The gaps, by priority.
    pub fn all(&self) -> &[CareGap] {
        &self.0
    }

    /// The gap of an id.
    pub fn gap(&self, id: &str) -> Option<&CareGap> {
        self.0.iter().find(|gap| gap.id == id)
    }
}

static CARE_GAPS: LazyLock<CareGaps> = LazyLock::new(|| {
    CareGaps::read(crate::embedded::CARE_GAPS).unwrap_or_else(|error| panic!("the care gaps are broken: {error}"))
});

/// The care gaps that are compiled in.
pub fn care_gaps() -> &'static CareGaps {
    &CARE_GAPS
}
