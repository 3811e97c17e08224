//! A row group of a Parquet file, read batch by batch.

use arrow::array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use crate::extract::id_pages::IdPages;
use crate::extract::ids::Ids;
use crate::extract::input::Input;

/// What is read of each row group of a file.
pub(super) struct Wanted {
    /// The columns that come as the library reads them.
    pub columns: ProjectionMask,
    /// The column of ids that are read as numbers where they lie; it is none of those.
    pub ids: Option<usize>,
    /// Rows of a batch.
    pub batch_rows: usize,
    /// Bytes that a cell may have.
    pub cell_bytes: u64,
}

/// Rows of one group.
pub(super) struct GroupRows {
    columns: ParquetRecordBatchReader,
    ids: Option<IdPages>,
}

impl GroupRows {
    /// Before the first row of a group; none where that is damaged.
    pub fn begin(input: &Input, footer: &ArrowReaderMetadata, group: usize, wanted: &Wanted) -> Option<GroupRows> {
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(input.clone(), footer.clone());
        let builder = builder.with_projection(wanted.columns.clone()).with_batch_size(wanted.batch_rows);
        let about = footer.metadata().row_group(group);
        Some(GroupRows {
            columns: builder.with_row_groups(vec![group]).build().ok()?,
            ids: wanted.ids.map(|column| IdPages::begin(input, about, column, wanted.cell_bytes)).transpose().ok()?,
        })
    }

    /// The next batch, and its ids where they come apart; the inner none where the group is damaged, or has not as many ids
    /// as rows.
    pub fn next(&mut self) -> Option<Option<(RecordBatch, Option<Ids>)>> {
        let Some(batch) = self.columns.next() else {
            let have_ended = self.ids.as_mut().is_none_or(|ids| ids.has_ended().unwrap_or(false));
            return if have_ended { None } else { Some(None) };
        };
        Some(batch.ok().and_then(|batch| {
            let rows = batch.num_rows();
            let ids = self.ids.as_mut().map(|ids| ids.read(rows)).transpose().ok()?;
            Some((batch, ids))
        }))
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::StringArray;
    use parquet::file::properties::WriterVersion;

    use super::*;
    use crate::extract::id_pages::tests::{file, plain};

    #[test]
    fn a_group_has_as_many_ids_as_rows_or_is_damaged() {
        let of = |n: usize| {
            let ids: StringArray = (0..n).map(|n| Some(format!("F99001-{n}"))).collect();
            file(&ids, false, plain(WriterVersion::PARQUET_1_0))
        };
        let batches = |rows: usize, ids: usize| {
            let ((input, footer), (other, of_other)) = (of(rows), of(ids));
            let wanted = Wanted { columns: ProjectionMask::all(), ids: None, batch_rows: 4, cell_bytes: 99 };
            let mut group = GroupRows::begin(&input, &footer, 0, &wanted).unwrap();
            group.ids = Some(IdPages::begin(&other, of_other.metadata().row_group(0), 0, 99).unwrap());
            let mut batches = Vec::new();
            while let Some(batch) = group.next() {
                batches.push(batch.map(|(rows, ids)| (rows.num_rows(), ids.map_or(0, |ids| ids.numbers.len()))));
                if batches.last() == Some(&None) {
                    break;
                }
            }
            batches
        };
        assert_eq!(batches(6, 6), [Some((4, 4)), Some((2, 2))]);
        assert_eq!(batches(6, 7), [Some((4, 4)), Some((2, 2)), None]);
        assert_eq!(batches(6, 5), [Some((4, 4)), None]);
    }
}
