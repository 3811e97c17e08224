//! Rows with the same key, found by sorting hashes of their keys: 16 bytes a row, whatever the keys are.
//!
//! The hashes are the same in every run, and decide nothing: where two are equal the keys are compared.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Date32Type, Int32Type, TimeUnit, TimestampSecondType};

use crate::quality::across::Place;

/// Odd numbers with about as many ones as zeros: the digits of pi and of the golden ratio.
const FACTORS: [u64; 2] = [0x243f_6a88_85a3_08d3, 0x9e37_79b9_7f4a_7c15];

/// The groups of rows whose key columns have equal hashes: at least all rows with equal keys, and very rarely a row more.
/// Ordered by hash, then as the rows arrived. `keys` are the key columns of each batch.
pub(crate) fn repeated(keys: &[Vec<ArrayRef>]) -> Vec<Vec<Place>> {
    let hashes: Vec<Vec<u64>> = keys.iter().map(|columns| of_rows(columns)).collect();
    let mut sorted = hashes.concat();
    sorted.sort_unstable();
    let mut repeated: Vec<u64> = sorted.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    drop(sorted);
    repeated.dedup();
    if repeated.is_empty() {
        return Vec::new();
    }
    let mut groups = vec![Vec::new(); repeated.len()];
    for (batch, hashes) in hashes.iter().enumerate() {
        for (row, hash) in hashes.iter().enumerate() {
            if let Ok(group) = repeated.binary_search(hash) {
                groups[group].push((batch, row));
            }
        }
    }
    groups
}

/// A hash of the key of each row. A function of the keys' text and numbers alone.
fn of_rows(columns: &[ArrayRef]) -> Vec<u64> {
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
fn mix(hash: u64, word: u64) -> u64 {
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
    fn rows_with_one_key_form_a_group_whatever_batch_they_are_in() {
        let text = |cells: Vec<&str>| Arc::new(StringArray::from(cells)) as ArrayRef;
        let coded = |cells: Vec<&str>| Arc::new(cells.into_iter().collect::<DictionaryArray<Int32Type>>()) as ArrayRef;
        let keys = [
            vec![text(vec!["e1", "e2", "e3"]), coded(vec!["x", "y", "x"])],
            vec![text(vec!["e3", "e2", "e2"]), coded(vec!["x", "x", "y"])],
        ];
        let groups: BTreeSet<Vec<Place>> = repeated(&keys).into_iter().collect();
        assert_eq!(groups, BTreeSet::from([vec![(0, 1), (1, 2)], vec![(0, 2), (1, 0)]]));
    }

    #[test]
    fn keys_that_differ_a_little_have_hashes_that_differ() {
        let mut texts: Vec<String> = (0..40_000).map(|n| format!("event-{n:08}")).collect();
        texts.extend((0..40).map(|n| "0".repeat(n)));
        let hashes: BTreeSet<u64> = texts.iter().map(|text| of_text(0, text.as_bytes())).collect();
        assert_eq!(hashes.len(), texts.len());
    }
}
