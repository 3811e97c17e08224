//! Columns as bytes: whole numbers in as few bits as 128 neighbours need, everything else as it is.
//!
//! A column says first whether cells are empty, and which. Whole numbers follow as what they exceed the smallest by, or as
//! differences from their neighbours, whichever takes less; each once where it stands in many rows in turn ([`runs`]); numbers
//! too far apart as eight bytes each. Keys ([`keys`]) and decimals ([`decimals`]) have ways of their own.

mod decimals;
mod find;
mod groups;
mod keys;
mod near;
mod runs;

use std::{borrow::Cow, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, FixedSizeBinaryArray, PrimitiveArray, StringArray},
    buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer},
    datatypes::{
        ArrowNativeType, ArrowPrimitiveType, DataType, Date32Type, Float64Type, Int64Type, TimeUnit,
        TimestampSecondType, UInt32Type, UInt64Type,
    },
};
use bitpacking::{BitPacker, BitPacker4x};

pub use self::find::{rows_where, rows_with};
use self::groups::each_group;

/// Numbers that are packed together.
const GROUP: usize = BitPacker4x::BLOCK_LEN;
/// Rows of which one byte may tell, but for runs: those of a group that are all alike.
pub const ROWS_PER_BYTE_MAX: u64 = GROUP as u64;
/// Of so many groups, one is asked which way of packing takes less.
const GROUPS_PER_SAMPLE: usize = 16;

// How a column's cells are filled.
const ALL_EMPTY: u8 = 0;
const ALL_FILLED: u8 = 1;
const SOME_EMPTY: u8 = 2;

// How whole numbers are packed.
const ABOVE_SMALLEST: u8 = 0;
const DIFFERENCES: u8 = 1;
const EIGHT_BYTES: u8 = 2;
const RUNS: u8 = 3;

/// A number of a packed column.
trait Number: ArrowNativeType + Ord {
    fn wide(self) -> i64;
    fn narrow(wide: i64) -> Self;
}

macro_rules! number {
    ($($native:ty),*) => {$(
        impl Number for $native {
            fn wide(self) -> i64 {
                self as i64
            }

            fn narrow(wide: i64) -> $native {
                wide as $native
            }
        }
    )*};
}

number!(i32, u32, i64);

/// Appends a column to some bytes; the same cells give the same bytes.
///
/// # Panics
/// If it is of a type that no settled table has.
pub fn pack(column: &ArrayRef, bytes: &mut Vec<u8>) {
    if !pack_empty(column, bytes) {
        return;
    }
    match column.data_type() {
        DataType::UInt32 => pack_numbers::<UInt32Type>(column, bytes),
        DataType::Date32 => pack_numbers::<Date32Type>(column, bytes),
        DataType::Int64 => pack_numbers::<Int64Type>(column, bytes),
        DataType::Timestamp(TimeUnit::Second, _) => pack_numbers::<TimestampSecondType>(column, bytes),
        DataType::UInt64 => keys::pack(&all_filled(column.as_primitive::<UInt64Type>()), bytes),
        DataType::Float64 => decimals::pack(&all_filled(column.as_primitive::<Float64Type>()), bytes),
        DataType::Boolean => pack_flags(&set_flags(column.as_boolean()), bytes),
        DataType::Utf8 => {
            let texts = column.as_string::<i32>();
            let lengths: Vec<u32> = texts.iter().map(|text| text.map_or(0, |text| text.len() as u32)).collect();
            pack_groups(&lengths, bytes);
            texts.iter().flatten().for_each(|text| bytes.extend_from_slice(text.as_bytes()));
        }
        DataType::FixedSizeBinary(_) => {
            column.as_fixed_size_binary().iter().flatten().for_each(|cell| bytes.extend_from_slice(cell));
        }
        other => unreachable!("no settled table has a column of type {other}"),
    }
}

/// Reads a column of a type and a number of rows from the bytes of [`pack`]; none if they are not such a column's.
pub fn unpack(kind: &DataType, n_rows: usize, bytes: &[u8]) -> Option<ArrayRef> {
    let mut rest = Rest(bytes);
    let nulls = match rest.byte()? {
        ALL_EMPTY => return Some(arrow::array::new_null_array(kind, n_rows)),
        ALL_FILLED => None,
        SOME_EMPTY => Some(NullBuffer::new(unpack_flags(n_rows, &mut rest)?)),
        _ => return None,
    };
    Some(match kind {
        DataType::UInt32 => unpack_numbers::<UInt32Type>(n_rows, nulls, &mut rest)?,
        DataType::Date32 => unpack_numbers::<Date32Type>(n_rows, nulls, &mut rest)?,
        DataType::Int64 => unpack_numbers::<Int64Type>(n_rows, nulls, &mut rest)?,
        DataType::Timestamp(TimeUnit::Second, _) => unpack_numbers::<TimestampSecondType>(n_rows, nulls, &mut rest)?,
        DataType::UInt64 => Arc::new(filled_again::<UInt64Type>(n_rows, nulls, |n| keys::unpack(n, &mut rest))?),
        DataType::Float64 => Arc::new(filled_again::<Float64Type>(n_rows, nulls, |n| decimals::unpack(n, &mut rest))?),
        DataType::Boolean => Arc::new(BooleanArray::new(unpack_flags(n_rows, &mut rest)?, nulls)),
        DataType::Utf8 => Arc::new(unpack_texts(n_rows, nulls, &mut rest)?),
        DataType::FixedSizeBinary(width) => {
            let cells = rest.take(n_rows.checked_mul(usize::try_from(*width).ok()?)?)?;
            Arc::new(FixedSizeBinaryArray::try_new(*width, Buffer::from(cells), nulls).ok()?)
        }
        _ => return None,
    })
}

