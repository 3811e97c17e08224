//! Numbers that stand in many rows in turn, as persons do in the rows of a bucket: each once, with how many rows say it.

use super::{DIFFERENCES, GROUP, GROUPS_PER_SAMPLE, Rest, each_group, pack_groups, to_differences, unpack_groups};

/// So many rows must say each number, on average: then it takes less than any row's own bits would.
const ROWS_PER_RUN_MIN: usize = 8;
/// Of fewer rows the few runs would not fill a group. Neither does one number that all rows say: it takes no bits anyway.
const ROWS_MIN: usize = ROWS_PER_RUN_MIN * GROUP;
/// Rows that are held against the one before them together.
const PASSED_AT_ONCE: usize = 16;

/// Whether numbers stand in many rows in turn.
pub fn are_long(numbers: &[u32]) -> bool {
    if numbers.len() < ROWS_MIN {
        return false;
    }
    // Some groups tell well enough, and so many neighbours at once are compared together.
    let changes = |n: u32, (a, b): (&u32, &u32)| n.wrapping_add(u32::from(a != b));
    let changes_of = |group: &[u32]| group.iter().zip(&group[1..]).fold(0, changes) as usize;
    let sample = || numbers.chunks(GROUP).step_by(GROUPS_PER_SAMPLE);
    let (n_changes, n_rows): (usize, usize) = (sample().map(changes_of).sum(), sample().map(<[u32]>::len).sum());
    ROWS_PER_RUN_MIN * n_changes <= n_rows && numbers.iter().any(|number| *number != numbers[0])
}

/// Appends numbers, of which there are some: how many runs there are, their numbers as differences, and how many rows each is
/// above one.
pub fn pack(numbers: &[u32], bytes: &mut Vec<u8>) {
    let starts = starts(numbers);
    let mut said: Vec<u32> = starts.iter().map(|start| numbers[*start]).collect();
    let ends = starts[1..].iter().copied().chain([numbers.len()]);
    let lengths: Vec<u32> = starts.iter().zip(ends).map(|(start, end)| (end - start - 1) as u32).collect();
    bytes.extend_from_slice(&(said.len() as u64).to_le_bytes());
    to_differences(&mut said, 0);
    pack_groups(&said, bytes);
    pack_groups(&lengths, bytes);
}

/// Where each run begins. Rows that say what the one before them says are passed over many at once.
fn starts(numbers: &[u32]) -> Vec<usize> {
    let (mut starts, mut said) = (vec![0], numbers[0]);
    for (some, first) in numbers.chunks(PASSED_AT_ONCE).zip((0..).step_by(PASSED_AT_ONCE)) {
        if some.iter().fold(0, |differ, number| differ | (number ^ said)) == 0 {
            continue;
        }
        for (row, number) in (first..).zip(some) {
            if *number != said {
                starts.push(row);
                said = *number;
            }
        }
    }
    starts
}

/// Reads the numbers of so many rows, each with how many say it in turn; none if it is not so many.
pub fn unpack(n_rows: usize, rest: &mut Rest) -> Option<Vec<(u32, usize)>> {
    // Each run has a row, and nobody makes room for more than there are.
    let n_runs = usize::try_from(u64::from_le_bytes(rest.eight()?)).ok().filter(|n_runs| *n_runs <= n_rows)?;
    if rest.0.len() < n_runs.div_ceil(GROUP) {
        return None;
    }
    let mut said = Vec::with_capacity(n_runs);
    each_group(n_runs, DIFFERENCES, rest, |numbers| said.extend_from_slice(numbers))?;
    let lengths = unpack_groups(n_runs, rest)?.into_iter().map(|above_one| above_one as usize + 1);
    let runs: Vec<(u32, usize)> = said.into_iter().zip(lengths).collect();
    (runs.iter().map(|(_, length)| length).sum::<usize>() == n_rows).then_some(runs)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_that_stand_in_few_rows_in_turn_are_no_runs_nor_are_few_rows_or_one_number() {
        let numbers = |n_rows: u32, in_turn: u32| (0..n_rows).map(|row| row / in_turn).collect::<Vec<u32>>();
        assert!(are_long(&numbers(1024, 8)));
        assert!(!are_long(&numbers(1024, 7)));
        assert!(!are_long(&numbers(1023, 8)) && !are_long(&[]));
        assert!(!are_long(&numbers(1024, 1024)));
    }

    #[test]
    fn persons_take_some_bits_each_however_many_rows_they_have() {
        let mut bytes = Vec::new();
        // 128 persons of 1 to 8 rows: 2 bits for who is next and 3 for how many rows, with a width for each.
        let persons: Vec<u32> = (0..128_u32).flat_map(|person| vec![person; 1 + person as usize % 8]).collect();
        pack(&persons, &mut bytes);
        assert_eq!(bytes.len(), 8 + (1 + 128 * 2 / 8) + (1 + 128 * 3 / 8));
        // Claimed for other rows than it has, it is no column.
        assert_eq!(unpack(persons.len() + 1, &mut Rest(&bytes)), None);
        assert_eq!(unpack(persons.len(), &mut Rest(&bytes[..bytes.len() - 1])), None);
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(runs in prop::collection::vec((any::<u32>(), 1..300_usize), 1..300)) {
            let numbers: Vec<u32> = runs.iter().flat_map(|(number, length)| vec![*number; *length]).collect();
            let mut bytes = Vec::new();
            pack(&numbers, &mut bytes);
            let again = unpack(numbers.len(), &mut Rest(&bytes)).unwrap();
            let again: Vec<u32> = again.iter().flat_map(|(number, length)| vec![*number; *length]).collect();
            prop_assert_eq!(again, numbers);
        }
    }
}
