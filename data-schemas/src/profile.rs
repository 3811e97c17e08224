//! What is counted of a table's rows, delivery by delivery, so that tonight can be held against other nights (V32 to V36).

use serde::Deserialize;

/// What a table's profile counts besides its rows by day. Names of columns are those of the table.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProfileSpec {
    /// The column with the organisation whose row it is; without one, or where it is empty, whoever supplied the row.
    pub organisation: Option<String>,
    /// Columns that should be filled (V34).
    pub complete: Vec<Completeness>,
    /// Columns whose codes should keep their proportions (V35).
    pub mix: Vec<Mix>,
    /// The results that should not crowd on one value (V36).
    pub results: Option<Results>,
}

impl ProfileSpec {
    /// The columns that are counted, and by which; some of them twice.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let complete = self.complete.iter().flat_map(|one| [Some(&one.column), one.closed_by.as_ref()]);
        let mix = self.mix.iter().map(|one| Some(&one.column));
        let results = self.results.iter().flat_map(|one| [Some(&one.code), Some(&one.value)]);
        complete.chain(mix).chain(results).flatten().chain(&self.organisation).map(String::as_str)
    }
}

/// A column that should be filled, and whose limit V34 declares under the same name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Completeness {
    /// Name of the measure and of its limit.
    pub name: String,
    /// What it is called on the screen.
    pub words: String,
    /// The column.
    pub column: String,
    /// Only these codes fill it; none named: any.
    #[serde(default)]
    pub known: Vec<String>,
    /// These codes stand for an empty cell.
    #[serde(default)]
    pub unknown: Vec<String>,
    /// Whoever never fills it does not send it, and is not judged.
    #[serde(default)]
    pub if_sent: bool,
    /// Only rows whose date here lies far enough back are expected to be filled.
    pub closed_by: Option<String>,
    /// How far, in days before the extract.
    #[serde(default)]
    pub closed_days: i32,
}

impl Completeness {
    /// Whether a value fills the column.
    ///
    /// # Example
    /// ```
    /// use earlycall_schemas::table::table;
    /// let patients = table("patients").unwrap().profile.as_ref().unwrap();
    /// let ethnic = patients.complete.iter().find(|measure| measure.name == "ethnic_category").unwrap();
    /// assert!(ethnic.is_filled_by("A"));
    /// assert!(!ethnic.is_filled_by("Z") && !ethnic.is_filled_by(""));
    /// ```
    pub fn is_filled_by(&self, value: &str) -> bool {
        let is_one_of = |codes: &[String]| codes.iter().any(|code| code == value);
        !value.is_empty() && (self.known.is_empty() || is_one_of(&self.known)) && !is_one_of(&self.unknown)
    }
}

/// A column whose codes should keep their proportions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mix {
    /// The column.
    pub column: String,
    /// Characters of a code that tell it apart; absent: all of them.
    pub characters: Option<usize>,
}

impl Mix {
    /// What a code counts as.
    ///
    /// # Example
    /// ```
    /// use earlycall_schemas::profile::Mix;
    /// let sections = Mix { column: "bnf_code".into(), characters: Some(4) };
    /// assert_eq!(sections.group("0206010F0AAAAAA"), "0206");
    /// assert_eq!(sections.group("02"), "02");
    /// ```
    pub fn group<'a>(&self, code: &'a str) -> &'a str {
        let end = self.characters.and_then(|n| code.char_indices().nth(n)).map_or(code.len(), |(at, _)| at);
        &code[..end]
    }
}

/// Columns of results.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// What was measured.
    pub code: String,
    /// The result.
    pub value: String,
    /// Measurements of which one value is common by nature.
    #[serde(default)]
    pub except: Vec<String>,
}

#[cfg(test)]
mod tests {
    use crate::{codelists::observation_by_id, rules::rule, table::tables};

    #[test]
    fn a_profile_names_columns_that_are_read_and_limits_that_are_declared() {
        let mut measures = Vec::new();
        for table in tables() {
            let Some(profile) = &table.profile else { continue };
            for name in profile.columns() {
                let column = table.column(name).unwrap_or_else(|| panic!("{}.{name}", table.name));
                assert!(column.used || column.read, "{}.{name} must be read to be counted", table.name);
            }
            measures.extend(profile.complete.iter().map(|one| one.name.as_str()));
            for id in profile.results.iter().flat_map(|results| &results.except) {
                assert!(observation_by_id(id).is_some(), "{id}");
            }
        }
        measures.sort_unstable();
        let limits = rule("V34").unwrap().limits.keys().map(String::as_str).filter(|name| *name != "rows_min");
        assert_eq!(measures, limits.collect::<Vec<_>>());
    }

    #[test]
    fn whatever_has_a_limit_of_volume_or_age_has_a_profile_and_events() {
        for id in ["V32", "V33"] {
            for name in rule(id).unwrap().limits.keys().filter_map(|name| name.strip_suffix("_days")) {
                let table = crate::table::table(name).unwrap_or_else(|| panic!("{id}: {name}"));
                assert!(table.profile.is_some() && table.event.is_some(), "{id}: {name}");
            }
        }
    }
}
