//! Downloads from OpenCodelists: CSV with a column `code`, and whatever their authors put beside it.

use super::{
    Cells, ImportError,
    rows::{Rows, Separator},
};

pub fn cells(bytes: &[u8]) -> Result<Cells, ImportError> {
    let rows = Rows::open(bytes, |_| Separator::Comma)?;
    let at = rows.column("code")?;
    rows.map(|row| row.map(|(row, mut cells)| (row, cells.swap_remove(at)))).collect()
}
