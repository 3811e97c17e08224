//! The files of this crate, compiled in.

macro_rules! table_file {
    ($name:literal) => {
        (concat!("tables/", $name, ".toml"), include_str!(concat!("../tables/", $name, ".toml")))
    };
}

/// People first, then organisations, then what is about people: the order of the checks.
pub(crate) const TABLES: &[(&str, &str)] = &[
    table_file!("patients"),
    table_file!("reference_practices"),
    table_file!("reference_lsoa"),
    table_file!("reference_teams"),
    table_file!("user_access"),
    table_file!("opt_outs"),
    table_file!("registrations"),
    table_file!("gp_events"),
    table_file!("gp_prescriptions"),
    table_file!("apc_episodes"),
    table_file!("ed_attendances"),
    table_file!("inpatients_now"),
    table_file!("deaths"),
    table_file!("gp_appointments"),
    table_file!("outpatient_appointments"),
    table_file!("waiting_list_entries"),
    table_file!("community_contacts"),
    table_file!("home_care_visits"),
    table_file!("social_prescribing_referrals"),
    table_file!("virtual_ward_stays"),
    table_file!("remote_monitoring"),
    table_file!("telecare_events"),
    table_file!("mental_health_contacts"),
];

macro_rules! feed_file {
    ($name:literal) => {
        ($name, include_str!(concat!("../feeds/", $name, ".toml")))
    };
}

/// What features may ask of the optional tables, by table.
pub(crate) const FEEDS: [(&str, &str); 10] = [
    feed_file!("gp_appointments"),
    feed_file!("outpatient_appointments"),
    feed_file!("waiting_list_entries"),
    feed_file!("community_contacts"),
    feed_file!("home_care_visits"),
    feed_file!("social_prescribing_referrals"),
    feed_file!("virtual_ward_stays"),
    feed_file!("remote_monitoring"),
    feed_file!("telecare_events"),
    feed_file!("mental_health_contacts"),
];

macro_rules! output_file {
    ($name:literal) => {
        (concat!("outputs/", $name, ".toml"), include_str!(concat!("../outputs/", $name, ".toml")))
    };
}

/// What coaches read first, then what engineers read.
pub(crate) const OUTPUTS: &[(&str, &str)] = &[
    output_file!("worklist"),
    output_file!("removed"),
    output_file!("scores"),
    output_file!("quarantine"),
    output_file!("mixed_records"),
    output_file!("run"),
    output_file!("lists"),
    output_file!("holdout"),
];

/// The bank holidays.
pub(crate) const BANK_HOLIDAYS: &str = include_str!("../calendar/bank_holidays.toml");

/// The rules.
pub(crate) const RULES: &str = include_str!("../rules/rules.toml");

/// The contacts of coaches, and what may come of one.
pub(crate) const COACH_CONTACTS: &str = include_str!("../contacts/coach_contacts.toml");
pub(crate) const CONTACT_OUTCOMES: &str = include_str!("../contacts/outcomes.toml");

/// The services on whose lists a person can be.
pub(crate) const PATHWAYS: &str = include_str!("../pathways/pathways.toml");

/// Who may look after somebody already.
pub(crate) const LOOKED_AFTER: &str = include_str!("../services/looked_after.toml");

/// Who people are, and why it may be told: for the re-identification service alone.
pub(crate) const IDENTITY_MAP: &str = include_str!("../identities/identity_map.toml");
pub(crate) const REIDENTIFICATION_REASONS: &str = include_str!("../identities/reasons.toml");

/// The models that do without some feeds.
pub(crate) const VARIANTS: &str = include_str!("../models/variants.toml");

