//! Ids of a Parquet file read as numbers where they lie in its pages, which takes a third of the time of asking the library
//! for views of them first.
//!
//! Only of a column without a dictionary: there each id stands behind its length (`PLAIN`).
//! Source: the Parquet format, `Encodings.md` and `README.md`, "Data Pages".

use std::str;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::serialized_reader::SerializedPageReader;

use crate::extract::ids::{Ids, Numbering, Start};
use crate::extract::input::Input;
use crate::extract::levels::Levels;
use crate::extract::limits::Limits;
use crate::extract::pages;

/// The ids of one row group, in their order.
pub(super) struct IdPages {
    pages: SerializedPageReader<Input>,
    /// Whether a row may have none.
    is_optional: bool,
    cell_bytes: u64,
    /// What is left of the page at hand.
    values: Bytes,
    levels: Levels,
}

impl IdPages {
    /// Whether the ids of a chunk lie there one behind another.
    pub fn can_read(input: &Input, chunk: &ColumnChunkMetaData, limits: &Limits) -> bool {
        let column = chunk.column_descr();
        let is_flat = column.max_rep_level() == 0 && column.max_def_level() <= 1;
        column.physical_type() == Type::BYTE_ARRAY && is_flat && pages::are_plain(input, chunk, limits)
    }

    /// Before the first of a group's rows. Texts are told of ids in which something may be seen, or with more bytes than a
    /// cell may have.
    ///
    /// # Errors
    /// There are not as many ids as rows, or the library cannot read pages that are packed so.
    pub fn begin(
        input: &Input,
        group: &RowGroupMetaData,
        column: usize,
        cell_bytes: u64,
    ) -> Result<IdPages, ParquetError> {
        let chunk = group.column(column);
        if chunk.num_values() != group.num_rows() {
            return Err(damaged());
        }
        let rows = usize::try_from(group.num_rows()).map_err(|_| damaged())?;
        let pages = SerializedPageReader::new(Arc::new(input.clone()), chunk, rows, None)?;
        let is_optional = chunk.column_descr().max_def_level() > 0;
        Ok(IdPages { pages, is_optional, cell_bytes, values: Bytes::new(), levels: Levels::default() })
    }

    /// The ids of the next so many rows.
    ///
    /// # Errors
    /// The pages are damaged, or end before.
    pub fn read(&mut self, rows: usize) -> Result<Ids, ParquetError> {
        let mut numbering = Numbering::with_room_for(rows);
        let (mut pieces, mut left) = (Vec::new(), rows);
        while left > 0 {
            let Some((are_there, n)) = self.levels.next_run(left)? else {
                let page = self.pages.get_next_page()?.ok_or_else(damaged)?;
                self.open(&page)?;
                continue;
            };
            left -= n;
            let length = if are_there {
                add(&mut numbering, &self.values, n).ok_or_else(damaged)?
            } else {
                numbering.add_none(n);
                0
            };
            pieces.push((n, self.values.split_to(length)));
        }
        let is_to_be_seen = !numbering.are_plain || numbering.longest as u64 > self.cell_bytes;
        Ok(Ids { numbers: numbering.end(), texts: is_to_be_seen.then_some(Pieces(pieces)) })
    }

    /// Whether no row is left.
    ///
    /// # Errors
    /// The pages are damaged.
    pub fn has_ended(&mut self) -> Result<bool, ParquetError> {
        while self.levels.are_at_end() {
            let Some(page) = self.pages.get_next_page()? else { return Ok(true) };
            self.open(&page)?;
        }
        Ok(false)
    }

    fn open(&mut self, page: &Page) -> Result<(), ParquetError> {
        if page.encoding() != Encoding::PLAIN || !page.is_data_page() {
            return Err(damaged());
        }
        let rows = page.num_values() as usize;
        self.values = page.buffer().clone();
        let length = match page {
            Page::DataPageV2 { def_levels_byte_len, rep_levels_byte_len: 0, .. } => *def_levels_byte_len,
            Page::DataPage { .. } if !self.is_optional => 0,
            Page::DataPage { def_level_encoding: Encoding::RLE, .. } => {
                self.values.try_get_u32_le().map_err(|_| damaged())?
            }
            _ => return Err(damaged()),
        };
        if length as usize > self.values.len() {
            return Err(damaged());
        }
        let levels = self.values.split_to(length as usize);
        self.levels = if self.is_optional { Levels::of(levels, rows) } else { Levels::all(rows) };
        Ok(())
    }
}

