//! Rows found in the bytes of a column, without the column.

use super::{ALL_FILLED, RUNS, Rest, groups::each_group_that, keys::each_group as each_group_of_keys, runs};

/// The rows of a packed column of numbers of 32 bits, none empty, that say one of some numbers, which are sorted; none if
/// the bytes are not such a column's. Of a group that cannot have one no row is looked at: no column is made.
pub fn rows_with(numbers: &[u32], n_rows: usize, bytes: &[u8]) -> Option<Vec<u32>> {
    let mut rest = Rest(bytes);
    let (filled, how) = (rest.byte()?, rest.byte()?);
    let least = u32::try_from(i64::from_le_bytes(rest.eight()?)).ok().filter(|_| filled == ALL_FILLED)?;
    let mut found = Vec::new();
    let is_wanted = |above: u32| numbers.binary_search(&above.wrapping_add(least)).is_ok();
    if how == RUNS {
        let mut row = 0;
        for (above, length) in runs::unpack(n_rows, &mut rest)? {
            let end = row + length as u32;
            if is_wanted(above) {
                found.extend(row..end);
            }
            row = end;
        }
        return Some(found);
    }
    let may_have_one = |lowest: u32, highest: u32| {
        let next = numbers.partition_point(|wanted| *wanted < lowest.wrapping_add(least));
        numbers.get(next).is_some_and(|next| *next <= highest.wrapping_add(least))
    };
    each_group_that(n_rows, how, &mut rest, may_have_one, |first, above| {
        let mut row = first as u32;
        // Rows of one number lie together: look once per run.
        for run in above.chunk_by(|a, b| a == b) {
            let end = row + run.len() as u32;
            if is_wanted(run[0]) {
                found.extend(row..end);
            }
            row = end;
        }
    })?;
    Some(found)
}

/// The rows of a packed column of keys, none empty, of which something holds; none if the bytes are not such a column's.
/// A group of which `may_hold` says that it holds of none between its least key and another, both included, is not unpacked.
pub fn rows_where(
    may_hold: impl Fn(u64, u64) -> bool,
    holds: impl Fn(u64) -> bool,
    n_rows: usize,
    bytes: &[u8],
) -> Option<Vec<u32>> {
    let mut rest = Rest(bytes);
    rest.byte().filter(|filled| *filled == ALL_FILLED)?;
    let mut found = Vec::new();
    each_group_of_keys(n_rows, &mut rest, may_hold, |first, keys| {
        found.extend((first as u32..).zip(keys).filter(|(_, key)| holds(**key)).map(|(row, _)| row));
    })?;
    Some(found)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::{
        array::{ArrayRef, PrimitiveArray},
        datatypes::{UInt32Type, UInt64Type},
    };
    use proptest::prelude::*;

    use super::*;
    use crate::history::pack::pack;

    fn packed(column: ArrayRef) -> Vec<u8> {
        let mut bytes = Vec::new();
        pack(&column, &mut bytes);
        bytes
    }

    #[test]
    fn rows_are_found_without_their_column() {
        // Two runs by person; 200 rows are two groups. Person 40 is in the first group of the second run as well.
        let persons: Vec<u32> = (0..200).map(|row| 7 + row % 100 / 3).collect();
        let bytes = packed(Arc::new(PrimitiveArray::<UInt32Type>::from(persons)));
        assert_eq!(rows_with(&[6, 8, 41], 200, &bytes), Some(vec![3, 4, 5, 103, 104, 105]));
        assert_eq!(rows_with(&[], 200, &bytes), Some(vec![]));
        assert_eq!(rows_with(&[8], 200, &bytes[..bytes.len() - 1]), None);
        // The same, where each person has many rows.
        let persons: Vec<u32> = (0..2000).map(|row| 7 + row % 1000 / 20).collect();
        let bytes = packed(Arc::new(PrimitiveArray::<UInt32Type>::from(persons)));
        let of_two: Vec<u32> = [20..40, 980..1000, 1020..1040, 1980..2000].into_iter().flatten().collect();
        assert_eq!(rows_with(&[6, 8, 56], 2000, &bytes), Some(of_two));
        assert_eq!(rows_with(&[8], 1999, &bytes), None);
        let keys = packed(Arc::new(PrimitiveArray::<UInt64Type>::from(vec![5, u64::MAX, 5])));
        assert_eq!(rows_where(|_, _| true, |key| key == 5, 3, &keys), Some(vec![0, 2]));
        assert_eq!(rows_where(|_, _| true, |key| key == 5, 4, &keys), None);
    }

    proptest! {
        #[test]
        fn keys_are_found_whichever_groups_are_passed_over(
            keys in prop::collection::vec(0..3000_u64, 1..600),
            n_sorted in 0..600_usize,
            wanted in prop::collection::btree_set(0..3000_u64, 0..5),
        ) {
            let mut keys = keys;
            let n_sorted = n_sorted.min(keys.len());
            keys[..n_sorted].sort_unstable();
            let bytes = packed(Arc::new(PrimitiveArray::<UInt64Type>::from(keys.clone())));
            let found = |may_hold: &dyn Fn(u64, u64) -> bool| {
                rows_where(may_hold, |key| wanted.contains(&key), keys.len(), &bytes)
            };
            let expected = (0..keys.len() as u32).filter(|row| wanted.contains(&keys[*row as usize])).collect();
            prop_assert_eq!(found(&|least, most| wanted.range(least..=most).next().is_some()), Some(expected));
            prop_assert_eq!(found(&|_, _| false), Some(Vec::new()));
        }

        #[test]
        fn rows_found_without_their_column_are_those_found_in_it(
            cells in prop::collection::vec(0..400_u32, 1..700),
            wanted in prop::collection::btree_set(0..400_u32, 0..5),
            n_sorted in 0..700_usize,
            // Far enough apart for a fall to look like a rise.
            step in prop::sample::select(vec![1, 10_000_000]),
        ) {
            let mut cells: Vec<u32> = cells.into_iter().map(|cell| cell * step).collect();
            let n_sorted = n_sorted.min(cells.len());
            cells[..n_sorted].sort_unstable();
            let wanted: Vec<u32> = wanted.into_iter().map(|cell| cell * step).collect();
            let expected: Vec<u32> =
                (0..cells.len() as u32).filter(|row| wanted.contains(&cells[*row as usize])).collect();
            let n_rows = cells.len();
            let bytes = packed(Arc::new(PrimitiveArray::<UInt32Type>::from(cells)));
            prop_assert_eq!(rows_with(&wanted, n_rows, &bytes), Some(expected));
        }
    }
}
