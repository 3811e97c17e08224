//! Rows with the same key, found by hashes of their keys: some ten bytes a row, whatever the keys are.
//!
//! The hashes are the same in every run, and decide: of 64 bits, two that differ are taken for one in next to no case.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Date32Type, Int32Type, TimeUnit, TimestampSecondType};

use crate::quality::across::Place;

/// Odd numbers with about as many ones as zeros: the digits of pi and of the golden ratio.
const FACTORS: [u64; 2] = [0x243f_6a88_85a3_08d3, 0x9e37_79b9_7f4a_7c15];

/// The groups of rows with equal hashes, given per batch. Ordered by hash, then as the rows arrived.
pub(crate) fn repeated(hashes: &[&[u64]]) -> Vec<Vec<Place>> {
    if are_rising(hashes) {
        return Vec::new();
    }
    let mut seen = Filter::for_about(hashes.iter().map(|hashes| hashes.len()).sum());
    let mut again = Vec::new();
    for hashes in hashes {
        again.extend(hashes.iter().filter(|hash| seen.add(**hash)));
    }
    again.sort_unstable();
    again.dedup();
    // Some of these only look like another hash, so every row with one of them is looked at: by a filter that is wrong
    // less often, for to search among them takes longer.
    let mut suspects = Filter::for_about(4 * again.len());
    again.iter().for_each(|&hash| _ = suspects.add(hash));
    let mut found: Vec<(u64, Place)> = Vec::new();
    for (batch, hashes) in hashes.iter().enumerate() {
        let is_suspect = |hash: u64| suspects.may_hold(hash) && again.binary_search(&hash).is_ok();
        let rows = hashes.iter().enumerate().filter(|(_, hash)| is_suspect(**hash));
        found.extend(rows.map(|(row, hash)| (*hash, (batch, row))));
    }
    found.sort_unstable();
    let groups = found.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1);
    groups.map(|group| group.iter().map(|(_, place)| *place).collect()).collect()
}

/// Whether each hash is larger than the one before it, as the keys of rows are that were sent in the order in which they
/// were numbered.
fn are_rising(hashes: &[&[u64]]) -> bool {
    let mut before = None;
    hashes.iter().filter_map(|batch| Some((batch, batch.first()?))).all(|(batch, first)| {
        let follows = before.is_none_or(|before| before < first);
        before = batch.last();
        follows && batch.is_sorted_by(|a, b| a < b)
    })
}

/// Tells of most hashes, by one look, that they are not in a set.
pub(crate) struct Filter(Vec<u64>);

impl Filter {
    /// For a set of about `n` hashes: of a hash that is not in it, it says so in 50 of 51 cases, and in 15 of 16 where those
    /// in it are keys that were numbered one after another. Two bytes for each, so that the filter of a practice's rows
    /// stays in the processor's cache.
    pub fn for_about(n: usize) -> Filter {
        Filter(vec![0; (n / 4).next_power_of_two()])
    }

    /// Adds a hash, and tells whether it may have been there before.
    pub fn add(&mut self, hash: u64) -> bool {
        let (at, bits) = self.place(hash);
        let were_set = self.0[at] & bits == bits;
        self.0[at] |= bits;
        were_set
    }

    /// Whether a hash may be in the set; of one that is, always.
    pub fn may_hold(&self, hash: u64) -> bool {
        let (at, bits) = self.place(hash);
        self.0[at] & bits == bits
    }

    /// A word, and two bits of it. Keys that were numbered one after another have a bit each, and share words.
    fn place(&self, hash: u64) -> (usize, u64) {
        ((hash >> 6) as usize & (self.0.len() - 1), 1 << (hash & 63) | 1 << (hash >> 40 & 63))
    }
}

/// A hash of the cells of each row. A function of their text and numbers alone.
pub(crate) fn of_rows(columns: &[ArrayRef]) -> Vec<u64> {
    let mut hashes = vec![0; columns[0].len()];
    for column in columns {
        match column.data_type() {
            DataType::Dictionary(_, _) => {
                let coded = column.as_dictionary::<Int32Type>();
                let mut values = vec![0; coded.values().len()];
                of_values(coded.values(), &mut values);
                let keys = hashes.iter_mut().zip(coded.keys());
                keys.for_each(|(hash, key)| *hash = mix(*hash, key.map_or(0, |key| values[key as usize])));
            }
            _ => of_values(column, &mut hashes),
        }
    }
    hashes
}

