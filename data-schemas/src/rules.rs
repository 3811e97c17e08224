//! The checks that run on what arrives, declared once in `rules/rules.toml`: what each looks at, what it does about
//! it, and what a person can do.

use std::{collections::BTreeMap, fmt, sync::LazyLock};

use serde::Deserialize;

use crate::table::{ColumnSpec, DType, Presence};

/// What happens when a rule is broken. Ordered from the harshest to the mildest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The night is refused; yesterday's worklists stay.
    Run,
    /// The file is refused; its provider stays at its last good delivery.
    File,
    /// The row goes to quarantine.
    Row,
    /// The cell is repaired or emptied, and counted.
    Fix,
    /// It is counted and reported.
    Warn,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Action::Run => "refuse the night",
            Action::File => "refuse the file",
            Action::Row => "quarantine the row",
            Action::Fix => "repair and count",
            Action::Warn => "count and report",
        })
    }
}

/// One rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `V12` of the specification, or a word for one of ours.
    pub id: String,
    /// Tables it applies to; empty means every table.
    #[serde(default)]
    pub tables: Vec<String>,
    /// What happens when it is broken.
    pub action: Action,
    /// What happens instead in a mandatory column, where that differs.
    pub mandatory_action: Option<Action>,
    /// Whether somebody may answer for a breach, with an `[[override]]` that ends.
    #[serde(default)]
    pub may_be_set_aside: bool,
    /// Whether only a night looks at it: it wants all rows of a person, or what other nights came to. `check` does not.
    #[serde(default)]
    pub by_night_alone: bool,
    /// Of a rule that a night alone looks at in full: what `check` tells all the same.
    pub check_tells: Option<String>,
    /// Whether a breach is a data incident, which somebody must report although the night goes on without the file.
    #[serde(default)]
    pub is_incident: bool,
    /// What holds when the rule is kept, in a sentence.
    pub checks: String,
    /// What goes wrong without it.
    pub why: String,
    /// What to do about a breach, in a sentence.
    pub hint: String,
    /// Numbers that a service may set, by name.
    #[serde(default)]
    pub limits: BTreeMap<String, Limit>,
    /// Rows that keep the rule and rows that break it. Rules that are not about single rows have none.
    #[serde(default, rename = "example")]
    pub examples: Vec<Example>,
}

/// A number that decides when a rule is broken.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// What it is unless a service says otherwise.
    pub default: f64,
    /// What it says.
    pub means: String,
}

/// Cells of one row: those that keep the rule, and others that break it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The table.
    pub table: String,
    /// What a reader must know of the rest of the row.
    pub given: Option<String>,
    /// Columns and cells.
    pub keeps: BTreeMap<String, String>,
    /// Columns and cells.
    pub breaks: BTreeMap<String, String>,
}

impl Rule {
    /// Whether the rule applies to a table.
    pub fn is_for(&self, table: &str) -> bool {
        self.tables.is_empty() || self.tables.iter().any(|name| name == table)
    }

    /// What happens when a cell of a column of this presence breaks the rule.
    pub fn action_in(&self, presence: Presence) -> Action {
        match presence {
            Presence::M => self.mandatory_action.unwrap_or(self.action),
            Presence::R | Presence::O => self.action,
        }
    }
}

/// A rule of the specification about tables that no delivery brings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elsewhere {
    /// As of a rule.
    pub id: String,
    /// The tables, which the contract does not have.
    pub tables: Vec<String>,
    /// What becomes of it, in sentences.
    pub why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<Rule>,
    elsewhere: Vec<Elsewhere>,
}

static FILE: LazyLock<File> = LazyLock::new(|| crate::embedded::parse_toml("rules/rules.toml", crate::embedded::RULES));

/// Every rule that is enforced.
pub fn rules() -> &'static [Rule] {
    &FILE.rule
}

/// The rules of the specification that are about tables which no delivery brings.
pub fn elsewhere() -> &'static [Elsewhere] {
    &FILE.elsewhere
}

