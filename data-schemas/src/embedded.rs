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

/// The rules.
pub(crate) const RULES: &str = include_str!("../rules/rules.toml");

/// Parses an embedded TOML file. Panics with its name, as only a mistake in this crate can break it; tests parse all.
pub(crate) fn parse_toml<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> T {
    toml::from_str(text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Parses an embedded CSV file with a header. Columns that `T` does not have are for readers of the file.
pub(crate) fn parse_csv<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Vec<T> {
    let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize();
    rows.map(|row| row.unwrap_or_else(|error| panic!("{file}: {error}"))).collect()
}
