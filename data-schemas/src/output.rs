//! What a night writes, declared once in `outputs/*.toml`: the columns of every file with their meaning.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::embedded;

/// The type of an output column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputType {
    /// Text.
    Text,
    /// Texts: a list in Parquet and JSON, lines of one cell in CSV and Excel.
    TextList,
    /// A whole number.
    Int,
    /// A decimal number.
    Float,
    /// True or false.
    Bool,
    /// A day.
    Date,
    /// A JSON object.
    Object,
}

/// One column of an output, or one top-level key of a JSON file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputColumn {
    /// Name in the header. Where `{days}` stands in it, there is a column for each further horizon.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub dtype: OutputType,
    /// What it says, in a sentence.
    pub meaning: String,
}

/// One output of a night.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputSpec {
    /// Name: `worklist`.
    pub name: String,
    /// The files of this shape within a night's folder, or where else they are.
    pub files: String,
    /// What one row is, and in which order rows stand.
    pub grain: String,
    /// Columns, in the order of the contract.
    #[serde(rename = "column")]
    pub columns: Vec<OutputColumn>,
}

static OUTPUTS: LazyLock<Vec<OutputSpec>> =
    LazyLock::new(|| embedded::OUTPUTS.iter().map(|(file, text)| embedded::parse_toml(file, text)).collect());

/// Every output.
pub fn outputs() -> &'static [OutputSpec] {
    &OUTPUTS
}

/// The output of a name.
///
/// # Example
/// ```
/// use earlycall_schemas::output::output;
/// let header: Vec<_> = output("quarantine").unwrap().columns.iter().map(|column| &*column.name).collect();
/// assert_eq!(header, ["file", "row", "column", "rule"]);
/// assert!(output("rankings").is_none());
/// ```
pub fn output(name: &str) -> Option<&'static OutputSpec> {
    outputs().iter().find(|output| output.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str) -> String {
        output(name).unwrap().columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn headers_are_those_of_the_contract() {
        assert_eq!(
            header("scores"),
            "person_id team_id risk percentile band other_team_ids left_to_services risk_{days}d"
        );
        assert_eq!(header("removed"), "team_id person_ref line_no_before reason");
        assert_eq!(
            header("worklist"),
            "run_id team_id pathway line_no person_ref age sex risk risk_in_words band change change_facts is_new contact is_carried_over \
             why_listed reasons conditions flags contact_hint frailty recent_use care_gaps looked_after other_pathways practice borough neighbourhood pcn badges data_dates notices about"
        );
    }

    #[test]
    fn no_output_has_a_column_twice() {
        assert_eq!(outputs().len(), 8);
        for output in outputs() {
            for (i, column) in output.columns.iter().enumerate() {
                assert!(output.columns[..i].iter().all(|other| other.name != column.name), "{}", column.name);
            }
        }
    }
}