/// Says which cells are empty, and whether there are others.
fn pack_empty(column: &ArrayRef, bytes: &mut Vec<u8>) -> bool {
    match column.null_count() {
        n if n == column.len() => bytes.push(ALL_EMPTY),
        0 => bytes.push(ALL_FILLED),
        _ => {
            bytes.push(SOME_EMPTY);
            pack_flags(column.nulls().expect("some are empty").inner(), bytes);
        }
    }
    column.null_count() < column.len()
}

/// The flags of a column; whatever lies under an empty cell, it is not set.
fn set_flags(column: &BooleanArray) -> BooleanBuffer {
    column.nulls().map_or_else(|| column.values().clone(), |nulls| column.values() & nulls.inner())
}

fn pack_flags(flags: &BooleanBuffer, bytes: &mut Vec<u8>) {
    let start = bytes.len();
    bytes.extend_from_slice(&flags.sliced());
    bytes.truncate(start + flags.len().div_ceil(8));
    // What lies behind the last flag may be anything.
    if let (Some(last), n @ 1..) = (bytes.last_mut(), flags.len() % 8) {
        *last &= (1 << n) - 1;
    }
}

fn unpack_flags(n_rows: usize, rest: &mut Rest) -> Option<BooleanBuffer> {
    Some(BooleanBuffer::new(Buffer::from(rest.take(n_rows.div_ceil(8))?), 0, n_rows))
}

fn pack_numbers<T: ArrowPrimitiveType<Native: Number>>(column: &ArrayRef, bytes: &mut Vec<u8>) {
    let column = column.as_primitive::<T>();
    let (least, most) = match column.null_count() {
        0 => bounds(column.values().iter().copied()),
        _ => bounds(filled(column)),
    };
    if most.wrapping_sub(least).cast_unsigned() > u64::from(u32::MAX) {
        bytes.push(EIGHT_BYTES);
        column.iter().for_each(|number| put(bytes, number.map_or(0, Number::wide).to_le_bytes()));
        return;
    }
    let mut above: Vec<u32> = column.values().iter().map(|number| number.wide().wrapping_sub(least) as u32).collect();
    if let Some(nulls) = column.nulls().filter(|nulls| nulls.null_count() > 0) {
        // Whatever lies under an empty cell, it counts as the smallest number.
        above.iter_mut().zip(nulls).filter(|(_, is_filled)| !is_filled).for_each(|(number, _)| *number = 0);
    }
    if runs::are_long(&above) {
        bytes.push(RUNS);
        put(bytes, least.to_le_bytes());
        runs::pack(&above, bytes);
        return;
    }
    let is_shorter = sampled_bits(&above, true) < sampled_bits(&above, false);
    bytes.push(if is_shorter { DIFFERENCES } else { ABOVE_SMALLEST });
    put(bytes, least.to_le_bytes());
    if is_shorter {
        to_differences(&mut above, 0);
    }
    pack_groups(&above, bytes);
}

fn unpack_numbers<T: ArrowPrimitiveType<Native: Number>>(
    n_rows: usize,
    nulls: Option<NullBuffer>,
    rest: &mut Rest,
) -> Option<ArrayRef> {
    let how = rest.byte()?;
    if how == EIGHT_BYTES {
        let (eights, _) = rest.take(n_rows.checked_mul(8)?)?.as_chunks::<8>();
        let numbers: Vec<T::Native> =
            eights.iter().map(|eight| T::Native::narrow(i64::from_le_bytes(*eight))).collect();
        return Some(Arc::new(PrimitiveArray::<T>::new(numbers.into(), nulls)));
    }
    let least = i64::from_le_bytes(rest.eight()?);
    let number = |above: u32| T::Native::narrow(least.wrapping_add(i64::from(above)));
    let mut numbers: Vec<T::Native> = Vec::new();
    if how == RUNS {
        let runs = runs::unpack(n_rows, rest)?;
        numbers.reserve_exact(n_rows);
        runs.into_iter().for_each(|(above, length)| numbers.resize(numbers.len() + length, number(above)));
    } else {
        if rest.0.len() < n_rows.div_ceil(GROUP) {
            return None;
        }
        numbers.reserve_exact(n_rows);
        each_group(n_rows, how, rest, |above| numbers.extend(above.iter().map(|&above| number(above))))?;
    }
    Some(Arc::new(PrimitiveArray::<T>::new(numbers.into(), nulls)))
}

