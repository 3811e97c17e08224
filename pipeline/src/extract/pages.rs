//! The pages of a Parquet file, looked through before any of them is unpacked.
//!
//! Whoever reads a page takes as much memory as its header claims, so the headers are read first: Thrift's compact
//! protocol, of which only a few numbers matter here and the rest is passed over.
//! Source: the Parquet format, `parquet.thrift`, `PageHeader`.

use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::reader::Length;

use crate::error::{Error, Result};
use crate::extract::input::Input;
use crate::extract::limits::Limits;

/// Bytes read for a header at first, and more if it turns out to be longer. None of any use is longer than the last.
const HEADER_BYTES: [u64; 3] = [512, 8 << 10, 1 << 20];

/// Holds the pages of some columns against the limits, group by group.
///
/// # Errors
/// `damaged_from` the first row of the group where a page can't be as its header says; else the limit that is exceeded.
pub(super) fn hold(
    input: &Input,
    footer: &ParquetMetaData,
    columns: &[usize],
    limits: &Limits,
    damaged_from: impl Fn(u64) -> Error,
) -> Result<()> {
    let mut first_row = 1;
    for group in footer.row_groups() {
        let mut in_memory = 0;
        for chunk in columns.iter().map(|&at| group.column(at)) {
            let pages = pages(input, chunk).ok_or_else(|| damaged_from(first_row))?;
            // Eight bytes for the length of each text and its level; a page of many short ones has room for a long one.
            let cell_bytes = limits.most("cell_bytes").saturating_add(8);
            let mut of_cells = pages.iter().filter(|page| page.kind != Kind::Other);
            if of_cells.any(|page| page.unpacked > page.n.saturating_mul(cell_bytes).saturating_add(1 << 10)) {
                let of_group = format!("in the row group that begins with row {first_row}");
                return Err(limits.exceeded("cell_bytes").column(chunk.column_path().string()).also(&of_group));
            }
            let largest = |kind| pages.iter().filter(|page| page.kind == kind).map(|page| page.unpacked).max();
            in_memory += largest(Kind::Dictionary).unwrap_or(0) + largest(Kind::Values).unwrap_or(0);
            limits.hold("pages_bytes", in_memory)?;
        }
        first_row += u64::try_from(group.num_rows()).map_err(|_| damaged_from(first_row))?;
    }
    Ok(())
}

/// Whether the pages of a column hold its values one behind another, and the levels of those before them in runs, where
/// there are any; and all of them may be in memory at once, as those are of which a batch is read where it lies.
pub(super) fn are_plain(input: &Input, chunk: &ColumnChunkMetaData, limits: &Limits) -> bool {
    let has_levels = chunk.column_descr().max_def_level() > 0;
    let is_plain = |page: &Page| page.kind == Kind::Values && page.is_plain && (page.has_runs || !has_levels);
    let fit = |pages: &[Page]| pages.iter().map(|page| page.unpacked).sum::<u64>() <= limits.most("pages_bytes");
    pages(input, chunk).is_some_and(|pages| pages.iter().all(is_plain) && fit(&pages))
}

/// The pages of a column; none if they can't be.
fn pages(input: &Input, chunk: &ColumnChunkMetaData) -> Option<Vec<Page>> {
    // Where the library begins to read.
    let first = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
    let (mut at, bytes) = (u64::try_from(first).ok()?, u64::try_from(chunk.compressed_size()).ok()?);
    let end = at.checked_add(bytes).filter(|&end| end <= input.len())?;
    let n_values = u64::try_from(chunk.num_values()).ok()?;
    let mut pages = Vec::new();
    while at < end {
        let page = header_at(input, at, end)?;
        at = at.checked_add(page.header_bytes)?.checked_add(page.packed).filter(|&next| next <= end)?;
        // A word of a dictionary takes a byte at least; of one value many times over a page may be very small.
        if page.n > if page.kind == Kind::Dictionary { page.unpacked } else { n_values } {
            return None;
        }
        pages.push(page);
    }
    Some(pages)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Dictionary,
    Values,
    Other,
}

