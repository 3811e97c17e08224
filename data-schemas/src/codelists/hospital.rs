//! How people come into hospital and A&E, and how they leave: the groups that spells and counts are built on.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::embedded;

/// What kind of admission a method of admission is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdmissionGroup {
    /// Planned.
    Elective,
    /// Unplanned.
    Emergency,
    /// Somebody already in hospital elsewhere, moved in an emergency: an admission only if the first part is missing.
    EmergencyTransfer,
    /// A baby born at home as planned.
    BirthHome,
    /// Before or after giving birth.
    Maternity,
    /// Somebody already in hospital elsewhere, moved without haste.
    Transfer,
    /// A birth.
    Birth,
    /// Not applicable or not known.
    Unknown,
}

#[derive(Deserialize)]
struct Method {
    code: String,
    group: AdmissionGroup,
}

#[derive(Deserialize)]
struct Place {
    code: String,
    is_transfer: bool,
    #[serde(default)]
    is_care_home: bool,
}

#[derive(Deserialize)]
struct EmergencyCare {
    field: String,
    snomed: u64,
    value: String,
}

static METHODS: LazyLock<Vec<Method>> =
    LazyLock::new(|| embedded::parse_csv("codelists/admission_method.csv", embedded::ADMISSION_METHOD));
static SOURCES: LazyLock<Vec<Place>> =
    LazyLock::new(|| embedded::parse_csv("codelists/admission_source.csv", embedded::ADMISSION_SOURCE));
static DESTINATIONS: LazyLock<Vec<Place>> =
    LazyLock::new(|| embedded::parse_csv("codelists/discharge_destination.csv", embedded::DISCHARGE_DESTINATION));
static EMERGENCY_CARE: LazyLock<Vec<EmergencyCare>> =
    LazyLock::new(|| embedded::parse_csv("codelists/emergency_care.csv", embedded::EMERGENCY_CARE));

/// The group of a method of admission; `None` for a code that is none.
pub fn admission_method_group(method: &str) -> Option<AdmissionGroup> {
    METHODS.iter().find(|row| row.code == method).map(|row| row.group)
}

/// Whether a method is one of an emergency admission: 21 to 25, 28, 2A, 2D (specification 2.3).
///
/// # Example
/// ```
/// use earlycall_schemas::codelists::is_emergency_method;
/// assert!(is_emergency_method("21"));
/// assert!(!is_emergency_method("2B")); // a transfer: counts only where its first part is missing
/// assert!(!is_emergency_method("11"));
/// ```
pub fn is_emergency_method(method: &str) -> bool {
    admission_method_group(method) == Some(AdmissionGroup::Emergency)
}

/// Whether a method says that the person came from another hospital: 2B, 81 (specification 2.2).
pub fn is_transfer_method(method: &str) -> bool {
    let group = admission_method_group(method);
    matches!(group, Some(AdmissionGroup::EmergencyTransfer | AdmissionGroup::Transfer))
}

/// Whether a source of admission is another hospital: 49 to 53, 87 (specification 2.2).
pub fn is_transfer_source(source: &str) -> bool {
    SOURCES.iter().any(|row| row.code == source && row.is_transfer)
}

/// Whether a discharge destination is another hospital: 49 to 53, 84 (specification 2.2).
pub fn is_transfer_destination(destination: &str) -> bool {
    DESTINATIONS.iter().any(|row| row.code == destination && row.is_transfer)
}

/// Whether a discharge destination is a care home.
pub fn is_care_home_destination(destination: &str) -> bool {
    DESTINATIONS.iter().any(|row| row.code == destination && row.is_care_home)
}

/// Whether an arrival mode at A&E is an ambulance.
pub fn is_ambulance_arrival(arrival_mode: u64) -> bool {
    is_emergency_care("arrival_mode", arrival_mode, &["ambulance"])
}

/// Whether an attendance at A&E looked standard or not urgent at the door, the lower two of five levels.
pub fn is_low_acuity(acuity: u64) -> bool {
    is_emergency_care("acuity", acuity, &["standard", "non_urgent"])
}

/// Whether a discharge destination from A&E is a hospital ward.
pub fn is_admitted_from_emergency_care(discharge_destination: u64) -> bool {
    is_emergency_care("discharge_destination", discharge_destination, &["admitted"])
}

/// Whether a discharge status from A&E says that the person left before they were treated.
pub fn left_before_treatment(discharge_status: u64) -> bool {
    let values = ["left_before_assessment", "left_after_assessment", "left_before_treatment_completed"];
    is_emergency_care("discharge_status", discharge_status, &values)
}

fn is_emergency_care(field: &str, snomed: u64, values: &[&str]) -> bool {
    EMERGENCY_CARE.iter().any(|row| row.snomed == snomed && row.field == field && values.contains(&row.value.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{codes::is_snomed_concept, table::table};

    fn codes_where(of_column: &str, holds: fn(&str) -> bool) -> String {
        let column = table("apc_episodes").unwrap().column(of_column).unwrap();
        column.one_of.iter().filter(|code| holds(code)).cloned().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_groups_are_those_of_the_specification() {
        assert_eq!(codes_where("admission_method", is_emergency_method), "21 22 23 24 25 28 2A 2D");
        assert_eq!(codes_where("admission_method", is_transfer_method), "2B 81");
        assert_eq!(codes_where("admission_source", is_transfer_source), "49 50 51 52 53 87");
        assert_eq!(codes_where("discharge_destination", is_transfer_destination), "49 50 51 52 53 84");
        assert_eq!(codes_where("discharge_destination", is_care_home_destination), "54 55 56 65 85");
    }

    #[test]
    fn the_lists_and_the_table_allow_the_same_codes() {
        let apc = table("apc_episodes").unwrap();
        let of_list = |codes: Vec<&String>| codes.into_iter().cloned().collect::<Vec<_>>();
        let methods = of_list(METHODS.iter().map(|row| &row.code).collect());
        assert_eq!(apc.column("admission_method").unwrap().one_of, methods);
        assert_eq!(table("inpatients_now").unwrap().column("admission_method").unwrap().one_of, methods);
        let sources = of_list(SOURCES.iter().map(|row| &row.code).collect());
        assert_eq!(apc.column("admission_source").unwrap().one_of, sources);
        let destinations = of_list(DESTINATIONS.iter().map(|row| &row.code).collect());
        assert_eq!(apc.column("discharge_destination").unwrap().one_of, destinations);
    }

    #[test]
    fn emergency_care_concepts_hold_and_stay_in_their_field() {
        assert!(EMERGENCY_CARE.iter().all(|row| is_snomed_concept(&row.snomed.to_string())));
        assert!(is_ambulance_arrival(1_048_021_000_000_102) && !is_ambulance_arrival(1_048_071_000_000_103));
        assert!(is_admitted_from_emergency_care(306_706_006) && !is_admitted_from_emergency_care(306_689_006));
        assert!(left_before_treatment(1_066_301_000_000_103) && !left_before_treatment(306_706_006));
        assert!(!is_admitted_from_emergency_care(1_048_021_000_000_102));
    }
}