/// The values of a column that are not empty.
fn filled<T: ArrowPrimitiveType>(column: &PrimitiveArray<T>) -> impl Iterator<Item = T::Native> {
    let rows = column.nulls().map(NullBuffer::valid_indices).into_iter().flatten();
    rows.map(|row| column.value(row))
}

/// The least and the greatest number, of which there is at least one: as they are, so that many are compared at once.
fn bounds<N: Number>(mut numbers: impl Iterator<Item = N>) -> (i64, i64) {
    let first = numbers.next().expect("a column of empty cells alone is told before");
    let (least, most) = numbers.fold((first, first), |(least, most), number| (least.min(number), most.max(number)));
    (least.wide(), most.wide())
}

/// Makes of each number what it differs by from the one before it: small where they are near, whichever is larger.
fn to_differences(numbers: &mut [u32], mut before: u32) {
    for number in numbers {
        let difference = number.wrapping_sub(before).cast_signed();
        before = *number;
        *number = ((difference << 1) ^ (difference >> 31)).cast_unsigned();
    }
}

/// How many bits some of the groups take, as they are or as differences.
fn sampled_bits(numbers: &[u32], as_differences: bool) -> u32 {
    let bits = |group: &[u32]| {
        let mut sample = [0; GROUP];
        let sample = &mut sample[..group.len()];
        sample.copy_from_slice(group);
        if as_differences {
            to_differences(sample, group[0]);
        }
        32 - sample.iter().fold(0, |all, number| all | number).leading_zeros()
    };
    numbers.chunks(GROUP).step_by(GROUPS_PER_SAMPLE).map(bits).sum()
}

fn pack_groups(numbers: &[u32], bytes: &mut Vec<u8>) {
    let mut pack = |group: &[u32; GROUP]| {
        let width = BitPacker4x::new().num_bits(group);
        bytes.push(width);
        pack_group(group, width, bytes);
    };
    let (groups, last) = numbers.as_chunks::<GROUP>();
    groups.iter().for_each(&mut pack);
    if !last.is_empty() {
        let mut group = [0; GROUP];
        group[..last.len()].copy_from_slice(last);
        pack(&group);
    }
}

fn pack_group(group: &[u32; GROUP], width: u8, bytes: &mut Vec<u8>) {
    let start = bytes.len();
    bytes.resize(start + BitPacker4x::compressed_block_size(width), 0);
    BitPacker4x::new().compress(group, &mut bytes[start..], width);
}

fn unpack_groups(n_rows: usize, rest: &mut Rest) -> Option<Vec<u32>> {
    if rest.0.len() < n_rows.div_ceil(GROUP) {
        return None;
    }
    let mut numbers = Vec::with_capacity(n_rows);
    each_group(n_rows, ABOVE_SMALLEST, rest, |group| numbers.extend_from_slice(group))?;
    Some(numbers)
}

/// The values of the cells that are not empty.
fn all_filled<T: ArrowPrimitiveType>(column: &PrimitiveArray<T>) -> Cow<'_, [T::Native]> {
    match column.null_count() {
        0 => Cow::Borrowed(column.values()),
        _ => Cow::Owned(filled(column).collect()),
    }
}

/// A column of which the cells that are not empty have the values that are read.
fn filled_again<T: ArrowPrimitiveType>(
    n_rows: usize,
    nulls: Option<NullBuffer>,
    read: impl FnOnce(usize) -> Option<Vec<T::Native>>,
) -> Option<PrimitiveArray<T>> {
    let Some(nulls) = nulls.filter(|nulls| nulls.null_count() > 0) else {
        return Some(PrimitiveArray::new(read(n_rows)?.into(), None));
    };
    let filled = read(n_rows - nulls.null_count())?;
    let mut values = vec![T::Native::default(); n_rows];
    nulls.valid_indices().zip(filled).for_each(|(row, value)| values[row] = value);
    Some(PrimitiveArray::new(values.into(), Some(nulls)))
}

fn unpack_texts(n_rows: usize, nulls: Option<NullBuffer>, rest: &mut Rest) -> Option<StringArray> {
    let lengths = unpack_groups(n_rows, rest)?;
    let all: u64 = lengths.iter().map(|&length| u64::from(length)).sum();
    if all > rest.0.len() as u64 || i32::try_from(all).is_err() {
        return None;
    }
    let offsets = OffsetBuffer::<i32>::from_lengths(lengths.into_iter().map(|length| length as usize));
    let texts = rest.take(usize::try_from(offsets.last()).ok()?)?;
    StringArray::try_new(offsets, Buffer::from(texts), nulls).ok()
}

fn put(bytes: &mut Vec<u8>, number: [u8; 8]) {
    bytes.extend_from_slice(&number);
}

/// Bytes that are still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn eight(&mut self) -> Option<[u8; 8]> {
        self.take(8)?.try_into().ok()
    }
}

#[cfg(test)]
mod tests;
