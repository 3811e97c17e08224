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
];
