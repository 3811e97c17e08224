//! Which rows prove that a feed is still sent. What is booked ahead, and was never brought up to date once its day had come,
//! goes on arriving after everybody has stopped telling what became of it.

use arrow::{array::RecordBatch, buffer::BooleanBuffer};
use earlycall_schemas::{feeds::feeds, table::TableSpec};

use crate::{history::versions::column, quality::declared::one_of};

/// Per row of an optional table, whether it is a fact, as its feed declares them; none where any row proves it.
pub(super) fn proofs(table: &TableSpec, batch: &RecordBatch) -> Option<BooleanBuffer> {
    let feed = feeds().iter().find(|feed| feed.table() == table.name && !feed.any_row_is_news)?;
    let as_asked = feed.counts.columns().map(|(name, values, should)| {
        let has = one_of(column(batch, name), values).unwrap_or_else(|| BooleanBuffer::new_unset(batch.num_rows()));
        if should { has } else { !&has }
    });
    as_asked.reduce(|all, one| &all & &one)
}