/// The rule of an id.
///
/// # Example
/// ```
/// use earlycall_schemas::{rules::{Action, rule}, table::Presence};
/// assert_eq!(rule("V12").unwrap().action, Action::Row);
/// assert_eq!(rule("CODE").unwrap().action_in(Presence::M), Action::Row);
/// assert_eq!(rule("CODE").unwrap().action_in(Presence::R), Action::Fix);
/// assert!(rule("V999").is_none());
/// ```
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().iter().find(|rule| rule.id == id)
}

/// The rule that a cell breaks which does not have the form of its column's type.
pub fn form_rule(column: &ColumnSpec) -> &'static Rule {
    let id = match column.dtype {
        DType::PersonId => "V04",
        DType::Snomed => "V20",
        DType::Dmd | DType::Bnf => "V21",
        DType::Icd10 => "V18",
        DType::Opcs4 => "V19",
        DType::Practice | DType::Provider | DType::Site => "V22",
        DType::Lsoa => "V23",
        DType::Code => "CODE",
        DType::Text | DType::Name | DType::Ucum | DType::Date | DType::Month | DType::Timestamp | DType::Time => "TYPE",
        DType::Bool | DType::Int | DType::Float => "TYPE",
    };
    rule(id).expect("a test looks up the rule of every column")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{table, tables};

    #[test]
    fn every_rule_is_there_once() {
        let ids: Vec<&str> = rules().iter().map(|rule| rule.id.as_str()).collect();
        let expected = "V01 V02 V03 V04 V05 V06 V07 V08 V09 V10 V11 V12 V13 V14 V15 V16 V17 \
                        V18 V19 V20 V21 V22 V23 V25 V26 V27 V28 V29 V30 V31 V32 V33 V34 V35 V36 V37 V38 V39 V40 V42 \
                        R6 R31 ABSENT AHEAD COHORT DEATHS OPTOUTS SHARE TYPE NULL CODE RANGE SPOILT ORDER ENDED";
        assert_eq!(ids.join(" "), expected);
    }

    #[test]
    fn every_rule_of_the_specification_is_checked_or_is_about_a_table_that_no_delivery_brings() {
        for n in 1..=42 {
            let id = format!("V{n:02}");
            let unread = elsewhere().iter().find(|rule| rule.id == id);
            assert_ne!(rule(&id).is_some(), unread.is_some(), "{id}");
            assert!(unread.iter().flat_map(|rule| &rule.tables).all(|name| table(name).is_none()), "{id}");
        }
    }

    #[test]
    fn rules_name_tables_that_exist_and_columns_rules_that_exist() {
        for rule in rules() {
            assert!(rule.tables.iter().all(|name| table(name).is_some()), "{}", rule.id);
        }
        for table in tables() {
            for column in &table.columns {
                assert!(form_rule(column).is_for(&table.name), "{}.{}", table.name, column.name);
                if let Some(id) = &column.order_rule {
                    assert!(rule(id).unwrap().is_for(&table.name), "{}.{}", table.name, column.name);
                }
            }
            for check in &table.checks {
                assert!(rule(&check.rule).unwrap().is_for(&table.name), "{}: {}", table.name, check.rule);
                assert!(table.column(&check.column).is_some(), "{}: {}", table.name, check.column);
                for name in check.columns() {
                    let column = table.column(name).unwrap();
                    assert!(
                        !column.list && !matches!(column.dtype, DType::Int | DType::Float),
                        "{}: {name}",
                        table.name
                    );
                }
            }
        }
    }

    #[test]
    fn examples_name_tables_of_their_rule_and_columns_of_those() {
        for rule in rules() {
            for example in &rule.examples {
                assert!(rule.is_for(&example.table), "{}", rule.id);
                let table = table(&example.table).unwrap();
                let columns = example.keeps.keys().chain(example.breaks.keys());
                columns.for_each(|name| assert!(table.column(name).is_some(), "{}: {name}", rule.id));
            }
        }
    }
}
