//! Our own format, in which imported lists are kept too: CSV with a column `code`, and perhaps a `note`.

use super::{
    Cells, ImportError,
    rows::{Rows, Separator},
};
use crate::codes::SnomedCode;

pub fn cells(bytes: &[u8]) -> Result<Cells, ImportError> {
    let rows = Rows::open(bytes, |_| Separator::Comma)?;
    if rows.header != ["code"] && rows.header != ["code", "note"] {
        return Err(ImportError::new("the header is neither `code` nor `code,note`").row(0));
    }
    rows.map(|row| row.map(|(row, mut cells)| (row, cells.swap_remove(0)))).collect()
}

/// Concepts in our own format.
///
/// # Example
/// ```
/// use earlycall_schemas::{codelists::import::to_csv, codes::SnomedCode};
/// assert_eq!(to_csv(&[SnomedCode::parse("22298006").unwrap()]), "code\n22298006\n");
/// ```
pub fn to_csv(codes: &[SnomedCode]) -> String {
    let lines = codes.iter().map(|code| format!("{code}\n"));
    std::iter::once("code\n".to_owned()).chain(lines).collect()
}