/// What a header says of its page.
#[derive(Debug, PartialEq, Eq)]
struct Page {
    kind: Kind,
    header_bytes: u64,
    packed: u64,
    unpacked: u64,
    /// Values, or words of the dictionary.
    n: u64,
    /// Whether its values lie one behind another.
    is_plain: bool,
    /// Whether its levels are runs.
    has_runs: bool,
}

/// Numbers of encodings.
const PLAIN: u64 = 0;
const RLE: u64 = 3;

fn header_at(input: &Input, at: u64, end: u64) -> Option<Page> {
    HEADER_BYTES.iter().find_map(|&most| header(&input.bytes_at(at, most.min(end - at) as usize).ok()?))
}

/// The header with which these bytes begin; none if it goes on behind them, or is none.
fn header(bytes: &[u8]) -> Option<Page> {
    let mut thrift = Thrift(bytes);
    let (mut kind, mut unpacked, mut packed, mut n) = (None, None, None, 0);
    let (mut is_plain, mut has_runs) = (false, false);
    let mut id = 0;
    while let Some(wire) = thrift.field(&mut id)? {
        match (id, wire) {
            (1, I32) => kind = Some(thrift.number()?),
            (2, I32) => unpacked = Some(thrift.size()?),
            (3, I32) => packed = Some(thrift.size()?),
            // What the library takes for one of these all the same.
            (1..=3, _) => return None,
            // Of each kind of page the number of values stands first; of the second version's the levels are always runs.
            (5 | 7 | 8, STRUCT) => {
                let [values, second, third, fourth] = thrift.first_numbers()?;
                n = values?;
                let (encoding, levels) = if id == 8 { (fourth, Some(RLE)) } else { (second, third) };
                (is_plain, has_runs) = (encoding == Some(PLAIN), levels == Some(RLE));
            }
            _ => thrift.skip(wire, 0)?,
        }
    }
    let kind = match kind? {
        0 | 3 => Kind::Values,
        1 => Kind::Other,
        2 => Kind::Dictionary,
        _ => return None,
    };
    let header_bytes = (bytes.len() - thrift.0.len()) as u64;
    Some(Page { kind, header_bytes, packed: packed?, unpacked: unpacked?, n, is_plain, has_runs })
}

const I32: u8 = 5;
const STRUCT: u8 = 12;

/// As deep as structures may lie within each other; those of a header lie three deep.
const DEEPEST: u32 = 8;

/// Bytes in Thrift's compact protocol. What isn't there gives none.
struct Thrift<'a>(&'a [u8]);

