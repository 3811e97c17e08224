//! The code lists, as data in `codelists/` (origin and licence of each: `codelists/PROVENANCE.md`), parsed once.

mod communication;
mod comorbidity;
mod conditions;
mod hospital;
mod icd10_use;
pub mod import;
mod medicines;
mod observations;
mod people;
mod plain_words;
mod restricted;

pub use communication::{
    AccessibleNeed, Caring, LANGUAGE_FAMILIES, Language, MainLanguage, accessible_need, accessible_needs,
    caring_concepts, main_language,
};
pub use comorbidity::{CharlsonGroup, charlson_groups, charlson_score, hfrs_points_tenths};
pub use conditions::{Condition, NeedsMedicine, cluster_names, condition, conditions};
pub use hospital::{
    AdmissionGroup, admission_method_group, is_admitted_from_emergency_care, is_ambulance_arrival,
    is_care_home_destination, is_emergency_method, is_low_acuity, is_transfer_destination, is_transfer_method,
    is_transfer_source, left_before_treatment,
};
pub use icd10_use::{Unusual, unusual_icd10};
pub use medicines::{BnfSection, bnf_section, bnf_sections, medicine_class};
pub use observations::{Observation, observation, observation_by_id, observations};
pub use people::{acute_trust_name, borough_name, ethnicity_label, is_known_provider, sex_label, site_name};
pub use plain_words::{ANOTHER_REASON, PlainReason, plain_reason};
pub use restricted::restricted_concepts;

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// SHA-256 over every embedded code list, in hexadecimal: a model names the lists that its features were made with.
pub fn hash() -> &'static str {
    static HASH: LazyLock<String> = LazyLock::new(|| {
        let mut hasher = Sha256::new();
        crate::embedded::CODE_LISTS.iter().for_each(|list| hasher.update(list.as_bytes()));
        hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    });
    &HASH
}

#[cfg(test)]
mod tests;