fn of_values(column: &ArrayRef, hashes: &mut [u64]) {
    let number = |value: Option<i64>| value.map_or(0, |value| value.cast_unsigned());
    match column.data_type() {
        DataType::Utf8 => {
            let texts = hashes.iter_mut().zip(column.as_string::<i32>());
            texts.for_each(|(hash, text)| *hash = of_text(*hash, text.unwrap_or_default().as_bytes()));
        }
        DataType::Date32 => {
            let days = hashes.iter_mut().zip(column.as_primitive::<Date32Type>());
            days.for_each(|(hash, day)| *hash = mix(*hash, number(day.map(i64::from))));
        }
        DataType::Timestamp(TimeUnit::Second, _) => {
            let seconds = hashes.iter_mut().zip(column.as_primitive::<TimestampSecondType>());
            seconds.for_each(|(hash, second)| *hash = mix(*hash, number(second)));
        }
        kind => unreachable!("keys are text, dates or timestamps, not {kind}"),
    }
}

/// A hash of a text, well spread; `seed` carries on from the columns before it.
pub(crate) fn of_text(seed: u64, text: &[u8]) -> u64 {
    let (eights, rest) = text.as_chunks::<8>();
    let hash = eights.iter().fold(seed, |hash, eight| mix(hash, u64::from_le_bytes(*eight)));
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(hash ^ (text.len() as u64).rotate_left(32), u64::from_le_bytes(last))
}

/// Both halves of a product, folded together: every bit of both numbers reaches every bit of the result.
pub(crate) fn mix(hash: u64, word: u64) -> u64 {
    let product = u128::from(hash ^ FACTORS[0]) * u128::from(word ^ FACTORS[1]);
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use arrow::array::{DictionaryArray, StringArray};

    use super::*;

    #[test]
    fn rows_with_equal_cells_form_a_group_whatever_batch_they_are_in() {
        let text = |cells: Vec<&str>| Arc::new(StringArray::from(cells)) as ArrayRef;
        let coded = |cells: Vec<&str>| Arc::new(cells.into_iter().collect::<DictionaryArray<Int32Type>>()) as ArrayRef;
        let hashes = [
            of_rows(&[text(vec!["e1", "e2", "e3"]), coded(vec!["x", "y", "x"])]),
            of_rows(&[text(vec!["e3", "e2", "e2"]), coded(vec!["x", "x", "y"])]),
        ];
        let groups: BTreeSet<Vec<Place>> = repeated(&[&hashes[0], &hashes[1]]).into_iter().collect();
        assert_eq!(groups, BTreeSet::from([vec![(0, 1), (1, 2)], vec![(0, 2), (1, 0)]]));
    }

    #[test]
    fn of_many_hashes_those_that_repeat_are_found_and_no_other() {
        let hash = |n: u64| of_text(n, b"");
        let hashes: Vec<u64> = (0..50_000).map(hash).chain((0..50_000).step_by(997).map(hash)).collect();
        let mut groups = repeated(&[&hashes]);
        groups.sort_unstable();
        let expected: Vec<Vec<Place>> = (0..51).map(|n| vec![(0, 997 * n), (0, 50_000 + n)]).collect();
        assert_eq!(groups, expected);
    }

    #[test]
    fn hashes_that_rise_repeat_none_and_one_that_does_not_is_found_wherever_it_is() {
        assert!(are_rising(&[&[1, 2], &[], &[5], &[7, u64::MAX]]));
        assert!(repeated(&[&[1, 2], &[], &[5]]).is_empty());
        assert_eq!(repeated(&[&[1, 2], &[], &[2, 3]]), [[(0, 1), (2, 0)]]);
        assert_eq!(repeated(&[&[1, 2, 2]]), [[(0, 1), (0, 2)]]);
        assert_eq!(repeated(&[&[3], &[1, 2, 3]]), [[(0, 0), (1, 2)]]);
    }

    #[test]
    fn keys_that_differ_a_little_have_hashes_that_differ() {
        let mut texts: Vec<String> = (0..40_000).map(|n| format!("event-{n:08}")).collect();
        texts.extend((0..40).map(|n| "0".repeat(n)));
        let hashes: BTreeSet<u64> = texts.iter().map(|text| of_text(0, text.as_bytes())).collect();
        assert_eq!(hashes.len(), texts.len());
    }
}
