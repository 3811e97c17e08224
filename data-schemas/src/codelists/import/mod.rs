//! Lists of SNOMED CT concepts as others publish them, read strictly: what is not as its format says is refused, and
//! nothing is guessed.
//!
//! A file that breaks its format is refused whole, as an [`ImportError`]. A cell that holds no concept is left out and
//! listed with its row in [`CodeList::refused`], for a code of another dialect would match nobody, without a word. No
//! message quotes a cell: whoever names the wrong file may name one about patients.

mod dialect;
mod opencodelists;
mod own;
mod pcd;
mod rf2;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use self::{dialect::Dialect, own::to_csv};
use crate::codes::SnomedCode;

/// A format, with what must be known to find one list in a file of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format<'a> {
    /// A cluster of the NHS Primary Care Domain reference sets: the portal's content file, of which the rows of this
    /// cluster are read, or a file of `code,term` that holds one cluster.
    Pcd {
        /// Such as `AST_COD`.
        cluster: &'a str,
    },
    /// What OpenCodelists gives for download: CSV with a column `code`.
    OpenCodelists,
    /// A snapshot of simple reference sets in SNOMED CT's release format 2, as TRUD distributes them, of which the active
    /// members of this one are read.
    Rf2 {
        /// The concept that identifies the reference set.
        refset: SnomedCode,
    },
    /// Ours: CSV with a column `code`, and `note` beside it if somebody wants to say why.
    Own,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeList {
    /// Its concepts, each once, in ascending order. At least one.
    pub codes: Vec<SnomedCode>,
    /// Rows of the list, whether of use or not.
    pub n_rows: u64,
    /// Rows that are no use, in their order.
    pub refused: Vec<Refused>,
}

/// A row that names no SNOMED CT concept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Row 1 is the first under the header.
    pub row: u64,
    /// What it looks like instead.
    pub dialect: Dialect,
}

/// Why a file is refused whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule}")]
pub struct ImportError {
    /// Where it stopped to be as its format says; row 1 is the first under the header, the header is row 0.
    pub row: Option<u64>,
    /// The column.
    pub column: Option<&'static str>,
    /// What does not hold, in words.
    pub rule: String,
}

impl ImportError {
    fn new(rule: impl Into<String>) -> ImportError {
        ImportError { row: None, column: None, rule: rule.into() }
    }

    fn row(self, row: u64) -> ImportError {
        ImportError { row: Some(row), ..self }
    }

    fn column(self, column: &'static str) -> ImportError {
        ImportError { column: Some(column), ..self }
    }
}

/// Reads the list that a file holds.
///
/// # Errors
/// * The text is not UTF-8, or a quotation mark stands where none may.
/// * The header is not that of the format, or a row has more or fewer cells.
/// * A row of release format 2 is neither active nor inactive, or a member stands there twice, as in a full release.
/// * No row is of the list, or no row of it names a SNOMED CT concept.
///
/// # Example
/// ```
/// use earlycall_schemas::codelists::import::{Dialect, Format, Refused, parse};
/// let list = parse(b"code,term\n22298006,a heart attack\nG30..,a Read code\n", Format::OpenCodelists).unwrap();
/// assert_eq!(list.codes.iter().map(|code| code.id()).collect::<Vec<_>>(), [22_298_006]);
/// assert_eq!(list.refused, [Refused { row: 2, dialect: Dialect::Read }]);
/// let error = parse(b"code,term\n22298006\n", Format::OpenCodelists).unwrap_err();
/// assert_eq!((error.row, error.to_string().as_str()), (Some(1), "has another number of cells than the header"));
/// ```
pub fn parse(bytes: &[u8], format: Format) -> Result<CodeList, ImportError> {
    let cells = match format {
        Format::Pcd { cluster } => pcd::cells(bytes, cluster),
        Format::OpenCodelists => opencodelists::cells(bytes),
        Format::Rf2 { refset } => rf2::cells(bytes, refset),
        Format::Own => own::cells(bytes),
    }?;
    let mut codes = BTreeSet::new();
    let mut refused = Vec::new();
    for (row, text) in &cells {
        match SnomedCode::parse(text) {
            Some(code) => drop(codes.insert(code)),
            None => refused.push(Refused { row: *row, dialect: Dialect::of(text) }),
        }
    }
    if codes.is_empty() {
        return Err(match refused.first() {
            Some(Refused { row, dialect }) => {
                ImportError::new(format!("no row names a SNOMED CT concept; the first {}", dialect.in_words()))
                    .row(*row)
            }
            None => ImportError::new("has a header and no rows"),
        });
    }
    Ok(CodeList { codes: codes.into_iter().collect(), n_rows: cells.len() as u64, refused })
}

/// The cells that should hold codes, each with its row.
type Cells = Vec<(u64, String)>;
