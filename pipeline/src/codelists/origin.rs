//! `origin.toml`: whatever somebody will ask about a list.

use earlycall_schemas::codelists::import;
use serde::{Deserialize, Serialize};

/// Where a list came from, and what became of its rows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Who publishes the list, and where, in the words of whoever imported it.
    pub origin: String,
    /// Under which licence this service may use it, in the same words.
    pub licence: String,
    /// The day of its release, `YYYY-MM-DD`.
    pub released: String,
    /// The format of the file.
    pub format: String,
    /// The name of the file.
    pub file: String,
    /// SHA-256 of the file, in hexadecimal.
    pub file_sha256: String,
    /// SHA-256 of `codes.csv`, in hexadecimal: what a model says of the lists that it was made with.
    pub codes_sha256: String,
    /// Rows of the list in the file.
    pub n_rows: u64,
    /// Distinct concepts among them.
    pub n_codes: u64,
    /// Rows that name no SNOMED CT concept and were left out.
    #[serde(default)]
    pub refused: Vec<RefusedRow>,
}

/// A row that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedRow {
    /// Row 1 is the first under the header.
    pub row: u64,
    /// Why, in words.
    pub why: String,
}

impl Origin {
    /// Reads `origin.toml`; none if it is not one.
    pub fn parse(bytes: &[u8]) -> Option<Origin> {
        toml::from_str(std::str::from_utf8(bytes).ok()?).ok()
    }

    /// The bytes of `origin.toml`.
    pub fn to_bytes(&self) -> Vec<u8> {
        toml::to_string(self).expect("an origin is plain data").into_bytes()
    }
}

impl From<&import::Refused> for RefusedRow {
    fn from(refused: &import::Refused) -> RefusedRow {
        RefusedRow { row: refused.row, why: refused.dialect.to_string() }
    }
}
