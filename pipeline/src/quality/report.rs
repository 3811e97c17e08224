//! The numbers of a delivery, for `quality.json` and for `check`.

use serde::Serialize;

use crate::quality::finding::Finding;
use crate::quality::tally::Tally;
use crate::quality::trace::Trace;

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileQuality {
    /// The file, behind the name of its delivery's folder.
    pub file: String,
    /// Its rows.
    #[serde(flatten)]
    pub tally: Tally,
}

/// What became of a table of one provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableQuality {
    /// The table.
    pub table: &'static str,
    /// Whose records they are.
    pub provider: String,
    /// Its rows, over all files.
    #[serde(flatten)]
    pub tally: Tally,
    /// Its files.
    pub files: Vec<FileQuality>,
    /// Rows that stay though they break a rule, where they were asked for: `check` does, a night doesn't.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Trace>,
}

/// What became of a delivery: a part of `quality.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryQuality {
    /// The delivery.
    pub extract_id: String,
    /// The name of its folder, without the way there.
    pub folder: String,
    /// Its tables, in the order of the contract, then by provider.
    pub tables: Vec<TableQuality>,
    /// What is odd about tables as a whole.
    pub warned: Vec<Finding>,
    /// Why files are refused, one line each.
    pub refused: Vec<String>,
}
