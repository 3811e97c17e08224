//! The tables of a delivery, declared once in `tables/*.toml`: the reader, the checks, the documentation and the
//! synthetic data all work from here.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::check::RowCheck;
use crate::profile::ProfileSpec;

/// How a run depends on a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// The service needs it.
    Core,
    /// Strongly advised; its absence shows on every line.
    Advised,
    /// Adds features where there is a legal basis.
    Optional,
}

/// How the rows of a table live in the settled history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// Facts about a person, each known from a day on.
    Clinical,
    /// What is true of a person now: the newest delivery counts, for past nights too.
    State,
    /// Objections: the newest delivery counts, for past nights too.
    Permission,
    /// Organisations and users: the newest delivery counts.
    Reference,
}

/// The type of a column's cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DType {
    /// 64 lower-case hexadecimal characters.
    PersonId,
    /// Text without a format of its own: a name or a supplier's key.
    Text,
    /// A name that may become a folder: 1 to 64 letters, digits, `-` and `_`.
    Name,
    /// A code out of `one_of`; without a list, any.
    Code,
    /// `YYYY-MM-DD`.
    Date,
    /// `YYYY-MM-DD`, always the first of the month. January 1900 is a month here, not a stand-in for unknown (V08).
    Month,
    /// RFC 3339, UTC.
    Timestamp,
    /// `HH:MM` or `HH:MM:SS`.
    Time,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A finite decimal number.
    Float,
    /// A SNOMED CT concept id, as text.
    Snomed,
    /// A dm+d id, as text; the form of a SNOMED CT id.
    Dmd,
    /// An ICD-10 code.
    Icd10,
    /// An OPCS-4 code.
    Opcs4,
    /// A BNF code or an accepted prefix.
    Bnf,
    /// ODS code of a practice, six characters.
    Practice,
    /// ODS code of a trust or provider, three to five characters.
    Provider,
    /// ODS code of a site, five to nine characters.
    Site,
    /// LSOA code.
    Lsoa,
    /// A unit in UCUM.
    Ucum,
}

/// Whether a column and its values must be there (NHS convention).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Presence {
    /// Mandatory: the column and a value in every row.
    M,
    /// Required: the column; a value where it is known.
    R,
    /// Optional: the column may be absent.
    O,
}

/// What stands in place of a cell that breaks a rule, where its row must stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// An empty cell.
    Nothing,
    /// `true`.
    True,
    /// The day before the extract.
    DayBeforeExtract,
}

/// One column of a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnSpec {
    /// Name in the header.
    pub name: String,
    /// Type of a cell, or of a list's elements.
    #[serde(rename = "type")]
    pub dtype: DType,
    /// Whether a cell is a list, joined by `|` in CSV.
    #[serde(default)]
    pub list: bool,
    /// Mandatory, required or optional.
    pub presence: Presence,
    /// What the column says, in a sentence for a data engineer.
    pub meaning: String,
    /// The codes allowed; empty means any of the type's form.
    #[serde(default)]
    pub one_of: Vec<String>,
    /// Smallest number allowed.
    pub min: Option<f64>,
    /// Largest number allowed.
    pub max: Option<f64>,
    /// A date or timestamp that may lie after the extract, such as a booked appointment.
    #[serde(default)]
    pub may_be_future: bool,
    /// A date that may not lie before the person's month of birth (V10).
    #[serde(default)]
    pub not_before_birth: bool,
    /// A column of the same row before which this date may not lie (V12, V27 and their like).
    pub not_before: Option<String>,
    /// A column of the same row after which this date may not lie.
    pub not_after: Option<String>,
    /// The rule that `not_before` and `not_after` belong to.
    pub order_rule: Option<String>,
    /// What stands in place of a cell that breaks a rule. Absent: what the rule says happens. Whoever a row reports dead,
    /// confidential or no person is not to be called as if it had said nothing, whatever else is wrong with it; and an
    /// entry of a record is one whose result cannot be read.
    pub otherwise: Option<Otherwise>,
    /// Names in the sources that feed this column.
    #[serde(default)]
    pub source: String,
    /// Whether features, cohort, checks or worklists use it; of other columns mostly the name and the type are checked.
    #[serde(default)]
    pub used: bool,
    /// Whether its cells are read and held against their rules although nobody uses them.
    #[serde(default)]
    pub read: bool,
    /// Whether its cells stay in the settled history; other used columns have done their work once a row is settled.
    #[serde(default)]
    pub kept: bool,
}

/// One table of a delivery.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// Name of the file, without its ending.
    pub name: String,
    /// How a run depends on it.
    pub tier: Tier,
    /// How its rows live in the settled history.
    pub kind: TableKind,
    /// What an optional table's rows are called on a page, in words that follow "without".
    pub words: Option<String>,
    /// Whether a page may not even tell whose rows they are: its words do not say what it is about.
    #[serde(default)]
    pub is_sensitive: bool,
    /// What one row is.
    pub grain: String,
    /// What an analyst should know before trusting it: lag, gaps, pitfalls.
    pub pitfalls: String,
    /// The columns that name a row.
    pub key: Vec<String>,
    /// The column with the day on which a row happened, where there is one.
    pub event: Option<String>,
    /// The column with the moment from which a row was known, where there is one.
    pub received: Option<String>,
    /// The column with the moment at which a row was recorded at its source, where there is one.
    pub recorded: Option<String>,
    /// Columns, in the order of the contract.
    #[serde(rename = "column")]
    pub columns: Vec<ColumnSpec>,
    /// What cells of a row may not say together.
    #[serde(default, rename = "check")]
    pub checks: Vec<RowCheck>,
    /// What is counted of its rows, delivery by delivery; absent: nothing.
    pub profile: Option<ProfileSpec>,
}

