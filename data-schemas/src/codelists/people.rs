//! Words for sex, ethnic category, boroughs, trusts and hospital sites.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::embedded;

#[derive(Deserialize)]
struct Label {
    field: String,
    code: String,
    label: String,
}

#[derive(Deserialize)]
struct Organisation {
    kind: String,
    code: String,
    name: String,
}

static LABELS: LazyLock<Vec<Label>> =
    LazyLock::new(|| embedded::parse_csv("codelists/sex_ethnicity.csv", embedded::SEX_ETHNICITY));
static ORGANISATIONS: LazyLock<Vec<Organisation>> =
    LazyLock::new(|| embedded::parse_csv("codelists/organisations.csv", embedded::ORGANISATIONS));

/// The word for a sex code: "Female", "Male", "Not specified", or "Not known", also for a code that is none.
pub fn sex_label(code: &str) -> &'static str {
    label("sex", code).unwrap_or("Not known")
}

/// The words for an ethnic category; `None` for a code that is none.
pub fn ethnicity_label(code: &str) -> Option<&'static str> {
    label("ethnicity", code)
}

/// The name of a borough (local authority district) of North East London; `None` for any other.
pub fn borough_name(lad_code: &str) -> Option<&'static str> {
    name("borough", lad_code)
}

/// The name of an acute trust of North East London; `None` for any other, for the name of a community and mental health
/// trust would tell what somebody is there for.
pub fn acute_trust_name(provider_code: &str) -> Option<&'static str> {
    name("trust", provider_code)
}

/// Whether a code is that of a trust of North East London, acute or not (V22).
pub fn is_known_provider(provider_code: &str) -> bool {
    ["trust", "community_trust"].iter().any(|kind| name(kind, provider_code).is_some())
}

/// The name of a main hospital of North East London; `None` for any other.
pub fn site_name(site_code: &str) -> Option<&'static str> {
    name("site", site_code)
}

fn label(field: &str, code: &str) -> Option<&'static str> {
    LABELS.iter().find(|row| row.field == field && row.code == code).map(|row| row.label.as_str())
}

fn name(kind: &str, code: &str) -> Option<&'static str> {
    ORGANISATIONS.iter().find(|row| row.kind == kind && row.code == code).map(|row| row.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::table;

    #[test]
    fn every_code_that_a_patient_may_have_has_a_word() {
        let patients = table("patients").unwrap();
        let known = |column: &str| patients.column(column).unwrap().one_of.clone();
        assert!(known("sex").iter().all(|code| label("sex", code).is_some()));
        assert!(known("ethnic_category").iter().all(|code| ethnicity_label(code).is_some()));
        assert_eq!((sex_label("2"), sex_label("")), ("Female", "Not known"));
    }

    #[test]
    fn places_have_names() {
        assert_eq!(borough_name("E09000031"), Some("Waltham Forest"));
        assert_eq!(acute_trust_name("R1H"), Some("Barts Health NHS Trust"));
        assert_eq!(acute_trust_name("RWK"), None);
        assert!(is_known_provider("R1H") && is_known_provider("RWK") && !is_known_provider("RRV"));
        assert_eq!(site_name("R1HKH"), Some("Whipps Cross University Hospital"));
        assert_eq!(borough_name("E09000003"), None);
    }
}