// The code lists, in the order of the modules that read them.
pub(crate) const CONDITIONS: &str = include_str!("../codelists/conditions.toml");
pub(crate) const CONDITION_ICD10: &str = include_str!("../codelists/condition_icd10.csv");
pub(crate) const CONDITION_SNOMED: &str = include_str!("../codelists/condition_snomed.csv");
pub(crate) const ADMISSION_METHOD: &str = include_str!("../codelists/admission_method.csv");
pub(crate) const ADMISSION_SOURCE: &str = include_str!("../codelists/admission_source.csv");
pub(crate) const DISCHARGE_DESTINATION: &str = include_str!("../codelists/discharge_destination.csv");
pub(crate) const EMERGENCY_CARE: &str = include_str!("../codelists/emergency_care.csv");
pub(crate) const CHARLSON_WEIGHTS: &str = include_str!("../codelists/charlson_weights.csv");
pub(crate) const CHARLSON_ICD10: &str = include_str!("../codelists/charlson_icd10.csv");
pub(crate) const HFRS: &str = include_str!("../codelists/hfrs.csv");
pub(crate) const OBSERVATIONS: &str = include_str!("../codelists/observations.csv");
pub(crate) const OBSERVATION_UNITS: &str = include_str!("../codelists/observation_units.csv");
pub(crate) const OBSERVATION_SNOMED: &str = include_str!("../codelists/observation_snomed.csv");
pub(crate) const BNF_SECTIONS: &str = include_str!("../codelists/bnf_sections.csv");
pub(crate) const SEX_ETHNICITY: &str = include_str!("../codelists/sex_ethnicity.csv");
pub(crate) const ORGANISATIONS: &str = include_str!("../codelists/organisations.csv");
pub(crate) const ICD10_IN_USE: &str = include_str!("../codelists/icd10_in_use.csv");
pub(crate) const ICD10_PLAIN_WORDS: &str = include_str!("../codelists/icd10_plain_words.csv");

/// Concepts that are never stored; no feature and no word depends on them.
pub(crate) const RESTRICTED_SNOMED: &str = include_str!("../codelists/restricted_snomed.csv");

/// Beginnings of BNF codes of the medicines that care gaps ask for; no feature depends on them, and so no model does.
pub(crate) const MEDICINE_CLASSES: &str = include_str!("../codelists/medicine_classes.csv");

/// How to speak with somebody: told on lines and in reports, and no feature depends on it (R20).
pub(crate) const LANGUAGES: &str = include_str!("../codelists/languages.csv");
pub(crate) const ACCESSIBLE_NEEDS: &str = include_str!("../codelists/accessible_needs.csv");
pub(crate) const CARER_SNOMED: &str = include_str!("../codelists/carer_snomed.csv");

macro_rules! care_gaps_file {
    ($name:literal) => {
        (concat!("care_gaps/", $name, ".toml"), include_str!(concat!("../care_gaps/", $name, ".toml")))
    };
}

/// The care gaps, one file per family of conditions.
pub(crate) const CARE_GAPS: &[(&str, &str)] =
    &[care_gaps_file!("heart"), care_gaps_file!("lungs"), care_gaps_file!("diabetes"), care_gaps_file!("kidneys")];

/// How common the registers are, which the synthetic population is drawn from too.
pub(crate) const PREVALENCE_BY_AGE: &str = include_str!("../synthetic/ltc_prevalence_by_age.csv");

/// Every code list on which a feature or a word depends.
pub(crate) const CODE_LISTS: [&str; 17] = [
    CONDITIONS,
    CONDITION_ICD10,
    CONDITION_SNOMED,
    ADMISSION_METHOD,
    ADMISSION_SOURCE,
    DISCHARGE_DESTINATION,
    EMERGENCY_CARE,
    CHARLSON_WEIGHTS,
    CHARLSON_ICD10,
    HFRS,
    OBSERVATIONS,
    OBSERVATION_UNITS,
    OBSERVATION_SNOMED,
    BNF_SECTIONS,
    SEX_ETHNICITY,
    ORGANISATIONS,
    ICD10_PLAIN_WORDS,
];

/// Parses an embedded TOML file. Panics with its name, as only a mistake in this crate can break it; tests parse all.
pub(crate) fn parse_toml<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> T {
    toml::from_str(text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Parses an embedded CSV file with a header. Columns that `T` does not have are for readers of the file.
pub(crate) fn parse_csv<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Vec<T> {
    let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize();
    rows.map(|row| row.unwrap_or_else(|error| panic!("{file}: {error}"))).collect()
}