impl TableSpec {
    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<&ColumnSpec> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether practices keep these records: `registrations`, the GP record and its appointments.
    pub fn is_kept_by_practices(&self) -> bool {
        self.name == "registrations" || self.name.starts_with("gp_")
    }

    /// Whether somebody's whole record at their practice ends where this table does: one that is optional is beside it.
    pub fn is_of_practice_record(&self) -> bool {
        self.is_kept_by_practices() && self.tier != Tier::Optional
    }

    /// Whether rows are about persons: whether there is a `person_id`.
    pub fn is_about_persons(&self) -> bool {
        self.column("person_id").is_some()
    }
}

static TABLES: LazyLock<Vec<TableSpec>> = LazyLock::new(|| {
    crate::embedded::TABLES.iter().map(|(file, text)| crate::embedded::parse_toml(file, text)).collect()
});

/// Every table of the contract, in the order in which they are checked: people first, then what is about them.
pub fn tables() -> &'static [TableSpec] {
    &TABLES
}

/// The table of a name.
///
/// # Example
/// ```
/// use earlycall_schemas::table::table;
/// assert_eq!(table("deaths").unwrap().key, ["person_id", "source"]);
/// assert!(table("births").is_none());
/// ```
pub fn table(name: &str) -> Option<&'static TableSpec> {
    tables().iter().find(|table| table.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns per table, counted in the specification.
    const EXPECTED: [(&str, usize); 23] = [
        ("patients", 17),
        ("reference_practices", 5),
        ("reference_lsoa", 5),
        ("reference_teams", 5),
        ("user_access", 6),
        ("opt_outs", 6),
        ("registrations", 6),
        ("gp_events", 15),
        ("gp_prescriptions", 11),
        ("apc_episodes", 34),
        ("ed_attendances", 18),
        ("inpatients_now", 8),
        ("deaths", 7),
        ("gp_appointments", 11),
        ("outpatient_appointments", 10),
        ("waiting_list_entries", 11),
        ("community_contacts", 12),
        ("home_care_visits", 11),
        ("social_prescribing_referrals", 12),
        ("virtual_ward_stays", 8),
        ("remote_monitoring", 10),
        ("telecare_events", 9),
        ("mental_health_contacts", 8),
    ];

    #[test]
    fn every_table_of_the_contract_is_complete() {
        let declared: Vec<(&str, usize)> = tables().iter().map(|t| (t.name.as_str(), t.columns.len())).collect();
        assert_eq!(declared, EXPECTED);
    }

    #[test]
    fn every_name_a_table_uses_is_one_of_its_columns() {
        for table in tables() {
            let clocks = [&table.event, &table.received, &table.recorded].into_iter().flatten();
            for name in table.key.iter().chain(clocks) {
                let column = table.column(name).unwrap_or_else(|| panic!("{}.{name}", table.name));
                assert!(column.used, "{}.{name} decides on rows and must be used", table.name);
            }
            assert!(table.key.iter().all(|name| table.column(name).unwrap().presence == Presence::M), "{}", table.name);
            for (i, column) in table.columns.iter().enumerate() {
                assert!(table.columns[..i].iter().all(|other| other.name != column.name), "{}", column.name);
            }
        }
    }

    #[test]
    fn an_optional_table_has_words_and_those_of_a_sensitive_one_do_not_say_what_it_is() {
        for table in tables() {
            assert_eq!(table.words.is_some(), table.tier == Tier::Optional, "{}", table.name);
            let named: Vec<&str> = table.name.split('_').collect();
            let words = table.words.iter().flat_map(|words| words.split([' ', '-']));
            let says = words.filter(|word| named.contains(word)).count() > 0;
            assert!(!table.is_sensitive || !says, "{}", table.name);
        }
        let sensitive: Vec<&str> =
            tables().iter().filter(|table| table.is_sensitive).map(|table| &*table.name).collect();
        assert_eq!(sensitive, ["mental_health_contacts"]);
    }

    #[test]
    fn what_is_kept_is_used() {
        for table in tables() {
            assert!(table.columns.iter().all(|column| column.used || !column.kept), "{}", table.name);
        }
    }

    #[test]
    fn columns_that_belong_in_order_are_of_the_same_type_and_have_a_rule() {
        for table in tables() {
            for column in &table.columns {
                let others: Vec<_> = [&column.not_before, &column.not_after].into_iter().flatten().collect();
                assert!(others.iter().all(|name| table.column(name).unwrap().dtype == column.dtype), "{}", column.name);
                assert_eq!(column.order_rule.is_some(), !others.is_empty(), "{}.{}", table.name, column.name);
            }
        }
    }

    #[test]
    fn no_number_may_be_as_large_as_an_nhs_number() {
        for column in tables().iter().flat_map(|table| &table.columns) {
            let is_number = matches!(column.dtype, DType::Int | DType::Float);
            assert!(!is_number || column.max.is_some_and(|max| max < 1e9), "{}", column.name);
        }
    }

    #[test]
    fn limits_and_lists_stand_on_columns_that_have_them() {
        for column in tables().iter().flat_map(|table| &table.columns) {
            let is_number = matches!(column.dtype, DType::Int | DType::Float);
            assert!(is_number || (column.min.is_none() && column.max.is_none()), "{}", column.name);
            assert!(column.dtype == DType::Code || column.one_of.is_empty(), "{}", column.name);
            assert!(column.meaning.ends_with('.'), "{}", column.name);
        }
    }
}
