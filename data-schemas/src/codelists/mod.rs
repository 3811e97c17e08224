//! The code lists, as data in `codelists/` (origin and licence of each: `codelists/PROVENANCE.md`), parsed once.

mod comorbidity;
mod conditions;
mod hospital;
mod medicines;
mod observations;
mod people;
mod plain_words;

pub use comorbidity::{CharlsonGroup, charlson_groups, charlson_score, hfrs_points_tenths};
pub use conditions::{Condition, NeedsMedicine, SNOMED_IS_ILLUSTRATIVE, condition, conditions};
pub use hospital::{
    AdmissionGroup, admission_method_group, is_admitted_from_emergency_care, is_ambulance_arrival,
    is_care_home_destination, is_emergency_method, is_transfer_destination, is_transfer_method, is_transfer_source,
    left_before_treatment,
};
pub use medicines::{BnfSection, bnf_section, bnf_sections};
pub use observations::{Observation, observation, observation_by_id, observations};
pub use people::{borough_name, ethnicity_label, sex_label, site_name, trust_name};
pub use plain_words::{ANOTHER_REASON, PlainReason, plain_reason};

#[cfg(test)]
mod tests;