/// Ids as they lie in pages: numbers of rows, each with the values of that many, or with none where these rows have no id.
pub(crate) struct Pieces(Vec<(usize, Bytes)>);

impl Pieces {
    /// The text of each; empty where there is no id.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|(rows, values)| {
            let mut values = &values[..];
            (0..*rows).map(move |_| {
                let (id, behind) = first(values).unwrap_or_default();
                values = behind;
                str::from_utf8(id).expect("checked when it was numbered")
            })
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
pub(super) mod tests {
    use std::sync::Arc;

    use arrow::array::{Array, RecordBatch, StringArray};
    use arrow::datatypes::{DataType, Field, Schema};
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
    use parquet::file::properties::{WriterProperties, WriterVersion};
    use proptest::prelude::*;

    use super::*;
    use crate::extract::ids::numbers;
    use crate::quality::leak::are_plain_keys;

    const CELL_BYTES: u64 = 20;

    /// A file of these ids, and what its footer says.
    pub(in crate::extract) fn file(
        ids: &StringArray,
        is_nullable: bool,
        properties: WriterProperties,
    ) -> (Input, ArrowReaderMetadata) {
        let schema = Arc::new(Schema::new(vec![Field::new("event_id", DataType::Utf8, is_nullable)]));
        let mut writer = ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties)).unwrap();
        writer.write(&RecordBatch::try_new(schema, vec![Arc::new(ids.clone())]).unwrap()).unwrap();
        let input = Input::Memory(writer.into_inner().unwrap().into());
        let footer = ArrowReaderMetadata::load(&input, ArrowReaderOptions::new()).unwrap();
        (input, footer)
    }

    /// Few rows a page and a group, and no dictionary.
    pub(in crate::extract) fn plain(version: WriterVersion) -> WriterProperties {
        let few = WriterProperties::builder().set_data_page_row_count_limit(3).set_write_batch_size(1);
        let few = few.set_max_row_group_row_count(Some(20)).set_dictionary_enabled(false);
        few.set_writer_version(version).set_encoding(Encoding::PLAIN).build()
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
                    prop_assert!(IdPages::can_read(&input, group.column(0), &Limits::default()));
                    let mut pages = IdPages::begin(&input, group, 0, CELL_BYTES).unwrap();
                    let mut left = group.num_rows() as usize;
                    while left > 0 {
                        prop_assert!(!pages.has_ended().unwrap());
                        let some = pages.read(left.min(at_once)).unwrap();
                        left -= some.numbers.len();
                        found.extend(some.numbers.iter());
                    }
                    prop_assert!(pages.has_ended().unwrap());
                    prop_assert!(pages.read(1).is_err(), "there is no more");
                }
                prop_assert_eq!(found, numbers(&ids).iter().collect::<Vec<_>>());
            }
        }

        #[test]
        fn texts_are_told_where_something_may_be_seen_in_one_or_one_is_too_long(
            ids in prop::collection::vec(
                prop::option::weighted(0.9, "(F99001-12345|07700 900123-0000|a@b.org-000000|\\+44-7700-900123-)[0-9]{4,12}"), 1..4),
        ) {
            let ids = StringArray::from(ids);
            let (input, footer) = file(&ids, true, plain(WriterVersion::PARQUET_1_0));
            let mut pages = IdPages::begin(&input, footer.metadata().row_group(0), 0, CELL_BYTES).unwrap();
            let Ids { texts, .. } = pages.read(ids.len()).unwrap();
            let is_long = ids.iter().flatten().any(|id| id.len() as u64 > CELL_BYTES);
            prop_assert_eq!(texts.is_some(), is_long || !are_plain_keys(&ids));
            let sent: Vec<&str> = ids.iter().map(Option::unwrap_or_default).collect();
            prop_assert!(texts.is_none_or(|pieces| pieces.texts().collect::<Vec<_>>() == sent));
        }
    }

    #[test]
    fn ids_with_a_dictionary_are_for_the_library_and_plain_ones_are_not_read_beyond_what_is_there() {
        let ids = StringArray::from(vec!["F99001-1", "F99001-2"]);
        let (input, footer) = file(&ids, true, WriterProperties::builder().build());
        assert!(!IdPages::can_read(&input, footer.metadata().row_group(0).column(0), &Limits::default()));

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
