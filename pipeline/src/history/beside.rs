//! Rows of a bucket's people that lie beside them: of tables that a report needs and a night does not.

use super::{decode::Decode, ledger::Ledger, read::Reader, records::PersonKey};
use crate::error::Result;

/// One bucket under a view.
pub struct Beside<'a> {
    reader: Reader<'a>,
    ledger: &'a Ledger,
}

impl<'a> Beside<'a> {
    pub(super) fn of(reader: Reader<'a>, ledger: &'a Ledger) -> Beside<'a> {
        Beside { reader, ledger }
    }

    /// Gives the rows of a table that count to `take`, with the record to which they belong: of a merged one the survivor,
    /// as for everything else. A person's rows may come in several lots, and their person may have left the extracts.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a segment cannot be read.
    pub(crate) fn rows<T: Decode>(&self, mut take: impl FnMut(PersonKey, &mut Vec<T>)) -> Result<()> {
        let keys = &self.reader.archive.people[self.reader.bucket];
        self.reader.rows::<T>(&vec![true; keys.len()], |number, rows| {
            take(self.ledger.survivor(keys[number as usize]), rows);
            rows.clear();
        })?;
        Ok(())
    }
}
