//! Ids of a Parquet file read as numbers where they lie in its pages, which takes a quarter of the time of reading them as
//! text first.
//!
//! Only of a column without a dictionary: there each id stands behind its length (`PLAIN`).
//! Source: the Parquet format, `Encodings.md` and `README.md`, "Data Pages".

use std::str;
use std::sync::Arc;

use arrow::array::StringArray;
use bytes::{Buf, Bytes};
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::serialized_reader::SerializedPageReader;

use crate::extract::ids::{Ids, Numbering, Start};
use crate::extract::input::Input;
use crate::extract::levels::Levels;

/// The ids of one row group, in their order.
pub(super) struct IdPages {
    pages: SerializedPageReader<Input>,
    /// Whether a row may have none.
    is_optional: bool,
    /// What is left of the page at hand.
    values: Bytes,
    levels: Levels,
}

impl IdPages {
    /// Whether the ids of a chunk lie there one behind another.
    pub fn can_read(chunk: &ColumnChunkMetaData) -> bool {
        let column = chunk.column_descr();
        let is_flat = column.max_rep_level() == 0 && column.max_def_level() <= 1;
        // Levels are runs.
        let are_plain = chunk.encodings().all(|encoding| matches!(encoding, Encoding::PLAIN | Encoding::RLE));
        column.physical_type() == Type::BYTE_ARRAY && is_flat && are_plain
    }

    /// Before the first of a group's rows.
    ///
    /// # Errors
    /// There are not as many ids as rows.
    pub fn begin(input: &Input, group: &RowGroupMetaData, column: usize) -> Result<IdPages, ParquetError> {
        let chunk = group.column(column);
        if chunk.num_values() != group.num_rows() {
            return Err(damaged());
        }
        let rows = usize::try_from(group.num_rows()).map_err(|_| damaged())?;
        let pages = SerializedPageReader::new(Arc::new(input.clone()), chunk, rows, None)?;
        let is_optional = chunk.column_descr().max_def_level() > 0;
        Ok(IdPages { pages, is_optional, values: Bytes::new(), levels: Levels::default() })
    }

    /// The ids of the next so many rows; with their texts if one has more bytes than a cell may have.
    ///
    /// # Errors
    /// The pages are damaged, or end before.
    pub fn read(&mut self, rows: usize, cell_bytes: u64) -> Result<Ids, ParquetError> {
        let mut numbering = Numbering::with_room_for(rows);
        let (mut pieces, mut left) = (Vec::new(), rows);
        while left > 0 {
            let Some((are_there, n)) = self.levels.next_run(left)? else {
                self.turn_over()?;
                continue;
            };
            left -= n;
            let length = match are_there {
                true => add(&mut numbering, &self.values, n).ok_or_else(damaged)?,
                false => 0,
            };
            if !are_there {
                numbering.add_none(n);
            }
            pieces.push(Piece { rows: n, values: self.values.split_to(length) });
        }
        let is_to_be_seen = !numbering.are_plain || numbering.longest as u64 > cell_bytes;
        let texts = is_to_be_seen.then(|| pieces.iter().flat_map(Piece::texts).collect::<StringArray>());
        Ok(Ids { numbers: numbering.end(), texts })
    }

    /// To the next page.
    fn turn_over(&mut self) -> Result<(), ParquetError> {
        let page = self.pages.get_next_page()?.ok_or_else(damaged)?;
        if page.encoding() != Encoding::PLAIN || !page.is_data_page() {
            return Err(damaged());
        }
        let rows = page.num_values() as usize;
        self.values = page.buffer().clone();
        self.levels = match self.is_optional {
            false => Levels::all(rows),
            true => {
                let length = levels_length(&page, &mut self.values).filter(|length| *length <= self.values.len());
                Levels::of(self.values.split_to(length.ok_or_else(damaged)?), rows)
            }
        };
        Ok(())
    }
}

/// Bytes of the levels with which a page begins, and past what says so; none where they are written otherwise.
fn levels_length(page: &Page, values: &mut Bytes) -> Option<usize> {
    match page {
        Page::DataPageV2 { def_levels_byte_len, rep_levels_byte_len: 0, .. } => Some(*def_levels_byte_len as usize),
        Page::DataPage { def_level_encoding: Encoding::RLE, .. } => Some(values.try_get_u32_le().ok()? as usize),
        _ => None,
    }
}

/// Some ids of a page, or as many rows without any.
struct Piece {
    rows: usize,
    values: Bytes,
}

impl Piece {
    fn texts(&self) -> impl Iterator<Item = Option<&str>> {
        let mut values = &self.values[..];
        (0..self.rows).map(move |_| {
            let (id, behind) = first(values)?;
            values = behind;
            str::from_utf8(id).ok().filter(|id| !id.is_empty())
        })
    }
}

/// Takes in so many ids, and tells how many bytes they take; none where these are cut, or are no text.
fn add(numbering: &mut Numbering, values: &[u8], n: usize) -> Option<usize> {
    let (mut start, mut rest, mut left) = (Start::of(&[]), values, n);
    while left > 0 {
        let (id, behind) = first(rest)?;
        str::from_utf8(id).ok()?;
        (rest, left) = (behind, left - 1);
        if let Some(likeness) = numbering.add(id, &mut start) {
            // Those that are like it are as long.
            let behind = rest.chunks_exact(LENGTH + id.len()).take(left);
            let alike =
                behind.map_while(|value| first(value).filter(|(_, behind)| behind.is_empty()).map(|(id, _)| id));
            let n_alike = numbering.add_alike(likeness, alike);
            (rest, left) = (&rest[n_alike * (LENGTH + id.len())..], left - n_alike);
        }
    }
    Some(values.len() - rest.len())
}

