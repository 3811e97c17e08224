//! What the re-identification service holds, and why it may tell: declared in `identities/`. No delivery brings any of it.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::{
    reference::table_markdown,
    table::{TableSpec, table},
};

/// Why somebody may be told who a person is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The word on the command line and in the audit.
    pub code: String,
    /// What it is for, in a sentence.
    pub meaning: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    reason: Vec<Reason>,
}

static REASONS: LazyLock<File> =
    LazyLock::new(|| crate::embedded::parse_toml("identities/reasons.toml", crate::embedded::REIDENTIFICATION_REASONS));

static IDENTITY_MAP: LazyLock<TableSpec> =
    LazyLock::new(|| crate::embedded::parse_toml("identities/identity_map.toml", crate::embedded::IDENTITY_MAP));

/// The table that says who each person is; it is no table of a delivery.
///
/// # Example
/// ```
/// use earlycall_schemas::{identities::identity_map, table::table};
/// assert!(identity_map().column("nhs_number").is_some());
/// assert!(table("identity_map").is_none()); // a delivery that has one is refused
/// ```
pub fn identity_map() -> &'static TableSpec {
    &IDENTITY_MAP
}

/// Every reason, in the order in which they are told.
pub fn reasons() -> &'static [Reason] {
    &REASONS.reason
}

/// The tables that `earlycall-reid load` takes and the reasons for which it tells, as Markdown.
pub fn identities_markdown() -> String {
    let mut text = String::from(
        "# Re-identification\n\nWhat `earlycall-reid load` takes, in CSV, and the reasons for which `earlycall-reid show` tells \
         who somebody is. How it is run: the guide `re-identification.md`.\n\n## Reasons\n\n| reason | meaning |\n|---|---|\n",
    );
    for Reason { code, meaning } in reasons() {
        text.push_str(&format!("| `{code}` | {meaning} |\n"));
    }
    for table in [identity_map(), table("user_access").expect("it is declared")] {
        text.push('\n');
        text.push_str(&table_markdown(table));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::table::tables;

    #[test]
    fn no_table_of_a_delivery_has_a_column_of_who_somebody_is() {
        let telling = ["nhs_number", "date_of_birth", "family_name", "given_name", "phone", "address"];
        assert!(telling.iter().all(|name| identity_map().column(name).is_some()));
        for table in tables() {
            assert!(telling.iter().all(|name| table.column(name).is_none()), "{}", table.name);
        }
    }

    #[test]
    fn reasons_are_told_apart_and_documented() {
        let codes: BTreeSet<&str> = reasons().iter().map(|reason| reason.code.as_str()).collect();
        assert_eq!(codes.len(), reasons().len());
        assert!(identities_markdown().contains("| `call` | To telephone the person, because their line is next. |"));
        assert!(identities_markdown().contains("## user_access\n"));
    }
}
