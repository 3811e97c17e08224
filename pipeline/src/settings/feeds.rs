//! `[feeds.TABLE]`: the optional tables that this service may read, each on a legal basis of its own (R4).

use std::collections::BTreeMap;

use earlycall_schemas::table::{TableSpec, Tier, table, tables};
use serde::{Deserialize, Serialize};

use super::mistyped;
use crate::error::{Error, Kind, Result};

/// Of each optional table that may be read, on what basis. A table that is not named here is not opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct LegalBases(BTreeMap<String, Feed>);

/// `[feeds.TABLE]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Feed {
    /// Where it is written that the table may be used.
    legal_basis: String,
}

impl LegalBases {
    /// Whether a table may be read. Those that every service has need no basis of their own: what holds for them is what
    /// a delivery's manifest states (V02).
    ///
    /// # Example
    /// ```
    /// use earlycall::settings::Settings;
    /// use earlycall_schemas::table::table;
    /// use std::path::Path;
    /// let text = "[feeds.home_care_visits]\nlegal_basis = \"DSA-2026-014\"";
    /// let feeds = Settings::parse(text, Path::new("/srv")).unwrap().feeds;
    /// assert!(feeds.allow(table("home_care_visits").unwrap()) && feeds.allow(table("deaths").unwrap()));
    /// assert!(!feeds.allow(table("telecare_events").unwrap()));
    /// ```
    pub fn allow(&self, table: &TableSpec) -> bool {
        table.tier != Tier::Optional || self.0.contains_key(&table.name)
    }

    /// Whether a table is read on this basis.
    pub fn is_under(&self, table: &str, legal_basis: &str) -> bool {
        self.0.get(table).is_some_and(|feed| feed.legal_basis == legal_basis)
    }

    /// The optional tables that may be read, in the order of the contract.
    pub fn tables(&self) -> impl Iterator<Item = &'static TableSpec> {
        tables().iter().filter(|table| self.0.contains_key(&table.name))
    }

    /// Whether no optional table may be read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// # Errors
    /// * [`Kind::Settings`] for a table that there is not or that needs no basis of its own, and for a basis without a
    ///   reference.
    pub(super) fn check(&self) -> Result<()> {
        let optional: Vec<&str> =
            tables().iter().filter(|table| table.tier == Tier::Optional).map(|table| table.name.as_str()).collect();
        for (name, feed) in &self.0 {
            let wrong = |key: &str, what: &str, hint: &str| {
                Err(Error::new(Kind::Settings, what).setting(format!("feeds.{name}{key}")).hint(hint))
            };
            let Some(table) = table(name) else {
                let all = format!("those that can be named are {}", optional.join(", "));
                return wrong("", "there is no such table", &mistyped(name, &optional, &all));
            };
            if table.tier != Tier::Optional {
                let hint = "take the section out: what holds for it stands in `[extracts] legal_bases`";
                return wrong("", "every service reads this table", hint);
            }
            if feed.legal_basis.trim().is_empty() {
                let hint = "name where the agreement is written, such as \"DSA-2026-014\"; or take the section out, and \
                            the table is not read";
                return wrong(".legal_basis", "is empty", hint);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::settings::Settings;

    #[track_caller]
    fn refused(text: &str, expected: &[&str]) {
        let error = Settings::parse(text, Path::new("")).unwrap_err().to_string();
        expected.iter().for_each(|words| assert!(error.contains(words), "{error}"));
    }

    #[test]
    fn a_table_that_there_is_not_is_refused_with_the_nearest_and_one_without_need_of_a_basis_with_where_its_own_stands()
    {
        refused("[feeds.home_care_visit]\nlegal_basis = \"DSA-1\"", &["feeds.home_care_visit", "`home_care_visits`"]);
        refused(
            "[feeds.beds]\nlegal_basis = \"DSA-1\"",
            &["no such table", "gp_appointments, outpatient_appointments"],
        );
        refused(
            "[feeds.gp_events]\nlegal_basis = \"DSA-1\"",
            &["feeds.gp_events", "take the section out", "legal_bases"],
        );
    }

    #[test]
    fn a_basis_names_where_it_is_written() {
        refused("[feeds.home_care_visits]", &["feeds.home_care_visits", "legal_basis"]);
        let empty = "[feeds.home_care_visits]\nlegal_basis = \" \"";
        refused(empty, &["feeds.home_care_visits.legal_basis", "is empty", "DSA-2026-014"]);
        refused("[feeds.home_care_visits]\nlegal_base = \"DSA-1\"", &["did you mean `legal_basis`?"]);
    }

    #[test]
    fn a_basis_is_a_part_of_the_fingerprint_and_a_service_without_any_has_the_one_that_it_had() {
        let fingerprint = |text: &str| Settings::parse(text, Path::new("")).unwrap().fingerprint();
        let of = |reference: &str| fingerprint(&format!("[feeds.home_care_visits]\nlegal_basis = \"{reference}\""));
        assert_ne!(of("DSA-1"), of("DSA-2"));
        assert_ne!(of("DSA-1"), fingerprint(""));
        let written = toml::to_string(&Settings::parse("", Path::new("")).unwrap()).unwrap();
        assert!(!written.contains("feeds"), "{written}");
    }
}