/// Bytes of an id's length.
const LENGTH: usize = 4;

/// The first of some ids, and those behind it.
fn first(values: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, behind) = values.split_first_chunk::<LENGTH>()?;
    behind.split_at_checked(u32::from_le_bytes(*length) as usize)
}

fn damaged() -> ParquetError {
    ParquetError::General("the pages of ids are not as their headers say".to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::RecordBatch;
    use arrow::datatypes::{DataType, Field, Schema};
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
    use parquet::file::properties::{WriterProperties, WriterVersion};
    use proptest::prelude::*;

    use super::*;
    use crate::extract::ids::numbers;

    /// A file of these ids, and what its footer says.
    fn file(ids: &StringArray, is_nullable: bool, properties: WriterProperties) -> (Input, ArrowReaderMetadata) {
        let schema = Arc::new(Schema::new(vec![Field::new("event_id", DataType::Utf8, is_nullable)]));
        let mut writer = ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties)).unwrap();
        writer.write(&RecordBatch::try_new(schema, vec![Arc::new(ids.clone())]).unwrap()).unwrap();
        let input = Input::Memory(writer.into_inner().unwrap().into());
        let footer = ArrowReaderMetadata::load(&input, ArrowReaderOptions::new()).unwrap();
        (input, footer)
    }

    /// Few rows a page and a group, and no dictionary.
    fn plain(version: WriterVersion) -> WriterProperties {
        let few = WriterProperties::builder().set_data_page_row_count_limit(3).set_write_batch_size(1);
        let few = few.set_max_row_group_row_count(Some(20)).set_dictionary_enabled(false);
        few.set_writer_version(version).set_encoding(Encoding::PLAIN).build()
    }

    fn read(ids: &mut IdPages, mut rows: usize, at_once: usize) -> Vec<(Option<u64>, Option<String>)> {
        let mut found = Vec::new();
        while rows > 0 {
            let some = ids.read(rows.min(at_once), 10).unwrap();
            let texts = some.texts.unwrap_or_else(|| StringArray::new_null(some.numbers.len()));
            found.extend(some.numbers.iter().zip(texts.iter().map(|text| text.map(str::to_owned))));
            rows -= some.numbers.len();
        }
        found
    }

    proptest! {
        #[test]
        fn ids_are_the_numbers_of_their_texts_however_they_lie_in_pages(
            ids in prop::collection::vec(prop::option::weighted(0.8, "(|F99001-|a|ä|F99001-12345)[0-9]{0,4}"), 1..60),
            (is_second, at_once) in (any::<bool>(), 1..9_usize),
        ) {
            let version = if is_second { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 };
            let all_there: StringArray = ids.iter().map(|id| Some(id.as_deref().unwrap_or("F99001-7"))).collect();
            for (ids, is_nullable) in [(StringArray::from(ids), true), (all_there.clone(), true), (all_there, false)] {
                let (input, footer) = file(&ids, is_nullable, plain(version));
                let mut found = Vec::new();
                for group in footer.metadata().row_groups() {
                    prop_assert!(IdPages::can_read(group.column(0)));
                    let mut pages = IdPages::begin(&input, group, 0).unwrap();
                    found.extend(read(&mut pages, group.num_rows() as usize, at_once));
                    prop_assert!(pages.read(1, 10).is_err(), "there is no more");
                }
                prop_assert_eq!(found.iter().map(|(number, _)| *number).collect::<Vec<_>>(), numbers(&ids).iter().collect::<Vec<_>>());
                // Texts are told of a batch with something to be seen, or with one that is longer than ten bytes.
                for ((_, told), id) in found.iter().zip(&ids) {
                    let id = id.filter(|id| !id.is_empty());
                    prop_assert!(told.as_deref() == id || (told.is_none() && id.is_some_and(|id| id.len() == 10)));
                }
            }
        }
    }

    #[test]
    fn ids_with_a_dictionary_are_for_the_library_and_plain_ones_are_not_read_beyond_what_is_there() {
        let ids = StringArray::from(vec!["F99001-1", "F99001-2"]);
        let (_, footer) = file(&ids, true, WriterProperties::builder().build());
        assert!(!IdPages::can_read(footer.metadata().row_group(0).column(0)));

        let mut numbering = Numbering::with_room_for(2);
        let value = |id: &[u8]| [&(id.len() as u32).to_le_bytes()[..], id].concat();
        let two = [value(b"F99001-100"), value(b"F99001-101")].concat();
        assert_eq!(add(&mut numbering, &two, 2), Some(two.len()));
        for end in 0..two.len() {
            assert_eq!(add(&mut Numbering::with_room_for(2), &two[..end], 2), None, "{end}");
        }
        let no_text = [value(b"F99001-100"), value(b"\xff99001-101")].concat();
        assert_eq!(add(&mut numbering, &no_text, 2), None);
        let endless = [u32::MAX.to_le_bytes(), [b'F'; 4]].concat();
        assert_eq!(add(&mut numbering, &endless, 1), None);
    }
}
