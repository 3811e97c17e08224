//! The shape of the numbers behind the population: what is known about a place before anybody lives in it.

use serde::Deserialize;

/// How many conditions there are; see [`Parameters::conditions`].
pub(crate) const CONDITIONS: usize = 22;

/// Ages at which prevalence is known; in between it is a straight line. The first is a birth without conditions, the
/// others are the middles of the bands of the file.
pub(crate) const PREVALENCE_AGES: [f64; 8] = [0.0, 9.0, 29.0, 47.0, 60.0, 70.0, 80.0, 90.0];

/// A band of ages and the share of people in it.
#[derive(Debug)]
pub(crate) struct AgeBand {
    pub from: f64,
    pub to: f64,
    pub share: f64,
}

/// A condition: who has it, what it does, and how it is written down.
#[derive(Debug)]
pub(crate) struct Condition {
    pub name: String,
    /// Share of people at each of [`PREVALENCE_AGES`].
    pub prevalence: [f64; 8],
    pub admission_ratio: f64,
    pub mortality_ratio: f64,
    pub deprivation_odds_ratio: f64,
    pub snomed: Vec<String>,
    pub icd10: Vec<String>,
}

/// A main diagnosis of an emergency admission.
#[derive(Debug)]
pub(crate) struct Diagnosis {
    pub icd10: String,
    /// Share among all emergency admissions, before age, sex and conditions have their say.
    pub weight: f64,
    pub tilted_by: Option<usize>,
    pub ages: (i32, i32),
    pub sex: Option<char>,
    pub also: Option<String>,
    pub is_respiratory: bool,
}

/// A main language of people of an ethnic category.
#[derive(Debug, Deserialize)]
pub(crate) struct Spoken {
    pub ethnic_category: String,
    /// Its ISO 639 code.
    pub language: String,
    pub share: f64,
}

/// A way in which people need information.
#[derive(Debug, Deserialize)]
pub(crate) struct RecordedNeed {
    /// Its SNOMED CT concept.
    pub snomed: String,
    pub from_age: f64,
    /// Share of people of this age who have it recorded.
    pub share: f64,
}

/// A medicine that goes with a condition.
#[derive(Debug)]
pub(crate) struct Medicine {
    pub occasion: Occasion,
    /// The first nine characters of its code.
    pub bnf9: String,
    pub share: f64,
    pub issues_per_year: f64,
    pub from_age: f64,
}

/// Why a medicine is given.
#[derive(Debug, PartialEq)]
pub(crate) enum Occasion {
    /// For a condition, month after month.
    Condition(usize),
    /// Month after month, whatever the conditions.
    Any,
    /// Once, for something that passes. Its share is a rate per year.
    Acute,
}

/// One borough.
#[derive(Debug)]
pub(crate) struct BoroughFigures {
    pub lad_code: String,
    pub slug: String,
    pub population: f64,
    pub trust: String,
    pub site: String,
    pub imd_fifths: [f64; 5],
    pub ethnic: [f64; 10],
}

/// Ethnic categories, in the order of [`BoroughFigures::ethnic`].
pub(crate) const ETHNIC: [&str; 10] = ["A", "C", "H", "J", "K", "L", "M", "N", "G", "S"];

/// A month's factors.
#[derive(Debug, Deserialize)]
pub(crate) struct Season {
    #[serde(rename = "respiratory_admissions")]
    pub respiratory: f64,
    #[serde(rename = "other_emergency_admissions")]
    pub other: f64,
    #[serde(rename = "ae_attendances")]
    pub ae: f64,
}

/// ln(yearly probability of death) = `intercept` + `slope` times age.
#[derive(Debug, Deserialize)]
pub(crate) struct Gompertz {
    #[serde(rename = "ln_q_intercept")]
    pub intercept: f64,
    #[serde(rename = "ln_q_slope")]
    pub slope: f64,
}

/// Everything.
#[derive(Debug)]
pub(crate) struct Parameters {
    pub ages: Vec<AgeBand>,
    pub conditions: Vec<Condition>,
    /// Oldest age of the row, and the yearly share with an emergency admission per deprivation fifth.
    pub admitted: Vec<(f64, [f64; 5])>,
    /// Yearly share with an event at the middle of each ten years of age.
    pub admitted_by_decade: Vec<f64>,
    pub diagnoses: Vec<Diagnosis>,
    pub medicines: Vec<Medicine>,
    pub boroughs: Vec<BoroughFigures>,
    /// Main languages but English.
    pub languages: Vec<Spoken>,
    pub accessible_needs: Vec<RecordedNeed>,
    /// January first.
    pub seasons: Vec<Season>,
    /// Men, women.
    pub mortality: Vec<Gompertz>,
}

impl Parameters {
    /// The number of a condition.
    pub fn condition(&self, name: &str) -> usize {
        self.conditions.iter().position(|c| c.name == name).expect("named conditions are in the embedded file")
    }
}