impl Thrift<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn pass(&mut self, n: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(n).ok()?..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn number(&mut self) -> Option<i64> {
        let zigzag = self.varint()?;
        Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
    }

    /// A number that is not negative.
    fn size(&mut self) -> Option<u64> {
        u64::try_from(self.number()?).ok()
    }

    /// The type of the next field, whose id follows from the one before; the inner none ends the structure.
    fn field(&mut self, id: &mut i64) -> Option<Option<u8>> {
        let head = self.byte()?;
        if head == 0 {
            return Some(None);
        }
        *id = if head >> 4 == 0 { self.number()? } else { id.checked_add(i64::from(head >> 4))? };
        // The library has but 16 bits for it, and would take a larger one for another.
        i16::try_from(*id).ok()?;
        Some(Some(head & 0x0f))
    }

    /// The first four fields of a structure, as far as they are numbers that are not negative, and past the rest.
    fn first_numbers(&mut self) -> Option<[Option<u64>; 4]> {
        let (mut id, mut numbers) = (0, [None; 4]);
        while let Some(wire) = self.field(&mut id)? {
            match (id, wire) {
                (1..=4, I32) => numbers[id as usize - 1] = Some(self.size()?),
                _ => self.skip(wire, 1)?,
            }
        }
        Some(numbers)
    }

    /// Past a field of a type.
    fn skip(&mut self, wire: u8, depth: u32) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        match wire {
            1 | 2 => Some(()),
            3 => self.pass(1),
            4..=6 => self.varint().map(drop),
            7 => self.pass(8),
            8 => {
                let n = self.varint()?;
                self.pass(n)
            }
            STRUCT => {
                let mut id = 0;
                while let Some(wire) = self.field(&mut id)? {
                    self.skip(wire, depth + 1)?;
                }
                Some(())
            }
            // A header holds no list, set or map.
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of plain values: kind 0, 300 bytes unpacked, 20 packed, 7 values, of which something else is said too.
    const VALUES: [u8; 20] =
        [0x15, 0, 0x15, 0xd8, 0x04, 0x15, 40, 0x2c, 0x15, 14, 0x15, 0, 0x1c, 0x18, 2, b'a', b'b', 0, 0, 0];

    #[test]
    fn a_header_tells_what_its_page_takes() {
        let (kind, is_plain) = (Kind::Values, true);
        let page = Page { kind, header_bytes: 20, packed: 20, unpacked: 300, n: 7, is_plain, has_runs: false };
        assert_eq!(header(&VALUES), Some(page));
    }

    #[test]
    fn pages_are_looked_at_from_where_the_library_reads_them() {
        // Two chains of one page each, of which the first takes 299 bytes: harmless, and read by nobody.
        let harmless = [&VALUES[..3], &[0xd6], &VALUES[4..]].concat();
        let bytes = [&harmless[..], &[0; 20], &VALUES, &[0; 20]].concat();
        let text = parquet::schema::types::Type::primitive_type_builder("id", parquet::basic::Type::BYTE_ARRAY);
        let path = parquet::schema::types::ColumnPath::from("id");
        let column = parquet::schema::types::ColumnDescriptor::new(text.build().unwrap().into(), 0, 0, path);
        let chunk = ColumnChunkMetaData::builder(column.into()).set_num_values(7).set_total_compressed_size(40);
        let chunk = chunk.set_data_page_offset(0).set_dictionary_page_offset(Some(40)).build().unwrap();
        let found = pages(&Input::Memory(bytes.into()), &chunk).unwrap();
        assert_eq!(found.iter().map(|page| page.unpacked).collect::<Vec<_>>(), [300]);
        assert_eq!(chunk.byte_range(), (40, 40));
    }

    #[test]
    fn a_header_tells_how_values_and_levels_are_written() {
        let written = |bytes: &[u8]| header(bytes).map(|page| (page.n, page.is_plain, page.has_runs)).unwrap();
        // Of the first version: number of values, their encoding, that of levels.
        let first = |encoding, levels| {
            written(&[0x15, 0, 0x15, 0, 0x15, 0, 0x2c, 0x15, 14, 0x15, encoding, 0x15, levels, 0, 0])
        };
        assert_eq!([first(0, 6), first(0, 8), first(16, 6)], [(7, true, true), (7, true, false), (7, false, true)]);
        // Of the second: number of values, nulls and rows, encoding.
        let second =
            |encoding| written(&[0x15, 6, 0x15, 0, 0x15, 0, 0x5c, 0x15, 14, 0x15, 0, 0x15, 14, 0x15, encoding, 0, 0]);
        assert_eq!([second(0), second(16)], [(7, true, true), (7, false, true)]);
    }

    #[test]
    fn a_header_that_is_cut_or_claims_what_is_not_there_is_none() {
        (0..VALUES.len()).for_each(|end| assert_eq!(header(&VALUES[..end]), None, "{end}"));
        let mut endless = VALUES.to_vec();
        endless[14] = 0x7f; // bytes of a text
        assert_eq!(header(&endless), None);
        let negative = [&VALUES[..3], &[0x01], &VALUES[5..]].concat();
        assert_eq!(header(&negative), None);
        // The library reads the lower bits of a kind, a size of any type, and the lower bits of a field's number.
        let large_kind = [&[0x15][..], &[0x80, 0x80, 0x80, 0x80, 0x20], &VALUES[2..]].concat();
        let wide_size = [&VALUES[..2], &[0x16], &VALUES[3..]].concat();
        let far_field = [&VALUES[..19], &[0x05, 0x84, 0x80, 0x08, 0x02, 0][..]].concat();
        for odd in [large_kind, wide_size, far_field] {
            assert_eq!(header(&odd), None);
        }
        assert_eq!(header(&[0x1c; 100]), None);
    }
}
